package policies

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"mera/schema"
	"mera/schema/filter"
)

// residuals evaluates the entry points of a unit for one type with everything else unknown: what remains is every
// condition that any actor can meet. Each attribute of it must be one of the type, each constant one that the
// attribute can have, each expression one that a filter can hold. An attribute that a type lacks would be undefined,
// and a deny would fail open. It tells whether all is well.
func (c *compilation) residuals(u *unitSource, typ string, as attributes) bool {
	r := &remainder{compilation: c, unit: u, typ: typ, attributes: as}
	for _, name := range slices.Sorted(maps.Keys(u.entryPlaces)) {
		b := &budget{context.Background(), installSteps}
		pq, err := u.unit.entries[name].partial.Partial(b.ctx, rego.EvalInput(map[string]any{"type": typ}),
			rego.EvalParsedUnknowns(allUnknown()), rego.EvalRuleIndexing(false), rego.EvalExternalCancel(b))
		err = b.failure(err)
		r.entry = u.entryPlaces[name]
		switch {
		case errors.Is(err, ErrLimit), err == nil && len(pq.Queries) > installDisjuncts:
			r.fault(nil, "", "limit", "", "%s has too many branches for a filter", name)
		case err != nil:
			r.fault(nil, "", "untranslatable", "", "%s: %s", name, err)
		default:
			r.remains(pq)
		}
	}
	return !r.faulty
}

func allUnknown() []*ast.Term {
	var out []*ast.Term
	for _, name := range []string{"row", "actor", "action", "event", "today"} {
		out = append(out, inputPart(name))
	}
	return out
}

// remainder is the check of one unit for one type.
type remainder struct {
	*compilation
	unit       *unitSource
	typ        string
	attributes attributes
	entry      schema.Pos             // the entry point at hand
	support    map[string][]*ast.Rule // rules that OPA made for it, by reference
	reads      map[string]bool        // which of them read the row
	faulty     bool
}

// fault is at the expression; where the attribute is first read if the expression is one of the library; else at the
// entry point. One fault is kept for all types that have it.
func (r *remainder) fault(l *ast.Location, attribute, code, hint, format string, args ...any) {
	pos := position(l, r.entry)
	if known := r.unit.places[attribute]; known.File != "" && pos.File == libFile {
		pos = known
	}
	d := schema.Faultf(pos, code, format, args...)
	d.Hint = hint
	r.faulty = true
	if !slices.Contains(r.byType[d], r.typ) {
		r.byType[d] = append(r.byType[d], r.typ)
	}
}

// flush reports the faults of types.
func (c *compilation) flush() {
	for d, types := range c.byType {
		d.Message += " in " + strings.Join(slices.Sorted(slices.Values(types)), ", ")
		c.ds = append(c.ds, d)
	}
}

// remains walks what is left of an entry point, and the rules that OPA made for it.
func (r *remainder) remains(pq *rego.PartialQueries) {
	r.support, r.reads = supportRules(pq), map[string]bool{}
	for _, q := range pq.Queries {
		r.body(q)
	}
	for ref, rules := range r.support {
		for _, rule := range rules {
			if !plainRule(rule) && r.readsRow(ref) {
				r.fault(rule.Location, "", "untranslatable", "", "a rule with a value, a default or else reads the row")
			}
			r.body(rule.Body)
		}
	}
}

// supportRules are the rules that OPA made for a residual, by reference.
func supportRules(pq *rego.PartialQueries) map[string][]*ast.Rule {
	out := map[string][]*ast.Rule{}
	for _, m := range pq.Support {
		for _, rule := range m.Rules {
			ref := m.Package.Path.Extend(rule.Head.Ref()).String()
			out[ref] = append(out[ref], rule)
		}
	}
	return out
}

// plainRule tells that a rule is a condition: true if its body is.
func plainRule(r *ast.Rule) bool {
	return !r.Default && r.Else == nil && r.Head.Key == nil && len(r.Head.Args) == 0 && isTrue(r.Head.Value)
}

