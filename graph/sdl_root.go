package graph

import (
	"slices"

	"mera/kernel/query"
	"mera/kernel/store"
	"mera/schema"
)

// verb is a mutation: which command it makes of which arguments.
type verb struct {
	command string
	typ     string // document type, where the command is about one
	list    string
	result  resultKind
}

// resultKind is what a mutation answers with.
type resultKind int

const (
	resultRecord resultKind = iota // the record or row that the command names, read anew
	resultData                     // the command's own data
)

// queryRoot are one field and one connection for every entity, and what engines compute.
func (m *model) queryRoot(q *typeDef) {
	for _, name := range m.documents() {
		d := m.cat.Documents[name]
		one, many := lowerFirst(name), d.Plural.Text
		if many == "" {
			many = one + "List"
		}
		m.root(q, d.Pos, byID(one, name))
		m.root(q, d.Pos, m.connection(many, source{kind: fromRows, entity: name, shape: store.Connection}))
		m.aggregate(q, d.Pos, many, name)
	}
	for _, name := range kernelNames {
		if store.Free(name) {
			continue
		}
		one := lowerFirst(name)
		m.root(q, schema.Pos{}, byID(one, name))
		m.root(q, schema.Pos{}, m.connection(one+"s", source{kind: fromRows, entity: name, shape: store.Connection}))
		if slices.Contains(grouping, name) {
			m.aggregate(q, schema.Pos{}, one+"s", name)
		}
	}
	m.root(q, schema.Pos{}, byID("case", "Case"))
	m.root(q, schema.Pos{}, m.connection("cases", source{kind: fromRows, entity: "Case", shape: store.Connection}))
	m.root(q, schema.Pos{}, &fieldDef{name: "node", typ: "Node", doc: "The record of an id.", args: fields("id ID! asOf Date knownAt DateTime"),
		source: source{kind: fromRows, entity: "Record"}})
	m.root(q, schema.Pos{}, &fieldDef{name: "card", typ: "RecordConnection!", doc: "All that lies on the card of a record.",
		args:   fields("id ID! types [String!] first Int after String last Int before String asOf Date knownAt DateTime"),
		source: source{kind: fromRows, entity: "Record", shape: store.Connection}})
	m.searchRoot(q)
	m.root(q, schema.Pos{}, &fieldDef{name: "me", typ: "Me!", doc: "Who you are.", source: source{kind: fromActor}})
	m.root(q, schema.Pos{}, &fieldDef{name: "form", typ: "JSON", doc: "The form of a type in a state, as you may fill it; data is what is filled in so far.",
		args: fields("type String! state String id ID data JSON"), source: source{kind: fromForm}})
	m.root(q, schema.Pos{}, &fieldDef{name: "now", typ: "DateTime!", doc: "The clock of the installation.", source: source{kind: fromForm}})
	m.root(q, schema.Pos{}, &fieldDef{name: "pendingJobs", typ: "Int!", doc: "How many jobs of the server are due and not done.",
		source: source{kind: fromForm}})
	me := m.define(&typeDef{kind: objectType, name: "Me"}, schema.Pos{})
	for _, f := range fields("id ID! kind String! name String! roles [String!]! department String territories [String!]! duties [String!]! person ID office ID") {
		me.add(f)
	}
}

func byID(name, entity string) *fieldDef {
	return &fieldDef{name: name, typ: entity, args: fields("id ID! asOf Date knownAt DateTime"),
		source: source{kind: fromRows, entity: entity}}
}

// root adds a field to a root. Two of one name are a fault: plurals and lists share one space.
func (m *model) root(t *typeDef, pos schema.Pos, f *fieldDef) {
	if t.field(f.name) != nil {
		m.faults = append(m.faults, schema.Faultf(pos, "graphql-name", "the field %s.%s is there twice", t.name, f.name))
		return
	}
	if !isName(f.name) {
		m.faults = append(m.faults, schema.Faultf(pos, "graphql-name", "%q is no name of GraphQL", f.name))
		return
	}
	t.add(f)
}

