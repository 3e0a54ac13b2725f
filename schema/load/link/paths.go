package link

import (
	"slices"
	"strings"

	"mera/schema"
)

// property resolves the name of an own property of a document.
func (l *linker) property(d *schema.Document, s schema.Scalar) (*schema.Property, bool) {
	p := d.Property(s.Text)
	if p == nil {
		l.fault(schema.Faultf(s.Pos, "unknown-property", "%s has no property %q", d.Name, s.Text).WithNearest(s.Text, names(d.Properties)))
	}
	return p, p != nil
}

func names(ps []*schema.Property) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Name)
	}
	return out
}

// path follows dots from a document over links, objects, items and inverse links. It returns the type at the end, nil
// where that is not known; false and a fault if a step leads nowhere.
func (l *linker) path(d *schema.Document, s schema.Scalar) (*schema.Type, bool) {
	at := &schema.Type{Kind: schema.Link, Of: d.Name}
	pos := s.Pos
	for step := range strings.SplitSeq(s.Text, ".") {
		next, known, ok := l.step(at, step)
		if !ok {
			l.fault(schema.Faultf(pos, "unknown-property", "%s has no property %q", l.describe(at), step).WithNearest(step, known))
			return nil, false
		}
		if next == nil {
			return nil, true
		}
		at = next
		pos.Col += len([]rune(step)) + 1
	}
	return at, true
}

func (l *linker) describe(t *schema.Type) string {
	if t.Of != "" {
		return t.Of
	}
	return "a value of type " + string(t.Kind)
}

// step is one name of a path: the type that it leads to, nil if there is no telling; known are the names that there are.
func (l *linker) step(t *schema.Type, name string) (next *schema.Type, known []string, ok bool) {
	switch t.Kind {
	case schema.Array:
		if t.Elem == nil {
			return nil, nil, true
		}
		return l.step(t.Elem, name)
	case schema.Link:
		return l.recordStep(t.Of, name)
	case schema.Object:
		if f := t.Field(name); f != nil {
			return f.Type, nil, true
		}
		return nil, names(t.Fields), t.Of == ""
	case schema.Item:
		return l.itemStep(t.Of, name)
	case schema.Month, schema.Quarter, schema.Year:
		return &schema.Type{Kind: schema.Date}, []string{"from", "to"}, name == "from" || name == "to"
	case schema.Point:
		return &schema.Type{Kind: schema.Decimal}, []string{"lat", "lon"}, name == "lat" || name == "lon"
	default:
		return nil, nil, false
	}
}

func (l *linker) recordStep(document, name string) (*schema.Type, []string, bool) {
	d := l.cat.Documents[document]
	if d == nil {
		return nil, nil, true // a kernel type, or a fault that is already reported
	}
	if p := d.Property(name); p != nil {
		return p.Type, nil, true
	}
	onCase := l.cat.WorkflowOf(d.Name) != nil || d.Abstract
	if t, ok := schema.KernelProperty(name, onCase); ok {
		return t, nil, true
	}
	if onCase && name == "type" {
		return &schema.Type{Kind: schema.Text}, nil, true // of the interface Case
	}
	if d.Holds != nil && name == "holds" {
		return nil, nil, true
	}
	if !d.Tree.IsZero() && name == "parent" {
		return &schema.Type{Kind: schema.Link, Of: d.Name}, nil, true
	}
	known := names(d.Properties)
	for _, inv := range l.cat.Inverses(d.Name) {
		if inv.Name == name {
			return &schema.Type{Kind: schema.Array, Elem: &schema.Type{Kind: schema.Link, Of: inv.From}}, nil, true
		}
		known = append(known, inv.Name)
	}
	return nil, known, false
}

func (l *linker) itemStep(classifier, name string) (*schema.Type, []string, bool) {
	c := l.cat.Classifiers[classifier]
	if c == nil {
		return nil, nil, true
	}
	words := []string{"code", "title", "from", "to", "parent", "codes", "replacedBy"}
	if slices.Contains(words, name) {
		if name == "parent" {
			return &schema.Type{Kind: schema.Item, Of: classifier}, nil, true
		}
		return nil, nil, true
	}
	for _, a := range c.Attributes {
		if a.Name == name {
			return a.Type, nil, true
		}
		words = append(words, a.Name)
	}
	return nil, words, false
}

// accessPath is an own path of the document or one of a document up its card chain.
func (l *linker) accessPath(d *schema.Document, s schema.Scalar) {
	first, _, _ := strings.Cut(s.Text, ".")
	for _, name := range l.cat.Chain(d.Name) {
		if up := l.cat.Documents[name]; up.Property(first) != nil {
			l.path(up, s)
			return
		}
	}
	l.path(d, s)
}

// sets checks the names of a map of properties, and literal values against their types.
func (l *linker) sets(d *schema.Document, set schema.ValueMap) {
	for _, e := range set.Entries {
		p, ok := l.property(d, e.Key)
		if !ok || p.Type == nil || e.Value.Kind != schema.ScalarNode {
			continue
		}
		if _, isExpression := e.Value.Scalar.Expression(); isExpression {
			continue
		}
		if p.Type.Kind == schema.Link {
			l.fault(schema.Faultf(e.Value.Pos, "bad-value", "%q is a link, and %q is a text", p.Name, e.Value.Text()).WithHint("begin with =: an expression that is a record"))
			continue
		}
		l.constant(p.Type, e.Value.Scalar)
	}
}

// documentNamed resolves the name of a document.
func (l *linker) documentNamed(pkg string, s schema.Scalar) (*schema.Document, bool) {
	return find(l, pkg, l.cat.Documents, "document", s)
}

