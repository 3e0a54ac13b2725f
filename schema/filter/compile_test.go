package filter_test

import (
	"fmt"
	"strings"
	"testing"

	"mera/schema"
	"mera/schema/filter"
	"mera/schema/golden"
)

const (
	anna = "0190a1b2-0000-7000-8000-000000000001"
	hall = "0190a1b2-0000-7000-8000-00000000000a"
)

func TestCompile(t *testing.T) {
	t.Parallel()
	cat := linked(t)
	for _, c := range []struct{ document, where, want string }{
		{"Pension", `{}`, `all`},
		{"Pension", `{type: survivor}`, `type eq "survivor"`},
		{"Pension", `{type: [survivor, old-age, survivor]}`, `type in ["survivor", "old-age"]`},
		{"Pension", `{type: survivor, urgent: true}`, `(type eq "survivor" and urgent eq true)`},
		{"Pension", `{type: {ne: survivor}}`, `type ne "survivor"`},
		{"Pension", `{kind: {in: []}}`, `none`},
		{"Pension", `{not: {kind: {in: []}}}`, `all`},
		{"Pension", `{or: []}`, `none`},
		{"Pension", `{and: []}`, `all`},
		{"Pension", `{or: [{kind: state}, {kind: insurance}]}`, `(kind eq "state" or kind eq "insurance")`},
		{"Pension", `{or: [{kind: state}, {}]}`, `all`},
		{"Pension", `{or: [{kind: state}, {kind: state}]}`, `kind eq "state"`},
		{"Pension", `{not: {not: {kind: state}}}`, `kind eq "state"`},
		{"Pension", `{amount: {gte: 100, lt: 200.5}}`, `(amount gte "100.00" and amount lt "200.50")`},
		{"Pension", `{share: 0.2500}`, `share eq "0.25"`},
		{"Pension", `{children: {gt: 3}}`, `children gt 3`},
		{"Pension", `{from: {gte: 2024-01-01}}`, `from gte "2024-01-01"`},
		{"Pension", `{paidAt: {lt: "2024-01-01T03:00:00+03:00"}}`, `paidAt lt "2024-01-01T00:00:00Z"`},
		{"Pension", `{month: 2024-07, quarter: 2024-Q3, year: 2024}`, `(month eq "2024-07" and quarter eq "2024-Q3" and year eq "2024")`},
		{"Pension", `{term: 5 workdays}`, `term eq "5 workdays"`},
		{"Pension", `{outside: ` + strings.ToUpper(anna) + `}`, `outside eq "` + anna + `"`},
		{"Pension", `{urgent: {exists: false}}`, `urgent exists false`},
		{"Pension", `{tags: a}`, `tags has "a"`},
		{"Pension", `{tags: [a, b]}`, `tags some ["a", "b"]`},
		{"Pension", `{tags: {none: [a], has: b}}`, `(tags none ["a"] and tags has "b")`},
		{"Pension", `{tags: {none: []}}`, `all`},
		{"Pension", `{helpers: {has: ` + anna + `}}`, `helpers has "` + anna + `"`},
		{"Pension", `{lines: {some: {code: a, sum: {gt: 1}}}}`, `lines some [(code eq "a" and sum gt "1.00")]`},
		{"Pension", `{lines: {none: {code: a}}}`, `lines none [code eq "a"]`},
		{"Pension", `{lines: {exists: true}}`, `lines exists true`},
		{"Pension", `{payout: {bank: x}}`, `payout.bank eq "x"`},
		{"Pension", `{person: ` + anna + `}`, `person eq "` + anna + `"`},
		{"Pension", `{person: {id: ` + anna + `}}`, `person eq "` + anna + `"`},
		{"Pension", `{person: {exists: true, lastName: {startsWith: Пет}}}`, `(person exists true and person.lastName startsWith "Пет")`},
		{"Pension", `{card: {lastName: Петров}}`, `person.lastName eq "Петров"`},
		{"Pension", `{person: {diagnosis: x}}`, `person.diagnosis eq "x"`},
		{"Pension", `{person: {territory: {under: ugra}}}`, `person.territory under "ugra"`},
		{"Pension", `{person: {territory: {above: [surgut, ugra]}}}`, `person.territory above ["surgut", "ugra"]`},
		{"Pension", `{office: {under: ` + hall + `}}`, `office under "` + hall + `"`},
		{"Office", `{under: ` + hall + `}`, `id under "` + hall + `"`},
		{"Office", `{above: {name: x}}`, ``}, // a property of the name wins over the operator
		{"Pension", `{holds: 2024-07-16}`, `holds holds "2024-07-16"`},
		{"Pension", `{touches: 2024-01..2024-Q2}`, `holds touches 2024-01-01..2024-06-30`},
		{"Pension", `{touches: {from: 2024-01-01}}`, `holds touches 2024-01-01..`},
		{"Pension", `{keys: {sfr: {exists: true}}}`, `keys.sfr exists true`},
		{"Person", `{keys: {snils: "123"}}`, `keys.snils eq "123"`},
		{"Person", `{snils: "123", territory: elsewhere}`, `(snils eq "123" and territory eq "elsewhere")`},
		{"Application", `{state: open, final: false, applicant: {lastName: x}}`, `(state eq "open" and final eq false and applicant.lastName eq "x")`},
		{"Application", `{number: {contains: "7"}, due: {lt: 2024-01-01}, worker: ivanova, office: {name: x}}`,
			`(number contains "7" and due lt "2024-01-01" and worker eq "ivanova" and office.name eq "x")`},
		{"Application", `{id: ` + anna + `, version: 2, createdBy: a, updatedBy: b}`,
			`(id eq "` + anna + `" and version eq 2 and createdBy eq "a" and updatedBy eq "b")`},
		{"Award", `{status: active, beneficiary: {lastName: x}, case: {state: open}, holds: 2024-01-01, persons: {has: ` + anna + `}}`,
			`(status eq "active" and beneficiary.lastName eq "x" and case.state eq "open" and holds holds "2024-01-01" and persons has "` + anna + `")`},
		{"Case", `{type: [Application], keys: {mfc: {exists: true}}}`, `(type in ["Application"] and keys.mfc exists true)`},

		{"Pension", `{person: =person}`, `person eq =person`},
		{"Pension", `{person: {id: =person}}`, `person eq =person`},
		{"Pension", `{type: =types}`, `type in =types`},
		{"Pension", `{type: {in: =types}}`, `type in =types`},
		{"Pension", `{from: {in: =days}}`, `from in =days`},
		{"Pension", `{month: =days}`, `month in =days`},
		{"Pension", `{holds: =day, touches: =days}`, `(holds holds =day and holds touches =days)`},
		{"Pension", `{amount: {lt: =sum}, children: =number, urgent: =flag, tags: =word}`,
			`(amount lt =sum and children eq =number and urgent eq =flag and tags has =word)`},
		{"Pension", `{office: =offices}`, `office in =offices`},
		{"Pension", `{person: {territory: {under: =territory}}}`, `person.territory under =territory`},
		{"Pension", `{kind: [state, =word]}`, `kind in ["state", =word]`},
	} {
		if c.want == "" {
			continue
		}
		got, ds := compile(t, cat, c.document, c.where, given())
		if len(ds) > 0 {
			t.Errorf("%s %s: %v", c.document, c.where, ds)
		} else if got.String() != c.want {
			t.Errorf("%s %s:\ngot  %s\nwant %s", c.document, c.where, got, c.want)
		}
	}
}

