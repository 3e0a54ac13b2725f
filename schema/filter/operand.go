package filter

import (
	"slices"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// operand reads the value of an operator and completes the leaf.
func (r *run) operand(leaf *Tree, op Op, n *schema.Node) *Tree {
	if r.leaves++; r.leaves > MaxLeaves {
		if r.leaves == MaxLeaves+1 {
			return r.fault(n.Pos, "limit", "a filter has at most %d comparisons", MaxLeaves)
		}
		return Nothing()
	}
	elem := element(leaf.Type)
	switch {
	case elem.Kind == schema.Object && op != Exists:
		return r.elements(leaf, op, n)
	case op == Exists:
		elem = &schema.Type{Kind: schema.Boolean}
	}
	switch op {
	case In, Some, NoneOf:
		return r.list(leaf, op, n)
	case Under, Above:
		if n.Kind == schema.ListNode || r.listExpression(leaf, n) {
			return r.list(leaf, op, n)
		}
	}
	v, ok := r.scalar(elem, op, n)
	if !ok {
		return Nothing()
	}
	if slot := r.slots[n]; slot != nil && keepable(elem, op) {
		v = slot.Keep(elem)
	}
	return leaf.with(op, v)
}

func element(t *schema.Type) *schema.Type {
	if t.Kind == schema.Array && t.Elem != nil {
		return t.Elem
	}
	return t
}

// elements is some or none of an array of objects: a filter of one element.
func (r *run) elements(leaf *Tree, op Op, n *schema.Node) *Tree {
	elem := objectSpace{&Field{Name: leaf.path(), Type: leaf.Type.Elem, whole: true}}
	kid := r.fieldMap(place{fields: elem}, n)
	out := leaf.with(op, nil)
	out.Kids = []*Tree{kid}
	return out
}

// list reads the values of in, some, none, and of under and above where any will do.
func (r *run) list(leaf *Tree, op Op, n *schema.Node) *Tree {
	if n.Kind != schema.ListNode {
		if p, ok := r.parameter(leaf.Type, op, n, true); ok {
			return leaf.with(op, p)
		}
		if r.ds.Faulty() {
			return Nothing()
		}
		return r.fault(n.Pos, "wrong-shape", "%q takes a list of values", op)
	}
	if len(n.Items) > MaxValues {
		return r.fault(n.Pos, "limit", "a list in a filter has at most %d values", MaxValues)
	}
	values := make([]any, 0, len(n.Items))
	for _, item := range n.Items {
		v, ok := r.scalar(element(leaf.Type), op, item)
		if !ok {
			return Nothing()
		}
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	if slot := r.slots[n]; slot != nil && keepable(element(leaf.Type), op) && len(values) > 0 {
		return leaf.with(op, slot.Keep(leaf.Type))
	}
	return settle(leaf.with(op, values))
}

// scalar reads one literal or expression.
func (r *run) scalar(t *schema.Type, op Op, n *schema.Node) (any, bool) {
	if op == Touches && n.Kind == schema.MapNode {
		return r.periodMap(n)
	}
	if n.Kind != schema.ScalarNode {
		r.fault(n.Pos, "wrong-shape", "%q takes one value", op)
		return nil, false
	}
	if n.Scalar.Null {
		r.fault(n.Pos, "no-null", "null is no value")
		r.hint("write {exists: false}")
		return nil, false
	}
	if _, ok := n.Scalar.Expression(); ok && !r.json {
		return r.parameter(t, op, n, false)
	}
	if op == Touches {
		p, err := period(n.Scalar.Text)
		return p, r.accept(n, err)
	}
	v, err := canonical(t, n.Scalar.Text)
	return v, r.accept(n, err) && r.known(t, n)
}

func (r *run) accept(n *schema.Node, err error) bool {
	if err != nil {
		r.fault(n.Pos, "wrong-value", "%s", err)
	}
	return err == nil
}

// periodMap is {from: DAY, to: DAY}, as GraphQL writes a period; either end may be left out.
func (r *run) periodMap(n *schema.Node) (any, bool) {
	p := value.Period{To: value.Forever}
	for _, e := range n.Entries {
		var err error
		switch e.Key.Text {
		case "from":
			p.From, err = value.ParseDate(e.Value.Text())
		case "to":
			p.To, err = value.ParseDate(e.Value.Text())
		default:
			r.fault(e.Key.Pos, "wrong-shape", "a period has from and to")
			return nil, false
		}
		if !r.accept(e.Value, err) {
			return nil, false
		}
	}
	if p.Empty() {
		r.fault(n.Pos, "wrong-value", "the period ends before it begins")
		return nil, false
	}
	return p, true
}

// known checks words that the catalog knows: enum items, codes of classifiers that the package owns, definitions.
func (r *run) known(t *schema.Type, n *schema.Node) bool {
	var names []string
	switch {
	case t.Kind == schema.Enum:
		names = t.Enum
	case r.json:
		return true
	case t.Kind == schema.Item:
		c := r.cat.Classifiers[t.Of]
		if c == nil || c.Owner != "" && c.Owner != "package" {
			return true // a region or an exchange adds items that the package cannot know
		}
		for _, item := range c.Items {
			names = append(names, item.Code)
		}
	case t.Kind == schema.Definition && t.Of == "Measure":
		for name := range r.cat.Measures {
			names = append(names, name)
		}
	default:
		return true
	}
	if slices.Contains(names, n.Scalar.Text) {
		return true
	}
	r.fault(n.Pos, "wrong-value", "%q is no %s", n.Scalar.Text, wordFor(t))
	if near := schema.Nearest(n.Scalar.Text, names); near != "" {
		r.hint("did you mean %q?", near)
	}
	return false
}

func wordFor(t *schema.Type) string {
	switch t.Kind {
	case schema.Item:
		return "code of " + t.Of
	case schema.Definition:
		return t.Of
	}
	return "item of the enum"
}

// listExpression tells that a scalar is an expression that gives many values: its short form is then `in`.
func (r *run) listExpression(leaf *Tree, n *schema.Node) bool {
	e, ok := n.Scalar.Expression()
	if !ok || r.json || r.names == nil || n.Kind != schema.ScalarNode {
		return false
	}
	p, ds := r.expression(e)
	return !ds.Faulty() && (p.Type().Kind == schema.Array || spans(leaf.Type) && p.Type().Kind == expr.PeriodT.Kind)
}

// spans tells that a kind can be compared with a period: a day of it, or a month, quarter or year in it.
func spans(t *schema.Type) bool {
	return slices.Contains([]schema.Kind{schema.Date, schema.Month, schema.Quarter, schema.Year, schema.DateTime}, t.Kind)
}

func (r *run) expression(e schema.Scalar) (*expr.Program, schema.Diagnostics) {
	if r.env == nil {
		r.env = expr.NewEnv(r.cat)
	}
	return r.env.Compile(e, expr.Scope{Vars: r.names}, nil)
}

// parameter compiles an "=" expression; many says that a list (or a period) is wanted.
func (r *run) parameter(t *schema.Type, op Op, n *schema.Node, many bool) (Param, bool) {
	e, ok := n.Scalar.Expression()
	if !ok || r.json || n.Kind != schema.ScalarNode {
		return Param{}, false
	}
	if r.names == nil {
		r.fault(n.Pos, "constants-only", "this filter takes constants only")
		return Param{}, false
	}
	p, ds := r.expression(e)
	if ds.Faulty() {
		r.ds = append(r.ds, ds...)
		return Param{}, false
	}
	if !serves(element(t), op, p.Type(), many) {
		r.fault(e.Pos, "wrong-value", "the expression is %s, which does not serve %q here", p.Type().Kind, op)
		return Param{}, false
	}
	return Param{Name: e.Text, Program: p}, true
}

// serves tells that a value of an expression can stand beside an operator over a type.
func serves(t *schema.Type, op Op, e *expr.Type, many bool) bool {
	period := e.Kind == expr.PeriodT.Kind
	switch {
	case e.Kind == expr.Dyn.Kind:
		return true
	case op == Touches:
		return period
	case many && period:
		return op == In && spans(t)
	case many:
		return e.Kind == schema.Array && e.Elem != nil && serves(t, Eq, e.Elem, false)
	}
	switch t.Kind {
	case schema.Link:
		return e.Kind == schema.Link && (e.Of == t.Of || e.Of == "Case") || e.Kind == schema.UUID
	case schema.Item:
		return e.Kind == schema.Item && e.Of == t.Of || e.Kind == schema.Text
	case schema.UUID:
		return e.Kind == schema.UUID || e.Kind == schema.Link || e.Kind == schema.Text
	case schema.Decimal, schema.Money:
		return e.Kind == t.Kind || e.Kind == schema.Integer || e.Kind == expr.NumberT.Kind
	case schema.Text, schema.Enum, schema.Definition:
		return slices.Contains([]schema.Kind{schema.Text, schema.Enum, schema.Definition, schema.UUID}, e.Kind)
	case schema.Month, schema.Quarter, schema.Year:
		return e.Kind == t.Kind || period || e.Kind == schema.Text
	}
	return e.Kind == t.Kind
}
