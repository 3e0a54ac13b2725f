package policies

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"mera/schema"
	"mera/schema/filter"
	"mera/schema/value"
)

// errUntranslatable marks what remains of a rule and is no filter. It is a denial at run time and a fault at install.
var errUntranslatable = errors.New("no filter can be made of the rule")

// ErrLimit marks a policy that costs more than it may.
var ErrLimit = errors.New("the policy is over its limit of steps or disjuncts")

// translator turns what partial evaluation leaves of an entry point into a filter. It knows a few forms; any other is
// an error, never a filter that lets more through.
type translator struct {
	attributes attributes
	support    map[string][]*ast.Rule // rules that OPA made, by reference
	depth      int
}

// untranslatable is an error with its place.
type untranslatable struct {
	place *ast.Location
	what  string
}

func (u *untranslatable) Error() string { return fmt.Sprintf("%s: %s", errUntranslatable, u.what) }
func (u *untranslatable) Unwrap() error { return errUntranslatable }

func unknownForm(x interface{ Loc() *ast.Location }, format string, args ...any) error {
	return &untranslatable{x.Loc(), fmt.Sprintf(format, args...)}
}

// queries is the disjunction of what remains; maxDisjuncts bounds it.
func (t *translator) queries(pq *rego.PartialQueries, maxDisjuncts int) (*filter.Tree, error) {
	if len(pq.Queries) > maxDisjuncts {
		return nil, fmt.Errorf("%w: %d disjuncts", ErrLimit, len(pq.Queries))
	}
	t.support = supportRules(pq)
	return t.bodies(pq.Queries)
}

func (t *translator) bodies(bodies []ast.Body) (*filter.Tree, error) {
	kids := make([]*filter.Tree, 0, len(bodies))
	for _, b := range bodies {
		k, err := t.body(b)
		if err != nil {
			return nil, err
		}
		kids = append(kids, k)
	}
	return filter.Disj(kids...), nil
}

func (t *translator) body(b ast.Body) (*filter.Tree, error) {
	kids := make([]*filter.Tree, 0, len(b))
	for _, e := range b {
		k, err := t.expr(e)
		if err != nil {
			return nil, err
		}
		kids = append(kids, k)
	}
	return filter.Conj(kids...), nil
}

func (t *translator) expr(e *ast.Expr) (*filter.Tree, error) {
	if len(e.With) > 0 {
		return nil, unknownForm(e, "with")
	}
	var out *filter.Tree
	var err error
	switch terms := e.Terms.(type) {
	case *ast.Term:
		out, err = t.truth(e, terms)
	case []*ast.Term:
		out, err = t.call(e, terms)
	case *ast.Not:
		out, err = t.body(terms.Body)
	default:
		return nil, unknownForm(e, "%s", e)
	}
	if _, not := e.Terms.(*ast.Not); err == nil && not != e.Negated {
		out = filter.Negate(out)
	}
	return out, err
}

// truth is a term alone: true of all but undefined and false.
func (t *translator) truth(e *ast.Expr, term *ast.Term) (*filter.Tree, error) {
	switch v := term.Value.(type) {
	case ast.Boolean:
		if v {
			return filter.Everything(), nil
		}
		return filter.Nothing(), nil
	case ast.Ref:
		if rules := t.support[v.String()]; rules != nil {
			return t.supported(e, rules)
		}
		if isRow(term) {
			a, err := t.attribute(term)
			if err != nil {
				return nil, err
			}
			if a.typ.Kind == schema.Boolean {
				return a.leaf(filter.Eq, true), nil
			}
			return a.leaf(filter.Exists, true), nil
		}
	}
	return nil, unknownForm(e, "%s", e)
}

// maxSupport bounds how rules that OPA made may stand in one another.
const maxSupport = 20

func (t *translator) supported(e *ast.Expr, rules []*ast.Rule) (*filter.Tree, error) {
	if t.depth++; t.depth > maxSupport {
		return nil, unknownForm(e, "rules too deep")
	}
	defer func() { t.depth-- }()
	var bodies []ast.Body
	for _, r := range rules {
		if !plainRule(r) {
			return nil, unknownForm(e, "a rule with a value, a default or else")
		}
		bodies = append(bodies, r.Body)
	}
	return t.bodies(bodies)
}

