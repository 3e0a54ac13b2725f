package load_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"mera/catalog"
	"mera/schema"
	"mera/schema/load"
)

// example is the package of section 10.1 of the language with what it requires.
func example(t testing.TB) ([]*schema.Package, *schema.Catalog) {
	t.Helper()
	pkgs, ds := load.ReadAll(os.DirFS("testdata/example"))
	cat, more := load.Link(pkgs)
	for _, d := range append(ds, more...) {
		t.Errorf("%s: %s [%s]", d.Pos, d.Message, d.Code)
	}
	return pkgs, cat
}

func TestExample(t *testing.T) {
	t.Parallel()
	_, cat := example(t)
	var order []string
	for _, p := range cat.Packages {
		order = append(order, p.Name)
	}
	if diff := cmp.Diff([]string{"law-base", "population-register", "ugra-child-benefits"}, order); diff != "" {
		t.Error(diff)
	}
	const application = "SurvivorBenefitApplication"
	if w := cat.WorkflowOf(application); w == nil || w.Name != "SurvivorBenefit" {
		t.Errorf("the workflow of the application is %v", w)
	}
	if diff := cmp.Diff([]string{application, "Person"}, cat.Chain(application)); diff != "" {
		t.Error(diff)
	}
	var inverses []string
	for _, i := range cat.Inverses("Person") {
		inverses = append(inverses, i.Name+" "+i.From+"."+i.Link)
	}
	if diff := cmp.Diff([]string{"pensions Pension.person", "registrations Registration.person", "studies Study.person",
		"survivorApplications SurvivorBenefitApplication.child", "survivorBenefitApplications SurvivorBenefitApplication.applicant"}, inverses); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"PayoutDetails", "PensionAnswerPensions"}, slices.Sorted(maps.Keys(cat.Objects))); diff != "" {
		t.Error(diff)
	}
	snils := cat.Documents["Person"].Property("snils").Type
	if snils.Kind != schema.Text || snils.Named != "Snils" || snils.Pattern == "" {
		t.Errorf("snils is %+v", snils)
	}
}

// TestExampleParts looks at one of each kind, decoded.
func TestExampleParts(t *testing.T) {
	t.Parallel()
	_, cat := example(t)
	m := cat.Measures["SurvivorBenefit"]
	if f := m.Facts[1]; f.Name != "pensions" || !f.Each || f.Type.Text != "Pension" || len(f.Ask) != 2 || f.Fresh.Text != "30 days" {
		t.Errorf("fact: %+v", f)
	}
	if l := m.Lets[1]; l.Name != "limit" || len(l.Value.Cases) != 2 || l.Value.Cases[0].When.Text != "size(studies) > 0" || l.Value.Cases[1].Is.Text != "18" {
		t.Errorf("let: %+v", l)
	}
	if m.While[0].Fails != "end" || m.Pay.Every != "month" || m.Pay.Part != "whole" || m.Purpose.Per != "slice" || m.Purpose.Conflict != "refuse" {
		t.Errorf("defaults: %+v %+v %+v", m.While[0], m.Pay, m.Purpose)
	}
	w := cat.Workflows["SurvivorBenefit"]
	if d := w.Deadlines[0]; d.Expression || d.Within.Text != "10 workdays" || d.Warn[0].Before.Text != "2 workdays" || d.Roll != "next" {
		t.Errorf("deadline: %+v", d)
	}
	checking := w.State("checking")
	if checking.Decide.Measure.Text != "SurvivorBenefit" || checking.Work[0].Name != "approve" || checking.Work[0].Not[0].Text != "byHand" || len(checking.Next) != 4 {
		t.Errorf("state: %+v", checking)
	}
	if e := w.State("granted").Do[1]; e.Verb != "notify" || e.Target.Text != "applicant" || e.With.Text != "SurvivorBenefitDecision" {
		t.Errorf("effect: %+v", e)
	}
	step := cat.Exchanges["PensionCheck"].Flow("ask").Answer.Steps[0]
	if step.Verb != "update" || step.Target.Text != "Pension" || step.None != "create" || step.Key.Entries[0].Key.Text != "sfrPension" || len(step.Set.Entries) != 3 {
		t.Errorf("step: %+v", step)
	}
	if v := cat.Parameters["SurvivorBenefitAmount"].Values[0]; v.Value.Text != "1826.00" || v.From != "2019-01-01" || v.Law.Article.Text != "4" {
		t.Errorf("value: %+v", v)
	}
	app := cat.Documents["SurvivorBenefitApplication"]
	if p := app.Property("applicant"); !p.Required || p.Title != "Гражданин" || p.Type.Of != "Person" || app.Slots[0].Max != 20<<20 {
		t.Errorf("card link: %+v", p)
	}
	if f := cat.PrintForms["SurvivorBenefitDecision"]; !strings.Contains(string(f.Source), "decision.number") {
		t.Errorf("template: %q", f.Source)
	}
}

