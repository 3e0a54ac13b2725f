package graph

import (
	"os"
	"path/filepath"
	"testing"

	"mera/kernel/query"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/golden"
	"mera/schema/load"
)

// small is the catalog of testdata/small: a person with pensions, an office tree, and an application with a workflow.
func small(t testing.TB) (*schema.Catalog, *query.Lists) {
	t.Helper()
	return read(t, "testdata/small/*/package.yaml")
}

// read loads and links all packages of a pattern.
func read(t testing.TB, pattern string) (*schema.Catalog, *query.Lists) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no packages: %v", err)
	}
	var pkgs []*schema.Package
	var all schema.Diagnostics
	for _, f := range files {
		dir := filepath.Dir(f)
		p, ds := load.Read(os.DirFS(dir), filepath.Base(dir))
		p.Core = true
		pkgs, all = append(pkgs, p), append(all, ds...)
	}
	cat, ds := load.Link(pkgs)
	all = append(all, ds...)
	lists, ds := query.CompileLists(cat, expr.NewEnv(cat))
	all = append(all, ds...)
	if all.Faulty() {
		t.Fatalf("the catalog has faults:\n%s", all.Render(func(string) []byte { return nil }))
	}
	return cat, lists
}

func TestSchemaOfASmallCatalog(t *testing.T) {
	t.Parallel()
	cat, lists := small(t)
	text, ds := SDL(cat, lists)
	if ds.Faulty() {
		t.Fatalf("%s", ds.Render(func(string) []byte { return nil }))
	}
	golden.Equal(t, "testdata/small.graphql", text)
	if _, _, err := newModel(cat, lists).load(); err != nil {
		t.Fatalf("gqlparser refuses the schema: %v", err)
	}
	for range 3 {
		if again, _ := SDL(cat, lists); again != text {
			t.Fatal("the same catalog gave another text")
		}
	}
}

// The embedded catalog is GraphQL without a clash of names.
func TestSchemaOfTheEmbeddedCatalog(t *testing.T) {
	t.Parallel()
	cat, lists := read(t, "../catalog/*/package.yaml")
	m := newModel(cat, lists)
	if m.faults.Faulty() {
		t.Fatalf("%s", m.faults.Render(func(string) []byte { return nil }))
	}
	if _, _, err := m.load(); err != nil {
		t.Fatal(err)
	}
}

// A release without packages is a schema too.
func TestSchemaOfNothing(t *testing.T) {
	t.Parallel()
	m := newModel(schema.NewCatalog(), nil)
	if m.faults.Faulty() {
		t.Fatalf("%s", m.faults.Render(func(string) []byte { return nil }))
	}
	if _, text, err := m.load(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// Two things of one name are a fault with its place, not a schema that nobody can read.
func TestNamesThatClash(t *testing.T) {
	t.Parallel()
	text := func(name string) *schema.Property {
		return &schema.Property{Name: name, Type: &schema.Type{Kind: schema.Text}}
	}
	doc := func(name, plural string, ps ...*schema.Property) *schema.Document {
		return &schema.Document{Meta: schema.Meta{Name: name, Pos: schema.Pos{File: name + ".yaml", Line: 1}}, Plural: schema.Scalar{Text: plural}, Properties: ps}
	}
	for name, docs := range map[string][]*schema.Document{
		"two plurals":                {doc("A", "things", text("x")), doc("B", "things", text("x"))},
		"a plural and a singular":    {doc("A", "b", text("x")), doc("B", "bs", text("x"))},
		"a type of the kernel":       {doc("Law", "laws", text("x"))},
		"an input of another":        {doc("A", "as", text("x")), doc("AInput", "inputs", text("x"))},
		"a root field of the kernel": {doc("A", "tasks", text("x"))},
		"no name":                    {doc("A", "а-б", text("x"))},
	} {
		cat := schema.NewCatalog()
		for _, d := range docs {
			cat.Documents[d.Name] = d
		}
		_, ds := SDL(cat, nil)
		if !ds.Faulty() || ds[0].Code != "graphql-name" {
			t.Errorf("%s: %v", name, ds)
		}
	}
}
