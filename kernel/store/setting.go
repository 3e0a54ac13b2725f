package store

import (
	"context"
	"encoding/json"
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

// PutSetting writes a setting of the installation as JSON.
func (t *Tx) PutSetting(ctx context.Context, name string, value json.RawMessage) error {
	b := &pgx.Batch{}
	b.Queue(upsert("setting", "name, value", "name"), name, raw(&value))
	b.Queue(revise + "'setting'")
	return t.send(ctx, b, nil)
}
