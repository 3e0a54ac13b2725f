package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"mera/kernel"
	"mera/kernel/query"
	"mera/kernel/store"
)

// generation is one release as GraphQL. It is immutable.
type generation struct {
	digest    string
	languages []string
	model     *model
	schema    *ast.Schema
	sdl       string
	reader    *query.Reader
	config    *Config
	plans     *plans
}

var _ graphql.ExecutableSchema = (*generation)(nil)

// Schema is the release's schema.
func (g *generation) Schema() *ast.Schema { return g.schema }

// Complexity is not used: costs are counted while a selection is made.
func (g *generation) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

// Exec runs an operation. The work is done in the handler that it returns: an error that is added before would cost
// the response its data.
func (g *generation) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	switch op.Operation.Operation {
	case ast.Subscription:
		return g.subscribe(ctx, op)
	case ast.Mutation:
		return once(g.inside(func(ctx context.Context) *graphql.Response {
			g.keepChange(ctx, op)
			return g.mutate(ctx, op)
		}))
	}
	return once(g.inside(func(ctx context.Context) *graphql.Response { return g.query(ctx, op) }))
}

// inside runs an operation in its turn. Most requests have theirs already; those that came over a socket or with files
// wait for it here.
func (g *generation) inside(do graphql.ResponseHandler) graphql.ResponseHandler {
	return func(ctx context.Context) *graphql.Response {
		if requestOf(ctx).inside {
			return do(ctx)
		}
		leave, err := g.config.gate.enter(ctx)
		if err != nil {
			return refused(ctx, "", err)
		}
		defer leave()
		return do(ctx)
	}
}

func once(do graphql.ResponseHandler) graphql.ResponseHandler {
	done := false
	return func(ctx context.Context) *graphql.Response {
		if done {
			return nil
		}
		done = true
		return do(ctx)
	}
}

// members are the fields of the answer in the order in which they were asked for.
type members struct {
	names  []string
	values []json.RawMessage
}

func (m *members) add(name string, value json.RawMessage) {
	m.names, m.values = append(m.names, name), append(m.values, value)
}

func (m *members) response() *graphql.Response {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, n := range m.names {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:", n) // a GraphQL name
		b.Write(m.values[i])
	}
	b.WriteByte('}')
	return &graphql.Response{Data: b.Bytes()}
}

var null = json.RawMessage("null")

// query reads all root fields by one statement; what is not in the database is put beside it.
func (g *generation) query(ctx context.Context, op *graphql.OperationContext) *graphql.Response {
	if res := g.planned(ctx, op); res != nil {
		return res
	}
	fields := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"})
	c := g.selecting(ctx, op)
	out := &members{}
	var sets []*store.Set
	var looks []*kernel.LookRoot
	places := map[int]int{} // of a set in out
	for _, f := range fields {
		def := g.model.types["Query"].field(f.Name)
		if def != nil && def.source.kind == fromRows {
			s, err := c.root(ctx, f, def)
			if err != nil {
				return refused(ctx, f.Alias, err)
			}
			places[len(sets)] = len(out.names)
			sets, looks = append(sets, s), append(looks, lookOf(f, def))
			out.add(f.Alias, null)
			continue
		}
		v, err := g.computed(ctx, c, f)
		if err != nil {
			return refused(ctx, f.Alias, err)
		}
		out.add(f.Alias, v)
	}
	columns, err := g.reader.Read(ctx, c.actor, sets...)
	if err != nil {
		return refused(ctx, "", err)
	}
	var seen []kernel.LookRoot
	for i, raw := range columns {
		if looks[i] != nil && !bytes.Equal(raw, null) {
			seen = append(seen, *looks[i])
		}
	}
	if err := g.note(ctx, op.RawQuery, op.Variables, seen); err != nil {
		return refused(ctx, "", err)
	}
	for i, raw := range columns {
		at := places[i]
		if sets[i].Shape == store.One && bytes.Equal(raw, null) {
			fail(ctx, out.names[at], kernel.Errorf(kernel.NotFound, "not-found"))
		}
		if raw, err = g.fill(ctx, c, raw); err != nil {
			return refused(ctx, out.names[at], err)
		}
		out.values[at] = raw
	}
	return out.response()
}

// refused is an answer without data.
func refused(ctx context.Context, alias string, err error) *graphql.Response {
	fail(ctx, alias, err)
	return &graphql.Response{Data: null}
}

func (g *generation) selecting(ctx context.Context, op *graphql.OperationContext) *selecting {
	r := requestOf(ctx)
	return &selecting{m: g.model, op: op, reader: g.reader, actor: r.actor, lang: r.lang,
		given: query.Given{Today: g.today()}}
}

// computed is a root field that is not in the database.
func (g *generation) computed(ctx context.Context, c *selecting, f graphql.CollectedField) (json.RawMessage, error) {
	switch f.Name {
	case "__typename":
		return json.RawMessage(`"Query"`), nil
	case "__schema", "__type":
		if err := g.config.mayIntrospect(ctx, c.actor); err != nil {
			return nil, err
		}
		return g.introspect(c.op, f)
	case "me":
		return json.Marshal(project(c.op, f.Selections, "Me", me(c.actor)))
	case "now":
		return json.Marshal(g.config.Clock.Now().UTC())
	case "pendingJobs":
		n, err := g.config.Views.Pending(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return json.Marshal(n)
	case "form":
		a, err := arguments(f.Field, c.op.Variables)
		if err != nil {
			return nil, err
		}
		v, err := g.config.Views.Form(ctx, c.actor, a.text("type"), a.text("state"), a.text("id"), a.object("data"), requestOf(ctx).lang)
		if err != nil {
			return nil, err
		}
		return json.Marshal(v)
	}
	return nil, fmt.Errorf("no source for the field %s", f.Name)
}

func me(a kernel.Actor) map[string]any {
	return map[string]any{"id": a.ID, "kind": a.Kind, "name": a.Name, "roles": some(a.Roles), "department": orNull(a.Department),
		"territories": some(a.Territories), "duties": some(a.Duties), "person": orNull(a.Person), "office": orNull(a.Office)}
}

func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// project takes of a value the fields that were asked for.
func project(op *graphql.OperationContext, sel ast.SelectionSet, typ string, v map[string]any) json.Marshaler {
	out := &members{}
	for _, f := range graphql.CollectFields(op, sel, []string{typ}) {
		if f.Name == "__typename" {
			out.add(f.Alias, json.RawMessage(`"`+typ+`"`))
			continue
		}
		raw, err := json.Marshal(v[f.Name])
		if err != nil {
			raw = null
		}
		out.add(f.Alias, raw)
	}
	return out
}

// MarshalJSON writes the members in their order.
func (m *members) MarshalJSON() ([]byte, error) { return m.response().Data, nil }

// fill puts what engines compute in place of the marks that the selection left.
func (g *generation) fill(ctx context.Context, c *selecting, raw json.RawMessage) (json.RawMessage, error) {
	for _, m := range c.marks {
		text, err := json.Marshal(m.text)
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(raw, text) {
			continue
		}
		v, err := g.config.Views.Events(ctx, c.actor, m.typ, m.id, c.lang)
		if err != nil {
			return nil, err
		}
		list := make([]json.Marshaler, len(v))
		for i, e := range v {
			list[i] = project(c.op, m.below, "CaseEvent", map[string]any{"name": e.Name, "title": orNull(e.Title), "ask": some(e.Ask), "data": e.Data})
		}
		filled, err := json.Marshal(list)
		if err != nil {
			return nil, err
		}
		raw = bytes.ReplaceAll(raw, text, filled)
	}
	return raw, nil
}
