package query

import (
	"fmt"
	"strings"

	"mera/kernel/store"
	"mera/schema"
	"mera/schema/filter"
)

// step is one name of a path of a list, with what it leads to.
type step struct {
	name   string
	typ    *schema.Type
	entity string // the record that a link leads to, if the path goes on
}

// walk follows dots from an entity over links, objects and items.
func walk(cat *schema.Catalog, entity, path string) ([]step, error) {
	var out []step
	at := &schema.Type{Kind: schema.Link, Of: entity}
	for name := range strings.SplitSeq(path, ".") {
		next := stepType(cat, at, name)
		if next == nil {
			return nil, fmt.Errorf("%s has no %q that a list can show", describe(at), name)
		}
		if n := len(out); n > 0 && at.Kind == schema.Link {
			out[n-1].entity = at.Of
		}
		out = append(out, step{name: name, typ: next})
		at = next
	}
	return out, nil
}

func describe(t *schema.Type) string {
	if t.Of != "" {
		return t.Of
	}
	return "a value of kind " + string(t.Kind)
}

// stepType is the type of a name below a type; nil if there is none, or none that SQL can follow.
func stepType(cat *schema.Catalog, at *schema.Type, name string) *schema.Type {
	switch at.Kind {
	case schema.Link:
		return PropertyType(cat, at.Of, name)
	case schema.Object:
		if f := at.Field(name); f != nil {
			return f.Type
		}
	case schema.Item:
		return itemType(cat, at.Of, name)
	}
	return nil
}

// PropertyType is the type of a property of an entity, declared or the kernel's; nil if there is none.
func PropertyType(cat *schema.Catalog, entity, name string) *schema.Type {
	if d := cat.Documents[entity]; d != nil {
		if p := d.Property(name); p != nil {
			return p.Type
		}
		if name == "title" {
			return &schema.Type{Kind: schema.Text}
		}
		if cat.WorkflowOf(entity) == nil && !d.Abstract {
			t, _ := schema.KernelProperty(name, false)
			return t
		}
		entity = "Case"
	}
	if d := filter.KernelType(entity); d != nil {
		if p := d.Property(name); p != nil {
			return p.Type
		}
	}
	return nil
}

func itemType(cat *schema.Catalog, classifier, name string) *schema.Type {
	switch name {
	case "code", "title":
		return &schema.Type{Kind: schema.Text}
	case "from", "to":
		return &schema.Type{Kind: schema.Date}
	case "parent":
		return &schema.Type{Kind: schema.Item, Of: classifier}
	}
	if c := cat.Classifiers[classifier]; c != nil {
		for _, a := range c.Attributes {
			if a.Name == name {
				return a.Type
			}
		}
	}
	return nil
}

// hops is a path as filters and orders take it; false where it goes into an item.
func hops(steps []step) ([]filter.Hop, bool) {
	out := make([]filter.Hop, len(steps))
	for i, s := range steps {
		if i > 0 && steps[i-1].typ.Kind == schema.Item {
			return nil, false
		}
		out[i] = filter.Hop{Property: s.name, Link: s.entity}
	}
	return out, true
}

// field reads the value at the end of a path. below are the fields of the value itself, if it has any.
func field(alias string, steps []step, below []*store.Field, set *store.Set) *store.Field {
	head := steps[0]
	f := &store.Field{Alias: alias, Name: head.name}
	switch {
	case len(steps) == 1:
		f.Fields, f.Set = below, set
	case head.entity != "":
		f.Set = &store.Set{Shape: store.Flat, Entity: head.entity, Link: head.name,
			Fields: []*store.Field{field(alias, steps[1:], below, set)}}
	default: // into an object or an item
		f.Flat, f.Fields = true, []*store.Field{field(alias, steps[1:], below, set)}
	}
	return f
}
