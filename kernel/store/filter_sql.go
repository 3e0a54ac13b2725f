package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"mera/schema"
	"mera/schema/filter"
	"mera/schema/value"
)

// where is a filter as a condition on a row. A comparison with what is absent is null in SQL, which the condition of
// a query takes for false; negation is written «is not true», so that it takes it so too.
func (b *builder) where(r row, t *filter.Tree) (string, error) {
	switch t.Kind {
	case filter.All:
		return "true", nil
	case filter.None:
		return "false", nil
	case filter.Not:
		return b.not(b.where(r, t.Kids[0]))
	case filter.Leaf:
		return b.leaf(r, t, t.Path)
	}
	word := " and "
	if t.Kind == filter.Or {
		word = " or "
	}
	parts := make([]string, len(t.Kids))
	for i, k := range t.Kids {
		var err error
		if parts[i], err = b.where(r, k); err != nil {
			return "", err
		}
	}
	return "(" + strings.Join(parts, word) + ")", nil
}

func (b *builder) not(cond string, err error) (string, error) {
	return "(" + cond + ") is not true", err
}

// leaf is one comparison; path is what is left of the leaf's path.
func (b *builder) leaf(r row, t *filter.Tree, path []filter.Hop) (string, error) {
	switch {
	case t.Op == filter.Ne:
		return b.not(b.leaf(r, with(t, filter.Eq, t.Value), path))
	case t.Op == filter.NoneOf:
		return b.not(b.leaf(r, with(t, filter.Some, t.Value), path))
	case t.Op == filter.Exists && t.Value == false:
		return b.not(b.leaf(r, with(t, filter.Exists, true), path))
	}
	head := path[0]
	if head.Link != "" && len(path) > 1 {
		if up := r.above(head); up != nil {
			return b.leaf(*up, t, path[1:])
		}
		to, cond, err := b.follow(r, head)
		if err != nil {
			return "", err
		}
		below, err := b.leaf(to, t, path[1:])
		return fmt.Sprintf("exists (select from %s %s where %s)", b.source(to.entity), to.alias, all(cond, below)), err
	}
	switch t.Op {
	case filter.Holds, filter.Touches:
		return b.during(r, t, head)
	case filter.Some:
		if head.Inverse != "" {
			return b.linking(r, t.Kids[0], head)
		}
		if len(t.Kids) == 1 {
			return b.some(r, t, path)
		}
	}
	var x term
	var err error
	if head.Row {
		x = b.attribute(r, head, t.Type)
	} else if x, err = b.path(r, path); err != nil {
		return "", err
	}
	if ref, ok := t.Value.(filter.Ref); ok {
		return sameAs(t.Op, x, b.attribute(r, filter.Hop{Property: ref.Attribute, Row: true}, t.Type))
	}
	return b.compare(x, t)
}

func with(t *filter.Tree, op filter.Op, v any) *filter.Tree {
	out := *t
	out.Op, out.Value = op, v
	return &out
}

// sameAs compares two attributes of one row.
func sameAs(op filter.Op, x, y term) (string, error) {
	sign := " = "
	switch op {
	case filter.Same:
	case filter.Differs:
		sign = " <> "
	default:
		return "", fmt.Errorf("operator %q does not compare attributes", op)
	}
	if x.repr != y.repr {
		return "(" + x.sql + ")::text" + sign + "(" + y.sql + ")::text", nil
	}
	return x.sql + sign + y.sql, nil
}

// compare puts a value beside a literal. The literal is a parameter of type text, cast to the type of the value.
func (b *builder) compare(x term, t *filter.Tree) (string, error) {
	switch t.Op {
	case filter.Exists:
		return "(" + x.sql + ") is not null", nil
	case filter.Under, filter.Above:
		return b.tree(x, t)
	case filter.Has:
		return b.has(x, []any{t.Value})
	case filter.Some:
		many, ok := t.Value.([]any)
		if !ok {
			return "", fmt.Errorf("operator %q takes a list", t.Op)
		}
		return b.has(x, many)
	case filter.In:
		return b.anyOf(x, t)
	}
	v, err := givenOf(t.Value)
	if err != nil {
		return "", err
	}
	if x.repr == asText {
		v, _ = v.then(always(func(s string) string { return filter.Folded(t.Fold, s) }))
	}
	return b.scalar(x, t.Op, v)
}

// signs are the operators that SQL knows by a sign.
var signs = map[filter.Op]string{filter.Eq: "=", filter.Gt: ">", filter.Gte: ">=", filter.Lt: "<", filter.Lte: "<="}

