package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// set is a set of rows as one JSON expression.
func (b *builder) set(s *Set, parent *row) (string, error) {
	defer b.enter(s)()
	if s.Shape == Holder {
		return b.holder(s)
	}
	e, err := b.entity(s.Entity, s.Only)
	if err != nil {
		return "", err
	}
	r := row{entity: e, alias: b.alias(), outer: parent}
	if parent != nil && s.KnownAt.IsZero() {
		r.via = s.Inverse
	}
	if s.Search != nil {
		return b.searched(s, r)
	}
	cond, err := b.rows(s, r, parent)
	if err != nil {
		return "", err
	}
	switch {
	case s.Shape == Flat && len(s.Aggregates) > 0:
		return b.aggregated(s, r, cond)
	case s.Shape == One, s.Shape == Flat:
		return b.one(s, r, cond)
	case s.Shape == List:
		return b.list(s, r, parent, cond)
	case s.Shape == Connection:
		return b.connection(s, r, cond)
	case s.Shape == Grouped:
		return b.grouped(s, r, cond)
	}
	return "", fmt.Errorf("no shape %d", s.Shape)
}

func (b *builder) holder(s *Set) (string, error) {
	members := make([]member, len(s.Fields))
	for i, f := range s.Fields {
		sql := ""
		var err error
		if f.Set != nil {
			sql, err = b.set(f.Set, nil)
		} else {
			sql = b.textArg(f.Text)
		}
		if err != nil {
			return "", err
		}
		members[i] = member{f.Alias, sql}
	}
	return b.object(members), nil
}

// enter takes over what is inherited by the sets below; the result restores it.
func (b *builder) enter(s *Set) func() {
	open, asOf, knownAt, knownIn, language := b.open, b.asOf, b.knownAt, b.knownIn, b.language
	b.language = cmp.Or(s.Language, b.language)
	b.open = b.open || s.Open
	if !s.AsOf.IsZero() {
		b.asOf = s.AsOf
	}
	if !s.KnownAt.IsZero() {
		b.knownAt, b.knownIn = s.KnownAt, ""
	}
	return func() { b.open, b.asOf, b.knownAt, b.knownIn, b.language = open, asOf, knownAt, knownIn, language }
}

// rows is the condition that makes the rows of a set: what they are, how they hang on the row above, who may see them
// and what was asked for.
func (b *builder) rows(s *Set, r row, parent *row) (string, error) {
	join, err := b.join(s, r, parent)
	if err != nil {
		return "", err
	}
	conds := []string{b.present(r), join}
	if s.ID == "" && s.Link == "" {
		conds = append(conds, r.live())
	}
	guard, err := b.guard(r)
	if err != nil {
		return "", err
	}
	conds = append(conds, guard)
	if s.Where != nil {
		where, err := b.where(r, s.Where)
		if err != nil {
			return "", err
		}
		conds = append(conds, where)
	}
	if s.ID == "" && s.Link == "" {
		holds, err := b.holding(r)
		if err != nil {
			return "", err
		}
		conds = append(conds, holds)
	}
	return all(conds...), nil
}

func (b *builder) join(s *Set, r row, parent *row) (string, error) {
	switch {
	case s.ID != "":
		id, err := b.term(r, "id")
		if err != nil {
			return "", err
		}
		v := given{text: s.ID, slot: s.Slots.ID}
		if id.repr == asUUID {
			v, _ = v.then(always(strings.ToLower))
		}
		lit, ok := b.literal(id.repr, v)
		if !ok {
			return "false", nil
		}
		return id.sql + " = " + lit, nil
	case s.Card != "":
		id, ok := b.literal(asUUID, given{text: s.Card, slot: s.Slots.ID})
		if !ok {
			return "false", nil
		}
		return fmt.Sprintf("(%[1]s.card = %[2]s or %[1]s.root = %[2]s) and %[1]s.id <> %[2]s", r.alias, id), nil
	case parent == nil:
		return "", nil
	case s.Link != "":
		return b.joined(*parent, s.Link, r)
	}
	return b.inverse(s, r, *parent)
}

// inverse says that rows lead to the row above by their property.
func (b *builder) inverse(s *Set, r, parent row) (string, error) {
	if r.table != nil {
		if t, ok := r.table.parents[s.Inverse]; ok {
			if parent.table == nil && len(parent.types) == 1 {
				t = strings.ReplaceAll(t, "^.type", quote(parent.types[0])) // so that only its partition is read
			}
			return on(strings.ReplaceAll(t, "^", parent.alias), r.alias), nil
		}
	}
	t, err := b.term(r, s.Inverse)
	if err != nil {
		return "", err
	}
	if t.repr == asJSON {
		return t.sql + " @> jsonb_build_array(" + parent.alias + ".id::text)", nil
	}
	return t.sql + " = " + parent.alias + ".id", nil
}

