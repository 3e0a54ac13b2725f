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
		g := &gift{document: doc.Name, fixed: map[string]any{}}
		for _, e := range def.Set.Entries {
			c.setting(g, doc, e)
		}
		c.m.gifts = append(c.m.gifts, g)
	}
}

func (c *compiler) setting(g *gift, doc *schema.Document, e schema.Entry) {
	p := doc.Property(e.Key.Text)
	if p == nil || p.Type == nil {
		c.fault(e.Key.Pos, CodeProperty, "%s has no property %s", doc.Name, e.Key)
		return
	}
	if e.Value == nil || e.Value.Kind != schema.ScalarNode {
		c.fault(e.Key.Pos, CodeUnsupported, "lists and maps in gives are not supported yet").Hint = "give the value a name in `let`"
		return
	}
	src := e.Value.Scalar
	if text, ok := src.Expression(); ok {
		is := c.expression(text, c.vars, expr.FromSchema(p.Type))
		c.check(slot{what: fmt.Sprintf("%s of gives", p.Name), pos: text.Pos, most: stagePeriod}, is)
		g.set = append(g.set, setting{property: p.Name, typ: p.Type, is: is})
		return
	}
	v, err := literal(p.Type, src.Text)
	if err != nil {
		c.fault(src.Pos, CodeWrong, "%s: %v", p.Name, err)
		return
	}
	g.fixed[p.Name] = v
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
