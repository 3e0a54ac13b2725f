package store

import (
	"fmt"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/filter"
)

// entity is a set of rows that can be read: records of one or several document types, or a table of the kernel.
type entity struct {
	name  string
	types []string // document types; empty for a kernel table
	table *table   // nil for records
	doc   *schema.Document
}

// row is where the columns of one row are read: a record, a row of a kernel table, or an element of an array of
// objects inside a record.
type row struct {
	entity
	alias  string
	object *schema.Type // of an element, whose value is in json
	json   string
	outer  *row   // the record that holds the element, or the row above
	via    string // the property that leads to the row above
}

// above is the row above, where a hop leads there and nowhere else: it was found and may be seen, and need not be found
// again for each row below it.
func (r row) above(h filter.Hop) *row {
	if r.via == "" || r.via != h.Property || r.object != nil || r.outer == nil || r.outer.object != nil || r.outer.name != h.Link {
		return nil
	}
	if r.table != nil && r.table.parents[r.via] != "" {
		return nil // a row may belong to several
	}
	return r.outer
}

// Words for sets of document types.
const (
	entityCase   = "Case"   // every type with a workflow
	entityRecord = "Record" // every type
)

// EntityTypes are the document types of an entity: the type itself, those that extend an abstract one, those with a
// workflow for Case, all for Record. Empty for a kernel type or an unknown one. Sorted.
func EntityTypes(cat *schema.Catalog, name string) []string {
	var out []string
	for _, d := range cat.Documents {
		is := d.Name == name || d.Extends.Text == name || name == entityRecord ||
			name == entityCase && cat.WorkflowOf(d.Name) != nil
		if is && !d.Abstract && !d.Record {
			out = append(out, d.Name)
		}
	}
	slices.Sort(out)
	return out
}

// Kernel tells that an entity is a table of the kernel's and no document.
func Kernel(entity string) bool { return kernelTables[entity] != nil }

// Free tells that rows of an entity have no policy of their own: they are only read below a row that may be seen.
func Free(entity string) bool { return Kernel(entity) && kernelTables[entity].free }

func (b *builder) entity(name string, only []string) (entity, error) {
	if t, ok := kernelTables[name]; ok {
		return entity{name: name, table: t}, nil
	}
	e := entity{name: name, doc: b.catalog.Documents[name], types: EntityTypes(b.catalog, name)}
	if len(only) > 0 {
		e.types = slices.DeleteFunc(e.types, func(t string) bool { return !slices.Contains(only, t) })
	}
	if len(e.types) == 0 && e.doc == nil && name != entityCase && name != entityRecord {
		return entity{}, fmt.Errorf("no entity %q", name)
	}
	return e, nil
}

// as is the row seen as one of its document types.
func (b *builder) as(r row, typ string) row {
	r.entity = entity{name: typ, types: []string{typ}, doc: b.catalog.Documents[typ]}
	return r
}

// source is the table, or the history of it, from which rows are read.
func (b *builder) source(e entity) string {
	switch {
	case e.table != nil:
		return e.table.from
	case !b.knownAt.IsZero():
		return "record_known"
	}
	return "record"
}

// present are the conditions that rows of an entity always meet: the type, by a literal so that PostgreSQL leaves out
// the other partitions, and the version that was known.
func (b *builder) present(r row) string {
	if r.table != nil {
		if b.knownAt.IsZero() || r.table.since == "" {
			return r.table.always(r.alias)
		}
		return all(r.table.always(r.alias), on(r.table.since, r.alias)+" <= "+b.moment())
	}
	cond := r.typeIs()
	if len(r.types) > 0 && !slices.ContainsFunc(r.types, func(t string) bool { return b.catalog.WorkflowOf(t) == nil }) {
		cond += " and " + r.alias + ".state is not null" // every case has a state; the index of open cases says so
	}
	if !b.knownAt.IsZero() {
		at := b.moment()
		cond += fmt.Sprintf(" and %s.since <= %s and (%s.until is null or %s.until > %s)", r.alias, at, r.alias, r.alias, at)
	}
	return cond
}

func (r row) typeIs() string {
	switch len(r.types) {
	case 0:
		return "false"
	case 1:
		return r.alias + ".type = " + quote(r.types[0])
	}
	quoted := make([]string, len(r.types))
	for i, t := range r.types {
		quoted[i] = quote(t)
	}
	return r.alias + ".type in (" + strings.Join(quoted, ", ") + ")"
}

// live leaves out what was voided.
func (r row) live() string {
	if r.table == nil {
		return r.alias + ".void is null"
	}
	return ""
}

// property is the declared property of a name; nil where the name is the kernel's.
func (r row) property(name string) *schema.Property {
	switch {
	case r.object != nil:
		return r.object.Field(name)
	case r.doc == nil:
		return nil
	}
	return r.doc.Property(name)
}

// quote makes a literal of a name that comes from the catalog.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// on puts the alias into a column template, where the alias is written $.
func on(template, alias string) string { return strings.ReplaceAll(template, "$", alias) }

// all joins conditions, leaving out the empty ones; none is true.
func all(conds ...string) string {
	conds = slices.DeleteFunc(conds, func(c string) bool { return c == "" || c == "true" })
	if len(conds) == 0 {
		return "true"
	}
	return strings.Join(conds, " and ")
}
