package store_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/schema"
)

func property(name string, kind schema.Kind) *schema.Property {
	return &schema.Property{Name: name, Index: true, Type: &schema.Type{Kind: kind}}
}

func pensions() *schema.Catalog {
	d := &schema.Document{
		Properties: []*schema.Property{
			link("person", false), link("heirs", true), property("type", schema.Item), property("from", schema.Date),
			property("amount", schema.Money), property("children", schema.Integer),
			{Name: "note", Type: &schema.Type{Kind: schema.Text}},
			{Name: "tags", Index: true, Type: &schema.Type{Kind: schema.Array, Elem: &schema.Type{Kind: schema.Text}}},
			{Name: "payout", Type: &schema.Type{Kind: schema.Object, Fields: []*schema.Property{property("bank", schema.Text)}}},
		},
		Holds:  &schema.Holds{From: schema.Scalar{Text: "from"}, To: schema.Scalar{Text: "to"}},
		Unique: []*schema.Unique{{Name: "once", Of: []schema.Scalar{{Text: "type"}, {Text: "person"}}}},
	}
	d.Name = "Pension"
	return &schema.Catalog{Documents: map[string]*schema.Document{"Pension": d}}
}

// plan is how PostgreSQL would run a query if it may not walk the table.
func plan(t *testing.T, db *store.DB, query string, args ...any) string {
	t.Helper()
	tx, err := db.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(t.Context(), "set local enable_seqscan = off"); err != nil {
		t.Fatal(err)
	}
	rows, err := tx.Query(t.Context(), "explain "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func TestIndexesServeTheirQueries(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	anna := person(t, nil)
	save(t, db, anna, pension(t, anna.ID, "a", "2019-01-01")) // written before the partition was made
	want := store.IndexesOf(pensions())
	for range 2 {
		if err := db.EnsureIndexes(t.Context(), want); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, db, "select count(*) from record_other where type = 'Pension'"); n != 0 {
		t.Errorf("%d records stayed behind", n)
	}
	if n := count(t, db, "select count(*) from record where type = 'Pension'"); n != 1 {
		t.Errorf("%d records moved", n)
	}
	for range 200 { // fewer rows would make any index as good
		save(t, db, pension(t, id(t), "b", "2019-01-01"))
	}
	if _, err := db.Pool().Exec(t.Context(), "analyze record"); err != nil {
		t.Fatal(err)
	}
	from := "select id from record where type = 'Pension' and "
	for _, q := range []string{
		"(data->>'person')::uuid = any('{0190b6a0-0000-7000-8000-000000000000}'::uuid[])",
		"(data->'heirs') ?| '{0190b6a0-0000-7000-8000-000000000000}'::text[]", "(data->>'type') collate \"C\" = 'a'", "(data->>'from') collate \"C\" >= '2019'",
		"(data->>'amount')::numeric > 5", "(data->>'children')::bigint = 3", "(data->'tags') ? 'x'",
		"((data->'payout')->>'bank') collate \"C\" = 'x'", "void is null and (data->'person') = '1'::jsonb and (data->'type') = '2'::jsonb",
	} {
		if p := plan(t, db, from+q); !strings.Contains(p, "ix_pension_") || strings.Contains(p, "record_other") {
			t.Errorf("%s\n%s", q, p)
		}
	}
	if err := db.EnsureIndexes(t.Context(), want[:1]); err != nil { // the others are wanted no more
		t.Fatal(err)
	}
	if n := count(t, db, "select count(*) from pg_class where relname like 'ix\\_pension\\_%'"); n != 1 {
		t.Errorf("%d indexes left", n)
	}
}

func TestHalfMadeIndexIsMadeAnew(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	want := store.IndexesOf(pensions())[:1]
	if err := db.EnsureIndexes(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	invalid := "from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname like 'ix\\_pension\\_%' and not indisvalid"
	if _, err := db.Pool().Exec(t.Context(), `update pg_index set indisvalid = false where indexrelid in
		(select oid from pg_class where relname like 'ix\_pension\_%')`); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "select count(*) "+invalid); n != 1 {
		t.Fatalf("%d invalid indexes", n)
	}
	if err := db.EnsureIndexes(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "select count(*) "+invalid); n != 0 {
		t.Errorf("%d invalid indexes", n)
	}
}

func TestIndexesAtOnce(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	other, err := store.Open(t.Context(), store.Config{URL: db.Pool().Config().ConnString(), MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	var wg sync.WaitGroup
	for _, one := range []*store.DB{db, other} {
		wg.Go(func() {
			if err := one.EnsureIndexes(t.Context(), store.IndexesOf(pensions())); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := count(t, db, "select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname like 'ix\\_%' and indisvalid"); n != 9 {
		t.Errorf("%d indexes", n)
	}
}

func TestPartitionsAtOnce(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	anna := person(t, nil)
	save(t, db, anna)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if err := db.EnsurePartition(t.Context(), "Person"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := load(t, db, "Person", anna.ID); got == nil {
		t.Error("the record is lost")
	}
	for _, bad := range []string{"", "a b", "x'; drop table record; --", "Ж", strings.Repeat("x", 61)} {
		wantCode(t, db.EnsurePartition(t.Context(), bad), kernel.Invalid, "database-value")
	}
	long := strings.Repeat("LongName", 7)
	for _, typ := range []string{long + "A", long + "B"} {
		if err := db.EnsurePartition(t.Context(), typ); err != nil {
			t.Error(err)
		}
	}
	if n := count(t, db, "select count(*) from pg_inherits where inhparent = 'record'::regclass"); n != 4 {
		t.Errorf("%d partitions", n)
	}
}
