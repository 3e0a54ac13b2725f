package graph

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"mera/kernel"
	"mera/kernel/query"
	"mera/kernel/store"
	"mera/schema/filter"
)

// selecting turns the fields of one operation into sets of rows.
type selecting struct {
	m      *model
	op     *graphql.OperationContext
	reader *query.Reader
	actor  kernel.Actor
	lang   string
	given  query.Given // today; values are those of each list
	cost   int         // rows that may be read
	marks  []mark
	nonce  string // which begins the texts of marks

	boxes    []int    // leaves of the variables that were typed into search boxes
	opening  *opening // nil: every value is a constant of the statement
	personal bool     // the sets depend on who the actor is, not on his class alone
	looked   bool     // a record was read to make the sets
}

// mark stands in the answer where engines must compute a value after the rows were read.
type mark struct {
	text, typ, id string
	below         ast.SelectionSet
}

// root is the set of a root field.
func (c *selecting) root(ctx context.Context, f graphql.CollectedField, def *fieldDef) (*store.Set, error) {
	return c.set(ctx, f, def, 1)
}

// set is the rows of a field. times is how many rows stand above.
func (c *selecting) set(ctx context.Context, f graphql.CollectedField, def *fieldDef, times int) (*store.Set, error) {
	open, err := c.arguments(f)
	if err != nil {
		return nil, err
	}
	a := open.plain()
	src := def.source
	s := &store.Set{Shape: src.shape, Entity: src.entity, Link: src.link, Inverse: src.inverse, Order: src.order}
	if src.list != nil {
		c.personal = true
		if s, err = c.reader.Set(ctx, c.actor, src.list, query.Given{Values: a, Today: c.given.Today, Looked: &c.looked}); err != nil {
			return nil, err
		}
	}
	s.Alias, s.Language = f.Alias, c.lang
	if err := c.ask(s, a, open, src); err != nil {
		return nil, err
	}
	n := times * rowsOf(s)
	if c.cost += n; c.cost > maxCost {
		return nil, kernel.Errorf(kernel.Limit, "limit-cost", maxCost)
	}
	s.Fields, err = c.fieldsOfSet(ctx, f, def, s, n)
	return s, err
}

// rowsOf is how many rows a set may read for each row above.
func rowsOf(s *store.Set) int {
	switch s.Shape {
	case store.One, store.Flat:
		return 1
	case store.Grouped:
		return store.DefaultPage
	}
	if n := max(s.Page.First, s.Page.Last); n > 0 && n <= store.MaxPage {
		return n
	}
	return nestedPage
}

// Pages that nobody asked a size for: of a connection below another row, and of a plain list, which has no way to tell
// that it goes on and so is read whole, as far as it goes.
const (
	nestedPage = 20
	nestedList = store.MaxList
)

func pageUnasked(shape store.Shape, src source) int {
	switch {
	case shape == store.List:
		return nestedList
	case src.inverse != "":
		return nestedPage
	}
	return store.DefaultPage
}

// ask puts the arguments of a field into its set; open are the same arguments with slots in them.
func (c *selecting) ask(s *store.Set, a, open args, src source) (err error) {
	if s.Page, err = page(a); err != nil {
		return err
	}
	if s.Page == (store.Page{}) {
		s.Page.First = pageUnasked(s.Shape, src)
	}
	s.Slots.After, s.Slots.Before = open.slot("after"), open.slot("before")
	if s.AsOf, err = a.day("asOf"); err != nil {
		return err
	}
	if s.KnownAt, err = a.moment("knownAt"); err != nil {
		return err
	}
	if src.list != nil {
		return nil
	}
	if src.box {
		return c.box(s, a, open)
	}
	if id := a.text("id"); id != "" {
		if s.Shape == store.One {
			s.ID = id
		} else {
			s.Card = id
		}
		s.Slots.ID = open.slot("id")
	}
	s.Only = a.texts("types")
	if w := open.object("where"); w != nil {
		if s.Where, err = filter.FromJSON(c.m.cat, s.Entity, w); err != nil {
			return whereError(err)
		}
	}
	return c.order(s, a)
}

func whereError(err error) error {
	var bad *filter.Error
	if !errors.As(err, &bad) {
		return err
	}
	code := kernel.Invalid
	if bad.Code == "limit" {
		code = kernel.Limit
	}
	e := kernel.Errorf(code, "where")
	e.Fields = []kernel.FieldError{{Path: bad.Path, Code: bad.Code}}
	e.Err = err
	return e
}

