package store

import (
	"fmt"
	"slices"
	"strings"

	"mera/schema"
)

// value is one member of a row's object as SQL that json_build_object takes.
func (b *builder) value(r row, f *Field) (string, error) {
	switch {
	case f.Name == "" && len(f.Fields) > 0:
		return b.fields(r, f.Fields)
	case f.Name == "":
		return b.textArg(f.Text), nil
	case f.Name == Absent:
		return "null", nil
	case f.Set != nil:
		return b.set(f.Set, &r)
	case f.Name == "__typename" && len(r.types) > 1:
		return r.alias + ".type", nil
	case f.Name == "__typename" && r.object == nil:
		return quote(r.name), nil
	case r.object != nil:
		if sql := b.said(r, f.Name); sql != "" {
			return sql, nil
		}
		p := r.object.Field(f.Name)
		if p == nil {
			return "", fmt.Errorf("%s has no %q", r.name, f.Name)
		}
		return b.declared(r, p, f)
	}
	if p := r.property(f.Name); p != nil && p.Type != nil {
		return b.declared(r, p, f)
	}
	return b.kept(r, f)
}

// base is the jsonb in which the properties of a row lie.
func (r row) base() string {
	if r.object != nil {
		return r.json
	}
	return r.alias + ".data"
}

// declared is the value of a property of a definition, out of the data and in its stored form.
func (b *builder) declared(r row, p *schema.Property, f *Field) (string, error) {
	v, err := b.property(r, p, f)
	if err != nil {
		return "", err
	}
	holder := r
	if r.outer != nil && r.object != nil {
		holder = *r.outer
	}
	return b.masked(holder, p.Label, v)
}

// property is declared without its label. A code is read as text at once: items are looked up by it.
func (b *builder) property(r row, p *schema.Property, f *Field) (string, error) {
	if p.Type.Kind == schema.Item && len(f.Fields) > 0 {
		return b.item("("+r.base()+"->>"+quote(p.Name)+")", p.Type.Of, f)
	}
	return b.json(r, p.Type, "("+r.base()+"->"+quote(p.Name)+")", f)
}

// json shows a stored value of a type: as it is, or the fields that were asked for.
func (b *builder) json(r row, t *schema.Type, json string, f *Field) (string, error) {
	if len(f.Fields) == 0 {
		return json, nil
	}
	switch t.Kind {
	case schema.Item:
		return b.item("("+json+"#>>'{}')", t.Of, f)
	case schema.Object, schema.Point:
		if f.Flat {
			return b.value(b.element(r, t, json), f.Fields[0])
		}
		inner, err := b.fields(b.element(r, t, json), f.Fields)
		return "case when " + json + " is not null then " + inner + " end", err
	case schema.Array:
		e := b.alias()
		inner, err := b.json(b.element(r, t.Elem, e+".v"), t.Elem, e+".v", f)
		return fmt.Sprintf("case when %s is not null then (select coalesce(json_agg(%s order by %s.n), '[]'::json) from "+
			"jsonb_array_elements(%s) with ordinality %s(v, n)) end", json, inner, e, json, e), err
	}
	return "", fmt.Errorf("%s has no fields", t.Kind)
}

// element is the row that an object inside a record makes.
func (b *builder) element(r row, t *schema.Type, json string) row {
	outer := r
	if r.object != nil {
		outer = *r.outer
	}
	return row{entity: entity{name: t.Of}, alias: r.alias, object: t, json: json, outer: &outer}
}

// item is an item of a classifier. A code that the classifier has not is shown as its own title.
func (b *builder) item(code, of string, f *Field) (string, error) {
	if !f.Flat && !slices.ContainsFunc(f.Fields, func(x *Field) bool { return !slices.Contains([]string{"code", "title", ""}, x.Name) }) {
		return b.named(code, of, f), nil
	}
	v, c := b.alias(), b.alias()
	var members []member
	for _, x := range f.Fields {
		sql, err := b.itemField(v, c, of, x)
		if err != nil {
			return "", err
		}
		members = append(members, member{x.Alias, sql})
	}
	shown := ""
	if f.Flat {
		shown = members[0].sql
	} else {
		shown = b.object(members)
	}
	return fmt.Sprintf("(select %[1]s from (select %[2]s as code) %[3]s left join classifier_item %[4]s on %[4]s.classifier = %[5]s "+
		"and %[4]s.code = %[3]s.code where %[3]s.code is not null)", shown, code, v, c, quote(of)), nil
}

// named is an item of which its code and title are asked for, as most are: one look at the index.
func (b *builder) named(code, of string, f *Field) string {
	members := make([]member, len(f.Fields))
	for i, x := range f.Fields {
		v := code
		switch x.Name {
		case "":
			v = b.textArg(x.Text)
		case "title":
			c := b.alias()
			v = b.translated(itemsOf+of, code, fmt.Sprintf("coalesce((select %[1]s.title from classifier_item %[1]s where %[1]s.classifier = %[2]s and %[1]s.code = %[3]s), %[3]s)",
				c, quote(of), code))
		}
		members[i] = member{x.Alias, v}
	}
	return "case when " + code + " is not null then " + b.object(members) + " end"
}

func (b *builder) itemField(v, c, of string, x *Field) (string, error) {
	switch x.Name {
	case "":
		return b.textArg(x.Text), nil
	case "code":
		return v + ".code", nil
	case "title":
		return b.translated(itemsOf+of, v+".code", "coalesce("+c+".title, "+v+".code)"), nil
	case "from":
		return c + ".date_from", nil
	case "to":
		return c + ".date_to", nil
	case "codes":
		return c + ".codes", nil
	case "parent":
		return b.item(c+".parent", of, x)
	}
	if cl := b.catalog.Classifiers[of]; cl != nil {
		for _, p := range cl.Attributes {
			if p.Name == x.Name {
				return itemAttribute(c, p), nil
			}
		}
	}
	return "", fmt.Errorf("items of %s have no %q", of, x.Name)
}

