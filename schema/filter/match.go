package filter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// Match tells whether a record passes: the same answer that the SQL of the filter gives. Values of the record may be
// stored forms or values of expressions. w is asked for the records behind links and for trees; an error is its
// failure, or a parameter that was not bound.
func (t *Tree) Match(ctx context.Context, rec *expr.Record, w expr.World) (bool, error) {
	m := matcher{ctx: ctx, world: w}
	ok := m.match(t, record{rec})
	return ok && m.err == nil, m.err
}

// MatchRow tells whether a row of attributes passes: for the filters of policies. The row is flat, so the last hop of a
// path names the attribute, wherever the base keeps it.
func (t *Tree) MatchRow(row map[string]any) (bool, error) {
	return t.MatchAttributes(func(name string) any { return row[name] })
}

// MatchAttributes is MatchRow of a row whose attributes are made when they are asked for; an absent one is nil.
func (t *Tree) MatchAttributes(of func(name string) any) (bool, error) {
	m := matcher{ctx: context.Background(), flat: true}
	ok := m.match(t, attributes(of))
	return ok && m.err == nil, m.err
}

// matcher keeps the first error: a filter that failed matches nothing.
type matcher struct {
	ctx   context.Context
	world expr.World
	flat  bool // paths name attributes of one row
	err   error
}

// holder is what a path starts from.
type holder interface{ get(hop Hop) any }

type object map[string]any

func (o object) get(h Hop) any { return o[h.Property] }

type attributes func(name string) any

func (a attributes) get(h Hop) any { return a(h.Property) }

type record struct{ *expr.Record }

func (r record) get(h Hop) any {
	if !h.Row {
		switch h.Property {
		case "id":
			return r.ID
		case "version":
			return int64(r.Version)
		}
		if v, ok := r.Data[h.Property]; ok {
			return v
		}
	}
	return r.KernelValue(h.Property)
}

func (m *matcher) fail(err error) bool {
	if m.err == nil {
		m.err = err
	}
	return false
}

func (m *matcher) match(t *Tree, from holder) bool {
	switch t.Kind {
	case All:
		return true
	case And:
		return !slices.ContainsFunc(t.Kids, func(k *Tree) bool { return !m.match(k, from) })
	case Or:
		return slices.ContainsFunc(t.Kids, func(k *Tree) bool { return m.match(k, from) })
	case Not:
		return !m.match(t.Kids[0], from)
	case Leaf:
		return m.leaf(t, from)
	}
	return false
}

func (m *matcher) leaf(t *Tree, from holder) bool {
	last := t.Path[len(t.Path)-1]
	from, ok := m.reach(t.Path, from)
	if !ok {
		from = object{}
		if t.Op == Holds || t.Op == Touches {
			return false
		}
	}
	switch t.Op {
	case Holds, Touches:
		return m.during(t, from)
	case Exists:
		return t.Value == (stored(from.get(last)) != nil || isObject(from.get(last)))
	case Same, Differs:
		other := from.get(Hop{Property: t.Value.(Ref).Attribute, Row: true})
		a, b := stored(from.get(last)), stored(other)
		return a != nil && b != nil && (compare(t.Type.Kind, a, b) == 0) == (t.Op == Same)
	case Some, NoneOf:
		if last.Inverse != "" {
			return m.linking(t.Kids[0], from, last) == (t.Op == Some)
		}
		if len(t.Kids) == 1 {
			return m.some(t.Kids[0], from.get(last)) == (t.Op == Some)
		}
	}
	return m.compare(t, stored(from.get(last)))
}

func isObject(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return true
	case []any:
		return slices.ContainsFunc(v, isObject)
	}
	return false
}

// reach follows a path up to its last hop; false where nothing stands there.
func (m *matcher) reach(path []Hop, from holder) (holder, bool) {
	if m.flat {
		return from, true
	}
	for _, hop := range path[:len(path)-1] {
		v := from.get(hop)
		if hop.Link != "" {
			rec := m.behind(hop.Link, v)
			if rec == nil {
				return nil, false
			}
			from = record{rec}
			continue
		}
		o, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		from = object(o)
	}
	return from, true
}

// behind is the record to which a link leads; nil where there is none. A record without data is a mere reference.
func (m *matcher) behind(typ string, v any) *expr.Record {
	if rec, ok := v.(*expr.Record); ok && rec != nil && rec.Data != nil {
		return rec
	}
	id, ok := stored(v).(string)
	if !ok || m.err != nil {
		return nil
	}
	if m.world == nil {
		m.fail(fmt.Errorf("a filter over a link needs a world to find %s %s", typ, id))
		return nil
	}
	rec, err := m.world.Record(m.ctx, typ, id)
	if err != nil {
		m.fail(err)
		return nil
	}
	return rec
}

// during compares the period of a record with a day or a period.
func (m *matcher) during(t *Tree, from holder) bool {
	hop := t.Path[len(t.Path)-1]
	end := func(name string) value.Date {
		text, _ := stored(from.get(Hop{Property: name})).(string)
		d, _ := value.ParseDate(text)
		return d
	}
	p := value.NewPeriod(end(hop.From), end(hop.To))
	switch v := t.Value.(type) {
	case value.Period:
		return p.Touches(v)
	case string:
		d, err := value.ParseDate(v)
		return err == nil && p.Includes(d)
	}
	return m.unbound(t)
}

