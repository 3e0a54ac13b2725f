package packagetest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mera/catalog"
	"mera/cmd/internal/app"
	"mera/cmd/internal/packagetest"
)

// guide is the author's guide; its examples are one package, each block with the name of its file in the first line.
const guide = "../../../catalog/README.md"

var (
	block = regexp.MustCompile("(?ms)^```(?:yaml|rego|html)\n(.*?)^```$")
	name  = regexp.MustCompile(`^(?:# |<!-- )([a-z0-9/_.-]+\.(?:yaml|rego|html))(?: -->)?\n`)
)

func TestTheGuidesExamplesWork(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "city-benefits")
	files := 0
	for _, m := range block.FindAllStringSubmatch(string(src), -1) {
		head := name.FindStringSubmatch(m[1])
		if head == nil {
			continue // a fragment
		}
		files++
		path := filepath.Join(dir, filepath.FromSlash(head[1]))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.TrimPrefix(m[1], head[0])), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if files < 20 {
		t.Fatalf("only %d files are in the guide", files)
	}
	if cases := play(t, "city-benefits", dir); cases < 20 {
		t.Errorf("only %d cases were played", cases)
	}
}

func TestTheCoreWorks(t *testing.T) {
	t.Parallel()
	found, err := app.ReadPackages(catalog.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		play(t, f.Package.Name)
	}
}

// play compiles a package with the core ones and runs its tests; it tells how many there were.
func play(t *testing.T, name string, dirs ...string) int {
	t.Helper()
	found, err := app.ReadPackages(catalog.FS, dirs)
	if err != nil {
		t.Fatal(err)
	}
	release, ds := app.Compile(found)
	if ds.Faulty() {
		t.Fatal(ds.Render(func(string) []byte { return nil }))
	}
	results := packagetest.Run(t.Context(), release, []string{name})
	for _, r := range results {
		if r.Err != nil {
			t.Errorf("%s: %s\n%v", r.Place, r.Title, r.Err)
		}
	}
	return len(results)
}
