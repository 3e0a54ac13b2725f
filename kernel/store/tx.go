package store

import "context"

// exec runs a statement whose result does not matter.
func (t *Tx) exec(ctx context.Context, query string, args ...any) error {
	_, err := t.tx.Exec(ctx, query, args...)
	return translate(err)
}
