package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Serving says that an office has a duty and lies in a territory.
type Serving struct{ Duty, Territory, Office string }

// Serving lists the duties of all live offices, in the order of the offices' ids.
func (t *Tx) Serving(ctx context.Context) ([]Serving, error) {
	rows, err := t.tx.Query(ctx, `select duty #>> '{}', coalesce(data->>'territory', ''), id::text
		from record, jsonb_path_query(data, '$.duties[*]') duty where type = 'Office' and void is null order by id`)
	if err != nil {
		return nil, translate(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Serving])
	return out, translate(err)
}

// OfficesChanged tells all servers that an office was written. Call it last: others who write one wait for it.
func (t *Tx) OfficesChanged(ctx context.Context) error { return t.exec(ctx, revise+"'office'") }
