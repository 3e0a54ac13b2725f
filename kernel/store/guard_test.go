package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"mera/kernel/store"
	"mera/kernel/store/storetest"
)

// guarded are the tables that are only added to.
var guarded = []string{"journal", "checkpoint", "entry", "posting", "accrual", "reading", "operation"}

// tamper does what the guards of the tables forbid, as somebody would who owns the database.
func tamper(t testing.TB, db *store.DB, statements string) {
	t.Helper()
	off, on := "", ""
	for _, table := range guarded {
		off += "alter table " + table + " disable trigger append_only;"
		on += "; alter table " + table + " enable trigger append_only"
	}
	if _, err := db.Pool().Exec(t.Context(), off+statements+on); err != nil {
		t.Fatal(err)
	}
}

// TestOnlyAddedTo: the program's own role cannot change what was written to the journal and the ledger.
func TestOnlyAddedTo(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	story(t, db, id(t), 2)
	a := grant(t, db, nil)
	accrue(t, db, a, "2019-07-01", "2019-07-31", 182600)
	column := map[string]string{"journal": "note", "checkpoint": "at", "entry": "kind", "posting": "account", "accrual": "kind", "reading": "kind", "operation": "text"}
	for _, table := range guarded {
		before := count(t, db, "select count(*)::int from "+table)
		for _, statement := range []string{
			"update " + table + " set " + column[table] + " = " + column[table],
			"delete from " + table,
			"truncate " + table + " cascade",
		} {
			_, err := db.Pool().Exec(t.Context(), statement)
			var pg *pgconn.PgError
			if !errors.As(err, &pg) || pg.Code != "42501" {
				t.Errorf("%s: %v", statement, err)
			}
		}
		if after := count(t, db, "select count(*)::int from "+table); after != before {
			t.Errorf("%s had %d rows, now %d", table, before, after)
		}
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.Append(ctx, event(t, id(t), 0)) })
}
