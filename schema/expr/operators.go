package expr

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"mera/schema"
)

// operator compiles an operator.
func (c *compiler) operator(n *node, op string, exprs []ast.Expr) *node {
	args := make([]*node, len(exprs))
	bad := false
	at := n.start
	for i, e := range exprs {
		args[i] = c.expr(e)
		bad = bad || args[i].bad()
	}
	n.start, n.end = min(n.start, args[0].start), max(n.end, args[len(args)-1].end)
	if op == operators.Index {
		n.end = c.src.closing(at)
	}
	n.start, n.end = c.src.span(n.start, n.end)
	n.text = c.src.slice(n.start, n.end)
	if bad {
		return c.faulty(n)
	}
	switch op {
	case operators.LogicalAnd, operators.LogicalOr:
		return c.logical(n, args[0], args[1], op == operators.LogicalOr)
	case operators.LogicalNot:
		return c.not(n, args[0])
	case operators.Conditional:
		return c.conditional(n, args)
	case operators.Equals, operators.NotEquals:
		return traced(c.equality(n, args[0], args[1], op == operators.NotEquals))
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return traced(c.comparison(n, op, args[0], args[1]))
	case operators.In:
		return traced(c.in(n, args[0], args[1]))
	case operators.Negate:
		return c.negate(n, args[0])
	case operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Modulo:
		return traced(c.arithmetic(n, op, args[0], args[1]))
	case operators.Index:
		return c.index(n, args[0], args[1])
	}
	c.fault(n.pos, CodeNotLanguage, "this operator is not part of the language")
	return c.faulty(n)
}

// logical is && or ||: the deciding value (false, true) decides, whatever the other operand is.
func (c *compiler) logical(n *node, a, b *node, deciding bool) *node {
	a, b = c.fit(a, Bool), c.fit(b, Bool)
	if a.bad() || b.bad() {
		return c.faulty(n)
	}
	n.typ = Bool
	n.eval = func(f *frame) any {
		f.spend(1)
		x := a.read(f)
		if x == deciding {
			return deciding
		}
		y := b.read(f)
		if y == deciding {
			return deciding
		}
		return firstUnknown(x, y, !deciding)
	}
	return n
}

// firstUnknown is what is unknown of two values, else the value.
func firstUnknown(x, y, known any) any {
	ux, okx := unknown(x)
	uy, oky := unknown(y)
	if okx || oky {
		return ux.and(uy)
	}
	return known
}

func (c *compiler) not(n *node, a *node) *node {
	a = c.fit(a, Bool)
	if a.bad() {
		return c.faulty(n)
	}
	n.typ = Bool
	n.eval = func(f *frame) any {
		f.spend(1)
		v := a.read(f)
		if b, ok := v.(bool); ok {
			return !b
		}
		return v
	}
	return n
}

// conditional is c ? x : y; an unknown condition makes it unknown.
func (c *compiler) conditional(n *node, args []*node) *node {
	cond := c.fit(args[0], Bool)
	if cond.bad() {
		return c.faulty(n)
	}
	t, ok := c.common(args[1:])
	if !ok {
		c.fault(n.pos, CodeType, "both branches give one type: %s and %s do not go together", args[1].typ, args[2].typ)
		return c.faulty(n)
	}
	n.typ, n.branches = t, []*node{args[1], args[2]}
	n.eval = func(f *frame) any {
		f.spend(1)
		switch v := cond.read(f); v {
		case true:
			return n.branches[0].eval(f)
		case false:
			return n.branches[1].eval(f)
		default:
			return v
		}
	}
	return c.convert(n, t)
}

// binary evaluates both operands and applies op to known ones.
func binary(a, b *node, op func(f *frame, x, y any) any) func(*frame) any {
	return func(f *frame) any {
		f.spend(1)
		x, y := a.read(f), b.read(f)
		ux, okx := unknown(x)
		uy, oky := unknown(y)
		if okx || oky {
			return ux.and(uy)
		}
		return op(f, x, y)
	}
}

