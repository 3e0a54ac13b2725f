package forms

import (
	"maps"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
)

// View is a form as a client draws it: all names resolved, texts in one language, hidden properties gone.
type View struct {
	Document string     `json:"document"`
	Form     string     `json:"form,omitempty"` // empty: drawn from the schema
	State    string     `json:"state,omitempty"`
	Title    string     `json:"title"`
	Pages    []ViewPage `json:"pages"`
}

// ViewPage is one page of a form.
type ViewPage struct {
	Name      string   `json:"name"`
	Title     string   `json:"title,omitempty"`
	Each      string   `json:"each,omitempty"`      // the list that the page is repeated for; fields are those of a row
	Key       string   `json:"key,omitempty"`       // each field is one row of the list: this column holds its Row
	Checklist []string `json:"checklist,omitempty"` // measures whose facts are found, asked for or to be brought
	Suggest   bool     `json:"suggest,omitempty"`   // Suggestion gives the expression
	Fields    []Field  `json:"fields"`
}

// Field is one field of a form.
type Field struct {
	Path        string      `json:"path"`
	Row         string      `json:"row,omitempty"` // the key of the row of data that asks for it
	Title       string      `json:"title"`
	Description string      `json:"description,omitempty"`
	Widget      Widget      `json:"widget"`
	Type        schema.Kind `json:"type"`
	Required    bool        `json:"required,omitempty"`
	ReadOnly    bool        `json:"readOnly,omitempty"`
	Prefilled   bool        `json:"prefilled,omitempty"` // the system proposes a value when the record is made
	Deprecated  bool        `json:"deprecated,omitempty"`
	Default     any         `json:"default,omitempty"`
	Const       any         `json:"const,omitempty"`
	Options     []Option    `json:"options,omitempty"` // of an enum
	Source      *Source     `json:"source,omitempty"`  // where other values are chosen from
	Mask        string      `json:"mask,omitempty"`
	Pattern     string      `json:"pattern,omitempty"`
	MinLength   *int        `json:"minLength,omitempty"`
	MaxLength   *int        `json:"maxLength,omitempty"`
	Minimum     string      `json:"minimum,omitempty"`
	Maximum     string      `json:"maximum,omitempty"`
	Scale       *int        `json:"scale,omitempty"`
	Unit        string      `json:"unit,omitempty"` // title of an item of Unit
	MinItems    *int        `json:"minItems,omitempty"`
	MaxItems    *int        `json:"maxItems,omitempty"`
	Keys        []string    `json:"keys,omitempty"`   // of a table: what tells its rows apart
	Fields      []Field     `json:"fields,omitempty"` // of a group or the columns of a table
	Slot        *Slot       `json:"slot,omitempty"`   // of attachments
}

// Option is one value to choose.
type Option struct {
	Value string `json:"value"`
	Title string `json:"title"`
}

// Source says what values are chosen from; exactly one is set.
type Source struct {
	Classifier string `json:"classifier,omitempty"`
	Document   string `json:"document,omitempty"`
	Definition string `json:"definition,omitempty"` // a kind of definition
}

// Slot is a place for attachments. Max is in bytes, 0 where the installation's limit holds.
type Slot struct {
	Name  string   `json:"name"`
	Many  bool     `json:"many,omitempty"`
	Types []string `json:"types,omitempty"`
	Max   int64    `json:"max,omitempty"`
}

// View is the form of a document for a state ("" where there is none) and for what an actor is: his roles, the
// parties of the case that he is, `citizen`, `public`. show tells whether the properties of a label may be seen; nil
// hides all of them. Where no form fits, it is drawn from the schema. nil: there is no such document.
func (f *Forms) View(document, state string, roles []string, lang string, show func(label string) bool) *View {
	doc := f.cat.Documents[document]
	if doc == nil {
		return nil
	}
	d := &drawer{forms: f, lang: lang, show: show}
	v := &View{Document: document, State: state, Title: f.cat.Text(lang, title(doc.Title, doc.Name), key(doc, "title")...)}
	fits := f.fitting(doc, state, roles)
	if fits == nil {
		v.Pages = []ViewPage{{Name: "main", Title: v.Title, Fields: d.all(doc)}}
		return v
	}
	v.Form = fits.def.Name
	if fits.def.Title != "" {
		v.Title = f.cat.Text(lang, fits.def.Title, path("forms", fits.def.Name, "title"))
	}
	for _, p := range fits.pages {
		v.Pages = append(v.Pages, d.page(doc, fits.def.Name, p))
	}
	if p := d.asking(doc, fits.rows); p != nil {
		v.Pages = append(v.Pages, *p)
	}
	return v
}

// asking is the page of what rows of data ask; its one field is the pattern that WithRows draws for each of them.
func (d *drawer) asking(doc *schema.Document, r *rows) *ViewPage {
	if r == nil || d.hidden(r.into) || d.hidden(r.answer) {
		return nil
	}
	keys := key(doc)
	out := &ViewPage{Name: r.into.Name, Each: r.into.Name, Key: r.key.Name,
		Title: d.forms.cat.Text(d.lang, d.name(r.into), below(below(keys, "properties", r.into.Name), "title")...)}
	keys, owner := d.inside(r.into, keys)
	out.Fields = []Field{d.one(r.answer, r.answer.Name, owner, keys)}
	return out
}

