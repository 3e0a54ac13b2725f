package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"mera/kernel"
)

// pipe is one transaction that speaks to the server as seldom as it can: a statement whose result nobody needs waits
// and goes with the next question, and its error comes with that answer. Statements run in the order in which they were
// given, so each sees what those before it did.
//
// BEGIN goes with the first statement that needs it and COMMIT with the last. A READ COMMITTED transaction needs none
// for questions that lock nothing before anything is written, and none if all that it writes goes in one round trip,
// which PostgreSQL does wholly or not at all.
type pipe struct {
	pgx.Tx // nothing: what neither we nor the queue's client ask of a transaction

	mode

	conn   *pgxpool.Conn
	begun  bool
	queue  []waiting
	trips  int // that were made
	marks  int // savepoints that were named
	closed bool
}

// waiting is a statement that was not sent yet. word, if given, makes an error of the kernel of the server's.
type waiting struct {
	query string
	args  []any
	word  func(*pgconn.PgError) error
}

var _ pgx.Tx = (*pipe)(nil) // for the queue's client

// mode is how a transaction begins, and whether it reads only. In a loose one each statement sees its own moment.
type mode struct {
	begin           string
	loose, readOnly bool
}

// start puts BEGIN before what comes next.
func (p *pipe) start() {
	if !p.begun {
		p.queue = slices.Insert(p.queue, 0, waiting{query: p.begin})
		p.begun = true
	}
}

// later leaves a statement for the next round trip.
func (p *pipe) later(w waiting) { p.queue = append(p.queue, w) }

// send sends what waits, with more behind it, inside the transaction, and reads the results of what waited. Those of
// the rest are the caller's to read; after an error there are none.
func (p *pipe) send(ctx context.Context, more ...waiting) (pgx.BatchResults, error) {
	p.start()
	return p.pass(ctx, more...)
}

// ask sends questions that lock nothing.
func (p *pipe) ask(ctx context.Context, more ...waiting) (pgx.BatchResults, error) {
	if p.loose && !p.begun && len(p.queue) == 0 {
		return p.pass(ctx, more...)
	}
	return p.send(ctx, more...)
}

func (p *pipe) pass(ctx context.Context, more ...waiting) (pgx.BatchResults, error) {
	if p.closed {
		return nil, pgx.ErrTxClosed
	}
	queue := p.queue
	p.queue = nil
	p.trips++
	b := &pgx.Batch{QueuedQueries: make([]*pgx.QueuedQuery, 0, len(queue)+len(more))}
	for _, part := range [][]waiting{queue, more} {
		for _, w := range part {
			b.Queue(w.query, w.args...)
		}
	}
	results := p.conn.SendBatch(ctx, b)
	for _, w := range queue {
		if _, err := results.Exec(); err != nil {
			return nil, errors.Join(w.worded(err), closed(results, err))
		}
	}
	return results, nil
}

// closed ends reading after an error, which results report again.
func closed(results pgx.BatchResults, err error) error {
	if e := results.Close(); e != nil && !errors.Is(e, err) {
		return e
	}
	return nil
}

// worded is the error of a statement.
func (w waiting) worded(err error) error {
	var pg *pgconn.PgError
	if w.word != nil && errors.As(err, &pg) {
		if own := w.word(pg); own != nil {
			return own
		}
	}
	return err
}

// flush sends what waits.
func (p *pipe) flush(ctx context.Context) error {
	if len(p.queue) == 0 {
		return nil
	}
	results, err := p.send(ctx)
	if err != nil {
		return err
	}
	return results.Close()
}

// Exec runs a statement whose result is needed now.
func (p *pipe) Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error) {
	results, err := p.send(ctx, waiting{query: query, args: args})
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := results.Exec()
	return tag, errors.Join(err, closed(results, err))
}

