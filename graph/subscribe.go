package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"mera/kernel"
	"mera/kernel/store"
	"mera/schema"
	"mera/schema/filter"
)

// counts is how many of something each client has open.
type counts struct {
	most int
	mu   sync.Mutex
	open map[string]int
}

func newCounts(most int) *counts { return &counts{most: most, open: map[string]int{}} }

// take counts one more; false if there are too many.
func (s *counts) take(client string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[client] >= s.most {
		return false
	}
	s.open[client]++
	return true
}

func (s *counts) leave(client string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[client]--; s.open[client] <= 0 {
		delete(s.open, client)
	}
}

// subscription is one that is open.
type subscription struct {
	g     *generation
	op    *graphql.OperationContext
	field graphql.CollectedField
	ear   *listener
	last  kernel.Actor // as who the last look was
	quiet int          // polls since the last look
	look  func(context.Context) (*graphql.Response, error)
	begun bool
}

// stale is after how many polls a list is asked for again though nothing was written: what it shows may depend on the
// day.
const stale = 30

// subscribe opens a subscription: its handler waits for the next answer. Nothing rests on notifications of the
// database: the journal is read at every poll (watch.go).
func (g *generation) subscribe(ctx context.Context, op *graphql.OperationContext) graphql.ResponseHandler {
	r := requestOf(ctx)
	fields := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})
	if len(fields) != 1 || fields[0].Name == "__typename" {
		return g.closed(ctx, "", kernel.Errorf(kernel.Invalid, "invalid"))
	}
	s := &subscription{g: g, op: op, field: fields[0]}
	client := r.client()
	if !g.config.subscriptions.take(client) {
		return g.closed(ctx, s.field.Alias, kernel.Errorf(kernel.Limit, "limit-subscriptions", g.config.Limits.Subscriptions))
	}
	hush, err := s.open(ctx)
	if err != nil {
		g.config.subscriptions.leave(client)
		return g.closed(ctx, s.field.Alias, err)
	}
	context.AfterFunc(ctx, func() {
		hush()
		g.config.subscriptions.leave(client)
	})
	over := false
	return func(ctx context.Context) *graphql.Response {
		if over {
			return nil
		}
		res, err := s.next(ctx)
		if err == nil && res != nil {
			err = s.g.note(ctx, op.RawQuery, op.Variables, s.looks())
		}
		if err == nil || ctx.Err() != nil {
			return res
		}
		over = true
		return refused(ctx, s.field.Alias, err)
	}
}

// looks is what a subscription looks at.
func (s *subscription) looks() []kernel.LookRoot {
	if def := s.g.model.types["Subscription"].field(s.field.Name); def != nil {
		if look := lookOf(s.field, def); look != nil {
			return []kernel.LookRoot{*look}
		}
	}
	return nil
}

// closed is a subscription that does not begin.
func (g *generation) closed(_ context.Context, alias string, err error) graphql.ResponseHandler {
	return once(func(ctx context.Context) *graphql.Response { return refused(ctx, alias, err) })
}

// open finds out what is subscribed to and begins to listen.
func (s *subscription) open(ctx context.Context) (hush func(), err error) {
	if s.field.Name != "changes" {
		s.look = s.list()
		s.ear, hush, err = s.g.config.watch.listen(ctx, nil, "")
		return hush, err
	}
	a, err := arguments(s.field.Field, s.op.Variables)
	if err != nil {
		return nil, err
	}
	c := &changes{subscription: s, entity: a.text("type"), told: map[string]int{}}
	types := store.EntityTypes(s.g.model.cat, c.entity)
	if t := s.g.model.types[c.entity]; t == nil || t.entity == "" || len(types) == 0 {
		return nil, fieldError("type", "value", nil)
	}
	if w := a.object("where"); w != nil {
		if c.where, err = filter.FromJSON(s.g.model.cat, c.entity, w); err != nil {
			return nil, whereError(err)
		}
		// what is closed to him is refused now, not when something is written
		if _, err := s.g.reader.Selection(ctx, requestOf(ctx).actor, &store.Set{Shape: store.List, Entity: c.entity, Where: c.where}); err != nil {
			return nil, err
		}
	}
	s.look, s.begun = c.look, true
	s.ear, hush, err = s.g.config.watch.listen(ctx, types, a.text("id"))
	return hush, err
}

// next waits until there is something to tell. At every poll it finds out who the actor is now: rights that were taken
// away end at once, and a token that was taken back ends the subscription.
func (s *subscription) next(ctx context.Context) (*graphql.Response, error) {
	for {
		if s.begun && !sleep(ctx, s.g.config.Poll) {
			return nil, nil
		}
		s.begun = true
		res, err := s.again(ctx)
		switch {
		case ctx.Err() != nil:
			return nil, nil
		case kernel.CodeOf(err) == kernel.Unavailable:
			s.quiet = stale // a database that is away comes back
		case err != nil || res != nil:
			return res, err
		}
	}
}

func (s *subscription) again(ctx context.Context) (*graphql.Response, error) {
	q := *requestOf(ctx)
	if q.token != "" {
		actor, err := s.g.config.Auth.Actor(ctx, q.token)
		if err != nil {
			return nil, err
		}
		q.actor = actor
	}
	s.quiet++
	if knocked := s.ear.knocked(); !knocked && s.quiet < stale && reflect.DeepEqual(q.actor, s.last) {
		return nil, nil
	}
	leave, err := s.g.config.gate.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	res, err := s.look(context.WithValue(ctx, requestKey{}, &q))
	if err == nil {
		s.last, s.quiet = q.actor, 0
	}
	return res, err
}

