package link

import (
	"maps"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/load/naming"
)

// definitionKinds are what x-definition may name.
var definitionKinds = []string{"Measure", "Document", "Classifier", "Parameter", "Workflow", "List", "Form", "PrintForm", "Exchange", "Function", "Act"}

// types resolves the named types, those first that others refer to.
func (l *linker) types() {
	r := &typeResolver{l: l, state: map[*schema.TypeDef]int{}}
	for _, name := range slices.Sorted(maps.Keys(l.cat.Types)) {
		r.named(l.cat.Types[name])
	}
}

// typeResolver resolves named types depth first; state tells those under way (1) and done (2).
type typeResolver struct {
	l     *linker
	state map[*schema.TypeDef]int
}

func (r *typeResolver) named(d *schema.TypeDef) {
	switch {
	case r.state[d] == 1:
		r.l.fault(schema.Faultf(d.Pos, "cyclic-type", "the type %q contains itself", d.Name).WithHint("use a document with card for what repeats in itself"))
		return
	case r.state[d] == 2:
		return
	}
	r.state[d] = 1
	r.refs(d.Package, d.Type)
	r.l.resolve(d.Package, d.Type)
	r.state[d] = 2
}

// refs resolves the named types below a type before the type itself.
func (r *typeResolver) refs(pkg string, t *schema.Type) {
	if t == nil {
		return
	}
	if other := r.l.cat.Types[t.Named]; other != nil && t.Kind == "" {
		r.named(other)
	}
	r.refs(pkg, t.Elem)
	for _, f := range t.Fields {
		r.refs(pkg, f.Type)
	}
}

// resolve makes a type whole: $ref gets the contents of the named type, names are checked, inline objects enter the
// catalog.
func (l *linker) resolve(pkg string, t *schema.Type) {
	switch {
	case t == nil:
		return
	case t.Kind == "" && t.Named != "":
		l.takeNamed(pkg, t)
		return
	case t.Kind == schema.Link:
		l.linkTarget(pkg, t)
	case t.Kind == schema.Item:
		find(l, pkg, l.cat.Classifiers, "classifier", typeName(t))
	case t.Kind == schema.Definition && !slices.Contains(definitionKinds, t.Of):
		l.fault(schema.Faultf(t.Pos, "unknown-name", "x-definition names %q, which is no kind of definition", t.Of).WithNearest(t.Of, slices.Clone(definitionKinds)))
	case t.Kind == schema.Object:
		l.object(t)
		for _, f := range t.Fields {
			l.resolve(pkg, f.Type)
			l.constants(f)
		}
	}
	l.resolve(pkg, t.Elem)
}

func typeName(t *schema.Type) schema.Scalar { return schema.Scalar{Text: t.Of, Pos: t.Pos} }

func (l *linker) takeNamed(pkg string, t *schema.Type) {
	def, ok := find(l, pkg, l.cat.Types, "type", schema.Scalar{Text: t.Named, Pos: t.Pos})
	if !ok || def.Type == nil {
		return
	}
	pos, named := t.Pos, t.Named
	*t = *def.Type
	t.Pos, t.Named = pos, named
}

func (l *linker) linkTarget(pkg string, t *schema.Type) {
	switch {
	case slices.Contains(linkedKernelTypes, t.Of):
		return
	case schema.KernelType(t.Of) != nil || slices.Contains(kernelTypes, t.Of):
		l.fault(schema.Faultf(t.Pos, "not-supported-yet", "links to %s, a type of the kernel, are not supported yet", t.Of).
			WithHint("link to %s", strings.Join(linkedKernelTypes, ", ")))
		return
	}
	d, ok := find(l, pkg, l.cat.Documents, "document", typeName(t))
	if ok && d.Record {
		l.fault(schema.Faultf(t.Pos, "wrong-target", "a link cannot lead to %q, which is what a format reads", t.Of).WithHint("link to a document that is kept on a card"))
	}
}

// object enters an object type under its GraphQL name.
func (l *linker) object(t *schema.Type) {
	if other, taken := l.home["GraphQL type/"+t.Of]; taken && l.cat.Types[t.Of] == nil {
		l.fault(schema.Faultf(t.Pos, "duplicate-name", "the inline object would be called %q, which is taken by %s", t.Of, other).WithHint("rename the property, or put the object into types/"))
		return
	}
	if other := l.cat.Objects[t.Of]; other != nil && other != t {
		l.fault(schema.Faultf(t.Pos, "duplicate-name", "two inline objects would be called %q; the other is at %s", t.Of, other.Pos).WithHint("rename one of the properties"))
		return
	}
	l.cat.Objects[t.Of] = t
}

// fieldNames checks that query fields of GraphQL do not collide: one record, many records, and lists.
func (l *linker) fieldNames() {
	taken := map[string]string{}
	for _, name := range graphQLNames {
		taken[naming.Lower(name)] = "the kernel"
		taken[naming.Plural(naming.Lower(name))] = "the kernel"
	}
	take := func(field, by string, pos schema.Pos) {
		if other, ok := taken[field]; ok {
			l.fault(schema.Faultf(pos, "duplicate-name", "the query field %q of %s is taken by %s", field, by, other).WithHint("rename one of them, or write plural"))
			return
		}
		taken[field] = by
	}
	for _, name := range slices.Sorted(maps.Keys(l.cat.Documents)) {
		d := l.cat.Documents[name]
		take(naming.Lower(name), "document "+name, d.Pos)
		take(d.Plural.Text, "document "+name, d.Plural.Pos)
	}
	for _, name := range slices.Sorted(maps.Keys(l.cat.Lists)) {
		take(naming.Lower(name), "list "+name, l.cat.Lists[name].Pos)
	}
}