// Query runs a question.
func (p *pipe) Query(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	if len(p.queue) == 0 && p.begun && !p.closed {
		p.trips++
		return p.conn.Query(ctx, query, args...)
	}
	results, err := p.send(ctx, waiting{query: query, args: args})
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		return nil, errors.Join(err, closed(results, err))
	}
	return &lastRows{Rows: rows, results: results}, nil
}

// QueryRow runs a question that has one row as its answer.
func (p *pipe) QueryRow(ctx context.Context, query string, args ...any) pgx.Row {
	rows, err := p.Query(ctx, query, args...)
	return &oneRow{rows, err}
}

// lastRows are the rows of the last statement of a round trip, which ends with them.
type lastRows struct {
	pgx.Rows
	results pgx.BatchResults
	err     error
	ended   bool
}

func (r *lastRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *lastRows) Close() {
	if r.ended {
		return
	}
	r.ended = true
	r.Rows.Close()
	if err := r.results.Close(); r.Rows.Err() == nil {
		r.err = err
	}
}

func (r *lastRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.err
}

// oneRow is the first row of an answer.
type oneRow struct {
	rows pgx.Rows
	err  error
}

func (r *oneRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}

// Commit sends what waits and commits, in one round trip. An error that the server gave to a statement before the
// commit says that nothing was committed; after any other nobody knows, and it is a commitError.
func (p *pipe) Commit(ctx context.Context) error {
	if !p.begun && len(p.queue) == 0 { // nothing was written
		p.closed = true
		return nil
	}
	if !p.loose || p.readOnly {
		p.start()
	}
	var end []waiting
	if p.begun {
		end = []waiting{{query: "commit"}}
	}
	results, err := p.pass(ctx, end...)
	if err != nil {
		return uncommitted(err)
	}
	if p.begun {
		var tag pgconn.CommandTag
		if tag, err = results.Exec(); err == nil && tag.String() == "ROLLBACK" {
			err = pgx.ErrTxCommitRollback
		}
	}
	err = errors.Join(err, closed(results, err))
	if err != nil {
		return &commitError{err}
	}
	p.closed = true
	return nil
}

// uncommitted is the error of a statement that was sent together with the commit.
func uncommitted(err error) error {
	var pg *pgconn.PgError
	var own *kernel.Error
	var unsent pgx.ErrPreprocessingBatch
	if errors.As(err, &pg) || errors.As(err, &own) || errors.As(err, &unsent) || pgconn.SafeToRetry(err) {
		return err
	}
	return &commitError{err}
}

// Rollback undoes everything; after a commit it does nothing.
func (p *pipe) Rollback(ctx context.Context) error {
	if p.closed || !p.begun {
		p.closed = true
		return nil
	}
	p.closed = true
	_, err := p.conn.Exec(ctx, "rollback")
	return err
}

// CopyFrom is for the queue's client.
func (p *pipe) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	if err := p.flush(ctx); err != nil {
		return 0, err
	}
	return p.conn.CopyFrom(ctx, table, columns, rows)
}

// Conn is the connection under the transaction.
func (p *pipe) Conn() *pgx.Conn { return p.conn.Conn() }

// mark is a place to which a transaction can go back.
type mark struct {
	name          string
	trips, queued int
}

func (p *pipe) mark() mark {
	p.start() // a savepoint needs a transaction
	p.marks++
	m := mark{fmt.Sprintf("s%d", p.marks), p.trips, len(p.queue)}
	p.later(waiting{query: "savepoint " + m.name})
	return m
}

// keep holds what was done since a mark to be right: all of it is sent, and its errors are known.
func (p *pipe) keep(ctx context.Context, m mark) error {
	p.later(waiting{query: "release savepoint " + m.name})
	return p.flush(ctx)
}

// undo goes back to a mark. What was not sent since is never sent.
func (p *pipe) undo(ctx context.Context, m mark) error {
	if p.trips == m.trips {
		p.queue = p.queue[:m.queued]
		return nil
	}
	p.queue = nil
	_, err := p.conn.Exec(ctx, "rollback to savepoint "+m.name)
	return err
}
