package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
)

// Agreeing loads the live records of a type whose properties have the given stored values, except one record, ordered
// by id. It holds the rule's row for these values until the transaction ends: of two transactions that ask the same,
// the second waits and then sees what the first has written. Whether a record found breaks the rule - its period, its
// where - is the caller's to judge. rule names the unique rule in the installation, such as "Pension.once".
func (t *Tx) Agreeing(ctx context.Context, rule, typ string, of map[string]any, except string) ([]*kernel.Record, error) {
	text, err := json.Marshal(of) // keys in order
	if err != nil {
		return nil, kernel.Errorf(kernel.Internal, "database").Because(fmt.Errorf("values of unique rule %s: %w", rule, err))
	}
	sum := sha256.Sum256(text)
	if err := t.lockRule(ctx, rule, sum[:]); err != nil {
		return nil, err
	}
	cond := "void is null"
	var args []any
	for _, property := range slices.Sorted(maps.Keys(of)) {
		v, err := json.Marshal(of[property])
		if err != nil {
			return nil, translate(err)
		}
		args = append(args, string(v))
		cond += fmt.Sprintf(" and (%s) = $%d::jsonb", dataPath(property), len(args))
	}
	if except != "" {
		args = append(args, except)
		cond += fmt.Sprintf(" and id <> $%d", len(args))
	}
	return t.recordsWhere(ctx, typ, cond+" order by id", args...)
}

// lockRule takes and locks a row that stands for a value. The lock is a row, not an advisory lock, so it also holds
// where the database is distributed.
func (t *Tx) lockRule(ctx context.Context, rule string, value []byte) error {
	b := &pgx.Batch{}
	b.Queue("insert into unique_lock (rule, value) values ($1, $2) on conflict do nothing", rule, value)
	b.Queue("select from unique_lock where rule = $1 and value = $2 for update", rule, value)
	return t.send(ctx, b, nil)
}