// readsRow tells that a rule that OPA made, or one of the unit, reads the row, itself or by others.
func (r *remainder) readsRow(ref string) bool {
	if known, done := r.reads[ref]; done {
		return known
	}
	r.reads[ref] = false // a ring reads nothing more
	found := r.unit.rowRules[ref]
	for _, rule := range r.support[ref] {
		found = found || mentionsRow(rule)
		ast.WalkRefs(rule, func(below ast.Ref) bool {
			found = found || below.String() != ref && r.readsRow(below.String())
			return found
		})
	}
	r.reads[ref] = found
	return found
}

func (r *remainder) body(b ast.Body) {
	for _, e := range b {
		r.expr(e)
	}
}

func attributeName(t *ast.Term) string { return string(t.Value.(ast.Ref)[2].Value.(ast.String)) }

// expr holds one expression that is left against what a translator takes, and its attributes against the type's.
func (r *remainder) expr(e *ast.Expr) {
	switch terms := e.Terms.(type) {
	case *ast.Not:
		if len(e.With) == 0 {
			r.body(terms.Body)
			return
		}
	case *ast.Term:
		if ref, ok := terms.Value.(ast.Ref); ok && r.support[ref.String()] != nil && len(e.With) == 0 {
			return // looked at by itself
		}
		if isRow(terms) && len(e.With) == 0 {
			r.attribute(e, terms)
			return
		}
	case []*ast.Term:
		if mentionsRow(e) && len(terms) == 3 && len(e.With) == 0 && (isRow(terms[1]) || !mentionsRow(terms[1])) && (isRow(terms[2]) || !mentionsRow(terms[2])) {
			r.comparison(e, terms)
			return
		}
	}
	if mentionsRow(e) || r.mentionsRule(e) {
		r.fault(e.Location, "", "untranslatable", "", "no filter can be made of this expression")
	}
}

// mentionsRule tells that an expression holds a rule that reads the row where it cannot be seen through.
func (r *remainder) mentionsRule(e *ast.Expr) bool {
	found := false
	ast.WalkRefs(e, func(ref ast.Ref) bool {
		found = found || r.readsRow(ref.String())
		return found
	})
	return found
}

func (r *remainder) comparison(e *ast.Expr, terms []*ast.Term) {
	known := true
	for _, t := range terms[1:] {
		if isRow(t) {
			known = r.attribute(e, t) && known
		}
	}
	if known {
		r.constants(e, terms)
	}
}

func (r *remainder) attribute(e *ast.Expr, t *ast.Term) bool {
	name := attributeName(t)
	if _, ok := r.attributes[name]; ok {
		return true
	}
	hint := "declare it under access of the document, or test input.type before"
	if near := schema.Nearest(name, r.attributes.names()); near != "" {
		hint = "did you mean \"" + near + "\"?"
	}
	r.fault(e.Location, name, "unknown-attribute", hint, "there is no attribute %q", name)
	return false
}

// constants translates a comparison with a constant: what has no order, or what the attribute can never be, is a fault
// here and not a rule that never holds.
func (r *remainder) constants(e *ast.Expr, terms []*ast.Term) {
	var row *ast.Term
	for _, side := range terms[1:] {
		switch {
		case isRow(side):
			row = side
		case !side.IsGround() || containsRefs(side):
			return // known only when somebody acts
		}
	}
	tr := translator{attributes: r.attributes}
	tree, err := tr.call(e, terms)
	kind := r.attributes[attributeName(row)].typ.Kind
	switch {
	case err != nil:
		r.fault(e.Location, attributeName(row), "wrong-value", "", "%s, which is %s, cannot be compared so", row, kind)
	case tree.Kind == filter.None:
		r.fault(e.Location, attributeName(row), "wrong-value", "", "%s, which is %s, is never so", row, kind)
	}
}
