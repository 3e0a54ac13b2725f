package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Every error that a person can get has a text in every language: a key of the catalog never reaches him.
func TestEveryErrorIsWorded(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..")
	keys := map[string]string{} // key → place
	for _, dir := range []string{"kernel", "workflows", "graph", "cmd"} {
		for key, place := range errorKeys(t, filepath.Join(root, dir)) {
			keys[key] = place
		}
	}
	if len(keys) < 60 {
		t.Fatalf("only %d keys were found in the source", len(keys))
	}
	files, err := filepath.Glob(filepath.Join(root, "graph", "messages", "*.yaml"))
	if err != nil || len(files) < 2 {
		t.Fatalf("message files: %v %v", files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		if err := yaml.Unmarshal(raw, &texts); err != nil {
			t.Fatal(err)
		}
		for key, place := range keys {
			if texts[key] == "" {
				t.Errorf("%s has no text for %q of %s", filepath.Base(file), key, place)
			}
		}
	}
}

// errorKeys finds the keys of errors in the source of a folder: kernel.Errorf(kernel.Code, "key"), kernel.Error{Message:
// "key"} and refuse(Code, "key"). Defects of ours (Internal) have one text for all.
func errorKeys(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	fset := token.NewFileSet()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		note := func(e ast.Expr) {
			if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if key, err := strconv.Unquote(lit.Value); err == nil {
					found[key] = fset.Position(lit.Pos()).String()
				}
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if slices.Contains([]string{"Errorf", "refuse"}, lastName(n.Fun)) && len(n.Args) > 1 &&
					codes[lastName(n.Args[0])] {
					note(n.Args[1])
				}
			case *ast.CompositeLit:
				if lastName(n.Type) == "Error" && codes[lastName(member(n, "Code"))] {
					note(member(n, "Message"))
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var codes = map[string]bool{
	"Invalid": true, "Unauthenticated": true, "Denied": true, "NotFound": true, "Conflict": true, "Stale": true, "Limit": true, "Unavailable": true,
	"InvalidCode": true, "DeniedCode": true, "ConflictCode": true, "StaleCode": true, "LimitCode": true,
}

// lastName is Errorf of kernel.Errorf, and Errorf of Errorf.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func member(c *ast.CompositeLit, name string) ast.Expr {
	for _, e := range c.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok && lastName(kv.Key) == name {
			return kv.Value
		}
	}
	return nil
}
