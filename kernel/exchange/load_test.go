package exchange

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/load"
)

var update = flag.Bool("update", false, "rewrite golden files")

// archive reads files from one text: «-- path --» begins a file.
func archive(text string) map[string]string {
	out := map[string]string{}
	for _, part := range strings.Split("\n"+text, "\n-- ")[1:] {
		name, body, _ := strings.Cut(part, " --\n")
		out[name] = body + "\n"
	}
	return out
}

// catalogOf loads and links one package `t` of files, laid over the package of testdata/base.txt.
func catalogOf(t testing.TB, files map[string]string) (*schema.Catalog, schema.Diagnostics, map[string]string) {
	t.Helper()
	raw, err := os.ReadFile("testdata/base.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := archive(string(raw))
	maps.Copy(all, files)
	fsys := fstest.MapFS{}
	for name, body := range all {
		fsys["t/"+name] = &fstest.MapFile{Data: []byte(body)}
	}
	pkgs, faults := load.ReadAll(fsys)
	cat, more := load.Link(pkgs)
	return cat, append(faults, more...), all
}

// exchanges compiles files that have no faults.
func exchanges(t testing.TB, files map[string]string) (*Exchanges, *schema.Catalog) {
	t.Helper()
	cat, faults, _ := catalogOf(t, files)
	x, more := Compile(cat, expr.NewEnv(cat))
	if faults = append(faults, more...); faults.Faulty() {
		t.Fatal(faults.Render(func(string) []byte { return nil }))
	}
	return x, cat
}

// golden compares a text with a file, or writes the file.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

// Each file of testdata/faults is files of a package, and under «-- want --» what Compile says of them.
func TestFaults(t *testing.T) {
	t.Parallel()
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
		files := archive(string(raw))
		delete(files, "want")
		cat, loaded, all := catalogOf(t, files)
		_, faults := Compile(cat, expr.NewEnv(cat))
		for _, d := range faults {
			told[d.Code] = true
		}
		faults = append(faults, loaded...).Sorted()
		says := faults.Render(func(file string) []byte { return []byte(all[strings.TrimPrefix(file, "t/")]) })
		head, _, _ := strings.Cut(string(raw), "-- want --\n")
		golden(t, path, head+"-- want --\n"+says)
	}
	for _, code := range codesOfDoc(t) {
		if !told[code] {
			t.Errorf("no file of testdata/faults tells %q", code)
		}
	}
}

// codesOfDoc are the codes in the table of doc.go.
func codesOfDoc(t *testing.T) []string {
	raw, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, line := range strings.Split(string(raw), "\n") {
		if row, ok := strings.CutPrefix(line, "//\t"); ok && strings.Contains(row, "  ") {
			code, _, _ := strings.Cut(row, " ")
			out = append(out, code)
		}
	}
	return out
}
