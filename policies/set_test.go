package policies_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

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

func TestCheck(t *testing.T) {
	t.Parallel()
	set := compiled(t, `package mera.house
officer if "officer" in input.actor.roles
near if input.row.territory in input.actor.territories
read if { officer; near }
write if { officer; near; input.row.final == false; input.event != "seal" }
deny if { input.row.office != input.actor.office; not input.actor.glass }
show.health if { officer; input.row.office == input.actor.office }
edit.health if { officer; input.action == "update" }
`)
	near := map[string]any{"territory": "surgut-1", "final": false, "persons": []string{boris}}
	with := func(name string, v any) map[string]any {
		row := maps.Clone(near)
		row[name] = v
		return row
	}
	broken := clerk("officer")
	broken["glass"] = "fire"
	own := clerk("officer")
	own["person"] = boris
	for _, c := range []struct {
		name   string
		actor  policies.Actor
		action string
		row    map[string]any
		event  string
		want   bool
		why    string
	}{
		{"near", clerk("officer"), "read", near, "", true, "allowed by mera.house"},
		{"another role", clerk("registrar"), "read", near, "", false, "no read rule allows it"},
		{"far", clerk("officer"), "read", with("territory", "uray"), "", false, "no read rule allows it"},
		{"territory not known", clerk("officer"), "read", map[string]any{"final": false}, "", false, "no read rule allows it"},
		{"another office", clerk("officer"), "read", with("office", anna), "", false, "denied by mera.house"},
		{"glass broken", broken, "read", with("office", anna), "", true, "allowed by mera.base"},
		{"writes", clerk("officer"), "fire", near, "submit", true, "allowed by mera.house"},
		{"event refused", clerk("officer"), "fire", near, "seal", false, "no write rule allows it"},
		{"final", clerk("officer"), "fire", with("final", true), "submit", false, "no write rule allows it"},
		{"reads his own", own, "read", near, "", true, "allowed by mera.house"},
		{"writes his own", own, "fire", near, "submit", false, "denied by mera.base"},
		{"attributes that are none are not seen", clerk("officer"), "read", with("sealed", true), "", true, "allowed by mera.house"},
		{"the kernel", policies.Actor{"kind": "system", "id": "system", "roles": []any{}}, "settle", near, "", true, "allowed by mera.base"},
		{"nobody", policies.Actor{"kind": "public"}, "read", near, "", false, "no read rule allows it"},
	} {
		ok, why, err := set.Check(t.Context(), c.actor, c.action, "Ward", c.row, c.event, day)
		if ok != c.want || why != c.why || err != nil {
			t.Errorf("%s: %t, %q, %v; want %t, %q", c.name, ok, why, err, c.want, c.why)
		}
	}
	if ok, why, _ := set.Check(t.Context(), clerk("officer"), "read", "Pencil", near, "", day); ok {
		t.Errorf("a type that nobody knows is read: %s", why)
	}
	if ok, _, err := set.Check(t.Context(), clerk("officer"), "read", "Ward", with("final", "no"), "", day); ok || err == nil {
		t.Error("an attribute of the wrong kind is no error")
	}
	for action, row := range map[bool]map[string]any{true: with("office", surgut), false: near} {
		if ok, err := set.Shown(t.Context(), clerk("officer"), "Person", "health", row, day); ok != action || err != nil {
			t.Errorf("health shown: %t, %v", ok, err)
		}
	}
	if ok, err := set.Edit(t.Context(), clerk("officer"), "Person", "health", near, day); !ok || err != nil {
		t.Errorf("health edited: %t, %v", ok, err)
	}
	if ok, err := set.Edit(t.Context(), own, "Person", "health", near, day); ok || err != nil {
		t.Errorf("health of his own card edited: %t, %v", ok, err)
	}
	if ok, _ := set.Edit(t.Context(), clerk("officer"), "Ward", "school", near, day); ok {
		t.Error("a label without a rule is edited")
	}
	if got := set.Labels("Ward"); !slices.Equal(got, []string{"school"}) || set.Labels("Pencil") != nil {
		t.Errorf("labels %v", got)
	}
}

// A package with faults has no rules: its types are denied, those of others are not.
func TestFaultyPackage(t *testing.T) {
	t.Parallel()
	pkgs, cat := house(map[string]string{"house.rego": "package mera.house\nread if true\nwrite if nobody\n"})
	garden := &schema.Document{Meta: schema.Meta{Package: "garden", Name: "Plot"}}
	cat.Documents["Plot"] = garden
	pkgs = append(pkgs, &schema.Package{Name: "garden", Documents: []*schema.Document{garden}, Policies: []*schema.Policy{
		{Package: "garden", Pos: schema.Pos{File: "garden/policies/plot.rego"}, Source: []byte("package mera.garden\nread if input.type == \"Ward\"\nread if input.type == \"Plot\"\n")},
	}})
	set, ds := policies.Compile(pkgs, cat)
	if !ds.Faulty() {
		t.Fatal("no fault")
	}
	for typ, want := range map[string]filter.Kind{"Ward": filter.None, "Plot": filter.All} { // and garden decides on no Ward
		if f, err := set.Filter(t.Context(), clerk(), typ, day); err != nil || f.Kind != want {
			t.Errorf("%s: %s, %v", typ, f, err)
		}
	}
}

