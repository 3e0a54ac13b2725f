package packagetest_test

import (
	"strings"
	"testing"

	"mera/catalog"
	"mera/cmd/internal/app"
	"mera/cmd/internal/packagetest"
	"mera/kernel/registry"
	"mera/schema"
	"mera/schema/load/source"
)

// A test that is wrong, or that expects what does not come, says so with its place.
func TestWhatTestsTell(t *testing.T) {
	t.Parallel()
	found, err := app.ReadPackages(catalog.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	release, faults := app.Compile(found)
	if faults.Faulty() {
		t.Fatal(faults)
	}
	for name, c := range map[string]struct{ file, cases, want string }{
		"a sum that is not sent":          {"measures", `{then: [{run: 2019-08, sends: "1.00"}]}`, "then [1]:\n  want sends 1.00\n  got  sends 3652.00"},
		"a debt that there is not":        {"measures", `{then: [{run: 2019-08}, {known: 2019-09-01, owes: "5.00"}]}`, "then [2]:\n  want owes 5.00\n  got  owes 0.00"},
		"a decision that does not change": {"measures", `{then: [{known: 2019-09-01, refused: [livesInUgra]}]}`, "got  granted 2019-07-01..2019-08-31"},
		"what pays before it is known": {"measures", `{then: [{known: 2019-09-01, given: {sp.to: 2019-07-31}, granted: 2019-07-01..2019-07-31, pays: {2019-08: "1826.00"}}]}`,
			"got  2019-08-01..2019-08-31: no slice"},
		"neither run nor known": {"measures", `{then: [{owes: "1.00"}]}`, "run: PERIOD or known: DAY"},
		"a run that learns":     {"measures", `{then: [{run: 2019-08, given: {sp: null}}]}`, "becomes known in a step of its own"},
		"a day that sends":      {"measures", `{then: [{known: 2019-08-01, sends: "1.00"}]}`, "only a run sends"},
		"runs in no order":      {"measures", `{then: [{run: 2019-08}, {run: 2019-07}]}`, "runs follow each other"},
		"a run without end":     {"measures", `{then: [{run: 2019-08-01..}]}`, "a run has an end"},
		"a run of words":        {"measures", `{then: [{run: soon}]}`, "not a day of the calendar"},
		"a sum of words":        {"measures", `{then: [{run: 2019-07, sends: much}]}`, "is not a sum of money"},
		"a table in a step":     {"measures", `{then: [{run: 2019-07, table: [a]}]}`, "a step has no table"},
		"an unknown word":       {"measures", `{then: [{run: 2019-07, owns: 1}]}`, "a case has no owns"},
		"no steps":              {"measures", `{then: []}`, "then is a list of steps"},
		"nothing was granted":   {"measures", `{given: {home: null}, then: [{run: 2019-07}]}`, "nothing was granted"},
		"rows of one value":     {"measures", `{parameters: {SurvivorBenefitAmount: [[1, 2]]}}`, "has no keys, so its value is one"},
		"no sum":                {"measures", `{parameters: {SurvivorBenefitAmount: much}}`, `"much" is no money`},
		"no date":               {"measures", `{parameters: {SurvivorBenefitAmount: {soon: 1.00}}}`, "stand under the dates"},
		"another value":         {"types", `{value: 112-233-445 95, is: "11223344596"}`, `got  is: "11223344595"`},
		"a value that is wrong": {"types", `{value: 112-233-445 96, is: "11223344596"}`, "got  fails: value: check"},
		"a value that is right": {"types", `{value: 112-233-445 95, fails: check}`, "want fails: check\n  got  fails: "},
		"nothing expected":      {"types", `{value: 112-233-445 95}`, "is, or which errors are told, fails"},
		"no value":              {"types", `{is: "1"}`, "the case gives no value"},
		"a case of a measure":   {"types", `{value: "1", is: "1", pays: {}}`, "a case of a type has value, is, fails, table, rows, not pays"},
		"a short row of a type": {"types", `{table: [value, is], rows: [["1"]]}`, "the row has 1 values, the table 2 columns"},
		"rows without a table":  {"types", `{rows: [["1"]]}`, "table and rows go together"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told := told(t, release, c.file, c.cases)
			if !strings.Contains(told, c.want) {
				t.Errorf("want %q in\n%s", c.want, told)
			}
		})
	}
}

// bases are the tests over definitions of the catalog to which a case is added.
var bases = map[string]schema.Test{
	"measures": {Folder: "measures", Name: "SurvivorBenefit"}, "types": {Folder: "types", Name: "Snils"},
}

// given is the world of the measure's cases.
const given = `given:
  Person: {anna: {lastName: Анна, firstName: Анна, birthDate: 1980-02-03}, kolya: {lastName: Коля, firstName: Коля, birthDate: 2006-05-11}}
  Registration: {home: {person: kolya, region: "86", from: 2010-01-01}}
  Pension: {sp: {person: kolya, type: state-survivor, from: 2019-06-06, to: 2019-08-31}}
  SurvivorBenefitApplication: {app: {applicant: anna, child: kolya, date: 2019-07-16, payout: {bank: "047102651", account: "40817810000000000001"}}}
  answered: {RegistrationCheck: 2019-07-16, PensionCheck: 2019-07-16}
`

// told is all that the one case of a test tells.
func told(t *testing.T, release *registry.Release, kind, body string) string {
	t.Helper()
	test, text := bases[kind], "cases:\n  case: "+body+"\n"
	if kind == "measures" {
		text = given + text
	}
	root, faults := source.Parse("t_test.yaml", []byte(text))
	if faults.Faulty() {
		t.Fatal(faults)
	}
	test.Root, test.Pos = root, root.Pos
	r, cat := *release, *release.Catalog
	cat.Packages = []*schema.Package{{Name: "t", Tests: []*schema.Test{&test}}}
	r.Catalog = &cat
	var out strings.Builder
	for _, res := range packagetest.Run(t.Context(), &r, []string{"t"}) {
		if res.Err != nil {
			out.WriteString(res.Place + " " + res.Title + ": " + res.Err.Error() + "\n")
		}
	}
	return out.String()
}
