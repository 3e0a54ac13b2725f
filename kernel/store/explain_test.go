package store_test

import (
	"strings"
	"testing"

	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/schema"
)

// What no index holds is named, whether all rows are read for it or those that another index gives; a small table does
// not hide it.
func TestPlanNamesWhatIsLookedThrough(t *testing.T) {
	t.Parallel()
	cat := pensions()
	db := storetest.Open(t)
	if err := db.EnsureIndexes(t.Context(), store.IndexesOf(cat)); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"data->>'note' = 'x'": "Pension note whole", `(data->>'type') collate "C" = 'a'`: "",
		"id = '0190b6a0-0000-7000-8000-000000000000' and data->>'note' = 'x'": "Pension note",
	} {
		p, err := db.Plan(t.Context(), cat, store.Statement{Text: "select id from record where type = 'Pension' and " + query}, false)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, s := range p.Scans {
			got = strings.Join(append([]string{s.Entity}, s.Properties...), " ")
			if s.Whole {
				got += " whole"
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q\n%s", query, got, want, p.Text)
		}
	}
	p, err := db.Plan(t.Context(), cat, store.Statement{Text: "select name from package where title = $1", Args: []any{"x"}}, true)
	if err != nil || len(p.Scans) != 1 || p.Scans[0].Entity != "package" || !strings.Contains(p.Text, "cost=") {
		t.Errorf("%+v %v", p, err)
	}
	if _, err := db.Plan(t.Context(), &schema.Catalog{}, store.Statement{Text: "select nonsense"}, false); err == nil {
		t.Error("nonsense has a plan")
	}
}
