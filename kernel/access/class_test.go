package access_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"mera/kernel"
	"mera/kernel/access"
)

// Actors who differ in nothing that a policy reads share their filters; a role, a territory, an open part that is
// there or not, and the day if a rule reads it, part them.
func TestClassesShareFilters(t *testing.T) {
	t.Parallel()
	world := newTown()
	gate := access.New(compiled(t), world)
	ask := func(a kernel.Actor) { _, _ = gate.Filter(t.Context(), a, "Claim") }
	for i := range 10 {
		a := officer("ugra")
		a.ID, a.Name, a.Duties, a.Department = fmt.Sprint("clerk", i), "x", []string{fmt.Sprint(i)}, fmt.Sprint(i)
		ask(a)
	}
	world.day = world.day.AddDays(1)
	ask(officer("ugra"))
	if n := access.Cached(gate); n != 1 {
		t.Errorf("ten actors of one class have %d filters", n)
	}
	other := officer("ugra")
	other.Roles = append(slices.Clone(other.Roles), "head")
	ask(other)
	ask(officer("uray"))
	person := officer("ugra")
	person.Person = anna
	ask(person)
	if n := access.Cached(gate); n != 4 {
		t.Errorf("%d filters, want 4", n)
	}

	daily := access.New(compiled(t, `read if { input.actor.kind == "public"; input.today > "2027-01-01"; input.row.state == "open" }`), world)
	visitor := kernel.Actor{Kind: kernel.Public, ID: "public"}
	before, _ := daily.Filter(t.Context(), visitor, "Claim")
	yesterday, _ := daily.Class(t.Context(), visitor)
	world.day = world.day.AddDays(100)
	after, _ := daily.Filter(t.Context(), visitor, "Claim")
	if now, _ := daily.Class(t.Context(), visitor); before.String() == after.String() || now == yesterday {
		t.Errorf("a day changes nothing: %s, %s", before, after)
	}
}

// The promise that others build on: one class, equal filters; one shared class, equal open filters, which the values
// of each actor close.
func TestAClassIsItsFilters(t *testing.T) {
	t.Parallel()
	gate := access.New(compiled(t), newTown())
	words := func(t *rapid.T, name string, from ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, 2, rapid.ID[string]).Draw(t, name)
	}
	one := func(t *rapid.T, name string, from ...string) string {
		return rapid.SampledFrom(append(from, "")).Draw(t, name)
	}
	draw := func(t *rapid.T, who string) kernel.Actor {
		return kernel.Actor{
			Kind: kernel.ActorKind(one(t, who+" kind", "staff", "citizen", "system")), ID: one(t, who+" id", "ivanova", "petrov"), Roles: words(t, who+" roles", "officer"),
			Territories: words(t, who+" territories", "ugra", "uray"), Office: one(t, who+" office", hall), Person: one(t, who+" person", anna, boris),
			Duties: words(t, who+" duties", "a", "b"), Department: one(t, who+" department", "x"),
			Glass: one(t, who+" glass", "fire"), Opened: one(t, who+" opened", record, anna),
		}
	}
	met := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t, "a"), draw(t, "b")
		if rapid.Bool().Draw(t, "alike") {
			own := b
			b = a
			b.Name, b.Duties, b.Department = "x", own.Duties, own.Department
			if a.Kind != kernel.System && a.ID != "" && own.ID != "" {
				b.ID = own.ID
			}
			if a.Person != "" && own.Person != "" {
				b.Person = own.Person
			}
		}
		classes := [2]access.Class{}
		for i, actor := range []kernel.Actor{a, b} {
			c, err := gate.Class(t.Context(), actor)
			if err != nil {
				t.Fatal(err)
			}
			classes[i] = c
		}
		for _, typ := range []string{"Claim", "Award", "Actor"} {
			fa, _ := gate.Filter(t.Context(), a, typ)
			fb, _ := gate.Filter(t.Context(), b, typ)
			oa, _ := gate.OpenFilter(t.Context(), a, typ)
			ob, _ := gate.OpenFilter(t.Context(), b, typ)
			sa, _ := gate.OpenShow(t.Context(), a, typ, "school")
			sb, _ := gate.OpenShow(t.Context(), b, typ, "school")
			if classes[0] == classes[1] && fa.String() != fb.String() {
				t.Fatalf("one class, two filters of %s:\n%s\n%s", typ, fa, fb)
			}
			if classes[0].Shared() == classes[1].Shared() && (oa.String() != ob.String() || sa.String() != sb.String()) {
				t.Fatalf("one shared class, two open filters of %s:\n%s\n%s", typ, oa, ob)
			}
			if got := ob.Bind(classes[1].Values()).String(); got != fb.String() {
				t.Fatalf("closed %s\nwant   %s", got, fb)
			}
			met[fmt.Sprintf("%s %t %t", typ, classes[0].Shared() == classes[1].Shared(), oa.String() == ob.String())]++
		}
	})
	if met["Claim true true"] == 0 || met["Claim false false"] == 0 {
		t.Errorf("the actors were all alike: %v", met)
	}
}

func BenchmarkClass(b *testing.B) {
	gate := access.New(compiled(b), newTown())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := gate.Class(b.Context(), officer("surgut")); err != nil {
			b.Fatal(err)
		}
	}
}
