package graph

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"mera/kernel/query"
	"mera/schema"
)

// SDL is the schema of a catalog as text: the same catalog gives the same text. Faults are names that clash.
func SDL(cat *schema.Catalog, lists *query.Lists) (string, schema.Diagnostics) {
	m := newModel(cat, lists)
	return m.print(), m.faults
}

// load parses the model's own text, which is the last check of it.
func (m *model) load() (*ast.Schema, string, error) {
	text := m.print()
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "mera.graphql", Input: text})
	if err == nil {
		delete(s.Directives, "defer") // gqlparser declares it; answers here come whole
	}
	return s, text, err
}

// newModel makes the types of a catalog: what the kernel has, then documents, lists, roots.
func newModel(cat *schema.Catalog, lists *query.Lists) *model {
	m := &model{cat: cat, lists: lists, types: map[string]*typeDef{}}
	for _, name := range slices.Sorted(maps.Keys(cat.Objects)) {
		m.object(name, cat.Objects[name])
	}
	for _, name := range slices.Sorted(maps.Keys(cat.Classifiers)) {
		m.classifier(cat.Classifiers[name])
	}
	m.shared()
	for _, name := range m.documents() {
		m.document(cat.Documents[name])
	}
	m.interfaces()
	for _, name := range kernelNames {
		m.kernelType(name)
	}
	q := m.define(&typeDef{kind: objectType, name: "Query"}, schema.Pos{})
	mut := m.define(&typeDef{kind: objectType, name: "Mutation"}, schema.Pos{})
	sub := m.define(&typeDef{kind: objectType, name: "Subscription"}, schema.Pos{})
	m.queryRoot(q)
	m.mutationRoot(mut)
	for _, l := range lists.All() {
		m.list(l, q, mut, sub)
	}
	m.subscriptionRoot(sub)
	return m
}

// documents are the types whose records are read: not those of formats.
func (m *model) documents() []string {
	var out []string
	for name, d := range m.cat.Documents {
		if !d.Record {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// scalars are the same in every schema.
var scalars = []struct{ name, doc string }{
	{"Date", "A calendar date: 2019-07-16."},
	{"DateTime", "A moment in UTC: 2019-07-16T09:30:00Z."},
	{"Decimal", "An exact decimal number as text: 1.25."},
	{"Duration", "A duration as text: 5 workdays, 30 days, 1 month."},
	{"JSON", "Any JSON value."},
	{"Long", "A whole number of up to 64 bits."},
	{"Money", "Money as text with two digits: 1826.00."},
	{"Month", "A month: 2019-07."},
	{"Quarter", "A quarter: 2019-Q3."},
	{"Upload", "A file of a multipart request."},
	{"Year", "A year: 2019."},
}

func (m *model) print() string {
	var b strings.Builder
	b.WriteString("schema {\n  query: Query\n  mutation: Mutation\n  subscription: Subscription\n}\n")
	for _, s := range scalars {
		b.WriteString("\n" + description("", s.doc) + "scalar " + s.name + "\n")
	}
	for _, name := range m.names() {
		m.types[name].print(&b)
	}
	return b.String()
}

func (t *typeDef) print(b *strings.Builder) {
	b.WriteString("\n" + description("", t.doc) + string(t.kind) + " " + t.name)
	if len(t.implements) > 0 {
		b.WriteString(" implements " + strings.Join(t.implements, " & "))
	}
	b.WriteString(" {\n")
	for _, v := range t.values {
		b.WriteString(description("  ", v.doc) + "  " + v.name + "\n")
	}
	for _, f := range t.fields {
		b.WriteString(description("  ", f.doc) + "  " + f.name)
		if len(f.args) > 0 {
			b.WriteByte('(')
			for i, a := range f.args {
				if i > 0 {
					b.WriteString(", ")
				}
				b.WriteString(a.name + ": " + a.typ)
			}
			b.WriteByte(')')
		}
		b.WriteString(": " + f.typ)
		if f.deprecated {
			b.WriteString(" @deprecated")
		}
		b.WriteByte('\n')
	}
	b.WriteString("}\n")
}

// description is the text that people read, as a GraphQL string.
func description(indent, text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString(indent + `"`)
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ':
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	b.WriteString("\"\n")
	return b.String()
}