func (b *builder) scalar(x term, op filter.Op, v given) (string, error) {
	switch op {
	case filter.StartsWith:
		return b.prefix(x, v), nil
	case filter.Contains:
		return "strpos(" + x.sql + ", " + b.givenArg(v) + ") > 0", nil
	case filter.EndsWith:
		arg := b.givenArg(v)
		return "right(" + x.sql + ", length(" + arg + ")) = " + arg, nil
	}
	if x.repr == asBool && op == filter.Eq && v.slot == nil { // written out, because a partial index knows it so
		return map[bool]string{true: "(", false: "not ("}[v.text == "true"] + x.sql + ")", nil
	}
	sign, ok := signs[op]
	if !ok {
		return "", fmt.Errorf("operator %q is not supported yet", op)
	}
	lit, ok := b.literal(x.repr, v)
	if !ok {
		return "false", nil
	}
	if x.repr == asText && op != filter.Eq {
		return inC(x.sql) + " " + sign + " " + lit, nil
	}
	return x.sql + " " + sign + " " + lit, nil
}

// literal is a value as a parameter of the type that a term has; false where the type has no such value, which no row
// can equal.
func (b *builder) literal(r repr, v given) (string, bool) {
	fit, ok := v.then(r.takes)
	if !ok {
		b.unfit = b.unfit || v.slot != nil // without the parameter, the statement would serve no other value
		return "", false
	}
	return b.givenArg(fit) + casts[r], true
}

// takes is a text as PostgreSQL casts it to the type; false where the type has no such value.
func (r repr) takes(v string) (string, bool) {
	switch r {
	case asUUID, asUUIDs:
		return v, isUUID(v)
	case asKopecks:
		m, err := value.ParseMoney(v)
		return strconv.FormatInt(int64(m), 10), err == nil
	}
	return v, true
}

// casts lead from text to the type of a term.
var casts = map[repr]string{
	asUUID: "::uuid", asUUIDs: "::uuid", asInt: "::bigint", asNumeric: "::numeric", asBool: "::boolean",
	asTime: "::timestamptz", asDay: "::date", asKopecks: "::bigint",
}

// prefix compares by a range in C order, which an index serves whatever the value.
func (b *builder) prefix(x term, v given) string {
	col := inC(x.sql)
	next, _ := v.then(always(successor))
	return "(" + col + " >= " + b.givenArg(v) + " and " + col + " < " + b.givenArg(next) + ")"
}

// inC gives a text C order, if it has not got it.
func inC(sql string) string {
	const collate = ` collate "C"`
	return strings.TrimSuffix(sql, collate) + collate
}

// lastRune is the greatest character; no text of people has it.
const lastRune = '\U0010FFFF'

// successor is the first text in C order after all that begin with s; after a text that has none, one that nobody
// writes.
func successor(s string) string {
	rs := []rune(s)
	for last := len(rs) - 1; last >= 0; last-- {
		if rs[last] < lastRune {
			if rs[last]++; rs[last] == 0xD800 {
				rs[last] = 0xE000 // surrogates are no characters
			}
			return string(rs[:last+1])
		}
	}
	return s + strings.Repeat(string(lastRune), 8)
}

// anyOf is `in`: an index serves an array of values as it serves one.
func (b *builder) anyOf(x term, t *filter.Tree) (string, error) {
	if many, ok := t.Value.([]any); ok && slotted(many) {
		return b.eachOf(x, t, many)
	}
	list, err := b.textsArg(t.Value, func(v string) (string, bool) {
		if x.repr == asText {
			v = filter.Folded(t.Fold, v)
		}
		return x.repr.takes(v)
	})
	if cast := casts[x.repr]; cast != "" {
		list += cast + "[]"
	}
	return x.sql + " = any(" + list + ")", err
}

// eachOf is `in` of values some of which are bound later, one by one.
func (b *builder) eachOf(x term, t *filter.Tree, many []any) (string, error) {
	parts := make([]string, len(many))
	for i, e := range many {
		var err error
		if parts[i], err = b.compare(x, with(t, filter.Eq, e)); err != nil {
			return "", err
		}
	}
	return "(" + strings.Join(parts, " or ") + ")", nil
}

// has tells that an array of values holds one of the given ones.
func (b *builder) has(x term, many []any) (string, error) {
	var parts []string
	for _, e := range many {
		v, err := givenOf(e)
		if err != nil {
			return "", err
		}
		switch x.repr {
		case asTexts:
			parts = append(parts, b.givenArg(v)+" = any("+x.sql+")")
		case asUUIDs:
			if lit, ok := b.literal(asUUID, v); ok {
				parts = append(parts, lit+" = any("+x.sql+")")
			}
		case asJSON:
			list, err := b.jsonArg(e, v)
			if err != nil {
				return "", err
			}
			parts = append(parts, x.sql+" @> "+list)
		default:
			return "", fmt.Errorf("the value is no list")
		}
	}
	if len(parts) == 0 {
		return "false", nil
	}
	return "(" + strings.Join(parts, " or ") + ")", nil
}

