package policies_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"mera/policies"
	"mera/schema/filter"
)

// everyForm uses each form of a condition that a filter can hold.
const everyForm = `package mera.house
import data.mera.lib.has
import data.mera.lib.has_any

officer if "officer" in input.actor.roles
near if input.row.territory in input.actor.territories
mine if input.row.office == input.actor.office
mine if input.row.author == input.actor.id
old if { input.row.age >= 18; input.row.age < 65.0 }
rich if input.row.sum > 1000.5
sealed if { input.row.adopted == true; input.row.office != input.actor.office }
at(t) if input.row.territory == t
level := 2 if input.row.adopted == true
elders contains "kin" if input.today > "2020-01-01"
default late := false
late if input.today > "2027-01-01"
rank := {"doctor": "high", "nurse": "low"}

read if { officer; near }
read if mine
read if { input.actor.kind == "citizen"; has(input.row.persons, input.actor.person) }
read if { "doctor" in input.actor.roles; old; not rich }
read if { "nurse" in input.actor.roles; not old }
read if { "clerk" in input.actor.roles; not near; not input.row.territory in {"nowhere"} }
read if { "guard" in input.actor.roles; not input.row.guardian; input.row.born <= input.today }
read if { "kin" in input.actor.roles; input.row.guardian == input.actor.person; not has(input.row.introduced, input.actor.person) }
read if { "peer" in input.actor.roles; has_any(input.row.introduced, input.actor.duties) }
read if { "text" in input.actor.roles; startswith(input.row.grade, "a"); not endswith(input.row.grade, "z"); contains(input.row.grade, "b") }
read if { some role in input.actor.roles; input.row.grade == rank[role] }
read if { "own" in input.actor.roles; input.row.author == input.row.worker }
read if { "other" in input.actor.roles; input.row.author != input.row.worker; input.row.state in ["open", "closed"] }
read if { "flag" in input.actor.roles; not input.row.adopted }
read if { "money" in input.actor.roles; input.row.sum == 1000.50 }
read if { "late" in input.actor.roles; input.today > "2027-01-01" }
read if { "body" in input.actor.roles; not { near; old } }
read if { "all" in input.actor.roles }
read if { "kin" in elders; "kin" in input.actor.roles; level == 2; not late }
read if { "guard" in input.actor.roles; some t in input.actor.territories; at(t) }
read if { "peer" in input.actor.roles; not at("surgut"); not rich }
read if { "text" in input.actor.roles; count([r | some r in input.actor.roles; r != "text"]) > 1; input.row.age > 17 }

deny if { sealed; not input.actor.glass }
deny if { input.row.state != "open"; "novice" in input.actor.roles }
deny if { not mine; "timid" in input.actor.roles }

write if { officer; near }
show.school if mine
`

func actors(t *rapid.T) policies.Actor {
	a := policies.Actor{"kind": rapid.SampledFrom([]string{"staff", "citizen", "system", "public"}).Draw(t, "kind")}
	list := func(name string, from ...any) {
		a[name] = rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, 4, rapid.ID[any]).Draw(t, name)
	}
	list("roles", "officer", "doctor", "nurse", "clerk", "guard", "kin", "peer", "text", "own", "other", "flag", "money", "late", "body", "all", "novice", "timid")
	list("territories", "surgut", "uray", "nowhere")
	list("duties", anna, boris)
	for name, values := range map[string][]any{"id": {"ivanova", "sidorov"}, "person": {anna, boris, "x"}, "office": {surgut, anna}, "glass": {"fire"}} {
		if rapid.Bool().Draw(t, "has "+name) {
			a[name] = rapid.SampledFrom(values).Draw(t, name)
		}
	}
	return a
}

