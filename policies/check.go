package policies

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"mera/schema"
)

// checker looks at one module as written: what cannot become a filter, or could fail open, is found here, whoever
// acts and whatever the row.
type checker struct {
	own     string           // mera.<package>
	trusted bool             // base: may name actors
	rules   map[ast.Var]int  // how many expressions of the row the rules of a name have, in the whole unit
	some    map[ast.Var]bool // variables of the rule that walk a list
	ds      schema.Diagnostics
}

func (c *checker) fault(l *ast.Location, code, format string, args ...any) {
	c.ds = append(c.ds, schema.Faultf(position(l, schema.Pos{}), code, format, args...))
}

func (c *checker) hint(format string, args ...any) {
	last := len(c.ds) - 1
	c.ds[last] = c.ds[last].WithHint(format, args...)
}

// count notes how much of the row each rule of a module reads.
func (c *checker) count(m *ast.Module) {
	for _, r := range m.Rules {
		name, _ := r.Head.Ref()[0].Value.(ast.Var)
		ast.WalkExprs(r, func(e *ast.Expr) bool {
			_, not := e.Terms.(*ast.Not)
			if !not && mentionsRow(e) {
				c.rules[name]++
			}
			return false
		})
	}
}

func (c *checker) module(m *ast.Module) {
	if got := strings.TrimPrefix(m.Package.Path.String(), "data."); got != c.own {
		c.fault(m.Package.Location, "package-name", "the package of this policy is %s, not %s", c.own, got)
	}
	for _, imp := range m.Imports {
		path := imp.Path.String()
		if path != "data.mera.lib" && !strings.HasPrefix(path, "data.mera.lib.") && path != "rego.v1" && path != "future.keywords.not" {
			c.fault(imp.Location, "import", "policies import only data.mera.lib, not %s", path)
		}
	}
	for _, r := range m.Rules {
		c.rule(r)
	}
}

func (c *checker) rule(r *ast.Rule) {
	name := r.Head.Ref().String()
	entry := entryOf(r.Head.Ref())
	root, _ := r.Head.Ref()[0].Value.(ast.Var)
	isEntry := slices.Contains([]string{"read", "write", "deny", "show", "edit"}, string(root))
	switch {
	case isEntry && entry == "":
		c.fault(r.Location, "entry-point", "%s is no entry point", name)
		c.hint("entry points are read, write, deny, show.<label>, edit.<label>")
	case isEntry && r.Default:
		c.fault(r.Location, "no-default", "%s has no default: what no rule allows is denied", name)
	case isEntry && (r.Head.Key != nil || len(r.Head.Args) > 0 || r.Else != nil || !isTrue(r.Head.Value)):
		c.fault(r.Location, "entry-point", "%s is written %s if {…}, without value and else", name, name)
	case r.Default && mentionsRow(r):
		c.fault(r.Location, "no-default", "a default beside a rule that reads the row cannot become a filter")
	}
	if mentionsRow(r.Head) {
		c.fault(r.Location, "row-shape", "the value of a rule cannot be read from the row")
	}
	if r.Else != nil && mentionsRow(r) {
		c.fault(r.Else.Location, "row-shape", "else beside a rule that reads the row cannot become a filter")
	}
	c.refs(r)
	c.placeholdersOfHead(r.Head)
	c.some = walkers(r)
	c.exprs(r, false)
}

// exprs looks at all expressions inside x; negated says that they stand directly under a `not`.
func (c *checker) exprs(x any, negated bool) {
	ast.WalkExprs(x, func(e *ast.Expr) bool {
		if not, ok := e.Terms.(*ast.Not); ok && len(e.With) == 0 {
			c.exprs(not.Body, true)
			return true
		}
		c.expr(e, negated)
		return false
	})
}

// walkers are the variables of `some x in list`.
func walkers(r *ast.Rule) map[ast.Var]bool {
	out := map[ast.Var]bool{}
	ast.WalkExprs(r, func(e *ast.Expr) bool {
		decl, _ := e.Terms.(*ast.SomeDecl)
		if decl == nil {
			return false
		}
		for _, s := range decl.Symbols {
			ast.WalkVars(s, func(v ast.Var) bool {
				out[v] = true
				return false
			})
		}
		return false
	})
	return out
}

func isTrue(t *ast.Term) bool { return t == nil || t.Value.Compare(ast.Boolean(true)) == 0 }

// isRow tells that a term is input.row.<attribute>.
func isRow(t *ast.Term) bool {
	ref, ok := t.Value.(ast.Ref)
	return ok && len(ref) == 3 && hasPrefix(ref, "input", "row")
}

