package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the tables of the product and of the queue to this program's version. Several servers may start at
// once: one works, the others wait and find nothing left to do. Each migration is one transaction, so where one server
// died the next goes on.
func (db *DB) Migrate(ctx context.Context) error {
	if err := db.alone(ctx, migrationLease, db.migrate); err != nil {
		return translate(fmt.Errorf("migrate: %w", err))
	}
	return nil
}

// Leases in table goose_lock: what one server at a time may do.
const (
	migrationLease = lock.DefaultLockID
	indexLease     = 1
	searchLease    = 2
)

// alone runs a function while this server holds a lease. A server that dies loses it after half a minute.
func (db *DB) alone(ctx context.Context, id int64, do func(context.Context, *sql.DB) error) error {
	pool := stdlib.OpenDBFromPool(db.pool)
	defer pool.Close()
	lease, err := lock.NewPostgresTableLocker(
		lock.WithTableLockID(id),
		lock.WithTableLockTimeout(300*time.Millisecond, 1000), // five minutes
		lock.WithTableUnlockTimeout(time.Second, 30),
	)
	if err != nil {
		return err
	}
	if err := takeLease(ctx, lease, pool); err != nil {
		return err
	}
	return errors.Join(do(ctx, pool), lease.Unlock(ctx, pool))
}

// takeLease takes the lease. Two servers that meet an empty database both make the lease's table, and PostgreSQL lets
// one of them fail although the statement says «if not exists»; it tries again.
func takeLease(ctx context.Context, lease lock.Locker, pool *sql.DB) error {
	for n := 0; ; n++ {
		err := lease.Lock(ctx, pool)
		var pg *pgconn.PgError
		if err == nil || n == tries || !errors.As(err, &pg) || (pg.Code != "23505" && pg.Code != "42P07") {
			return err
		}
	}
}

func (db *DB) migrate(ctx context.Context, pool *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	ours, err := goose.NewProvider(goose.DialectPostgres, pool, dir, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err := ours.Up(ctx); err != nil {
		return err
	}
	if _, err := db.pool.Exec(ctx, "create schema if not exists "+QueueSchema); err != nil {
		return err
	}
	queue, err := rivermigrate.New(riverpgxv5.New(db.pool), &rivermigrate.Config{Schema: QueueSchema, Logger: db.log})
	if err != nil {
		return err
	}
	_, err = queue.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// Fingerprint names the migrations of this program: equal texts make equal tables.
func Fingerprint() string {
	text := ""
	_ = fs.WalkDir(migrations, ".", func(path string, d fs.DirEntry, err error) error { // embedded: reading cannot fail
		if err == nil && !d.IsDir() {
			b, _ := migrations.ReadFile(path)
			text += path + "\n" + string(b)
		}
		return nil
	})
	return text
}