// mutationRoot are create, update and void of each document type, and the verbs of the kernel.
func (m *model) mutationRoot(t *typeDef) {
	for _, name := range m.documents() {
		if d := m.cat.Documents[name]; !d.Abstract {
			m.documentVerbs(t, d)
		}
	}
	for _, v := range []struct{ name, typ, args, command, doc string }{
		{"fire", "Case", "case ID! event String! data JSON version Int key String at DateTime", "fire", "Fires an event of a case."},
		{"recalculate", "Award", "award ID! key String", "recalculate", "Computes an award anew and posts the differences."},
		{"accrue", "JSON!", "until Date! key String", "accrue", "Posts what awards owe until a day."},
		{"runPayments", "PaymentList", "from Date! to Date! date Date! key String", "runPayments", "Makes the payment list of a period."},
		{"setClock", "JSON!", "to DateTime by Duration key String", "setClock", "Moves the clock of a rehearsal: to a time, or by a duration."},
		{"setCounter", "JSON!", "series String! per String next Long! key String", "setCounter", "Sets the next number of a series."},
		{"setParameter", "Parameter", "name String! from Date! keys [String!] value JSON! law JSON key String", "setParameter", "Gives a parameter a value from a date."},
		{"createActor", "Actor", "input ActorInput! key String", "createActor", "Adds somebody who may act."},
		{"attach", "Attachment", "type String! id ID! attachment AttachmentInput! key String", "attach", "Attaches a file to a record."},
		{"finishTask", "Task", "task ID! choice String answers JSON key String", "finishTask", "Closes a task that no event of its case closes. Answers are what a person knows of a row that was unclear."},
		{"breakGlass", "JSON!", "type String! id ID! reason String! key String", "breakGlass", "Opens one record to a clerk for an hour, against the policy, with a reason that is journaled."},
	} {
		r := resultRecord
		if v.typ == "JSON!" || v.typ == "Attachment" {
			r = resultData
		}
		m.root(t, schema.Pos{}, &fieldDef{name: v.name, typ: v.typ, doc: v.doc, args: fields(v.args),
			source: source{kind: fromCommand, entity: bare(v.typ), verb: &verb{command: v.command, result: r}}})
	}
	m.define(&typeDef{kind: inputType, name: "ActorInput", fields: fields(
		"id ID! kind String! name String! person ID roles [String!] office ID department String territories [String!] duties [String!] active Boolean")},
		schema.Pos{})
}

func (m *model) documentVerbs(t *typeDef, d *schema.Document) {
	isCase := m.cat.WorkflowOf(d.Name) != nil
	in := m.given(d, d.Name+"Input", func(p *schema.Property) bool { return !p.ReadOnly })
	in.add(&fieldDef{name: "attachments", typ: "[AttachmentInput!]"})
	patch := m.given(d, d.Name+"Patch", func(p *schema.Property) bool { return !p.ReadOnly })
	add := func(name, args, command, doc string) {
		m.root(t, d.Pos, &fieldDef{name: name, typ: d.Name, doc: doc, args: fields(args), source: source{
			kind: fromCommand, entity: d.Name, verb: &verb{command: command, typ: d.Name}}})
	}
	add("create"+d.Name, "input "+in.name+"! case ID key String", "create", d.Title)
	add("update"+d.Name, "id ID! version Int! patch "+patch.name+"! key String", "update", d.Title)
	if !isCase {
		add("delete"+d.Name, "id ID! version Int! reason String! key String", "void", d.Title)
	}
}

// given is the input with the properties that somebody may give: numbers and computed values are the kernel's.
func (m *model) given(d *schema.Document, name string, may func(p *schema.Property) bool) *typeDef {
	in := m.define(&typeDef{kind: inputType, name: name, doc: d.Title}, d.Pos)
	for _, p := range d.Properties {
		if p.Type != nil && p.Value.IsZero() && p.Number == nil && may(p) {
			in.add(&fieldDef{name: p.Name, doc: p.Title, typ: m.input(p.Type, d.Name, p.Name)})
		}
	}
	if len(in.fields) == 0 {
		in.add(&fieldDef{name: "_", typ: "Boolean"})
	}
	return in
}

