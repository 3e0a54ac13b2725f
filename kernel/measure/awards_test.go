package measure_test

import (
	"maps"
	"strings"
	"testing"

	"mera/schema"
)

// receipts are an abstract type and those that extend it, one with a label.
var receipts = map[string]string{
	"documents/receipt.yaml": `
title: Поступление
abstract: true
schema:
  required: [from]
  properties:
    person: {x-link: Person, title: Человек}
    cause: {type: string, x-index: true, x-label: health, title: Причина}
    amount: {format: money, title: Сумма}
    from: {format: date, title: С}
    to: {format: date, title: По}
holds: {from: from, to: to}
`,
	"documents/wage.yaml": "title: Заработок\nextends: Receipt\ncard: Person\nschema: {properties: {}}\nholds: {from: from, to: to}\n",
	"documents/rent.yaml": "title: Наём\nextends: Receipt\ncard: Person\nschema: {properties: {}}\nholds: {from: from, to: to}\n",
}

// A fact over an abstract type finds what extends it, in one order, and depends on the labels of all of it.
func TestFactOfAnAbstractType(t *testing.T) {
	t.Parallel()
	m := must(t, minimal+`
facts: {got: {each: Receipt, of: beneficiary, at: asked, where: {cause: {exists: false}}}}
conditions: {first: {title: Первый, rule: "got.first().amount > 10.00", refuse: Нет}}
`, receipts)
	if got := strings.Join(m.Types(), " "); got != "Claim Rent Wage" {
		t.Errorf("types are %s", got)
	}
	if got := strings.Join(m.Labels(), " "); got != "Rent.health Wage.health" {
		t.Errorf("labels are %s", got)
	}
	tests := must(t, minimal+`
facts: {got: {each: Receipt, of: beneficiary, at: asked}}
let: {first: "got.first().amount", all: "got.sum(g, g.amount)"}
`, receipts)
	for _, r := range tests.RunTest(testIn(t, receipts, `
given:
  Person: {anna: {birthDate: 1980-02-03}, ivan: {birthDate: 1980-02-03}}
  Wage: {w: {person: anna, from: 2019-03-01, amount: "5.00"}, x: {person: ivan, from: 2019-03-01, amount: "7.00"}}
  Rent: {r: {person: anna, from: 2019-02-01, amount: "50.00"}}
  Claim: {app: {applicant: anna, date: 2019-07-16}}
cases:
  Виды вместе: {let: {first: "50.00", all: "55.00"}}
`)) {
		if !r.Passed() {
			t.Error(r.Diff)
		}
	}
}

// testIn is a test as the loader reads it beside other files.
func testIn(t *testing.T, files map[string]string, yaml string) *schema.Test {
	t.Helper()
	all := map[string]string{"measures/aid.yaml": minimal, "measures/aid_test.yaml": yaml}
	maps.Copy(all, files)
	pkg, _ := worldWith(t, all)
	return pkg.Tests[0]
}
