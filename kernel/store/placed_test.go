package store_test

import (
	"context"
	"testing"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
)

// Who read a card before it was changed begins again: he may have taken over where it stood.
func TestHold(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(ctx context.Context, tx *store.Tx, r *kernel.Record) error{
		"its data": func(ctx context.Context, tx *store.Tx, r *kernel.Record) error {
			r.Version++
			return tx.SaveRecord(ctx, r, id(t), false)
		},
		"where it stands": func(ctx context.Context, tx *store.Tx, r *kernel.Record) error {
			r.Territory, r.Access = "uray", map[string]any{"region": "72"}
			return tx.Replace(ctx, []*kernel.Record{r})
		},
		"nothing": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storetest.Open(t)
			card := person(t, map[string]any{"lastName": "А"})
			save(t, db, card)
			times := 0
			write(t, db, func(ctx context.Context, tx *store.Tx) error {
				times++
				r, err := tx.Record(ctx, "Person", card.ID)
				if err != nil {
					return err
				}
				if times == 1 && change != nil {
					other, err := tx.Record(ctx, "Person", card.ID)
					if err != nil {
						return err
					}
					write(t, db, func(ctx context.Context, tx *store.Tx) error { return change(ctx, tx, other) })
				}
				return tx.Hold(ctx, r)
			})
			if again := times > 1; again != (change != nil) {
				t.Errorf("%d times", times)
			}
		})
	}
}
