package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"mera/kernel"
)

// PutKey makes value the identity of a record in an outside system, instead of its former one; "" takes the identity
// away. A value that belongs to another record is a CONFLICT.
func (t *Tx) PutKey(ctx context.Context, system, value, typ, id string) error {
	const others = "delete from record_key where type = $1 and id = $2 and system = $3 and value <> $4"
	if value == "" {
		return t.exec(ctx, others, typ, id, system, value)
	}
	return t.later(waiting{
		query: "with gone as (" + others + `) insert into record_key (type, id, system, value) select $1, $2, $3, $4
			where not exists (select from record_key where type = $1 and id = $2 and system = $3 and value = $4)`,
		args: []any{typ, id, system, value},
		word: func(pg *pgconn.PgError) error {
			if pg.Code != "23505" {
				return nil
			}
			return kernel.Errorf(kernel.Conflict, "key-taken", system, value).Because(pg)
		},
	})
}

// PutKeys makes keys the only outside identities of a record: system → value.
func (t *Tx) PutKeys(ctx context.Context, typ, id string, keys map[string]string) error {
	systems := make([]string, 0, len(keys))
	for system := range keys {
		systems = append(systems, system)
	}
	if err := t.exec(ctx, "delete from record_key where type = $1 and id = $2 and system <> all($3)", typ, id, systems); err != nil {
		return err
	}
	for system, value := range keys {
		if err := t.PutKey(ctx, system, value, typ, id); err != nil {
			return err
		}
	}
	return nil
}

// DropKeys frees all outside identities of a record.
func (t *Tx) DropKeys(ctx context.Context, typ, id string) error {
	return t.exec(ctx, "delete from record_key where type = $1 and id = $2", typ, id)
}

// ByKey finds a record by its identity in an outside system; "" if there is none.
func (t *Tx) ByKey(ctx context.Context, system, value string) (typ, id string, err error) {
	err = t.tx.QueryRow(ctx, "select type, id::text from record_key where system = $1 and value = $2", system, value).
		Scan(&typ, &id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", "", nil
	}
	return typ, id, translate(err)
}

// Keys lists the outside identities of a record: system → value.
func (t *Tx) Keys(ctx context.Context, typ, id string) (map[string]string, error) {
	rows, err := t.tx.Query(ctx, "select system, value from record_key where type = $1 and id = $2", typ, id)
	if err != nil {
		return nil, translate(err)
	}
	keys := map[string]string{}
	var system, value string
	_, err = pgx.ForEachRow(rows, []any{&system, &value}, func() error {
		keys[system] = value
		return nil
	})
	return keys, translate(err)
}
