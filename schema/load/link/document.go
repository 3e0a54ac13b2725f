package link

import (
	"maps"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/load/naming"
)

// documents makes documents whole: inherited parts, the link to the card, resolved types, inverse links.
func (l *linker) documents() {
	names := slices.Sorted(maps.Keys(l.cat.Documents))
	for _, name := range names {
		d := l.cat.Documents[name]
		l.plural(d)
		l.cardLink(d)
		for _, p := range d.Properties {
			l.resolve(d.Package, p.Type)
			l.constants(p)
		}
	}
	for _, name := range names {
		l.extend(l.cat.Documents[name])
	}
	for _, name := range names {
		l.cardCycle(l.cat.Documents[name])
	}
	l.inverses(names)
}

func (l *linker) plural(d *schema.Document) {
	if d.Plural.IsZero() {
		d.Plural = schema.Scalar{Text: naming.Plural(naming.Lower(d.Name)), Pos: d.Pos}
		return
	}
	if !naming.IsName(d.Plural.Text) {
		l.faultf(d.Plural.Pos, "bad-name", "%q cannot be a plural", d.Plural.Text)
	}
	d.Plural.Text = naming.Lower(d.Plural.Text)
}

// cardLink declares the required property that leads to the card.
func (l *linker) cardLink(d *schema.Document) {
	if d.Card == nil {
		return
	}
	if d.Record {
		l.fault(schema.Faultf(d.Card.Pos, "one-of", "%q has both record and card", d.Name).WithHint("what a format reads belongs to its exchange and lies on no card"))
		return
	}
	t := &schema.Type{Kind: schema.Link, Of: d.Card.Type.Text, Pos: d.Card.Type.Pos}
	p := d.Property(d.Card.Link)
	switch {
	case p == nil:
		p = &schema.Property{Name: d.Card.Link, Pos: d.Card.Pos, Type: t}
		if card := l.cat.Documents[t.Of]; card != nil {
			p.Title = card.Title
		}
		d.Properties = append([]*schema.Property{p}, d.Properties...)
	case p.Type == nil:
		p.Type = t
	case p.Type.Kind != schema.Link || p.Type.Of != t.Of:
		l.fault(schema.Faultf(p.Pos, "type-conflict", "%q is the link to the card and must lead to %s", p.Name, t.Of).WithHint("leave its type out"))
	}
	p.Required = true
}

// extend adds what a document takes from the abstract one.
func (l *linker) extend(d *schema.Document) {
	if d.Extends.IsZero() {
		return
	}
	base, ok := find(l, d.Package, l.cat.Documents, "document", d.Extends)
	switch {
	case !ok:
		return
	case !base.Abstract:
		l.fault(schema.Faultf(d.Extends.Pos, "wrong-target", "%q is not abstract, so nothing can extend it", base.Name).WithHint("write abstract: true there, or link to it"))
		return
	case !base.Extends.IsZero() || d.Abstract:
		l.fault(schema.Faultf(d.Extends.Pos, "wrong-target", "documents extend only one level, and %q is between two", d.Name).WithHint("move the shared properties into one abstract document"))
		return
	}
	l.inheritProperties(d, base)
	if d.Card == nil {
		d.Card = base.Card
	}
	if d.Holds == nil {
		d.Holds = base.Holds
	}
	if d.Summary.IsZero() {
		d.Summary = base.Summary
	}
	if d.Retention.IsZero() {
		d.Retention = base.Retention
	}
	d.Unique = inherit(base.Unique, d.Unique, func(x *schema.Unique) string { return x.Name })
	d.Keys = inherit(base.Keys, d.Keys, func(x *schema.Key) string { return x.System })
	d.Facts = inherit(base.Facts, d.Facts, func(x *schema.Fact) string { return x.Name })
	d.Checks = inherit(base.Checks, d.Checks, func(x *schema.Check) string { return x.Name })
	d.ExactlyOne = inherit(base.ExactlyOne, d.ExactlyOne, func(x *schema.NamedPaths) string { return x.Name })
	d.Slots = inherit(base.Slots, d.Slots, func(x *schema.Slot) string { return x.Name })
	d.Access = inherit(base.Access, d.Access, func(x *schema.AccessAttribute) string { return x.Name })
}