// WithRows returns the form with a field for each row of data that it asks about.
func (v *View) WithRows(asked []Row) *View {
	out := *v
	out.Pages = slices.Clone(v.Pages)
	for i, p := range out.Pages {
		if p.Key == "" {
			continue
		}
		out.Pages[i].Fields = []Field{}
		for _, row := range asked {
			f := p.Fields[0]
			f.Row, f.Title, f.Required = row.Key, row.Label, row.Required
			if f.Type == schema.Text {
				f.Widget = row.Widget
			}
			out.Pages[i].Fields = append(out.Pages[i].Fields, f)
		}
	}
	return &out
}

// Edit returns the form with every field read only that may not be changed now: a workflow names the properties that
// an actor may change in a state (all: every one).
func (v *View) Edit(all bool, properties []string) *View {
	if all {
		return v
	}
	out := *v
	out.Pages = slices.Clone(v.Pages)
	for i, p := range out.Pages {
		fields := slices.Clone(p.Fields)
		for j := range fields {
			first, _, _ := strings.Cut(fields[j].Path, ".")
			if p.Each != "" {
				first, _, _ = strings.Cut(p.Each, ".")
			}
			if !slices.Contains(properties, first) {
				fields[j].ReadOnly = true
			}
		}
		out.Pages[i].Fields = fields
	}
	return &out
}

// Suggestion is the expression that proposes values on a page, over doc, today and now; nil where there is none.
func (f *Forms) Suggestion(formName, pageName string) *expr.Program {
	for _, forms := range f.drawn {
		for _, one := range forms {
			for _, p := range one.pages {
				if one.def.Name == formName && p.def.Name == pageName {
					return p.suggest
				}
			}
		}
	}
	return nil
}

// fitting finds the form for the first role that has one; forms of the extended document come after the own ones.
func (f *Forms) fitting(doc *schema.Document, state string, roles []string) *form {
	for _, candidates := range [][]*form{f.drawn[doc.Name], f.drawn[doc.Extends.Text]} {
		for _, role := range append(slices.Clone(roles), "") { // "": a form for everybody
			for _, c := range candidates {
				if (len(c.def.In) == 0 || has(c.def.In, state)) && (len(c.def.For) == 0 || has(c.def.For, role)) {
					return c
				}
			}
		}
	}
	return nil
}

// drawer makes fields in one language for one actor.
type drawer struct {
	forms *Forms
	lang  string
	show  func(label string) bool
}

func (d *drawer) page(doc *schema.Document, formName string, p *page) ViewPage {
	out := ViewPage{Name: p.def.Name, Each: p.def.Each.Text, Suggest: p.suggest != nil, Fields: []Field{},
		Title: d.forms.cat.Text(d.lang, p.def.Title, path("forms", formName, "pages", p.def.Name, "title"))}
	if p.def.Checklist {
		out.Checklist = d.forms.measuresOf(doc.Name)
	}
	for _, at := range p.fields {
		if at.slot {
			out.Fields = append(out.Fields, d.attachments(doc, at.path)...)
			continue
		}
		if f, ok := d.field(doc, p, at); ok {
			out.Fields = append(out.Fields, f)
		}
	}
	return out
}

func (f *Forms) measuresOf(document string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(f.cat.Measures)) {
		if f.cat.Measures[name].About.Text == document {
			out = append(out, name)
		}
	}
	return out
}

// all draws a document without a form: its properties, then its attachments.
func (d *drawer) all(doc *schema.Document) []Field {
	return append(d.fields(doc.Properties, "", doc.Name, key(doc)), d.attachments(doc, "attachments")...)
}

// field draws one place of a form, unless one of the properties on the way to it is hidden.
func (d *drawer) field(doc *schema.Document, p *page, at place) (Field, bool) {
	keys, owner := key(doc), doc.Name
	if p.row != nil {
		keys, owner = objectKeys(p.row), p.row.Of
	}
	for i, hop := range at.hops {
		if d.hidden(hop) {
			return Field{}, false
		}
		if i == len(at.hops)-1 {
			f := d.one(hop, at.path, owner, keys)
			f.ReadOnly = f.ReadOnly || at.link
			f.Required = f.Required && !at.link
			return f, true
		}
		keys, owner = d.inside(hop, keys)
	}
	return Field{}, false
}

func (d *drawer) hidden(p *schema.Property) bool {
	return p.Label != "" && (d.show == nil || !d.show(p.Label))
}

func (d *drawer) fields(props []*schema.Property, prefix, owner string, keys []string) []Field {
	out := []Field{}
	for _, p := range props {
		if p.Type != nil && !d.hidden(p) {
			out = append(out, d.one(p, join(prefix, p.Name), owner, keys))
		}
	}
	return out
}

func (d *drawer) attachments(doc *schema.Document, which string) []Field {
	var out []Field
	for _, s := range doc.Slots {
		at := "attachments." + s.Name
		if which != "attachments" && which != at {
			continue
		}
		out = append(out, Field{Path: at, Widget: Files, Type: schema.Array,
			Title: d.forms.cat.Text(d.lang, title(s.Title, s.Name), path("documents", doc.Name, at, "title")),
			Slot:  &Slot{Name: s.Name, Many: s.Many, Types: s.Types, Max: s.Max}})
	}
	return out
}
