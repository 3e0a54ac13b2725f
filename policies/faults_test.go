package policies_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/policies"
	"mera/schema"
	"mera/schema/golden"
)

// Each fault and lint is shown as its author sees it: testdata/faults.txt.
func TestFaults(t *testing.T) {
	t.Parallel()
	const head = "package mera.house\n"
	var out strings.Builder
	found := map[string]bool{}
	for _, src := range []string{
		head + "read if {",
		"",
		head + "read if http.send({\"method\": \"get\", \"url\": \"http://x\"}).status_code == 200",
		head + "read if opa.runtime().env.PATH",
		head + "read if time.now_ns() > 0",
		head + "read if rand.intn(\"x\", 2) == 1",
		head + "read if count(numbers.range(1, 1000000000)) > 1",
		head + "read if net.lookup_ip_addr(\"x\")",
		head + "read if net.cidr_contains(\"10.0.0.0/8\", \"10.0.0.1\") with net.cidr_contains as http.send",
		head + "read if nobody",
		head + "read if { x := 1; true }",
		"package mera.other\nread if true",
		head + "import data.mera.kernel\nread if kernel.read",
		head + "import input.row\nread if row.final == true",
		head + "read if data.mera.kernel.read",
		head + "read if data.users[_] == \"x\"",
		head + "read if input.rwo.final == true",
		head + "read if input.actor.role == \"x\"",
		head + "read if input.row.territory.code == \"x\"",
		head + "read if input.row[input.action] == \"x\"",
		head + "read if count(input) == 1",
		head + "read contains x if some x in [\"a\"]",
		head + "read := \"yes\"",
		head + "read if { input.type == \"Ward\" } else := true",
		head + "show if true",
		head + "show.health.more if true",
		head + "default read := false",
		head + "default old := false\nold if input.row.final == true\nread if old",
		head + "show.helth if true\nedit.none if true",
		head + "read if { input.type == \"Ward\" with input.type as \"Ward\" }",
		head + "read if input.row.final",
		head + "read if \"x\" in input.row.persons",
		head + "read if { some p in input.row.persons; p == \"x\" }",
		head + "read if { every p in input.row.persons { p == \"x\" } }",
		head + "read if input.row.persons[_] == \"x\"",
		head + "read if { t := input.row.territory; t == \"x\" }",
		head + "read if lower(input.row.territory) == \"x\"",
		head + "read if count([1 | input.row.final == true]) > 0",
		head + "read if { input.row.territory > input.row.office }",
		head + "near(t) if t in input.actor.territories\nread if near(input.row.territory)",
		head + "read if regex.match(\"a\", input.row.territory)",
		head + "place := input.row.territory\nread if place == \"x\"",
		head + "old if input.row.final == true\nelse if input.row.state == \"x\"\nread if old",
		head + "near if input.row.final == true\nread if { n := count([1 | near]); n == 1 }",
		head + "read if input.actor.id == \"ivanova\"",
		head + "me := input.actor.person\nread if input.row.author == me",
		head + "read if input.row.office in {input.actor.office}",
		head + "read if input.row.author > input.actor.id",
		head + "read if startswith(input.actor.id, \"admin\")",
		head + "read if { input.actor.glass == \"fire\"; input.row.final == false }",
		head + "read if input.row.sealed == true",
		head + "read if input.row.teritory == \"x\"",
		head + "deny if { input.type == \"Ward\"; input.row.grade == \"a\" }\nread if input.row.grade == \"b\"",
		head + "read if input.row.final == \"no\"",
		head + "read if input.row.territory == 5",
		head + "read if { input.type == \"Ward\"; input.row.age > \"5\" }",
		head + "read if { input.type == \"Ward\"; input.row.age == 1e3 }",
		head + "read if { input.type == \"Ward\"; input.row.age in [\"x\"] }",
		head + "read if { input.type == \"Ward\"; input.row.introduced == \"x\" }",
		head + "import data.mera.lib.has\nread if { input.type == \"Ward\"; has(input.row.territory, \"x\") }",
		head + "import data.mera.lib.has\nread if has(input.row.persons, \"Anna\")",
		head + "read if startswith(input.row.created, \"2024\")",
		head + "read if input.row.territory == null",
		head + "read if { some t in input.actor.territories; input.row.territory == t }",
		head + "mine if { input.row.final == false; input.row.state == \"x\" }\nread if not mine",
		head + "raed if true",
		head + "edit.health if true",
	} {
		pkgs, cat := house(map[string]string{"house.rego": src})
		_, ds := policies.Compile(pkgs, cat)
		if len(ds) == 0 {
			t.Errorf("nothing is said of\n%s", src)
		}
		fmt.Fprintf(&out, "%s\n", ds.Render(func(file string) []byte {
			if strings.HasSuffix(file, ".rego") {
				return []byte(src)
			}
			return nil
		}))
		for _, d := range ds {
			found[d.Code] = true
			if strings.HasPrefix(d.Pos.File, "policies/base") || d.Pos.Line == 0 && src != "" {
				t.Errorf("%s: %s has no place in the package", d.Message, d.Pos)
			}
		}
	}
	golden.Equal(t, "testdata/faults.txt", out.String())
	for _, code := range []string{"rego", "package-name", "import", "scope", "unknown-input", "entry-point", "unknown-label",
		"no-default", "no-with", "bare-flag", "use-has", "row-shape", "actor-meets-row", "unknown-attribute", "wrong-value",
		"untranslatable", "not-rule", "use-in", "unused-rule", "no-read"} {
		if !found[code] {
			t.Errorf("no source shows %s", code)
		}
	}
}