func (l *linker) inheritProperties(d, base *schema.Document) {
	var taken []*schema.Property
	for _, p := range base.Properties {
		own := d.Property(p.Name)
		if own == nil {
			taken = append(taken, heir(p))
			continue
		}
		if own.Type == nil {
			own.Type = p.Type
		}
		if p.Type != nil && (own.Type.Kind != p.Type.Kind || own.Type.Of != p.Type.Of) {
			l.fault(schema.Faultf(own.Pos, "type-conflict", "%q of %s has another type than in %s, which it extends", own.Name, d.Name, base.Name).
				WithHint("leave the property out, or rename it"))
		}
	}
	d.Properties = append(taken, d.Properties...)
}

// heir is an inherited property. The name that its link has on the other side belongs to the abstract document.
func heir(p *schema.Property) *schema.Property {
	out := *p
	out.Inverse = schema.Scalar{}
	return &out
}

// inherit is the base's list with own entries in place of those of the same name, and the rest of the own.
func inherit[T any](base, own []T, name func(T) string) []T {
	var out []T
	for _, b := range base {
		if i := slices.IndexFunc(own, func(o T) bool { return name(o) == name(b) }); i >= 0 {
			continue
		}
		out = append(out, b)
	}
	return append(out, own...)
}

func (l *linker) cardCycle(d *schema.Document) {
	path := []string{d.Name}
	for at := d; at.Card != nil; {
		at = l.cat.Documents[at.Card.Type.Text]
		if at == nil {
			return
		}
		if slices.Contains(path, at.Name) {
			if at.Name == d.Name {
				l.fault(schema.Faultf(d.Card.Pos, "cyclic-card", "the chain of cards ends nowhere: %s", strings.Join(append(path, at.Name), " → ")).
					WithHint("the card is what the record belongs to for ever; other relations are links"))
			}
			return
		}
		path = append(path, at.Name)
	}
}

// inverses names every link from the other side: x-inverse, children for a tree, else the plural of the own type.
func (l *linker) inverses(names []string) {
	taken := map[string]map[string]string{} // target → name → who took it
	for _, name := range names {
		d := l.cat.Documents[name]
		for _, p := range d.Properties {
			if p.Type == nil || p.Type.Kind != schema.Link || l.cat.Documents[p.Type.Of] == nil || d.Record {
				continue
			}
			if p.Inverse.IsZero() {
				p.Inverse = schema.Scalar{Text: d.Plural.Text, Pos: p.Pos}
				if d.Tree.Text == p.Name {
					p.Inverse.Text = "children"
				}
			}
			for _, target := range l.family(p.Type.Of) {
				if taken[target.Name] == nil {
					taken[target.Name] = map[string]string{}
				}
				l.takeInverse(taken[target.Name], target, d, p)
			}
		}
	}
}

// family is a document with those that extend it, which are read from the other side of its links too.
func (l *linker) family(name string) []*schema.Document {
	out := []*schema.Document{l.cat.Documents[name]}
	for _, other := range slices.Sorted(maps.Keys(l.cat.Documents)) {
		if d := l.cat.Documents[other]; d.Extends.Text == name {
			out = append(out, d)
		}
	}
	return out
}

func (l *linker) takeInverse(taken map[string]string, target, d *schema.Document, p *schema.Property) {
	word := p.Inverse.Text
	collides := func(with string) {
		l.fault(schema.Faultf(p.Inverse.Pos, "inverse-collision", "%s.%s read from %s would be called %q, which is %s", d.Name, p.Name, target.Name, word, with).
			WithHint("write x-inverse: another name"))
	}
	_, kernel := schema.KernelProperty(word, true)
	switch other, twice := taken[word]; {
	case twice:
		collides("already " + other)
	case target.Property(word) != nil:
		collides("a property of " + target.Name)
	case kernel:
		collides("a word of the kernel")
	default:
		taken[word] = "the other side of " + d.Name + "." + p.Name
	}
}