// law checks that a citation leads to an article.
func (l *linker) law(pkg string, law schema.Law) {
	if law.IsZero() {
		return
	}
	act, ok := find(l, pkg, l.cat.Acts, "act", law.Act)
	if !ok || law.Article.IsZero() {
		return
	}
	var known []string
	for _, a := range act.Articles {
		if a.Name == law.Article.Text {
			return
		}
		known = append(known, a.Name)
	}
	l.fault(schema.Faultf(law.Article.Pos, "unknown-article", "the act %q has no article %q", act.Name, law.Article.Text).WithNearest(law.Article.Text, known))
}

// facts checks what facts read: types, links, requests.
func (l *linker) facts(pkg string, facts []*schema.Fact, kernel ...string) {
	for _, f := range facts {
		if slices.Contains(kernel, f.Type.Text) {
			continue // kernel/measure checks it
		}
		d, ok := l.documentNamed(pkg, f.Type)
		if ok && !f.Via.IsZero() {
			if p, ok := l.property(d, f.Via); ok && p.Type != nil && p.Type.Kind != schema.Link {
				l.faultf(f.Via.Pos, "wrong-target", "via names %q, which is no link", f.Via.Text)
			}
		}
		for _, s := range f.Ask {
			if s.Text != "citizen" {
				l.request(pkg, s)
			}
		}
	}
}

// request resolves a request: an exchange with one flow that has an answer, or exchange.flow.
func (l *linker) request(pkg string, s schema.Scalar) {
	exchange, flow, qualified := strings.Cut(s.Text, ".")
	x, ok := find(l, pkg, l.cat.Exchanges, "exchange", schema.Scalar{Text: exchange, Pos: s.Pos})
	if !ok {
		return
	}
	if qualified {
		if f, ok := l.flow(x, s, flow); ok && f.Answer == nil {
			l.faultf(s.Pos, "wrong-target", "the flow %q has no answer, so it is no request", s.Text)
		}
		return
	}
	var asking []string
	for _, f := range x.Flows {
		if f.Answer != nil {
			asking = append(asking, exchange+"."+f.Name)
		}
	}
	switch {
	case len(asking) == 0:
		l.faultf(s.Pos, "wrong-target", "the exchange %q has no flow with an answer, so it is no request", exchange)
	case len(asking) > 1:
		l.fault(schema.Faultf(s.Pos, "wrong-target", "the exchange %q has several requests", exchange).WithHint("write %s", strings.Join(asking, " or ")))
	}
}

func (l *linker) flow(x *schema.Exchange, s schema.Scalar, name string) (*schema.Flow, bool) {
	f := x.Flow(name)
	if f == nil {
		var known []string
		for _, o := range x.Flows {
			known = append(known, o.Name)
		}
		l.fault(schema.Faultf(s.Pos, "unknown-name", "the exchange %q has no flow %q", x.Name, name).WithNearest(name, known))
	}
	return f, f != nil
}

// sending resolves an exchange or exchange.flow that sends.
func (l *linker) sending(pkg string, s schema.Scalar) {
	exchange, flow, qualified := strings.Cut(s.Text, ".")
	x, ok := find(l, pkg, l.cat.Exchanges, "exchange", schema.Scalar{Text: exchange, Pos: s.Pos})
	if ok && qualified {
		l.flow(x, s, flow)
	}
}

// baseRoles are known to the base policies, whatever packages declare.
var baseRoles = []string{"specialist", "head", "configurator", "administrator", "auditor"}

// roles are the names of all roles that a package may use.
func (l *linker) roles(pkg string) []string {
	out := slices.Clone(baseRoles)
	for _, p := range l.cat.Packages {
		if l.sees[pkg][p.Name] {
			for _, r := range p.Roles {
				out = append(out, r.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (l *linker) role(pkg string, s schema.Scalar, more ...string) {
	known := append(l.roles(pkg), more...)
	if !slices.Contains(known, s.Text) {
		l.fault(schema.Faultf(s.Pos, "unknown-role", "there is no role %q", s.Text).WithNearest(s.Text, known))
	}
}

// parties are the top-level links of a document to people and offices.
func (l *linker) parties(d *schema.Document) []string {
	var out []string
	for _, p := range d.Properties {
		if p.Type != nil && p.Type.Kind == schema.Link && (p.Type.Of == "Person" || p.Type.Of == "Office") {
			out = append(out, p.Name)
		}
	}
	return out
}

func (l *linker) actor(pkg string, d *schema.Document, s schema.Scalar, more ...string) {
	known := append(append(l.roles(pkg), l.parties(d)...), more...)
	if !slices.Contains(known, s.Text) {
		slices.Sort(known)
		l.fault(schema.Faultf(s.Pos, "unknown-role", "%q is neither a role nor a link of %s to a person or an office", s.Text, d.Name).WithNearest(s.Text, slices.Compact(known)))
	}
}

// state resolves a state of a workflow.
func (l *linker) state(w *schema.Workflow, s schema.Scalar) {
	if s.IsZero() || w.State(s.Text) != nil {
		return
	}
	var known []string
	for _, st := range w.States {
		known = append(known, st.Name)
	}
	l.fault(schema.Faultf(s.Pos, "unknown-state", "the workflow %s has no state %q", w.Name, s.Text).WithNearest(s.Text, known))
}

func (l *linker) states(w *schema.Workflow, ss []schema.Scalar) {
	for _, s := range ss {
		l.state(w, s)
	}
}
