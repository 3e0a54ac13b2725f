package measure_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"mera/kernel/measure"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/golden"
	"mera/schema/load"
)

// broken is measures with faults, by what is wrong. Each text is added to a small measure that is right, or takes the
// place of its key.
var broken = map[string]string{
	"about an unknown document":        `about: Clam`,
	"no beneficiary":                   `beneficiary: null`,
	"beneficiary that is no record":    `beneficiary: doc.sum`,
	"recipient that is a list":         `recipient: doc.children`,
	"recipient that is no record":      `recipient: doc.date`,
	"unknown name in a rule":           `conditions: {a: {title: A, rule: "size(pension) > 0"}}`,
	"unknown property":                 `conditions: {a: {title: A, rule: "beneficiary.birthday > asked"}}`,
	"wrong type of a rule":             `conditions: {a: {title: A, rule: "1 + 1"}}`,
	"unrounded amount":                 `amount: "ChildAmount(asked) * 0.5"`,
	"no rule":                          `conditions: {a: {title: A}}`,
	"no words":                         `conditions: {a: {rule: "1 == 1"}}`,
	"fact of an unknown document":      `facts: {a: {each: Pensoin, of: beneficiary, at: asked}}`,
	"fact of a kernel type":            `facts: {a: {each: Task, of: beneficiary, at: asked}}`,
	"fact of awards with a wrong word": `facts: {a: {each: Award, of: beneficiary, at: asked, where: {meassure: Aid}}}`,
	"fact of awards by a wrong link":   `facts: {a: {each: Award, of: beneficiary, via: owner, at: asked}}`,
	"unknown property of an award":     `facts: {a: {each: Award, of: beneficiary, at: asked}}` + "\n" + `conditions: {a1: {title: A, rule: "a.exists(x, x.sum > 1)"}}`,
	"amount of awards in a slice":      `facts: {a: {each: Award, of: beneficiary, at: slice.from}}` + "\n" + `amount: "a.sum(x, x.amount)"`,
	"amounts that count themselves":    `facts: {a: {each: Entitlement, of: beneficiary, over: slice, where: {counts: income}}}` + "\n" + `counts: [income]`,
	"amounts of all measures":          `facts: {a: {each: Entitlement, of: beneficiary, over: slice}}`,
	"fact of nobody":                   `facts: {a: {each: Pension, at: asked}}`,
	"fact without days":                `facts: {a: {each: Pension, of: beneficiary}}`,
	"fact with two windows":            `facts: {a: {each: Pension, of: beneficiary, at: asked, over: "period(asked, asked)"}}`,
	"fact whose of is no record":       `facts: {a: {each: Pension, of: doc.sum, at: asked}}`,
	"fact without a link":              `facts: {a: {each: Pension, of: doc.dwelling, at: asked}}`,
	"fact with several links":          `facts: {a: {each: Living, of: beneficiary, at: asked}}`,
	"fact via an unknown link":         `facts: {a: {each: Living, of: beneficiary, via: tenant, at: asked}}`,
	"fact with too many records":       `facts: {a: {each: Pension, of: beneficiary, at: asked, max: 5000}}`,
	"fact with a wrong filter":         `facts: {a: {each: Pension, of: beneficiary, at: asked, where: {type: oldage}}}`,
	"fact with an expression in where": `facts: {a: {each: Pension, of: beneficiary, at: asked, where: {type: =doc.note}}}`,
	"fact with a wrong freshness":      `facts: {a: {each: Pension, of: beneficiary, at: asked, fresh: a month}}`,
	"unknown request":                  `facts: {a: {each: Pension, of: beneficiary, at: asked, ask: [PensionChek]}}`,
	"request without an answer":        `facts: {a: {each: Pension, of: beneficiary, at: asked, ask: [Mail]}}`,
	"request about something else":     `facts: {a: {each: Pension, of: beneficiary, at: asked, ask: [IncomeCheck, citizen]}}`,
	"at that is no day":                `facts: {a: {each: Pension, of: beneficiary, at: doc.sum}}`,
	"condition reads slice":            `conditions: {a: {title: A, rule: "slice.from > asked"}}`,
	"condition reads a slice name": `
let: {rate: "ChildAmount(slice.from)"}
conditions: {a: {title: A, rule: "1 == 1", refuse: "{rate}"}}`,
	"condition reads the period":   `conditions: {a: {title: A, rule: "period.to > asked"}}`,
	"period reads slice":           `period: {from: slice.from}`,
	"end reads itself":             `period: {to: period.to}`,
	"purpose reads slice":          `purpose: {of: [rate]}` + "\n" + `let: {rate: "ChildAmount(slice.from)"}`,
	"amount reads doc":             `amount: doc.sum`,
	"slice name reads doc":         `let: {a: "doc.date > slice.from"}`,
	"while reads doc":              `while: {a: {title: A, rule: "doc.date > asked"}}`,
	"due reads doc":                `pay: {every: month, due: doc.date}`,
	"names in a circle":            `let: {a: "b + 1", b: "c + 1", c: "a + 1", d: "a + 1"}`,
	"a name of itself":             `let: {a: "a + 1"}`,
	"facts five deep":              `facts: {a: {each: Living, of: beneficiary, via: person, at: asked}, b: {each: Living, of: a.landlord, via: person, at: asked}, c: {each: Living, of: b.landlord, via: person, at: asked}, d: {each: Living, of: c.landlord, via: person, at: asked}, e: {each: Living, of: d.landlord, via: person, at: asked}}`,
	"a let and a fact of one name": `facts: {a: {each: Pension, of: beneficiary, at: asked}}` + "\n" + `let: {a: "1"}`,
	"a fact and a condition":       `facts: {a: {each: Pension, of: beneficiary, at: asked}}` + "\n" + `conditions: {a: {title: A, rule: "1 == 1"}}`,
	"condition and while":          `conditions: {a: {title: A, rule: "1 == 1"}}` + "\n" + `while: {a: {title: A, rule: "1 == 1"}}`,
	"reserved name":                `let: {doc: "1"}`,
	"row that hides a name":        `conditions: {a: {title: A, of: {asked: doc.children}, rule: "1 == 1"}}`,
	"of that is no list":           `conditions: {a: {title: A, of: {p: doc.sum}, rule: "1 == 1"}}`,
	"neither amount nor gift":      `amount: null`,
	"gift of an unknown document":  `gives: {Paper: {from: =asked}}`,
	"gift with a wrong property":   `gives: {Certificate: {form: =asked}}`,
	"gift with a wrong literal":    `gives: {Certificate: {level: many}}`,
	"gift with a wrong word":       `gives: {Certificate: {free: perhaps}}`,
	"gift with a wrong type":       `gives: {Certificate: {from: =doc.sum}}`,
	"gift that reads slice":        `gives: {Certificate: {from: =slice.from}}`,
	"gift with a list":             `gives: {Certificate: {from: [a, b]}}`,
	"gift with a map":              `gives: {Certificate: {places: {a: b}}}`,
	"gift with an unknown field":   `gives: {Certificate: {where: {city: Урай}}}`,
	"unknown purpose":              `purpose: {name: childly}`,
	"recover above a hundred":      `recover: 120`,
	"condition from a wrong day":   `conditions: {a: {title: A, from: 2024-02-30, rule: "1 == 1"}}`,
	"many facts of a slice":        `facts: {a: {each: Pension, of: beneficiary, at: slice.from}, b: {each: Study, of: beneficiary, at: slice.from}, c: {each: Registration, of: beneficiary, over: slice}}`,
	"unclosed turns":               `while: {w: {title: A, rule: "turns(beneficiary"}}` + "\n" + `pay: {every: month, part: days}`,
	"a wrong word of pay":          `pay: {every: week, part: half}`,
	"a wrong word of purpose":      `purpose: {per: month, conflict: fight}`,
	"a wrong word of while":        `while: {a: {title: A, rule: "1 == 1", fails: stop}}`,
	"a let without a value":        `let: {a: null}`,
}

