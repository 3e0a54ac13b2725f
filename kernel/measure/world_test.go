package measure_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"mera/kernel/measure"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/load"
)

// worldWith is the package of testdata/world with files of the test beside it, linked. Faults of loading fail the test.
func worldWith(t *testing.T, files map[string]string) (*schema.Package, *schema.Catalog) {
	t.Helper()
	fsys := fstest.MapFS{}
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
	for path, text := range files {
		fsys[path] = &fstest.MapFile{Data: []byte(strings.TrimLeft(text, "\n"))}
	}
	pkg, diags := load.Read(fsys, "world")
	pkg.Core = true // no prefix
	cat, more := load.Link([]*schema.Package{pkg})
	if diags = append(diags, more...); diags.Faulty() {
		t.Fatalf("the world does not load:\n%s", render(diags))
	}
	return pkg, cat
}

func render(diags schema.Diagnostics) string {
	return diags.Render(func(string) []byte { return nil })
}

// compile compiles one measure in the world of the tests, with other files if given.
func compile(t *testing.T, yaml string, files ...map[string]string) (*measure.Measure, schema.Diagnostics) {
	t.Helper()
	all := map[string]string{"measures/aid.yaml": yaml}
	for _, more := range files {
		for path, text := range more {
			all[path] = text
		}
	}
	_, cat := worldWith(t, all)
	return measure.Compile(cat.Measures["Aid"], cat, expr.NewEnv(cat))
}

// must is a compiled measure without a single diagnostic but lints.
func must(t *testing.T, yaml string, files ...map[string]string) *measure.Measure {
	t.Helper()
	m, diags := compile(t, yaml, files...)
	if diags.Faulty() {
		t.Fatalf("the measure does not compile:\n%s", render(diags))
	}
	return m
}

// play runs a measure's own test file and fails for each case that differs.
func play(t *testing.T, m *measure.Measure, yaml string) {
	t.Helper()
	for _, r := range m.RunTest(testFile(t, yaml)) {
		t.Run(r.Name, func(t *testing.T) {
			if !r.Passed() {
				t.Errorf("%s:\n%s", r.Pos, r.Diff)
			}
		})
	}
}

// testFile is a test as the loader reads it.
func testFile(t *testing.T, yaml string) *schema.Test {
	t.Helper()
	pkg, _ := worldWith(t, map[string]string{"measures/aid.yaml": minimal, "measures/aid_test.yaml": yaml})
	if len(pkg.Tests) != 1 {
		t.Fatalf("%d tests were read", len(pkg.Tests))
	}
	return pkg.Tests[0]
}

const minimal = `
title: Помощь
about: Claim
beneficiary: doc.applicant
amount: "ChildAmount(asked)"
`

// child is the survivor benefit of the specification: the main job of the first release.
const child = `
title: Ежемесячное пособие на детей, потерявших кормильца
law: {act: law, article: "4"}
about: Claim
beneficiary: doc.child
recipient: doc.applicant
purpose: {name: child-monthly, of: [beneficiary]}
facts:
  homes:    {each: Registration, of: beneficiary, at: asked, ask: [RegistrationCheck, citizen], fresh: 30 days}
  pensions: {each: Pension, of: beneficiary, at: asked, where: {type: [survivor]}, ask: [PensionCheck, citizen], fresh: 30 days}
  studies:  {each: Study, of: beneficiary, at: asked, where: {form: fullTime}}
let:
  pension: "pensions.best(p, p.from)"
  limit: [{when: "size(studies) > 0", is: "23"}, {is: "18"}]
conditions:
  livesInRegion:
    title: Ребёнок проживает в округе
    rule: "homes.exists(r, r.region == '86')"
    refuse: Нет регистрации по месту жительства в округе
    question: "Ребёнок прописан в округе?"
    law: {act: law, article: "6"}
  receivesPension: {title: Ребёнок получает пенсию, rule: "size(pensions) > 0", refuse: Не подтверждено получение пенсии}
  young: {title: Ребёнок не достиг возраста, rule: "age(beneficiary, asked) < limit", refuse: "Ребёнку исполнилось {limit}, очно не учится"}
while:
  alive: {title: Ребёнок жив, rule: "!has(beneficiary.deathDate) || beneficiary.deathDate > slice.from", refuse: Ребёнок умер, fails: end}
period:
  from: "max(monthStart(asked), monthStart(pension.from))"
  to: "min(pension.holds.to, monthEnd(birthday(beneficiary, limit)))"
amount: "ChildAmount(slice.from)"
pay: {every: month, due: slice.to}
`
