package definition

import (
	"encoding/json"
	"slices"

	"mera/schema"
	"mera/schema/expr"
)

// values compiles a value map against the properties of a document.
func (c *compiler) values(d *schema.Document, m schema.ValueMap, vars map[string]*expr.Type) []*Setter {
	return c.setters(d.Name, d.Property, m.Entries, vars)
}

func (c *compiler) setters(owner string, property func(string) *schema.Property, entries []schema.Entry, vars map[string]*expr.Type) []*Setter {
	var out []*Setter
	for _, e := range entries {
		p := property(e.Key.Text)
		switch {
		case p == nil || p.Type == nil:
			c.fault(e.Key.Pos, CodeProperty, "%s has no property %s", owner, e.Key.Text)
		case !p.Value.IsZero():
			c.fault(e.Key.Pos, CodeComputed, "%s is computed and never written", e.Key.Text)
		default:
			if t := c.value(p.Type, e.Value, vars); t != nil {
				out = append(out, &Setter{p.Name, t})
			}
		}
	}
	return out
}

// value compiles one value; nil after a fault, or for an expression that has one.
func (c *compiler) value(t *schema.Type, n *schema.Node, vars map[string]*expr.Type) *Template {
	switch n.Kind {
	case schema.MapNode:
		if t.Kind != schema.Object {
			c.fault(n.Pos, CodeLiteral, "a map is given where %s is wanted", t.Kind)
			return nil
		}
		return &Template{Type: t, Fields: c.setters(t.Of, t.Field, n.Entries, vars)}
	case schema.ListNode:
		return c.list(t, n, vars)
	}
	if src, ok := n.Scalar.Expression(); ok {
		p := c.expression(src, vars, expr.FromSchema(t))
		if p == nil {
			return nil
		}
		return &Template{Type: t, Program: p}
	}
	literal, ok := c.literal(t, n.Scalar)
	if !ok {
		return nil
	}
	return &Template{Type: t, Literal: literal}
}

func (c *compiler) list(t *schema.Type, n *schema.Node, vars map[string]*expr.Type) *Template {
	if t.Kind != schema.Array {
		c.fault(n.Pos, CodeLiteral, "a list is given where %s is wanted", t.Kind)
		return nil
	}
	out := &Template{Type: t, Items: []*Template{}}
	for _, item := range n.Items {
		if it := c.value(t.Elem, item, vars); it != nil {
			out.Items = append(out.Items, it)
		}
	}
	return out
}

// literal is the stored form of a literal of the package.
func (c *compiler) literal(t *schema.Type, src schema.Scalar) (any, bool) {
	var stored any = src.Text
	fits := true
	switch t.Kind {
	case schema.Boolean:
		stored, fits = src.Text == "true", src.Text == "true" || src.Text == "false"
	case schema.Integer:
		stored = json.Number(src.Text)
	case schema.Enum:
		fits = slices.Contains(t.Enum, src.Text)
	case schema.Item:
		classifier := c.cat.Classifiers[t.Of]
		fits = classifier == nil || classifier.Owner != "package" || classifier.Item(src.Text) != nil
	case schema.Link, schema.Object, schema.Array:
		fits = false
	}
	if fits {
		v, err := expr.FromStored(t, stored)
		if err == nil {
			if stored, err = expr.ToStored(t, v); err == nil && stored != nil {
				return stored, true
			}
		}
	}
	d := c.fault(src.Pos, CodeLiteral, "%q is no value of the type %s", src.Text, expr.FromSchema(t))
	*d = d.WithHint("an expression begins with =")
	return nil, false
}

// newRecord compiles the values of a record to be made, with the link to its card where the map does not give it.
func (c *compiler) newRecord(d *schema.Document, m schema.ValueMap, pos schema.Pos, vars map[string]*expr.Type) []*Setter {
	out := c.values(d, m, vars)
	if d.Card == nil || slices.ContainsFunc(m.Entries, func(e schema.Entry) bool { return e.Key.Text == d.Card.Link }) {
		return out
	}
	link := d.Property(d.Card.Link)
	src := c.linkTo(d.Card.Type.Text)
	if src == "" || link == nil {
		f := c.fault(pos, CodeCard, "nothing says on which %s the new %s lies", d.Card.Type.Text, d.Name)
		*f = f.WithHint("write set: {%s: =doc.…}", d.Card.Link)
		return out
	}
	p := c.expression(schema.Scalar{Text: src, Pos: pos}, vars, expr.FromSchema(link.Type))
	if p == nil {
		return out
	}
	return append(out, &Setter{link.Name, &Template{Type: link.Type, Program: p}})
}