// compileAnyway compiles what the loader could read, whatever it says of the rest.
func compileAnyway(t *testing.T, yaml string) schema.Diagnostics {
	t.Helper()
	fsys := fstest.MapFS{"measures/aid.yaml": {Data: []byte(yaml)}}
	base := os.DirFS("testdata/world")
	err := fs.WalkDir(base, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(base, path)
		fsys[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	pkg, _ := load.Read(fsys, "world")
	pkg.Core = true
	cat, _ := load.Link([]*schema.Package{pkg})
	_, diags := measure.Compile(pkg.Measures[0], cat, expr.NewEnv(cat))
	return diags
}

// withKeys puts the keys of a broken text in place of those of the minimal measure.
func withKeys(text string) string {
	text = strings.TrimSpace(text)
	var out []string
	for _, line := range strings.Split(strings.TrimSpace(minimal), "\n") {
		key, _, _ := strings.Cut(line, ":")
		if !regexp.MustCompile(`(?m)^` + key + `:`).MatchString(text) {
			out = append(out, line)
		}
	}
	return strings.Join(append(out, text), "\n") + "\n"
}

func TestDiagnostics(t *testing.T) {
	t.Parallel()
	codes := codesOf(t)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(broken)) {
		yaml := withKeys(broken[name])
		diags := compileAnyway(t, yaml)
		if len(diags) == 0 {
			t.Errorf("%s: nothing is told", name)
		}
		fmt.Fprintf(&b, "## %s\n%s\n", name, ours(diags, codes).Render(func(string) []byte { return []byte(yaml) }))
	}
	got := b.String()
	golden.Equal(t, "testdata/diagnostics.golden", got)
	for _, code := range codes {
		if !strings.Contains(got, "["+code+"]") {
			t.Errorf("no case for the code %s", code)
		}
	}
}

// codesOf are the codes of this package, from the table that authors read.
func codesOf(t *testing.T) (out []string) {
	t.Helper()
	source, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`Code\w+ += "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1) {
		out = append(out, m[1])
	}
	return out
}

// ours leaves the wording of other packages' diagnostics to their own tests.
func ours(diags schema.Diagnostics, codes []string) schema.Diagnostics {
	out := slices.Clone(diags)
	for i, d := range out {
		if !slices.Contains(codes, d.Code) {
			out[i].Message, out[i].Hint = "(told by another package)", ""
		}
	}
	return out
}
