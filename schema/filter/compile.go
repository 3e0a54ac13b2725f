package filter

import (
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
)

// Compile turns the `where` of a definition about a document or kernel type into a Tree. names are what "="
// expressions may read; nil allows constants only. A nil where matches everything. With a fault the Tree is nil.
func Compile(cat *schema.Catalog, document string, where *schema.Node, names map[string]*expr.Type) (*Tree, schema.Diagnostics) {
	return Compiler{Catalog: cat}.Compile(document, where, names)
}

// Compiler compiles many filters of one catalog: it shares the environment of the expressions.
type Compiler struct {
	Catalog *schema.Catalog
	Env     *expr.Env // nil: made when an expression is met
}

// Compile is the function Compile.
func (c Compiler) Compile(document string, where *schema.Node, names map[string]*expr.Type) (*Tree, schema.Diagnostics) {
	r := &run{cat: c.Catalog, env: c.Env, names: names}
	t := r.root(document, where)
	return r.result(t)
}

// run is one compilation.
type run struct {
	cat    *schema.Catalog
	env    *expr.Env
	names  map[string]*expr.Type
	json   bool                   // values come from a client: no "=" expressions, codes and names are not looked up
	slots  map[*schema.Node]*Slot // of nodes whose value may stay open
	leaves int
	ds     schema.Diagnostics
}

// place is where in a filter a map stands: the fields that it may name and how to reach them.
type place struct {
	fields space
	path   []Hop
	depth  int
	links  int // that were followed to where the path starts
}

func (r *run) result(t *Tree) (*Tree, schema.Diagnostics) {
	if r.ds.Faulty() {
		return nil, r.ds
	}
	return t, r.ds
}

func (r *run) root(document string, where *schema.Node) *Tree {
	s, ok := shapeOf(r.cat, document)
	switch {
	case where == nil:
		return Everything()
	case !ok:
		return r.fault(where.Pos, "unknown-field", "there is no type %s to filter", document)
	}
	return r.fieldMap(place{fields: s}, where)
}

// fault keeps a diagnostic; the None that it returns is never seen by a caller, as faults give no tree.
func (r *run) fault(pos schema.Pos, code, format string, args ...any) *Tree {
	r.ds = append(r.ds, schema.Faultf(pos, code, format, args...))
	return Nothing()
}

func (r *run) hint(format string, args ...any) {
	last := len(r.ds) - 1
	r.ds[last] = r.ds[last].WithHint(format, args...)
}

// fieldMap is a map of fields and of and, or, not: all of them hold.
func (r *run) fieldMap(at place, n *schema.Node) *Tree {
	if n.Kind != schema.MapNode {
		return r.fault(n.Pos, "wrong-shape", "a filter of %s is a map of properties", at.fields.what())
	}
	if at.depth++; at.depth > maxDepth {
		return r.fault(n.Pos, "limit", "a filter is at most %d levels deep", maxDepth)
	}
	kids := make([]*Tree, 0, len(n.Entries))
	for _, e := range n.Entries {
		kids = append(kids, r.entry(at, e))
	}
	return Conj(kids...)
}

func (r *run) entry(at place, e schema.Entry) *Tree {
	switch e.Key.Text {
	case "and":
		return Conj(r.branches(at, e)...)
	case "or":
		return Disj(r.branches(at, e)...)
	case "not":
		return Negate(r.fieldMap(at, e.Value))
	}
	if t, ok := r.treeEntry(at, e); ok {
		return t
	}
	f, ok := at.fields.find(e.Key.Text)
	if inv := r.inverse(at.fields, e.Key.Text); !ok && inv != nil {
		return r.linkingHere(at, inv, e.Value)
	}
	if !ok {
		r.fault(e.Key.Pos, "unknown-field", "%s has no property %q to filter by", at.fields.what(), e.Key.Text)
		if near := schema.Nearest(e.Key.Text, at.fields.names()); near != "" {
			r.hint("did you mean %q?", near)
		}
		return Nothing()
	}
	if !f.filterable() {
		return r.notFilterable(e.Key, f)
	}
	return r.field(at, f, e)
}

// inverse is a link read from the other side; nil if the name is none.
func (r *run) inverse(fields space, name string) *schema.Inverse {
	s, ok := fields.(shape)
	if !ok || s.isKernel {
		return nil
	}
	all := r.cat.Inverses(s.doc.Name)
	i := slices.IndexFunc(all, func(i *schema.Inverse) bool { return i.Name == name })
	if i < 0 {
		return nil
	}
	return all[i]
}

