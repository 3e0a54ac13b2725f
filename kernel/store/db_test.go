package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
)

type stopped time.Time

func (s stopped) Now() time.Time { return time.Time(s) }

// noon is the «now» of tests that stop the clock.
var noon = time.Date(2019, time.July, 16, 12, 0, 0, 0, time.UTC)

func atNoon(c *store.Config) { c.Clock = stopped(noon) }

func write(t *testing.T, db *store.DB, do func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *store.Tx) error { return do(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, db *store.DB, do func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx *store.Tx) error { return do(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// count asks a number of the database itself.
func count(t *testing.T, db *store.DB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := db.Pool().QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func wantCode(t *testing.T, err error, code kernel.Code, message string) {
	t.Helper()
	var e *kernel.Error
	if !errors.As(err, &e) || e.Code != code || e.Message != message {
		t.Errorf("got %v, want %s %s", err, code, message)
	}
}

func TestMigrateTwice(t *testing.T) {
	t.Parallel()
	db := storetest.Empty(t)
	for range 2 {
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, db, "select count(*) from pg_tables where schemaname = 'river' and tablename = 'river_job'"); n != 1 {
		t.Errorf("%d tables of jobs", n)
	}
	if n := count(t, db, "select count(*) from journal_head"); n != store.Chains {
		t.Errorf("%d chains", n)
	}
}

func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	db := storetest.Empty(t)
	other, err := store.Open(t.Context(), store.Config{URL: db.Pool().Config().ConnString(), MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	var wg sync.WaitGroup
	for _, one := range []*store.DB{db, other} {
		wg.Go(func() {
			if err := one.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := count(t, db, "select count(*) from goose_db_version where version_id = 1"); n != 1 {
		t.Errorf("the first migration ran %d times", n)
	}
}

func TestOneNowPerTransaction(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	write(t, db, func(_ context.Context, tx *store.Tx) error {
		if !tx.Now().Equal(noon) {
			t.Errorf("now %s", tx.Now())
		}
		return nil
	})
}

func TestSerializationFailureRunsAgain(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	for _, state := range []string{"40001", "40P01"} {
		runs := 0
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			if runs++; runs < 3 {
				return &pgconn.PgError{Code: state}
			}
			return tx.SetCounter(t.Context(), "series", state, 7)
		})
		if err != nil || runs != 3 {
			t.Errorf("%s: %d runs, %v", state, runs, err)
		}
	}
	if n := count(t, db, "select count(*) from counter"); n != 2 {
		t.Errorf("%d counters", n)
	}
	runs := 0
	err := db.Write(t.Context(), func(*store.Tx) error {
		runs++
		return &pgconn.PgError{Code: "40001"}
	})
	wantCode(t, err, kernel.Unavailable, "database-busy")
	if runs != 5 {
		t.Errorf("%d runs", runs)
	}
}

// TestDeadlock makes two transactions lock two rows crosswise: both must succeed, one at the second run.
func TestDeadlock(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	meet := make(chan struct{})
	var once [2]sync.Once
	var wg sync.WaitGroup
	for i, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		wg.Go(func() {
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				if _, err := tx.NextNumber(t.Context(), order[0], ""); err != nil {
					return err
				}
				once[i].Do(func() { // both hold their first row before either asks for the second
					if i == 0 {
						meet <- struct{}{}
					} else {
						<-meet
					}
				})
				_, err := tx.NextNumber(t.Context(), order[1], "")
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := count(t, db, "select sum(next)::int from counter"); n != 6 {
		t.Errorf("sum of next numbers %d", n)
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	refusal := kernel.Errorf(kernel.Denied, "no")
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.SetCounter(t.Context(), "s", "", 5); err != nil {
			return err
		}
		return refusal
	})
	if !errors.Is(err, error(refusal)) {
		t.Errorf("got %v", err)
	}
	if n := count(t, db, "select count(*) from counter"); n != 0 {
		t.Errorf("%d counters", n)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = db.Write(t.Context(), func(tx *store.Tx) error {
			_ = tx.SetCounter(t.Context(), "s", "", 5)
			panic("a defect")
		})
	}()
	if n := count(t, db, "select count(*) from counter"); n != 0 {
		t.Errorf("%d counters after a panic", n)
	}
}

func TestTryUndoesItsPartOnly(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SetCounter(ctx, "kept", "", 1); err != nil {
			return err
		}
		err := tx.Try(ctx, func(tx *store.Tx) error {
			if err := tx.SetCounter(ctx, "undone", "", 1); err != nil {
				return err
			}
			return kernel.Errorf(kernel.Invalid, "row")
		})
		wantCode(t, err, kernel.Invalid, "row")
		return nil
	})
	if n := count(t, db, "select count(*) from counter where series = 'kept'"); n != 1 {
		t.Errorf("kept %d", n)
	}
	if n := count(t, db, "select count(*) from counter"); n != 1 {
		t.Errorf("%d counters", n)
	}
}

func TestReadWritesNothing(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	err := db.Read(t.Context(), func(tx *store.Tx) error { return tx.SetCounter(t.Context(), "s", "", 1) })
	if err == nil {
		t.Error("a reading transaction wrote")
	}
}

func TestServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), store.Config{URL: "postgres://x@/x?host=" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	wantCode(t, db.Read(t.Context(), func(*store.Tx) error { return nil }), kernel.Unavailable, "database-unavailable")
	wantCode(t, db.Migrate(t.Context()), kernel.Unavailable, "database-unavailable")
}

func TestCancelledContext(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(tx *store.Tx) error {
		cancel()
		return tx.SetCounter(ctx, "s", "", 1)
	})
	wantCode(t, err, kernel.Unavailable, "database-unavailable")
}

func TestSessionCutByTheServer(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		cut := "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
		if _, err := db.Pool().Exec(t.Context(), cut); err != nil {
			return err
		}
		return tx.SetCounter(t.Context(), "s", "", 1)
	})
	wantCode(t, err, kernel.Unavailable, "database-unavailable")
	if err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.SetCounter(t.Context(), "s", "", 1) }); err != nil {
		t.Errorf("the next transaction: %v", err)
	}
}

func TestErrorsOfTheServer(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	for state, want := range map[string]struct {
		code    kernel.Code
		message string
	}{
		"23505": {kernel.Conflict, "exists"}, "23503": {kernel.Conflict, "referred"}, "22P02": {kernel.Invalid, "database-value"},
		"22007": {kernel.Invalid, "database-value"}, "53100": {kernel.Unavailable, "database-full"},
		"53300": {kernel.Unavailable, "database-unavailable"}, "57P01": {kernel.Unavailable, "database-unavailable"},
		"57014": {kernel.Unavailable, "database-unavailable"}, "25006": {kernel.Unavailable, "database-unavailable"},
		"08006": {kernel.Unavailable, "database-unavailable"}, "55P03": {kernel.Unavailable, "database-busy"},
		"42601": {kernel.Internal, "database"}, "": {kernel.Internal, "database"},
	} {
		cause := &pgconn.PgError{Code: state}
		err := db.Read(t.Context(), func(*store.Tx) error { return cause })
		wantCode(t, err, want.code, want.message)
		if !errors.Is(err, cause) {
			t.Errorf("%s: the cause is lost", state)
		}
	}
	err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.SetCounter(t.Context(), "a\x00b", "", 1) })
	wantCode(t, err, kernel.Invalid, "database-value")
}