func (m *matcher) unbound(t *Tree) bool {
	return m.fail(fmt.Errorf("the filter %s has a value that is not bound", t))
}

// some tells that an element of an array of objects passes.
func (m *matcher) some(kid *Tree, v any) bool {
	items, _ := v.([]any)
	return slices.ContainsFunc(items, func(e any) bool {
		o, _ := e.(map[string]any)
		return o != nil && m.match(kid, object(o))
	})
}

// linking tells that a record that links to this one passes.
func (m *matcher) linking(kid *Tree, from holder, hop Hop) bool {
	rec, ok := from.(record)
	if !ok || m.err != nil {
		return false
	}
	if m.world == nil {
		return m.fail(fmt.Errorf("a filter over %s needs a world to find them", hop.Property))
	}
	rows, err := m.world.Inverse(m.ctx, rec.Type, rec.ID, hop.Property)
	if err != nil {
		return m.fail(err)
	}
	return slices.ContainsFunc(rows, func(r *expr.Record) bool { return m.match(kid, record{r}) })
}

// compare is the operator of a leaf over a plain value; v is nil where it is absent.
func (m *matcher) compare(t *Tree, v any) bool {
	if _, open := t.Value.(Param); open {
		return m.unbound(t)
	}
	kind := element(t.Type).Kind
	same := func(a any) func(any) bool { return func(b any) bool { return equal(kind, t.Fold, a, b) } }
	many, _ := t.Value.([]any)
	if slices.ContainsFunc(many, func(e any) bool { _, open := e.(Param); return open }) {
		return m.unbound(t)
	}
	switch t.Op {
	case Ne:
		return v == nil || !same(v)(t.Value)
	case NoneOf:
		return !shares(v, many, same)
	}
	if v == nil {
		return false
	}
	switch t.Op {
	case Eq:
		return same(v)(t.Value)
	case In:
		return slices.ContainsFunc(many, same(v))
	case Has:
		items, _ := v.([]any)
		return slices.ContainsFunc(items, same(t.Value))
	case Some:
		return shares(v, many, same)
	case Gt, Gte, Lt, Lte:
		return ordered(t.Op, compare(kind, v, t.Value))
	case StartsWith, EndsWith, Contains:
		return texts(t.Op, Folded(t.Fold, asText(v)), Folded(t.Fold, asText(t.Value)))
	case Under, Above:
		if many == nil {
			many = []any{t.Value}
		}
		return slices.ContainsFunc(many, func(e any) bool { return m.under(t, asText(v), asText(e)) })
	}
	return m.fail(fmt.Errorf("the operator %q cannot be evaluated here", t.Op))
}

func shares(v any, many []any, same func(any) func(any) bool) bool {
	items, _ := v.([]any)
	return slices.ContainsFunc(items, func(e any) bool { return slices.ContainsFunc(many, same(e)) })
}

func texts(op Op, s, part string) bool {
	switch op {
	case StartsWith:
		return strings.HasPrefix(s, part)
	case EndsWith:
		return strings.HasSuffix(s, part)
	}
	return strings.Contains(s, part)
}

func ordered(op Op, c int) bool {
	switch op {
	case Gt:
		return c > 0
	case Gte:
		return c >= 0
	case Lt:
		return c < 0
	}
	return c <= 0
}

func equal(kind schema.Kind, fold string, a, b any) bool {
	if x, ok := a.(string); ok && fold != "" {
		y, ok := b.(string)
		return ok && Folded(fold, x) == Folded(fold, y)
	}
	return compare(kind, a, b) == 0
}

// compare orders two plain values of a kind: numbers and sums by their value, moments by time, all else as text in C
// order.
func compare(kind schema.Kind, a, b any) int {
	x, y := asText(a), asText(b)
	switch kind {
	case schema.Integer, schema.Decimal, schema.Money:
		m, errM := value.ParseNumber(x)
		n, errN := value.ParseNumber(y)
		if errM == nil && errN == nil {
			return m.Compare(n)
		}
	case schema.DateTime:
		s, errS := time.Parse(time.RFC3339Nano, x)
		u, errU := time.Parse(time.RFC3339Nano, y)
		if errS == nil && errU == nil {
			return s.Compare(u)
		}
	}
	return strings.Compare(x, y)
}

func asText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return fmt.Sprint(v)
}

// maxSteps bounds a walk up a tree of documents, so that a ring in the data cannot hold it.
const maxSteps = 64

// under tells that a value stands under another of its tree, or above it.
func (m *matcher) under(t *Tree, v, given string) bool {
	low, high := v, given
	if t.Op == Above {
		low, high = given, v
	}
	if low == high {
		return true
	}
	if m.world == nil {
		return m.fail(fmt.Errorf("the filter %s needs a world to walk a tree", t))
	}
	if t.Type.Kind == schema.Item {
		ok, err := m.world.Under(m.ctx, t.Type.Of, low, high)
		if err != nil {
			return m.fail(err)
		}
		return ok
	}
	parent := Hop{Property: t.Path[len(t.Path)-1].Tree}
	for range maxSteps {
		rec := m.behind(t.Type.Of, low)
		if rec == nil {
			return false
		}
		next, _ := stored(record{rec}.get(parent)).(string)
		if next == "" {
			return false
		}
		if next == high {
			return true
		}
		low = next
	}
	return false
}