// linkingHere is some or none of the records that link here: a filter of one of them.
func (r *run) linkingHere(at place, inv *schema.Inverse, n *schema.Node) *Tree {
	if n.Kind != schema.MapNode {
		return r.fault(n.Pos, "wrong-shape", "%q takes {some: …} or {none: …}", inv.Name)
	}
	from, _ := shapeOf(r.cat, inv.From)
	hop := Hop{Property: inv.Name, Link: inv.From, Inverse: inv.Link, Label: from.doc.Property(inv.Link).Label}
	leaf := leafAt(at.path, hop, &schema.Type{Kind: schema.Array, Elem: &schema.Type{Kind: schema.Link, Of: inv.From}}, "")
	links := at.links + hops(leaf.Path)
	if links > MaxHops {
		return r.fault(n.Pos, "limit", "a filter goes over at most %d links", MaxHops)
	}
	ops := []Op{Some, NoneOf}
	kids := make([]*Tree, 0, len(n.Entries))
	for _, e := range n.Entries {
		if !slices.Contains(ops, Op(e.Key.Text)) {
			kids = append(kids, r.badOperator(leaf, ops, e.Key))
			continue
		}
		if r.leaves++; r.leaves > MaxLeaves {
			return r.fault(e.Key.Pos, "limit", "a filter has at most %d comparisons", MaxLeaves)
		}
		out := leaf.with(Op(e.Key.Text), nil)
		out.Kids = []*Tree{r.fieldMap(place{fields: from, depth: at.depth, links: links}, e.Value)}
		kids = append(kids, out)
	}
	return Conj(kids...)
}

func (r *run) notFilterable(key schema.Scalar, f *Field) *Tree {
	if len(Operators(f.Type)) == 0 && f.Type.Kind != schema.Object {
		return r.fault(key.Pos, "not-supported", "filters by %q, which is %s, are not supported yet", f.Name, f.Type.Kind)
	}
	r.fault(key.Pos, "not-filterable", "%q is not indexed, so nothing can be filtered by it", f.Name)
	r.hint("add x-index: true to the property")
	return Nothing()
}

// branches are the maps of `and` and `or`.
func (r *run) branches(at place, e schema.Entry) []*Tree {
	if e.Value.Kind != schema.ListNode {
		return []*Tree{r.fault(e.Value.Pos, "wrong-shape", "%q takes a list of filters", e.Key.Text)}
	}
	if at.depth++; at.depth > maxDepth {
		return []*Tree{r.fault(e.Value.Pos, "limit", "a filter is at most %d levels deep", maxDepth)}
	}
	kids := make([]*Tree, 0, len(e.Value.Items))
	for _, item := range e.Value.Items {
		kids = append(kids, r.fieldMap(at, item))
	}
	return kids
}

// treeEntry is `under` or `above` of a document that is a tree: a filter by its own place.
func (r *run) treeEntry(at place, e schema.Entry) (*Tree, bool) {
	s, ok := at.fields.(shape)
	op := Op(e.Key.Text)
	if !ok || op != Under && op != Above || s.doc.Tree.IsZero() || s.doc.Property(e.Key.Text) != nil {
		return nil, false
	}
	f := &Field{Name: "id", Type: &schema.Type{Kind: schema.Link, Of: s.doc.Name}, Ops: []Op{Under, Above}}
	hop := Hop{Property: "id", Tree: s.doc.Tree.Text}
	return r.operand(leafAt(at.path, hop, f.Type, ""), op, e.Value), true
}

// field is one property of a map with its short form, its operators or its nested filter.
func (r *run) field(at place, f *Field, e schema.Entry) *Tree {
	hop := Hop{Property: f.Name, Label: f.Label}
	switch {
	case f.Name == keysField:
		return r.keys(at, e.Value)
	case f.Type.Kind == schema.Object:
		return r.fieldMap(place{objectSpace{f}, follow(at.path, hop), at.depth, at.links}, e.Value)
	case f.Name == string(Holds) || f.Name == string(Touches):
		if len(f.Ops) == 1 && f.Ops[0] == Op(f.Name) {
			return r.operand(leafAt(at.path, holdsHop(at.fields), f.Type, ""), f.Ops[0], e.Value)
		}
	}
	leaf := leafAt(at.path, hop, f.Type, f.Fold)
	switch e.Value.Kind {
	case schema.ScalarNode, schema.ListNode:
		return r.short(leaf, e.Value)
	}
	if f.Type.Kind == schema.Link {
		return r.link(at, f, hop, e.Value)
	}
	return r.operators(leaf, f.Ops, e.Value)
}

// holdsHop is the period of a record as the last hop of a path.
func holdsHop(s space) Hop {
	h := s.(shape).doc.Holds // only a shape has the fields holds and touches
	return Hop{Property: string(Holds), From: h.From.Text, To: h.To.Text}
}

// leafAt is a leaf without operator and value. The id of what a link leads to is the link itself.
func leafAt(path []Hop, hop Hop, t *schema.Type, fold string) *Tree {
	if n := len(path); n > 0 && hop.Property == "id" && path[n-1].Link != "" {
		last := path[n-1]
		t = &schema.Type{Kind: schema.Link, Of: last.Link}
		last.Link, last.Tree = "", hop.Tree
		return &Tree{Kind: Leaf, Path: follow(path[:n-1], last), Type: t}
	}
	return &Tree{Kind: Leaf, Path: follow(path, hop), Type: t, Fold: fold}
}

