package shape

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"mera/schema"
)

// wording turns errors of the validator into diagnostics.
type wording struct {
	shapes *Shapes
	root   *schema.Node
	found  schema.Diagnostics
}

// maxFound bounds the work on a huge file. schema/load tells fewer of them, and that there are more.
const maxFound = 300

func (w *wording) walk(e *jsonschema.ValidationError) {
	if len(w.found) >= maxFound {
		return
	}
	if len(e.Causes) == 0 {
		w.word(e)
		return
	}
	for _, c := range e.Causes {
		w.walk(c)
	}
}

func (w *wording) add(d schema.Diagnostic) { w.found = append(w.found, d) }

// word makes the diagnostics of one leaf error.
func (w *wording) word(e *jsonschema.ValidationError) {
	rule := w.rule(e.AbsoluteKeywordLocation)
	at := w.place(e.InstanceLocation)
	if at.node.Kind == schema.ScalarNode && at.node.Scalar.Null && rule.keyword != "not" {
		return // schema/load reports empty values
	}
	switch rule.keyword {
	case "additionalProperties":
		w.unknownKeys(at, rule)
	case "required":
		w.missingKeys(at, rule)
	case "type":
		w.wrongType(at, rule)
	case "enum", "const":
		w.wrongWord(at, rule)
	case "not":
		w.refused(at, rule)
	case "minItems", "minProperties":
		w.add(schema.Faultf(at.pos, "empty", "%s must not be empty", at.title()))
	case "maxItems", "maxProperties":
		w.add(schema.Faultf(at.pos, "wrong-type", "%s must have only one entry", at.title()))
	case "minimum":
		w.add(schema.Faultf(at.pos, "bad-value", "%s must be at least %v", at.title(), rule.parent["minimum"]))
	default:
		w.add(schema.Faultf(at.pos, "wrong-type", "%s is not as it should be: %s", at.title(), e.Message))
	}
}

func (w *wording) unknownKeys(at place, rule rule) {
	known := rule.properties(func(sub map[string]any) bool { return sub["not"] == nil })
	all := rule.properties(func(map[string]any) bool { return true })
	for _, e := range at.node.Entries {
		if slices.Contains(all, e.Key.Text) || len(w.found) >= maxFound {
			continue
		}
		w.add(schema.Faultf(e.Key.Pos, "unknown-key", "%s is unknown in %s", strconv.Quote(e.Key.Text), at.title()).
			WithNearest(e.Key.Text, known))
	}
}

func (w *wording) missingKeys(at place, rule rule) {
	for _, key := range rule.words("required") {
		if at.node.Get(key) != nil {
			continue
		}
		d := schema.Faultf(at.keyPos, "missing-key", "%s has no %q", at.title(), key)
		if about := rule.describe(key); about != "" {
			d = d.WithHint("%s: %s", key, strings.TrimSuffix(about, "."))
		}
		w.add(d)
	}
}

func (w *wording) wrongType(at place, rule rule) {
	wanted := rule.words("type")
	if len(wanted) == 0 {
		wanted = []string{"string"} // one of several words
	}
	d := schema.Faultf(at.pos, "wrong-type", "%s must be %s, not %s", at.title(), wantedKinds(wanted), kindOf(at.node))
	switch hint, _ := rule.parent["x-hint"].(string); {
	case hint != "":
		d = d.WithHint("%s", hint)
	case at.node.Kind != schema.ScalarNode && !slices.Contains(wanted, "object") && slices.Contains(wanted, "string"):
		d = d.WithHint("if this is a text that begins with a brace or a bracket, quote it")
	}
	w.add(d)
}

func (w *wording) wrongWord(at place, rule rule) {
	if at.node.Kind != schema.ScalarNode {
		w.wrongType(at, rule)
		return
	}
	text := at.node.Text()
	if refusals, _ := rule.parent["x-refused"].(map[string]any); refusals != nil {
		if said, ok := refusals[text].(string); ok {
			code, hint, _ := strings.Cut(said, ": ")
			w.add(schema.Faultf(at.pos, code, "%q is not used in definitions", text).WithHint("%s", hint))
			return
		}
	}
	words := rule.words("enum")
	if rule.keyword == "const" {
		words = []string{fmt.Sprint(rule.parent["const"])}
	}
	w.add(schema.Faultf(at.pos, "wrong-word", "%s must be one of %s, not %q", at.title(), strings.Join(words, ", "), text).
		WithNearest(text, words))
}

