package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"mera/kernel"
)

// Config says which database and how much of it.
type Config struct {
	URL       string        // postgres://user@host/database
	MaxConns  int           // sessions of this process; 0 is 16
	Selection time.Duration // that one may take; 0: thirty seconds
	Clock     kernel.Clock  // gives each transaction its «now»; nil is the wall clock
	Log       *slog.Logger  // nil: the default logger
}

// DB is the database of one installation. It is safe for concurrent use.
type DB struct {
	pool  *pgxpool.Pool
	clock kernel.Clock
	log   *slog.Logger
	queue inserter
	turns *turns   // of selections, see Run
	links sync.Map // "Type.property" → how its links are indexed, see linkIndex
}

// Open prepares the pool. It does not wait for the server: the first transaction tells whether it is there.
func Open(ctx context.Context, c Config) (*DB, error) {
	pc, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		return nil, fmt.Errorf("address of the database: %w", err)
	}
	pc.MaxConns = 16
	if c.MaxConns > 0 {
		pc.MaxConns = int32(c.MaxConns)
	}
	pc.ConnConfig.StatementCacheCapacity = 1024 // statements name partitions, so there are many of them
	for name, setting := range map[string]string{
		"application_name": "mera", "timezone": "UTC", "datestyle": "ISO", "lock_timeout": "15s",
		"default_transaction_isolation":       "read committed", // of a transaction without BEGIN (pipe.go)
		"idle_in_transaction_session_timeout": "5min",
	} {
		pc.ConnConfig.RuntimeParams[name] = setting
	}
	pc.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, fmt.Errorf("pool of the database: %w", err)
	}
	db := &DB{pool: pool, clock: c.Clock, log: c.Log, turns: newTurns(max(1, int(pc.MaxConns/2)), cmp.Or(c.Selection, 30*time.Second))}
	if db.clock == nil {
		db.clock = kernel.WallClock{}
	}
	if db.log == nil {
		db.log = slog.Default()
	}
	if db.queue, err = newInserter(db.log); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// Close ends all sessions.
func (db *DB) Close() {
	db.turns.stop()
	db.pool.Close()
}

// Pool is for the queue's client in kernel/job, which keeps its own tables in schema QueueSchema.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Ping tells whether the server answers.
func (db *DB) Ping(ctx context.Context) error { return translate(db.pool.Ping(ctx)) }

// Tx is one transaction with its «now». It ends with the function that it was handed to.
type Tx struct {
	db  *DB
	tx  *pipe
	now time.Time

	forms  [][]byte // that were made of data
	broken error    // why nothing of it can be done, whatever is said of it after
}

// Now is the time of this transaction, the same from its beginning to its end.
func (t *Tx) Now() time.Time { return t.now }

// Read runs a function in a read-only READ COMMITTED transaction.
func (db *DB) Read(ctx context.Context, read func(*Tx) error) error {
	return db.retry(ctx, mode{begin: "begin isolation level read committed read only", loose: true, readOnly: true}, read)
}

// Snapshot runs a function in a read-only transaction whose statements all see the same moment.
func (db *DB) Snapshot(ctx context.Context, read func(*Tx) error) error {
	return db.retry(ctx, mode{begin: "begin isolation level repeatable read read only", readOnly: true}, read)
}

// Write runs a function in a READ COMMITTED transaction. When PostgreSQL breaks a deadlock or a serialization at our
// expense, the whole function runs again, at most five times, with a new «now».
func (db *DB) Write(ctx context.Context, write func(*Tx) error) error {
	return db.retry(ctx, mode{begin: "begin isolation level read committed", loose: true}, write)
}

// tries is how often a transaction runs before its conflict is the caller's.
const tries = 5

func (db *DB) retry(ctx context.Context, m mode, do func(*Tx) error) error {
	for n := 1; ; n++ {
		err := db.once(ctx, m, do)
		if err == nil {
			return nil
		}
		if n == tries || !again(err) {
			return translate(err)
		}
		// 10, 20, 40, 80 ms, each with as much jitter: the loser of a deadlock must not meet the winner again.
		wait := 10 * time.Millisecond << (n - 1)
		select {
		case <-ctx.Done():
			return translate(err)
		case <-time.After(wait + rand.N(wait)):
		}
	}
}

func (db *DB) once(ctx context.Context, m mode, do func(*Tx) error) (err error) {
	conn, err := db.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	tx := &pipe{mode: m, conn: conn}
	defer func() { // also after a panic; after a commit it does nothing
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if e := tx.Rollback(end); err == nil {
			err = e
		}
	}()
	t := &Tx{db: db, tx: tx, now: db.clock.Now()}
	if err := do(t); err != nil {
		return cmp.Or(t.broken, err)
	}
	err = tx.Commit(ctx)
	if t.broken != nil {
		return t.broken
	}
	if unknown := (*commitError)(nil); m.readOnly && errors.As(err, &unknown) {
		return unknown.err // whose outcome does not matter
	}
	return err
}

// commitError is the failure of a commit. Unless the server itself says that it has rolled back, nobody knows whether
// the transaction is in the database, so it is never run again: the caller finds out by his key.
type commitError struct{ err error }

func (e *commitError) Error() string { return "commit: " + e.err.Error() }
func (e *commitError) Unwrap() error { return e.err }

// Try runs a part of a transaction that may fail without the rest: what it wrote is undone and the error returned.
func (t *Tx) Try(ctx context.Context, part func(*Tx) error) error {
	m := t.tx.mark()
	err := part(t)
	if err == nil {
		err = t.tx.keep(ctx, m)
	}
	if err != nil {
		return translate(errors.Join(err, t.tx.undo(ctx, m)))
	}
	return nil
}

// again tells that PostgreSQL, or a connection that broke before anything was sent, asks for the transaction anew.
func again(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	var commit *commitError
	return !errors.As(err, &commit) && pgconn.SafeToRetry(err)
}
