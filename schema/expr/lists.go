package expr

import (
	"unicode/utf8"

	"cel.dev/cel-go/common/ast"

	"mera/schema"
	"mera/schema/value"
)

// listCall is a list function that evaluates expressions for each element: list.f(x, e…).
type listCall struct {
	list *node
	slot int // of the element among the local names
	body []*node
}

// listFunction is a function of a list: how it is written, and how many expressions it takes for each element; 0 is
// none, and no name for the element either, -1 is one or more.
type listFunction struct {
	usage string
	takes int
	rule  bool // the expression is a condition
}

var listFunctions = map[string]listFunction{
	"exists": {"exists(x, condition)", 1, true}, "all": {"all(x, condition)", 1, true}, "count": {"count(x, condition)", 1, true},
	"filter": {"filter(x, condition)", 1, true}, "map": {"map(x, value)", 1, false}, "sum": {"sum(x, value)", 1, false},
	"best": {"best(x, key, …)", -1, false}, "first": {"first()", 0, false}, "distinct": {"distinct()", 0, false},
	"flat": {"flat()", 0, false}, "size": {"size()", 0, false},
}

// listFunction compiles list.f(x, e…) or list.f().
func (c *compiler) listFunction(n *node, name string, fn listFunction, list *node, exprs []ast.Expr) *node {
	if fn.takes == 0 && len(exprs) == 0 {
		return c.plainList(n, name, list)
	}
	if fn.takes == 0 || len(exprs) < 2 || fn.takes > 0 && len(exprs) != fn.takes+1 || exprs[0].Kind() != ast.IdentKind {
		c.fault(n.pos, CodeArgument, "%s is called in another way", name).Hint = "write ." + fn.usage
		return c.faulty(n)
	}
	c.locals = append(c.locals, local{exprs[0].AsIdent(), list.typ.elem(), list.path})
	*c.depth = max(*c.depth, len(c.locals))
	l := &listCall{list: list, slot: len(c.locals) - 1}
	bad := false
	for _, e := range exprs[1:] {
		body := c.expr(e)
		if fn.rule {
			body = c.fit(body, Bool)
		}
		bad = bad || body.bad()
		l.body = append(l.body, body)
	}
	c.locals = c.locals[:len(c.locals)-1]
	if bad {
		return c.faulty(n)
	}
	return c.listResult(n, name, l)
}

func (c *compiler) listResult(n *node, name string, l *listCall) *node {
	body := l.body[0]
	switch name {
	case "exists", "all":
		n.typ, n.eval = Bool, l.search(name == "exists")
	case "filter":
		n.typ, n.path, n.eval = l.list.typ, l.list.path, l.filter()
	case "map":
		n.typ, n.path, n.eval = ListOf(body.typ), body.path, l.project()
	case "count":
		n.typ, n.eval = Int, l.count()
	case "sum":
		if !body.typ.numeric() && !body.typ.is(AnyKind) {
			c.fault(body.pos, CodeType, "sum wants numbers, and %s is %s", clip(body.text), body.typ)
			return c.faulty(n)
		}
		n.typ, n.eval = body.typ, l.sum(body.typ)
	case "best":
		for _, key := range l.body {
			if !key.typ.ordered() {
				c.fault(key.pos, CodeType, "best wants keys that can be ordered, and %s is %s", clip(key.text), key.typ)
				return c.faulty(n)
			}
		}
		n.typ, n.path, n.eval = l.list.typ.elem(), l.list.path, l.best()
	}
	if n.typ.is(schema.Link, List, schema.Object) {
		return n
	}
	return traced(n)
}

// each calls do with the value of the first expression for each known element until do returns false, and returns what
// is missing of the list. ok is false where nothing of the list is known.
func (l *listCall) each(f *frame, do func(element, v any) bool) (missing Unknown, ok bool) {
	list := l.list.read(f)
	if u, none := unknown(list); none {
		return u, false
	}
	items, missing := parts(list)
	for _, it := range items {
		f.spend(1)
		if f.err != nil {
			return missing, true
		}
		f.locals[l.slot] = it
		if !do(it, l.body[0].read(f)) {
			break
		}
	}
	return missing, true
}

// search is exists (deciding is true) and all (false): a known element that decides, decides.
func (l *listCall) search(deciding bool) func(*frame) any {
	return func(f *frame) any {
		found := false
		var unclear Unknown
		missing, _ := l.each(f, func(_, v any) bool {
			if u, ok := unknown(v); ok {
				unclear = unclear.and(u)
			}
			found = found || v == deciding
			return !found
		})
		if found {
			return deciding
		}
		if unclear = unclear.and(missing); unclear.some() {
			return unclear
		}
		return !deciding
	}
}

// filter keeps the elements that are known to satisfy; if some may, more may be in the result.
func (l *listCall) filter() func(*frame) any {
	return func(f *frame) any {
		out := []any{}
		var unclear Unknown
		missing, ok := l.each(f, func(el, v any) bool {
			if u, is := unknown(v); is {
				unclear = unclear.and(u)
			} else if v == true {
				out = append(out, el)
			}
			return true
		})
		if !ok {
			return missing
		}
		return listOf(out, unclear.and(missing))
	}
}

