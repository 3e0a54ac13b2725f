package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// Setting reads a setting of the installation into a value; false if it was never made.
func (t *Tx) Setting(ctx context.Context, name string, into any) (bool, error) {
	err := t.tx.QueryRow(ctx, "select value from setting where name = $1", name).Scan(object(into, "{}"))
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, translate(err)
}

// PutSetting writes a setting of the installation.
func (t *Tx) PutSetting(ctx context.Context, name string, value any) error {
	return t.exec(ctx, "insert into setting (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value",
		name, object(value, "{}"))
}
