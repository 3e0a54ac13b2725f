package expr

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	"cel.dev/cel-go/common/ast"

	"mera/schema"
	"mera/schema/value"
)

// specialUsage shows how the functions with truths or types of their own are called.
var specialUsage = map[string]string{
	"min": "min(x, y, …) or min(list)", "max": "max(x, y, …) or max(list)", "latest": "latest(timestamp, timestamp, …)",
	"round": "round(x) or round(x, digits)", "floor": "floor(x) or floor(x, digits)", "ceil": "ceil(x) or ceil(x, digits)",
	"size": "size(list) or size(text)", "text": "text(x)", "int": "int(x)", "date": "date('2019-07-16') or date(timestamp)",
	"words": "words(text, …)", "code": "code(x, 'system')", "has": "has(x.y)", "byKey": "byKey(Type, 'system', text)",
}

// special finds how to compile a function whose types or truths are its own; nil if there is none of the name.
func specialOf(name string) special {
	switch name {
	case "min", "max", "latest":
		return func(c *compiler, n *node, args []*node) *node { return c.extreme(n, name, args) }
	case "round", "floor", "ceil":
		return func(c *compiler, n *node, args []*node) *node { return c.round(n, name, args) }
	case "size":
		return (*compiler).size
	case "text":
		return (*compiler).asText
	case "int":
		return (*compiler).asInt
	case "date":
		return (*compiler).asDate
	case "words":
		return (*compiler).words
	case "code":
		return (*compiler).outerCode
	}
	return nil
}

// specialMethodOf is specialOf for functions that are called on a value of a type.
func specialMethodOf(name string, t *Type) special {
	switch {
	case name == "under" && t.is(schema.Item):
		return (*compiler).under
	case name == "matches" && t.textual():
		return (*compiler).matches
	}
	return nil
}

// wrong tells that a function is called in another way than it can be.
func (c *compiler) wrong(n *node, name string, args []*node) *node {
	c.fault(n.pos, CodeArgument, "%s does not take (%s)", name, typesOf(args)).Hint = "write " + specialUsage[name]
	return c.faulty(n)
}

// extreme is min or max of numbers, sums or dates, or latest of instants: of the arguments, or of one list.
func (c *compiler) extreme(n *node, name string, args []*node) *node {
	list := len(args) == 1 && args[0].typ.is(List)
	var t *Type
	ok := len(args) > 0
	if list {
		t = args[0].typ.Elem
	} else if ok {
		t, ok = c.common(args)
	}
	if !ok || !t.is(AnyKind, schema.Integer, Number, schema.Money, schema.Date, Timestamp) || (name == "latest") != t.is(Timestamp) && !t.is(AnyKind) {
		return c.wrong(n, name, args)
	}
	sign := 1
	if name == "min" {
		sign = -1
	}
	n.typ = t
	if list {
		n.eval = unary(args[0], func(f *frame, v any) any {
			items, missing := parts(v)
			f.spend(len(items))
			if missing.some() {
				return missing
			}
			return outermost(items, sign, n.text)
		})
		return traced(n)
	}
	for i := range args {
		args[i] = c.convert(args[i], t)
	}
	n.eval = strict(args, func(_ *frame, vals []any) any { return outermost(vals, sign, n.text) })
	return traced(n)
}

// outermost is the greatest (sign 1) or least (-1) value; absent of none, unclear where they have no order.
func outermost(vals []any, sign int, text string) any {
	var best any
	for _, v := range vals {
		if u, ok := unknown(v); ok {
			return u
		}
		if best == nil {
			best = v
			continue
		}
		order, ok := compare(v, best)
		if !ok {
			return Unknown{[]string{text}}
		}
		if order*sign > 0 {
			best = v
		}
	}
	return best
}

// round is round, floor or ceil: to an int without digits; with 2 digits to Money; money stays money.
func (c *compiler) round(n *node, name string, args []*node) *node {
	digits := 0
	if len(args) == 2 && args[1].number != nil && args[1].typ.is(schema.Integer) {
		digits, _ = strconv.Atoi(args[1].number.String())
	} else if len(args) != 1 {
		return c.wrong(n, name, args)
	}
	if !args[0].typ.numeric() && !args[0].typ.is(AnyKind) || digits < 0 || digits > 10 {
		return c.wrong(n, name, args)
	}
	numeric := func(do func(*frame, value.Number) any) func(*frame) any {
		return unary(args[0], func(f *frame, v any) any {
			if !isNumber(v) {
				return Unknown{[]string{n.text}} // a value whose type was not known before
			}
			return do(f, toNumber(v))
		})
	}
	how := map[string]value.Rounding{"round": value.HalfUp, "floor": value.Down, "ceil": value.Up}[name]
	money := args[0].typ.is(schema.Money)
	if len(args) == 1 && !money {
		n.typ = Int
		n.eval = numeric(func(f *frame, x value.Number) any { return f.whole(x.Round(0, how)) })
		return traced(n)
	}
	if !money && digits != 2 {
		n.typ = NumberT
		n.eval = numeric(func(_ *frame, x value.Number) any { return x.Round(digits, how) })
		return traced(n)
	}
	n.typ = MoneyT
	n.eval = numeric(func(f *frame, x value.Number) any {
		m, ok := x.Round(digits, how).Money(how)
		if !ok {
			return f.fail(ErrOverflow)
		}
		return m
	})
	return traced(n)
}

