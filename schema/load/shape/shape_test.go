package shape

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"mera/schema"
)

// TestMetaSchemas wants every key explained, because editors show the explanations, and every refusal to say why.
func TestMetaSchemas(t *testing.T) {
	t.Parallel()
	s, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range slices.Sorted(maps.Keys(s.raw)) {
		root := s.raw[file].(map[string]any)
		if root["title"] == nil || root["description"] == nil || root["$schema"] != "https://json-schema.org/draft/2020-12/schema" {
			t.Errorf("%s: title, description or $schema is missing", file)
		}
		explained(t, file, root)
	}
}

// explained looks at a schema and those below it.
func explained(t *testing.T, at string, v any) {
	node, ok := v.(map[string]any)
	if !ok {
		return // true, false, or one of the schemas of a list
	}
	props, _ := node["properties"].(map[string]any)
	for name, p := range props {
		sub, _ := p.(map[string]any)
		if about, _ := sub["description"].(string); about == "" {
			t.Errorf("%s: %s has no description", at, name)
		}
		if code, _ := sub["$comment"].(string); sub["not"] != nil && code != "not-supported-yet" && code != "refused-keyword" {
			t.Errorf("%s: %s is refused with the code %q", at, name, code)
		}
		explained(t, at+"."+name, p)
	}
	if props != nil && node["additionalProperties"] == nil {
		t.Errorf("%s: an object with properties lets unknown keys through", at)
	}
	for _, key := range []string{"items", "additionalProperties", "if", "then", "else"} {
		explained(t, at+"/"+key, node[key])
	}
	defs, _ := node["$defs"].(map[string]any)
	for name, d := range defs {
		explained(t, at+"#"+name, d)
	}
}

// TestPointers finds values whose keys are hard to write in a JSON pointer.
func TestPointers(t *testing.T) {
	t.Parallel()
	leaf := &schema.Node{Scalar: schema.Scalar{Text: "x"}}
	n := leaf
	keys := []string{"a/b", "c~d", "e%20f", "ж", "p:Query"}
	for _, key := range slices.Backward(keys) {
		n = &schema.Node{Kind: schema.MapNode, Entries: []schema.Entry{{Key: schema.Scalar{Text: key}, Value: n}}}
	}
	w := &wording{root: n}
	got := w.place("/a~1b/c~0d/e%2520f/%D0%B6/p:Query")
	if got.node != leaf || got.key != "p:Query" {
		t.Errorf("found %+v under %q", got.node, got.key)
	}
}

func TestInstanceTypes(t *testing.T) {
	t.Parallel()
	s, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	scalar := func(text string) *schema.Node { return &schema.Node{Scalar: schema.Scalar{Text: text}} }
	m := func(key string, v *schema.Node) *schema.Node {
		return &schema.Node{Kind: schema.MapNode, Entries: []schema.Entry{{Key: schema.Scalar{Text: key}, Value: v}}}
	}
	for text, fine := range map[string]bool{"true": true, "false": true, "yes": false, "1": false} {
		if ds := s.Check("documents", m("abstract", scalar(text))); len(ds) == 0 != fine {
			t.Errorf("abstract: %s: %v", text, ds)
		}
	}
	for _, text := range []string{"true", "117", "1.10", "07", "2019-07-16", "текст"} {
		if ds := s.Check("documents", m("title", scalar(text))); len(ds) > 0 {
			t.Errorf("title: %s: %v", text, ds)
		}
	}
	if ds := s.Check("documents", m("titles", scalar("x"))); len(ds) != 1 || !strings.Contains(ds[0].Hint, "title") {
		t.Errorf("unknown key: %v", ds)
	}
}
