package forms

import (
	"strings"

	"mera/schema"
)

// Widget names how a field is drawn (language, section 2).
type Widget string

// Widgets.
const (
	Line     Widget = "line"
	Area     Widget = "area"
	Radio    Widget = "radio"
	Select   Widget = "select"
	Check    Widget = "check"
	Number   Widget = "number"
	Masked   Widget = "masked"
	Money    Widget = "money"
	Date     Widget = "date"
	Month    Widget = "month"
	Quarter  Widget = "quarter"
	Year     Widget = "year"
	DateTime Widget = "datetime"
	Duration Widget = "duration"
	Map      Widget = "map"
	Tree     Widget = "tree"
	LookUp   Widget = "lookup"
	Group    Widget = "group"
	Tags     Widget = "tags"
	Table    Widget = "table"
	Files    Widget = "files"
)

const (
	areaFrom  = 200 // a text that may be longer is an area
	radioMost = 4   // more items are a drop-down list
	maxNested = 8   // levels of groups and tables that are drawn
)

// one draws a property. keys lead to its texts in i18n.
func (d *drawer) one(p *schema.Property, at, owner string, keys []string) Field {
	t := p.Type
	own := below(keys, "properties", p.Name)
	f := Field{
		Path: at, Type: t.Kind, Widget: d.widget(t),
		Title:       d.forms.cat.Text(d.lang, d.name(p), below(own, "title")...),
		Description: d.forms.cat.Text(d.lang, p.Description, below(own, "description")...),
		Required:    p.Required && p.Value.IsZero() && p.Number == nil,
		ReadOnly:    p.ReadOnly || !p.Value.IsZero() || p.Number != nil,
		Prefilled:   !p.From.IsZero(), Deprecated: p.Deprecated,
		Pattern: t.Pattern, MinLength: t.MinLength, MaxLength: t.MaxLength, Minimum: t.Minimum, Maximum: t.Maximum,
		MinItems: t.MinItems, MaxItems: t.MaxItems, Keys: t.Keys, Mask: d.forms.masks[t.Named], Source: source(t),
	}
	if f.Mask != "" {
		f.Pattern = "" // the pattern judges what is stored, not what is typed under the mask
	}
	if t.Kind == schema.Decimal {
		f.Scale = &t.Scale
	}
	if p.Default != nil {
		f.Default = constant(t, p.Default)
	}
	if t.Const != nil {
		f.Const = constant(t, t.Const)
	}
	if unit := d.forms.cat.Classifiers["Unit"]; unit != nil && !p.Unit.IsZero() {
		if item := unit.Item(p.Unit.Text); item != nil {
			f.Unit = d.forms.cat.Text(d.lang, item.Title, path("classifiers", "Unit", "items", item.Code, "title"))
		}
	}
	for _, item := range t.Enum {
		f.Options = append(f.Options, Option{item, d.forms.cat.Text(d.lang, title(t.EnumTitles[item], item), below(own, "x-titles", item)...)})
	}
	if parts := object(t); parts != nil && strings.Count(at, ".") < maxNested {
		inner, of := d.inside(p, keys)
		f.Fields = d.fields(parts.Fields, at, of, inner)
	}
	return f
}

// name is what a property is called: its own title, that of its type or of the document that it leads to, its name.
func (d *drawer) name(p *schema.Property) string {
	cat := d.forms.cat
	switch {
	case p.Title != "":
		return p.Title
	case cat.Types[p.Type.Named] != nil:
		return title(cat.Types[p.Type.Named].Title, p.Name)
	case p.Type.Kind == schema.Link && cat.Documents[p.Type.Of] != nil:
		return title(cat.Documents[p.Type.Of].Title, p.Name)
	case p.Type.Kind == schema.Item && cat.Classifiers[p.Type.Of] != nil:
		return title(cat.Classifiers[p.Type.Of].Title, p.Name)
	}
	return p.Name
}

func (d *drawer) widget(t *schema.Type) Widget {
	switch t.Kind {
	case schema.Text:
		switch {
		case d.forms.masks[t.Named] != "":
			return Masked
		case t.MaxLength != nil && *t.MaxLength > areaFrom:
			return Area
		}
		return Line
	case schema.Enum:
		if len(t.Enum) <= radioMost {
			return Radio
		}
		return Select
	case schema.Item:
		return d.chooser(t.Of)
	case schema.Array:
		if t.Elem != nil && t.Elem.Kind == schema.Object {
			return Table
		}
		return Tags
	}
	return widgets(t.Kind)
}

func widgets(k schema.Kind) Widget {
	switch k {
	case schema.Boolean:
		return Check
	case schema.Integer:
		return Number
	case schema.Decimal:
		return Masked
	case schema.Money:
		return Money
	case schema.Date:
		return Date
	case schema.Month:
		return Month
	case schema.Quarter:
		return Quarter
	case schema.Year:
		return Year
	case schema.DateTime:
		return DateTime
	case schema.Duration:
		return Duration
	case schema.Point:
		return Map
	case schema.Link:
		return LookUp
	case schema.Definition:
		return Select
	case schema.Object:
		return Group
	}
	return Line
}

// chooser is a tree where any item of the classifier has a parent.
func (d *drawer) chooser(classifier string) Widget {
	if c := d.forms.cat.Classifiers[classifier]; c != nil {
		for _, item := range c.Items {
			if item.Parent != "" {
				return Tree
			}
		}
	}
	return Select
}

func source(t *schema.Type) *Source {
	if t.Kind == schema.Array && t.Elem != nil {
		t = t.Elem
	}
	switch t.Kind {
	case schema.Item:
		return &Source{Classifier: t.Of}
	case schema.Link:
		return &Source{Document: t.Of}
	case schema.Definition:
		return &Source{Definition: t.Of}
	}
	return nil
}

// object is the object type that a property holds, alone or in a list; nil for any other.
func object(t *schema.Type) *schema.Type {
	if t.Kind == schema.Array && t.Elem != nil {
		t = t.Elem
	}
	if t.Kind == schema.Object {
		return t
	}
	return nil
}

// inside gives the i18n keys and the owner of what lies inside a property.
func (d *drawer) inside(p *schema.Property, keys []string) ([]string, string) {
	t := p.Type
	if t.Kind == schema.Link {
		if doc := d.forms.cat.Documents[t.Of]; doc != nil {
			return key(doc), doc.Name
		}
	}
	own := below(keys, "properties", p.Name)
	if t.Kind == schema.Array {
		own, t = below(own, "items"), t.Elem
	}
	if t.Named != "" {
		return objectKeys(t), t.Named
	}
	return own, t.Of
}

// key is where the schema of a document lies in i18n, before that the one it extends; with parts, places in the
// document itself.
func key(doc *schema.Document, parts ...string) []string {
	var out []string
	for _, name := range []string{doc.Name, doc.Extends.Text} {
		switch {
		case name == "":
		case len(parts) > 0:
			out = append(out, path(append([]string{"documents", name}, parts...)...))
		default:
			out = append(out, path("documents", name, "schema"))
		}
	}
	return out
}

func objectKeys(t *schema.Type) []string { return []string{path("types", t.Named, "schema")} }

func path(parts ...string) string {
	return strings.ReplaceAll(strings.Join(parts, "/"), "attachments.", "attachments/")
}

func below(keys []string, parts ...string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = path(append([]string{k}, parts...)...)
	}
	return out
}
