package policies

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"mera/schema"
	"mera/schema/filter"
)

// Bounds of the checks at install, where nothing but the type is known and many more branches remain.
const (
	installTime      = 2 * time.Second
	testTime         = 10 * time.Second // of one test
	installDisjuncts = 10_000
)

// residuals evaluates the entry points of a unit for one type with everything else unknown: what remains is every
// condition that any actor can meet. Each attribute of it must be one of the type, each constant one that the
// attribute can have. An attribute that a type lacks would be undefined, and a deny would fail open.
func (c *compilation) residuals(u *unitSource, typ string, t *typePolicy) {
	for _, name := range u.names() {
		ctx, cancel := context.WithTimeout(context.Background(), installTime)
		pq, err := u.unit.entries[name].partial.Partial(ctx, rego.EvalInput(map[string]any{"type": typ}),
			rego.EvalParsedUnknowns(allUnknown()), rego.EvalRuleIndexing(false))
		cancel()
		pos := u.entries[name]
		switch {
		case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded), err == nil && len(pq.Queries) > installDisjuncts:
			c.ds = append(c.ds, schema.Faultf(pos, "limit", "%s has too many branches for a filter", name))
			continue
		case err != nil:
			c.ds = append(c.ds, schema.Faultf(pos, "untranslatable", "%s: %s", name, err))
			continue
		}
		c.remains(u, typ, t, pq)
	}
}

func (u *unitSource) names() []string {
	out := make([]string, 0, len(u.entries))
	for name := range u.entries {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func allUnknown() []*ast.Term {
	var out []*ast.Term
	for _, ref := range []string{"input.row", "input.actor", "input.action", "input.event", "input.today"} {
		out = append(out, ast.MustParseTerm(ref))
	}
	return out
}

// remains walks what is left of an entry point, and the rules that OPA made for it.
func (c *compilation) remains(u *unitSource, typ string, t *typePolicy, pq *rego.PartialQueries) {
	r := &remainder{compilation: c, unit: u, typ: typ, policy: t}
	for _, q := range pq.Queries {
		r.body(q)
	}
	for _, m := range pq.Support {
		for _, rule := range m.Rules {
			if mentionsRow(rule) && (rule.Default || rule.Else != nil || rule.Head.Key != nil || !isTrue(rule.Head.Value)) {
				r.fault(rule.Location, "", "untranslatable", "a rule with a value, a default or else reads the row")
			}
			r.body(rule.Body)
		}
	}
}

// remainder is the check of one unit for one type.
type remainder struct {
	*compilation
	unit   *unitSource
	typ    string
	policy *typePolicy
}

func (r *remainder) body(b ast.Body) {
	for _, e := range b {
		r.expr(e)
	}
}

// fault is at the expression, or where the attribute is first read if the expression is one of the library.
func (r *remainder) fault(l *ast.Location, attribute, code, format string, args ...any) {
	pos := position(l, r.unit.places[attribute])
	if known := r.unit.places[attribute]; known.File != "" && pos.File == libFile {
		pos = known
	}
	r.ds = append(r.ds, schema.Faultf(pos, code, format, args...))
}

func attributeName(t *ast.Term) string { return string(t.Value.(ast.Ref)[2].Value.(ast.String)) }

// expr holds one expression that is left against what a translator takes, and its attributes against the type's.
func (r *remainder) expr(e *ast.Expr) {
	if !mentionsRow(e) {
		return
	}
	if not, ok := e.Terms.(*ast.Not); ok && len(e.With) == 0 {
		r.body(not.Body)
		return
	}
	terms, call := e.Terms.([]*ast.Term)
	if !call {
		term, plain := e.Terms.(*ast.Term)
		if !plain || !isRow(term) || len(e.With) > 0 {
			r.fault(e.Location, "", "untranslatable", "no filter can be made of %s", e)
			return
		}
		terms = []*ast.Term{nil, term}
	}
	for _, t := range terms[1:] {
		switch {
		case isRow(t):
			if !r.attribute(e, t) {
				return
			}
		case mentionsRow(t) || len(terms) != 3 && call || len(e.With) > 0:
			r.fault(e.Location, "", "untranslatable", "no filter can be made of %s", e)
			return
		}
	}
	if call {
		r.constants(e, terms)
	}
}

func (r *remainder) attribute(e *ast.Expr, t *ast.Term) bool {
	name := attributeName(t)
	if _, ok := r.policy.attributes[name]; ok {
		return true
	}
	r.fault(e.Location, name, "unknown-attribute", "%s has no attribute %q", r.typ, name)
	last := len(r.ds) - 1
	if near := schema.Nearest(name, r.policy.attributes.names()); near != "" {
		r.ds[last] = r.ds[last].WithHint("did you mean %q?", near)
	} else {
		r.ds[last] = r.ds[last].WithHint("declare it under access of the document, or test input.type before")
	}
	return false
}

// constants translates a comparison with a constant: what has no order, or what the attribute can never be, is a fault
// here and not a rule that never holds.
func (r *remainder) constants(e *ast.Expr, terms []*ast.Term) {
	var row *ast.Term
	for i, side := range terms[1:] {
		other := terms[2-i]
		switch {
		case isRow(side):
			row = side
		case !side.IsGround() || containsRefs(side) || !isRow(other):
			return // known only when somebody acts
		}
	}
	tr := translator{attributes: r.policy.attributes}
	tree, err := tr.call(e, terms)
	kind := r.policy.attributes[attributeName(row)].typ.Kind
	switch {
	case err != nil:
		r.fault(e.Location, attributeName(row), "wrong-value", "%s cannot be compared so: it is %s of %s", row, kind, r.typ)
	case tree.Kind == filter.None:
		r.fault(e.Location, attributeName(row), "wrong-value", "%s is never so: it is %s of %s", row, kind, r.typ)
	}
}
