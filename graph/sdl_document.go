package graph

import (
	"slices"
	"strings"

	"mera/kernel/store"
	"mera/schema"
	"mera/schema/filter"
)

func splitWords(s string) []string { return strings.Fields(s) }

// document is the type of a document: a type, or an interface for an abstract one.
func (m *model) document(d *schema.Document) {
	t := &typeDef{kind: objectType, name: d.Name, doc: d.Title, entity: d.Name, implements: []string{"Node", "Record"}}
	if d.Abstract {
		t.kind = interfaceType
	} else if !d.Extends.IsZero() {
		t.implements = append(t.implements, d.Extends.Text)
	}
	m.define(t, d.Pos)
	for _, f := range recordFields() {
		if d.Property(f.name) == nil {
			t.add(f)
		}
	}
	for _, p := range d.Properties {
		if p.Type != nil {
			t.add(m.property(p, d.Name))
		}
	}
	isCase := m.cat.WorkflowOf(d.Name) != nil
	if isCase {
		for _, f := range m.caseFields() {
			t.add(f)
		}
	}
	m.card(t, d)
	m.tree(t, d)
	for _, inv := range m.cat.Inverses(d.Name) {
		if m.target(inv.From) != "" {
			t.add(m.connection(inv.Name, source{kind: fromRows, entity: inv.From, inverse: inv.Link, shape: store.Connection}))
		}
	}
	if isCase {
		m.kernelLists(t, "Case")
	}
	m.kernelLists(t, d.Name)
}

// recordFields are what the kernel keeps of each record.
func recordFields() []*fieldDef {
	out := fields(`id ID! version Int! createdAt DateTime! createdBy String! createdByName String updatedAt DateTime! updatedBy String! typeTitle String! title String
		void String`)
	list := func(name, typ, entity string) *fieldDef {
		return &fieldDef{name: name, typ: "[" + typ + "!]!", args: fields("first Int"), source: source{
			kind: fromRows, entity: entity, inverse: "record", shape: store.List, order: orderOf(entity)}}
	}
	return append(out, list("history", "History", "Version"), list("attachments", "Attachment", "Attachment"),
		list("keys", "OutsideKey", "Key"))
}

// orderOf is the order in which rows of the kernel's own are listed.
func orderOf(entity string) []store.Order {
	by := map[string]string{"Version": "version", "Attachment": "createdAt", "Key": "system", "Event": "at",
		"Accrual": "from", "Scheduled": "from", "Payment": "id"}[entity]
	if by == "" {
		by = "createdAt"
	}
	return []store.Order{{Path: []filter.Hop{{Property: by}}}}
}

// caseFields are what the kernel keeps of each case.
func (m *model) caseFields() []*fieldDef {
	out := fields("type String! state String! stateTitle String! number String final Boolean! worker String opened DateTime! due Date channel String")
	for i, f := range out {
		if f.name == "type" {
			out[i].doc = "The document type."
		}
	}
	out = append(out,
		&fieldDef{name: "parent", typ: "Case", doc: "The case whose work or start opened it.",
			source: source{kind: fromRows, entity: "Case", link: "parent"}},
		&fieldDef{name: "events", typ: "[CaseEvent!]!", doc: "Events that you may fire now: only of a case that is asked for by its id.",
			source: source{kind: fromViews}})
	for name, doc := range map[string]string{"office": "Office", "applicant": "Person"} {
		if m.cat.Documents[doc] != nil {
			out = append(out, &fieldDef{name: name, typ: doc, source: source{kind: fromRows, entity: doc, link: name}})
		}
	}
	slices.SortStableFunc(out, func(a, b *fieldDef) int { return strings.Compare(a.name, b.name) })
	return out
}

// card is the record on whose card a record lies.
func (m *model) card(t *typeDef, d *schema.Document) {
	if d.Card == nil || m.target(d.Card.Type.Text) == "" {
		return
	}
	to := d.Card.Type.Text
	t.add(&fieldDef{name: "card", typ: to, source: source{kind: fromRows, entity: to, link: "card"}})
}

// tree gives the parent and the children of a record of a tree.
func (m *model) tree(t *typeDef, d *schema.Document) {
	if d.Tree.IsZero() {
		return
	}
	t.add(&fieldDef{name: "parent", typ: d.Name, source: source{kind: fromRows, entity: d.Name, link: d.Tree.Text}})
	t.add(m.connection("children", source{kind: fromRows, entity: d.Name, inverse: d.Tree.Text, shape: store.Connection}))
}

