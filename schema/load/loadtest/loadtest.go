// Package loadtest makes catalogs for tests of what compiles them: forms, print forms, exchanges. A package `t` is read
// from testdata/base.txt of the test's own folder, with files of the test laid over it. Only tests import it.
package loadtest

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"mera/schema"
	"mera/schema/golden"
	"mera/schema/load"
)

// Catalog loads and links the package, with what the loader says of it and its files by their paths.
func Catalog(t testing.TB, files map[string]string) (*schema.Catalog, schema.Diagnostics, map[string]string) {
	t.Helper()
	raw, err := os.ReadFile("testdata/base.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := golden.Files(string(raw))
	maps.Copy(all, files)
	fsys := fstest.MapFS{}
	for name, body := range all {
		fsys["t/"+name] = &fstest.MapFile{Data: []byte(body)}
	}
	pkgs, faults := load.ReadAll(fsys)
	cat, more := load.Link(pkgs)
	return cat, append(faults, more...), all
}

// Sound is the catalog of files of which neither the loader nor compile has a fault to tell.
func Sound(t testing.TB, files map[string]string, compile func(*schema.Catalog) schema.Diagnostics) {
	t.Helper()
	cat, faults, _ := Catalog(t, files)
	if faults = append(faults, compile(cat)...); faults.Faulty() {
		t.Fatal(faults.Render(func(string) []byte { return nil }))
	}
}

// Faults compiles each file of testdata/faults: the files of a package, and under «-- want --» what its author is told.
// Each code in the table of doc.go must be told by one of them.
func Faults(t *testing.T, compile func(*schema.Catalog) schema.Diagnostics) {
	t.Helper()
	paths, err := filepath.Glob("testdata/faults/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no files", err)
	}
	told := map[string]bool{}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files := golden.Files(string(raw))
		delete(files, "want")
		cat, loaded, all := Catalog(t, files)
		faults := compile(cat)
		for _, d := range faults {
			told[d.Code] = true
		}
		faults = append(faults, loaded...).Sorted()
		says := faults.Render(func(file string) []byte { return []byte(all[strings.TrimPrefix(file, "t/")]) })
		head, _, _ := strings.Cut(string(raw), "-- want --\n")
		golden.Equal(t, path, head+"-- want --\n"+says)
	}
	for _, code := range codesOfDoc(t) {
		if !told[code] {
			t.Errorf("no file of testdata/faults tells %q", code)
		}
	}
}

// codesOfDoc are the codes in the table of doc.go: a row is a code with a hyphen and, two spaces on, what it means.
func codesOfDoc(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(raw)) {
		row, ok := strings.CutPrefix(line, "//\t")
		if code, _, _ := strings.Cut(row, " "); ok && strings.Contains(row, "  ") && strings.Contains(code, "-") {
			out = append(out, code)
		}
	}
	if len(out) == 0 {
		t.Error("doc.go has no table of codes")
	}
	return out
}
