package expr

import (
	"math"
	"math/bits"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"mera/schema"
	"mera/schema/value"
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
		a.typ.textual() && b.typ.textual()
}

func (c *compiler) mismatch(n *node, verb string, a, b *node) {
	d := c.fault(n.pos, CodeType, "cannot %s %s with %s", verb, a.typ, b.typ)
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
	if !b.typ.is(List, AnyKind) {
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

func (c *compiler) negate(n *node, a *node) *node {
	if !a.typ.numeric() {
		c.fault(n.pos, CodeType, "- wants a number, and %s is %s", clip(a.text), a.typ)
		return c.faulty(n)
	}
	n.typ = a.typ
	zero := &node{typ: a.typ, eval: func(*frame) any { return zeroOf(a.typ) }}
	op := arithmeticOf(operators.Subtract, a.typ)
	n.eval = binary(zero, a, op)
	return n
}

func zeroOf(t *Type) any {
	switch {
	case t.is(schema.Money):
		return value.Money(0)
	case t.is(Number):
		return value.Number{}
	}
	return int64(0)
}

// arithmetic is + - * / %. Money times or by anything is a Number; int by int is a Number.
func (c *compiler) arithmetic(n *node, op string, a, b *node) *node {
	sign := map[string]string{operators.Add: "+", operators.Subtract: "-", operators.Multiply: "*", operators.Divide: "/", operators.Modulo: "%"}[op]
	if t, eval := c.dateArithmetic(op, a, b); t != nil {
		n.typ, n.eval = t, binary(a, b, eval)
		return n
	}
	additive := op == operators.Add || op == operators.Subtract
	switch {
	case op == operators.Add && a.typ.textual() && b.typ.textual():
		n.typ = Text
		n.eval = binary(a, b, func(f *frame, x, y any) any { return f.concat(x, y) })
		return n
	case op == operators.Add && a.typ.is(List) && b.typ.is(List):
		return c.appendLists(n, a, b)
	case !a.typ.numeric() || !b.typ.numeric() || op == operators.Multiply && a.typ.is(schema.Money) && b.typ.is(schema.Money):
		d := c.fault(n.pos, CodeType, "no operation %s %s %s", a.typ, sign, b.typ)
		if op == operators.Subtract && a.typ.is(schema.Date) && b.typ.is(schema.Date) {
			d.Hint = "write period(from, to).days or years(from, to)"
		}
		return c.faulty(n)
	case additive:
		n.typ, _ = c.common([]*node{a, b})
	case op == operators.Modulo && !(a.typ.is(schema.Integer) && b.typ.is(schema.Integer)):
		c.fault(n.pos, CodeType, "%% wants ints, not %s and %s", a.typ, b.typ)
		return c.faulty(n)
	case op == operators.Divide || !a.typ.is(schema.Integer) || !b.typ.is(schema.Integer):
		n.typ = NumberT
	default:
		n.typ = Int
	}
	if !(op == operators.Modulo) {
		a, b = c.convert(a, n.typ), c.convert(b, n.typ)
	}
	apply := arithmeticOf(op, n.typ)
	n.eval = binary(a, b, func(f *frame, x, y any) any {
		if v := apply(f, x, y); v != nil {
			return v
		}
		return Unknown{[]string{n.text}} // a division by zero
	})
	return n
}

// arithmeticOf is an operation on two values of one type; nil for a division by zero.
func arithmeticOf(op string, t *Type) func(*frame, any, any) any {
	switch {
	case t.is(schema.Money):
		return func(f *frame, x, y any) any {
			a, b := x.(value.Money), y.(value.Money)
			if op == operators.Subtract {
				if b == math.MinInt64 {
					return f.fail(ErrOverflow)
				}
				b = -b
			}
			sum, ok := value.AddMoney(a, b)
			if !ok {
				return f.fail(ErrOverflow)
			}
			return sum
		}
	case t.is(Number):
		return func(f *frame, x, y any) any { return f.number(op, x.(value.Number), y.(value.Number)) }
	}
	return func(f *frame, x, y any) any { return f.integer(op, x.(int64), y.(int64)) }
}

func (f *frame) number(op string, x, y value.Number) any {
	var out value.Number
	switch op {
	case operators.Add:
		out = x.Add(y)
	case operators.Subtract:
		out = x.Sub(y)
	case operators.Multiply:
		out = x.Mul(y)
	default:
		var ok bool
		if out, ok = x.Div(y); !ok {
			return nil
		}
	}
	if out.Bits() > maxBits {
		return f.fail(ErrOverflow)
	}
	f.spend(out.Bits() / 256)
	return out
}

const maxBits = 4096 // of a numerator or denominator

func (f *frame) integer(op string, x, y int64) any {
	switch op {
	case operators.Add:
		if sum := x + y; (sum > x) == (y > 0) {
			return sum
		}
	case operators.Subtract:
		if diff := x - y; (diff < x) == (y > 0) {
			return diff
		}
	case operators.Multiply:
		if product, ok := multiply(x, y); ok {
			return product
		}
	default:
		if y == 0 {
			return nil
		}
		if y == -1 {
			return int64(0)
		}
		return x % y
	}
	return f.fail(ErrOverflow)
}

func multiply(x, y int64) (int64, bool) {
	if x == 0 || y == 0 {
		return 0, true
	}
	hi, lo := bits.Mul64(magnitude(x), magnitude(y))
	negative := (x < 0) != (y < 0)
	if hi != 0 || lo > 1<<63 || !negative && lo == 1<<63 {
		return 0, false
	}
	if negative {
		return -int64(lo), true
	}
	return int64(lo), true
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

// dateArithmetic is date ± duration and timestamp ± duration.
func (c *compiler) dateArithmetic(op string, a, b *node) (*Type, func(*frame, any, any) any) {
	if op != operators.Add && op != operators.Subtract || !b.typ.is(schema.Duration) || !a.typ.is(schema.Date, Timestamp) {
		return nil, nil
	}
	return a.typ, func(f *frame, x, y any) any {
		d := y.(value.Duration)
		if op == operators.Subtract {
			d.N = -d.N
		}
		switch x := x.(type) {
		case value.Date:
			return f.dateAfter(x, d)
		case time.Time:
			return f.instantAfter(x, d)
		}
		return Unknown{}
	}
}

// dateAfter is a date moved by a duration; hours and shorter do not move a date, and are unclear.
func (f *frame) dateAfter(day value.Date, d value.Duration) any {
	switch d.Unit {
	case value.Days:
		return day.AddDays(d.N)
	case value.Weeks:
		return day.AddDays(7 * d.N)
	case value.Months:
		return day.AddMonths(d.N)
	case value.Years:
		return day.AddYears(d.N)
	case value.Workdays:
		if f.in.World != nil {
			return f.in.World.AddWorkdays(day, d.N)
		}
	}
	return Unknown{[]string{d.String()}}
}

func (f *frame) instantAfter(t time.Time, d value.Duration) any {
	switch d.Unit {
	case value.Hours:
		return t.Add(time.Duration(d.N) * time.Hour)
	case value.Minutes:
		return t.Add(time.Duration(d.N) * time.Minute)
	case value.Seconds:
		return t.Add(time.Duration(d.N) * time.Second)
	}
	local := t.In(f.zone())
	day, ok := f.dateAfter(value.DateOf(local), d).(value.Date)
	if !ok {
		return Unknown{[]string{d.String()}}
	}
	return time.Date(day.Year, day.Month, day.Day, local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), f.zone()).In(t.Location())
}

// zone is where the dates of instants are read.
func (f *frame) zone() *time.Location {
	if w, ok := f.in.World.(interface{ Zone() *time.Location }); ok {
		return w.Zone()
	}
	return time.UTC
}

func (f *frame) concat(x, y any) any {
	a, _ := x.(string)
	b, _ := y.(string)
	if len(a)+len(b) > maxResult {
		return f.fail(ErrCost)
	}
	f.spend((len(a) + len(b)) / 64)
	return a + b
}

const maxResult = 64 << 10 // bytes of a text

func (c *compiler) appendLists(n, a, b *node) *node {
	t, ok := c.common([]*node{a, b})
	if !ok {
		c.mismatch(n, "join", a, b)
		return c.faulty(n)
	}
	a, b = c.convert(a, t), c.convert(b, t)
	n.typ = t
	n.eval = binary(a, b, func(f *frame, x, y any) any {
		first, u1 := parts(x)
		second, u2 := parts(y)
		f.spend(len(first) + len(second))
		return listOf(append(append(make([]any, 0, len(first)+len(second)), first...), second...), u1.and(u2))
	})
	return n
}

// index is list[n]; outside of the list it is absent.
func (c *compiler) index(n, a, b *node) *node {
	if !a.typ.is(List) || !b.typ.is(schema.Integer) {
		c.fault(n.pos, CodeType, "[ ] wants a list and an int, not %s and %s", a.typ, b.typ)
		return c.faulty(n)
	}
	n.typ = a.typ.Elem
	n.path = a.path
	n.eval = binary(a, b, func(_ *frame, list, at any) any {
		items, missing := parts(list)
		if len(missing.Names) > 0 {
			return missing
		}
		if i := at.(int64); i >= 0 && i < int64(len(items)) {
			return items[i]
		}
		return nil
	})
	return n
}