// connection is a field with a page of rows of a document type.
func (m *model) connection(name string, s source) *fieldDef {
	m.pageOf(s.entity)
	return &fieldDef{name: name, typ: s.entity + "Connection!", args: m.pageArgs(s.entity), source: s}
}

// pageOf makes the connection and edge types of an entity.
func (m *model) pageOf(entity string) string {
	name := entity + "Connection"
	m.ensure(name, func() *typeDef {
		m.ensure(entity+"Edge", func() *typeDef {
			return &typeDef{kind: objectType, fields: []*fieldDef{
				{name: "cursor", typ: "String!", source: source{kind: fromPart}},
				{name: "node", typ: entity + "!", source: source{kind: fromPart}}}}
		})
		return &typeDef{kind: objectType, fields: []*fieldDef{
			{name: "nodes", typ: "[" + entity + "!]!", source: source{kind: fromPart}},
			{name: "edges", typ: "[" + entity + "Edge!]!", source: source{kind: fromPart}},
			{name: "pageInfo", typ: "PageInfo!", source: source{kind: fromPart}},
			{name: "totalCount", typ: "Int!", source: source{kind: fromPart}}}}
	})
	return name
}

// pageArgs are the arguments of a connection.
func (m *model) pageArgs(entity string) []*fieldDef {
	var out []*fieldDef
	if w := m.where(entity); w != "" {
		out = append(out, &fieldDef{name: "where", typ: w})
	}
	if o := m.orderBy(entity); o != "" {
		out = append(out, &fieldDef{name: "orderBy", typ: "[" + o + "!]"})
	}
	return append(out, fields("first Int after String last Int before String asOf Date knownAt DateTime")...)
}

// interfaces are Node, Record and Case. A member of Case that a case type calls by another type of value is left out
// of the interface; the type keeps its own.
func (m *model) interfaces() {
	node := m.define(&typeDef{kind: interfaceType, name: "Node", doc: "Anything with an id."}, schema.Pos{})
	node.add(&fieldDef{name: "id", typ: "ID!"})
	rec := &typeDef{kind: interfaceType, name: "Record", doc: "A record of any document type.", entity: "Record", implements: []string{"Node"}}
	m.define(rec, schema.Pos{})
	m.common(rec, recordFields(), func(string) bool { return true })
	cases := &typeDef{kind: interfaceType, name: "Case", doc: "A record of any type that has a workflow.", entity: "Case",
		implements: []string{"Node", "Record"}}
	m.define(cases, schema.Pos{})
	isCase := func(name string) bool { return m.cat.WorkflowOf(name) != nil }
	work := &typeDef{}
	m.kernelLists(work, "Case")
	m.common(cases, slices.Concat(slices.Clone(rec.fields), m.caseFields(), work.fields), isCase)
	for _, name := range m.documents() {
		if t := m.types[name]; t != nil && isCase(name) && !m.cat.Documents[name].Abstract {
			t.implements = append(t.implements, "Case")
		}
	}
	for _, name := range m.documents() {
		m.abstractCase(m.types[name], cases)
	}
	for _, entity := range []string{"Record", "Case"} {
		m.pageOf(entity)
	}
}

// abstractCase makes an abstract type, all of whose types are cases, a case too.
func (m *model) abstractCase(t, cases *typeDef) {
	extends := func(name string) bool { return m.cat.Documents[name].Extends.Text == t.name }
	of := store.EntityTypes(m.cat, t.name)
	if t.kind != interfaceType || len(of) == 0 || slices.ContainsFunc(of, func(n string) bool { return m.cat.WorkflowOf(n) == nil }) {
		return
	}
	m.common(t, cases.fields, extends)
	t.implements = append(t.implements, cases.name)
}

// common adds to an interface the fields that mean the same in all its types.
func (m *model) common(t *typeDef, fs []*fieldDef, of func(document string) bool) {
	for _, f := range fs {
		same := true
		for _, name := range m.documents() {
			if d := m.types[name]; d != nil && of(name) {
				own := d.field(f.name)
				same = same && own != nil && own.typ == f.typ
			}
		}
		if same {
			t.add(f)
		}
	}
}
