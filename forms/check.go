package forms

import (
	"context"
	"fmt"
	"strconv"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// Missing are the required properties that a record still lacks, also inside its objects and rows, when the system
// has filled what it fills. Numbers come later and are not missed.
func (f *Forms) Missing(document string, data map[string]any) []FieldError {
	doc := f.cat.Documents[document]
	if doc == nil {
		return []FieldError{{Code: NoDocument, Args: []string{document}}}
	}
	return missing(nil, "", doc.Properties, data, 0)
}

func missing(errs []FieldError, path string, props []*schema.Property, data map[string]any, depth int) []FieldError {
	for _, p := range props {
		at := join(path, p.Name)
		v, there := data[p.Name]
		switch {
		case !there && p.Required && p.Number == nil && p.Value.IsZero():
			errs = append(errs, FieldError{Path: at, Code: Required})
		case !there || p.Type == nil || depth > maxDepth:
		case p.Type.Kind == schema.Object:
			errs = row(errs, at, p.Type, v, depth)
		case p.Type.Kind == schema.Array:
			rows, _ := v.([]any)
			for i, x := range rows {
				errs = row(errs, join(at, strconv.Itoa(i)), p.Type.Elem, x, depth)
			}
		}
	}
	return errs
}

func row(errs []FieldError, at string, t *schema.Type, v any, depth int) []FieldError {
	if fields, ok := v.(map[string]any); ok && t != nil {
		return missing(errs, at, t.Fields, fields, depth+1)
	}
	return errs
}

// Check holds the codes of classifiers in stored data against the items of the world: they exist, and are in force on
// the days on which the fact holds, or on day where the document has no such days. What stands in before already (nil
// for a new record) is not judged anew: an old record keeps an ended code. The error is a failure of the world.
func (f *Forms) Check(ctx context.Context, world expr.World, day value.Date, document string, data, before map[string]any) ([]FieldError, error) {
	doc := f.cat.Documents[document]
	if doc == nil {
		return []FieldError{{Code: NoDocument, Args: []string{document}}}, nil
	}
	c := &checker{forms: f, ctx: ctx, world: world, days: days(doc, day, data)}
	for _, p := range doc.Properties {
		if v, there := data[p.Name]; there && p.Type != nil && !same(v, before[p.Name]) {
			c.value(p.Name, p.Type, v)
		}
	}
	return c.errs, c.err
}

// days are those on which a fact holds.
func days(doc *schema.Document, day value.Date, data map[string]any) value.Period {
	if doc.Holds == nil {
		return value.Period{From: day, To: day}
	}
	bound := func(property string) (value.Period, bool) {
		s, _ := data[property].(string)
		if d, err := value.ParseDate(s); err == nil {
			return value.Period{From: d, To: d}, true
		}
		p, err := expr.ParsePeriod(s)
		return p, err == nil
	}
	out := value.Period{From: day, To: value.Forever}
	if from, ok := bound(doc.Holds.From.Text); ok {
		out.From = from.From
	}
	if to, ok := bound(doc.Holds.To.Text); ok {
		out.To = to.To
	}
	return out
}

type checker struct {
	forms *Forms
	ctx   context.Context
	world expr.World
	days  value.Period
	errs  []FieldError
	err   error
}

func (c *checker) value(at string, t *schema.Type, v any) {
	switch v := v.(type) {
	case string:
		if t.Kind == schema.Item && c.err == nil {
			c.item(at, t.Of, v)
		}
	case []any:
		for i, x := range v {
			if t.Elem != nil {
				c.value(join(at, strconv.Itoa(i)), t.Elem, x)
			}
		}
	case map[string]any:
		for _, p := range t.Fields {
			if x, there := v[p.Name]; there && p.Type != nil {
				c.value(join(at, p.Name), p.Type, x)
			}
		}
	}
}

func (c *checker) item(at, classifier, code string) {
	item, err := c.world.Item(c.ctx, classifier, code)
	switch {
	case err != nil:
		c.err = fmt.Errorf("item %s of %s: %w", code, classifier, err)
	case item == nil:
		c.errs = append(c.errs, FieldError{at, NoItem, append([]string{c.classifier(classifier)}, nearest(code, c.codes(classifier))...)})
	case !inForce(item).Touches(c.days):
		c.errs = append(c.errs, FieldError{at, ItemEnded, []string{title(item.Title, code), inForce(item).String()}})
	}
}

func inForce(item *schema.ClassifierItem) value.Period {
	return value.NewPeriod(day(item.From), day(item.To)) // absent: from the beginning, without an end
}

func day(text string) value.Date {
	if text == "" {
		return value.Date{}
	}
	d, _ := value.ParseDate(text)
	return d
}

func (c *checker) classifier(name string) string {
	if def := c.forms.cat.Classifiers[name]; def != nil {
		return title(def.Title, name)
	}
	return name
}

func (c *checker) codes(classifier string) []string {
	var out []string
	if def := c.forms.cat.Classifiers[classifier]; def != nil {
		for _, item := range def.Items {
			out = append(out, item.Code)
		}
	}
	return out
}
