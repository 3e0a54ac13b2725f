package definition

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/golden"
	"mera/schema/load"
)

// bad is the test catalog with one more package, whose workflow is under test.
func bad(t *testing.T, workflow []byte) (*schema.Catalog, *schema.Workflow) {
	t.Helper()
	cat := linked(t, workflow)
	w := cat.Workflows["Thing"]
	if w == nil {
		t.Fatal("the workflow is not in the catalog")
	}
	return cat, w
}

func linked(t *testing.T, workflow []byte) *schema.Catalog {
	t.Helper()
	files := fstest.MapFS{"bad/workflows/thing.yaml": {Data: workflow}}
	for folder, prefix := range map[string]string{"../testdata/catalog/register": "register/", "testdata/bad": "bad/"} {
		err := fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(filepath.Join(folder, path))
			files[prefix+path] = &fstest.MapFile{Data: data}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	pkgs, _ := load.ReadAll(files)
	cat, _ := load.Link(pkgs)
	return cat
}

func TestDiagnostics(t *testing.T) {
	t.Parallel()
	inputs, err := filepath.Glob("testdata/diagnostics/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, input := range inputs {
		src, err := os.ReadFile(input)
		if err != nil {
			t.Fatal(err)
		}
		cat, w := bad(t, src)
		m, ds := Compile(w, cat, expr.NewEnv(cat))
		if ds.Faulty() != (m == nil) {
			t.Errorf("%s: a machine with faults, or none without", input)
		}
		name := strings.TrimSuffix(filepath.Base(input), ".yaml")
		found := name == "expressions"
		for _, d := range ds {
			seen[d.Code] = true
			found = found || d.Code == name
		}
		if !found {
			t.Errorf("%s: no diagnostic of its code", input)
		}
		golden.Equal(t, strings.TrimSuffix(input, ".yaml")+".golden", ds.Render(func(string) []byte { return src }))
	}
	for _, code := range codes(t) {
		if !seen[code] {
			t.Errorf("no test shows the code %s", code)
		}
	}
}

// codes are the values of the Code constants of codes.go.
func codes(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Code") {
			return true
		}
		code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, code)
		return true
	})
	return out
}

// The catalog with which package workflows is tested uses every word of the language, and none of it wrongly.
func TestDiagrams(t *testing.T) {
	t.Parallel()
	pkgs, ds := load.ReadAll(os.DirFS("../testdata/catalog"))
	cat, more := load.Link(pkgs)
	ds = append(ds, more...)
	env := expr.NewEnv(cat)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(cat.Workflows)) {
		w, faults := Compile(cat.Workflows[name], cat, env)
		if ds = append(ds, faults...); w != nil {
			b.WriteString(w.Diagram() + "\n")
		}
	}
	if len(ds) > 0 {
		t.Error(ds.Render(func(string) []byte { return nil }))
	}
	golden.Equal(t, "testdata/diagrams.golden", b.String())
}

// Whatever the loader lets through with faults must not make the compiler panic.
func FuzzCompile(f *testing.F) {
	inputs, err := filepath.Glob("testdata/diagnostics/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, input := range inputs {
		src, err := os.ReadFile(input)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		cat := linked(t, src)
		if w := cat.Workflows["Thing"]; w != nil {
			Compile(w, cat, expr.NewEnv(cat))
		}
	})
}