func hasPrefix(ref ast.Ref, path ...string) bool {
	if len(ref) < len(path) {
		return false
	}
	for i, want := range path {
		switch v := ref[i].Value.(type) {
		case ast.Var:
			if i > 0 || string(v) != want {
				return false
			}
		case ast.String:
			if string(v) != want {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func mentionsRow(x any) bool {
	found := false
	ast.WalkRefs(x, func(r ast.Ref) bool {
		found = found || hasPrefix(r, "input", "row")
		return found
	})
	return found
}

// inputs are the parts of input below which nothing more is known.
var actorParts = []string{"kind", "id", "person", "roles", "office", "department", "duties", "territories", "glass"}

// refs holds every reference against what there is: input by name, and data of the package and of the library only.
func (c *checker) refs(r *ast.Rule) {
	ast.WalkRefs(r, func(ref ast.Ref) bool {
		head, _ := ref[0].Value.(ast.Var)
		switch head {
		case "input":
			c.inputRef(ref)
		case "data":
			path := ref.String()
			own, lib := "data."+c.own, "data.mera.lib"
			if path != own && !strings.HasPrefix(path, own+".") && !strings.HasPrefix(path, lib+".") {
				c.fault(ref[0].Location, "scope", "a policy reads nothing of another package: %s", path)
			}
		}
		return false
	})
}

func (c *checker) inputRef(ref ast.Ref) {
	known := []string{"type", "action", "event", "today"}
	part := func(i int) string {
		if i < len(ref) {
			if s, ok := ref[i].Value.(ast.String); ok {
				return string(s)
			}
		}
		return ""
	}
	bad := func(i int, word string, names []string) {
		c.fault(ref[0].Location, "unknown-input", "%s is %s", ref, word)
		if near := schema.Nearest(part(i), names); near != "" {
			c.hint("did you mean %q?", near)
		} else if names != nil {
			c.hint("there are %s", strings.Join(names, ", "))
		}
	}
	switch first := part(1); {
	case first == "row" && (len(ref) != 3 || part(2) == ""):
		bad(2, "no attribute of the row: input.row.<attribute>, flat and by name", nil)
	case first == "row":
	case first == "actor" && !slices.Contains(actorParts, part(2)):
		bad(2, "not known of an actor", actorParts)
	case first == "actor":
	case !slices.Contains(known, first) || len(ref) > 2:
		bad(1, "not known", append(known, "actor", "row"))
	}
}

// orders, equalities and text tests are what may compare an attribute.
var (
	equalities = []string{"equal", "eq", "neq"}
	orders     = []string{"lt", "lte", "gt", "gte"}
	textTests  = []string{"startswith", "endswith", "contains"}
	setTests   = []string{"has", "has_any", "lib.has", "lib.has_any", "data.mera.lib.has", "data.mera.lib.has_any"}
)

// expr looks at one expression: attributes and the actor's own ids stand only where a filter can hold them.
func (c *checker) expr(e *ast.Expr, negated bool) {
	if len(e.With) > 0 {
		c.fault(e.Location, "no-with", "with is for tests")
		return
	}
	c.actorIDs(e)
	if term, ok := e.Terms.(*ast.Term); ok && negated {
		if v, ok := term.Value.(ast.Var); ok && c.rules[v] > 1 {
			c.ds = append(c.ds, schema.Lintf(position(e.Location, schema.Pos{}), "not-rule",
				"`not` over %s, which has several conditions of the row, is easily misread", v).WithHint("write deny"))
		}
	}
	if !mentionsRow(e) {
		return
	}
	switch terms := e.Terms.(type) {
	case *ast.Term:
		switch {
		case !isRow(terms):
			c.rowShape(e.Location)
		case !negated:
			c.fault(e.Location, "bare-flag", "%s alone cannot become a filter", terms)
			c.hint("write %s == true", terms)
		}
	case []*ast.Term:
		c.comparison(e, terms)
	default:
		c.fault(e.Location, "row-shape", "the row has no lists to walk")
		c.hint("write has(input.row.set, value) of data.mera.lib")
	}
}

func (c *checker) rowShape(l *ast.Location) {
	c.fault(l, "row-shape", "input.row stands where it cannot become a filter")
	c.hint("compare an attribute directly: input.row.state == \"open\", input.row.office == input.actor.office, has(input.row.persons, input.actor.person)")
}

// comparison is a call with an attribute among its operands.
func (c *checker) comparison(e *ast.Expr, terms []*ast.Term) {
	op := terms[0].String()
	args := terms[1:]
	row := make([]bool, len(args))
	for i, a := range args {
		if row[i] = isRow(a); !row[i] && mentionsRow(a) {
			if ref, ok := a.Value.(ast.Ref); !ok || !hasPrefix(ref, "input", "row") { // else it is an unknown input
				c.rowShape(a.Location)
			}
			return
		}
	}
	both := len(args) == 2 && row[0] && row[1]
	switch {
	case len(args) != 2:
		c.rowShape(e.Location)
	case op == "internal.member_2" && row[1]:
		c.fault(e.Location, "use-has", "`in` cannot look into a set of the row")
		c.hint("write has(%s, %s) of data.mera.lib", args[1], args[0])
	case slices.Contains(equalities, op), slices.Contains(orders, op) && !both:
		c.comparedOneByOne(e, args)
	case op == "internal.member_2", slices.Contains(textTests, op) && row[0] && !row[1], slices.Contains(setTests, op) && row[0] && !row[1]:
	default:
		c.rowShape(e.Location)
	}
}

// comparedOneByOne warns of `some t in list; input.row.x == t`: as many disjuncts as the list has items.
func (c *checker) comparedOneByOne(e *ast.Expr, args []*ast.Term) {
	for _, a := range args {
		if v, ok := a.Value.(ast.Var); ok && c.some[v] {
			c.ds = append(c.ds, schema.Lintf(position(e.Location, schema.Pos{}), "use-in",
				"the attribute is compared with each %s in turn", v).WithHint("write input.row.x in list"))
		}
	}
}

// actorIDs holds the actor's id, person and office against rule 7: while a filter is compiled they are placeholders,
// so they may meet only an attribute of the row, or be asked for their presence.
func (c *checker) actorIDs(e *ast.Expr) {
	allowed := map[*ast.Term]bool{}
	switch terms := e.Terms.(type) {
	case *ast.Term:
		allowed[terms] = true
	case []*ast.Term:
		op := terms[0].String()
		meets := slices.Contains(equalities, op) || slices.Contains(setTests, op) && strings.HasSuffix(op, "has")
		if meets && len(terms) == 3 && (isRow(terms[1]) || isRow(terms[2])) {
			allowed[terms[1]], allowed[terms[2]] = true, true
		}
		if c.trusted && len(terms) == 3 {
			allowed[terms[1]], allowed[terms[2]] = true, true
		}
	}
	for _, t := range topTerms(e) {
		if allowed[t] && !isGlassBeside(e, t) {
			continue
		}
		c.placeholders(t)
	}
}

// isGlassBeside tells that the reason for breaking the glass is compared with something: only its presence counts.
func isGlassBeside(e *ast.Expr, t *ast.Term) bool {
	ref, ok := t.Value.(ast.Ref)
	_, alone := e.Terms.(*ast.Term)
	return ok && !alone && hasPrefix(ref, "input", "actor", "glass")
}

// topTerms are the terms of an expression itself; expressions inside comprehensions and every are visited apart.
func topTerms(e *ast.Expr) []*ast.Term {
	switch terms := e.Terms.(type) {
	case *ast.Term:
		return []*ast.Term{terms}
	case []*ast.Term:
		return terms[1:]
	case *ast.SomeDecl:
		return terms.Symbols
	case *ast.Every:
		return []*ast.Term{terms.Domain}
	}
	return nil
}

// placeholderHints say how the parts of the actor that stand open are used.
var placeholderHints = map[string]string{
	"id":     "input.row.author == input.actor.id",
	"person": "has(input.row.persons, input.actor.person)",
	"office": "input.row.office == input.actor.office",
	"glass":  "input.actor.glass or not input.actor.glass: only its presence counts",
}

func (c *checker) placeholdersOfHead(h *ast.Head) {
	for _, t := range append([]*ast.Term{h.Value, h.Key}, append(slices.Clone(h.Args), h.Reference...)...) {
		if t != nil {
			c.placeholders(t)
		}
	}
}

func (c *checker) placeholders(t *ast.Term) {
	ast.NewGenericVisitor(func(x any) bool {
		if _, body := x.(ast.Body); body {
			return true // of a comprehension: its expressions are visited themselves
		}
		ref, ok := x.(ast.Ref)
		if !ok {
			return false
		}
		for _, name := range placeholders {
			if hasPrefix(ref, "input", "actor", name) {
				c.fault(t.Location, "actor-meets-row", "%s may only meet an attribute of the row", ref)
				c.hint("write %s", placeholderHints[name])
			}
		}
		return false
	}).Walk(t)
}
