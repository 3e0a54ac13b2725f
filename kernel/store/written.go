package store

import (
	"context"
	"maps"

	"github.com/jackc/pgx/v5"
)

// Written is a record that an event of the journal is about; an event about none has no ID.
type Written struct {
	Type    string
	ID      string
	Version int
}

// Position is how far the journal was read: the number of the last event of each chain that records are written in.
type Position map[int]int64

// JournalEnd is the present end of the journal.
func (db *DB) JournalEnd(ctx context.Context) (Position, error) {
	rows, err := db.pool.Query(ctx, "select chain, seq from journal_head where chain <> $1", readChain)
	if err != nil {
		return nil, translate(err)
	}
	at := Position{}
	var chain int
	var seq int64
	_, err = pgx.ForEachRow(rows, []any{&chain, &seq}, func() error {
		at[chain] = seq
		return nil
	})
	return at, translate(err)
}

// WrittenSince lists what was written after a position, oldest first in each chain, and the position behind it. A chain
// is held by whoever adds to it until his transaction ends, so its numbers become visible in their order: an event that
// comes after one that was read has a higher number, however long its transaction took. Nothing is passed over.
func (db *DB) WrittenSince(ctx context.Context, since Position, limit int) ([]Written, Position, error) {
	chains, seqs := make([]int, 0, len(since)), make([]int64, 0, len(since))
	for chain, seq := range since {
		chains, seqs = append(chains, chain), append(seqs, seq)
	}
	at := maps.Clone(since)
	rows, err := db.pool.Query(ctx, `select j.chain, j.seq, j.type, coalesce(j.record::text, ''), j.version
		from unnest($1::int[], $2::bigint[]) as s(chain, seq)
		cross join lateral (select * from journal j where j.chain = s.chain and j.seq > s.seq order by j.seq limit $3) j
		order by j.chain, j.seq`, chains, seqs, limit)
	if err != nil {
		return nil, nil, translate(err)
	}
	var out []Written
	var w Written
	var chain int
	var seq int64
	_, err = pgx.ForEachRow(rows, []any{&chain, &seq, &w.Type, &w.ID, &w.Version}, func() error {
		at[chain] = seq
		out = append(out, w)
		return nil
	})
	if err != nil {
		return nil, nil, translate(err)
	}
	return out, at, nil
}