// jsonArg is a value as a JSON list of one. Open values are texts: numbers and booleans are never kept open.
func (b *builder) jsonArg(e any, v given) (string, error) {
	if v.slot == nil {
		list, err := jsonList(e)
		return b.textArg(list) + "::jsonb", err
	}
	if !textual(v.slot.Type) {
		return "", fmt.Errorf("the slot %q is no text", v.slot.Name)
	}
	list, _ := v.then(func(s string) (string, bool) {
		raw, err := jsonList(s)
		return raw, err == nil
	})
	return b.givenArg(list) + "::jsonb", nil
}

// textual tells that values of a type are texts in JSON.
func textual(t *schema.Type) bool {
	return t == nil || t.Kind != schema.Integer && t.Kind != schema.Decimal && t.Kind != schema.Boolean
}

// some tells that an element of an array of objects passes the filter of one element.
func (b *builder) some(r row, t *filter.Tree, path []filter.Hop) (string, error) {
	x, err := b.path(r, path)
	if err != nil {
		return "", err
	}
	if t.Type == nil || t.Type.Elem == nil || x.repr != asJSON {
		return "", fmt.Errorf("%q is no list of objects", path[len(path)-1].Property)
	}
	e := b.alias()
	elem := row{entity: entity{name: t.Type.Elem.Of}, alias: e, object: t.Type.Elem, json: e + ".v", outer: &r}
	cond, err := b.where(elem, t.Kids[0])
	return fmt.Sprintf("exists (select from jsonb_array_elements(%s) %s(v) where %s)", x.sql, e, cond), err
}

// linking tells that a record which links to the row, and may be seen, passes a filter.
func (b *builder) linking(r row, kid *filter.Tree, h filter.Hop) (string, error) {
	e, err := b.entity(h.Link, nil)
	if err != nil {
		return "", err
	}
	from := row{entity: e, alias: b.alias()}
	join, err := b.inverse(&Set{Inverse: h.Inverse}, from, r)
	if err != nil {
		return "", err
	}
	guard, err := b.guard(from)
	if err != nil {
		return "", err
	}
	cond, err := b.where(from, kid)
	return fmt.Sprintf("exists (select from %s %s where %s)", b.source(e), from.alias, all(b.present(from), from.live(), join, guard, cond)), err
}

// during compares the period of a row with a day or a period. An end that is absent is open.
func (b *builder) during(r row, t *filter.Tree, h filter.Hop) (string, error) {
	var first, last value.Date
	switch v := t.Value.(type) {
	case value.Period:
		first, last = v.From, v.To
	case string:
		day, err := value.ParseDate(v)
		if err != nil {
			return "", fmt.Errorf("day of %q: %w", t.Op, err)
		}
		first, last = day, day
	default:
		return "", fmt.Errorf("the filter %s has a value that is not bound", t)
	}
	return b.overlaps(r, h.From, h.To, first, last)
}

// overlaps tells that the period between two properties of a row shares a day with first..last.
func (b *builder) overlaps(r row, from, to string, first, last value.Date) (string, error) {
	var conds []string
	bound := func(property, sign string, day value.Date) error {
		if property == "" || day.IsZero() || day == value.Forever {
			return nil
		}
		x, err := b.term(r, property)
		if err != nil {
			return err
		}
		lit, kind := day.String(), schema.Date
		if x.typ != nil {
			kind = x.typ.Kind
		}
		if x.repr == asText {
			x.sql = inC(x.sql)
			lit = filter.Part(kind, day)
		}
		arg, _ := b.literal(x.repr, given{text: lit})
		conds = append(conds, fmt.Sprintf("(%s is null or %s %s %s)", x.sql, x.sql, sign, arg))
		return nil
	}
	if err := bound(from, "<=", last); err != nil {
		return "", err
	}
	if err := bound(to, ">=", first); err != nil {
		return "", err
	}
	return all(conds...), nil
}

// literalText is a literal as text.
func literalText(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool, int, int64:
		return fmt.Sprint(v), nil
	case filter.Param:
		return "", fmt.Errorf("the value %q of a filter is not bound", v.Name)
	}
	return "", fmt.Errorf("a filter cannot compare with %T", v)
}
