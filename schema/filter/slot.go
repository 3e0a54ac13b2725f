package filter

import (
	"mera/schema"
)

// Slot is a value that a plan leaves open: the plan is made with the value of one request and serves all others whose
// value passes Canonical. Whoever reads the value itself makes the plan good for that value only, so a slot is closed
// until who keeps it open says so.
type Slot struct {
	Name string
	// Value is that of the request for which the plan is made: a string or []string.
	Value any
	// Type is what the value must be a literal of; nil: it is taken as it is.
	Type *schema.Type
	open *bool
}

// NewSlot is a slot that is closed as yet.
func NewSlot(name string, v any) *Slot { return &Slot{Name: name, Value: v, open: new(bool)} }

// Keep marks the slot as one whose value nobody has read, and says what it must be.
func (s *Slot) Keep(t *schema.Type) *Slot {
	*s.open = true
	return &Slot{Name: s.Name, Value: s.Value, Type: t, open: s.open}
}

// Open tells that the slot is kept open.
func (s *Slot) Open() bool { return *s.open }

// Canonical is the stored form of another value for the slot; false where it is none, or would make another filter.
func (s *Slot) Canonical(v any) (any, bool) {
	if s.Type == nil {
		return v, true
	}
	switch v := v.(type) {
	case string:
		return s.text(v)
	case []string:
		if len(v) == 0 || len(v) > MaxValues {
			return nil, false
		}
		out := make([]string, len(v))
		for i, e := range v {
			var ok bool
			if out[i], ok = s.text(e); !ok {
				return nil, false
			}
		}
		return out, true
	}
	return nil, false
}

func (s *Slot) text(v string) (string, bool) {
	x, err := canonical(element(s.Type), v)
	if err != nil {
		return "", false
	}
	text, _ := plainText(x)
	return text, true
}

// keepable tells that an operator over a type takes any value of the type in the same way. An enum's words are checked
// one by one, a period is taken apart.
func keepable(t *schema.Type, op Op) bool {
	switch op {
	case Eq, Ne, In, Gt, Gte, Lt, Lte, StartsWith, Contains, Has, Under, Above:
		return t.Kind != schema.Enum && t.Kind != schema.Boolean && t.Kind != schema.Object
	}
	return false
}
