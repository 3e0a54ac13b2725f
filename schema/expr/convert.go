package expr

import (
	"maps"
	"slices"
	"time"

	"mera/schema"
	"mera/schema/value"
)

// accepts tells that a node may stand where a type is wanted. It tells no faults: codes of literals are looked at by
// convert.
func (c *compiler) accepts(n *node, want *Type) bool {
	switch {
	case n.bad() || want.is(AnyKind) || n.typ.is(AnyKind):
		return true
	case len(n.branches) > 0:
		return !slices.ContainsFunc(n.branches, func(b *node) bool { return !c.accepts(b, want) })
	case n.elems != nil && want.is(List):
		return !slices.ContainsFunc(n.elems, func(el *node) bool { return !c.accepts(el, want.Elem) })
	case n.number != nil && want.is(schema.Money):
		_, ok := kopecks(*n.number)
		return ok
	case n.literal != nil && want.is(schema.Item, schema.Enum, schema.Definition):
		return true
	}
	return c.assignable(n.typ, want)
}

// assignable tells that every value of a type is, perhaps after conversion, a value of another.
func (c *compiler) assignable(from, to *Type) bool {
	switch {
	case from.equal(to) || to.is(AnyKind) || from.is(AnyKind):
		return true
	case to.is(Number):
		return from.numeric()
	case to.is(schema.Text):
		return from.textual()
	case to.is(schema.Duration) && to.Of == "":
		return from.is(schema.Duration)
	case to.is(schema.Link):
		return from.is(schema.Link) && c.env.extends(from.Of, to.Of)
	case to.is(List):
		return from.is(List) && c.assignable(from.Elem, to.Elem)
	case to.is(schema.Enum):
		return from.is(schema.Enum) && !slices.ContainsFunc(from.Enum, func(s string) bool { return !slices.Contains(to.Enum, s) })
	case to.is(schema.Object) && from.is(schema.Object) && to.Of == "":
		for name, t := range to.Fields {
			if f := from.Fields[name]; f == nil || !f.equal(t) {
				return false
			}
		}
		return true
	}
	return false
}

// common is the type to which all nodes can be brought: that of one of them, preferably of no literal, or Number, text or duration.
func (c *compiler) common(nodes []*node) (*Type, bool) {
	var firm, loose []*Type
	for _, n := range nodes {
		if n.literal == nil && n.number == nil {
			firm = append(firm, n.typ)
		} else {
			loose = append(loose, n.typ)
		}
	}
	for _, t := range slices.Concat(firm, loose, []*Type{NumberT, Text, DurationT}) {
		if t != nil && !slices.ContainsFunc(nodes, func(n *node) bool { return !c.accepts(n, t) }) {
			return t, true
		}
	}
	return nil, false
}

// fit brings a node to the type that a slot or an argument wants, or tells the fault.
func (c *compiler) fit(n *node, want *Type) *node {
	switch {
	case n.bad() || want == nil:
		return n
	case c.accepts(n, want):
		return c.convert(n, want)
	case want.is(schema.Money) && n.typ.is(Number):
		c.fault(n.pos, CodeUnrounded, "Money is wanted here, and %s is a Number that is not rounded", clip(n.text)).
			Hint = "round it: round(…, 2)"
	case want.is(schema.Date) && n.literal != nil:
		c.fault(n.pos, CodeType, "a date is wanted here, not text").Hint = "write date('" + *n.literal + "')"
	case want.is(schema.Date) && n.typ.is(Timestamp):
		c.fault(n.pos, CodeType, "a date is wanted here, not a timestamp").Hint = "write date(" + clip(n.text) + ")"
	default:
		c.fault(n.pos, CodeType, "%s is wanted here, and %s is %s", want, clip(n.text), n.typ)
	}
	return c.faulty(n)
}

// convert makes values of a type from those of a node that is accepted; literals are checked.
func (c *compiler) convert(n *node, to *Type) *node {
	if n.bad() || n.typ.equal(to) && len(n.branches) == 0 && n.elems == nil {
		return n
	}
	c.checkCode(n, to)
	if len(n.branches) > 0 {
		for i, b := range n.branches {
			n.branches[i] = c.convert(b, to)
		}
		n.typ = to
		return n
	}
	if n.elems != nil && to.is(List) {
		for i, el := range n.elems {
			n.elems[i] = c.convert(el, to.Elem)
		}
		n.typ = to
		return n
	}
	out := *n
	out.typ = to
	if sameForm(n.typ, to) {
		return &out
	}
	eval := n.eval
	out.eval = func(f *frame) any {
		v := eval(f)
		if _, none := unknown(v); none || v == nil {
			return v
		}
		if w, ok := bring(v, to); ok {
			return w
		}
		return Unknown{[]string{n.text}} // a value whose type was not known before
	}
	return &out
}

// sameForm tells that values of a type are values of another as they are.
func sameForm(from, to *Type) bool {
	switch {
	case to.is(AnyKind) || from.equal(to):
		return true
	case from.is(AnyKind):
		return false
	case to.is(List):
		return from.is(List) && sameForm(from.Elem, to.Elem)
	case to.textual():
		return from.textual()
	}
	return from.Kind == to.Kind
}

