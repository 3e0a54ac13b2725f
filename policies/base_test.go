package policies_test

import (
	"testing"

	"mera/policies"
	"mera/schema"
)

// Each rule of base has its tests beside it; here they run both ways.
func TestBase(t *testing.T) {
	t.Parallel()
	set, ds := policies.Compile(nil, schema.NewCatalog())
	if len(ds) > 0 {
		t.Fatalf("base does not compile cleanly:\n%s", ds.Render(func(string) []byte { return nil }))
	}
	asked := 0
	for _, r := range policies.BaseTests(t.Context(), set) {
		if r.Failure != "" {
			t.Errorf("%s: %s: %s", r.Pos, r.Title, r.Failure)
		}
		asked += r.Asked
	}
	if asked < 50 {
		t.Errorf("the tests of base asked only %d times", asked)
	}
}
