package forms

import (
	"reflect"
	"strings"
	"unicode"

	"mera/schema"
)

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// clip keeps what is quoted from the input short: an error must not echo a flood.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return '?'
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// empty tells that a value says nothing: stored data have neither null nor "".
func empty(v any) bool {
	s, text := v.(string)
	return v == nil || text && strings.TrimSpace(s) == ""
}

func same(a, b any) bool { return reflect.DeepEqual(a, b) }

func names(ps []*schema.Property) []string {
	out := make([]string, len(ps))
	for i, p := range ps {
		out[i] = p.Name
	}
	return out
}

// constant is a constant of a definition as JSON input would give it.
func constant(t *schema.Type, n *schema.Node) any {
	switch {
	case n.Kind == schema.MapNode:
		out := map[string]any{}
		for _, e := range n.Entries {
			if p := t.Field(e.Key.Text); p != nil {
				out[e.Key.Text] = constant(p.Type, e.Value)
			}
		}
		return out
	case n.Kind == schema.ListNode && t.Elem != nil:
		out := make([]any, len(n.Items))
		for i, x := range n.Items {
			out[i] = constant(t.Elem, x)
		}
		return out
	case t.Kind == schema.Boolean:
		return n.Text() == "true"
	}
	return n.Text()
}

// nearest is the known name that was probably meant, or none.
func nearest(name string, known []string) []string {
	if len(name) > 60 {
		return nil
	}
	if best := schema.Nearest(name, known); best != "" {
		return []string{best}
	}
	return nil
}
