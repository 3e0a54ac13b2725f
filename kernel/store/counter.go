package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// NextNumber takes the next number of a series within a period or other scope, beginning with 1. The row stays locked
// until the transaction ends, so numbers have no gaps and no doubles.
func (t *Tx) NextNumber(ctx context.Context, series, per string) (int64, error) {
	return t.NumberBlock(ctx, series, per, 1)
}

// NextNumberOf asks which number of a series comes next, without taking it.
func NextNumberOf(into *int64, series, per string) Ask {
	return Ask{"select coalesce((select next from counter where series = $1 and per = $2), 1)", []any{series, per}, func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64])
		return err
	}}
}

// NumberTaken breaks a transaction that wanted a number which another has taken since.
type NumberTaken struct{ Series string }

func (e *NumberTaken) Error() string {
	return "the next number of " + e.Series + " was taken by another"
}

// TakeNumber takes the number that NextNumberOf told. The row is locked only when what waits is sent, which is with the
// commit if nothing is read after it; if the number has gone, nothing of the transaction is done: NumberTaken.
func (t *Tx) TakeNumber(_ context.Context, series, per string, n int64) error {
	return t.later(waiting{
		query: `with taken as (insert into counter (series, per, next) values ($1, $2, $3)
				on conflict (series, per) do update set next = excluded.next where counter.next = excluded.next - 1 returning next)
			select 1 / count(*) from taken`,
		args: []any{series, per, n + 1},
		word: func(pg *pgconn.PgError) error {
			if pg.Code != "22012" {
				return nil
			}
			t.broken = &NumberTaken{series}
			return t.broken
		},
	})
}

// NumberBlock takes n numbers at once and returns the first. Taken in a transaction of its own and cached, it trades
// gaps for speed.
func (t *Tx) NumberBlock(ctx context.Context, series, per string, n int64) (first int64, err error) {
	err = t.tx.QueryRow(ctx, `insert into counter (series, per, next) values ($1, $2, 1 + $3)
		on conflict (series, per) do update set next = counter.next + $3
		returning next - $3`, series, per, n).Scan(&first)
	return first, translate(err)
}

// RaiseCounter makes next the number that NextNumber returns; false if that would give a number twice.
func (t *Tx) RaiseCounter(ctx context.Context, series, per string, next int64) (bool, error) {
	return t.added(ctx, `insert into counter (series, per, next) values ($1, $2, $3)
		on conflict (series, per) do update set next = excluded.next where counter.next <= excluded.next`, series, per, next)
}

// SetCounter makes next the number that NextNumber returns.
func (t *Tx) SetCounter(ctx context.Context, series, per string, next int64) error {
	return t.exec(ctx, `insert into counter (series, per, next) values ($1, $2, $3)
		on conflict (series, per) do update set next = excluded.next`, series, per, next)
}
