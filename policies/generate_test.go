package policies_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mera/policies"
	"mera/schema"
)

// conditions are those of which rules are made up; a %s is a helper that was made before, VAR a new variable.
var conditions = []string{
	`input.actor.kind == "staff"`, `input.actor.kind != "citizen"`, `"officer" in input.actor.roles`, `not "doctor" in input.actor.roles`,
	`input.actor.glass`, `not input.actor.glass`, `input.actor.person`, `not input.actor.office`, `input.today > "2027-01-01"`,
	`input.row.territory in input.actor.territories`, `not input.row.territory in input.actor.territories`, `input.row.territory in {"surgut", "uray"}`,
	`input.row.office == input.actor.office`, `input.row.office != input.actor.office`, `not input.row.office == input.actor.office`,
	`not input.row.office != input.actor.office`, `input.row.author == input.actor.id`, `has(input.row.persons, input.actor.person)`,
	`not has(input.row.persons, input.actor.person)`, `has_any(input.row.introduced, input.actor.duties)`, `not has_any(input.row.introduced, input.actor.duties)`,
	`input.row.adopted == true`, `not input.row.adopted`, `input.row.adopted != true`, `input.row.final == false`, `not input.row.guardian`,
	`input.row.age >= 18`, `not input.row.age >= 18`, `18 < input.row.age`, `input.row.sum <= 1000.50`, `input.row.born < input.today`,
	`startswith(input.row.grade, "a")`, `not contains(input.row.grade, "z")`, `input.row.author == input.row.worker`, `input.row.author != input.row.worker`,
	`not input.row.author == input.row.worker`, `some VAR in input.actor.roles; input.row.grade == VAR`, `some VAR in input.actor.territories; not input.row.territory == VAR`,
	`input.row.state == levels[input.actor.kind]`, `input.type == "Ward"`, `input.action == "read"`, `at("surgut")`, `not at(input.actor.kind)`,
	`%s`, `not %s`, `%s`, `not %s`, `not { %s; input.row.age > 17 }`, `not { not %s }`,
}

func generated(t *rapid.T) string {
	var src strings.Builder
	src.WriteString(`package mera.house
import data.mera.lib.has
import data.mera.lib.has_any
levels := {"staff": "open", "citizen": "closed"}
at(t) if input.row.territory == t
write if { has(input.row.persons, "` + anna + `"); has_any(input.row.persons, ["` + anna + `"]); at("x"); levels.staff == "open" }
`)
	var helpers []string
	body := func() string {
		var parts []string
		for i := range rapid.IntRange(1, 3).Draw(t, "conditions") {
			c := rapid.SampledFrom(conditions).Draw(t, "condition")
			if strings.Contains(c, "%s") {
				if len(helpers) == 0 {
					continue
				}
				c = fmt.Sprintf(c, rapid.SampledFrom(helpers).Draw(t, "helper"))
			}
			parts = append(parts, strings.ReplaceAll(c, "VAR", fmt.Sprint("v", i)))
		}
		if len(parts) == 0 {
			return "true"
		}
		return strings.Join(parts, "; ")
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "helpers") {
		name := fmt.Sprint("h", i)
		for range rapid.IntRange(1, 2).Draw(t, "definitions") {
			fmt.Fprintf(&src, "%s if { %s }\n", name, body())
		}
		helpers = append(helpers, name)
	}
	for range rapid.IntRange(1, 3).Draw(t, "reads") {
		fmt.Fprintf(&src, "read if { %s }\n", body())
	}
	for range rapid.IntRange(0, 2).Draw(t, "denies") {
		fmt.Fprintf(&src, "deny if { %s }\n", body())
	}
	return src.String()
}

// Random policies of helpers, negations and loops mean the same plainly and as filters. A refusal is allowed only for
// the number of disjuncts.
func TestGenerated(t *testing.T) {
	t.Parallel()
	compiledAtAll := 0
	rapid.Check(t, func(t *rapid.T) {
		src := generated(t)
		pkgs, cat := house(map[string]string{"house.rego": src})
		pkgs[0].Documents = []*schema.Document{cat.Documents["Ward"]}
		set, ds := policies.Compile(pkgs, cat)
		if ds.Faulty() {
			t.Fatalf("%s\n%s", src, ds.Render(func(string) []byte { return []byte(src) }))
		}
		compiledAtAll++
		for range 4 {
			actor, row := actors(t), rows(t)
			f, err := set.Filter(t.Context(), actor, "Ward", day)
			if err != nil {
				t.Fatalf("%s\n%v", src, err)
			}
			filtered, err := f.MatchRow(row)
			if err != nil {
				t.Fatal(err)
			}
			checked, why, err := set.Check(t.Context(), actor, "read", "Ward", row, "", day)
			if err != nil || filtered != checked {
				t.Fatalf("%s\n%v\n%v\nthe filter %s says %t, the rules %t: %s, %v", src, actor, row, f, filtered, checked, why, err)
			}
		}
	})
}