func rows(t *rapid.T) map[string]any {
	row := map[string]any{"final": rapid.Bool().Draw(t, "final")}
	for name, values := range map[string][]any{
		"territory": {"surgut", "uray", "nowhere"}, "office": {surgut, anna}, "author": {"ivanova", "sidorov"},
		"worker": {"ivanova", "sidorov"}, "state": {"open", "closed", "lost"}, "age": {json.Number("17"), json.Number("18"), json.Number("64"), json.Number("65")},
		"sum": {"1000.49", "1000.50", "1000.51", "999.00"}, "adopted": {true, false}, "guardian": {anna, boris},
		"introduced": {[]any{}, []any{anna}, []any{anna, boris}}, "persons": {[]any{}, []any{anna}, []any{boris}},
		"grade": {"ab", "az", "abz", "high", "low", "b"}, "born": {"2026-11-21", "2026-11-22", "2026-11-23"},
	} {
		if rapid.IntRange(0, 3).Draw(t, "has "+name) > 0 {
			row[name] = rapid.SampledFrom(values).Draw(t, name)
		}
	}
	return row
}

// A row passes the filter exactly where the rules, asked about that row, say yes: for the right to read, and for labels.
func TestFilterIsCheck(t *testing.T) {
	t.Parallel()
	set := compiled(t, everyForm, "Ward")
	seen := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		actor, row := actors(t), rows(t)
		f, err := set.Filter(t.Context(), actor, "Ward", day)
		if err != nil {
			t.Fatal(err)
		}
		filtered, err := f.MatchRow(row)
		if err != nil {
			t.Fatal(err)
		}
		checked, why, err := set.Check(t.Context(), actor, "read", "Ward", row, "", day)
		if err != nil {
			t.Fatal(err)
		}
		if filtered != checked {
			t.Fatalf("the filter says %t: %s\nthe rules say %t: %s", filtered, f, checked, why)
		}
		seen[checked]++
		g, err := set.Show(t.Context(), actor, "Ward", "school", day)
		if err != nil {
			t.Fatal(err)
		}
		shownRow, _ := g.MatchRow(row)
		shown, err := set.Shown(t.Context(), actor, "Ward", "school", row, day)
		if err != nil || shown != shownRow {
			t.Fatalf("school is shown %t, by filter %t (%s), %v", shown, shownRow, g, err)
		}
	})
	if seen[true] == 0 || seen[false] == 0 {
		t.Errorf("the rows were all alike: %v", seen)
	}
}

// Actors of one class differ only by what Bind fills in.
func TestClass(t *testing.T) {
	t.Parallel()
	set := compiled(t, everyForm, "Ward")
	rapid.Check(t, func(t *rapid.T) {
		a := actors(t)
		b := policies.Actor{}
		for k, v := range a {
			b[k] = v
		}
		for name, v := range map[string]any{"person": boris, "office": boris, "glass": "flood"} {
			if b[name] != nil {
				b[name] = v
			}
		}
		if b["id"] != nil && b["kind"] != "system" {
			b["id"] = "petrova"
		}
		if a.Class() != b.Class() {
			t.Fatalf("%v and %v are of two classes", a, b)
		}
		open, err := set.Open(t.Context(), a, "Ward", "read", day)
		if err != nil {
			t.Fatal(err)
		}
		own, err := set.Filter(t.Context(), b, "Ward", day)
		if err != nil {
			t.Fatal(err)
		}
		if got := policies.Bind(open, b).String(); got != own.String() {
			t.Fatalf("bound  %s\ndirect %s", got, own)
		}
		if left := policies.Bind(open, b).Params(); len(left) > 0 {
			t.Fatalf("%v stay open", left)
		}
	})
}

// The conditions of a filter are a type's own attributes, and no value of an actor can become anything but a value.
func TestNoInjection(t *testing.T) {
	t.Parallel()
	set := compiled(t, everyForm, "Ward")
	evil := policies.Actor{"kind": "staff", "id": `x" or true`, "roles": []any{"officer", `"]) or (true`},
		"territories": []any{"surgut'; drop table record; --", "\x00actor.person"}, "duties": []any{}, "office": surgut}
	f, err := set.Filter(t.Context(), evil, "Ward", day)
	if err != nil {
		t.Fatal(err)
	}
	f.Walk(func(l *filter.Tree) {
		if len(l.Path) != 1 || !l.Path[0].Row {
			t.Errorf("a leaf of the policy leads to %v", l.Path)
		}
	})
	if ok, _ := f.MatchRow(map[string]any{"territory": "surgut"}); ok {
		t.Error("a forged territory opens another")
	}
}
