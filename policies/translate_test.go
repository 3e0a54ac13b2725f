package policies

import (
	"errors"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"mera/schema"
	"mera/schema/value"
)

// What the translator does not know is an error: it never becomes a filter that lets more through.
func TestUntranslatable(t *testing.T) {
	t.Parallel()
	as := attributes{}
	for name, typ := range rowAttributes() {
		as[name] = attribute{typ, rowHop(name)}
	}
	as["age"] = attribute{&schema.Type{Kind: schema.Integer}, rowHop("age")}
	for _, body := range []string{
		`input.row.nothing == "x"`,
		`input.row.nothing`,
		`input.row.persons[_] == "x"`,
		`input.row.territory = x`,
		`input.row.territory != x`,
		`x = input.row.territory`,
		`input.other == "x"`,
		`input.actor.role == "x"`,
		`lower(input.row.territory, "x")`,
		`regex.match("x", input.row.territory)`,
		`input.row.territory < "x"`,
		`input.row.territory < input.row.author`,
		`input.row.final == input.row.author`,
		`input.row.persons == input.row.persons`,
		`input.row.age == input.row.territory`,
		`input.row.nothing == input.row.author`,
		`input.row.author == input.row.nothing`,
		`input.row.age > "5"`,
		`input.row.age == 1e400`,
		`input.row.age in [1e400]`,
		`input.row.age in 5`,
		`input.row.age in [input.row.age]`,
		`input.row.persons == "x"`,
		`startswith(input.row.age, "x")`,
		`startswith("x", input.row.territory)`,
		`contains(input.row.created, "x")`,
		`internal.member_2(x, input.row.persons)`,
		`internal.member_2("x", input.row.territory)`,
		`internal.member_2("x", input.row.nothing)`,
		`internal.member_2(input.actor.id, ["x"])`,
		`data.mera.house.near`,
		`data.partial.unknown`,
		`"x"`,
		`x := input.row.territory`,
		`every p in input.row.persons { p == "x" }`,
		`input.row.final == true with input.row.final as true`,
		`not data.partial.valued`,
		`data.partial.other`,
		`data.partial.defaulted`,
		`data.partial.deep`,
	} {
		b, err := ast.ParseBodyWithOpts(body, ast.ParserOptions{RegoVersion: ast.RegoV1})
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		support := ast.MustParseModule("package partial\nvalued := 5 if input.row.final == true\nother if input.row.final == true else := false\n" +
			"default defaulted := false\ndefaulted if input.row.final == true\ndeep if data.partial.deep\n")
		for _, queries := range [][]ast.Body{{b}, {ast.MustParseBody(`input.row.final == true`), b}} {
			tr := translator{attributes: as}
			tree, err := tr.queries(&rego.PartialQueries{Queries: queries, Support: []*ast.Module{support}}, maxDisjuncts)
			if tree != nil || !errors.Is(err, errUntranslatable) {
				t.Errorf("%s: %v, %v", body, tree, err)
			} else if err.Error() == "" {
				t.Errorf("%s: no words", body)
			}
		}
	}
}

// Denied for all and open to all are the only shapes without a condition.
func TestShapes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		queries []ast.Body
		want    string
	}{
		{nil, "none"},
		{[]ast.Body{}, "none"},
		{[]ast.Body{{}}, "all"},
		{[]ast.Body{ast.MustParseBody("true")}, "all"},
		{[]ast.Body{ast.MustParseBody("false")}, "none"},
		{[]ast.Body{ast.MustParseBody(`not input.row.final`)}, "not(row.final eq true)"},
		{[]ast.Body{ast.MustParseBody(`not input.row.office`)}, "not(row.office exists true)"},
		{[]ast.Body{ast.MustParseBody(`input.row.office`)}, "row.office exists true"},
		{[]ast.Body{ast.MustParseBody(`input.row.office != "x"`)}, "row.office exists true"},
		{[]ast.Body{ast.MustParseBody(`internal.member_2(input.row.author, {"a": "b"})`)}, `row.author in ["b"]`},
		{[]ast.Body{ast.MustParseBody(`internal.member_2(input.row.office, ["x"])`)}, "none"},
		{[]ast.Body{ast.MustParseBody(`internal.member_2("x", input.row.persons)`)}, "none"},
		{[]ast.Body{ast.MustParseBody(`"x" == input.row.author`)}, `row.author eq "x"`},
		{[]ast.Body{ast.MustParseBody(`"2024-01-01" < input.row.created`)}, `row.created gt "2024-01-01"`},
	} {
		as := attributes{}
		for name, typ := range rowAttributes() {
			as[name] = attribute{typ, rowHop(name)}
		}
		tr := translator{attributes: as}
		got, err := tr.queries(&rego.PartialQueries{Queries: c.queries}, maxDisjuncts)
		if err != nil || got.String() != c.want {
			t.Errorf("%v: %s, %v; want %s", c.queries, got, err, c.want)
		}
	}
}

func TestRow(t *testing.T) {
	t.Parallel()
	as := attributes{
		"flag": {&schema.Type{Kind: schema.Boolean}, nil}, "n": {&schema.Type{Kind: schema.Integer}, nil}, "sum": {&schema.Type{Kind: schema.Money}, nil},
		"day": {&schema.Type{Kind: schema.Date}, nil}, "set": {&schema.Type{Kind: schema.Array, Elem: &schema.Type{Kind: schema.Text}}, nil},
		"word": {&schema.Type{Kind: schema.Text}, nil},
	}
	got, err := as.row(map[string]any{
		"flag": true, "n": int64(5), "sum": value.Money(182600), "day": value.Date{Year: 2024, Month: 2, Day: 1}, "set": []string{"a"},
		"word": "", "other": 5,
	})
	const want = `{"day": "2024-02-01", "flag": true, "n": 5, "set": ["a"], "sum": 1826.00}`
	if err != nil || got.String() != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	if got, err := as.row(map[string]any{"n": 7, "sum": "12.50", "set": []any{}, "word": nil}); err != nil || got.String() != `{"n": 7, "set": [], "sum": 12.5}` {
		t.Errorf("got %s, %v", got, err)
	}
	for name, bad := range map[string]any{"flag": "true", "n": "five", "sum": true, "day": 5, "set": "a", "word": []any{}} {
		if got, err := as.row(map[string]any{name: bad}); err == nil {
			t.Errorf("%s: %v is taken as %s", name, bad, got)
		}
	}
	for _, bad := range []any{[]string{"x"}, []any{"x"}} {
		if _, err := (attributes{"set": {&schema.Type{Kind: schema.Array, Elem: &schema.Type{Kind: schema.Integer}}, nil}}).row(map[string]any{"set": bad}); err == nil {
			t.Errorf("%v is a set of numbers", bad)
		}
	}
}
