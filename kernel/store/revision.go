package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Revisions tell how often each kind of what servers keep in memory was changed: by comparing them with those it saw
// before, a server learns what to read again.
type Revisions struct {
	Actors   int64 // who may act, and as what; what they have opened by breaking the glass
	Data     int64 // values of parameters and items of classifiers
	Release  int64 // which release is the current one
	Settings int64
	Offices  int64 // which office serves what
}

// Revisions are those of what is committed.
func (t *Tx) Revisions(ctx context.Context) (r Revisions, err error) {
	rows, err := t.tx.Query(ctx, "select kind, n from revision")
	if err != nil {
		return r, translate(err)
	}
	of := map[string]*int64{"actor": &r.Actors, "data": &r.Data, "release": &r.Release, "setting": &r.Settings, "office": &r.Offices}
	var kind string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&kind, &n}, func() error {
		if into := of[kind]; into != nil {
			*into = n
		}
		return nil
	})
	return r, translate(err)
}

// ActorsSince are the ids of the actors that were changed after a revision.
func (t *Tx) ActorsSince(ctx context.Context, revision int64) ([]string, error) {
	rows, err := t.tx.Query(ctx, "select id from actor where revision > $1", revision)
	if err != nil {
		return nil, translate(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, translate(err)
}

// revise counts a change of a kind. It is the last statement before a commit wherever it can be: others who change the
// same kind wait for it.
const revise = "update revision set n = n + 1 where kind = "

// revisedActor counts a change of one actor and marks him with it.
const revisedActor = "with r as (" + revise + "'actor' returning n) update actor set revision = r.n from r where id = $1"
