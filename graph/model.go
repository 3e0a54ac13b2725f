package graph

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mera/kernel/query"
	"mera/kernel/store"
	"mera/schema"
)

// model is a catalog as GraphQL sees it: types with their fields, and for each field where its value comes from.
type model struct {
	cat    *schema.Catalog
	lists  *query.Lists
	types  map[string]*typeDef // outputs, inputs, enums; scalars are fixed
	faults schema.Diagnostics
}

// typeKind is the kind of a GraphQL type.
type typeKind string

const (
	objectType    typeKind = "type"
	interfaceType typeKind = "interface"
	inputType     typeKind = "input"
	enumType      typeKind = "enum"
)

// typeDef is one GraphQL type. Entity is set where its values are rows that the store knows.
type typeDef struct {
	kind       typeKind
	name       string
	doc        string
	implements []string
	fields     []*fieldDef
	values     []enumValue
	entity     string
}

type enumValue struct{ name, doc string }

// fieldDef is one field. typ is written as in SDL, with its list and non-null marks.
type fieldDef struct {
	name, typ, doc string
	args           []*fieldDef
	deprecated     bool
	source         source
}

// source says where the value of an output field comes from.
type source struct {
	kind sourceKind
	// rows: how they hang on the row above.
	entity, link, inverse string
	shape                 store.Shape
	order                 []store.Order
	list                  *query.List
	verb                  *verb
	column                *query.Column
	group                 *groupKey // of a value of a group's key
	aggregate             string    // the function of a value of a group
	box                   bool      // rows that meet what was typed into the search box
}

type sourceKind int

const (
	fromValue sourceKind = iota // a property, as it is or with the fields of its object
	fromRows                    // a set of rows
	fromPart                    // a word of a connection
	fromFlat                    // a value at a path: a column of a list
	fromViews                   // computed by engines after the rows were read
	fromActor                   // the actor himself
	fromForm
	fromCommand
)

func (t *typeDef) field(name string) *fieldDef {
	for _, f := range t.fields {
		if f.name == name {
			return f
		}
	}
	return nil
}

// add appends a field unless the type has one of the name: what a package declares goes before what the kernel adds.
func (t *typeDef) add(f *fieldDef) {
	if t.field(f.name) == nil {
		t.fields = append(t.fields, f)
	}
}

// define adds a type. Two of one name are a fault of the package, whose names share one space.
func (m *model) define(t *typeDef, pos schema.Pos) *typeDef {
	if m.types[t.name] != nil {
		m.faults = append(m.faults, schema.Faultf(pos, "graphql-name", "the GraphQL type %s is there twice", t.name))
		return t
	}
	if !isName(t.name) {
		m.faults = append(m.faults, schema.Faultf(pos, "graphql-name", "%q is no name of GraphQL", t.name))
		return t
	}
	m.types[t.name] = t
	return t
}

// ensure returns the type of a name, making it once.
func (m *model) ensure(name string, fill func() *typeDef) *typeDef {
	if t := m.types[name]; t != nil {
		return t
	}
	t := fill()
	t.name = name
	m.types[name] = t
	return t
}

func (m *model) names() []string {
	out := make([]string, 0, len(m.types))
	for n := range m.types {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// isName tells that GraphQL takes a name and does not keep it for itself.
func isName(s string) bool {
	for i, c := range s {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && !strings.HasPrefix(s, "__")
}

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// bare is a type without its marks: Task of [Task!]!.
func bare(typ string) string { return strings.Trim(typ, "[]!") }