// Each fault is shown as its author sees it: testdata/faults.txt.
func TestFaults(t *testing.T) {
	t.Parallel()
	cat := linked(t)
	many := func(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+", ", n), ", ") }
	var out strings.Builder
	for _, c := range []struct{ document, where string }{
		{"Pencil", `{a: b}`},
		{"Pension", `[a]`},
		{"Pension", `{tipe: survivor}`},
		{"Pension", `{colour: red}`},
		{"Pension", `{person: {lastname: x}}`},
		{"Person", `{phone: "1"}`},
		{"Person", `{home: {within: x}}`},
		{"Person", `{home: {within: {south: 1, north: 2, west: 3}}}`},
		{"Person", `{home: {within: {south: 1, north: 2, west: 3, up: 4}}}`},
		{"Person", `{home: {within: {south: 1, north: 91, west: 3, east: 4}}}`},
		{"Person", `{home: {eq: 1}}`},
		{"Person", `{pensions: {some: {typ: survivor}}}`},
		{"Person", `{pensions: survivor}`},
		{"Person", `{pensions: {exists: true}}`},
		{"Person", `{pensions: {some: {person: {pensions: {some: {person: {pensions: {none: {amount: 1}}}}}}}}}`},
		{"Person", `{history: {exists: true}}`},
		{"Person", `{holds: 2024-01-01}`},
		{"Person", `{state: open}`},
		{"Pension", `{payout: {account: "1"}}`},
		{"Pension", `{amount: {gr: 5}}`},
		{"Pension", `{amount: {approximately: 5}}`},
		{"Pension", `{kind: {gt: state}}`},
		{"Pension", `{urgent: {contains: x}}`},
		{"Pension", `{type: surviver}`},
		{"Pension", `{kind: [state, insurence]}`},
		{"Application", `{state: opened}`},
		{"Pension", `{measure: NoSuchMeasure}`},
		{"Pension", `{from: 2024-02-30}`},
		{"Pension", `{month: 2024-13}`},
		{"Pension", `{quarter: 2024-Q5}`},
		{"Pension", `{year: "24"}`},
		{"Pension", `{paidAt: yesterday}`},
		{"Pension", `{amount: 1.005}`},
		{"Pension", `{share: 1e3}`},
		{"Pension", `{children: 1.5}`},
		{"Pension", `{children: 99999999999999999999}`},
		{"Pension", `{urgent: yes}`},
		{"Pension", `{term: soon}`},
		{"Pension", `{person: Петров}`},
		{"Pension", `{touches: 2024-12..2024-01}`},
		{"Pension", `{touches: {from: 2024-12-01, to: 2024-01-01}}`},
		{"Pension", `{touches: {since: 2024-12-01}}`},
		{"Pension", `{holds: [2024-01-01]}`},
		{"Pension", `{urgent: }`},
		{"Pension", `{or: {kind: state}}`},
		{"Pension", `{not: [kind]}`},
		{"Pension", `{type: {in: survivor}}`},
		{"Pension", `{type: {eq: [survivor]}}`},
		{"Pension", `{lines: a}`},
		{"Pension", `{keys: x}`},
		{"Pension", `{tags: {some: {a: b}}}`},
		{"Pension", `{person: =nobody}`},
		{"Pension", `{person: =day}`},
		{"Pension", `{type: {in: =person}}`},
		{"Pension", `{from: {eq: =days}}`},
		{"Pension", `{kind: [` + many(1001, "state") + `]}`},
		{"Pension", `{or: [` + many(41, "{kind: state}") + `]}`},
		{"Office", `{above: {above: {above: {above: {above: {name: x}}}}}}`},
		{"Pension", strings.Repeat("{not: ", 17) + "{kind: state}" + strings.Repeat("}", 17)},
	} {
		_, ds := compile(t, cat, c.document, c.where, given())
		if !ds.Faulty() {
			t.Errorf("%s %s compiles", c.document, c.where)
		}
		shown := c.where
		if len(shown) > 100 {
			shown = shown[:100] + " …"
		}
		fmt.Fprintf(&out, "%s\n%s\n", c.document, ds.Render(func(string) []byte { return []byte(shown) }))
	}
	golden.Equal(t, "testdata/faults.txt", out.String())
}

func TestConstantsOnly(t *testing.T) {
	t.Parallel()
	_, ds := compile(t, linked(t), "Pension", `{person: =person}`, nil)
	if len(ds) != 1 || ds[0].Code != "constants-only" {
		t.Errorf("an expression where constants are wanted: %v", ds)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"tipe": "type", "form": "from", "amuont": "amount", "colour": ""} {
		if got := schema.Nearest(word, []string{"type", "from", "amount", "to"}); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	cat := linked(t)
	var out strings.Builder
	for _, document := range []string{"Pension", "Person", "Application", "Award", "Case"} {
		fmt.Fprintln(&out, document)
		for _, f := range filter.Fields(cat, document) {
			fmt.Fprintf(&out, "  %s %s %v %s\n", f.Name, f.Type.Kind, f.Ops, f.Label)
		}
	}
	golden.Equal(t, "testdata/fields.txt", out.String())
	if filter.Fields(cat, "Pencil") != nil {
		t.Error("there is no Pencil")
	}
}
