package store

import (
	"context"

	"mera/kernel"
)

const actorList = "id, kind, name, person, roles, office, department, territories, duties"

const selectActor = "select " + actorList + " from actor"

func actorCells(x *kernel.Actor) []any {
	return []any{&x.ID, &x.Kind, &x.Name, text(&x.Person), &x.Roles, text(&x.Office), text(&x.Department), &x.Territories, &x.Duties}
}

// PutActor writes a new or changed actor; he is active from now on.
func (t *Tx) PutActor(ctx context.Context, x *kernel.Actor) error {
	return t.exec(ctx, upsert("actor", actorList, "id")+", active = true", values(actorCells(x))...)
}

// Actor loads an active actor as he may act now, with the record that he has opened; nil if there is none.
func (t *Tx) Actor(ctx context.Context, id string) (*kernel.Actor, error) {
	cells := func(x *kernel.Actor) []any { return append(actorCells(x), text(&x.Glass), text(&x.Opened)) }
	return find(ctx, t, cells, "select "+actorList+`, case when opened_until > $2 then glass end, case when opened_until > $2 then opened end
		from actor where id = $1 and active`, id, t.now)
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
	return t.exec(ctx, "update actor set active = false where id = $1", id)
}
