package store

import "context"

// NextNumber takes the next number of a series within a period or other scope, beginning with 1. The row stays locked
// until the transaction ends, so numbers have no gaps and no doubles.
func (t *Tx) NextNumber(ctx context.Context, series, per string) (int64, error) {
	return t.NumberBlock(ctx, series, per, 1)
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
