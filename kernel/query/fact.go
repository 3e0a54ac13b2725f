package query

import (
	"fmt"
	"slices"
	"strings"

	"mera/kernel/store"
	"mera/schema"
	"mera/schema/filter"
)

// fact is a fact of a list: records of one type that lead to the row, or to a record that the row leads to. Columns
// read it by aggregates.
type fact struct {
	entity  string // what is counted
	of      []step // from the row to the record that it leads to; none: to the row itself
	inverse string // the property of entity that leads there
	where   *filter.Tree
}

// facts compiles the facts of a list.
func (c *compiler) facts() {
	for _, def := range c.list.List.Facts {
		f := &fact{entity: def.Type.Text}
		if err := c.fact(f, def); err != nil {
			c.fault(def.Pos, "list-fact", "the fact %s: %s", def.Name, err)
			continue
		}
		where, ds := c.filters.Compile(f.entity, def.Where, c.names)
		c.ds = append(c.ds, ds...)
		if f.where = where; !ds.Faulty() {
			c.list.facts[def.Name] = f
		}
	}
}

// fact finds how the records of a fact hang on the row.
func (c *compiler) fact(f *fact, def *schema.Fact) error {
	if !def.Each || !def.At.IsZero() || !def.Over.IsZero() || len(def.Ask) > 0 || !def.Fresh.IsZero() || def.Max > 0 {
		return fmt.Errorf("a fact of a list is {each, of, via, where}; where: {holds: DAY} leaves those of a day")
	}
	owner := c.list.About.Text
	if !def.Of.IsZero() {
		steps, err := walk(c.cat, owner, def.Of.Text)
		if err != nil {
			return err
		}
		last := &steps[len(steps)-1]
		if last.typ.Kind != schema.Link {
			return fmt.Errorf("%s leads to no record", def.Of.Text)
		}
		last.entity = last.typ.Of
		f.of, owner = steps, last.entity
	}
	links := c.linksTo(f.entity, owner, def.Via.Text)
	switch {
	case len(links) == 0:
		return fmt.Errorf("%s has no link to %s", f.entity, owner)
	case len(links) > 1:
		return fmt.Errorf("%s has several links to %s (%s): name one in via", f.entity, owner, strings.Join(links, ", "))
	}
	f.inverse = links[0]
	return nil
}

// linksTo are the links from one entity to another, or to what it extends; only the named one, if a name is given.
func (c *compiler) linksTo(from, to, named string) []string {
	ends := []string{to}
	if d := c.cat.Documents[to]; d != nil && !d.Extends.IsZero() {
		ends = append(ends, d.Extends.Text)
	}
	if c.cat.WorkflowOf(to) != nil {
		ends = append(ends, "Case")
	}
	var out []string
	for _, p := range properties(c.cat, from) {
		t := p.Type
		if t != nil && t.Kind == schema.Array && t.Elem != nil {
			t = t.Elem
		}
		if t != nil && t.Kind == schema.Link && slices.Contains(ends, t.Of) && (named == "" || named == p.Name) {
			out = append(out, p.Name)
		}
	}
	return out
}

func properties(cat *schema.Catalog, entity string) []*schema.Property {
	if d := cat.Documents[entity]; d != nil {
		return d.Properties
	}
	if d := filter.KernelType(entity); d != nil {
		return d.Properties
	}
	return nil
}

// counted is a column over a fact: count(reviews), avg(reviews.stars).
func (c *compiler) counted(col *schema.Column, function, path string) error {
	name, rest, deeper := strings.Cut(path, ".")
	f := c.list.facts[name]
	if f == nil {
		return fmt.Errorf("%q is no fact of the list", name)
	}
	if deeper == (function == "count") {
		return fmt.Errorf("write count(%s), or another aggregate of a property: sum(%s.amount)", name, name)
	}
	out := Column{Name: col.Name, Title: col.Title, fact: name, function: function, inner: f,
		Type: &schema.Type{Kind: schema.Integer}, steps: []step{{name: col.Name}}}
	if deeper {
		steps, err := walk(c.cat, f.entity, rest)
		if err != nil {
			return err
		}
		out.of, out.Type = steps, sumType(function, steps[len(steps)-1].typ)
	}
	if _, ok := hops(out.of); !ok || out.Type == nil {
		return fmt.Errorf("there is no %s of such a value", function)
	}
	c.list.Columns = append(c.list.Columns, out)
	return nil
}

// field reads the aggregate from the row, over the links that lead to what the fact is of.
func (f *fact) field(alias string, of []step, a store.Aggregate, where *filter.Tree) *store.Field {
	if len(of) > 0 {
		return &store.Field{Alias: alias, Name: of[0].name, Set: &store.Set{Shape: store.Flat, Entity: of[0].entity, Link: of[0].name,
			Fields: []*store.Field{f.field(alias, of[1:], a, where)}}}
	}
	return &store.Field{Alias: alias, Name: a.Name, Set: &store.Set{Shape: store.Flat, Entity: f.entity, Inverse: f.inverse, Where: where,
		Aggregates: []store.Aggregate{a}}}
}
