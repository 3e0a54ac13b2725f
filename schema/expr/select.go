package expr

import (
	"fmt"
	"maps"
	"slices"

	"cel.dev/cel-go/common/ast"

	"mera/schema"
	"mera/schema/value"
)

// field is a property that a type has: its type and how it is read from a known value. source is the record of which a
// read value is a property, for the explanation.
type field struct {
	typ  *Type
	read func(f *frame, from any) any
}

// selection compiles x.y.
func (c *compiler) selection(n *node, sel ast.SelectExpr) *node {
	op := c.expr(sel.Operand())
	dot := n.start
	n.pos = c.src.at(c.src.skip(dot + 1))
	n.start, n.end = op.start, c.src.wordAfter(c.src.skip(dot+1))
	n.start, n.end = c.src.span(n.start, n.end)
	n.text = c.src.slice(n.start, n.end)
	if op.bad() {
		return c.faulty(n)
	}
	fl := c.field(n.pos, op.typ, sel.FieldName())
	if fl == nil {
		return c.faulty(n)
	}
	n.typ = fl.typ
	if op.path != nil {
		n.path = append(slices.Clone(op.path), sel.FieldName())
		c.follow(op.path, n.path)
	}
	from := op.untraced()
	n.raw = func(f *frame) any {
		f.spend(1)
		v := from(f)
		switch v.(type) {
		case nil, Unknown:
			return v
		}
		return fl.read(f, v)
	}
	n.eval = n.raw
	if n.typ.is(schema.Link, List, schema.Object) {
		return n
	}
	text := n.text
	n.eval = func(f *frame) any {
		v := n.raw(f)
		if f.in.Trace && f.err == nil {
			f.explain(Step{Text: text, Value: f.display(v), Source: f.origin(from(f))})
		}
		return v
	}
	return n
}

// origin names the record that a property was read from.
func (f *frame) origin(from any) string {
	r, ok := from.(*Record)
	if !ok {
		return ""
	}
	if r = f.loaded(r); r == nil {
		return ""
	}
	return fmt.Sprintf("%s %s v%d", r.Type, r.ID, r.Version)
}

// field finds a property of a type, or tells the fault.
func (c *compiler) field(pos schema.Pos, t *Type, name string) *field {
	fl, known := c.env.fieldOf(t, name)
	if fl != nil {
		c.touch(t, name)
		return fl
	}
	if t.is(List) {
		c.fault(pos, CodeProperty, "a list has no property %q", name).
			Hint = fmt.Sprintf("read it of each element: .map(x, x.%s)", name)
		return nil
	}
	c.tell(schema.Faultf(pos, CodeProperty, "%s has no property %q", t, name).WithNearest(name, known))
	return nil
}

// fieldOf finds a property of a type; if there is none it lists those there are.
func (e *Env) fieldOf(t *Type, name string) (*field, []string) {
	switch t.Kind {
	case AnyKind:
		return &field{Dyn, func(f *frame, v any) any { return f.dynamic(v, name) }}, nil
	case schema.Link:
		return e.recordField(t.Of, name)
	case schema.Item:
		return e.itemField(t.Of, name)
	case schema.Object:
		if ft := t.Fields[name]; ft != nil {
			stored := e.stored(t, name)
			return &field{ft, func(f *frame, v any) any { return f.fieldValue(v, name, stored) }}, nil
		}
		return nil, slices.Sorted(maps.Keys(t.Fields))
	case Period:
		return periodField(name)
	}
	return nil, nil
}

// stored is the schema type of a field of an object, where the object comes from a schema.
func (e *Env) stored(t *Type, name string) *schema.Type {
	obj := e.cat.Objects[t.Of]
	if obj == nil {
		return nil
	}
	if p := obj.Field(name); p != nil {
		return p.Type
	}
	return nil
}

// fieldValue reads a field of an object.
func (f *frame) fieldValue(v any, name string, stored *schema.Type) any {
	obj, ok := v.(map[string]any)
	if !ok {
		return f.fail(fmt.Errorf("%T is no object", v))
	}
	got := obj[name]
	if stored == nil || got == nil {
		return got
	}
	return f.fromStored(stored, got, name)
}

func (f *frame) fromStored(t *schema.Type, v any, name string) any {
	out, err := FromStored(t, v)
	if err != nil {
		return f.failed("stored property "+name, err)
	}
	return out
}

