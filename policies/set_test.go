package policies_test

import (
	"slices"
	"testing"
	"time"

	"mera/policies"
	"mera/schema"
	"mera/schema/filter"
)

// house is a small catalog: a Pension on the card of a Person, a Ward with attributes of its own.
func house(modules map[string]string) ([]*schema.Package, *schema.Catalog) {
	text := func(name string, more ...func(*schema.Property)) *schema.Property {
		p := &schema.Property{Name: name, Type: &schema.Type{Kind: schema.Text}}
		for _, f := range more {
			f(p)
		}
		return p
	}
	link := func(name, to string) *schema.Property {
		return &schema.Property{Name: name, Type: &schema.Type{Kind: schema.Link, Of: to}}
	}
	of := func(name string, kind schema.Kind) *schema.Property {
		return &schema.Property{Name: name, Type: &schema.Type{Kind: kind}}
	}
	label := func(l string) func(*schema.Property) { return func(p *schema.Property) { p.Label = l } }
	at := func(file string) schema.Pos { return schema.Pos{File: "house/documents/" + file, Line: 1, Col: 1} }
	person := &schema.Document{
		Meta:       schema.Meta{Package: "house", Name: "Person", Pos: at("person.yaml")},
		Properties: []*schema.Property{text("lastName"), text("diagnosis", label("health"))},
	}
	ward := &schema.Document{
		Meta: schema.Meta{Package: "house", Name: "Ward", Pos: at("ward.yaml")},
		Card: &schema.Card{Link: "person", Type: schema.Scalar{Text: "Person"}},
		Properties: []*schema.Property{
			link("person", "Person"), link("guardian", "Person"), of("adopted", schema.Boolean), of("age", schema.Integer),
			of("sum", schema.Money), of("born", schema.Date), text("grade", label("school")),
			{Name: "introduced", Type: &schema.Type{Kind: schema.Array, Elem: &schema.Type{Kind: schema.Link, Of: "Person"}}},
		},
		Access: []*schema.AccessAttribute{
			{Name: "guardian", Path: schema.Scalar{Text: "guardian"}}, {Name: "adopted", Path: schema.Scalar{Text: "adopted"}},
			{Name: "introduced", Path: schema.Scalar{Text: "introduced"}}, {Name: "age", Path: schema.Scalar{Text: "age"}},
			{Name: "sum", Path: schema.Scalar{Text: "sum"}}, {Name: "born", Path: schema.Scalar{Text: "born"}},
			{Name: "grade", Path: schema.Scalar{Text: "grade"}},
		},
	}
	report := &schema.Document{
		Meta:       schema.Meta{Package: "house", Name: "Report", Pos: at("report.yaml")},
		Card:       &schema.Card{Link: "ward", Type: schema.Scalar{Text: "Ward"}},
		Properties: []*schema.Property{link("ward", "Ward"), text("body")},
	}
	cat := schema.NewCatalog()
	p := &schema.Package{Name: "house", Pos: schema.Pos{File: "house/package.yaml", Line: 1, Col: 1}, Documents: []*schema.Document{person, ward, report}}
	for name, src := range modules {
		p.Policies = append(p.Policies, &schema.Policy{
			Package: "house", Pos: schema.Pos{File: "house/policies/" + name}, Source: []byte(src),
			Test: len(name) > 10 && name[len(name)-10:] == "_test.rego",
		})
	}
	for _, d := range p.Documents {
		cat.Documents[d.Name] = d
	}
	cat.Packages = []*schema.Package{p}
	return cat.Packages, cat
}

const day = "2026-11-22"

// compiled compiles one module for the types named, or for all of the house.
func compiled(t testing.TB, src string, types ...string) *policies.Set {
	t.Helper()
	pkgs, cat := house(map[string]string{"house.rego": src})
	if len(types) > 0 {
		pkgs[0].Documents = slices.DeleteFunc(pkgs[0].Documents, func(d *schema.Document) bool { return !slices.Contains(types, d.Name) })
	}
	set, ds := policies.Compile(pkgs, cat)
	if ds.Faulty() {
		t.Fatalf("the policy does not compile:\n%s", ds.Render(func(string) []byte { return []byte(src) }))
	}
	policies.SetTime(set, time.Minute)
	return set
}

const (
	anna   = "0190a1b2-0000-7000-8000-000000000001"
	boris  = "0190a1b2-0000-7000-8000-000000000002"
	surgut = "0190a1b2-0000-7000-8000-00000000000a"
)

func clerk(roles ...any) policies.Actor {
	return policies.Actor{"kind": "staff", "id": "ivanova", "roles": roles, "office": surgut, "duties": []any{},
		"territories": []any{"surgut", "surgut-1"}}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	set := compiled(t, `package mera.house
import data.mera.lib.has
officer if "officer" in input.actor.roles
near if input.row.territory in input.actor.territories
read if { officer; near; input.row.final == false }
read if { input.actor.kind == "citizen"; has(input.row.persons, input.actor.person) }
deny if { input.type == "Ward"; input.row.adopted == true; not input.actor.glass }
show.health if officer
`)
	f, err := set.Filter(t.Context(), clerk("officer"), "Ward", day)
	if err != nil {
		t.Fatal(err)
	}
	const want = `(row.territory in ["surgut", "surgut-1"] and row.final eq false and not(row.adopted eq true))`
	if f.String() != want {
		t.Errorf("got  %s\nwant %s", f, want)
	}
	if f, _ := set.Filter(t.Context(), clerk(), "Ward", day); f.Kind != filter.None {
		t.Errorf("a clerk without a role sees %s", f)
	}
	citizen := policies.Actor{"kind": "citizen", "id": "anna", "person": anna, "roles": []any{}, "territories": []any{}}
	if f, _ := set.Filter(t.Context(), citizen, "Person", day); f.String() != `row.persons has "`+anna+`"` {
		t.Errorf("a citizen sees %s", f)
	}
}