// list is a look at a list: nil where it is as it was.
func (s *subscription) list() func(context.Context) (*graphql.Response, error) {
	var last json.RawMessage
	def := s.g.model.types["Subscription"].field(s.field.Name)
	return func(ctx context.Context) (*graphql.Response, error) {
		c := s.g.selecting(ctx, s.op)
		set, err := c.root(ctx, s.field, def)
		if err != nil {
			return nil, err
		}
		columns, err := s.g.reader.Read(ctx, c.actor, set)
		if err != nil || bytes.Equal(columns[0], last) {
			return nil, err
		}
		last = columns[0]
		out := &members{}
		out.add(s.field.Alias, last)
		return out.response(), nil
	}
}

// changes are records of a type as they are written. A record that was written several times between two looks is told
// once, as it is now.
type changes struct {
	*subscription
	entity string
	where  *filter.Tree
	told   map[string]int // versions of the records that the last look told
	queue  []json.RawMessage
}

func (c *changes) look(ctx context.Context) (*graphql.Response, error) {
	if len(c.queue) == 0 {
		if err := c.fill(ctx); err != nil {
			return nil, err
		}
	}
	if len(c.queue) == 0 {
		return nil, nil
	}
	raw := c.queue[0]
	c.queue = c.queue[1:]
	out := &members{}
	out.add(c.field.Alias, raw)
	return out.response(), nil
}

// own are the fields of a Change that are read whatever was asked for; they stand apart from the aliases of the client.
var own = []string{"id", "version", "title", "updatedAt", "state"}

const ownPrefix = "="

// fill reads what was written, with the policy of this moment: of records that the actor may not see, or that are not
// what he asks for, he hears nothing.
func (c *changes) fill(ctx context.Context) error {
	found, err := c.ear.take(store.MaxPage)
	if err != nil {
		return err
	}
	var ids []any
	for _, f := range found {
		if c.told[f.ID] < f.Version {
			ids = append(ids, f.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	sel := c.g.selecting(ctx, c.op)
	set, err := c.set(ctx, sel, ids)
	if err != nil {
		return err
	}
	columns, err := c.g.reader.Read(ctx, sel.actor, set)
	if err != nil {
		c.ear.hear(found) // the next look finds them again
		return err
	}
	var rows []map[string]json.RawMessage
	if err := json.Unmarshal(columns[0], &rows); err != nil {
		return fmt.Errorf("changes: %w", err)
	}
	c.told = make(map[string]int, len(rows))
	for _, row := range rows {
		var id string
		var version int
		if err := errors.Join(json.Unmarshal(row[ownPrefix+"id"], &id), json.Unmarshal(row[ownPrefix+"version"], &version)); err != nil {
			return fmt.Errorf("changes: %w", err)
		}
		c.told[id] = version
		raw, err := c.change(row)
		if err != nil {
			return err
		}
		c.queue = append(c.queue, raw)
	}
	return nil
}

// set is the records with these ids that match, with what a Change tells of them.
func (c *changes) set(ctx context.Context, sel *selecting, ids []any) (*store.Set, error) {
	where := &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: "id"}}, Op: filter.In,
		Type: &schema.Type{Kind: schema.UUID}, Value: ids}
	if c.where != nil {
		where = filter.Conj(where, c.where)
	}
	s := &store.Set{Alias: "c", Shape: store.List, Entity: c.entity, Where: where, Language: sel.lang,
		Order: []store.Order{{Path: []filter.Hop{{Property: "updatedAt"}}}}, Page: store.Page{First: store.MaxPage},
		Fields: []*store.Field{{Alias: ownPrefix + "type", Name: "__typename"}}}
	for _, n := range own {
		if n != "state" || c.g.model.types[c.entity].field(n) != nil {
			s.Fields = append(s.Fields, &store.Field{Alias: ownPrefix + n, Name: n})
		}
	}
	for _, f := range graphql.CollectFields(c.op, c.field.Selections, []string{"Change"}) {
		if f.Name != "record" {
			continue
		}
		def := &fieldDef{name: f.Name, typ: "Node", source: source{kind: fromRows, entity: c.entity, link: "id"}}
		below, err := sel.set(ctx, f, def, store.MaxPage)
		if err != nil {
			return nil, err
		}
		s.Fields = append(s.Fields, &store.Field{Alias: f.Alias, Name: f.Name, Set: below})
	}
	return s, nil
}

// change is a row as it was asked for.
func (c *changes) change(row map[string]json.RawMessage) (json.RawMessage, error) {
	out := &members{}
	for _, f := range graphql.CollectFields(c.op, c.field.Selections, []string{"Change"}) {
		raw := row[ownPrefix+f.Name]
		switch {
		case f.Name == "__typename":
			raw = json.RawMessage(`"Change"`)
		case f.Name == "record":
			raw = row[f.Alias]
		case raw == nil:
			raw = null // a type without states
		}
		out.add(f.Alias, raw)
	}
	return out.MarshalJSON()
}