// equality is == or !=.
func (c *compiler) equality(n *node, a, b *node, not bool) *node {
	if !c.comparable(a, b) {
		c.mismatch(n, "compare", a, b)
		return c.faulty(n)
	}
	c.checkCode(a, b.typ)
	c.checkCode(b, a.typ)
	n.typ = Bool
	n.eval = binary(a, b, func(_ *frame, x, y any) any {
		eq := same(x, y)
		if is, ok := eq.(bool); ok {
			return is != not
		}
		return eq
	})
	return n
}

// comparable tells that == has a meaning for two nodes.
func (c *compiler) comparable(a, b *node) bool {
	return c.accepts(a, b.typ) || c.accepts(b, a.typ) || a.typ.numeric() && b.typ.numeric() ||
		a.typ.textual() && b.typ.textual() || a.typ.timed() && b.typ.timed()
}

func (c *compiler) mismatch(n *node, verb string, a, b *node) {
	d := c.fault(n.pos, CodeType, "cannot %s %s with %s", verb, a.typ, b.typ)
	if a.typ.is(schema.Duration) && b.typ.is(schema.Duration) {
		d.Hint = "durations compare in one unit, or in weeks, days, hours, minutes and seconds"
	}
	for x, y := range map[*node]*node{a: b, b: a} {
		switch {
		case x.typ.is(schema.Date) && y.literal != nil:
			d.Hint = "write date('" + *y.literal + "')"
		case x.typ.is(schema.Date) && y.typ.is(Timestamp):
			d.Hint = "write date(" + clip(y.text) + ")"
		}
	}
}

// comparison is < <= > >=.
func (c *compiler) comparison(n *node, op string, a, b *node) *node {
	if !a.typ.ordered() || !b.typ.ordered() || !c.comparable(a, b) {
		c.mismatch(n, "compare", a, b)
		return c.faulty(n)
	}
	holds := map[string]func(int) bool{
		operators.Less:          func(i int) bool { return i < 0 },
		operators.LessEquals:    func(i int) bool { return i <= 0 },
		operators.Greater:       func(i int) bool { return i > 0 },
		operators.GreaterEquals: func(i int) bool { return i >= 0 },
	}[op]
	n.typ = Bool
	n.eval = binary(a, b, func(_ *frame, x, y any) any {
		order, ok := compare(x, y)
		if !ok {
			return Unknown{[]string{n.text}}
		}
		return holds(order)
	})
	return n
}

// in is x in list.
func (c *compiler) in(n *node, a, b *node) *node {
	if b.typ.elem() == nil {
		c.fault(b.pos, CodeType, "`in` wants a list, and %s is %s", clip(b.text), b.typ)
		return c.faulty(n)
	}
	if b.typ.is(List) {
		if !c.comparable(a, &node{typ: b.typ.Elem}) && !c.accepts(b, ListOf(a.typ)) {
			c.mismatch(n, "look for", a, b)
			return c.faulty(n)
		}
		c.checkCode(b, ListOf(a.typ))
		c.checkCode(a, b.typ.Elem)
	}
	n.typ = Bool
	n.eval = binary(a, b, func(f *frame, x, list any) any { return f.contains(list, x) })
	return n
}

// contains is true if a known element equals x; unknown if an element that is not known might.
func (f *frame) contains(list, x any) any {
	items, missing := parts(list)
	var unclear Unknown
	for _, it := range items {
		f.spend(1)
		switch eq := sameOrUnknown(it, x).(type) {
		case bool:
			if eq {
				return true
			}
		case Unknown:
			unclear = unclear.and(eq)
		}
	}
	if unclear = unclear.and(missing); len(unclear.Names) > 0 {
		return unclear
	}
	return false
}

// index is list[n]; outside of the list it is absent.
func (c *compiler) index(n, a, b *node) *node {
	if a.typ.elem() == nil || !b.typ.is(schema.Integer, AnyKind) {
		c.fault(n.pos, CodeType, "[ ] wants a list and an int, not %s and %s", a.typ, b.typ)
		return c.faulty(n)
	}
	n.typ, n.path = a.typ.elem(), a.path
	n.eval = binary(a, b, func(_ *frame, list, at any) any {
		items, missing := parts(list)
		if len(missing.Names) > 0 {
			return missing
		}
		if i, ok := at.(int64); ok && i >= 0 && i < int64(len(items)) {
			return items[i]
		}
		return nil
	})
	return n
}