// project is map: an element whose value is not known stays in the list as unknown, so that its size is known.
func (l *listCall) project() func(*frame) any {
	return func(f *frame) any {
		out := []any{}
		missing, ok := l.each(f, func(_, v any) bool {
			out = append(out, v)
			return true
		})
		if !ok {
			return missing
		}
		return listOf(out, missing)
	}
}

func (l *listCall) count() func(*frame) any {
	return func(f *frame) any {
		n := int64(0)
		var unclear Unknown
		missing, _ := l.each(f, func(_, v any) bool {
			if u, ok := unknown(v); ok {
				unclear = unclear.and(u)
			} else if v == true {
				n++
			}
			return true
		})
		if unclear = unclear.and(missing); unclear.some() {
			return unclear
		}
		return n
	}
}

func (l *listCall) sum(t *Type) func(*frame) any {
	add := arithmeticOf("_+_", t)
	return func(f *frame) any {
		total := zeroOf(t)
		var unclear Unknown
		missing, _ := l.each(f, func(_, v any) bool {
			if u, ok := unknown(v); ok {
				unclear = unclear.and(u)
			} else {
				total = add(f, total, v)
			}
			return f.err == nil
		})
		if unclear = unclear.and(missing); unclear.some() {
			return unclear
		}
		return total
	}
}

// best is the element with the greatest keys, the first of equals; absent if the list is empty.
func (l *listCall) best() func(*frame) any {
	return func(f *frame) any {
		var top any
		var keys []any
		var unclear Unknown
		n := 0
		missing, _ := l.each(f, func(el, v any) bool {
			mine := make([]any, len(l.body))
			mine[0] = v
			for i, b := range l.body[1:] {
				mine[i+1] = b.read(f)
			}
			for _, k := range mine {
				if u, ok := unknown(k); ok {
					unclear = unclear.and(u)
				}
			}
			if n++; n == 1 {
				top, keys = el, mine
			} else if !unclear.some() {
				more, ok := greater(mine, keys)
				if !ok {
					unclear = Unknown{[]string{l.body[0].text}}
				}
				if more {
					top, keys = el, mine
				}
			}
			return true
		})
		if missing.some() {
			return missing
		}
		if n > 1 && unclear.some() {
			return unclear
		}
		return top
	}
}

// greater compares key by key; ok is false where they have no order, as durations of different units have none.
func greater(a, b []any) (more, ok bool) {
	for i := range a {
		if order, ok := compare(a[i], b[i]); !ok || order != 0 {
			return order > 0, ok
		}
	}
	return false, true
}

// plainList compiles the functions of a list without an element name: size first distinct flat.
func (c *compiler) plainList(n *node, name string, list *node) *node {
	switch name {
	case "size":
		n.typ = Int
		n.eval = unary(list, func(_ *frame, v any) any {
			if s, ok := v.(string); ok {
				return int64(utf8.RuneCountInString(s))
			}
			items, missing := parts(v)
			if missing.some() {
				return missing
			}
			return int64(len(items))
		})
		return traced(n)
	case "first":
		n.typ, n.path = list.typ.elem(), list.path
		n.eval = unary(list, func(_ *frame, v any) any {
			items, missing := parts(v)
			switch {
			case missing.some():
				return missing
			case len(items) == 0:
				return nil
			}
			return items[0]
		})
	case "distinct":
		n.typ, n.path = list.typ, list.path
		n.eval = unary(list, func(f *frame, v any) any { return f.distinct(v) })
	default: // flat
		if list.typ.elem().elem() == nil {
			c.fault(n.pos, CodeType, "flat wants a list of lists, and %s is %s", clip(list.text), list.typ)
			return c.faulty(n)
		}
		n.typ, n.path = list.typ.elem(), list.path
		n.eval = unary(list, func(f *frame, v any) any { return f.flat(v) })
	}
	return n
}

// unary evaluates an operand and applies op to a known one.
func unary(a *node, op func(f *frame, v any) any) func(*frame) any {
	return func(f *frame) any {
		f.spend(1)
		v := a.read(f)
		if u, ok := unknown(v); ok {
			return u
		}
		return op(f, v)
	}
}

// distinct keeps the first of equal elements. An element that is not known may equal any, so it stays as missing.
func (f *frame) distinct(list any) any {
	items, missing := parts(list)
	out := []any{}
	for _, it := range items {
		if u, ok := unknown(it); ok {
			missing = missing.and(u)
			continue
		}
		if f.contains(out, it) != true {
			out = append(out, it)
		}
		if f.err != nil {
			break
		}
	}
	return listOf(out, missing)
}

func (f *frame) flat(list any) any {
	items, missing := parts(list)
	out := []any{}
	for _, it := range items {
		inner, more := parts(it)
		missing = missing.and(more)
		f.spend(len(inner) + 1)
		if f.err != nil {
			break
		}
		out = append(out, inner...)
	}
	return listOf(out, missing)
}

// periods are the months of a period as values; an open period has no last month.
func (f *frame) periods(p value.Period) any {
	if p.To == value.Forever || p.From.IsZero() {
		return Unknown{[]string{p.String()}}
	}
	out := []any{}
	for _, m := range p.Months() {
		f.spend(1)
		out = append(out, m)
	}
	return out
}
