package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"mera/kernel"
	"mera/kernel/store"
	"mera/schema/filter"
)

// held are the sets of a holder: each groups the same rows in its own way.
func (c *selecting) held(ctx context.Context, f graphql.CollectedField, name string, s *store.Set) ([]*store.Field, error) {
	var out []*store.Field
	for _, g := range graphql.CollectFields(c.op, f.Selections, []string{name}) {
		if g.Name == "__typename" {
			out = append(out, &store.Field{Alias: g.Alias, Text: name})
			continue
		}
		set, err := c.grouped(ctx, g, c.m.types[name].field(g.Name), s)
		if err != nil {
			return nil, err
		}
		out = append(out, &store.Field{Alias: g.Alias, Name: g.Name, Set: set})
	}
	return out, nil
}

// grouped are the groups of the rows of a holder.
func (c *selecting) grouped(ctx context.Context, f graphql.CollectedField, def *fieldDef, of *store.Set) (*store.Set, error) {
	open, err := c.arguments(f)
	if err != nil {
		return nil, err
	}
	name := bare(def.typ)
	s := &store.Set{Shape: store.Grouped, Entity: of.Entity, Where: of.Where}
	if key := c.m.types[name].field("key"); key != nil {
		for _, by := range open.plain().texts("by") {
			k := c.m.types[bare(key.typ)].field(by).source.group
			path := []filter.Hop{{Property: k.field, Link: k.link}}
			if k.link != "" {
				path = append(path, filter.Hop{Property: "id"}) // of a record that he may see: others make one group without a name
			}
			s.Groups = append(s.Groups, store.Group{Name: "key." + by, Path: path, Part: k.part})
		}
	}
	if c.cost += rowsOf(s); c.cost > maxCost {
		return nil, kernel.Errorf(kernel.Limit, "limit-cost", maxCost)
	}
	s.Fields, err = c.groupFields(ctx, f.Selections, name, s)
	return s, err
}

// groupFields are the fields of a group: its key, its count, and aggregates by function.
func (c *selecting) groupFields(ctx context.Context, sel ast.SelectionSet, name string, s *store.Set) ([]*store.Field, error) {
	var out []*store.Field
	for _, f := range graphql.CollectFields(c.op, sel, []string{name}) {
		x := &store.Field{Alias: f.Alias, Name: f.Name}
		switch f.Name {
		case "__typename":
			x.Name, x.Text = "", name
		case "count":
			c.aggregate(s, store.Aggregate{Name: "count", Function: "count"})
		default:
			var err error
			x.Name = ""
			if x.Fields, err = c.groupValues(ctx, f, bare(c.m.types[name].field(f.Name).typ), s); err != nil {
				return nil, err
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// groupValues are the values of the key, or of one function. What the group is not made by is absent from its key.
func (c *selecting) groupValues(ctx context.Context, of graphql.CollectedField, name string, s *store.Set) ([]*store.Field, error) {
	var out []*store.Field
	for _, f := range graphql.CollectFields(c.op, of.Selections, []string{name}) {
		x := &store.Field{Alias: f.Alias}
		def := c.m.types[name].field(f.Name)
		switch {
		case f.Name == "__typename":
			x.Text = name
		case def.source.group != nil && !grouped(s, "key."+f.Name):
			x.Name = store.Absent
		case def.source.group != nil:
			var err error
			x.Name = "key." + f.Name
			if x.Fields, err = c.below(ctx, f, def, 1); err != nil {
				return nil, err
			}
		default:
			x.Name = def.source.aggregate + "." + f.Name
			c.aggregate(s, store.Aggregate{Name: x.Name, Function: def.source.aggregate, Path: []filter.Hop{{Property: f.Name}}})
		}
		out = append(out, x)
	}
	return out, nil
}

func grouped(s *store.Set, key string) bool {
	for _, g := range s.Groups {
		if g.Name == key {
			return true
		}
	}
	return false
}

// aggregate adds an aggregate to a set, once.
func (c *selecting) aggregate(s *store.Set, a store.Aggregate) {
	for _, known := range s.Aggregates {
		if known.Name == a.Name {
			return
		}
	}
	s.Aggregates = append(s.Aggregates, a)
}