func page(a args) (p store.Page, err error) {
	if p.First, err = a.number("first"); err != nil {
		return p, err
	}
	if p.Last, err = a.number("last"); err != nil {
		return p, err
	}
	p.After, p.Before = a.text("after"), a.text("before")
	switch {
	case p.First < 0 || a["first"] != nil && p.First == 0:
		return p, fieldError("first", "minimum", nil)
	case p.Last < 0 || a["last"] != nil && p.Last == 0:
		return p, fieldError("last", "minimum", nil)
	case p.First > 0 && p.Last > 0:
		return p, fieldError("last", "exclusive", nil)
	case max(p.First, p.Last) > store.MaxPage:
		return p, kernel.Errorf(kernel.Limit, "limit-page", store.MaxPage)
	}
	return p, nil
}

// order reads orderBy: a list of inputs with one key each.
func (c *selecting) order(s *store.Set, a args) error {
	keys := a.list("orderBy")
	if len(keys) == 0 {
		return nil
	}
	if len(keys) > 5 {
		return kernel.Errorf(kernel.Limit, "limit-order", 5)
	}
	s.Order = nil
	for _, k := range keys {
		o, err := c.orderKey(s.Entity, k)
		if err != nil {
			return err
		}
		s.Order = append(s.Order, o)
	}
	return nil
}

// orderKey follows one key over links to the value by which rows are ordered.
func (c *selecting) orderKey(entity string, k any) (o store.Order, err error) {
	for len(o.Path) <= filter.MaxHops {
		m, _ := k.(map[string]any)
		if len(m) != 1 {
			return o, fieldError("orderBy", "one-key", nil)
		}
		for name, v := range m {
			hop := filter.Hop{Property: name}
			if v == "ASC" || v == "DESC" {
				o.Path, o.Desc = append(o.Path, hop), v == "DESC"
				return o, nil
			}
			hop.Link = c.m.linkOf(entity, name)
			o.Path, entity, k = append(o.Path, hop), hop.Link, v
		}
	}
	return o, kernel.Errorf(kernel.Limit, "limit-order", filter.MaxHops)
}

