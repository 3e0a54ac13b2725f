package forms

import (
	"encoding/json"
	"mera/schema/golden"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// formFiles are forms of TThing and their English texts.
var formFiles = map[string]string{
	"forms/t-work.yaml": `title: Работа
about: TThing
for: [specialist]
in: [open]
pages:
  what: {title: Что, fields: [name, payout.bank, person.lastName, person.diagnosis, note, attachments.scan], checklist: true}
  rows: {title: Строки, each: rows, fields: [code, secret], suggest: doc.tags}
`,
	"forms/t-sight.yaml": `about: TThing
for: [citizen]
pages: {one: {title: Одна, fields: [snils, attachments]}}
`,
	"documents/t-base.yaml":  "{title: Основа, abstract: true, schema: {properties: {first: {type: string, title: Первое}}}}\n",
	"documents/t-child.yaml": "{title: Потомок, extends: TBase, schema: {properties: {second: {type: string, title: Второе}}}}\n",
	"forms/t-base.yaml":      "{title: Общая, about: TBase, pages: {p: {fields: [first]}}}\n",
	"i18n/en.yaml": `documents:
  TThing: {title: Thing, schema: {properties: {name: {title: Name}, kind: {x-titles: {big: large}}, rows: {items: {properties: {code: {title: Code}}}}}}}
  TBase: {schema: {properties: {first: {title: First}}}}
types: {TPayout: {schema: {properties: {bank: {title: Bank code}}}}}
forms: {TWork: {title: Work, pages: {what: {title: What}}}}
`,
}

func seeAll(string) bool { return true }

func shown(t *testing.T, v *View) string {
	t.Helper()
	raw, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw) + "\n"
}

func TestViews(t *testing.T) {
	t.Parallel()
	f := compiledOf(t, formFiles)
	golden.Equal(t, "testdata/drawn.json", shown(t, f.View("TThing", "", nil, "ru", seeAll)))
	golden.Equal(t, "testdata/work.json", shown(t, f.View("TThing", "open", []string{"head", "specialist"}, "ru", seeAll)))
	golden.Equal(t, "testdata/work-en.json", shown(t, f.View("TThing", "open", []string{"specialist"}, "en", seeAll)))
	golden.Equal(t, "testdata/drawn-en.json", shown(t, f.View("TThing", "closed", nil, "en", nil)))
}

func paths(v *View) []string {
	out := []string{}
	for _, p := range v.Pages {
		for _, f := range p.Fields {
			out = append(out, f.Path)
		}
	}
	return out
}

func TestWhichForm(t *testing.T) {
	t.Parallel()
	f := compiledOf(t, formFiles)
	for _, c := range []struct {
		document, state string
		roles           []string
		want            string
	}{
		{"TThing", "open", []string{"specialist"}, "TWork"},
		{"TThing", "open", []string{"citizen", "specialist"}, "TSight"},
		{"TThing", "closed", []string{"specialist"}, ""},
		{"TThing", "closed", []string{"citizen"}, "TSight"},
		{"TChild", "", nil, "TBase"},
		{"Person", "", []string{"specialist"}, ""},
	} {
		if got := f.View(c.document, c.state, c.roles, "ru", nil).Form; got != c.want {
			t.Errorf("%s in %q for %v: form %q, want %q", c.document, c.state, c.roles, got, c.want)
		}
	}
	if f.View("Nothing", "", nil, "ru", nil) != nil {
		t.Error("a form of no document")
	}
	if got := f.View("TChild", "", nil, "en", nil); got.Title != "Общая" || got.Pages[0].Fields[0].Title != "First" {
		t.Errorf("texts of the extended document: %+v", got)
	}
}

func TestLabelsAreHiddenByDefault(t *testing.T) {
	t.Parallel()
	f := compiledOf(t, formFiles)
	work := func(show func(string) bool) []string {
		return paths(f.View("TThing", "open", []string{"specialist"}, "ru", show))
	}
	if diff := cmp.Diff([]string{"name", "payout.bank", "person.lastName", "attachments.scan", "code"}, work(nil)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"name", "payout.bank", "person.lastName", "person.diagnosis", "note", "attachments.scan", "code", "secret"},
		work(func(label string) bool { return label == "health" })); diff != "" {
		t.Error(diff)
	}
	for _, p := range f.View("TThing", "", nil, "ru", nil).Pages {
		for _, field := range p.Fields {
			if field.Path == "note" {
				t.Error("the drawn form shows a hidden property")
			}
			for _, column := range field.Fields {
				if column.Path == "rows.secret" {
					t.Error("the drawn form shows a hidden column")
				}
			}
		}
	}
}

func TestEditLocksWhatTheStateDoesNotOpen(t *testing.T) {
	t.Parallel()
	v := compiledOf(t, formFiles).View("TThing", "open", []string{"specialist"}, "ru", nil)
	if v.Edit(true, nil) != v {
		t.Error("all: the form changed")
	}
	locked := v.Edit(false, []string{"payout", "rows"})
	got := map[string]bool{}
	for _, p := range locked.Pages {
		for _, f := range p.Fields {
			got[f.Path] = f.ReadOnly
		}
	}
	want := map[string]bool{"name": true, "payout.bank": false, "person.lastName": true, "attachments.scan": true, "code": false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if v.Pages[0].Fields[0].ReadOnly {
		t.Error("the form itself was changed")
	}
}

func TestSuggestion(t *testing.T) {
	t.Parallel()
	f := compiledOf(t, formFiles)
	if f.Suggestion("TWork", "rows") == nil || f.Suggestion("TWork", "what") != nil || f.Suggestion("Nothing", "") != nil {
		t.Error("suggestions are mixed up")
	}
}
