package scenario

import (
	"encoding/json"
	"fmt"
	"strings"

	"mera/schema"
)

// input turns data of a story into a GraphQL value of a type: names of people and things become their ids, texts
// become what the type wants.
func (p *Play) input(n *schema.Node, t *typeRef) (any, error) {
	named := t.named()
	def := p.api.types[named.Name]
	switch {
	case n == nil || n.Kind == schema.ScalarNode && n.Scalar.Null:
		return nil, nil
	case n.Kind == schema.ListNode:
		out := make([]any, len(n.Items))
		for i, it := range n.Items {
			v, err := p.input(it, named)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	case n.Kind == schema.MapNode:
		out := map[string]any{}
		for _, e := range n.Entries {
			ft := &typeRef{Kind: "SCALAR", Name: "JSON"}
			if def != nil && def.Kind == "INPUT_OBJECT" {
				f := def.input(e.Key.Text)
				if f == nil {
					return nil, fmt.Errorf("%s: %s has no field %s", e.Key.Pos, def.Name, e.Key.Text)
				}
				ft = &f.Type
			}
			v, err := p.input(e.Value, ft)
			if err != nil {
				return nil, err
			}
			out[e.Key.Text] = v
		}
		return out, nil
	}
	v := p.scalar(n.Scalar.Text, named.Name)
	if t.list() {
		return []any{v}, nil
	}
	return v, nil
}

func (p *Play) scalar(text, typ string) any {
	switch typ {
	case "Int", "Long":
		return json.Number(text)
	case "Boolean":
		return text == "true"
	case "ID", "JSON":
		if thing, known := p.things[text]; known {
			return thing.id
		}
		if typ == "JSON" && (text == "true" || text == "false") {
			return text == "true"
		}
	}
	return text
}

// selection writes the fields that an expectation names.
func (p *Play) selection(n *schema.Node, t *typeRef) (string, error) {
	def := p.api.types[t.named().Name]
	if def == nil || len(def.Fields) == 0 {
		return "", nil
	}
	if strings.HasSuffix(def.Name, "Connection") {
		inner, err := p.selection(n, &def.field("nodes").Type)
		return " {nodes" + inner + "}", err
	}
	if n.Kind == schema.ListNode {
		merged := &schema.Node{Kind: schema.MapNode, Pos: n.Pos}
		for _, it := range n.Items {
			merge(merged, it)
		}
		n = merged
	}
	if n.Kind == schema.ScalarNode { // a link compared with a name, or an item compared with its code
		if def.field("code") != nil && def.field("id") == nil {
			return " {code}", nil
		}
		return " {id}", nil
	}
	if len(n.Entries) == 0 {
		return " {__typename}", nil
	}
	var b strings.Builder
	b.WriteString(" {")
	for _, e := range n.Entries {
		f := def.field(e.Key.Text)
		if f == nil {
			return "", fmt.Errorf("%s: %s has no field %s", e.Key.Pos, def.Name, e.Key.Text)
		}
		inner, err := p.selection(e.Value, &f.Type)
		if err != nil {
			return "", err
		}
		b.WriteString(e.Key.Text + inner + " ")
	}
	b.WriteString("}")
	return b.String(), nil
}

// merge adds the keys of one expectation to those of another, so that one selection serves all rows of a list.
func merge(into, from *schema.Node) {
	for _, e := range from.Entries {
		have := into.Get(e.Key.Text)
		switch {
		case have == nil:
			into.Entries = append(into.Entries, schema.Entry{Key: e.Key, Value: clone(e.Value)})
		case have.Kind == schema.MapNode && e.Value.Kind == schema.MapNode:
			merge(have, e.Value)
		}
	}
}

func clone(n *schema.Node) *schema.Node {
	c := *n
	c.Entries = nil
	for _, e := range n.Entries {
		c.Entries = append(c.Entries, schema.Entry{Key: e.Key, Value: clone(e.Value)})
	}
	return &c
}

// differ compares what was seen with what was expected: objects by the given keys, lists by length and order. The
// result names the first difference, or is "".
func (p *Play) differ(path string, want *schema.Node, got any) string {
	if conn, ok := got.(map[string]any); ok && conn["nodes"] != nil && len(conn) == 1 {
		got = conn["nodes"]
	}
	switch want.Kind {
	case schema.ListNode:
		list, ok := got.([]any)
		if !ok {
			return fmt.Sprintf("%s%s: expected a list, got %s", place(want.Pos), path, show(got))
		}
		if len(list) != len(want.Items) {
			return fmt.Sprintf("%s%s: expected %d rows, got %d: %s", place(want.Pos), path, len(want.Items), len(list), show(got))
		}
		for i, it := range want.Items {
			if d := p.differ(fmt.Sprintf("%s[%d]", path, i), it, list[i]); d != "" {
				return d
			}
		}
	case schema.MapNode:
		m, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s%s: expected an object, got %s", place(want.Pos), path, show(got))
		}
		for _, e := range want.Entries {
			if d := p.differ(path+"."+e.Key.Text, e.Value, m[e.Key.Text]); d != "" {
				return d
			}
		}
	default:
		if w, g := p.expected(want), plain(got); w != g {
			return fmt.Sprintf("%s%s: expected %s, got %s", place(want.Pos), path, w, g)
		}
	}
	return ""
}

func place(p schema.Pos) string { return p.String() + ": " }

// expected is the text of a wanted scalar; the name of a person or thing stands for its id.
func (p *Play) expected(n *schema.Node) string {
	if n.Scalar.Null {
		return "null"
	}
	if thing, known := p.things[n.Scalar.Text]; known {
		return thing.id
	}
	return n.Scalar.Text
}

// plain is the text of what was seen: a linked record by its id, an item by its code.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case map[string]any:
		if id, ok := v["id"].(string); ok && len(v) == 1 {
			return id
		}
		if code, ok := v["code"].(string); ok && len(v) == 1 {
			return code
		}
		return show(v)
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

func show(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
