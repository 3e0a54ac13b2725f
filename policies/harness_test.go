package policies_test

import (
	"strings"
	"testing"

	"mera/policies"
	"mera/schema"
)

const tested = `package mera.house
import data.mera.lib.has
read if { input.type == "Ward"; input.row.grade in {"a", "b"}; not has(input.row.introduced, input.actor.person) }
show.school if input.row.office == input.actor.office
`

func TestRunTests(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`test_x if data.mera.house.read with input as {"actor": {"kind": "staff"}, "type": "Ward", "row": {"grade": "a"}}`:                                              "",
		`test_x if not data.mera.house.read with input as {"actor": {"kind": "staff"}, "type": "Ward", "row": {"grade": "c"}}`:                                          "",
		`test_x if data.mera.house.show.school with input as {"actor": {"office": "` + surgut + `"}, "type": "Ward", "row": {"office": "` + surgut + `"}}`:              "",
		`test_x if not data.mera.house.read with input as {"actor": {"person": "` + anna + `"}, "type": "Ward", "row": {"grade": "a", "introduced": ["` + anna + `"]}}`: "",
		`test_x if data.mera.house.read with input as {"actor": {}, "type": "Ward", "row": {"grade": "c"}}`:                                                             "line 2 is not true",
		`test_x if data.mera.house.read with input as {"actor": {}, "type": "Pencil", "row": {"grade": "c"}}`:                                                           "line 2 is not true",
		`test_x if not data.mera.house.read with input as {"actor": {}, "type": "Pencil", "row": {}}`:                                                                   `input.type "Pencil" is no type on which the package decides`,
		`test_x if not data.mera.house.read with input as {"actor": {}, "type": "Ward", "row": {"grad": "c"}}`:                                                          `Ward has no attribute "grad"`,
		`test_x if 1 == 2`:     "line 2 is not true",
		`test_x if 1 / 0 == 2`: "undefined",
		`test_x if nobody`:     "var nobody is unsafe",
		`test_x if {`:          "unexpected eof token",
		`helper if true`:       "-",
	} {
		pkgs, cat := house(map[string]string{"house.rego": tested, "house_test.rego": "package mera.house_test\n" + source + "\n"})
		set, ds := policies.Compile(pkgs, cat)
		if ds.Faulty() {
			t.Fatal(ds)
		}
		results := set.RunTests(t.Context(), pkgs[0])
		if want == "-" {
			if len(results) != 0 {
				t.Errorf("%s: %v", source, results)
			}
			continue
		}
		if len(results) != 1 {
			t.Fatalf("%s: %v", source, results)
		}
		r := results[0]
		if (want == "") != (r.Failure == "") || !strings.Contains(r.Failure, want) || r.Pos.File != "house/policies/house_test.rego" {
			t.Errorf("%s: %s %q, want %q", source, r.Pos, r.Failure, want)
		}
		if want == "" && r.Asked != 1 {
			t.Errorf("%s asked %d times", source, r.Asked)
		}
	}
}

func TestRunTestsOfFaultyPackage(t *testing.T) {
	t.Parallel()
	pkgs, cat := house(map[string]string{"house.rego": "package mera.house\nread if nobody\n", "house_test.rego": "package mera.house_test\ntest_x if true\n"})
	set, _ := policies.Compile(pkgs, cat)
	if rs := set.RunTests(t.Context(), pkgs[0]); len(rs) != 1 || rs[0].Failure == "" {
		t.Errorf("%v", rs)
	}
	if rs := set.RunTests(t.Context(), &schema.Package{Name: "none"}); len(rs) != 0 {
		t.Errorf("%v", rs)
	}
}