// whole is a whole number as an int.
func (f *frame) whole(x value.Number) any {
	num := x.Rat().Num()
	if !num.IsInt64() {
		return f.fail(ErrOverflow)
	}
	return num.Int64()
}

func (c *compiler) size(n *node, args []*node) *node {
	switch {
	case len(args) == 1 && args[0].typ.elem() != nil:
		return c.plainList(n, "size", args[0])
	case len(args) == 1 && args[0].typ.textual():
		return c.apply(n, "size", methods["size"], args)
	}
	return c.wrong(n, "size", args)
}

// asText is the canonical text of a value, as it is stored: 1826.00, 2019-07-16.
func (c *compiler) asText(n *node, args []*node) *node {
	if len(args) != 1 || args[0].typ.is(List, schema.Object, schema.Link) {
		return c.wrong(n, "text", args)
	}
	n.typ = Text
	n.eval = unary(args[0], func(_ *frame, v any) any { return canonical(v) })
	return traced(n)
}

// asInt is the whole number that a text spells; unclear where it spells none.
func (c *compiler) asInt(n *node, args []*node) *node {
	if len(args) != 1 || !(args[0].typ.textual() || args[0].typ.is(schema.Integer, AnyKind)) {
		return c.wrong(n, "int", args)
	}
	n.typ = Int
	n.eval = unary(args[0], func(_ *frame, v any) any {
		switch v := v.(type) {
		case int64:
			return v
		case string:
			if i, err := strconv.ParseInt(v, 10, 64); err == nil {
				return i
			}
		}
		return Unknown{[]string{n.text}}
	})
	return traced(n)
}

// asDate is a date from a literal, a text or an instant.
func (c *compiler) asDate(n *node, args []*node) *node {
	if len(args) != 1 || !(args[0].typ.textual() || args[0].typ.is(Timestamp, schema.Date, AnyKind)) {
		return c.wrong(n, "date", args)
	}
	n.typ = DateT
	if args[0].literal != nil {
		d, err := value.ParseDate(*args[0].literal)
		if err != nil {
			c.fault(args[0].pos, CodeDate, "%v", err)
			return c.faulty(n)
		}
		n.eval = func(*frame) any { return d }
		return n
	}
	n.eval = unary(args[0], func(f *frame, v any) any {
		switch v := v.(type) {
		case time.Time:
			return value.DateOf(v.In(f.zone()))
		case string:
			if d, err := value.ParseDate(v); err == nil {
				return d
			}
		case value.Date:
			return v
		}
		return Unknown{[]string{n.text}}
	})
	return traced(n)
}

// words joins texts with spaces; absent ones are left out.
func (c *compiler) words(n *node, args []*node) *node {
	for i, a := range args {
		if !a.typ.textual() && !a.typ.is(AnyKind) && !(len(args) == 1 && a.typ.is(List) && a.typ.Elem.textual()) {
			c.fault(args[i].pos, CodeArgument, "words wants texts, and %s is %s", clip(a.text), a.typ)
			return c.faulty(n)
		}
	}
	if len(args) == 0 {
		return c.wrong(n, "words", args)
	}
	n.typ = Text
	if args[0].typ.is(List) {
		n.eval = unary(args[0], func(f *frame, v any) any { return f.joined(v, " ") })
		return traced(n)
	}
	n.eval = func(f *frame) any {
		f.spend(1)
		vals := make([]any, 0, len(args))
		for _, a := range args {
			if v := a.eval(f); v != nil {
				vals = append(vals, v)
			}
		}
		return f.joined(vals, " ")
	}
	return traced(n)
}

