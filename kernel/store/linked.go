package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
	"mera/schema/value"
)

// LinkedAfter loads live records that link to one, after an id, in the order of ids: a page of a run over all of them.
func (t *Tx) LinkedAfter(ctx context.Context, typ, property, id, after string, limit int) ([]*kernel.Record, error) {
	if dataPath(property) == noData {
		return nil, nil
	}
	index, err := t.linkIndex(ctx, typ, property)
	if err != nil {
		return nil, err
	}
	cond := "(" + dataPath(property) + ") ?| $1::text[]"
	if index == "btree" {
		cond = linkExpr(property) + " = any($1::uuid[])"
	}
	cond += " and ($2 = '' or id > nullif($2, '')::uuid) and void is null order by id limit $3"
	return t.recordsWhere(ctx, typ, cond, []string{id}, after, limit)
}

// MeasuresHeld are those of some measures by which a person has an award that lasts on a day, or begins later.
func (t *Tx) MeasuresHeld(ctx context.Context, measures []string, person string, on value.Date) ([]string, error) {
	rows, err := t.tx.Query(ctx, `select distinct measure from award where beneficiary = $1 and measure = any($2)
		and status = 'active' and (date_to is null or date_to >= $3)`, person, measures, day(&on))
	if err != nil {
		return nil, translate(err)
	}
	held, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return held, translate(err)
}
