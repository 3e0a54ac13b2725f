package filter

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// Resolve evaluates the expressions of the filter and puts their values in place. An expression that is unclear or
// absent compares as an absent value. An error is one of the evaluation: a cost limit, a failure of the world.
func (t *Tree) Resolve(in expr.Input) (*Tree, error) {
	values := map[string]any{}
	for _, p := range t.Params() {
		if p.Program == nil {
			values[p.Name] = in.Vars[p.Name]
			continue
		}
		res, err := p.Program.Eval(in)
		if err != nil {
			return nil, fmt.Errorf("filter value %q: %w", p.Name, err)
		}
		values[p.Name] = res.Value
	}
	return t.Bind(values), nil
}

// Bind puts values in place of the parameters that have these names; others stay. Values are those of expressions or
// stored forms; nil is absent. What cannot be compared (an object) counts as absent.
func (t *Tree) Bind(values map[string]any) *Tree {
	switch t.Kind {
	case And, Or, Not:
		kids := make([]*Tree, len(t.Kids))
		for i, k := range t.Kids {
			kids[i] = k.Bind(values)
		}
		switch t.Kind {
		case And:
			return Conj(kids...)
		case Or:
			return Disj(kids...)
		}
		return Negate(kids[0])
	case Leaf:
		return t.bindLeaf(values)
	}
	return t
}

func (t *Tree) bindLeaf(values map[string]any) *Tree {
	switch v := t.Value.(type) {
	case Param:
		given, ok := values[v.Name]
		if !ok {
			return t
		}
		return settle(t.with(t.Op, t.fitting(stored(given))))
	case []any:
		out := make([]any, 0, len(v))
		for _, e := range v {
			if p, ok := e.(Param); ok {
				if given, ok := values[p.Name]; ok {
					e = t.fitting(stored(given))
				}
			}
			if e != nil {
				out = append(out, e)
			}
		}
		return settle(t.with(t.Op, out))
	}
	if len(t.Kids) == 1 {
		kid := t.Kids[0].Bind(values)
		out := *t
		out.Kids = []*Tree{kid}
		return &out
	}
	return t
}

// fitting drops what is no id where ids are compared: it equals none of them, and SQL would fail on it.
func (t *Tree) fitting(v any) any {
	kind := element(t.Type).Kind
	if kind != schema.Link && kind != schema.UUID {
		return v
	}
	switch v := v.(type) {
	case string:
		if !uuidForm.MatchString(v) {
			return nil
		}
	case *Slot: // of an actor, whose class tells whether it is an id
		if id, _ := v.Value.(string); !uuidForm.MatchString(id) {
			return nil
		}
	case []any:
		return slices.DeleteFunc(slices.Clone(v), func(e any) bool { return t.fitting(e) == nil })
	}
	return v
}

// settle brings a leaf with a value just known to its normal form: a comparison with nothing is false, its opposite
// true, a period beside `in` is a range.
func settle(l *Tree) *Tree {
	switch v := l.Value.(type) {
	case nil:
		return absence(l.Op)
	case value.Period:
		switch {
		case l.Op == In:
			return within(l, v)
		case l.Op != Touches: // a month, quarter or year is a period in expressions
			return l.with(l.Op, Part(l.Type.Kind, v.From))
		}
		return l
	case []any:
		if len(v) == 0 {
			return absence(l.Op)
		}
		return l
	}
	if slices.Contains([]Op{In, Some, NoneOf}, l.Op) {
		if _, open := l.Value.(Param); !open {
			return l.with(l.Op, []any{l.Value})
		}
	}
	return l
}

func absence(op Op) *Tree {
	if op == Ne || op == NoneOf {
		return Everything()
	}
	return Nothing()
}

// within is `in` of a period: from its first day, or the month, quarter, year that the day lies in, to its last.
func within(l *Tree, p value.Period) *Tree {
	var kids []*Tree
	if !p.From.IsZero() {
		kids = append(kids, l.with(Gte, bound(l.Type.Kind, p.From)))
	}
	switch {
	case p.To == value.Forever:
	case l.Type.Kind == schema.DateTime:
		kids = append(kids, l.with(Lt, bound(l.Type.Kind, p.To.AddDays(1))))
	default:
		kids = append(kids, l.with(Lte, bound(l.Type.Kind, p.To)))
	}
	if len(kids) == 0 {
		return l.with(Exists, true)
	}
	return Conj(kids...)
}

func bound(k schema.Kind, d value.Date) string {
	if k == schema.DateTime {
		return d.String() + "T00:00:00Z"
	}
	return Part(k, d)
}

// stored is the stored form of a value of an expression: string, bool, json.Number, value.Period or []any of them;
// nil for what is absent or no plain value.
func stored(v any) any {
	switch v := v.(type) {
	case string, bool, json.Number, value.Period, *Slot:
		return v
	case int64:
		return json.Number(strconv.FormatInt(v, 10))
	case int:
		return json.Number(strconv.Itoa(v))
	case value.Number:
		return v.String()
	case value.Money:
		return v.String()
	case value.Date:
		if v.IsZero() {
			return nil
		}
		return v.String()
	case value.Duration:
		return v.String()
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case expr.Item:
		return v.Code
	case *expr.Record:
		if v == nil {
			return nil
		}
		return v.ID
	case expr.PartList:
		return list(v.Items)
	case []any:
		return list(v)
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = s
		}
		return out
	}
	return nil
}

func list(items []any) any {
	out := make([]any, 0, len(items))
	for _, e := range items {
		if s := stored(e); s != nil {
			out = append(out, s)
		}
	}
	return out
}
