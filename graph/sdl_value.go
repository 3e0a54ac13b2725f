package graph

import (
	"slices"
	"strconv"

	"mera/schema"
)

// output is the GraphQL type of a value of a property, without a mark of its own: absent is always possible. owner
// and name call an enum that is written in the property.
func (m *model) output(t *schema.Type, owner, name string) string {
	switch t.Kind {
	case schema.Array:
		return "[" + m.output(t.Elem, owner, name) + "!]"
	case schema.Enum:
		return m.enum(t, owner, name)
	case schema.Item:
		return m.known(t.Of, "String")
	case schema.Link:
		return m.known(m.target(t.Of), "ID")
	case schema.Object:
		return m.known(t.Of, "JSON")
	case schema.Point:
		return "GeoPoint"
	}
	return scalar(t)
}

// input is the GraphQL type in which a value is given: codes for items, ids for records.
func (m *model) input(t *schema.Type, owner, name string) string {
	switch t.Kind {
	case schema.Array:
		return "[" + m.input(t.Elem, owner, name) + "!]"
	case schema.Enum:
		return m.enum(t, owner, name)
	case schema.Item:
		return "String"
	case schema.Link:
		return "ID"
	case schema.Object:
		if o := m.types[t.Of]; o != nil {
			return m.objectInput(t)
		}
		return "JSON"
	case schema.Point:
		return "GeoPointInput"
	case "period":
		return "PeriodInput"
	}
	return scalar(t)
}

// scalar is the type of a plain value.
func scalar(t *schema.Type) string {
	switch t.Kind {
	case schema.Boolean:
		return "Boolean"
	case schema.Integer:
		if limit, err := strconv.ParseInt(t.Maximum, 10, 64); err == nil && limit > 1<<31-1 {
			return "Long"
		}
		return "Int"
	case schema.Decimal:
		return "Decimal"
	case schema.Money:
		return "Money"
	case schema.Date:
		return "Date"
	case schema.Month:
		return "Month"
	case schema.Quarter:
		return "Quarter"
	case schema.Year:
		return "Year"
	case schema.DateTime:
		return "DateTime"
	case schema.Duration:
		return "Duration"
	case schema.UUID:
		return "ID"
	}
	return "String"
}

// known is a type's name if the schema has the type.
func (m *model) known(name, otherwise string) string {
	if name == "" || m.types[name] == nil && m.cat.Documents[name] == nil && !slices.Contains(kernelNames, name) &&
		m.cat.Classifiers[name] == nil && m.cat.Objects[name] == nil && name != "Case" {
		return otherwise
	}
	return name
}

// target is the document to which a link leads, "" for one that is not read.
func (m *model) target(of string) string {
	if d := m.cat.Documents[of]; d != nil && d.Record {
		return ""
	}
	return of
}

// enum is the type of an inline enum; String where an item is no name of GraphQL.
func (m *model) enum(t *schema.Type, owner, name string) string {
	if slices.ContainsFunc(t.Enum, func(v string) bool { return !isName(v) || v == "true" || v == "false" || v == "null" }) {
		return "String"
	}
	called := owner + upperFirst(name)
	if t.Named != "" {
		called = t.Named
	}
	m.ensure(called, func() *typeDef {
		e := &typeDef{kind: enumType}
		for _, v := range t.Enum {
			e.values = append(e.values, enumValue{v, t.EnumTitles[v]})
		}
		return e
	})
	return called
}

// object is a named type or an inline object, read and given.
func (m *model) object(name string, t *schema.Type) {
	if len(t.Fields) == 0 {
		return
	}
	o := m.define(&typeDef{kind: objectType, name: name}, t.Pos)
	for _, p := range t.Fields {
		if p.Type == nil {
			continue
		}
		o.add(m.property(p, name))
	}
}

// property is the field of a property of an entity or an object.
func (m *model) property(p *schema.Property, owner string) *fieldDef {
	f := &fieldDef{name: p.Name, doc: p.Title, typ: m.output(p.Type, owner, p.Name), deprecated: p.Deprecated}
	if t := p.Type; t.Kind == schema.Link && f.typ != "ID" {
		f.source = source{kind: fromRows, entity: t.Of, link: p.Name}
	} else if t.Kind == schema.Array && t.Elem.Kind == schema.Link && f.typ != "[ID!]" {
		f.source = source{kind: fromRows, entity: t.Elem.Of, link: p.Name, shape: 1}
	}
	return f
}