// TestPlaces wants the place of a text to be that of its first letter, whatever its quotes.
func TestPlaces(t *testing.T) {
	t.Parallel()
	src := "title: Х\nsummary: |\n\n    doc.a +\n    doc.b\nschema: {properties: {a: {type: string, x-value: \"doc.b\"}, b: {type: string, x-from: today}}}\n"
	p, ds := load.Read(fstest.MapFS{"package.yaml": {Data: []byte("{name: p, version: 1.0.0, language: 1}")}, "documents/x.yaml": {Data: []byte(src)}}, "p")
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	d := p.Documents[0]
	last := src[strings.LastIndex(src, "schema:"):]
	at := func(line, col int) schema.Pos { return schema.Pos{File: "p/documents/x.yaml", Line: line, Col: col} }
	want := []schema.Scalar{
		{Text: "\ndoc.a +\ndoc.b", Pos: at(3, 5)},
		{Text: "doc.b", Pos: at(6, strings.Index(last, "doc.b")+1)},
		{Text: "today", Pos: at(6, strings.Index(last, "today")+1)},
	}
	got := []schema.Scalar{d.Summary, d.Properties[0].Value, d.Properties[1].From}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestLinkLeavesPackages links the same packages twice, in another order too: nothing changes.
func TestLinkLeavesPackages(t *testing.T) {
	t.Parallel()
	pkgs, first := example(t)
	slices.Reverse(pkgs)
	second, ds := load.Link(pkgs)
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("linked twice:\n%s", diff)
	}
	again, _ := load.ReadAll(os.DirFS("testdata/example"))
	slices.Reverse(again)
	if diff := cmp.Diff(again, pkgs); diff != "" {
		t.Errorf("packages changed by linking:\n%s", diff)
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	digest := func(files map[string]string) string {
		fsys := fstest.MapFS{"package.yaml": {Data: []byte("{name: p, version: 1.0.0, language: 1}")}}
		for name, text := range files {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
		p, _ := load.Read(fsys, "p")
		return p.Digest
	}
	base := digest(map[string]string{"README.md": "a", "CHANGELOG.md": "b"})
	if !strings.HasPrefix(base, "sha256:") || base != digest(map[string]string{"CHANGELOG.md": "b", "README.md": "a"}) {
		t.Errorf("the digest %s is not that of the same files", base)
	}
	for _, other := range []map[string]string{{"README.md": "a"}, {"README.md": "b", "CHANGELOG.md": "a"}, {"README.md": "ab", "CHANGELOG.md": ""}} {
		if digest(other) == base {
			t.Errorf("%v has the digest of other files", other)
		}
	}
}

// TestReadFolders reads a package from its own folder and from the one above.
func TestReadFolders(t *testing.T) {
	t.Parallel()
	above, _ := load.Read(os.DirFS("testdata/example"), "law-base")
	inside, _ := load.Read(os.DirFS("testdata/example/law-base"), "law-base")
	if diff := cmp.Diff(above, inside); diff != "" || len(above.Acts) != 2 {
		t.Errorf("%d acts\n%s", len(above.Acts), diff)
	}
}

func TestInheritance(t *testing.T) {
	t.Parallel()
	g := parseGolden(t, "testdata/extends.txtar")
	cat, ds := g.load()
	if len(ds) > 0 {
		t.Fatal(g.render(ds))
	}
	grant := cat.Documents["Grant"]
	var props []string
	for _, p := range grant.Properties {
		props = append(props, p.Name)
	}
	if diff := cmp.Diff([]string{"applicant", "number", "date", "sum"}, props); diff != "" {
		t.Error(diff)
	}
	if grant.Card == nil || grant.Card.Type.Text != "Person" || grant.Holds == nil || len(grant.Checks) != 2 || grant.Checks[1].Message.Text != "Своя" {
		t.Errorf("inherited: %+v", grant)
	}
	var inverses []string
	for _, i := range cat.Inverses("Person") {
		inverses = append(inverses, i.Name)
	}
	if diff := cmp.Diff([]string{"applications", "grants"}, inverses); diff != "" {
		t.Error(diff)
	}
	if p := cat.Documents["Region"].Property("parent"); p.Inverse.Text != "children" {
		t.Errorf("the tree has the inverse %q", p.Inverse.Text)
	}
}

// TestCatalog loads the packages that the server carries.
func TestCatalog(t *testing.T) {
	t.Parallel()
	pkgs, ds := load.ReadAll(catalog.FS)
	_, more := load.Link(pkgs)
	for _, d := range append(ds, more...) {
		t.Errorf("%s: %s [%s] %s", d.Pos, d.Message, d.Code, d.Hint)
	}
	if len(pkgs) < 3 {
		t.Errorf("only %d packages", len(pkgs))
	}
}
