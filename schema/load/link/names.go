package link

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"mera/schema"
)

// graphQLNames are types of the GraphQL schema that the kernel makes itself.
var graphQLNames = strings.Fields(`Accrual Actor Attachment Award Boolean Case Classifier Date DateTime Decimal Decision Document Duration Entitlement
	Event Float GeoPoint History ID Int Item Long Money Month Mutation Node Notice Number Package PageInfo Parameter Payment PaymentList Period
	PlannedAccrual Print Quarter Query Record Release Request String Subscription Task Year`)

// linkedKernelTypes are those to which links of documents may lead: a case of any type, and what was decided in one.
var linkedKernelTypes = []string{"Award", "Case", "Decision"}

// kernelTypes are what lists may be about beside documents.
var kernelTypes = strings.Fields("Case Task Award Entitlement Accrual PlannedAccrual Payment PaymentList Decision Request Packet Event")

// prefix checks that every name which a package opens begins with its publisher's prefix.
func (l *linker) prefix(p *schema.Package) {
	if p.Core {
		return
	}
	if p.Prefix == "" {
		l.fault(schema.Faultf(p.Pos, "missing-prefix", "the package %q has no prefix", p.Name).
			WithHint("write prefix: and one word of the publisher, such as Acme; every name of the package begins with it"))
		return
	}
	for _, d := range definitions(p) {
		prefix, example := p.Prefix, p.Prefix+d.meta.Name
		if d.kind == "act" {
			prefix = strings.ToLower(p.Prefix) + "-"
			example = prefix + d.meta.Name
		}
		if !strings.HasPrefix(d.meta.Name, prefix) {
			l.fault(schema.Faultf(d.meta.Pos, "wrong-prefix", "the name %q does not begin with the prefix %q of its package", d.meta.Name, p.Prefix).
				WithHint("name it %s", example))
		}
	}
}

// definition is any definition with the word for its kind.
type definition struct {
	kind string
	meta *schema.Meta
}

// definitions are all definitions of a package that open a global name.
func definitions(p *schema.Package) []definition {
	var out []definition
	add := func(kind string, m *schema.Meta) { out = append(out, definition{kind, m}) }
	for _, d := range p.Types {
		add("type", &d.Meta)
	}
	for _, d := range p.Documents {
		add("document", &d.Meta)
	}
	for _, d := range p.Classifiers {
		add("classifier", &d.Meta)
	}
	for _, d := range p.Parameters {
		add("parameter", &d.Meta)
	}
	for _, d := range p.Acts {
		add("act", &d.Meta)
	}
	for _, d := range p.Functions {
		add("function", &d.Meta)
	}
	for _, d := range p.Measures {
		add("measure", &d.Meta)
	}
	for _, d := range p.Workflows {
		add("workflow", &d.Meta)
	}
	for _, d := range p.Lists {
		add("list", &d.Meta)
	}
	for _, d := range p.Forms {
		add("form", &d.Meta)
	}
	for _, d := range p.PrintForms {
		add("print form", &d.Meta)
	}
	for _, d := range p.Formats {
		add("format", &d.Meta)
	}
	for _, d := range p.Exchanges {
		add("exchange", &d.Meta)
	}
	return out
}

// collect enters the definitions of a package under their names.
func (l *linker) collect(p *schema.Package) {
	c := l.cat
	for _, d := range p.Types {
		enter(l, c.Types, "type", &d.Meta, d)
	}
	for _, d := range p.Documents {
		enter(l, c.Documents, "document", &d.Meta, d)
	}
	for _, d := range p.Classifiers {
		enter(l, c.Classifiers, "classifier", &d.Meta, d)
	}
	for _, d := range p.Parameters {
		enter(l, c.Parameters, "parameter", &d.Meta, d)
	}
	for _, d := range p.Acts {
		enter(l, c.Acts, "act", &d.Meta, d)
	}
	for _, d := range p.Functions {
		enter(l, c.Functions, "function", &d.Meta, d)
	}
	for _, d := range p.Measures {
		enter(l, c.Measures, "measure", &d.Meta, d)
	}
	for _, d := range p.Workflows {
		enter(l, c.Workflows, "workflow", &d.Meta, d)
	}
	for _, d := range p.Lists {
		enter(l, c.Lists, "list", &d.Meta, d)
	}
	for _, d := range p.Forms {
		enter(l, c.Forms, "form", &d.Meta, d)
	}
	for _, d := range p.PrintForms {
		enter(l, c.PrintForms, "print form", &d.Meta, d)
	}
	for _, d := range p.Formats {
		enter(l, c.Formats, "format", &d.Meta, d)
	}
	for _, d := range p.Exchanges {
		enter(l, c.Exchanges, "exchange", &d.Meta, d)
	}
	for _, role := range p.Roles {
		if c.Roles[role.Name] == nil {
			c.Roles[role.Name] = role
		}
	}
}

// space is the name space of a kind: what becomes a GraphQL type shares one, and expressions call parameters and
// functions alike.
func space(kind string) string {
	switch kind {
	case "type", "document", "classifier", "list":
		return "GraphQL type"
	case "parameter", "function":
		return "function"
	default:
		return kind
	}
}

func enter[T any](l *linker, in map[string]T, kind string, m *schema.Meta, d T) {
	key := space(kind) + "/" + m.Name
	if space(kind) == "GraphQL type" && slices.Contains(graphQLNames, m.Name) {
		l.fault(schema.Faultf(m.Pos, "reserved-name", "%q is a word of the kernel and cannot name a %s", m.Name, kind).WithHint("rename the file"))
		return
	}
	if other, taken := l.home[key]; taken {
		l.fault(schema.Faultf(m.Pos, "duplicate-name", "the name %s is taken by %s", strconv.Quote(m.Name), other).
			WithHint("rename one of the two files; all packages of a server share the names of a kind"))
		return
	}
	l.home[key] = kind + " " + m.Name + " of " + m.Package
	l.home[kind+"/"+m.Name] = m.Package
	in[m.Name] = d
}

// find resolves a name in the eyes of a package. The second result is false, and a fault is reported, if there is no
// such definition or its package is not required.
func find[T any](l *linker, pkg string, in map[string]T, kind string, s schema.Scalar) (T, bool) {
	d, ok := in[s.Text]
	if s.Text == "" {
		return d, false // reported as a missing key or value
	}
	if !ok {
		l.fault(schema.Faultf(s.Pos, "unknown-name", "there is no %s %q", kind, s.Text).WithNearest(s.Text, l.visible(pkg, kind, slices.Collect(maps.Keys(in)))))
		return d, false
	}
	home := l.home[kind+"/"+s.Text]
	if !l.sees[pkg][home] {
		l.fault(schema.Faultf(s.Pos, "not-required", "the %s %q belongs to the package %q, which %q does not require", kind, s.Text, home, pkg).
			WithHint("add %s to requires in package.yaml", home))
		return d, false
	}
	return d, true
}

// visible are the names of a kind that a package may use.
func (l *linker) visible(pkg, kind string, all []string) []string {
	return slices.DeleteFunc(all, func(name string) bool { return !l.sees[pkg][l.home[kind+"/"+name]] })
}
