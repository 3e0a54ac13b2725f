package store

import (
	"encoding/json"
	"fmt"

	"mera/schema/filter"
)

// given is a value that becomes a parameter: a text, or the place of one that is bound when the statement runs. Each
// step that a text goes through on its way into SQL is kept, so that a later value goes the same way.
type given struct {
	text  string
	slot  *filter.Slot
	steps []step
}

// step makes of a text what a parameter holds; false where the statement would be another one for it.
type step func(string) (string, bool)

// Later is the place of an argument that is bound later, by the name of its slot.
type Later struct {
	Name string
	make func(v any) (any, bool)
}

// Bind puts values in place of the open arguments; false where a value does not fit this statement. value is asked for
// each slot by name and gives a string or []string.
func (s Statement) Bind(value func(name string) (any, bool)) ([]any, bool) {
	out := make([]any, len(s.Args))
	for i, a := range s.Args {
		o, open := a.(*Later)
		if !open {
			out[i] = a
			continue
		}
		v, ok := value(o.Name)
		if !ok {
			return nil, false
		}
		if out[i], ok = o.make(v); !ok {
			return nil, false
		}
	}
	return out, true
}

// givenOf is a literal of a filter.
func givenOf(v any) (given, error) {
	if s, ok := v.(*filter.Slot); ok {
		text, err := slotText(s)
		return given{text: text, slot: s}, err
	}
	text, err := literalText(v)
	return given{text: text}, err
}

// slotText is the value that a slot has now, in stored form.
func slotText(s *filter.Slot) (string, error) {
	v, ok := s.Canonical(s.Value)
	text, one := v.(string)
	if !ok || !one {
		return "", fmt.Errorf("the slot %q holds no such value", s.Name)
	}
	return text, nil
}

// then puts the value through a step; false where the step has nothing for it.
func (g given) then(do step) (given, bool) {
	text, ok := do(g.text)
	out := given{text: text, slot: g.slot}
	if g.slot != nil {
		out.steps = append(append(out.steps, g.steps...), do)
	}
	return out, ok
}

// always is a step that has something for every text.
func always(do func(string) string) step { return func(s string) (string, bool) { return do(s), true } }

// givenArg is a value as a parameter of type text.
func (b *builder) givenArg(g given) string {
	if g.slot == nil {
		return b.textArg(g.text)
	}
	slot, steps := g.slot, g.steps
	return b.arg(&Later{Name: slot.Name, make: func(v any) (any, bool) {
		x, ok := slot.Canonical(v)
		text, one := x.(string)
		for i := 0; ok && one && i < len(steps); i++ {
			text, ok = steps[i](text)
		}
		return text, ok && one
	}}) + "::text"
}

// textsArg is a list of values as a parameter of type text[]; each goes through the step, and those for which it has
// nothing are left out. v is a value, a list, or a slot of either.
func (b *builder) textsArg(v any, do step) (string, error) {
	if s, ok := v.(*filter.Slot); ok {
		of := func(v any) (any, bool) {
			x, ok := s.Canonical(v)
			if one, is := x.(string); is {
				x = []string{one}
			}
			list, is := x.([]string)
			return stepped(list, do), ok && is
		}
		if _, ok := of(s.Value); !ok {
			return "", fmt.Errorf("the slot %q holds no list", s.Name)
		}
		return b.arg(&Later{Name: s.Name, make: of}) + "::text[]", nil
	}
	many, ok := v.([]any)
	if !ok {
		many = []any{v}
	}
	list := make([]string, len(many))
	for i, e := range many {
		var err error
		if list[i], err = literalText(e); err != nil {
			return "", err
		}
	}
	return b.listArg(stepped(list, do)) + "::text[]", nil
}

// listArg is a list as a parameter. A policy names the same list - the territories of an actor - for each type that is
// read: it is sent once. Lists of a client are apart even if they are equal now, or the text would depend on values.
func (b *builder) listArg(list []string) string {
	if !b.policy {
		return b.arg(list)
	}
	if b.lists == nil {
		b.lists = map[string]string{}
	}
	key := fmt.Sprintf("%q", list)
	if b.lists[key] == "" {
		b.lists[key] = b.arg(list)
	}
	return b.lists[key]
}

func stepped(list []string, do step) []string {
	out := make([]string, 0, len(list))
	for _, e := range list {
		if x, ok := do(e); ok {
			out = append(out, x)
		}
	}
	return out
}

// slotted tells that a list holds a slot among its values.
func slotted(many []any) bool {
	for _, e := range many {
		if _, ok := e.(*filter.Slot); ok {
			return true
		}
	}
	return false
}

// jsonList is a list of one value as JSON.
func jsonList(v any) (string, error) {
	raw, err := json.Marshal([]any{v})
	return string(raw), err
}