// under is item.under('ancestor').
func (c *compiler) under(n *node, args []*node) *node {
	if len(args) != 2 || !c.accepts(args[1], args[0].typ) && !args[1].typ.textual() {
		c.fault(n.pos, CodeArgument, "under wants a code of %s", args[0].typ.Of).Hint = "write x.under('code')"
		return c.faulty(n)
	}
	args[1] = c.convert(args[1], args[0].typ)
	n.typ = Bool
	n.eval = strict(args, func(f *frame, a []any) any {
		it, up := as[Item](a[0]), a[1]
		if s, ok := up.(string); ok {
			up = Item{it.Classifier, s}
		}
		if f.in.World == nil || f.err != nil {
			return Unknown{[]string{n.text}}
		}
		is, err := f.in.World.Under(f.ctx, it.Classifier, it.Code, as[Item](up).Code)
		if err != nil {
			return f.failed(n.text, err)
		}
		return is
	})
	return traced(n)
}

// matches is text.matches('pattern'); the pattern is compiled here.
func (c *compiler) matches(n *node, args []*node) *node {
	if len(args) != 2 || args[1].literal == nil {
		c.fault(n.pos, CodeArgument, "matches wants one pattern in quotes")
		return c.faulty(n)
	}
	re, err := regexp.Compile(*args[1].literal)
	if err != nil {
		c.fault(args[1].pos, CodePattern, "%q is no pattern: %v", *args[1].literal, err)
		return c.faulty(n)
	}
	n.typ = Bool
	n.eval = unary(args[0], func(f *frame, v any) any {
		s := as[string](v)
		f.spend(len(s) / 16)
		return re.MatchString(s)
	})
	return traced(n)
}

// byKey is byKey(Type, 'system', text): the record with an outside key.
func (c *compiler) byKey(n *node, exprs []ast.Expr) *node {
	if len(exprs) != 3 || exprs[0].Kind() != ast.IdentKind {
		c.fault(n.pos, CodeArgument, "byKey wants a type, a system and a key").Hint = "write " + specialUsage["byKey"]
		return c.faulty(n)
	}
	typ := exprs[0].AsIdent()
	if c.env.cat.Documents[typ] == nil {
		c.tell(schema.Faultf(c.src.at(c.src.offset(exprs[0])), CodeName, "there is no document %q", typ).
			WithNearest(typ, slices.Collect(maps.Keys(c.env.cat.Documents))))
		return c.faulty(n)
	}
	args, ok := c.args(exprs[1:])
	if !ok {
		return c.faulty(n)
	}
	args[0], args[1] = c.fit(args[0], Text), c.fit(args[1], Text)
	if args[0].bad() || args[1].bad() {
		return c.faulty(n)
	}
	n.typ = RecordOf(typ)
	c.touch(n.typ, "keys")
	n.eval = strict(args, func(f *frame, a []any) any {
		w, ok := f.in.World.(interface {
			ByKey(ctx context.Context, typ, system, key string) (string, error)
		})
		if !ok || f.err != nil {
			return Unknown{[]string{n.text}}
		}
		id, err := w.ByKey(f.ctx, typ, as[string](a[0]), as[string](a[1]))
		switch {
		case err != nil:
			return f.failed(n.text, err)
		case id == "":
			return nil
		}
		return &Record{Type: typ, ID: id}
	})
	return n
}

// outerCode is code(x, 'system'): the code that an item, a measure or a record has in an outside system.
func (c *compiler) outerCode(n *node, args []*node) *node {
	if len(args) != 2 || !args[0].typ.is(schema.Item, schema.Definition, schema.Link, AnyKind) || !args[1].typ.textual() {
		return c.wrong(n, "code", args)
	}
	of := args[0].typ.Of
	n.typ = Text
	n.eval = strict(args, func(f *frame, a []any) any {
		code := f.outerCode(of, a[0], as[string](a[1]))
		if code == nil {
			return Unknown{[]string{n.text}} // no code where one is needed
		}
		return code
	})
	return traced(n)
}

func (f *frame) outerCode(of string, v any, system string) any {
	typ, id := of, ""
	switch v := v.(type) {
	case Item:
		it := f.item(v)
		if it == nil {
			return nil
		}
		return absent(it.Codes[system])
	case string:
		if m := f.env.cat.Measures[v]; m != nil && m.Codes[system] != "" {
			return m.Codes[system]
		}
		id = v
	case *Record:
		typ, id = v.Type, v.ID
	}
	w, ok := f.in.World.(interface {
		Code(ctx context.Context, typ, id, system string) (string, error)
	})
	if !ok || f.err != nil {
		return nil
	}
	code, err := w.Code(f.ctx, typ, id, system)
	if err != nil {
		return f.failed("code of "+typ+" "+id, err)
	}
	return absent(code)
}
