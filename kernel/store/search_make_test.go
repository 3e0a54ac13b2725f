package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
	"mera/kernel/search"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/schema"
)

func ensureSearch(t *testing.T, db *store.DB, cat *schema.Catalog) {
	t.Helper()
	if err := db.EnsureSearch(t.Context(), cat); err != nil {
		t.Fatal(err)
	}
}

// counted is how many persons each text finds.
func counted(t *testing.T, db *store.DB, cat *schema.Catalog, want map[string]int) {
	t.Helper()
	for text, n := range want {
		if got := seek(t.Context(), t, db, box(cat, store.Guard{Rows: everybody}, text, store.Page{})).TotalCount; got != n {
			t.Errorf("%q finds %d, want %d", text, got, n)
		}
	}
}

// Records that were written past the index, or for other definitions, are found after the index was made.
func TestIndexIsMadeForWhatIsThere(t *testing.T) {
	t.Parallel()
	db, cat := storetest.Open(t, atNoon), searchable()
	void := named(t, "Иванов Фома", "", "uray")
	void.Void = "ошибка"
	save(t, db, named(t, "Иванов Пётр", "2001-06-06", "uray"), named(t, "Сидоров Лев Львович Иванов", "", "uray"), void, person(t, map[string]any{}))
	counted(t, db, cat, map[string]int{"Иванов": 0})
	ensureSearch(t, db, cat)
	counted(t, db, cat, map[string]int{"Иванов": 1, "Ивнаов": 1, "06.06.2001": 1, "Сидоров": 1})

	// what was shown to few is shown to all, and another property is not searched any more
	for _, p := range cat.Documents["Person"].Properties {
		switch p.Name {
		case "nick":
			p.Label = ""
		case "birthDate":
			p.Search = false
		}
	}
	ensureSearch(t, db, cat)
	counted(t, db, cat, map[string]int{"Иванов": 2, "06.06.2001": 0})

	// a type that is not searched any more has no keys
	for _, p := range cat.Documents["Person"].Properties {
		p.Search = false
	}
	ensureSearch(t, db, cat)
	counted(t, db, cat, map[string]int{"Иванов": 0})
}

// More records than one batch takes, and than an index is kept up to date for: it is built after them. A run that was
// broken off goes on where it ended.
func TestIndexIsMadeInBatches(t *testing.T) {
	t.Parallel()
	db, cat := storetest.Open(t, atNoon), searchable()
	const many = 11_003
	rows := func(yield func(*kernel.Record) bool) {
		for i := range many {
			r := person(t, map[string]any{"lastName": fmt.Sprintf("Иванов%s", string(rune('а'+i%32))), "snils": fmt.Sprintf("%011d", i+1)})
			if !yield(r) {
				return
			}
		}
	}
	if _, err := db.Pool().CopyFrom(t.Context(), []string{"record"},
		[]string{"type", "id", "version", "root", "data", "author", "created_at", "created_by", "updated_at", "updated_by", "since", "event"},
		copied(rows)); err != nil {
		t.Fatal(err)
	}
	ensureSearch(t, db, cat)
	counted(t, db, cat, map[string]int{"Иванова": store.MaxFound, "00000000001": 1, "00000011003": 1, "00000011004": 0})

	// broken off after the first batch, with keys that are wrong behind it
	for _, q := range []string{
		"update search_type set after = (select id from search_record order by id offset 4999 limit 1) where type = 'Person'",
		"update search_record set keys = '{1}' where id > (select after from search_type where type = 'Person')",
	} {
		if _, err := db.Pool().Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	counted(t, db, cat, map[string]int{"00000011003": 0})
	ensureSearch(t, db, cat)
	counted(t, db, cat, map[string]int{"00000000001": 1, "00000011003": 1})

	// nothing changed: nothing is done, until somebody loads records past the index
	if _, err := db.Pool().Exec(t.Context(), "update search_record set keys = '{1}'"); err != nil {
		t.Fatal(err)
	}
	ensureSearch(t, db, cat)
	counted(t, db, cat, map[string]int{"00000000001": 0})
	if err := db.ForgetSearch(t.Context(), "Person"); err != nil {
		t.Fatal(err)
	}
	ensureSearch(t, db, cat)
	counted(t, db, cat, map[string]int{"00000000001": 1})
}

// Writers and a making of the index at the same time leave the index as the records are.
func TestIndexIsMadeBesideWriters(t *testing.T) {
	t.Parallel()
	db, cat := storetest.Open(t, atNoon), searchable()
	var rs []*kernel.Record
	for range 40 {
		rs = append(rs, named(t, "Иванов Пётр", "", "uray"))
	}
	save(t, db, rs...)
	done := make(chan error)
	go func() {
		ctx := context.Background()
		for i := range 5 {
			if err := db.ForgetSearch(ctx, "Person"); err != nil {
				done <- err
				return
			}
			if err := db.EnsureSearch(ctx, cat); err != nil {
				done <- fmt.Errorf("making %d: %w", i, err)
				return
			}
		}
		done <- nil
	}()
	for _, r := range rs {
		r.Version, r.Data = 2, map[string]any{"lastName": "Сидоров"}
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			if err := tx.SaveRecord(ctx, r, id(t), false); err != nil {
				return err
			}
			return tx.SaveSearch(ctx, r.Type, r.ID, search.KeysOf(cat.Documents[r.Type], r.Data, ""))
		})
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	counted(t, db, cat, map[string]int{"Иванов": 0, "Сидоров": len(rs)})
}

// copied are records as rows of the table, as a loader writes them.
func copied(records func(func(*kernel.Record) bool)) pgx.CopyFromSource {
	var rows [][]any
	for r := range records {
		rows = append(rows, []any{r.Type, r.ID, r.Version, r.Root, r.Data, r.Author, r.CreatedAt, r.CreatedBy, r.UpdatedAt, r.UpdatedBy, r.CreatedAt, r.ID})
	}
	return pgx.CopyFromRows(rows)
}