// holding leaves the facts that hold on the day of the selection; rows of types that are no facts stay.
func (b *builder) holding(r row) (string, error) {
	if b.asOf.IsZero() || r.table != nil {
		return "", nil
	}
	var facts []string
	for _, t := range r.types {
		typed := b.as(r, t)
		if typed.doc.Holds == nil {
			continue
		}
		cond, err := b.overlaps(typed, typed.doc.Holds.From.Text, typed.doc.Holds.To.Text, b.asOf, b.asOf)
		if err != nil || len(r.types) == 1 {
			return cond, err
		}
		facts = append(facts, fmt.Sprintf("(%s.type <> %s or %s)", r.alias, quote(t), cond))
	}
	return all(facts...), nil
}

func (b *builder) one(s *Set, r row, cond string) (string, error) {
	value, err := b.row(s, r)
	if err != nil {
		return "", err
	}
	if len(s.Order) == 0 {
		return fmt.Sprintf("(select %s from %s %s where %s)", value, b.source(r.entity), r.alias, cond), nil
	}
	keys, err := b.keys(s, r)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("(select %s from %s %s where %s order by %s limit 1)",
		value, b.source(r.entity), r.alias, cond, orderBy(keys, false)), nil
}

// row is what is read of one row: an object, or one value.
func (b *builder) row(s *Set, r row) (string, error) {
	if s.Shape == Flat {
		if len(s.Fields) != 1 {
			return "", fmt.Errorf("a flat set has one field")
		}
		v, err := b.value(r, s.Fields[0])
		return "to_json(" + v + ")", err
	}
	return b.record(r, s.Fields)
}

// record is the object of a row. Of rows of several types, fields that all of them have are read once, and those of
// some types are joined to them as text.
func (b *builder) record(r row, fields []*Field) (string, error) {
	if r.table != nil || len(r.types) == 1 {
		if r.table == nil {
			r.entity = b.as(r, r.types[0]).entity
		}
		return b.fields(r, fields)
	}
	shared := slices.DeleteFunc(slices.Clone(fields), func(f *Field) bool { return f.Only != nil })
	object, err := b.fields(r, shared)
	if err != nil || len(shared) == len(fields) {
		return object, err
	}
	var s strings.Builder
	for _, t := range r.types {
		own := slices.DeleteFunc(slices.Clone(fields), func(f *Field) bool { return !slices.Contains(f.Only, t) })
		if len(own) == 0 {
			continue
		}
		typed, err := b.fields(b.as(r, t), own)
		if err != nil {
			return "", err
		}
		if len(shared) > 0 {
			typed = "', ' || substr(" + typed + "::text, 2)"
		}
		s.WriteString(" when " + quote(t) + " then " + typed)
	}
	switch {
	case s.Len() == 0:
		return object, nil
	case len(shared) == 0:
		return "case " + r.alias + ".type" + s.String() + " else '{}'::json end", nil
	}
	return "(left(" + object + "::text, -1) || case " + r.alias + ".type" + s.String() + " else '}' end)::json", nil
}

func (b *builder) fields(r row, fields []*Field) (string, error) {
	members := make([]member, 0, len(fields))
	for _, f := range fields {
		v, err := b.value(r, f)
		if err != nil {
			return "", err
		}
		members = append(members, member{f.Alias, v})
	}
	return b.object(members), nil
}

// list takes its rows first, cut by the limit, and reads of them afterwards.
func (b *builder) list(s *Set, r row, parent *row, cond string) (string, error) {
	value, err := b.record(r, s.Fields)
	if err != nil {
		return "", err
	}
	keys, err := b.keys(s, r)
	if err != nil {
		return "", err
	}
	order := orderBy(keys, false)
	if s.Link != "" && len(s.Order) == 0 { // an array of links keeps its order
		t, err := b.term(*parent, s.Link)
		if err != nil {
			return "", err
		}
		if t.repr == asJSON {
			order = fmt.Sprintf("array_position(array(select jsonb_array_elements_text(%s)), %s.id::text)", t.sql, r.alias)
		}
	}
	limit := MaxList
	if s.Page.First > 0 {
		limit = min(s.Page.First, MaxList)
	}
	return fmt.Sprintf("(select coalesce(json_agg(%s), '[]'::json) from (%s) %s)", value, b.first(r, cond, order, limit), r.alias), nil
}

// first takes the first rows of a set. Of several types, it takes the first of each and of these the first: an index
// gives rows in order only within one type.
func (b *builder) first(r row, cond, order string, limit int) string {
	take := func(from, cond string) string {
		return fmt.Sprintf("select %s.* from %s %s where %s order by %s limit %d", r.alias, from, r.alias, cond, order, limit)
	}
	if r.table != nil || len(r.types) < 2 || !b.knownAt.IsZero() {
		return take(b.source(r.entity), cond)
	}
	parts := make([]string, len(r.types))
	for i, t := range r.types {
		parts[i] = "(" + take("record", cond+" and "+r.alias+".type = "+quote(t)) + ")"
	}
	return take("("+strings.Join(parts, " union all ")+")", "true")
}

