package forms

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"mera/schema"
)

// Limits of one record (language, section 9).
const (
	maxBytes  = 256 << 10
	maxDepth  = 32
	maxErrors = 100
	maxReason = 2000 // characters of the `reason` of an event
)

// Bind turns the input of a new record into its stored form: every property typed, masks stripped, defaults filled,
// empty texts dropped. A required property that the system fills (x-from, x-number) may be absent; Missing looks at
// it once that is done. On any error the record is nil.
func (f *Forms) Bind(document string, input map[string]any) (map[string]any, []FieldError) {
	return f.bind(document, nil, input, mode{})
}

// Draft is Bind for a record that is still being filled in: nothing is required yet.
func (f *Forms) Draft(document string, input map[string]any) (map[string]any, []FieldError) {
	return f.bind(document, nil, input, mode{draft: true})
}

// Patch reads a change of stored data and returns it in stored form: the properties that it touches, nil for those
// that it removes (null or ""). Objects are patched property by property and returned whole, lists are replaced. What
// the patch does not touch is not judged anew; a required property may not be removed.
func (f *Forms) Patch(document string, before, patch map[string]any) (map[string]any, []FieldError) {
	return f.bind(document, nonNil(before), patch, mode{})
}

// PatchDraft is Patch for a record that is still being filled in: also required properties may be removed.
func (f *Forms) PatchDraft(document string, before, patch map[string]any) (map[string]any, []FieldError) {
	return f.bind(document, nonNil(before), patch, mode{draft: true})
}

// Validate judges data that machines made (effects of workflows, steps of exchanges): types and limits as in Bind,
// but read-only and computed properties may be there and nothing is required.
func (f *Forms) Validate(document string, data map[string]any) []FieldError {
	_, errs := f.bind(document, nil, data, mode{draft: true, machine: true})
	return errs
}

// BindEvent reads what an event of the workflow asks for: properties of the document (also read-only ones, for the
// workflow asks), `data` names of the workflow, `reason` and `answers`. All that is asked must be given, but answers.
func (f *Forms) BindEvent(document string, ask []string, input map[string]any) (map[string]any, []FieldError) {
	doc := f.cat.Documents[document]
	if doc == nil {
		return nil, []FieldError{{Code: NoDocument, Args: []string{document}}}
	}
	b := &binder{forms: f, mode: mode{machine: true}}
	out := b.object("", f.asked(doc, ask), nil, input, 0)
	return b.result(out)
}

func (f *Forms) asked(doc *schema.Document, ask []string) []*schema.Property {
	var data []*schema.Property
	if w := f.cat.WorkflowOf(doc.Name); w != nil {
		data = w.Data
	}
	most := maxReason
	var out []*schema.Property
	for _, name := range ask {
		var p schema.Property
		switch own, of := doc.Property(name), find(data, name); {
		case own != nil:
			p = *own
		case of != nil:
			p = *of
		case name == "answers":
			p.Type = &schema.Type{Kind: answers}
		default: // reason: the workflow compiler has refused any other name
			p.Type = &schema.Type{Kind: schema.Text, MaxLength: &most}
		}
		p.Name, p.Required = name, name != "answers"
		out = append(out, &p)
	}
	return out
}

// answers is the kind of what a person answers to unclear conditions: names with true or false.
const answers schema.Kind = "answers"

func find(ps []*schema.Property, name string) *schema.Property {
	if i := slices.IndexFunc(ps, func(p *schema.Property) bool { return p.Name == name }); i >= 0 {
		return ps[i]
	}
	return nil
}

func nonNil(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

func (f *Forms) bind(document string, before, input map[string]any, m mode) (map[string]any, []FieldError) {
	doc := f.cat.Documents[document]
	if doc == nil {
		return nil, []FieldError{{Code: NoDocument, Args: []string{document}}}
	}
	b := &binder{forms: f, mode: m}
	if doc.Card != nil && before != nil {
		b.card = doc.Card.Link
	}
	out, errs := b.result(b.object("", doc.Properties, before, input, 0))
	if before == nil || errs != nil {
		return out, errs
	}
	patch := map[string]any{}
	for name := range input {
		patch[name] = out[name]
	}
	return patch, nil
}

// mode says whose data is bound.
type mode struct {
	draft   bool // nothing is required
	machine bool // read-only and computed properties may be given
}

// binder walks one input along the schema and collects what is wrong with it.
type binder struct {
	forms *Forms
	mode  mode
	card  string // the property that may not change: the link to the card
	errs  []FieldError
}

func (b *binder) fail(path string, code Code, args ...string) any {
	if len(b.errs) < maxErrors {
		b.errs = append(b.errs, FieldError{Path: path, Code: code, Args: args})
	}
	return nil
}

func (b *binder) result(out map[string]any) (map[string]any, []FieldError) {
	if len(b.errs) == 0 {
		if raw, err := json.Marshal(out); err != nil || len(raw) > maxBytes {
			b.fail("", TooBig, strconv.Itoa(maxBytes))
		}
	}
	if len(b.errs) > 0 {
		return nil, b.errs
	}
	return out, nil
}

// object binds the properties of a record or of a nested object. before is nil for a new one.
func (b *binder) object(path string, props []*schema.Property, before, in map[string]any, depth int) map[string]any {
	if depth > maxDepth {
		b.fail(path, TooDeep, strconv.Itoa(maxDepth))
		return nil
	}
	b.unknown(path, props, in)
	out := nonNil(maps.Clone(before))
	for _, p := range props {
		at := join(path, p.Name)
		given, touched := in[p.Name]
		switch {
		case touched && b.refused(at, p, before, given):
			continue
		case touched:
			b.property(at, p, before, given, out, depth)
		case before == nil && p.Default != nil && !b.mode.machine:
			b.property(at, p, nil, constant(p.Type, p.Default), out, depth)
		}
		if _, there := out[p.Name]; !there && (touched || before == nil) && b.mustHave(p) && !b.failed(at) {
			b.fail(at, Required)
		}
	}
	return out
}

func (b *binder) unknown(path string, props []*schema.Property, in map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if find(props, name) == nil {
			b.fail(join(path, clip(name)), Unknown, nearest(name, names(props))...)
		}
	}
}

