package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
)

// migrated is a database that was migrated to an earlier version, so that rows can be written as they were then.
func migrated(t *testing.T, to int64, with ...func(*store.Config)) *store.DB {
	t.Helper()
	db := storetest.Empty(t, with...)
	pool := stdlib.OpenDBFromPool(db.Pool())
	defer pool.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, pool, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	return db
}

// Records that were written while record_version held the present version too keep all their versions; what
// contradicted itself then still does.
func TestPresentVersionsMoveIntoRecord(t *testing.T) {
	t.Parallel()
	db := migrated(t, 14, atNoon)
	const (
		columns = "type, id, version, root, data, author, created_at, created_by, updated_at, updated_by"
		written = `insert into record_version (` + columns + `, since, until, event)
			select 'Person', $1::uuid, n, $1::uuid, jsonb_build_object('n', n), 'a', $2::timestamptz, 'a', $2, 'a', $2::timestamptz + n * interval '1 hour',
				case when n < $3 then $2::timestamptz + (n + 1) * interval '1 hour' end, md5($1 || '/' || n)::uuid from generate_series(1, $3::int) n`
		present = "insert into record (" + columns + ") select " + columns + " from record_version where id = $1 and until is null"
	)
	people := map[string]int{} // id → how many versions
	for range 3 {
		people[id(t)] = 1 + len(people)
	}
	lost, bare, changed := id(t), id(t), id(t)
	run := func(q string, args ...any) {
		t.Helper()
		if _, err := db.Pool().Exec(t.Context(), q, args...); err != nil {
			t.Fatal(err)
		}
	}
	run("create table person_ (like record including defaults including constraints)")
	run("alter table record attach partition person_ for values in ('Person')")
	for person, versions := range people {
		run(written, person, noon, versions)
		run(present, person)
	}
	run(written, lost, noon, 1)
	run(written, bare, noon, 1)
	run(present, bare)
	run("delete from record_version where id = $1", bare)
	run(written, changed, noon, 1)
	run(present, changed)
	run("update record set void = 'x' where id = $1", changed)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}

	for person, versions := range people {
		var got []string
		read(t, db, func(ctx context.Context, tx *store.Tx) error {
			for n := range versions + 1 {
				r, err := tx.RecordAt(ctx, "Person", person, noon.Add(time.Duration(n)*time.Hour))
				if err != nil {
					return err
				}
				if r == nil {
					got = append(got, "none")
					continue
				}
				v, err := tx.Version(ctx, "Person", person, r.Version)
				if diff := cmp.Diff(r, v); diff != "" || err != nil {
					t.Error(diff, err)
				}
				got = append(got, fmt.Sprintf("%d %v", r.Version, r.Data["n"]))
			}
			typ, err := tx.TypeOf(ctx, person)
			if typ != "Person" {
				t.Errorf("a %q", typ)
			}
			return err
		})
		if diff := cmp.Diff([]string{"none", "1 1", "2 2", "3 3"}[:versions+1], got); diff != "" {
			t.Errorf("%d versions: %s", versions, diff)
		}
		if r := load(t, db, "Person", person); r.Version != versions {
			t.Errorf("version %d of %d", r.Version, versions)
		}
		if n := count(t, db, fmt.Sprintf("select count(*) from record_version where id = '%s'", person)); n != versions-1 {
			t.Errorf("%d past versions of %d", n, versions)
		}
		if n := count(t, db, fmt.Sprintf("select count(*) from record_known where id = '%s' and event = md5(id || '/' || version)::uuid", person)); n != versions {
			t.Errorf("%d of %d versions have their event", n, versions)
		}
		save(t, db, &kernel.Record{Type: "Person", ID: person, Version: versions + 1, Root: person, Data: map[string]any{"n": json.Number("9")}})
		if n := count(t, db, fmt.Sprintf("select count(*) from record_known where id = '%s'", person)); n != versions+1 {
			t.Errorf("%d versions after another one", n)
		}
	}
	breaks, err := db.VerifyVersions(t.Context())
	for id, what := range map[string]string{
		lost: "versions are missing or overlap in time", changed: "versions are missing or overlap in time", bare: "the journal does not know how the version came",
	} {
		if err != nil || !slices.ContainsFunc(breaks, func(b store.Break) bool {
			return (b.Where == "Person "+id || b.Where == "Person "+id+" v1") && b.What == what
		}) {
			t.Errorf("not found of %s: %s in %v, %v", id, what, breaks, err)
		}
	}
}
