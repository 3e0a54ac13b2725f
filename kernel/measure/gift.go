package measure

import (
	"encoding/json"
	"fmt"
	"strconv"

	"mera/schema"
	"mera/schema/expr"
)

// gifts compiles `gives`: documents that the settling of a right makes.
func (c *compiler) gifts() {
	for _, def := range c.def.Gives {
		doc := c.cat.Documents[def.Document.Text]
		if doc == nil {
			c.fault(def.Document.Pos, CodeType, "there is no document %q", def.Document.Text)
			continue
		}
		set := expr.Filler{Scalar: c.given, Unknown: CodeProperty, Computed: CodeProperty, Misshapen: CodeWrong,
			Fault: func(pos schema.Pos, code, format string, args ...any) { c.fault(pos, code, format, args...) }}
		c.m.gifts = append(c.m.gifts, &gift{doc, set.Map(doc.Name, doc.Property, def.Set.Entries)})
	}
}

// given compiles one value; nil after a fault.
func (c *compiler) given(t *schema.Type, src schema.Scalar) *expr.Template {
	if text, ok := src.Expression(); ok {
		is := c.expression(text, c.vars, expr.FromSchema(t))
		c.check(slot{what: "what is given", pos: text.Pos, most: stagePeriod}, is)
		if is == nil {
			return nil
		}
		return &expr.Template{Type: t, Program: is}
	}
	v, err := literal(t, src.Text)
	if err != nil {
		c.fault(src.Pos, CodeWrong, "%v", err)
		return nil
	}
	return &expr.Template{Type: t, Literal: v}
}

// literal is the stored form of a text that an author wrote for a property.
func literal(t *schema.Type, text string) (any, error) {
	var raw any = text
	switch t.Kind {
	case schema.Integer:
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return nil, fmt.Errorf("%q is not a whole number", text)
		}
		raw = json.Number(text)
	case schema.Boolean:
		if text != "true" && text != "false" {
			return nil, fmt.Errorf("%q is not true or false", text)
		}
		raw = text == "true"
	}
	v, err := expr.FromStored(t, raw)
	if err != nil {
		return nil, err
	}
	return expr.ToStored(t, v)
}
