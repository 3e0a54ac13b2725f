package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
)

const actorList = "id, kind, name, person, roles, office, department, territories, duties"

const selectActor = "select " + actorList + " from actor"

func actorCells(x *kernel.Actor) []any {
	return []any{&x.ID, &x.Kind, &x.Name, text(&x.Person), &x.Roles, text(&x.Office), text(&x.Department), &x.Territories, &x.Duties}
}

// PutActor writes a new or changed actor; he is active from now on.
func (t *Tx) PutActor(ctx context.Context, x *kernel.Actor) error {
	b := &pgx.Batch{}
	b.Queue(upsert("actor", actorList, "id")+", active = true", values(actorCells(x))...)
	b.Queue(revisedActor, x.ID)
	return t.send(ctx, b, nil)
}

// Actor loads an active actor as he may act now, with the record that he has opened and until when; nil if there is
// none.
func (t *Tx) Actor(ctx context.Context, id string) (*kernel.Actor, error) {
	a, _, err := t.ActorUntil(ctx, id)
	return a, err
}

// ActorUntil is Actor with the time until which the record that he has opened stays open; zero if he has opened none.
func (t *Tx) ActorUntil(ctx context.Context, id string) (*kernel.Actor, time.Time, error) {
	type row struct {
		kernel.Actor
		until *time.Time
	}
	cells := func(x *row) []any { return append(actorCells(&x.Actor), text(&x.Glass), text(&x.Opened), &x.until) }
	x, err := find(ctx, t, cells, "select "+actorList+`, case when opened_until > $2 then glass end,
		case when opened_until > $2 then opened end, case when opened_until > $2 then opened_until end
		from actor where id = $1 and active`, id, t.now)
	switch {
	case err != nil || x == nil:
		return nil, time.Time{}, err
	case x.until == nil:
		return &x.Actor, time.Time{}, nil
	}
	return &x.Actor, *x.until, nil
}

// Actors lists the active actors by id.
func (t *Tx) Actors(ctx context.Context) ([]*kernel.Actor, error) {
	return list(ctx, t, actorCells, selectActor+" where active order by id")
}

// StaffOf lists the active officials of an office who have a role, by id.
func (t *Tx) StaffOf(ctx context.Context, office, role string) ([]*kernel.Actor, error) {
	return list(ctx, t, actorCells, selectActor+" where active and kind = 'staff' and office = $1 and $2 = any(roles) order by id", text(&office), role)
}

// DismissActor takes an actor's right to act; what he did stays his.
func (t *Tx) DismissActor(ctx context.Context, id string) error {
	b := &pgx.Batch{}
	b.Queue("update actor set active = false where id = $1", id)
	b.Queue(revisedActor, id)
	return t.send(ctx, b, nil)
}