// bring makes a value of a type from a known value of one that it widens, or of a type that was not known; false where
// it is of another kind.
func bring(v any, to *Type) (any, bool) {
	switch to.Kind {
	case AnyKind:
		return v, true
	case Number:
		return toNumber(v), isNumber(v)
	case schema.Money:
		if m, ok := v.(value.Money); ok {
			return m, true
		}
		m, ok := kopecks(toNumber(v))
		return m, ok && isNumber(v)
	case schema.Item:
		if s, ok := v.(string); ok {
			return Item{to.Of, s}, true
		}
	case List:
		return bringList(v, to.Elem)
	}
	return v, ofKind(v, to.Kind)
}

// ofKind tells that a value is one of a kind.
func ofKind(v any, kind schema.Kind) bool {
	ok := false
	switch kind {
	case schema.Boolean:
		_, ok = v.(bool)
	case schema.Integer:
		_, ok = v.(int64)
	case schema.Date:
		_, ok = v.(value.Date)
	case Period:
		_, ok = v.(value.Period)
	case Timestamp:
		_, ok = v.(time.Time)
	case schema.Duration:
		_, ok = v.(value.Duration)
	case schema.Item:
		_, ok = v.(Item)
	case schema.Link:
		_, ok = v.(*Record)
	case schema.Object:
		_, ok = v.(map[string]any)
	default:
		_, ok = v.(string)
	}
	return ok
}

// bringList brings the known elements of a list; one of another kind is unknown.
func bringList(v any, elem *Type) (any, bool) {
	items, missing := parts(v)
	out := make([]any, len(items))
	for i, it := range items {
		out[i] = it
		if _, none := unknown(it); none {
			continue
		}
		w, ok := bring(it, elem)
		if !ok {
			w = Unknown{[]string{"element"}}
		}
		out[i] = w
	}
	return listOf(out, missing), isList(v)
}

func isList(v any) bool {
	switch v.(type) {
	case []any, PartList:
		return true
	}
	return false
}

// kopecks is a number as money if it has no parts of a kopeck.
func kopecks(n value.Number) (value.Money, bool) {
	if !n.Mul(value.NewNumber(100, 1)).IsInt() {
		return 0, false
	}
	return n.Money(value.HalfUp)
}

// checkCode tells a literal that is no code of a classifier, item of an enum or name of a definition.
func (c *compiler) checkCode(n *node, t *Type) {
	for _, b := range n.branches {
		c.checkCode(b, t)
	}
	if t.is(List) {
		for _, el := range n.elems {
			c.checkCode(el, t.Elem)
		}
		return
	}
	if n.literal == nil {
		return
	}
	codes, what := c.env.codes(t)
	if codes == nil || slices.Contains(codes, *n.literal) {
		return
	}
	c.tell(schema.Faultf(n.pos, CodeItem, "%q is no %s", *n.literal, what).WithNearest(*n.literal, codes))
}

// codes are the literals that a type allows, and what they are; nil where any text is allowed.
func (e *Env) codes(t *Type) ([]string, string) {
	switch {
	case t.is(schema.Enum):
		return t.Enum, "item of the enum"
	case t.is(schema.Definition):
		return e.definitions(t.Of), "name of a " + t.Of
	case t.is(schema.Item) || t.is(schema.Text) && t.Of != "":
		if cl := e.cat.Classifiers[t.Of]; cl != nil && len(cl.Items) > 0 {
			codes := make([]string, len(cl.Items))
			for i, it := range cl.Items {
				codes[i] = it.Code
			}
			return codes, "code of " + t.Of
		}
	}
	return nil, ""
}

// definitions are the names of all definitions of a kind; nil for a kind that is not in the catalog.
func (e *Env) definitions(kind string) []string {
	switch kind {
	case "Measure":
		return slices.Collect(maps.Keys(e.cat.Measures))
	case "Document":
		return slices.Collect(maps.Keys(e.cat.Documents))
	case "Classifier":
		return slices.Collect(maps.Keys(e.cat.Classifiers))
	case "Parameter":
		return slices.Collect(maps.Keys(e.cat.Parameters))
	case "List":
		return slices.Collect(maps.Keys(e.cat.Lists))
	case "Workflow":
		return slices.Collect(maps.Keys(e.cat.Workflows))
	case "PrintForm":
		return slices.Collect(maps.Keys(e.cat.PrintForms))
	case "Exchange":
		return slices.Collect(maps.Keys(e.cat.Exchanges))
	}
	return nil
}

// extends tells that a document is another or extends it.
func (e *Env) extends(document, base string) bool {
	if document == base {
		return true
	}
	if base == "Case" {
		return e.cat.WorkflowOf(document) != nil
	}
	d := e.cat.Documents[document]
	return d != nil && d.Extends.Text == base
}

// clip shortens a text for a message.
func clip(text string) string {
	if r := []rune(text); len(r) > 60 {
		return string(r[:57]) + "…"
	}
	return text
}