// itemAttribute is an attribute of an item. Attributes are kept as their authors wrote them: as text.
func itemAttribute(c string, p *schema.Property) string {
	text := "(" + c + ".attributes->>" + quote(p.Name) + ")"
	if p.Type == nil {
		return text
	}
	switch p.Type.Kind {
	case schema.Boolean:
		return text + "::boolean"
	case schema.Integer:
		return text + "::bigint"
	case schema.Array, schema.Object, schema.Point:
		return "(" + c + ".attributes->" + quote(p.Name) + ")"
	}
	return text
}

// kept is the value of a column that the kernel keeps.
func (b *builder) kept(r row, f *Field) (string, error) {
	columns := recordColumns
	if r.table != nil {
		columns = r.table.columns
	}
	c, ok := columns[f.Name]
	t, titled := r.titling(f.Name)
	sql := on(c.sql, r.alias)
	switch {
	case titled:
		sql = b.title(t, r.alias)
	case !ok:
		return "", fmt.Errorf("%s has no %q", r.name, f.Name)
	}
	if r.table != nil {
		var err error
		if sql, err = b.derived(r, f.Name, sql); err != nil {
			return "", err
		}
	}
	switch {
	case r.name == "Version" && f.Name == "data":
		return b.unlabelled(r, sql)
	case r.name == "Event" && c.repr == asJSON:
		return b.unlabelledEvent(r, sql), nil
	case c.typ != nil && len(f.Fields) > 0:
		if c.typ.Kind == schema.Item {
			return b.item(sql, c.typ.Of, f)
		}
		return b.json(r, c.typ, sql, f)
	}
	return b.doubly(r, f.Name, shown(sql, c.repr))
}

// doubly masks a column that the kernel keeps of a property (a number, an applicant) as the property is.
func (b *builder) doubly(r row, name, sql string) (string, error) {
	labelled := func(t string) string {
		if p := b.catalog.Documents[t].Property(name); p != nil {
			return p.Label
		}
		return ""
	}
	if b.policy || !slices.ContainsFunc(r.types, func(t string) bool { return labelled(t) != "" }) {
		return sql, nil
	}
	may, err := b.eachType(r, func(typ row) (string, error) {
		if l := labelled(typ.name); l != "" {
			return b.shown(typ, l)
		}
		return "true", nil
	})
	if err != nil || may == "true" {
		return sql, err
	}
	return "(case when " + may + " then " + sql + " end)", nil
}

// shown is how a value of a column is written: moments in UTC with Z, sums with two digits. The rest is written so by
// PostgreSQL itself.
func shown(sql string, r repr) string {
	switch r {
	case asTime:
		return "rtrim(rtrim(to_char(" + sql + ` at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z'`
	case asKopecks:
		return "round((" + sql + ")::numeric / 100, 2)::text"
	}
	return sql
}

// unlabelled is the data of an old version without the labelled values that do not show.
func (b *builder) unlabelled(r row, data string) (string, error) {
	switch {
	case r.outer == nil || r.outer.table != nil:
		return "", fmt.Errorf("versions are read below a record")
	case len(r.outer.types) == 0:
		return data, nil // of no type there is no version
	}
	var s strings.Builder
	for _, t := range r.outer.types {
		own, err := b.unlabelledOf(b.as(*r.outer, t), data)
		if err != nil || len(r.outer.types) == 1 {
			return own, err
		}
		s.WriteString(" when " + quote(t) + " then " + own)
	}
	return "case " + r.alias + ".type" + s.String() + " end", nil
}

func (b *builder) unlabelledOf(typed row, data string) (string, error) {
	for _, label := range Labels(typed.doc) {
		show, err := b.shown(typed, label)
		if err != nil {
			return "", err
		}
		if show != "true" {
			data = fmt.Sprintf("(%s - case when %s then '{}' else %s end::text[])", data, show, textArray(labelled(typed.doc, label)))
		}
	}
	return data, nil
}

// unlabelledEvent is the data of a journal entry without any labelled value: the entry is no row that a label's
// filter could be put to.
func (b *builder) unlabelledEvent(r row, data string) string {
	var s strings.Builder
	for _, t := range EntityTypes(b.catalog, entityRecord) {
		d := b.catalog.Documents[t]
		var hidden []string
		for _, label := range Labels(d) {
			hidden = append(hidden, labelled(d, label)...)
		}
		if len(hidden) > 0 {
			fmt.Fprintf(&s, " when %s then %s - %s::text[]", quote(t), data, textArray(hidden))
		}
	}
	if s.Len() == 0 {
		return data
	}
	return "case " + r.alias + ".type" + s.String() + " else " + data + " end"
}

// Labels are the labels of a document's properties at any depth, sorted.
func Labels(d *schema.Document) []string {
	var out []string
	for _, p := range d.Properties {
		out = append(out, labelsOf(p)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func labelsOf(p *schema.Property) []string {
	var out []string
	if p.Label != "" {
		out = append(out, p.Label)
	}
	t := p.Type
	if t != nil && t.Kind == schema.Array {
		t = t.Elem
	}
	if t != nil && t.Kind == schema.Object {
		for _, f := range t.Fields {
			out = append(out, labelsOf(f)...)
		}
	}
	return out
}

// labelled are the properties that hold a value of a label, at any depth.
func labelled(d *schema.Document, label string) []string {
	var out []string
	for _, p := range d.Properties {
		if slices.Contains(labelsOf(p), label) {
			out = append(out, p.Name)
		}
	}
	return out
}

func textArray(names []string) string { return quote("{" + strings.Join(names, ",") + "}") }
