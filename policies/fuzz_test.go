package policies_test

import (
	"encoding/json"
	"strings"
	"testing"

	"mera/policies"
	"mera/schema"
)

// Whatever an author writes compiles or gets faults with places; and what compiles answers alike plainly and as a
// filter, or not at all.
func FuzzCompile(f *testing.F) {
	for _, rule := range strings.Split(everyForm, "\n") {
		if strings.HasPrefix(rule, "read") || strings.HasPrefix(rule, "deny") {
			f.Add(rule)
		}
	}
	f.Add("x if input.row.final == true\nread if not x")
	f.Add("read if { some x in input.actor.roles; input.row.state == x; not input.row.adopted == false }")
	f.Add("y := {\"a\": input.actor.kind}\nread if input.row.grade in y")
	f.Add("read if input.row.sum in [1, 2.5, \"x\"]")
	f.Add("g(a, b) if a == b\nread if g(input.actor.kind, \"staff\")\ndeny if { not input.row.age > 5; not input.row.born }")
	rows := []map[string]any{
		{}, {"final": false, "territory": "surgut", "state": "open", "grade": "staff", "adopted": true},
		{"final": true, "office": surgut, "author": "ivanova", "worker": "ivanova", "age": json.Number("18"), "sum": "1000.50", "introduced": []any{anna}},
		{"persons": []any{anna}, "guardian": anna, "born": "2026-11-22", "grade": "ab", "state": "x", "age": json.Number("5"), "sum": "2.50"},
	}
	actors := []policies.Actor{
		{"kind": "public", "roles": []any{}, "territories": []any{}, "duties": []any{}},
		{"kind": "staff", "id": "ivanova", "roles": []any{"officer", "x", "open"}, "territories": []any{"surgut"}, "duties": []any{anna}, "office": surgut, "glass": "fire"},
		{"kind": "citizen", "id": "anna", "person": anna, "roles": []any{"doctor", "text", "kin"}, "territories": []any{}, "duties": []any{}},
	}
	f.Fuzz(func(t *testing.T, rules string) {
		pkgs, cat := house(map[string]string{"house.rego": "package mera.house\nimport data.mera.lib.has\nimport data.mera.lib.has_any\n" + rules +
			"\nwrite if { has(input.row.persons, \"" + anna + "\"); has_any(input.row.persons, [\"" + anna + "\"]) }\n"})
		pkgs[0].Documents = []*schema.Document{cat.Documents["Ward"]}
		set, ds := policies.Compile(pkgs, cat)
		for _, d := range ds {
			if d.Pos.File == "" || d.Message == "" || d.Code == "" {
				t.Fatalf("a fault without place or text: %+v", d)
			}
		}
		if ds.Faulty() {
			return
		}
		for _, actor := range actors {
			filter, err := set.Filter(t.Context(), actor, "Ward", day)
			for _, row := range rows {
				if err != nil {
					continue // a refusal
				}
				filtered, err := filter.MatchRow(row)
				if err != nil {
					t.Fatalf("%s: %v", filter, err)
				}
				checked, why, err := set.Check(t.Context(), actor, "read", "Ward", row, "", day)
				if err == nil && filtered != checked {
					t.Fatalf("%v of %v: the filter %s says %t, the rules %t: %s", row, actor, filter, filtered, checked, why)
				}
			}
		}
	})
}
