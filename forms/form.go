package forms

import (
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
)

// form is a resolved form of one document.
type form struct {
	def   *schema.Form
	pages []*page
	rows  *rows // the fields that come from data; nil for none
}

// page is one page of a form. Its fields are paths from the document, or from a row where the page is repeated.
type page struct {
	def     *schema.Page
	row     *schema.Type // the object that `each` repeats the page for; nil otherwise
	fields  []place
	suggest *expr.Program
}

// place is a field of a form: the properties that lead to it.
type place struct {
	path string
	hops []*schema.Property
	link bool // read through a link: shown, never filled in
	slot bool // `attachments` or one of its slots
}

func (c *compiler) form(def *schema.Form) {
	doc := c.cat.Documents[def.About.Text]
	if doc == nil {
		return // told by linking
	}
	f := &form{def: def}
	switch {
	case def.Each != nil:
		f.rows = c.rows(doc, def.Each)
	case len(def.Pages) == 0:
		c.fault(def.Pos, "form-empty", "form %q has neither pages nor rows", def.Name)
	}
	seen := map[string]schema.Pos{}
	for _, p := range def.Pages {
		f.pages = append(f.pages, c.page(doc, p, seen))
	}
	for _, other := range c.drawn[doc.Name] {
		c.clash(other.def, def)
	}
	c.drawn[doc.Name] = append(c.drawn[doc.Name], f)
}

// clash refuses two forms of one document that fit one role and state.
func (c *compiler) clash(a, b *schema.Form) {
	role, roles := shared(a.For, b.For)
	state, states := shared(a.In, b.In)
	if roles && states {
		d := schema.Faultf(b.Pos, "form-clash", "forms %s and %s both fit the role %s in the state %s", a.Name, b.Name, role, state)
		c.faults = append(c.faults, d.WithHint("give them different `for` or `in`"))
	}
}

// shared finds a name in both lists; an empty list holds every name.
func shared(a, b []schema.Scalar) (string, bool) {
	if len(a) == 0 {
		a, b = b, a
	}
	if len(a) == 0 {
		return "any", true
	}
	for _, x := range a {
		if len(b) == 0 || has(b, x.Text) {
			return x.Text, true
		}
	}
	return "", false
}

func has(list []schema.Scalar, name string) bool {
	return slices.ContainsFunc(list, func(s schema.Scalar) bool { return s.Text == name })
}

// unknown tells a fault about a name, with the one that was probably meant.
func (c *compiler) unknown(name string, known []string, d schema.Diagnostic) {
	c.faults = append(c.faults, d.WithNearest(name, known))
}

func (c *compiler) page(doc *schema.Document, def *schema.Page, seen map[string]schema.Pos) *page {
	p := &page{def: def}
	props := doc.Properties
	if !def.Each.IsZero() {
		if p.row = c.row(doc, def); p.row == nil {
			return p
		}
		props, seen = p.row.Fields, map[string]schema.Pos{}
	}
	for _, f := range def.Fields {
		if first, twice := seen[f.Text]; twice {
			c.fault(f.Pos, "form-field-twice", "field %q stands already at %s", f.Text, first)
			continue
		}
		seen[f.Text] = f.Pos
		if at, ok := c.place(doc, props, f); ok {
			p.fields = append(p.fields, at)
		}
	}
	if !def.Suggest.IsZero() {
		program, faults := c.env.Compile(def.Suggest, c.scope(doc), nil)
		c.faults = append(c.faults, faults...)
		p.suggest = program
	}
	if len(def.Fields) == 0 && def.Each.IsZero() && !def.Checklist && def.Suggest.IsZero() {
		c.fault(def.Pos, "form-empty", "page %q shows nothing", def.Name)
	}
	return p
}

// scope is what an expression on a form sees.
func (c *compiler) scope(doc *schema.Document) expr.Scope {
	return expr.Scope{Vars: map[string]*expr.Type{
		"doc": expr.RecordOf(doc.Name), "today": expr.DateT, "now": expr.TimestampT,
	}}
}

// row resolves `each` of a page: an array of objects, or `work.NAME` whose children bring their own forms (nil).
func (c *compiler) row(doc *schema.Document, def *schema.Page) *schema.Type {
	if name, work := strings.CutPrefix(def.Each.Text, "work."); work {
		known := c.works(doc.Name)
		if !slices.Contains(known, name) {
			c.unknown(name, known, schema.Faultf(def.Each.Pos, "form-each", "the workflow of %s has no work %q", doc.Name, name))
		}
		return nil
	}
	at, ok := c.place(doc, doc.Properties, def.Each)
	if !ok {
		return nil
	}
	if t := at.hops[len(at.hops)-1].Type; !at.slot && t.Kind == schema.Array && t.Elem.Kind == schema.Object {
		return t.Elem
	}
	c.fault(def.Each.Pos, "form-each", "%q is no list of objects", def.Each.Text)
	return nil
}

func (c *compiler) works(document string) []string {
	var out []string
	if w := c.cat.WorkflowOf(document); w != nil {
		for _, s := range w.States {
			for _, work := range s.Work {
				out = append(out, work.Name)
			}
		}
	}
	return out
}

// place resolves the path of a field: through objects and links, a link being the end of what can be filled in.
func (c *compiler) place(doc *schema.Document, props []*schema.Property, f schema.Scalar) (place, bool) {
	out := place{path: f.Text}
	owner := doc.Name
	for i, name := range strings.Split(f.Text, ".") {
		if i == 0 && name == "attachments" {
			return c.slot(doc, f)
		}
		p := find(props, name)
		if p == nil || p.Type == nil {
			c.unknown(name, names(props), schema.Faultf(f.Pos, "form-field", "%s has no property %q", owner, name))
			return place{}, false
		}
		out.hops = append(out.hops, p)
		switch last := i == strings.Count(f.Text, "."); {
		case last:
		case p.Type.Kind == schema.Object:
			props, owner = p.Type.Fields, p.Type.Of
		case p.Type.Kind == schema.Link && c.cat.Documents[p.Type.Of] != nil:
			props, owner, out.link = c.cat.Documents[p.Type.Of].Properties, p.Type.Of, true
		default:
			c.fault(f.Pos, "form-field", "%q is no object: nothing can follow it", name)
			return place{}, false
		}
	}
	return out, true
}

// slot resolves `attachments` (all slots) and `attachments.SLOT`.
func (c *compiler) slot(doc *schema.Document, f schema.Scalar) (place, bool) {
	_, name, one := strings.Cut(f.Text, ".")
	known := []string{}
	for _, s := range doc.Slots {
		known = append(known, s.Name)
	}
	if one && !slices.Contains(known, name) {
		c.unknown(name, known, schema.Faultf(f.Pos, "form-field", "%s has no slot %q for attachments", doc.Name, name))
		return place{}, false
	}
	return place{path: f.Text, slot: true, hops: []*schema.Property{{Name: "attachments", Type: &schema.Type{Kind: schema.Array}}}}, true
}
