package forms

import "mera/schema"

// BindGiven reads the arguments of a list into stored form. An argument that is required must be there; an unknown
// one is named.
func (f *Forms) BindGiven(l *schema.List, input map[string]any) (map[string]any, []FieldError) {
	b := &binder{forms: f}
	return b.result(b.object("", l.Given, nil, nonNil(input), 0))
}
