package graph

import (
	"slices"

	"mera/kernel/store"
	"mera/schema"
	"mera/schema/filter"
)

// grouping are the kernel's types whose rows are counted and summed; of documents all are.
var grouping = []string{"Task", "Request", "Decision", "Award", "Accrual", "Payment", "PaymentList"}

// parts of dates by which rows are grouped, with what they may be cut out of.
var parts = []struct {
	name string
	typ  string
	of   []schema.Kind
}{
	{"year", "Year", []schema.Kind{schema.Date, schema.DateTime, schema.Month, schema.Quarter}},
	{"quarter", "Quarter", []schema.Kind{schema.Date, schema.DateTime, schema.Month}},
	{"month", "Month", []schema.Kind{schema.Date, schema.DateTime}},
	{"day", "Date", []schema.Kind{schema.DateTime}},
}

// groupKey is what rows may be grouped by: a field, or a part of one.
type groupKey struct{ field, part, link string }

// aggregate adds `<plural>Aggregate(where) {groups(by) {key count sum avg min max}}` to the root.
func (m *model) aggregate(q *typeDef, pos schema.Pos, plural, entity string) {
	keys, groups := m.groupKeys(entity)
	group := m.define(&typeDef{kind: objectType, name: entity + "AggregateGroup", doc: "Rows that have the same values.",
		fields: fields("count Int!")}, pos)
	var args []*fieldDef
	if len(keys.values) > 0 {
		m.define(keys, pos)
		m.define(groups, pos)
		args = []*fieldDef{{name: "by", typ: "[" + keys.name + "!]"}}
		group.add(&fieldDef{name: "key", typ: groups.name + "!", source: source{kind: fromPart}})
	}
	for _, function := range []string{"sum", "avg", "min", "max"} {
		m.aggregates(group, pos, entity, function)
	}
	all := m.define(&typeDef{kind: objectType, name: entity + "Aggregate", fields: []*fieldDef{{
		name: "groups", typ: "[" + group.name + "!]!", args: args,
		doc:    "One group for each combination of values, in their order, or one of all rows; at most 1000.",
		source: source{kind: fromRows, entity: entity, shape: store.Grouped}}}}, pos)
	f := &fieldDef{name: plural + "Aggregate", typ: all.name + "!", doc: "Counts and sums.",
		source: source{kind: fromRows, entity: entity, shape: store.Holder}}
	if w := m.where(entity); w != "" {
		f.args = append(f.args, &fieldDef{name: "where", typ: w})
	}
	f.args = append(f.args, fields("asOf Date knownAt DateTime")...)
	m.root(q, pos, f)
}

// groupKeys are the enum of keys and the type of their values.
func (m *model) groupKeys(entity string) (keys, groups *typeDef) {
	keys = &typeDef{kind: enumType, name: entity + "AggregateBy"}
	groups = &typeDef{kind: objectType, name: entity + "AggregateKey"}
	add := func(k groupKey, name, typ, doc string) {
		if groups.field(name) != nil || !isName(name) {
			return
		}
		keys.values = append(keys.values, enumValue{name, doc})
		f := &fieldDef{name: name, typ: typ, doc: doc}
		f.source.group = &k
		groups.add(f)
	}
	shown := m.types[entity]
	for _, f := range filter.Fields(m.cat, entity) {
		own := shown.field(f.Name)
		if own == nil || !groupable(f) {
			continue
		}
		typ, link := own.typ, ""
		switch f.Type.Kind {
		case schema.Link:
			if typ = "ID"; m.cat.Documents[f.Type.Of] != nil {
				link = f.Type.Of
			}
		case schema.UUID:
			typ = "ID"
		case schema.DateTime: // only by parts: hardly two rows are of one moment
			continue
		}
		add(groupKey{field: f.Name, link: link}, f.Name, trimmed(typ), own.doc)
	}
	for _, f := range filter.Fields(m.cat, entity) {
		for _, p := range parts {
			if shown.field(f.Name) != nil && groupable(f) && slices.Contains(p.of, f.Type.Kind) {
				add(groupKey{field: f.Name, part: p.name}, f.Name+upperFirst(p.name), p.typ, "")
			}
		}
	}
	return keys, groups
}

// trimmed is a type without its non-null mark.
func trimmed(typ string) string {
	if n := len(typ); typ[n-1] == '!' {
		return typ[:n-1]
	}
	return typ
}

// groupable tells that values of a field make groups: they are plain, and indexed or the kernel's.
func groupable(f *filter.Field) bool {
	switch f.Name {
	case "id", "version", "keys", "holds", "touches", "title":
		return false
	}
	switch f.Type.Kind {
	case schema.Array, schema.Object, schema.Point, schema.Duration:
		return false
	}
	return true
}

// aggregates adds one function with a field for each property that it serves.
func (m *model) aggregates(group *typeDef, pos schema.Pos, entity, function string) {
	t := &typeDef{kind: objectType, name: entity + "Aggregate" + upperFirst(function)}
	for _, p := range m.properties(entity) {
		if typ := aggregateType(function, p.Type); typ != "" {
			f := &fieldDef{name: p.Name, typ: typ, doc: p.Title}
			f.source.aggregate = function
			t.add(f)
		}
	}
	if len(t.fields) > 0 {
		m.define(t, pos)
		group.add(&fieldDef{name: function, typ: t.name + "!", source: source{kind: fromPart}})
	}
}

// properties are the declared ones of an entity that are read.
func (m *model) properties(entity string) []*schema.Property {
	d := m.cat.Documents[entity]
	if d == nil {
		d = filter.KernelType(entity)
	}
	if d == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(d.Properties), func(p *schema.Property) bool {
		return p.Type == nil || m.types[entity].field(p.Name) == nil
	})
}

// aggregateType is the type of an aggregate over values of a type; "" if there is none.
func aggregateType(function string, t *schema.Type) string {
	switch t.Kind {
	case schema.Money:
		return "Money"
	case schema.Decimal:
		return "Decimal"
	case schema.Integer:
		if function == "avg" {
			return "Decimal"
		}
		return "Long"
	case schema.Date, schema.Month, schema.Quarter, schema.Year, schema.DateTime:
		if function == "min" || function == "max" {
			return scalar(t)
		}
	}
	return ""
}
