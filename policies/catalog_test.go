package policies_test

import (
	"testing"
	"time"

	"mera/catalog"
	"mera/policies"
	"mera/schema/load"
)

// The policies of the embedded catalog compile, and their tests hold plainly and as filters.
func TestCatalog(t *testing.T) {
	t.Parallel()
	pkgs, ds := load.ReadAll(catalog.FS)
	if ds.Faulty() {
		t.Fatalf("the catalog does not read: %v", ds)
	}
	cat, ds := load.Link(pkgs)
	if ds.Faulty() {
		t.Fatalf("the catalog does not link: %v", ds)
	}
	start := time.Now()
	set, ds := policies.Compile(cat.Packages, cat)
	t.Logf("compiled in %s", time.Since(start))
	for _, d := range ds {
		if d.Severity == 0 {
			t.Errorf("%s: %s: %s (%s)", d.Pos, d.Code, d.Message, d.Hint)
		} else {
			t.Logf("%s: %s: %s (%s)", d.Pos, d.Code, d.Message, d.Hint)
		}
	}
	for _, p := range cat.Packages {
		for _, r := range set.RunTests(t.Context(), p) {
			if r.Failure != "" {
				t.Errorf("%s: %s: %s", r.Pos, r.Title, r.Failure)
			}
		}
	}
}
