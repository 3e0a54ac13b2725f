package definition

import (
	"encoding/json"
	"slices"

	"mera/schema"
	"mera/schema/expr"
)

// values compiles a value map against the properties of a document.
func (c *compiler) values(d *schema.Document, m schema.ValueMap, vars map[string]*expr.Type) []*expr.Setter {
	return c.filler(vars).Map(d.Name, d.Property, m.Entries)
}

func (c *compiler) filler(vars map[string]*expr.Type) expr.Filler {
	return expr.Filler{
		Scalar:  func(t *schema.Type, src schema.Scalar) *expr.Template { return c.scalar(t, src, vars) },
		Fault:   func(pos schema.Pos, code, format string, args ...any) { c.fault(pos, code, format, args...) },
		Unknown: CodeProperty, Computed: CodeComputed, Misshapen: CodeLiteral,
	}
}

// scalar compiles one value; nil after a fault, or for an expression that has one.
func (c *compiler) scalar(t *schema.Type, src schema.Scalar, vars map[string]*expr.Type) *expr.Template {
	if text, ok := src.Expression(); ok {
		p := c.expression(text, vars, expr.FromSchema(t))
		if p == nil {
			return nil
		}
		return &expr.Template{Type: t, Program: p}
	}
	literal, ok := c.literal(t, src)
	if !ok {
		return nil
	}
	return &expr.Template{Type: t, Literal: literal}
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
func (c *compiler) newRecord(d *schema.Document, m schema.ValueMap, pos schema.Pos, vars map[string]*expr.Type) []*expr.Setter {
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
	return append(out, &expr.Setter{Property: link.Name, Value: &expr.Template{Type: link.Type, Program: p}})
}