// document checks the rules of a document against its properties.
func (l *linker) document(d *schema.Document) {
	l.law(d.Package, d.Law)
	for _, p := range d.Properties {
		l.searched(d, p)
	}
	l.holds(d)
	for _, u := range d.Unique {
		for _, s := range u.Of {
			l.path(d, s)
		}
		l.during(d, u.During)
	}
	for _, k := range d.Keys {
		for _, s := range k.Properties {
			l.property(d, s)
		}
	}
	for _, g := range d.ExactlyOne {
		if len(g.Paths) < 2 {
			l.fault(schema.Faultf(g.Pos, "bad-value", "exactlyOne %q names fewer than two properties", g.Name).WithHint("name those of which exactly one is given"))
		}
		for _, s := range g.Paths {
			l.property(d, s)
		}
	}
	for _, c := range d.Checks {
		l.law(d.Package, c.Law)
		if !c.At.IsZero() {
			l.path(d, c.At)
		}
		if c.Fix != nil {
			l.sets(d, *c.Fix)
		}
	}
	for _, a := range d.Access {
		l.accessPath(d, a.Path)
	}
	l.facts(d.Package, d.Facts)
	l.tree(d)
	l.numbers(d)
}

func (l *linker) holds(d *schema.Document) {
	if d.Holds == nil {
		return
	}
	for _, s := range []schema.Scalar{d.Holds.From, d.Holds.To} {
		if s.IsZero() {
			continue
		}
		if p, ok := l.property(d, s); ok && p.Type != nil && !slices.Contains([]schema.Kind{schema.Date, schema.Month, schema.Quarter, schema.Year}, p.Type.Kind) {
			l.fault(schema.Faultf(s.Pos, "wrong-target", "holds names %q, which is no date", s.Text).WithHint("name properties of format date or month"))
		}
	}
}

func (l *linker) during(d *schema.Document, during []schema.Scalar) {
	switch {
	case len(during) == 0:
	case len(during) == 1 && during[0].Text == "holds":
		if d.Holds == nil {
			l.fault(schema.Faultf(during[0].Pos, "wrong-target", "during: holds needs the key holds").WithHint("write holds: {from: …, to: …}"))
		}
	case len(during) == 2:
		for _, s := range during {
			l.property(d, s)
		}
	default:
		l.fault(schema.Faultf(during[0].Pos, "bad-value", "during is neither holds nor two properties").WithHint("write during: holds or during: [start, end]"))
	}
}

func (l *linker) tree(d *schema.Document) {
	if d.Tree.IsZero() {
		return
	}
	if p, ok := l.property(d, d.Tree); ok && p.Type != nil && (p.Type.Kind != schema.Link || p.Type.Of != d.Name) {
		l.fault(schema.Faultf(d.Tree.Pos, "wrong-target", "tree names %q, which is no link to %s", d.Tree.Text, d.Name).WithHint("name a property with x-link: %s", d.Name))
	}
}

func (l *linker) numbers(d *schema.Document) {
	for _, p := range d.Properties {
		if p.Number != nil {
			l.number(d, p.Number)
		}
	}
}

func (l *linker) number(d *schema.Document, n *schema.Number) {
	for _, s := range n.Per {
		if !slices.Contains([]string{"office", "year"}, s.Text) {
			l.path(d, s)
		}
	}
	if n.At.IsZero() {
		return
	}
	w := l.cat.WorkflowOf(d.Name)
	if w == nil {
		l.fault(schema.Faultf(n.At.Pos, "unknown-name", "%q has no workflow, so there is no state %q", d.Name, n.At.Text).WithHint("remove at: the number is then given at creation"))
		return
	}
	l.state(w, n.At)
}
