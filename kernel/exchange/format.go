package exchange

import (
	"regexp"
	"slices"
	"strings"

	"mera/schema"
)

// Format is a compiled format: it prints records as JSON and reads them back.
type Format struct {
	all  *Exchanges
	name string
	doc  *schema.Document
	root *node
}

// node is one key of a JSON tree. A node without a path and a constant is an object around others.
type node struct {
	key    string
	many   bool
	most   int          // items of a list, at most
	path   []string     // from the record, or from the row of the list around
	typ    *schema.Type // of a leaf or of a row; nil for an object around others
	kids   []*node      // of an object; nil for a leaf
	as     codec
	absent *string // printed for what is absent, read as absent; spelled as in the message
	none   any     // absent in stored form; nil where the message has a code
	value  *string // always printed, nothing else is read; spelled as in the message
}

// codec is `as`: how a value is spelled other than in JSON's own way.
type codec struct{ codes, mask, date, money string }

// words of a node that are no keys of the tree.
var words = []string{"at", "as", "absent", "value", "since", "until", "use", "choice", "cases", "records"}

// later are words of the language that this version does not read.
var later = []string{"since", "until", "use", "choice", "cases", "records"}

func (c *compiler) format(def *schema.Format) *Format {
	doc := c.cat.Documents[def.Of.Text]
	if doc == nil || def.Root == nil {
		return nil // told by loading and linking
	}
	before := len(c.faults)
	f := &Format{all: c.Exchanges, name: def.Name, doc: doc, root: &node{kids: c.kids(def.Root, doc.Properties, true)}}
	if c.faults[before:].Faulty() {
		return nil
	}
	return f
}

// kids compiles the keys of an object; props is where paths start. At the root there are keys only.
func (c *compiler) kids(n *schema.Node, props []*schema.Property, root bool) []*node {
	out := []*node{}
	for _, e := range n.Entries {
		if !root && slices.Contains(words, e.Key.Text) {
			continue
		}
		kid := c.node(e, props)
		if slices.ContainsFunc(out, func(o *node) bool { return o.key == kid.key }) {
			c.fault(e.Key.Pos, "format-key", "the key %q stands twice", kid.key)
		}
		out = append(out, kid)
	}
	return out
}

func (c *compiler) node(e schema.Entry, props []*schema.Property) *node {
	n := &node{key: strings.TrimSuffix(e.Key.Text, "*"), many: strings.HasSuffix(e.Key.Text, "*")}
	v := e.Value
	switch v.Kind {
	case schema.ScalarNode:
		n.typ, n.path = c.path(v.Scalar, props)
		c.shape(n, e.Key.Pos)
		return n
	case schema.ListNode:
		c.fault(v.Pos, "format-shape", "the key %q is given a path or a map", n.key)
		return n
	}
	for _, w := range later {
		if x := v.Get(w); x != nil {
			c.fault(x.Pos, "not-supported", "%q of a format is not supported yet", w)
			return n
		}
	}
	n.value = constant(v.Get("value"))
	if at := v.Get("at"); at != nil {
		n.typ, n.path = c.path(at.Scalar, props)
		if n.typ == nil {
			return n
		}
		props = fieldsOf(n.typ)
	}
	n.absent = constant(v.Get("absent"))
	c.codec(n, v.Get("as"))
	if kids := c.kids(v, props, false); len(kids) > 0 {
		n.kids = kids
	}
	if n.typ == nil && n.kids == nil && n.value == nil {
		c.fault(v.Pos, "format-shape", "the key %q prints nothing: it needs a path, a constant or keys", n.key)
		return n
	}
	c.shape(n, e.Key.Pos)
	c.constants(n, v)
	return n
}

func constant(n *schema.Node) *string {
	if n == nil || n.Kind != schema.ScalarNode {
		return nil
	}
	return &n.Scalar.Text
}

func fieldsOf(t *schema.Type) []*schema.Property {
	if t.Kind == schema.Array && t.Elem != nil {
		t = t.Elem
	}
	return t.Fields
}

