package filter

import (
	"cmp"
	"slices"

	"mera/schema"
)

// Field is one thing by which records of a type may be filtered: what GraphQL builds its `where` inputs from.
type Field struct {
	Name  string
	Type  *schema.Type
	Fold  string
	Label string
	Ops   []Op // empty for an object, whose own fields are filtered by, and for what is not filterable
	whole bool // the whole object is indexed, so each leaf of it is
}

// Fields are those of a document or kernel type, kernel properties first, then in the written order; nil if
// there is no such type. `holds` and `touches` stand as fields of kind Date where the type has a period.
func Fields(cat *schema.Catalog, document string) []*Field {
	s, ok := shapeOf(cat, document)
	if !ok {
		return nil
	}
	var out []*Field
	for _, name := range s.kernelNames() {
		if f, ok := s.kernel(name); ok {
			out = append(out, f)
		}
	}
	for _, p := range s.doc.Properties {
		if f := propertyField(p, s.always(p), false); f.filterable() {
			out = append(out, f)
		}
	}
	return out
}

// FieldsOf are those of an object type. whole says that the property that holds it is indexed itself.
func FieldsOf(object *schema.Type, whole bool) []*Field {
	var out []*Field
	for _, p := range object.Fields {
		if f := propertyField(p, whole, whole); f.filterable() {
			out = append(out, f)
		}
	}
	return out
}

// keysField leads to outside identities: {keys: {system: {eq: text}}}, any system by its name.
const keysField = "keys"

func (f *Field) filterable() bool {
	if f.Name == keysField {
		return true
	}
	if f.Type.Kind == schema.Object {
		return len(FieldsOf(f.Type, f.whole)) > 0
	}
	return len(f.Ops) > 0
}

// propertyField is the field of a property; without operators where the property is not indexed.
func propertyField(p *schema.Property, always, whole bool) *Field {
	f := &Field{Name: p.Name, Type: p.Type, Fold: p.Fold, Label: p.Label, whole: whole || p.Index}
	if always || f.whole || p.Fold != "" || linked(p.Type) {
		f.Ops = Operators(p.Type)
	}
	return f
}

// linked tells that a property is indexed because it is a link or a list of links.
func linked(t *schema.Type) bool {
	return t.Kind == schema.Link || t.Kind == schema.Array && t.Elem != nil && t.Elem.Kind == schema.Link
}

// Operators are those that serve a type: the table of section 2 of the language, with `ne` beside each `eq` and
// `exists` everywhere. A link takes a nested filter besides; a tree of documents Under and Above.
func Operators(t *schema.Type) []Op {
	base := []Op{Eq, Ne, In, Exists}
	switch t.Kind {
	case schema.Text:
		return append(base, StartsWith, Contains)
	case schema.Integer, schema.Decimal, schema.Money, schema.Date, schema.Month, schema.Quarter, schema.Year, schema.DateTime:
		return append(base, Gt, Gte, Lt, Lte)
	case schema.Boolean, schema.Duration:
		return []Op{Eq, Ne, Exists}
	case schema.Item:
		return append(base, Under, Above)
	case schema.Enum, schema.UUID, schema.Link, schema.Definition:
		return base
	case schema.Point:
		return []Op{Within, Exists}
	case schema.Array:
		if t.Elem != nil && t.Elem.Kind == schema.Object {
			return []Op{Some, NoneOf, Exists}
		}
		return []Op{Has, Some, NoneOf, Exists}
	}
	return nil
}

// shape is a type as a filter sees it.
type shape struct {
	doc      *schema.Document
	workflow *schema.Workflow // nil where records are no cases
	isCase   bool
	isKernel bool // a kernel type: all its properties are listed and indexed
}

func shapeOf(cat *schema.Catalog, document string) (shape, bool) {
	if d := cat.Documents[document]; d != nil {
		w := cat.WorkflowOf(document)
		return shape{doc: d, workflow: w, isCase: w != nil}, true
	}
	if d := cmp.Or(KernelType(document), schema.KernelFact(document)); d != nil {
		return shape{doc: d, isKernel: true}, true
	}
	return shape{}, false
}

// always tells that a property is filterable without x-index: the parts of keys and of the period.
func (s shape) always(p *schema.Property) bool {
	if s.isKernel {
		return true
	}
	if h := s.doc.Holds; h != nil && (p.Name == h.From.Text || p.Name == h.To.Text) {
		return true
	}
	return slices.ContainsFunc(s.doc.Keys, func(k *schema.Key) bool {
		return slices.ContainsFunc(k.Properties, func(n schema.Scalar) bool { return n.Text == p.Name })
	})
}

func (s shape) kernelNames() []string {
	if s.isKernel {
		return []string{"holds", "touches"}
	}
	return []string{"id", "version", "createdAt", "createdBy", "updatedAt", "updatedBy", "keys", "holds", "touches",
		"state", "number", "title", "final", "office", "worker", "parent", "applicant", "opened", "due", "channel"}
}

// kernel finds what the kernel adds to each record: a property of the type's own goes before it.
func (s shape) kernel(name string) (*Field, bool) {
	if name == "holds" || name == "touches" {
		if s.doc.Holds == nil {
			return nil, false
		}
		t := &schema.Type{Kind: schema.Date}
		return &Field{Name: name, Type: t, Ops: []Op{Op(name)}}, true
	}
	if s.isKernel || s.doc.Property(name) != nil {
		return nil, false
	}
	t, ok := schema.KernelProperty(name, s.isCase)
	switch {
	case name == keysField:
		return &Field{Name: name, Type: &schema.Type{Kind: schema.Object}}, true
	case name == "updatedBy":
		t = &schema.Type{Kind: schema.Text}
	case !ok, name == "history", name == "attachments":
		return nil, false
	}
	if name == "state" {
		t = &schema.Type{Kind: schema.Enum, Enum: stateNames(s.workflow)}
	}
	return &Field{Name: name, Type: t, Ops: Operators(t)}, true
}

// find is the field of a name; one without operators is there but not filterable.
func (s shape) find(name string) (*Field, bool) {
	if f, ok := s.kernel(name); ok {
		return f, true
	}
	if name == "card" && s.doc.Card != nil {
		name = s.doc.Card.Link
	}
	if p := s.doc.Property(name); p != nil && p.Type != nil {
		return propertyField(p, s.always(p), false), true
	}
	return nil, false
}

func stateNames(w *schema.Workflow) []string {
	if w == nil {
		return nil
	}
	names := make([]string, len(w.States))
	for i, s := range w.States {
		names[i] = s.Name
	}
	return names
}
