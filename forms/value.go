package forms

import "mera/schema"

// BindType reads a value of a named type into stored form, as a property of that type would be: its mask, its limits and
// its check.
func (f *Forms) BindType(name string, input any) (any, []FieldError) {
	def := f.cat.Types[name]
	if def == nil || def.Type == nil {
		return nil, []FieldError{{Code: NoName, Args: []string{name}}}
	}
	t := *def.Type
	t.Named = name
	b := &binder{forms: f}
	out := b.object("", []*schema.Property{{Name: "value", Type: &t, Required: true}}, nil, map[string]any{"value": input}, 0)
	if _, errs := b.result(out); errs != nil {
		return nil, errs
	}
	return out["value"], nil
}
