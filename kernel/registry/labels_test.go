package registry_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/kernel/registry"
	"mera/schema/golden"
)

// leaks is a package that shows a hidden value wherever the language lets one be written. `ok` properties carry the
// label themselves.
var leaks = map[string]string{
	"leaks/package.yaml": "{name: leaks, version: 1.0.0, title: Утечки, language: 1, requires: {population-register: ^1}, roles: {clerk: {title: Специалист}}}",
	"leaks/README.md":    "x", "leaks/CHANGELOG.md": "x",
	"leaks/documents/leak.yaml": `title: Заявление
card: {applicant: Person}
schema:
  required: [date]
  properties:
    date: {format: date, x-from: today, x-index: true, title: Дата}
    secret: {type: string, x-label: health, title: Тайна}
    other: {type: string, x-label: money, x-index: true, title: Другая тайна}
    copy: {type: string, x-value: doc.secret, title: Копия}
    ok: {type: string, x-value: doc.secret, x-label: health, title: Копия под той же меткой}
    wrong: {type: string, x-value: doc.secret, x-label: money, title: Копия под другой меткой}
    both: {type: string, x-value: doc.secret + doc.other, x-label: health, title: Обе}
    chosen: {type: string, x-value: "doc.secret == 'x' ? 'a' : 'b'", title: По условию}
    named: {type: string, x-value: doc.copy, title: Копия копии}
    proposed: {type: string, x-from: "text(doc.applicant.disabilities.count(d, has(d.diagnosis)))", title: Предложено}
    number: {x-number: {per: [secret], format: "{n}-{other}"}, title: Номер}
    payout: {type: string, x-label: money, title: Куда платить}
    note: {type: string, title: Заметка}
    hidden: {type: string, x-label: health, title: Скрытая заметка}
summary: "words(doc.note, doc.secret)"
keys: {leaks: [secret]}
unique:
  twice: {of: [date, secret], message: Такая тайна уже есть}
  narrow: {of: [date], where: {not: {other: {eq: x}}}, message: Уже есть}
  warned: {of: [secret], else: warn, message: Похоже на другую}
  fine: {of: [date, note], message: Уже есть}
checks:
  told: {rule: "doc.note != 'x'", message: "Тайна {doc.secret}", at: note}
  judged: {rule: "doc.secret != 'x'", message: Неверно, at: secret}
`,
	"leaks/measures/leak.yaml": `title: Мера
about: Leak
beneficiary: doc.applicant
facts:
  ills: {each: Disability, of: beneficiary, at: asked}
let: {worst: "ills.exists(d, d.diagnosis == 'x')"}
conditions: {ill: {title: Болен, rule: "worst", refuse: "Диагноз {doc.secret}"}}
amount: "round(100, 2)"
gives: {Study: {person: =beneficiary, school: "=worst ? 'a' : 'b'", from: =asked}}
`,
	"leaks/workflows/leak.yaml": `about: Leak
states:
  start:
    decide: Leak
    next:
      - {when: doc.secret == 'x', to: ill}
      - {event: go, by: clerk, if: decision.granted, do: [{set: {note: "=doc.secret", hidden: "=doc.secret"}}], to: done}
      - {event: why, by: clerk, do: [{set: {note: "=text(decision.reasons.count(r, r.text == 'x'))"}}], to: done}
  ill: {next: [{event: end, by: clerk, do: [{set: {note: "=decision.granted ? 'a' : 'b'"}}], to: done}]}
  done: {final: true}
`,
}

func TestLabelFlow(t *testing.T) {
	t.Parallel()
	_, ds := registry.Compile(core(t, leaks))
	golden.Equal(t, "testdata/label-flow.golden", ds.Render(func(string) []byte { return nil }))
}

// A case that moves by a hidden value is a lint: its author may mean it.
func TestLabelSteers(t *testing.T) {
	t.Parallel()
	_, ds := registry.Compile(core(t, map[string]string{
		"leaks/package.yaml": leaks["leaks/package.yaml"], "leaks/README.md": "x", "leaks/CHANGELOG.md": "x",
		"leaks/documents/leak.yaml": "title: Заявление\ncard: {applicant: Person}\n" +
			"schema: {properties: {secret: {type: string, x-label: health, title: Тайна}, kept: {type: string, x-value: doc.secret, x-label: health, title: Копия}}}\n",
		"leaks/workflows/leak.yaml": "about: Leak\nstates:\n  start:\n    next:\n      - {when: doc.secret == 'x', to: done}\n" +
			"      - {event: go, by: clerk, to: done}\n  done: {final: true}\n",
	}))
	const want = "leaks/documents/leak.yaml:1:1: warning [no-read]: no policy lets anybody read Leak\n" +
		"  hint: write policies/<name>.rego with a rule read\n" +
		"leaks/workflows/leak.yaml:5:27: warning [label-flow]: the case moves by Leak.health: whoever sees its state may conclude what is hidden\n"
	if diff := cmp.Diff(want, ds.Render(func(string) []byte { return nil })); diff != "" {
		t.Error(diff)
	}
}