func (t *translator) attribute(term *ast.Term) (attribute, error) {
	name, ok := term.Value.(ast.Ref)[2].Value.(ast.String)
	a, known := t.attributes[string(name)]
	if !ok || !known {
		return a, unknownForm(term, "the type has no attribute %s", term)
	}
	return a, nil
}

func (a attribute) leaf(op filter.Op, v any) *filter.Tree {
	return &filter.Tree{Kind: filter.Leaf, Path: a.path, Type: a.typ, Op: op, Value: v}
}

// flipped are comparisons with the operands swapped.
var flipped = map[string]string{"lt": "gt", "lte": "gte", "gt": "lt", "gte": "lte", "eq": "eq", "equal": "equal", "neq": "neq"}

func (t *translator) call(e *ast.Expr, terms []*ast.Term) (*filter.Tree, error) {
	op := terms[0].String()
	if len(terms) != 3 {
		return nil, unknownForm(e, "%s", e)
	}
	left, right := terms[1], terms[2]
	switch {
	case op == "internal.member_2" && isRow(right):
		return t.has(right, left)
	case isRow(left) && isRow(right):
		return t.same(e, op, left, right)
	case isRow(right) && flipped[op] != "":
		op, left, right = flipped[op], right, left
	case !isRow(left):
		return nil, unknownForm(e, "%s", e)
	}
	if !right.IsGround() || containsRefs(right) {
		return nil, unknownForm(e, "%s is not known", right)
	}
	a, err := t.attribute(left)
	if err != nil {
		return nil, err
	}
	return a.compare(e, op, right)
}

func containsRefs(t *ast.Term) bool {
	found := false
	ast.WalkRefs(t, func(ast.Ref) bool {
		found = true
		return true
	})
	return found
}

// has is the membership of a known value in a set of the row.
func (t *translator) has(set, v *ast.Term) (*filter.Tree, error) {
	a, err := t.attribute(set)
	if err != nil {
		return nil, err
	}
	if a.typ.Kind != schema.Array {
		return nil, unknownForm(set, "%s is no set", set)
	}
	if !v.IsGround() || containsRefs(v) {
		return nil, unknownForm(v, "%s is not known", v)
	}
	lit, err := literal(a.typ.Elem, v.Value)
	switch {
	case errors.Is(err, errNever):
		return filter.Nothing(), nil
	case err != nil:
		return nil, unknownForm(v, "%s", err)
	}
	return a.leaf(filter.Has, lit), nil
}

// same compares two attributes of the row: both must be there.
func (t *translator) same(e *ast.Expr, op string, left, right *ast.Term) (*filter.Tree, error) {
	a, err := t.attribute(left)
	if err != nil {
		return nil, err
	}
	b, err := t.attribute(right)
	if err != nil {
		return nil, err
	}
	if family(a.typ.Kind) != family(b.typ.Kind) || a.typ.Kind == schema.Array || len(a.path) != 1 || len(b.path) != 1 {
		return nil, unknownForm(e, "%s and %s cannot be compared", left, right)
	}
	switch op {
	case "eq", "equal":
		return a.leaf(filter.Same, filter.Ref{Attribute: b.path[0].Property}), nil
	case "neq":
		return a.leaf(filter.Differs, filter.Ref{Attribute: b.path[0].Property}), nil
	}
	return nil, unknownForm(e, "%s", e)
}

