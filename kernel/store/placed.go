package store

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"mera/kernel"
)

// Where a record stands - its root, territory, office and access attributes - it has from its card. So who writes a
// record holds the card as he read it (Hold), and who changes a card writes all that stands below it (Replace).

// PlacePage is how many records below a card are looked at together.
const PlacePage = 500

// Below locks and loads the records that lie directly on any of some cards, void ones too, by pages in the order of
// ids.
func (t *Tx) Below(ctx context.Context, cards []string, after string) ([]*kernel.Record, error) {
	return t.placed(ctx, "card = any($1::uuid[])", cards, after)
}

// InOffice locks and loads the records of an office by pages in the order of ids.
func (t *Tx) InOffice(ctx context.Context, office, after string) ([]*kernel.Record, error) {
	return t.placed(ctx, "office = $1", office, after)
}

func (t *Tx) placed(ctx context.Context, cond string, of any, after string) ([]*kernel.Record, error) {
	rows, err := list(ctx, t, (*recordRow).cells, "select "+recordList+" from record where "+cond+
		" and ($2 = '' or id > nullif($2, '')::uuid) order by id limit $3 for no key update", of, after, PlacePage)
	if err != nil {
		return nil, err
	}
	out := make([]*kernel.Record, len(rows))
	for i, r := range rows {
		out[i] = r.record()
	}
	return out, nil
}

// Hold keeps a card as it was read until the transaction ends. If somebody has changed it or its place meanwhile, the
// transaction runs again.
func (t *Tx) Hold(_ context.Context, r *kernel.Record) error {
	return t.later(waiting{
		query: "with held as (select from record where " + typeIs(r.Type) + ` and id = $1 and version = $2 and root = $3
			and territory is not distinct from $4 and office is not distinct from $5 and department is not distinct from $6
			and access = $7 for share)
			select 1 / (select count(*) from held)`,
		args: []any{r.ID, r.Version, r.Root, text(&r.Territory), text(&r.Office), text(&r.Department), object(&r.Access, "{}")},
		word: func(pg *pgconn.PgError) error {
			if pg.Code == "22012" { // none: somebody else has written it
				return &pgconn.PgError{Code: "40001", Message: "the card has changed"}
			}
			return nil
		},
	})
}

// Replace writes where records stand, in their present version and on all rows that carry the scope of a case.
func (t *Tx) Replace(ctx context.Context, records []*kernel.Record) error {
	var ids, roots, territories, departments, offices, access []string
	for _, r := range records {
		own := r.Access
		if own == nil {
			own = map[string]any{}
		}
		text, err := json.Marshal(own)
		if err != nil {
			return translate(errors.Join(err))
		}
		ids, roots, access = append(ids, r.ID), append(roots, r.Root), append(access, string(text))
		territories, offices = append(territories, r.Territory), append(offices, r.Office)
		departments = append(departments, r.Department)
	}
	const places = ` from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
		as p(id, root, territory, office, access, department) where `
	const set = " set root = p.root, territory = nullif(p.territory, ''), office = nullif(p.office, '')::uuid"
	b := &pgx.Batch{}
	b.Queue("update record t"+set+", access = p.access::jsonb, department = nullif(p.department, '')"+places+"t.id = p.id",
		ids, roots, territories, offices, access, departments)
	for _, table := range scoped {
		b.Queue("update "+table+" t"+set+places+"t.case_id = p.id", ids, roots, territories, offices, access, departments)
	}
	return t.send(ctx, b, nil)
}