// fieldsOfSet are what is read of a set: of its rows, or the words of a connection.
func (c *selecting) fieldsOfSet(ctx context.Context, f graphql.CollectedField, def *fieldDef, s *store.Set, times int) ([]*store.Field, error) {
	name := bare(def.typ)
	if s.Shape == store.Holder {
		return c.held(ctx, f, name, s)
	}
	if s.Shape != store.Connection {
		return c.rowFields(ctx, f.Selections, name, s, times)
	}
	var out []*store.Field
	for _, part := range graphql.CollectFields(c.op, f.Selections, []string{name}) {
		x, err := c.part(ctx, part, name, s, times)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// part is one word of a connection.
func (c *selecting) part(ctx context.Context, f graphql.CollectedField, name string, s *store.Set, times int) (*store.Field, error) {
	out := &store.Field{Alias: f.Alias, Name: f.Name}
	row := bare(c.m.types[name].field("nodes").typ)
	var err error
	switch f.Name {
	case "__typename":
		out.Name, out.Text = "", name
	case "nodes":
		out.Fields, err = c.rowFields(ctx, f.Selections, row, s, times)
	case "edges":
		edge := bare(c.m.types[name].field("edges").typ)
		for _, e := range graphql.CollectFields(c.op, f.Selections, []string{edge}) {
			x := &store.Field{Alias: e.Alias, Name: e.Name}
			switch e.Name {
			case "__typename":
				x.Name, x.Text = "", edge
			case "node":
				if x.Fields, err = c.rowFields(ctx, e.Selections, row, s, times); err != nil {
					return nil, err
				}
			}
			out.Fields = append(out.Fields, x)
		}
	case "pageInfo":
		for _, p := range graphql.CollectFields(c.op, f.Selections, []string{"PageInfo"}) {
			x := &store.Field{Alias: p.Alias, Name: p.Name}
			if p.Name == "__typename" {
				x.Name, x.Text = "", "PageInfo"
			}
			out.Fields = append(out.Fields, x)
		}
	}
	return out, err
}

// rowFields are the fields of a row of a GraphQL type. Of an interface, fields that all its types share are read once,
// and those of fragments for the types that have them.
func (c *selecting) rowFields(ctx context.Context, sel ast.SelectionSet, name string, s *store.Set, times int) ([]*store.Field, error) {
	t := c.m.types[name]
	if t.kind != interfaceType {
		return c.fields(ctx, graphql.CollectFields(c.op, sel, c.satisfies(t)), t, s, times)
	}
	common := graphql.CollectFields(c.op, sel, c.satisfies(t))
	types := store.EntityTypes(c.m.cat, s.Entity)
	if len(s.Only) > 0 {
		types = slices.DeleteFunc(types, func(n string) bool { return !slices.Contains(s.Only, n) })
	}
	own := map[string][]graphql.CollectedField{}
	for _, n := range types {
		own[n] = graphql.CollectFields(c.op, sel, c.satisfies(c.m.types[n]))
	}
	var shared []graphql.CollectedField
	for _, f := range common {
		if !slices.ContainsFunc(types, func(n string) bool { return !sameField(own[n], f) }) {
			shared = append(shared, f)
		}
	}
	out, err := c.fields(ctx, shared, t, s, times)
	if err != nil {
		return nil, err
	}
	for _, n := range types {
		rest := slices.DeleteFunc(slices.Clone(own[n]), func(f graphql.CollectedField) bool {
			return slices.ContainsFunc(shared, func(x graphql.CollectedField) bool { return x.Alias == f.Alias })
		})
		typed, err := c.fields(ctx, rest, c.m.types[n], s, times)
		if err != nil {
			return nil, err
		}
		for _, f := range typed {
			f.Only = []string{n}
		}
		out = append(out, typed...)
	}
	return out, nil
}

// sameField tells that a type reads a field as all types do: no fragment of the type adds to it.
func sameField(own []graphql.CollectedField, f graphql.CollectedField) bool {
	return slices.ContainsFunc(own, func(x graphql.CollectedField) bool {
		return x.Alias == f.Alias && x.Name == f.Name && len(x.Selections) == len(f.Selections)
	})
}

func (c *selecting) satisfies(t *typeDef) []string { return append([]string{t.name}, t.implements...) }

func (c *selecting) fields(ctx context.Context, fs []graphql.CollectedField, t *typeDef, s *store.Set, times int) ([]*store.Field, error) {
	out := make([]*store.Field, 0, len(fs))
	for _, f := range fs {
		x, err := c.field(ctx, f, t, s, times)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// field is one field of a row or of an object.
func (c *selecting) field(ctx context.Context, f graphql.CollectedField, t *typeDef, s *store.Set, times int) (*store.Field, error) {
	out := &store.Field{Alias: f.Alias, Name: f.Name}
	if f.Name == "__typename" {
		if t.kind != interfaceType {
			out.Name, out.Text = "", t.name
		}
		return out, nil
	}
	def := t.field(f.Name)
	var err error
	switch def.source.kind {
	case fromRows:
		out.Set, err = c.set(ctx, f, def, times)
	case fromFlat:
		return c.column(ctx, f, def, s, times)
	case fromViews:
		return c.view(f, s, out)
	default:
		out.Fields, err = c.below(ctx, f, def, times)
	}
	return out, err
}

// below are the fields of an object or a classifier item.
func (c *selecting) below(ctx context.Context, f graphql.CollectedField, def *fieldDef, times int) ([]*store.Field, error) {
	t := c.m.types[bare(def.typ)]
	if t == nil || t.kind == enumType {
		return nil, nil
	}
	return c.fields(ctx, graphql.CollectFields(c.op, f.Selections, c.satisfies(t)), t, nil, times)
}

// column is a column of a list: a value at the end of a path, or a record there.
func (c *selecting) column(ctx context.Context, f graphql.CollectedField, def *fieldDef, rows *store.Set, times int) (*store.Field, error) {
	col := def.source.column
	t := c.m.types[bare(def.typ)]
	if t != nil && t.entity != "" {
		link := &fieldDef{name: f.Name, typ: def.typ, source: source{kind: fromRows, entity: t.entity, link: col.Last()}}
		if col.Many() {
			link.source.shape = store.List
		}
		set, err := c.set(ctx, f, link, times)
		return col.Field(f.Alias, nil, set, rows), err
	}
	below, err := c.below(ctx, f, def, times)
	return col.Field(f.Alias, below, nil, rows), err
}

// view leaves a mark for what engines compute. Only a case that was asked for by its id has it: each such value costs
// the engines a look at the whole case.
func (c *selecting) view(f graphql.CollectedField, s *store.Set, out *store.Field) (*store.Field, error) {
	if s == nil || s.ID == "" {
		return nil, fieldError(f.Name, "by-id", nil)
	}
	if c.nonce == "" {
		c.nonce = rand.Text()
	}
	m := mark{text: c.nonce + f.Alias, typ: s.Entity, id: s.ID, below: f.Selections}
	c.marks = append(c.marks, m)
	out.Name, out.Text = "", m.text
	return out, nil
}
