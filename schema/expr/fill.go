package expr

import "mera/schema"

// Setter writes one property.
type Setter struct {
	Property string
	Value    *Template
}

// Template is a value of a value map with the type that it must have: a literal in stored form, an expression, an
// object or a list.
type Template struct {
	Type    *schema.Type
	Literal any
	Program *Program
	Fields  []*Setter
	Items   []*Template
}

// Filler compiles value maps for an engine, which compiles the scalars and has codes of its own for the faults.
type Filler struct {
	Scalar func(t *schema.Type, src schema.Scalar) *Template // nil after a fault
	Fault  func(pos schema.Pos, code, format string, args ...any)

	Unknown, Computed, Misshapen string // codes
}

// Map compiles a map against the properties of its owner.
func (f Filler) Map(owner string, property func(string) *schema.Property, entries []schema.Entry) []*Setter {
	var out []*Setter
	for _, e := range entries {
		p := property(e.Key.Text)
		switch {
		case p == nil || p.Type == nil:
			f.Fault(e.Key.Pos, f.Unknown, "%s has no property %s", owner, e.Key.Text)
		case !p.Value.IsZero():
			f.Fault(e.Key.Pos, f.Computed, "%s is computed and never written", e.Key.Text)
		default:
			if t := f.Value(p.Type, e.Value); t != nil {
				out = append(out, &Setter{p.Name, t})
			}
		}
	}
	return out
}

// Value compiles one value; nil after a fault.
func (f Filler) Value(t *schema.Type, n *schema.Node) *Template {
	switch {
	case n.Kind == schema.ScalarNode:
		return f.Scalar(t, n.Scalar)
	case n.Kind == schema.MapNode && t.Kind == schema.Object:
		return &Template{Type: t, Fields: f.Map(t.Of, t.Field, n.Entries)}
	case n.Kind == schema.MapNode:
		f.Fault(n.Pos, f.Misshapen, "a map is given where %s is wanted", FromSchema(t))
		return nil
	case t.Kind != schema.Array:
		f.Fault(n.Pos, f.Misshapen, "a list is given where %s is wanted", FromSchema(t))
		return nil
	}
	out := &Template{Type: t, Items: []*Template{}}
	for _, item := range n.Items {
		if it := f.Value(t.Elem, item); it != nil {
			out.Items = append(out.Items, it)
		}
	}
	return out
}

// Filled are the values of setters in stored form, without those that are absent or not known. value evaluates an
// expression: nil where it is absent or not known.
func Filled(set []*Setter, value func(*Program) (any, error)) (map[string]any, error) {
	out := map[string]any{}
	for _, s := range set {
		v, err := s.Value.Filled(value)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out[s.Property] = v
		}
	}
	return out, nil
}

// Filled is the value in stored form.
func (t *Template) Filled(value func(*Program) (any, error)) (any, error) {
	switch {
	case t.Program != nil:
		v, err := value(t.Program)
		if err != nil || v == nil {
			return nil, err
		}
		return ToStored(t.Type, v)
	case t.Fields != nil:
		fields, err := Filled(t.Fields, value)
		if len(fields) == 0 {
			return nil, err
		}
		return fields, err
	case t.Items != nil:
		items := []any{}
		for _, item := range t.Items {
			v, err := item.Filled(value)
			if err != nil {
				return nil, err
			}
			if v != nil {
				items = append(items, v)
			}
		}
		return items, nil
	}
	return t.Literal, nil
}

// FlowsOf are the properties of a document that setters write by expressions, followed into objects.
func FlowsOf(doc *schema.Document, set []*Setter) []Flow {
	return flowsOf(doc.Name, nil, doc.Property, set)
}

func flowsOf(document string, into []*schema.Property, owner func(string) *schema.Property, set []*Setter) []Flow {
	var out []Flow
	for _, s := range set {
		if p := owner(s.Property); p != nil {
			out = append(out, s.Value.flows(document, append(into[:len(into):len(into)], p))...)
		}
	}
	return out
}

func (t *Template) flows(document string, into []*schema.Property) []Flow {
	switch {
	case t.Program != nil:
		return []Flow{{Document: document, Into: into, Program: t.Program, Labels: t.Program.Labels()}}
	case t.Items != nil:
		var out []Flow
		for _, item := range t.Items {
			out = append(out, item.flows(document, into)...)
		}
		return out
	}
	return flowsOf(document, into, t.Type.Field, t.Fields)
}
