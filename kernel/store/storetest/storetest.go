// Package storetest gives each test a database of its own: fresh, migrated, dropped at the end. It copies a template
// that the first test of a machine makes, on the server that MERA_TEST_DATABASE names or, without it, on the shared
// test cluster of cmd/internal/localpg/pgtest. Only tests import it.
package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"mera/kernel/store"
)

// Open returns a migrated database that is dropped when the test ends. with may change the configuration, such as the
// clock or the number of sessions (8 unless told).
func Open(t testing.TB, with ...func(*store.Config)) *store.DB {
	t.Helper()
	return open(t, URL(t), with)
}

// Empty is like Open without migrations: for tests of the migrations themselves.
func Empty(t testing.TB, with ...func(*store.Config)) *store.DB {
	t.Helper()
	return open(t, create(t, "template0"), with)
}

// URL returns the address of a migrated database that is dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	server, err := server()
	if err != nil {
		t.Fatalf("test database: %v", err)
	}
	name, err := template(server)
	if err != nil {
		t.Fatalf("template of test databases: %v", err)
	}
	return create(t, name)
}

func open(t testing.TB, url string, with []func(*store.Config)) *store.DB {
	t.Helper()
	c := store.Config{URL: url, MaxConns: 8, Log: silent}
	for _, change := range with {
		change(&c)
	}
	db, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// create copies a template and drops the copy when the test ends.
func create(t testing.TB, template string) string {
	t.Helper()
	server, err := server()
	if err != nil {
		t.Fatalf("test database: %v", err)
	}
	name := fmt.Sprintf("mera_test_%d_%s", time.Now().Unix(), strings.ToLower(rand.Text()[:12]))
	if err := exec1(server, fmt.Sprintf("create database %s template %s", name, template)); err != nil {
		t.Fatalf("test database: %v", err)
	}
	t.Cleanup(func() {
		if err := exec1(server, fmt.Sprintf("drop database if exists %s with (force)", name)); err != nil {
			t.Errorf("drop test database: %v", err)
		}
	})
	return inDatabase(server, name)
}

// server is the address of the server's own database; found once a process, because it may cost a start.
var server = sync.OnceValues(func() (string, error) {
	if u := os.Getenv("MERA_TEST_DATABASE"); u != "" {
		return u, nil
	}
	cmd := exec.Command("go", "run", "mera/cmd/internal/localpg/pgtest")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
})

var silent = slog.New(slog.DiscardHandler)

var templates sync.Mutex

// template makes the template of this program's migrations, once a machine, and drops what killed tests left behind.
func template(server string) (string, error) {
	templates.Lock()
	defer templates.Unlock()
	sum := sha256.Sum256([]byte(store.Fingerprint()))
	name := fmt.Sprintf("mera_template_%x", sum[:6])
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	// Test processes of one machine meet here; the lock ends with the session.
	if _, err := conn.Exec(ctx, "select pg_advisory_lock(7265)"); err != nil {
		return "", err
	}
	var there bool
	err = conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there)
	if err != nil || there {
		return name, err
	}
	return name, errors.Join(sweep(ctx, conn), build(ctx, conn, server, name))
}

func build(ctx context.Context, conn *pgx.Conn, server, name string) error {
	raw := name + "_raw"
	for _, q := range []string{
		"drop database if exists " + raw + " with (force)", "create database " + raw + " template template0",
	} {
		if _, err := conn.Exec(ctx, q); err != nil {
			return err
		}
	}
	db, err := store.Open(ctx, store.Config{URL: inDatabase(server, raw), MaxConns: 4, Log: silent})
	if err != nil {
		return err
	}
	err = db.Migrate(ctx)
	db.Close()
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "alter database "+raw+" rename to "+name)
	return err
}

// sweep drops test databases that are older than an hour: their tests were killed.
func sweep(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "select datname from pg_database where datname like 'mera\\_test\\_%' and "+
		"split_part(datname, '_', 3)::bigint < extract(epoch from now()) - 3600")
	if err != nil {
		return err
	}
	old, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range old {
		if _, err := conn.Exec(ctx, "drop database if exists "+name+" with (force)"); err != nil {
			return err
		}
	}
	return nil
}

// exec1 runs one statement in a session of its own. The template may be in use for a moment by another copy.
func exec1(server, query string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for n := 0; ; n++ {
		_, err = conn.Exec(ctx, query)
		var pg *pgconn.PgError
		if n == 1200 || !errors.As(err, &pg) || pg.Code != "55006" { // object in use
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func inDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server // pgx has connected by it, so this cannot be
	}
	u.Path = "/" + name
	return u.String()
}