func TestAccessAttributes(t *testing.T) {
	t.Parallel()
	pkgs, cat := house(map[string]string{"house.rego": "package mera.house\nread if true\n"})
	ward := cat.Documents["Ward"]
	at := func(line int) schema.Pos { return schema.Pos{File: "house/documents/ward.yaml", Line: line, Col: 1} }
	ward.Properties = append(ward.Properties, &schema.Property{Name: "home", Type: &schema.Type{Kind: schema.Point}})
	ward.Access = append(ward.Access,
		&schema.AccessAttribute{Name: "home", Pos: at(1), Path: schema.Scalar{Text: "home", Pos: at(1)}},
		&schema.AccessAttribute{Name: "far", Pos: at(2), Path: schema.Scalar{Text: "person.nowhere", Pos: at(2)}},
		&schema.AccessAttribute{Name: "office", Pos: at(3), Path: schema.Scalar{Text: "grade", Pos: at(3)}})
	_, ds := policies.Compile(pkgs, cat)
	var codes []string
	for _, d := range ds {
		codes = append(codes, fmt.Sprintf("%s %s", d.Pos, d.Code))
	}
	want := []string{"house/documents/ward.yaml:1:1 attribute-type", "house/documents/ward.yaml:2:1 attribute-type", "house/documents/ward.yaml:3:1 attribute-type"}
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Error(diff)
	}
}

// A rule that branches too much is refused when it is installed, not when somebody asks.
func TestTooManyBranches(t *testing.T) {
	t.Parallel()
	var src strings.Builder
	src.WriteString("package mera.house\nread if { h0; h1; h2 }\n")
	for i := range 3 {
		for j := range 22 {
			fmt.Fprintf(&src, "h%d if input.row.state == \"s%d\"\n", i, j)
		}
	}
	pkgs, cat := house(map[string]string{"house.rego": src.String()})
	pkgs[0].Documents = []*schema.Document{cat.Documents["Ward"]}
	_, ds := policies.Compile(pkgs, cat)
	if len(ds) != 1 || ds[0].Code != "limit" || ds[0].Pos.Line != 2 {
		t.Errorf("%v", ds)
	}
}

func TestReservedNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"lib", "base", "kernel"} {
		_, ds := policies.Compile([]*schema.Package{{Name: name, Pos: schema.Pos{File: name + "/package.yaml", Line: 1, Col: 1}}}, schema.NewCatalog())
		if len(ds) != 1 || ds[0].Code != "package-name" {
			t.Errorf("a package %s: %v", name, ds)
		}
	}
}
