package expr

import (
	"math"
	"math/bits"
	"time"

	"cel.dev/cel-go/common/operators"

	"mera/schema"
	"mera/schema/value"
)

func (c *compiler) negate(n *node, a *node) *node {
	if !a.typ.numeric() && !a.typ.is(AnyKind) {
		c.fault(n.pos, CodeType, "- wants a number, and %s is %s", clip(a.text), a.typ)
		return c.faulty(n)
	}
	n.typ = a.typ
	minus := arithmeticOf(operators.Subtract, a.typ)
	n.eval = unary(a, func(f *frame, v any) any { return minus(f, zeroOf(a.typ), v) })
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

// arithmetic is + - * / %. Money times or by anything is a Number, and so is int by int.
func (c *compiler) arithmetic(n *node, op string, a, b *node) *node {
	if op == operators.Add && a.typ.is(List) && b.typ.is(List) {
		return c.appendLists(n, a, b)
	}
	var ok bool
	if n.typ, ok = c.sumType(op, a, b); !ok {
		c.noOperation(n, op, a, b)
		return c.faulty(n)
	}
	if n.typ.numeric() && op != operators.Modulo {
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

// sumType is the type of an operation; false where it has no meaning.
func (c *compiler) sumType(op string, a, b *node) (*Type, bool) {
	additive := op == operators.Add || op == operators.Subtract
	switch {
	case a.typ.is(AnyKind) || b.typ.is(AnyKind):
		return Dyn, true
	case op == operators.Add && a.typ.textual() && b.typ.textual():
		return Text, true
	case additive && a.typ.is(schema.Date, Timestamp) && b.typ.is(schema.Duration):
		return a.typ, true
	case !a.typ.numeric() || !b.typ.numeric():
		return nil, false
	case additive:
		return c.common([]*node{a, b})
	case op == operators.Modulo:
		return Int, a.typ.is(schema.Integer) && b.typ.is(schema.Integer)
	case op == operators.Multiply && a.typ.is(schema.Integer) && b.typ.is(schema.Integer):
		return Int, true
	}
	return NumberT, !(op == operators.Multiply && a.typ.is(schema.Money) && b.typ.is(schema.Money))
}

func (c *compiler) noOperation(n *node, op string, a, b *node) {
	sign, _ := operators.FindReverseBinaryOperator(op)
	d := c.fault(n.pos, CodeType, "there is no %s %s %s", a.typ, sign, b.typ)
	if op == operators.Subtract && a.typ.is(schema.Date) && b.typ.is(schema.Date) {
		d.Hint = "write period(from, to).days or years(from, to)"
	}
}

// arithmeticOf is an operation on two known values, of one type where the result is a number; nil for a division by
// zero.
func arithmeticOf(op string, t *Type) func(*frame, any, any) any {
	switch t.Kind {
	case schema.Money:
		return func(f *frame, x, y any) any { return f.money(op, as[value.Money](x), as[value.Money](y)) }
	case Number:
		return func(f *frame, x, y any) any { return f.number(op, as[value.Number](x), as[value.Number](y)) }
	case schema.Integer:
		return func(f *frame, x, y any) any { return f.integer(op, as[int64](x), as[int64](y)) }
	case AnyKind:
		return func(f *frame, x, y any) any { return f.dynamicSum(op, x, y) }
	case schema.Date, Timestamp:
		return func(f *frame, x, y any) any { return f.moment(op, x, as[value.Duration](y)) }
	}
	return func(f *frame, x, y any) any { return f.concat(x, y) }
}

// dynamicSum is an operation on values whose types were not known.
func (f *frame) dynamicSum(op string, x, y any) any {
	a, b := &node{typ: typeOf(x)}, &node{typ: typeOf(y)}
	t, ok := (&compiler{env: f.env}).sumType(op, a, b)
	if !ok || t.is(AnyKind) {
		return nil
	}
	if t.numeric() {
		x, _ = bring(x, t)
		y, _ = bring(y, t)
	}
	return arithmeticOf(op, t)(f, x, y)
}

// typeOf is the type of a value as far as operators must know it.
func typeOf(v any) *Type {
	switch v.(type) {
	case int64:
		return Int
	case value.Number:
		return NumberT
	case value.Money:
		return MoneyT
	case value.Date:
		return DateT
	case time.Time:
		return TimestampT
	case value.Duration:
		return DurationT
	case string:
		return Text
	}
	return Dyn
}

func (f *frame) money(op string, a, b value.Money) any {
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

// moment is a date or an instant moved by a duration.
func (f *frame) moment(op string, x any, d value.Duration) any {
	if op == operators.Subtract {
		d.N = -d.N
	}
	if day, ok := x.(value.Date); ok {
		return f.dateAfter(day, d)
	}
	t, _ := x.(time.Time)
	return f.instantAfter(t, d)
}

// dateAfter is a date moved by a duration; hours and shorter do not move a date, and are unclear.
func (f *frame) dateAfter(day value.Date, d value.Duration) any {
	switch d.Unit {
	case value.Days:
		return f.inCalendar(day.AddDays(d.N))
	case value.Weeks:
		return f.inCalendar(day.AddDays(7 * d.N))
	case value.Months:
		return f.inCalendar(day.AddMonths(d.N))
	case value.Years:
		return f.inCalendar(day.AddYears(d.N))
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