func follow(path []Hop, hop Hop) []Hop { return append(slices.Clone(path), hop) }

func (l *Tree) with(op Op, v any) *Tree {
	out := *l
	out.Op, out.Value = op, v
	return &out
}

// short is a value without an operator: eq of a scalar, in of a list; of an array, has and some.
func (r *run) short(leaf *Tree, n *schema.Node) *Tree {
	op := Eq
	many := n.Kind == schema.ListNode
	switch {
	case leaf.Type.Kind == schema.Array && many:
		op = Some
	case leaf.Type.Kind == schema.Array:
		op = Has
	case many || r.listExpression(leaf, n):
		op = In
	}
	if !slices.Contains(Operators(leaf.Type), op) {
		return r.fault(n.Pos, "wrong-shape", "%q takes a map of operators", leaf.path())
	}
	return r.operand(leaf, op, n)
}

// operators is a map of operators over one leaf: all of them hold.
func (r *run) operators(leaf *Tree, ops []Op, n *schema.Node) *Tree {
	kids := make([]*Tree, 0, len(n.Entries))
	for _, e := range n.Entries {
		op := Op(e.Key.Text)
		if !slices.Contains(ops, op) {
			kids = append(kids, r.badOperator(leaf, ops, e.Key))
			continue
		}
		if op == Within {
			kids = append(kids, r.box(leaf, e.Value))
			continue
		}
		kids = append(kids, r.operand(leaf, op, e.Value))
	}
	return Conj(kids...)
}

var allOps = []Op{Eq, Ne, In, Gt, Gte, Lt, Lte, StartsWith, Contains, Exists, Under, Above, Has, Some, NoneOf, Holds, Touches, Within}

func (r *run) badOperator(leaf *Tree, ops []Op, key schema.Scalar) *Tree {
	names := make([]string, len(ops))
	for i, op := range ops {
		names[i] = string(op)
	}
	if slices.Contains(allOps, Op(key.Text)) {
		r.fault(key.Pos, "wrong-operator", "%q does not serve %q, which is %s", key.Text, leaf.path(), leaf.Type.Kind)
		r.hint("its operators are %s", strings.Join(names, ", "))
		return Nothing()
	}
	r.fault(key.Pos, "unknown-operator", "there is no operator %q", key.Text)
	if near := schema.Nearest(key.Text, names); near != "" {
		r.hint("did you mean %q?", near)
	} else {
		r.hint("the operators of %q are %s", leaf.path(), strings.Join(names, ", "))
	}
	return Nothing()
}

// link is a map on a link: operators of the link itself, and the rest a filter of the record to which it leads.
func (r *run) link(at place, f *Field, hop Hop, n *schema.Node) *Tree {
	own := &schema.Node{Kind: schema.MapNode, Pos: n.Pos}
	nested := &schema.Node{Kind: schema.MapNode, Pos: n.Pos}
	for _, e := range n.Entries {
		if slices.Contains(f.Ops, Op(e.Key.Text)) {
			own.Entries = append(own.Entries, e)
		} else {
			nested.Entries = append(nested.Entries, e)
		}
	}
	t := r.operators(leafAt(at.path, hop, f.Type, ""), f.Ops, own)
	if len(nested.Entries) == 0 {
		return t
	}
	target, ok := shapeOf(r.cat, f.Type.Of)
	if !ok {
		return r.fault(n.Pos, "not-supported", "filters through %q, which leads to %s, are not supported yet", f.Name, f.Type.Of)
	}
	hop.Link = f.Type.Of
	path := follow(at.path, hop)
	if at.links+hops(path) > MaxHops {
		return r.fault(n.Pos, "limit", "a filter goes over at most %d links", MaxHops)
	}
	return Conj(t, r.fieldMap(place{target, path, at.depth, at.links}, nested))
}

func hops(path []Hop) int {
	n := 0
	for _, h := range path {
		if h.Link != "" {
			n++
		}
	}
	return n
}

// keys filters by outside identities; the names of systems are the author's own.
func (r *run) keys(at place, n *schema.Node) *Tree {
	if n.Kind != schema.MapNode {
		return r.fault(n.Pos, "wrong-shape", "keys are filtered by system: {keys: {system: …}}")
	}
	path := follow(at.path, Hop{Property: keysField})
	kids := make([]*Tree, 0, len(n.Entries))
	for _, e := range n.Entries {
		if !systemForm.MatchString(e.Key.Text) {
			return r.fault(e.Key.Pos, "unknown-field", "%q is no name of a system", e.Key.Text)
		}
		leaf := &Tree{Kind: Leaf, Path: follow(path, Hop{Property: e.Key.Text}), Type: &schema.Type{Kind: schema.Text}}
		if e.Value.Kind == schema.MapNode {
			kids = append(kids, r.operators(leaf, []Op{Eq, Ne, In, Exists}, e.Value))
		} else {
			kids = append(kids, r.short(leaf, e.Value))
		}
	}
	return Conj(kids...)
}
