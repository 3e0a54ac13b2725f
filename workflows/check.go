package workflows

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"unicode/utf8"

	"mera/schema"
	"mera/schema/value"
	"mera/workflows/definition"
)

func compareText(a, b string) int { return cmp.Compare(a, b) }

func checkAnswers(stored any) []FieldError {
	answers, ok := stored.(map[string]any)
	if !ok {
		return []FieldError{{definition.AskAnswers, "type"}}
	}
	var wrong []FieldError
	for name, v := range answers {
		if _, ok := v.(bool); !ok {
			wrong = append(wrong, FieldError{definition.AskAnswers + "." + name, "answer"})
		}
	}
	return wrong
}

// checkValue tells what of a schema a value breaks; "" if nothing. Kinds are checked by FromStored.
func (r *run) checkValue(t *schema.Type, stored any) string {
	switch v := stored.(type) {
	case string:
		return r.checkText(t, v)
	case json.Number:
		return checkNumber(t, v.String())
	case []any:
		return r.checkList(t, v)
	case map[string]any:
		return r.checkObject(t, v)
	case bool:
		if t.Kind != schema.Boolean {
			return "type"
		}
		return ""
	}
	return "type"
}

func (r *run) checkText(t *schema.Type, v string) string {
	switch t.Kind {
	case schema.Boolean, schema.Integer, schema.Array, schema.Object:
		return "type"
	case schema.Enum:
		if !slices.Contains(t.Enum, v) {
			return "enum"
		}
	case schema.Item:
		return r.checkItem(t.Of, v)
	case schema.Decimal, schema.Money:
		return checkNumber(t, v)
	}
	n := utf8.RuneCountInString(v)
	switch {
	case t.MinLength != nil && n < *t.MinLength:
		return "short"
	case t.MaxLength != nil && n > *t.MaxLength:
		return "long"
	case t.Pattern != "":
		if matched, err := regexp.MatchString(t.Pattern, v); !matched || err != nil {
			return "pattern"
		}
	}
	return ""
}

// checkItem looks the code up; where the world cannot tell, the kernel's own check of the document will.
func (r *run) checkItem(classifier, code string) string {
	if r.in.World == nil {
		return ""
	}
	if item, err := r.in.World.Item(r.in.Ctx, classifier, code); err == nil && item == nil {
		return "item"
	}
	return ""
}

func checkNumber(t *schema.Type, text string) string {
	n, err := value.ParseNumber(text)
	if err != nil || (t.Kind != schema.Integer && t.Kind != schema.Decimal && t.Kind != schema.Money) {
		return "type"
	}
	if least, err := value.ParseNumber(t.Minimum); err == nil && n.Compare(least) < 0 {
		return "small"
	}
	if most, err := value.ParseNumber(t.Maximum); err == nil && n.Compare(most) > 0 {
		return "large"
	}
	return ""
}

func (r *run) checkList(t *schema.Type, list []any) string {
	switch {
	case t.Kind != schema.Array:
		return "type"
	case t.MinItems != nil && len(list) < *t.MinItems:
		return "short"
	case t.MaxItems != nil && len(list) > *t.MaxItems:
		return "long"
	}
	for _, v := range list {
		if code := r.checkValue(t.Elem, v); code != "" {
			return code
		}
	}
	return ""
}

func (r *run) checkObject(t *schema.Type, object map[string]any) string {
	if t.Kind == schema.Point {
		return ""
	}
	if t.Kind != schema.Object {
		return "type"
	}
	for name, v := range object {
		p := t.Field(name)
		if p == nil {
			return "unknown"
		}
		if code := r.checkValue(p.Type, v); code != "" {
			return code
		}
	}
	for _, p := range t.Fields {
		if p.Required && object[p.Name] == nil {
			return "required"
		}
	}
	return ""
}
