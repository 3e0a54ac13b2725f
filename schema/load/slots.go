package load

import (
	"slices"
	"strconv"
	"strings"

	"mera/schema"
	"mera/schema/load/naming"
	"mera/schema/value"
)

// The readers of slots take a map node and a key. A value of the wrong kind was reported by the check of shapes, so
// here it reads as absent.

func scalar(n *schema.Node, key string) schema.Scalar {
	v := n.Get(key)
	if v == nil || v.Kind != schema.ScalarNode || v.Scalar.Null {
		return schema.Scalar{}
	}
	return v.Scalar
}

func text(n *schema.Node, key string) string { return scalar(n, key).Text }

func flag(n *schema.Node, key string) bool { return text(n, key) == "true" }

// scalars reads one scalar or a list of them.
func scalars(n *schema.Node, key string) []schema.Scalar {
	v := n.Get(key)
	if v == nil {
		return nil
	}
	if v.Kind == schema.ScalarNode {
		if v.Scalar.Null {
			return nil
		}
		return []schema.Scalar{v.Scalar}
	}
	var out []schema.Scalar
	for _, it := range v.Items {
		if it.Kind == schema.ScalarNode && !it.Scalar.Null {
			out = append(out, it.Scalar)
		}
	}
	return out
}

func texts(n *schema.Node, key string) []string {
	var out []string
	for _, s := range scalars(n, key) {
		out = append(out, s.Text)
	}
	return out
}

// entries are the entries of the map under a key.
func entries(n *schema.Node, key string) []schema.Entry {
	if v := n.Get(key); v != nil {
		return v.Entries
	}
	return nil
}

// items are the items of the list under a key.
func items(n *schema.Node, key string) []*schema.Node {
	if v := n.Get(key); v != nil {
		return v.Items
	}
	return nil
}

func textMap(n *schema.Node, key string) map[string]string {
	var out map[string]string
	for _, e := range entries(n, key) {
		if out == nil {
			out = map[string]string{}
		}
		out[e.Key.Text] = e.Value.Text()
	}
	return out
}

func law(n *schema.Node) schema.Law {
	l := n.Get("law")
	return schema.Law{Act: scalar(l, "act"), Article: scalar(l, "article")}
}

func mapNode(n *schema.Node, key string) *schema.Node {
	if v := n.Get(key); v != nil && v.Kind == schema.MapNode {
		return v
	}
	return nil
}

func valueMap(n *schema.Node, key string) schema.ValueMap {
	v := mapNode(n, key)
	if v == nil {
		return schema.ValueMap{}
	}
	return schema.ValueMap{Pos: v.Pos, Entries: v.Entries}
}

// value reads a VALUE: one expression or cases.
func (r *reader) value(n *schema.Node, key string) schema.Value { return r.valueOf(n.Get(key)) }

func (r *reader) valueOf(v *schema.Node) schema.Value {
	switch {
	case v == nil || v.Kind == schema.MapNode || v.Kind == schema.ScalarNode && v.Scalar.Null:
		return schema.Value{}
	case v.Kind == schema.ScalarNode:
		return schema.Value{Pos: v.Pos, Cases: []schema.Case{{Is: v.Scalar}}}
	}
	out := schema.Value{Pos: v.Pos}
	for _, it := range v.Items {
		out.Cases = append(out.Cases, schema.Case{From: r.date(it, "from"), When: scalar(it, "when"), Is: scalar(it, "is"), Law: law(it)})
	}
	return out
}

func (r *reader) date(n *schema.Node, key string) schema.Scalar {
	s := scalar(n, key)
	if s.IsZero() {
		return s
	}
	if _, err := value.ParseDate(s.Text); err != nil {
		r.faultf(s.Pos, "bad-date", "%v", err)
	}
	return s
}

func (r *reader) duration(n *schema.Node, key string) schema.Scalar {
	s := scalar(n, key)
	if s.IsZero() {
		return s
	}
	if _, err := value.ParseDuration(s.Text); err != nil {
		r.faultf(s.Pos, "bad-duration", "%v", err)
	}
	return s
}

// number reads a whole number that the check of shapes has let through.
func number(n *schema.Node, key string) *int {
	i, err := strconv.Atoi(text(n, key))
	if err != nil {
		return nil
	}
	return &i
}

// Words that expressions or the kernel need for themselves. Fields inside an object are read after a dot, so there
// only the words of CEL are closed.
var (
	reservedByCEL = strings.Fields("as break const continue else false for function if import in let loop namespace null package return true var void while")
	reservedHere  = strings.Fields("id version owner history attachments exchange keys key and or not some none node edges card state")
)

// named checks the name of a part: a property, a fact, a state.
func (r *reader) named(s schema.Scalar, what string) {
	if r.spelled(s, what) && slices.Contains(reservedHere, s.Text) {
		r.fault(schema.Faultf(s.Pos, "reserved-name", "%q is a word of the kernel and cannot name %s", s.Text, withArticle(what)).
			WithHint("take another name"))
	}
}

// spelled checks letters and words of CEL: for names that expressions read.
func (r *reader) spelled(s schema.Scalar, what string) bool {
	if !r.lettered(s, what) {
		return false
	}
	if slices.Contains(reservedByCEL, s.Text) {
		r.fault(schema.Faultf(s.Pos, "reserved-name", "%q is a word of the expression language and cannot name %s", s.Text, withArticle(what)).
			WithHint("take another name"))
		return false
	}
	return true
}

// lettered checks letters only: for names that expressions know as quoted texts, such as events.
func (r *reader) lettered(s schema.Scalar, what string) bool {
	what = withArticle(what)
	switch {
	case !naming.IsName(s.Text):
		r.fault(schema.Faultf(s.Pos, "bad-name", "%q cannot name %s", s.Text, what).
			WithHint("write Latin letters and digits, a letter first, at most 60, such as birthDate"))
	case s.Text[0] < 'a':
		r.fault(schema.Faultf(s.Pos, "bad-name", "%q begins with a capital letter, and the name of %s does not", s.Text, what).
			WithHint("write %q", naming.Lower(s.Text)))
	default:
		return true
	}
	return false
}

func withArticle(what string) string {
	switch {
	case strings.HasPrefix(what, "data "):
		return what
	case strings.ContainsRune("aeiou", rune(what[0])):
		return "an " + what
	default:
		return "a " + what
	}
}

// oneOf tells which of several keys a map has; a fault if none or more than one.
func (r *reader) oneOf(n *schema.Node, what string, keys []string) string {
	found := ""
	for _, k := range keys {
		if n.Get(k) == nil {
			continue
		}
		if found != "" {
			r.fault(schema.Faultf(n.Pos, "one-of", "%s has both %q and %q", what, found, k).WithHint("keep one of them"))
			return found
		}
		found = k
	}
	if found == "" {
		r.fault(schema.Faultf(n.Pos, "one-of", "%s has none of %s", what, strings.Join(keys, ", ")).WithHint("write one of them"))
	}
	return found
}
