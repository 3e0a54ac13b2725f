package store

import (
	"fmt"

	"github.com/google/uuid"

	"mera/schema"
	"mera/schema/filter"
)

// term is a value of a row in SQL, ready to be compared.
type term struct {
	sql  string
	repr repr
	typ  *schema.Type // of a declared property
}

// term is the value of a property of a row. A labelled value is absent where its label does not show; policies and
// lists that are public read it as it is.
func (b *builder) term(r row, name string) (term, error) {
	if r.object != nil {
		f := r.object.Field(name)
		if f == nil {
			return term{}, fmt.Errorf("%s has no %q", r.name, name)
		}
		t := dataTerm(r.json, f)
		sql, err := b.masked(*r.outer, f.Label, t.sql)
		return term{sql: sql, repr: t.repr, typ: t.typ}, err
	}
	if r.table != nil {
		c, ok := r.table.columns[name]
		if !ok {
			return term{}, fmt.Errorf("%s has no %q", r.name, name)
		}
		sql, err := b.derived(r, name, on(c.sql, r.alias))
		return term{sql: sql, repr: c.repr, typ: c.typ}, err
	}
	if p := r.property(name); p != nil && p.Type != nil {
		if b.unfolded && p.Fold != "" {
			plain := *p
			plain.Fold = ""
			p = &plain
		}
		t := dataTerm(r.alias+".data", p)
		sql, err := b.masked(r, p.Label, t.sql)
		return term{sql: sql, repr: t.repr, typ: p.Type}, err
	}
	if c, ok := recordColumns[name]; ok {
		sql, err := b.doubly(r, name, on(c.sql, r.alias))
		return term{sql: sql, repr: c.repr}, err
	}
	return term{}, fmt.Errorf("%s has no property %q", r.name, name)
}

// attribute is what policies read of a row. An attribute that the row has not is absent.
func (b *builder) attribute(r row, h filter.Hop, typ *schema.Type) term {
	name := h.Property
	columns := recordAttributes
	if r.table != nil {
		columns = r.table.columns
	}
	if c, ok := columns[name]; ok {
		return term{sql: on(c.sql, r.alias), repr: c.repr}
	}
	if r.table != nil {
		return term{sql: "null::text", repr: asText}
	}
	return dataTerm(r.alias+".access", &schema.Property{Name: name, Type: typ})
}

// dataTerm reads a property out of jsonb as it is compared, ordered and indexed: with a cast, texts in C order, and
// folded where the property is.
func dataTerm(json string, p *schema.Property) term {
	text := "(" + json + "->>" + quote(p.Name) + ")"
	t := term{sql: foldedSQL(p.Fold, text) + ` collate "C"`, repr: asText, typ: p.Type}
	if p.Type == nil {
		return t
	}
	switch p.Type.Kind {
	case schema.Boolean:
		t.sql, t.repr = text+"::boolean", asBool
	case schema.Integer:
		t.sql, t.repr = text+"::bigint", asInt
	case schema.Decimal, schema.Money:
		t.sql, t.repr = text+"::numeric", asNumeric
	case schema.Link, schema.UUID:
		t.sql, t.repr = text+"::uuid", asUUID
	case schema.Array, schema.Object, schema.Point:
		t.sql, t.repr = "("+json+"->"+quote(p.Name)+")", asJSON
	}
	return t
}

// path is the value at a path over links, objects and outside keys, absent where a link on the way leads nowhere that
// may be seen.
func (b *builder) path(r row, path []filter.Hop) (term, error) {
	head, rest := path[0], path[1:]
	if head.Row {
		return b.attribute(r, head, nil), nil
	}
	if len(rest) == 0 {
		return b.term(r, head.Property)
	}
	if head.Link != "" {
		var inner term
		sql, err := b.linked(r, head, func(to row) (string, error) {
			var err error
			inner, err = b.path(to, rest)
			return inner.sql, err
		})
		return term{sql: sql, repr: inner.repr, typ: inner.typ}, err
	}
	return b.inside(r, path)
}

// inside is a value inside an object of the row, or an outside key.
func (b *builder) inside(r row, path []filter.Hop) (term, error) {
	head, rest := path[0], path[1:]
	p := r.property(head.Property)
	switch {
	case head.Property == "keys" && p == nil && r.table == nil:
		return b.key(r, rest[0].Property), nil
	case p == nil || p.Type == nil || p.Type.Kind != schema.Object && p.Type.Kind != schema.Point:
		return term{}, fmt.Errorf("%s has no object %q", r.name, head.Property)
	}
	holder := r
	if r.object != nil {
		holder = *r.outer
	}
	json, label, typ := r.base()+"->"+quote(p.Name), p.Label, p.Type
	for i, h := range rest {
		f := typ.Field(h.Property)
		if typ.Kind == schema.Point { // its lat and lon
			f = &schema.Property{Name: h.Property, Type: &schema.Type{Kind: schema.Decimal}}
		}
		if f == nil {
			return term{}, fmt.Errorf("%s has no %q", typ.Of, h.Property)
		}
		if i == len(rest)-1 {
			t := dataTerm("("+json+")", f)
			sql, err := b.masked(holder, label, t.sql)
			if err == nil {
				sql, err = b.masked(holder, f.Label, sql)
			}
			return term{sql: sql, repr: t.repr, typ: t.typ}, err
		}
		json, typ = json+"->"+quote(h.Property), f.Type
	}
	return term{}, fmt.Errorf("path ends in the object %q", head.Property)
}

func (b *builder) key(r row, system string) term {
	k := b.alias()
	return term{repr: asText, sql: fmt.Sprintf(
		"(select %[1]s.value from record_key %[1]s where %[1]s.type = %[2]s.type and %[1]s.id = %[2]s.id and %[1]s.system = %[3]s limit 1)",
		k, r.alias, b.arg(system)+"::text")}
}

// linked wraps what is said of the record to which a link leads into a subselect.
func (b *builder) linked(r row, h filter.Hop, value func(to row) (string, error)) (string, error) {
	to, cond, err := b.follow(r, h)
	if err != nil {
		return "", err
	}
	sql, err := value(to)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("(select %s from %s %s where %s)", sql, b.source(to.entity), to.alias, cond), nil
}

// follow is the row to which a link leads, with the conditions that make it that row and let it be seen.
func (b *builder) follow(r row, h filter.Hop) (row, string, error) {
	e, err := b.entity(h.Link, nil)
	if err != nil {
		return row{}, "", err
	}
	to := row{entity: e, alias: b.alias()}
	join, err := b.joined(r, h.Property, to)
	if err != nil {
		return row{}, "", err
	}
	guard, err := b.guard(to)
	return to, all(b.present(to), join, guard), err
}

// joined says that the row to is one to which a link of r leads.
func (b *builder) joined(r row, property string, to row) (string, error) {
	t, err := b.term(r, property)
	if err != nil {
		return "", err
	}
	id := to.alias + ".id"
	switch {
	case t.repr == asJSON:
		return fmt.Sprintf("%s in (select v::uuid from jsonb_array_elements_text(%s) v)", id, t.sql), nil
	case r.table != nil && r.table.caseType != "" && to.table == nil && (property == "case" || property == "record"):
		return fmt.Sprintf("%s.type = %s and %s = %s", to.alias, on(r.table.caseType, r.alias), id, t.sql), nil
	}
	return id + " = " + t.sql, nil
}

// isUUID tells that PostgreSQL will take the text for a uuid in its canonical form.
func isUUID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }
