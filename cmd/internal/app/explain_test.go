package app_test

import (
	"strings"
	"testing"

	"mera/catalog"
	"mera/cmd/internal/app"
	domain "mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
)

// What is shown of a query is what would be run: with the policy of who asks, by the indexes that there are, and with
// the line of the definition where one is missing.
func TestExplain(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	c := app.Config{Data: t.TempDir(), Database: url, Core: catalog.FS}
	start := c
	start.Listen = "127.0.0.1:0"
	a, _, err := app.Start(t.Context(), start)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		return tx.PutActor(t.Context(), &domain.Actor{Kind: domain.Staff, ID: "ivanova", Name: "ivanova", Roles: []string{"specialist"}, Territories: []string{"uray"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	explain := func(query string, vars map[string]any) app.Explained {
		t.Helper()
		found, err := app.Explain(t.Context(), c, "ivanova", query, vars, false)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 1 {
			t.Fatalf("%d statements", len(found))
		}
		return found[0]
	}
	x := explain(`query Q($s: String) {people(where: {snils: {eq: $s}}, first: 1) {nodes {fullName identityDocuments {nodes {issuedBy}}}}}`,
		map[string]any{"s": "11223344595"})
	if !strings.Contains(x.SQL, ".territory = any") || !strings.Contains(x.Text, "Limit") || len(x.Hint) > 0 {
		t.Errorf("%+v", x)
	}
	if _, err := app.Explain(t.Context(), c, "nobody", `{me {id}}`, nil, false); err == nil {
		t.Error("nobody is somebody")
	}
	if _, err := app.Explain(t.Context(), c, "ivanova", `{people {nodes {shoe}}}`, nil, false); err == nil {
		t.Error("a query that is wrong has a plan")
	}
}
