package store_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/schema"
	"mera/schema/filter"
)

// Arguments of every kind arrive as they were given, those that look like SQL or like an array among them.
func TestArgumentsOfSelections(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	st := store.Statement{Text: "select to_json($1::text), to_json($2::text[]), to_json($3::text[]), to_json($4::bigint[]), to_json($5::smallint[]), to_json($6::text)"}
	args := []any{`О'Нил \ "x"`, []string{"", `{"a",b}`, "ё"}, []string(nil), []int64{-1, 1 << 40}, []int16{-7, 300}, ""}
	want := []string{`"О'Нил \\ \"x\""`, `["","{\"a\",b}","ё"]`, `[]`, `[-1,1099511627776]`, `[-7,300]`, `""`}
	var got []string
	if err := db.Run(t.Context(), st, args, false, func(_ int, raw []byte) { got = append(got, string(raw)) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := db.Run(t.Context(), st, []any{1}, false, func(int, []byte) {}); kernel.CodeOf(err) != kernel.Internal {
		t.Errorf("an argument that no selection has: %v", err)
	}
}

// A statement that comes again is prepared once. A session that has lost it is given up, and the next one prepares it.
func TestSessionsKeepStatements(t *testing.T) {
	t.Parallel()
	ctx := context.WithoutCancel(t.Context())
	db, err := store.Open(ctx, store.Config{URL: storetest.Open(t).Pool().Config().ConnString(), MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	st, err := store.Selection{Catalog: &schema.Catalog{}, Guards: map[string]store.Guard{"Award": {Rows: filter.Everything()}}, Roots: []*store.Set{{
		Alias: "x", Shape: store.List, Entity: "Award", Fields: []*store.Field{{Alias: "id", Name: "id"}}}}}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	run := func() error { return db.Run(ctx, st, st.Args, true, func(int, []byte) {}) }
	kept := func() (n int) {
		t.Helper()
		if err := db.Pool().QueryRow(ctx, "select count(*)::int from pg_prepared_statements where statement = $1", st.Text).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for range 3 {
		if err := run(); err != nil {
			t.Fatal(err)
		}
	}
	if kept() != 1 {
		t.Errorf("%d times prepared", kept())
	}
	if _, err := db.Pool().Exec(ctx, "deallocate all"); err != nil {
		t.Fatal(err)
	}
	if err := run(); err == nil {
		t.Error("a statement that is gone has run")
	}
	if err := run(); err != nil {
		t.Errorf("in another session: %v", err)
	}
}
