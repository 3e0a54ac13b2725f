package policies_test

import (
	"testing"

	"mera/policies"
	"mera/schema"
)

func BenchmarkCompileBase(b *testing.B) {
	for b.Loop() {
		policies.Compile(nil, schema.NewCatalog())
	}
}

func BenchmarkCompile(b *testing.B) {
	pkgs, cat := house(map[string]string{"house.rego": `package mera.house
officer if "officer" in input.actor.roles
near if input.row.territory in input.actor.territories
read if { officer; near; input.row.final == false }
show.health if officer
`})
	for b.Loop() {
		policies.Compile(pkgs, cat)
	}
}

func BenchmarkCheck(b *testing.B) {
	set := compiled(b, everyForm, "Ward")
	row := map[string]any{"territory": "surgut", "final": false, "office": surgut}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := set.Check(b.Context(), clerk("officer"), "read", "Ward", row, "", day); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFilter(b *testing.B) {
	set := compiled(b, everyForm, "Ward")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := set.Filter(b.Context(), clerk("officer"), "Ward", day); err != nil {
			b.Fatal(err)
		}
	}
}