func (w *wording) refused(at place, rule rule) {
	code, _ := rule.parent["$comment"].(string)
	about, _ := rule.parent["description"].(string)
	about = strings.TrimSuffix(about, ".")
	if code == "refused-keyword" {
		w.add(schema.Faultf(at.keyPos, code, "%s is not part of the language", at.title()).WithHint("%s", about))
		return
	}
	w.add(schema.Faultf(at.keyPos, code, "%s: %s", at.title(), lowerFirst(about)))
}

func lowerFirst(s string) string {
	if len(s) > 1 && (s[1] >= 'a' || s[1] == ' ') {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

func wantedKinds(types []string) string {
	names := map[string]string{"object": "a map", "array": "a list", "boolean": "true or false", "integer": "a whole number", "string": "a text"}
	var out []string
	for _, t := range types {
		if slices.Contains(types, "string") && (t == "number" || t == "boolean") {
			continue // every scalar is a text
		}
		out = append(out, names[t])
	}
	return strings.Join(out, " or ")
}

func kindOf(n *schema.Node) string {
	switch n.Kind {
	case schema.MapNode:
		return "a map"
	case schema.ListNode:
		return "a list"
	default:
		return "the text " + strconv.Quote(n.Scalar.Text)
	}
}

// place is where a value stands: its node, the key it stands under, and a name for people.
type place struct {
	node   *schema.Node
	pos    schema.Pos // of the value
	keyPos schema.Pos // of its key; of the value where it has none
	key    string
}

func (p place) title() string {
	if p.key == "" {
		return "the definition"
	}
	return strconv.Quote(p.key)
}

// place finds the node that a JSON pointer names.
func (w *wording) place(pointer string) place {
	at := place{node: w.root, pos: w.root.Pos, keyPos: w.root.Pos}
	for _, step := range pointerSteps(pointer) {
		switch at.node.Kind {
		case schema.MapNode:
			for _, e := range at.node.Entries {
				if e.Key.Text == step {
					at = place{node: e.Value, pos: e.Value.Pos, keyPos: e.Key.Pos, key: step}
					break
				}
			}
		case schema.ListNode:
			if i, err := strconv.Atoi(step); err == nil && i < len(at.node.Items) {
				item := at.node.Items[i]
				at = place{node: item, pos: item.Pos, keyPos: item.Pos, key: at.key}
			}
		}
	}
	return at
}

// rule is the keyword of a meta-schema that was broken, and the schema in which it stands.
type rule struct {
	keyword string
	parent  map[string]any
}

// rule finds the keyword that an absolute location names.
func (w *wording) rule(location string) rule {
	file, pointer, _ := strings.Cut(strings.TrimPrefix(location, base), "#")
	steps := pointerSteps(pointer)
	r := rule{}
	at := w.shapes.raw[file]
	for i, step := range steps {
		m, isMap := at.(map[string]any)
		if list, ok := at.([]any); ok {
			if n, err := strconv.Atoi(step); err == nil && n < len(list) {
				at = list[n]
			}
			continue
		}
		if !isMap {
			break
		}
		if i == len(steps)-1 {
			r = rule{keyword: step, parent: m}
		}
		at = m[step]
	}
	return r
}

// properties are the keys of the rule's schema that a filter lets through, sorted.
func (r rule) properties(pass func(map[string]any) bool) []string {
	props, _ := r.parent["properties"].(map[string]any)
	var out []string
	for name, sub := range props {
		if m, ok := sub.(map[string]any); ok && pass(m) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// words are the texts of a keyword that holds one or a list.
func (r rule) words(keyword string) []string {
	switch v := r.parent[keyword].(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, w := range v {
			out = append(out, fmt.Sprint(w))
		}
		return out
	}
	return nil
}

func (r rule) describe(key string) string {
	props, _ := r.parent["properties"].(map[string]any)
	sub, _ := props[key].(map[string]any)
	about, _ := sub["description"].(string)
	return about
}

func pointerSteps(pointer string) []string {
	if pointer == "" || pointer == "/" {
		return nil
	}
	steps := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, s := range steps {
		if u, err := url.PathUnescape(s); err == nil {
			s = u
		}
		steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
	}
	return steps
}