// refused tells that a property may not be given at all, and says so.
func (b *binder) refused(at string, p *schema.Property, before map[string]any, given any) bool {
	switch {
	case b.mode.machine:
		return false
	case !p.Value.IsZero():
		b.fail(at, Computed)
	case p.ReadOnly || p.Number != nil:
		b.fail(at, ReadOnly)
	case at == b.card && given != before[p.Name]:
		b.fail(at, CardFixed)
	default:
		return false
	}
	return true
}

// mustHave tells that the record cannot be made without the property being given.
func (b *binder) mustHave(p *schema.Property) bool {
	return p.Required && !b.mode.draft && p.From.IsZero() && p.Number == nil && p.Value.IsZero() &&
		(!p.ReadOnly || b.mode.machine)
}

func (b *binder) failed(at string) bool {
	return slices.ContainsFunc(b.errs, func(e FieldError) bool {
		return e.Path == at || len(e.Path) > len(at) && e.Path[:len(at)] == at && e.Path[len(at)] == '.'
	})
}

// property binds one value into out; an empty one is removed.
func (b *binder) property(at string, p *schema.Property, before map[string]any, given any, out map[string]any, depth int) {
	old, _ := before[p.Name].(map[string]any)
	switch v := b.value(at, p.Type, old, given, depth); {
	case v != nil:
		out[p.Name] = v
	default:
		delete(out, p.Name)
	}
}

// value binds one value; nil when it is empty or wrong. old is the object that a patch descends into.
func (b *binder) value(at string, t *schema.Type, old map[string]any, given any, depth int) any {
	if empty(given) || len(b.errs) >= maxErrors {
		return nil
	}
	if depth > maxDepth {
		return b.fail(at, TooDeep, strconv.Itoa(maxDepth))
	}
	failed := len(b.errs)
	var v any
	switch t.Kind {
	case schema.Object:
		v = b.group(at, t, old, given, depth)
	case schema.Array:
		v = b.list(at, t, given, depth)
	default:
		v = b.leaf(at, t, given)
	}
	if v == nil || len(b.errs) > failed {
		return nil
	}
	if t.Const != nil && !same(v, b.only(t)) {
		return b.fail(at, NotConst, t.Const.Text())
	}
	return b.judge(at, t, v)
}

// only is the stored form of the one value that `const` allows.
func (b *binder) only(t *schema.Type) any {
	probe := &binder{forms: b.forms}
	bare := *t
	bare.Const = nil
	return probe.value("", &bare, nil, constant(t, t.Const), 0)
}

func (b *binder) group(at string, t *schema.Type, old map[string]any, given any, depth int) any {
	in, ok := given.(map[string]any)
	if !ok {
		return b.fail(at, WrongType, string(schema.Object))
	}
	out := b.object(at, t.Fields, old, in, depth+1)
	if len(out) == 0 {
		return nil
	}
	return out
}

func (b *binder) list(at string, t *schema.Type, given any, depth int) any {
	in, ok := given.([]any)
	switch {
	case !ok:
		return b.fail(at, WrongType, string(schema.Array))
	case t.MaxItems != nil && len(in) > *t.MaxItems:
		return b.fail(at, TooMany, strconv.Itoa(*t.MaxItems))
	case len(in) == 0 && (t.MinItems == nil || *t.MinItems == 0):
		return nil
	case t.MinItems != nil && len(in) < *t.MinItems:
		return b.fail(at, TooFew, strconv.Itoa(*t.MinItems))
	}
	out := make([]any, 0, min(len(in), 1024))
	for i, x := range in {
		if len(b.errs) >= maxErrors {
			return nil
		}
		here := join(at, strconv.Itoa(i))
		if empty(x) {
			b.fail(here, Null)
			continue
		}
		out = append(out, b.value(here, t.Elem, nil, x, depth+1))
	}
	b.distinct(at, t, out)
	return out
}

// distinct judges uniqueItems and x-key.
func (b *binder) distinct(at string, t *schema.Type, items []any) {
	if !t.Unique && len(t.Keys) == 0 {
		return
	}
	code, seen := NotUnique, map[string]int{}
	if len(t.Keys) > 0 {
		code = SameKey
	}
	for i, x := range items {
		key, ok := identity(t.Keys, x)
		if !ok {
			continue
		}
		if first, twice := seen[key]; twice {
			b.fail(join(at, strconv.Itoa(i)), code, strconv.Itoa(first+1))
			continue
		}
		seen[key] = i
	}
}

// identity is the key of a row, or the whole of it where no key is declared; false for a row without a full key.
func identity(keys []string, row any) (string, bool) {
	if row == nil {
		return "", false
	}
	if len(keys) > 0 {
		fields, _ := row.(map[string]any)
		parts := make([]any, len(keys))
		for i, k := range keys {
			if parts[i] = fields[k]; parts[i] == nil {
				return "", false
			}
		}
		row = parts
	}
	raw, err := json.Marshal(row) // keys of maps come out sorted
	return string(raw), err == nil
}
