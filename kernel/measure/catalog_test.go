package measure_test

import (
	"io/fs"
	"maps"
	"os"
	"slices"
	"testing"

	"mera/kernel/measure"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/load"
)

// linked reads and links packages of the embedded catalog, or fails.
func linkedCatalog(t *testing.T, fsys fs.FS) (*schema.Catalog, []*schema.Package) {
	t.Helper()
	pkgs, diags := load.ReadAll(fsys)
	cat, more := load.Link(pkgs)
	if diags = append(diags, more...); diags.Faulty() {
		t.Fatalf("the catalog does not link:\n%s", diags.Render(func(string) []byte { return nil }))
	}
	return cat, pkgs
}

// Every measure of the embedded catalog compiles, and its tests pass.
func TestEmbeddedCatalog(t *testing.T) {
	t.Parallel()
	cat, pkgs := linkedCatalog(t, os.DirFS("../../catalog"))
	env := expr.NewEnv(cat)
	compiled := map[string]*measure.Measure{}
	for _, name := range slices.Sorted(maps.Keys(cat.Measures)) {
		m, diags := measure.Compile(cat.Measures[name], cat, env)
		if len(diags) > 0 {
			t.Errorf("%s:\n%s", name, diags.Render(func(string) []byte { return nil }))
		}
		compiled[name] = m
	}
	for _, pkg := range pkgs {
		for _, test := range pkg.Tests {
			m := compiled[test.Name]
			if test.Folder != "measures" || m == nil {
				continue
			}
			for _, r := range m.RunTest(test) {
				t.Run(test.Name+"/"+r.Name, func(t *testing.T) {
					if !r.Passed() {
						t.Errorf("%s:\n%s", r.Pos, r.Diff)
					}
				})
			}
		}
	}
}