// connection is a page of rows. Where it is asked whether there is a next page it reads one row more, and FILTER keeps
// that row's fields from being read; HAVING makes it one row whatever of the page is asked for. Where nobody asks, the
// rows go into the answer as they come; and where only a total is asked for, none is read.
func (b *builder) connection(s *Set, r row, cond string) (string, error) {
	asks := func(names ...string) bool {
		return slices.ContainsFunc(s.Fields, func(f *Field) bool { return slices.Contains(names, f.Name) })
	}
	if s.Page.After == "" && s.Page.Before == "" && asks("totalCount") && !asks("nodes", "edges", "pageInfo") {
		return b.parts(connection{set: s, row: r}, cond)
	}
	keys, err := b.keys(s, r)
	if err != nil {
		return "", err
	}
	back := s.Page.Last > 0 || s.Page.First == 0 && s.Page.Before != ""
	limit := min(max(s.Page.First, s.Page.Last), MaxPage)
	if limit == 0 {
		limit = DefaultPage
	}
	page, err := b.between(s, keys, cond)
	if err != nil {
		return "", err
	}
	c := connection{set: s, row: r, keys: keys, back: back, limit: limit, plain: !back && !asks("pageInfo")}
	object, err := b.parts(c, cond)
	a := r.alias
	if c.plain {
		return fmt.Sprintf("(select %s from (%s) %s having count(*) >= 0)", object, b.first(r, page, orderBy(keys, false), limit), a), err
	}
	return fmt.Sprintf("(select %s from (select row_number() over () as n_, %s.* from (%s) %s) %s having count(*) >= 0)",
		object, a, b.first(r, page, orderBy(keys, back), limit+1), a, a), err
}

// parts is the object of a connection.
func (b *builder) parts(c connection, cond string) (string, error) {
	members := make([]member, 0, len(c.set.Fields))
	for _, f := range c.set.Fields {
		v, err := b.part(c, f, cond)
		if err != nil {
			return "", err
		}
		members = append(members, member{f.Alias, v})
	}
	return b.object(members), nil
}

type connection struct {
	set   *Set
	row   row
	keys  []key
	back  bool // read from the end
	plain bool // the rows come in their order, and none too many
	limit int
}

// within are the rows of the page itself, in its order.
func (c connection) within(agg string) string {
	if c.plain {
		return "coalesce(json_agg(" + agg + "), '[]'::json)"
	}
	dir := ""
	if c.back {
		dir = " desc"
	}
	n := c.row.alias + ".n_"
	return fmt.Sprintf("coalesce(json_agg(%s order by %s%s) filter (where %s <= %d), '[]'::json)", agg, n, dir, n, c.limit)
}

// part is one word of a connection.
func (b *builder) part(c connection, f *Field, cond string) (string, error) {
	switch f.Name {
	case "":
		return b.textArg(f.Text), nil
	case "nodes":
		v, err := b.record(c.row, f.Fields)
		return c.within(v), err
	case "edges":
		v, err := b.edge(c, f)
		return c.within(v), err
	case "totalCount":
		return fmt.Sprintf("(select count(*) from %s %s where %s)", b.source(c.row.entity), c.row.alias, cond), nil
	case "pageInfo":
		return b.pageInfo(c, f), nil
	}
	return "", fmt.Errorf("a connection has no %q", f.Name)
}

func (b *builder) edge(c connection, f *Field) (string, error) {
	members := make([]member, 0, len(f.Fields))
	for _, e := range f.Fields {
		v := ""
		var err error
		switch e.Name {
		case "":
			v = b.textArg(e.Text)
		case "cursor":
			v = b.cursor(c.set, c.keys)
		case "node":
			v, err = b.record(c.row, e.Fields)
		default:
			err = fmt.Errorf("an edge has no %q", e.Name)
		}
		if err != nil {
			return "", err
		}
		members = append(members, member{e.Alias, v})
	}
	return b.object(members), nil
}

func (b *builder) pageInfo(c connection, f *Field) string {
	more := fmt.Sprintf("count(*) > %d", c.limit)
	next, previous := more, fmt.Sprint(c.set.Page.After != "")
	first, last := "", " desc"
	if c.back {
		next, previous = fmt.Sprint(c.set.Page.Before != ""), more
		first, last = last, first
	}
	end := func(dir string) string {
		n := c.row.alias + ".n_"
		return fmt.Sprintf("(array_agg(%s order by %s%s) filter (where %s <= %d))[1]", b.cursor(c.set, c.keys), n, dir, n, c.limit)
	}
	members := make([]member, 0, len(f.Fields))
	for _, p := range f.Fields {
		v := ""
		switch p.Name {
		case "":
			v = b.textArg(p.Text)
		case "hasNextPage":
			v = next
		case "hasPreviousPage":
			v = previous
		case "startCursor":
			v = end(first)
		case "endCursor":
			v = end(last)
		}
		members = append(members, member{p.Alias, v})
	}
	return b.object(members)
}