func (m *model) objectInput(t *schema.Type) string {
	name := t.Of + "Input"
	if m.types[name] != nil {
		return name
	}
	in := &typeDef{kind: inputType, name: name}
	m.types[name] = in // before its fields, which may be of the same type
	for _, p := range t.Fields {
		if p.Type != nil && p.Value.IsZero() {
			in.add(&fieldDef{name: p.Name, doc: p.Title, typ: m.input(p.Type, t.Of, p.Name)})
		}
	}
	if len(in.fields) == 0 {
		in.add(&fieldDef{name: "_", typ: "Boolean"})
	}
	return name
}

// classifier is the type of the items of a classifier.
func (m *model) classifier(c *schema.Classifier) {
	t := m.define(&typeDef{kind: objectType, name: c.Name, doc: c.Title, implements: []string{"Item"}}, c.Pos)
	itemFields(t, c.Name)
	for _, a := range c.Attributes {
		if a.Type != nil {
			t.add(&fieldDef{name: a.Name, doc: a.Title, typ: m.attribute(a, c.Name)})
		}
	}
}

// attribute is the type of an attribute of items: what would need rows of its own is its code or id.
func (m *model) attribute(a *schema.Property, owner string) string {
	switch a.Type.Kind {
	case schema.Item:
		return "String"
	case schema.Link:
		return "ID"
	case schema.Object:
		return "JSON"
	case schema.Array:
		if k := a.Type.Elem.Kind; k == schema.Item || k == schema.Link || k == schema.Object {
			return "JSON"
		}
	}
	return m.output(a.Type, owner, a.Name)
}

func itemFields(t *typeDef, of string) {
	for _, f := range []*fieldDef{
		{name: "code", typ: "String!"}, {name: "title", typ: "String!"}, {name: "from", typ: "Date"},
		{name: "to", typ: "Date"}, {name: "parent", typ: of}, {name: "codes", typ: "JSON"},
	} {
		t.add(f)
	}
}

// shared are the types that every schema has.
func (m *model) shared() {
	item := m.define(&typeDef{kind: interfaceType, name: "Item", doc: "An item of a classifier."}, schema.Pos{})
	itemFields(item, "Item")
	for _, t := range []*typeDef{
		{kind: objectType, name: "PageInfo", fields: fields("hasNextPage Boolean! hasPreviousPage Boolean! startCursor String endCursor String")},
		{kind: objectType, name: "GeoPoint", fields: fields("lat Decimal! lon Decimal!")},
		{kind: inputType, name: "GeoPointInput", fields: fields("lat Decimal! lon Decimal!")},
		{kind: inputType, name: "GeoBoxInput", doc: "Degrees between which a point lies; west may be greater than east, over the meridian of 180.",
			fields: fields("south Decimal! north Decimal! west Decimal! east Decimal!")},
		{kind: inputType, name: "PeriodInput", doc: "Days from one to another, both included; an end left out is open.",
			fields: fields("from Date to Date")},
		{kind: enumType, name: "Direction", values: []enumValue{{name: "ASC"}, {name: "DESC"}}},
		{kind: objectType, name: "OutsideKey", doc: "An identity in an outside system.", fields: fields("system String! value String!")},
		{kind: objectType, name: "Scheduled", doc: "The amount of an award from a date.", fields: fields("from Date! every String! amount Money!")},
		{kind: objectType, name: "Law", doc: "An article of an act, with what people call both.",
			fields: fields("act String title String number String date Date article String articleTitle String")},
		{kind: objectType, name: "Reason", doc: "Why a decision is what it is.",
			fields: fields("condition String title String text String law Law")},
		{kind: objectType, name: "DecisionCondition", doc: "A condition as it was judged: true, false or unclear.",
			fields: fields("name String! title String truth String! law Law trace [DecisionStep!]")},
		{kind: objectType, name: "DecisionStep", doc: "An expression of a condition, its value, and the record or parameter that it came from.",
			fields: fields("text String value String source String law Law")},
		{kind: objectType, name: "History", doc: "A version of a record.",
			fields: fields("id ID! version Int! since DateTime! until DateTime by String! state String stateTitle String title String void String data JSON!")},
		{kind: objectType, name: "CaseEvent", doc: "An event that you may fire now.",
			fields: fields("name String! title String ask [String!]! data JSON")},
		{kind: inputType, name: "AttachmentInput", doc: "A file to be attached: its bytes in base64, or a part of the multipart request.",
			fields: fields("slot String name String! media String base64 String file Upload")},
	} {
		m.define(t, schema.Pos{})
	}
}

// fields reads "name Type name Type …".
func fields(list string) []*fieldDef {
	words := splitWords(list)
	out := make([]*fieldDef, 0, len(words)/2)
	for i := 0; i+1 < len(words); i += 2 {
		out = append(out, &fieldDef{name: words[i], typ: words[i+1]})
	}
	return out
}