// compare is an attribute beside a known value. What the attribute can never equal makes the comparison false, and
// its opposite true wherever the attribute is there, as in Rego.
func (a attribute) compare(e *ast.Expr, op string, v *ast.Term) (*filter.Tree, error) {
	if a.typ.Kind == schema.Array {
		return nil, unknownForm(e, "a set is asked by has")
	}
	if op == "internal.member_2" {
		return a.in(e, v)
	}
	lit, err := literal(a.typ, v.Value)
	never := errors.Is(err, errNever)
	if err != nil && !never {
		return nil, unknownForm(e, "%s", err)
	}
	if order, ok := orderOps[op]; ok {
		if _, open := lit.(filter.Param); never || open || !ordered(a.typ.Kind) {
			return nil, unknownForm(e, "%s has no order with %s", a.path[len(a.path)-1].Property, v)
		}
		return a.leaf(order, lit), nil
	}
	switch op {
	case "eq", "equal":
		if never {
			return filter.Nothing(), nil
		}
		return a.leaf(filter.Eq, lit), nil
	case "neq":
		there := a.leaf(filter.Exists, true)
		if never {
			return there, nil
		}
		return filter.Conj(there, a.leaf(filter.Ne, lit)), nil
	case "startswith", "endswith", "contains":
		if text, ok := lit.(string); ok && a.typ.Kind == schema.Text {
			return a.leaf(textOps[op], text), nil
		}
	}
	return nil, unknownForm(e, "%s", e)
}

var (
	orderOps = map[string]filter.Op{"lt": filter.Lt, "lte": filter.Lte, "gt": filter.Gt, "gte": filter.Gte}
	textOps  = map[string]filter.Op{"startswith": filter.StartsWith, "endswith": filter.EndsWith, "contains": filter.Contains}
)

// in is an attribute among known values; those that it can never equal fall away.
func (a attribute) in(e *ast.Expr, v *ast.Term) (*filter.Tree, error) {
	var values []any
	var bad error
	add := func(t *ast.Term) {
		lit, err := literal(a.typ, t.Value)
		switch {
		case errors.Is(err, errNever):
		case err != nil:
			bad = unknownForm(e, "%s", err)
		default:
			values = append(values, lit)
		}
	}
	switch list := v.Value.(type) {
	case *ast.Array:
		list.Foreach(add)
	case ast.Set:
		list.Foreach(add)
	case ast.Object:
		list.Foreach(func(_, t *ast.Term) { add(t) })
	default:
		return nil, unknownForm(e, "%s is no list", v)
	}
	if bad != nil || len(values) == 0 {
		return filter.Nothing(), bad
	}
	return a.leaf(filter.In, values), nil
}

// family groups kinds whose values are alike in a row: numbers, booleans, texts.
func family(k schema.Kind) string {
	switch k {
	case schema.Integer, schema.Decimal, schema.Money:
		return "number"
	case schema.Boolean:
		return "boolean"
	case schema.Array:
		return "set"
	}
	return "text"
}

// ordered tells that greater and less mean something: numbers, and dates, whose texts sort as they follow.
func ordered(k schema.Kind) bool {
	return family(k) == "number" || slices.Contains([]schema.Kind{schema.Date, schema.Month, schema.Quarter, schema.Year}, k)
}

// errNever says that an attribute can never equal a value.
var errNever = errors.New("the attribute never has this value")

// literal is a known value as a filter compares it.
func literal(t *schema.Type, v ast.Value) (any, error) {
	switch v := v.(type) {
	case ast.Boolean:
		return bool(v), onlyIf(t.Kind == schema.Boolean)
	case ast.Number:
		return numberLiteral(t, string(v))
	case ast.String:
		if p, ok := placeholder(string(v)); ok {
			return p, onlyIf(family(t.Kind) == "text")
		}
		return textLiteral(t, string(v))
	}
	return nil, errNever
}

func onlyIf(fits bool) error {
	if fits {
		return nil
	}
	return errNever
}

func numberLiteral(t *schema.Type, s string) (any, error) {
	if family(t.Kind) != "number" {
		return nil, errNever
	}
	n, err := value.ParseNumber(s)
	switch {
	case err != nil:
		return nil, err
	case t.Kind == schema.Integer:
		return json.Number(n.String()), onlyIf(n.IsInt())
	case t.Kind == schema.Money:
		m, err := value.ParseMoney(s)
		return m.String(), onlyIf(err == nil)
	}
	return n.String(), nil
}

func textLiteral(t *schema.Type, s string) (any, error) {
	if family(t.Kind) != "text" {
		return nil, errNever
	}
	v, err := filter.Literal(t, s)
	return v, onlyIf(err == nil && v == s)
}
