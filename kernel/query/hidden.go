package query

import (
	"slices"
	"strings"

	"mera/kernel"
	"mera/kernel/store"
	"mera/schema"
	"mera/schema/filter"
)

// Who may see a labelled property of no record at all must not filter, order, group or count by it: an answer that
// depends on it tells of it, and one that silently does not is wrong. He is refused, with the name of the field. Who may
// see it of some records goes by those: elsewhere it is as if absent.

// hidden finds the first path of a set, or of a set below, that is closed to the actor whom the guards are of.
func (r *Reader) hidden(guards map[string]store.Guard, s *store.Set) error {
	if s.Open {
		return nil // public by its definition, with all that its filter reads
	}
	closed := r.closed(guards)
	paths := [][]filter.Hop{}
	if s.Where != nil {
		paths = pathsOf(paths, nil, s.Where)
	}
	for _, o := range s.Order {
		paths = append(paths, o.Path)
	}
	for _, g := range s.Groups {
		paths = append(paths, g.Path)
	}
	for _, a := range s.Aggregates {
		paths = append(paths, a.Path)
	}
	for _, path := range paths {
		if n := closed.at(s.Entity, path); n > 0 {
			return refused(path[:n])
		}
	}
	return r.hiddenBelow(guards, s.Fields)
}

// pathsOf adds the paths of a filter; those of a filter of elements, or of records that link here, go on from the list.
func pathsOf(paths [][]filter.Hop, to []filter.Hop, t *filter.Tree) [][]filter.Hop {
	if t.Kind == filter.Leaf {
		to = slices.Concat(to, t.Path)
		paths = append(paths, to)
	}
	for _, k := range t.Kids {
		paths = pathsOf(paths, to, k)
	}
	return paths
}

func (r *Reader) hiddenBelow(guards map[string]store.Guard, fields []*store.Field) error {
	for _, f := range fields {
		if f.Set != nil {
			if err := r.hidden(guards, f.Set); err != nil {
				return err
			}
		}
		if err := r.hiddenBelow(guards, f.Fields); err != nil {
			return err
		}
	}
	return nil
}

// refused names the field in the words of the schema.
func refused(path []filter.Hop) error {
	names := make([]string, len(path))
	for i, h := range path {
		names[i] = h.Property
	}
	name := strings.Join(names, ".")
	return &kernel.Error{Code: kernel.Denied, Message: "closed-field", Args: []any{name}, Fields: []kernel.FieldError{{Path: name, Code: "denied"}}}
}

// closed tells what a path meets on its way.
type closed struct {
	cat    *schema.Catalog
	guards map[string]store.Guard
}

func (r *Reader) closed(guards map[string]store.Guard) closed { return closed{r.cat, guards} }

// at is how far a path from an entity leads until it meets a property that the actor may see of no record; 0 if it
// meets none.
func (c closed) at(entity string, path []filter.Hop) int {
	holders := c.documents(entity)
	var object *schema.Type // where the path has gone into an object of the holders
	for i, h := range path {
		if h.Row {
			return 0 // an attribute of policies
		}
		name := h.Property
		if h.Inverse != "" { // the link is a property of those that it leads from
			holders, object, name = c.documents(h.Link), nil, h.Inverse
		}
		properties := make([]*schema.Property, len(holders))
		for i, d := range holders {
			if object != nil {
				properties[i] = object.Field(name)
			} else {
				properties[i] = d.Property(name)
			}
		}
		if c.none(holders, properties) {
			return i + 1
		}
		object = objectOf(properties)
		if h.Link != "" {
			holders = c.documents(h.Link)
		}
	}
	return 0
}

// none tells that no holder lets the actor see its property of any record. A name that is no declared property is the
// kernel's own, which has no label.
func (c closed) none(holders []*schema.Document, properties []*schema.Property) bool {
	if len(holders) == 0 {
		return false
	}
	for i, d := range holders {
		p := properties[i]
		if p == nil || p.Label == "" {
			return false
		}
		if shown := c.guards[d.Name].Labels[p.Label]; shown != nil && shown.Kind != filter.None {
			return false
		}
	}
	return true
}

// documents are the definitions behind an entity; none behind a table of the kernel's.
func (c closed) documents(entity string) []*schema.Document {
	var out []*schema.Document
	for _, name := range store.EntityTypes(c.cat, entity) {
		out = append(out, c.cat.Documents[name])
	}
	return out
}

// objectOf is the type of the objects that a property holds, one or a list of them; nil if it holds none.
func objectOf(properties []*schema.Property) *schema.Type {
	for _, p := range properties {
		if p == nil || p.Type == nil {
			continue
		}
		t := p.Type
		if t.Kind == schema.Array && t.Elem != nil {
			t = t.Elem
		}
		if t.Kind == schema.Object {
			return t
		}
	}
	return nil
}