// dynamic reads a property of a value whose type was not known.
func (f *frame) dynamic(v any, name string) any {
	switch v := v.(type) {
	case map[string]any:
		return v[name]
	case *Record:
		if fl, _ := f.env.recordField(v.Type, name); fl != nil {
			return fl.read(f, v)
		}
	case Item:
		if fl, _ := f.env.itemField(v.Classifier, name); fl != nil {
			return fl.read(f, v)
		}
	case value.Period:
		if fl, _ := periodField(name); fl != nil {
			return fl.read(f, v)
		}
	}
	return nil
}

func periodField(name string) (*field, []string) {
	get := map[string]func(value.Period) any{
		"from": func(p value.Period) any { return dateOrAbsent(p.From) },
		"to":   func(p value.Period) any { return dateOrAbsent(p.To) },
		"days": func(p value.Period) any { return int64(max(p.Days(), 0)) },
	}
	read, ok := get[name]
	if !ok {
		return nil, []string{"days", "from", "to"}
	}
	t := DateT
	if name == "days" {
		t = Int
	}
	return &field{t, func(_ *frame, v any) any {
		p, _ := v.(value.Period)
		return read(p)
	}}, nil
}

func dateOrAbsent(d value.Date) any {
	if d.IsZero() {
		return nil
	}
	return d
}

// itemField is a property of an item: of every item, or an attribute of its classifier.
func (e *Env) itemField(classifier, name string) (*field, []string) {
	switch name {
	case "code":
		return &field{&Type{Kind: schema.Text, Of: classifier}, func(_ *frame, v any) any { return as[Item](v).Code }}, nil
	case "title":
		return e.itemPart(Text, func(it *schema.ClassifierItem) any { return absent(it.Title) }), nil
	case "parent":
		return e.itemPart(ItemOf(classifier), func(it *schema.ClassifierItem) any {
			if it.Parent == "" {
				return nil
			}
			return Item{classifier, it.Parent}
		}), nil
	case "from":
		return e.itemPart(DateT, func(it *schema.ClassifierItem) any { return dateText(it.From) }), nil
	case "to":
		return e.itemPart(DateT, func(it *schema.ClassifierItem) any { return dateText(it.To) }), nil
	}
	known := []string{"code", "from", "parent", "title", "to"}
	cl := e.cat.Classifiers[classifier]
	if cl == nil {
		return nil, known
	}
	for _, p := range cl.Attributes {
		if p.Name == name && p.Type != nil {
			return e.itemPart(FromSchema(p.Type), func(it *schema.ClassifierItem) any { return attribute(it, p) }), nil
		}
		known = append(known, p.Name)
	}
	return nil, known
}

func (e *Env) itemPart(t *Type, get func(*schema.ClassifierItem) any) *field {
	return &field{t, func(f *frame, v any) any {
		it := f.item(as[Item](v))
		if it == nil {
			return nil
		}
		return get(it)
	}}
}

// item looks an item up in the world; nil if it is not there.
func (f *frame) item(it Item) *schema.ClassifierItem {
	if f.in.World == nil || f.err != nil {
		return nil
	}
	got, err := f.in.World.Item(f.ctx, it.Classifier, it.Code)
	if err != nil {
		f.failed("item "+it.Code+" of "+it.Classifier, err)
		return nil
	}
	return got
}

// attribute is an attribute of an item; the text of the package is typed by the attribute's schema.
func attribute(it *schema.ClassifierItem, p *schema.Property) any {
	for _, a := range it.Attributes {
		if a.Key.Text != p.Name || a.Value == nil {
			continue
		}
		if p.Type.Kind == List && a.Value.Kind == schema.ListNode {
			var out []any
			for _, el := range a.Value.Items {
				if v, err := Parse(p.Type.Elem, el.Text()); err == nil {
					out = append(out, v)
				}
			}
			return out
		}
		if v, err := Parse(p.Type, a.Value.Text()); err == nil {
			return v
		}
	}
	return nil
}

func dateText(s string) any {
	d, err := value.ParseDate(s)
	if err != nil {
		return nil
	}
	return d
}

// absent turns an empty text into an absent one.
func absent(s string) any {
	if s == "" {
		return nil
	}
	return s
}
