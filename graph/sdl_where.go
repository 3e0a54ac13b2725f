package graph

import (
	"slices"

	"mera/schema"
	"mera/schema/filter"
)

// where is the input by which rows of an entity are filtered; "" if there is nothing to filter by.
func (m *model) where(entity string) string {
	fs := filter.Fields(m.cat, entity)
	if len(fs) == 0 {
		return ""
	}
	name := entity + "Where"
	if m.types[name] != nil {
		return name
	}
	t := &typeDef{kind: inputType}
	t.name = name
	m.types[name] = t // before its fields: links lead back to it
	m.fillWhere(t, entity, fs)
	return name
}

// whereLink is the filter of a link: of the link itself, and of the record to which it leads.
func (m *model) whereLink(entity string) string {
	fs := filter.Fields(m.cat, entity)
	name := entity + "LinkWhere"
	if m.types[name] != nil {
		return name
	}
	t := &typeDef{kind: inputType, name: name, fields: fields("eq ID ne ID in [ID!] exists Boolean")}
	m.types[name] = t
	if len(fs) > 0 {
		m.fillWhere(t, entity, fs)
	}
	return name
}

func (m *model) fillWhere(t *typeDef, entity string, fs []*filter.Field) {
	t.add(&fieldDef{name: "and", typ: "[" + entity + "Where!]"})
	t.add(&fieldDef{name: "or", typ: "[" + entity + "Where!]"})
	t.add(&fieldDef{name: "not", typ: entity + "Where"})
	if d := m.cat.Documents[entity]; d != nil && !d.Tree.IsZero() {
		for _, f := range fields("under [ID!] above [ID!]") {
			t.add(f)
		}
	}
	for _, f := range fs {
		if slices.Contains(kernelHidden, f.Name) {
			continue
		}
		if typ := m.condition(f, entity, m.indexed(entity, f.Name)); typ != "" {
			t.add(&fieldDef{name: f.Name, typ: typ})
		}
	}
	for _, inv := range m.cat.Inverses(entity) {
		m.linkingHere(t, inv)
	}
	m.where(entity)
}

// linkingHere is the filter by records that link to an entity, read or not as the fields of the entity are.
func (m *model) linkingHere(t *typeDef, inv *schema.Inverse) {
	if m.target(inv.From) == "" {
		return
	}
	w := m.where(inv.From)
	name := inv.From + "SomeWhere"
	m.ensure(name, func() *typeDef {
		return &typeDef{kind: inputType, fields: fields("some " + w + " none " + w)}
	})
	t.add(&fieldDef{name: inv.Name, typ: name})
}

// indexed tells that a property is indexed whole, and so every leaf of it.
func (m *model) indexed(entity, property string) bool {
	d := m.cat.Documents[entity]
	if d == nil {
		return false
	}
	p := d.Property(property)
	return p != nil && p.Index
}

// condition is the input of one field of a filter. whole says that the object around it is indexed.
func (m *model) condition(f *filter.Field, owner string, whole bool) string {
	switch {
	case f.Name == "keys":
		return "JSON"
	case f.Name == "holds" && len(f.Ops) == 1:
		return "Date"
	case f.Name == "touches" && len(f.Ops) == 1:
		return "PeriodInput"
	}
	t := f.Type
	switch t.Kind {
	case schema.Object:
		return m.whereObject(owner+upperFirst(f.Name)+"Where", filter.FieldsOf(t, whole), owner+upperFirst(f.Name), whole)
	case schema.Link:
		return m.whereLink(t.Of)
	case schema.Array:
		return m.whereArray(f, owner)
	case schema.Enum:
		e := m.enum(t, owner, f.Name)
		return m.operators(e+"Filter", e, f.Ops)
	case schema.Point:
		return m.operators("GeoPointFilter", "GeoBoxInput", f.Ops)
	case schema.Item:
		return m.operators("CodeFilter", "String", f.Ops)
	}
	s := scalar(t)
	name := s
	if t.Kind == schema.Definition {
		name = "Definition"
	}
	return m.operators(name+"Filter", s, f.Ops)
}

func (m *model) whereObject(name string, fs []*filter.Field, owner string, whole bool) string {
	if len(fs) == 0 {
		return ""
	}
	m.ensure(name, func() *typeDef {
		t := &typeDef{kind: inputType, fields: []*fieldDef{{name: "and", typ: "[" + name + "!]"}, {name: "or", typ: "[" + name + "!]"}, {name: "not", typ: name}}}
		for _, f := range fs {
			if typ := m.condition(f, owner, whole); typ != "" {
				t.add(&fieldDef{name: f.Name, typ: typ})
			}
		}
		return t
	})
	return name
}

func (m *model) whereArray(f *filter.Field, owner string) string {
	elem := f.Type.Elem
	if elem.Kind == schema.Object {
		name := owner + upperFirst(f.Name)
		w := m.whereObject(name+"Where", filter.FieldsOf(elem, true), name, true)
		if w == "" {
			return ""
		}
		m.ensure(name+"Filter", func() *typeDef {
			return &typeDef{kind: inputType, fields: fields("some " + w + " none " + w + " exists Boolean")}
		})
		return name + "Filter"
	}
	in := m.input(elem, owner, f.Name)
	return m.operators(in+"ListFilter", in, f.Ops)
}

// operators is the input with the operators of a kind of values.
func (m *model) operators(name, value string, ops []filter.Op) string {
	m.ensure(name, func() *typeDef {
		t := &typeDef{kind: inputType}
		for _, op := range ops {
			typ := value
			switch op {
			case filter.In, filter.Some, filter.NoneOf, filter.Under, filter.Above:
				typ = "[" + value + "!]"
			case filter.Exists:
				typ = "Boolean"
			}
			t.add(&fieldDef{name: string(op), typ: typ})
		}
		return t
	})
	return name
}

// orderBy is the input with the keys of an order; "" if there is none. A link leads to the keys of the record behind it.
func (m *model) orderBy(entity string) string {
	name := entity + "OrderBy"
	if m.types[name] != nil {
		return name
	}
	fs := filter.Fields(m.cat, entity)
	if !slices.ContainsFunc(fs, sortable) {
		return ""
	}
	t := &typeDef{kind: inputType, name: name, doc: "One key: the order of keys is the order of the list."}
	m.types[name] = t // before its links, which may lead back to it
	for _, f := range fs {
		if sortable(f) {
			t.add(&fieldDef{name: f.Name, typ: "Direction"})
		} else if to := m.linkOf(entity, f.Name); to != "" && m.orderBy(to) != "" {
			t.add(&fieldDef{name: f.Name, typ: m.orderBy(to)})
		}
	}
	return name
}

// linkOf is the type of the record to which a field of an entity leads; "" if it leads to none, or to a kind of records
// that have no values in common.
func (m *model) linkOf(entity, field string) string {
	for _, f := range filter.Fields(m.cat, entity) {
		if f.Name == field && f.Type.Kind == schema.Link && filter.Fields(m.cat, f.Type.Of) != nil {
			return f.Type.Of
		}
	}
	return ""
}

// sortable tells that rows can be ordered by a field: a plain value that is compared.
func sortable(f *filter.Field) bool {
	if f.Name == "holds" || f.Name == "touches" || f.Name == "keys" {
		return false
	}
	switch f.Type.Kind {
	case schema.Link, schema.Array, schema.Object, schema.Point, schema.Duration:
		return false
	}
	return true
}