// An overlay of a document gives the right to decide on it, and on it alone.
func TestOverlay(t *testing.T) {
	t.Parallel()
	pkgs, cat := house(map[string]string{"house.rego": "package mera.house\nread if input.row.final == false\n"})
	pkgs = append(pkgs, &schema.Package{
		Name: "town-rules", Files: map[string][]byte{"overlays/house/documents/ward.yaml": nil},
		Policies: []*schema.Policy{{Package: "town-rules", Pos: schema.Pos{File: "town-rules/policies/x.rego"},
			Source: []byte("package mera.town_rules\nread if input.row.state == \"x\"\ndeny if input.row.adopted == true\nshow.school if true\n")}},
	})
	cat.Packages = pkgs
	set, ds := policies.Compile(pkgs, cat)
	if ds.Faulty() {
		t.Fatal(ds)
	}
	for typ, want := range map[string]string{
		"Ward":   `((row.final eq false or row.state eq "x") and not(row.adopted eq true))`,
		"Report": `row.final eq false`,
	} {
		if f, err := set.Filter(t.Context(), clerk(), typ, day); err != nil || f.String() != want {
			t.Errorf("%s: %s, %v; want %s", typ, f, err, want)
		}
	}
}

// Case and an abstract document stand for types: each with its own rules.
func TestManyTypes(t *testing.T) {
	t.Parallel()
	pkgs, cat := house(map[string]string{"house.rego": `package mera.house
read if { input.type in {"Ward", "Report"}; input.row.final == false }
`})
	paper := &schema.Document{Meta: schema.Meta{Package: "house", Name: "Paper"}, Abstract: true}
	cat.Documents["Paper"] = paper
	pkgs[0].Documents = append(pkgs[0].Documents, paper)
	for _, name := range []string{"Ward", "Report", "Person"} {
		cat.Documents[name].Extends = schema.Scalar{Text: "Paper"}
	}
	cat.Workflows["Report"] = &schema.Workflow{About: schema.Scalar{Text: "Report"}}
	set, ds := policies.Compile(pkgs, cat)
	if ds.Faulty() {
		t.Fatal(ds)
	}
	for typ, want := range map[string]string{
		"Paper": `(row.type in ["Report", "Ward"] and row.final eq false)`,
		"Case":  `(row.type in ["Report"] and row.final eq false)`,
	} {
		if f, err := set.Filter(t.Context(), clerk(), typ, day); err != nil || f.String() != want {
			t.Errorf("%s: %s, %v; want %s", typ, f, err, want)
		}
	}
}

// What costs too much is refused, and a refusal opens nothing.
func TestLimits(t *testing.T) {
	t.Parallel()
	many := clerk("officer")
	var territories []any
	for i := range 201 {
		territories = append(territories, fmt.Sprint("t", i))
	}
	many["territories"] = territories
	set := compiled(t, "package mera.house\nread if { some t in input.actor.territories; input.row.territory == t }\n")
	if f, err := set.Filter(t.Context(), many, "Ward", day); !errors.Is(err, policies.ErrLimit) || f != nil {
		t.Errorf("201 disjuncts: %v, %v", f, err)
	}
	slow := compiled(t, `package mera.house
loop if {
	some a in input.actor.territories; some b in input.actor.territories; some c in input.actor.territories
	some d in input.actor.territories; some e in input.actor.territories
	concat("", [a, b, c, d, e]) == "never"
}
read if loop
`)
	if ok, _, err := slow.Check(t.Context(), many, "read", "Ward", nil, "", day); ok || !errors.Is(err, policies.ErrLimit) {
		t.Errorf("an endless rule: %t, %v", ok, err)
	}
	if f, err := slow.Filter(t.Context(), many, "Ward", day); f != nil || !errors.Is(err, policies.ErrLimit) {
		t.Errorf("an endless filter: %v, %v", f, err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if ok, _, err := set.Check(gone, clerk(), "read", "Ward", nil, "", day); ok || err == nil {
		t.Errorf("a cancelled check: %t, %v", ok, err)
	}
}

// One Set serves many at once.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	set := compiled(t, everyForm, "Ward")
	var group errgroup.Group
	for i := range 8 {
		group.Go(func() error {
			actor := clerk("officer")
			actor["territories"] = []any{fmt.Sprint("t", i)}
			for range 20 {
				f, err := set.Filter(t.Context(), actor, "Ward", day)
				if err != nil {
					return err
				}
				if ok, err := f.MatchRow(map[string]any{"territory": fmt.Sprint("t", i)}); !ok || err != nil {
					return fmt.Errorf("actor %d does not see his own: %s", i, f)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

// The bound is of steps: the rules that people write are far below it, and what is over it is over it on every machine.
func TestStepsAreTheSameOnEveryMachine(t *testing.T) {
	t.Parallel()
	set := compiled(t, everyForm, "Ward")
	row := map[string]any{"territory": "surgut", "final": false, "office": surgut}
	asked := func(steps int) bool {
		_, _, err := set.WithSteps(steps).Check(t.Context(), clerk("officer", "doctor"), "read", "Ward", row, "", day)
		if err != nil && !errors.Is(err, policies.ErrLimit) {
			t.Fatal(err)
		}
		return err == nil
	}
	enough := 1
	for !asked(enough) {
		enough++
	}
	if enough > 1000 {
		t.Errorf("the check takes %d steps", enough)
	}
	for range 20 {
		if asked(enough-1) || !asked(enough) {
			t.Fatal("the same question takes more steps at one time than at another")
		}
	}
}