// path resolves a path from properties through objects.
func (c *compiler) path(src schema.Scalar, props []*schema.Property) (*schema.Type, []string) {
	var t *schema.Type
	path := strings.Split(src.Text, ".")
	for i, name := range path {
		j := slices.IndexFunc(props, func(p *schema.Property) bool { return p.Name == name })
		if j < 0 || props[j].Type == nil {
			c.faults = append(c.faults, schema.Faultf(src.Pos, "format-path", "%q is no property here", strings.Join(path[:i+1], ".")).
				WithNearest(name, names(props)))
			return nil, nil
		}
		if t = props[j].Type; t.Kind == schema.Object {
			props = t.Fields
		} else {
			props = nil
		}
	}
	return t, path
}

func names(props []*schema.Property) []string {
	out := make([]string, len(props))
	for i, p := range props {
		out[i] = p.Name
	}
	return out
}

// shape checks that lists are starred and objects have keys.
func (c *compiler) shape(n *node, pos schema.Pos) {
	if n.typ == nil {
		if n.many {
			c.fault(pos, "format-shape", "%q has a star and no list: write at", n.key)
		}
		return
	}
	array := n.typ.Kind == schema.Array
	switch {
	case array && !n.many:
		c.fault(pos, "format-shape", "%q is a list: write the key as %s*", strings.Join(n.path, "."), n.key)
		return
	case n.many && !array:
		c.fault(pos, "format-shape", "%q is no list: write the key without the star", strings.Join(n.path, "."))
		return
	case array:
		if n.most = maxRows; n.typ.MaxItems != nil {
			n.most = *n.typ.MaxItems
		}
		n.typ = n.typ.Elem
	}
	switch {
	case n.typ.Kind == schema.Object && n.kids == nil:
		c.fault(pos, "format-shape", "%q is an object: name its keys", strings.Join(n.path, "."))
	case n.typ.Kind != schema.Object && n.kids != nil:
		c.fault(pos, "format-shape", "%q is a value: it has no keys", strings.Join(n.path, "."))
	case n.typ.Kind == schema.Point:
		c.fault(pos, "not-supported", "points in formats are not supported yet")
	}
}

var maskPlaces = regexp.MustCompile(`^[^A-Za-z]*N[^A-MO-Za-z]*$`)

// codec reads `as: {codes: S | money: comma | date: ddMMyyyy | mask: M}`.
func (c *compiler) codec(n *node, as *schema.Node) {
	if as == nil {
		return
	}
	if n.typ == nil || as.Kind != schema.MapNode || len(as.Entries) != 1 {
		c.fault(as.Pos, "format-codec", "`as` is one of {codes: SYSTEM}, {money: comma}, {date: ddMMyyyy}, {mask: MASK} beside `at`")
		return
	}
	kind := n.typ.Kind
	if kind == schema.Array {
		kind = n.typ.Elem.Kind
	}
	e := as.Entries[0]
	text := e.Value.Text()
	switch {
	case e.Key.Text == "codes" && (kind == schema.Item || kind == schema.Definition) && text != "":
		n.as.codes = text
	case e.Key.Text == "money" && (kind == schema.Money || kind == schema.Decimal) && text == "comma":
		n.as.money = text
	case e.Key.Text == "date" && (kind == schema.Date) && dateLayout(text) != "":
		n.as.date = dateLayout(text)
	case e.Key.Text == "mask" && kind == schema.Text && maskPlaces.MatchString(text):
		n.as.mask = text
	default:
		c.fault(e.Key.Pos, "format-codec", "`as: {%s: %s}` does not fit a %s", e.Key.Text, text, kind)
	}
}

// dateLayout is a pattern such as ddMMyyyy as Go writes it; "" if it is none.
func dateLayout(pattern string) string {
	out := strings.NewReplacer("yyyy", "2006", "MM", "01", "dd", "02").Replace(pattern)
	for _, part := range []string{"2006", "01", "02"} {
		if strings.Count(out, part) != 1 {
			return ""
		}
	}
	if strings.Trim(out, "0126 .-/") != "" {
		return ""
	}
	return out
}

// constants checks that `absent` and `value` can be values of the property.
func (c *compiler) constants(n *node, v *schema.Node) {
	if n.typ == nil || n.kids != nil {
		return
	}
	if n.as.codes != "" {
		return // a code of the other system
	}
	for word, text := range map[string]*string{"absent": n.absent, "value": n.value} {
		if text == nil {
			continue
		}
		stored, bad := c.plainLeaf(n, *text)
		if bad != nil {
			c.fault(v.Get(word).Pos, "format-constant", "%q is no %s", *text, n.typ.Kind)
		} else if word == "absent" {
			n.none = stored
		}
	}
}
