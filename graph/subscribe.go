package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"mera/kernel"
	"mera/kernel/store"
	"mera/schema"
	"mera/schema/filter"
)

// maxSubscriptions is how many subscriptions one actor may have open on one server.
const maxSubscriptions = 20

// subscriptions counts those that are open, by actor.
type subscriptions struct {
	mu   sync.Mutex
	open map[string]int
}

// take counts one more; false if there are too many.
func (s *subscriptions) take(actor string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[actor] >= maxSubscriptions {
		return false
	}
	s.open[actor]++
	return true
}

func (s *subscriptions) leave(actor string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[actor]--; s.open[actor] <= 0 {
		delete(s.open, actor)
	}
}

// subscribe answers at once and then each time when the answer has changed. It asks the database again at every poll:
// a notification may be lost, a poll is not.
func (g *generation) subscribe(ctx context.Context, op *graphql.OperationContext) graphql.ResponseHandler {
	r := requestOf(ctx)
	fields := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})
	if len(fields) != 1 || fields[0].Name == "__typename" {
		return once(func(ctx context.Context) *graphql.Response {
			return refused(ctx, "", kernel.Errorf(kernel.Invalid, "invalid"))
		})
	}
	if !g.config.subscriptions.take(r.actor.ID) {
		return once(func(ctx context.Context) *graphql.Response {
			return refused(ctx, fields[0].Alias, kernel.Errorf(kernel.Limit, "limit-subscriptions", maxSubscriptions))
		})
	}
	context.AfterFunc(ctx, func() { g.config.subscriptions.leave(r.actor.ID) })
	next := g.watch(op, fields[0])
	first, over := true, false
	return func(ctx context.Context) *graphql.Response {
		for !over {
			if !first && !sleep(ctx, g.config.Poll) {
				return nil
			}
			first = false
			res, err := g.again(ctx, next)
			switch {
			case ctx.Err() != nil:
				return nil
			case err != nil:
				over = kernel.CodeOf(err) != kernel.Unavailable // a database that is away comes back
				return refused(ctx, fields[0].Alias, err)
			case res != nil:
				return res
			}
		}
		return nil
	}
}

// again looks once more, as who the actor is now: a token that was taken back ends the subscription.
func (g *generation) again(ctx context.Context, next func(context.Context) (*graphql.Response, error)) (*graphql.Response, error) {
	q := *requestOf(ctx)
	if q.token != "" {
		actor, err := g.config.Auth.Actor(ctx, q.token)
		if err != nil {
			return nil, err
		}
		q.actor = actor
	}
	return next(context.WithValue(ctx, requestKey{}, &q))
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// watch is one look at what is subscribed to; nil where nothing is new.
func (g *generation) watch(op *graphql.OperationContext, f graphql.CollectedField) func(context.Context) (*graphql.Response, error) {
	if f.Name == "changes" {
		w := &changes{g: g, op: op, field: f}
		return w.next
	}
	var last json.RawMessage
	def := g.model.types["Subscription"].field(f.Name)
	return func(ctx context.Context) (*graphql.Response, error) {
		c := g.selecting(ctx, op)
		s, err := c.root(ctx, f, def)
		if err != nil {
			return nil, err
		}
		columns, err := g.read(ctx, c.actor, s)
		if err != nil || bytes.Equal(columns[0], last) {
			return nil, err
		}
		last = columns[0]
		out := &members{}
		out.add(f.Alias, last)
		return out.response(), nil
	}
}

// changes are records of a type as they are written, found by the time of their last version.
type changes struct {
	g     *generation
	op    *graphql.OperationContext
	field graphql.CollectedField
	since time.Time
	seen  map[string]int // versions of records that were told, of the moments since looks at again
	queue []change
}

type change struct {
	ID, Type  string
	Version   int
	Title     *string
	State     *string
	UpdatedAt time.Time
}

// overlap is how far a look reaches back: a transaction that began earlier may commit later.
const overlap = 10 * time.Second

func (w *changes) next(ctx context.Context) (*graphql.Response, error) {
	if len(w.queue) == 0 {
		if err := w.look(ctx); err != nil {
			return nil, err
		}
	}
	if len(w.queue) == 0 {
		return nil, nil
	}
	ch := w.queue[0]
	w.queue = w.queue[1:]
	raw, err := json.Marshal(project(w.op, w.field.Selections, "Change", map[string]any{"id": ch.ID, "type": ch.Type,
		"version": ch.Version, "title": ch.Title, "state": ch.State, "updatedAt": ch.UpdatedAt.Format(time.RFC3339Nano)}))
	out := &members{}
	out.add(w.field.Alias, raw)
	return out.response(), err
}

// look fills the queue with what was written since the last look. The first look only learns what is there.
func (w *changes) look(ctx context.Context) error {
	a, err := arguments(w.field.Field, w.op.Variables)
	if err != nil {
		return err
	}
	typ := a.text("type")
	if t := w.g.model.types[typ]; t == nil || t.entity == "" || len(store.EntityTypes(w.g.model.cat, t.entity)) == 0 {
		return fieldError("type", "value", nil)
	}
	now := w.g.config.Clock.Now()
	first := w.seen == nil
	if first {
		w.since = now
	}
	from := w.since.Add(-overlap)
	w.since = now
	found, err := w.read(ctx, typ, a.text("id"), from)
	if err != nil {
		return err
	}
	kept := map[string]int{}
	for _, ch := range found {
		kept[ch.ID] = ch.Version
		if !first && w.seen[ch.ID] < ch.Version {
			w.queue = append(w.queue, ch)
		}
	}
	w.seen = kept
	return nil
}

func (w *changes) read(ctx context.Context, typ, id string, from time.Time) ([]change, error) {
	at := filter.Hop{Property: "updatedAt"}
	where := &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{at}, Op: filter.Gte,
		Type: &schema.Type{Kind: schema.DateTime}, Value: from.UTC().Format(time.RFC3339Nano)}
	if id != "" {
		where = filter.Conj(where, &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: "id"}}, Op: filter.Eq,
			Type: &schema.Type{Kind: schema.UUID}, Value: id})
	}
	s := &store.Set{Alias: "c", Shape: store.List, Entity: typ, Where: where, Order: []store.Order{{Path: []filter.Hop{at}}},
		Page: store.Page{First: store.MaxPage}}
	for _, n := range []string{"id", "version", "title", "updatedAt"} {
		s.Fields = append(s.Fields, &store.Field{Alias: n, Name: n})
	}
	s.Fields = append(s.Fields, &store.Field{Alias: "type", Name: "__typename"})
	if w.g.model.types[typ].field("state") != nil {
		s.Fields = append(s.Fields, &store.Field{Alias: "state", Name: "state"})
	}
	columns, err := w.g.read(ctx, requestOf(ctx).actor, s)
	if err != nil {
		return nil, err
	}
	var out []change
	if err := json.Unmarshal(columns[0], &out); err != nil {
		return nil, fmt.Errorf("changes: %w", err)
	}
	return out, nil
}