// list is a list of a package: a field of Query and Subscription, a row type, and a mutation that takes from it.
func (m *model) list(l *query.List, q, mut, sub *typeDef) {
	row := m.define(&typeDef{kind: objectType, name: l.Name + "Row", doc: l.Title, entity: l.About.Text}, l.Pos)
	for _, c := range slices.Concat(l.Columns, l.Sums) {
		m.column(row, l, c)
	}
	args := make([]*fieldDef, 0, len(l.Given)+6)
	for _, p := range l.Given {
		typ := m.input(p.Type, l.Name, p.Name)
		if p.Required {
			typ += "!"
		}
		args = append(args, &fieldDef{name: p.Name, typ: typ})
	}
	f := &fieldDef{name: lowerFirst(l.Name), doc: l.Title, source: source{kind: fromRows, entity: l.About.Text, list: l}}
	if l.Grouped() {
		f.typ, f.args, f.source.shape = "["+row.name+"!]!", append(args, fields("asOf Date knownAt DateTime")...), store.Grouped
	} else {
		if !l.Public && m.types[l.About.Text] != nil {
			row.add(&fieldDef{name: "record", typ: l.About.Text, source: source{kind: fromRows, entity: l.About.Text, link: "id"}})
		}
		row.add(&fieldDef{name: "id", typ: "ID!"})
		f.typ, f.source.shape = m.pageOf(row.name)+"!", store.Connection
		f.args = append(slices.Clone(args), fields("first Int after String last Int before String asOf Date knownAt DateTime")...)
	}
	m.root(q, l.Pos, f)
	m.root(sub, l.Pos, f)
	if !l.Take.IsZero() {
		m.root(mut, l.Pos, &fieldDef{name: "take" + l.Name, typ: l.About.Text, doc: l.Title, args: append(slices.Clone(args), fields("key String")...),
			source: source{kind: fromCommand, entity: l.About.Text, list: l, verb: &verb{command: "take", list: l.Name}}})
	}
}

// column is a field of a row of a list.
func (m *model) column(row *typeDef, l *query.List, c query.Column) {
	typ := "Int"
	if c.Type != nil {
		typ = m.output(c.Type, l.Name, c.Name)
	}
	if l.Public && c.Type != nil && linking(c.Type) { // who may see the list may not see the record
		typ = m.input(c.Type, l.Name, c.Name)
	}
	if row.field(c.Name) != nil {
		m.faults = append(m.faults, schema.Faultf(l.Pos, "graphql-name", "the list %s has two columns %s", l.Name, c.Name))
		return
	}
	col := c
	row.add(&fieldDef{name: c.Name, doc: c.Title, typ: typ, source: source{kind: fromFlat, column: &col}})
}

// linking tells that a value leads to a record.
func linking(t *schema.Type) bool {
	return t.Kind == schema.Link || t.Kind == schema.Array && t.Elem != nil && linking(t.Elem)
}

// subscriptionRoot adds what every installation has; lists are there already.
func (m *model) subscriptionRoot(t *typeDef) {
	m.define(&typeDef{kind: objectType, name: "Change", doc: "A record that was written.",
		fields: fields("id ID! type String! version Int! title String state String updatedAt DateTime! record Node")}, schema.Pos{})
	m.root(t, schema.Pos{}, &fieldDef{name: "changes", typ: "Change!",
		doc:  "Records of a type as they are written, where they match a filter (see the type's own input …Where).",
		args: fields("type String! id ID where JSON"), source: source{kind: fromRows}})
	inbox := m.connection("tasks", source{kind: fromRows, entity: "Task", shape: store.Connection})
	inbox.doc = "The tasks that you may see, again whenever they have changed."
	m.root(t, schema.Pos{}, inbox)
}
