package filter

// space is what a map of a filter may name: the fields of a type, or of an object.
type space interface {
	find(name string) (*Field, bool)
	names() []string // of what is filterable
	what() string    // for diagnostics
}

// objectSpace is the inside of an object property.
type objectSpace struct{ of *Field }

func (o objectSpace) find(name string) (*Field, bool) {
	p := o.of.Type.Field(name)
	if p == nil || p.Type == nil {
		return nil, false
	}
	return propertyField(p, o.of.whole, o.of.whole), true
}

func (o objectSpace) names() []string { return fieldNames(FieldsOf(o.of.Type, o.of.whole)) }

func (o objectSpace) what() string { return o.of.Name }

func (s shape) names() []string {
	var names []string
	for _, name := range s.kernelNames() {
		if _, ok := s.kernel(name); ok {
			names = append(names, name)
		}
	}
	for _, p := range s.doc.Properties {
		if p.Type != nil {
			names = append(names, p.Name)
		}
	}
	return names
}

func (s shape) what() string { return s.doc.Name }

func fieldNames(fields []*Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	return out
}
