package load

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"mera/schema"
)

func (r *reader) list(m schema.Meta, n *schema.Node) *schema.List {
	l := &schema.List{Meta: m, About: scalar(n, "about"), Given: r.given(m.Name, n), Where: mapNode(n, "where"), Columns: r.columns(n, "columns"),
		Facts: r.facts(n), Group: scalars(n, "group"), Sum: r.columns(n, "sum"), Take: scalar(n, "take"), By: scalars(n, "by"),
		Public: flag(n, "public"), Offline: flag(n, "offline")}
	for _, s := range scalars(n, "order") {
		o := schema.Order{Path: s}
		if rest, desc := strings.CutPrefix(s.Text, "-"); desc {
			s.Text = rest
			s.Pos.Col++
			o = schema.Order{Path: s, Desc: true}
		}
		l.Order = append(l.Order, o)
	}
	return l
}

// listWords are the arguments of every list in GraphQL.
var listWords = []string{"where", "orderBy", "first", "after", "last", "before", "asOf", "knownAt"}

// given reads arguments: a type, [type], or the schema of a property. Words are resolved by linking.
func (r *reader) given(owner string, n *schema.Node) []*schema.Property {
	var out []*schema.Property
	for _, e := range most(r, entries(n, "given"), maxProperties, "arguments", n.Pos) {
		r.named(e.Key, "argument")
		if slices.Contains(listWords, e.Key.Text) {
			r.fault(schema.Faultf(e.Key.Pos, "reserved-name", "%q is an argument that every list has", e.Key.Text).WithHint("take another name"))
		}
		if e.Value.Kind == schema.MapNode {
			p := r.property(owner, e)
			if p.Type == nil {
				r.untyped(p.Pos, e.Key.Text, e.Value)
			}
			out = append(out, p)
			continue
		}
		word := typeWord(e.Value)
		t := &schema.Type{Named: word.Text, Pos: word.Pos}
		if inner, list := strings.CutPrefix(word.Text, "["); list {
			t = &schema.Type{Kind: schema.Array, Pos: word.Pos, Elem: &schema.Type{Named: strings.TrimSuffix(inner, "]"), Pos: word.Pos}}
		}
		out = append(out, &schema.Property{Name: e.Key.Text, Pos: e.Key.Pos, Type: t, Required: true})
	}
	return out
}

func (r *reader) columns(n *schema.Node, key string) []*schema.Column {
	var out []*schema.Column
	for _, e := range most(r, entries(n, key), maxProperties, "columns", n.Pos) {
		r.spelled(e.Key, "column")
		c := &schema.Column{Name: e.Key.Text, Pos: e.Key.Pos}
		if e.Value.Kind == schema.ScalarNode {
			c.Value = e.Value.Scalar
		} else {
			c.Value, c.Title = scalar(e.Value, "value"), text(e.Value, "title")
		}
		out = append(out, c)
	}
	return out
}

func (r *reader) form(m schema.Meta, n *schema.Node) *schema.Form {
	f := &schema.Form{Meta: m, About: scalar(n, "about"), For: scalars(n, "for"), In: scalars(n, "in"), Public: flag(n, "public")}
	for _, e := range most(r, entries(n, "pages"), maxParts, "pages", n.Pos) {
		r.named(e.Key, "page")
		f.Pages = append(f.Pages, &schema.Page{Name: e.Key.Text, Pos: e.Key.Pos, Title: text(e.Value, "title"), Fields: scalars(e.Value, "fields"),
			Each: scalar(e.Value, "each"), Checklist: flag(e.Value, "checklist"), Suggest: scalar(e.Value, "suggest")})
	}
	if v := mapNode(n, "each"); v != nil {
		f.Each = &schema.FormRows{Rows: scalar(v, "rows"), Into: scalar(v, "into"), Key: scalar(v, "key"), Widget: scalar(v, "widget"),
			Label: scalar(v, "label"), Required: scalar(v, "required")}
	}
	return f
}

func (r *reader) printForm(m schema.Meta, file string, n *schema.Node) *schema.PrintForm {
	p := &schema.PrintForm{Meta: m, About: scalar(n, "about"), Template: scalar(n, "template"), Channel: scalars(n, "channel"),
		Paper: text(n, "paper"), To: scalar(n, "to")}
	for _, e := range entries(n, "lists") {
		r.named(e.Key, "list of a print form")
		p.Lists = append(p.Lists, &schema.PrintList{Name: e.Key.Text, List: scalar(e.Value, "list"), Given: valueMap(e.Value, "given")})
	}
	if p.Template.IsZero() {
		p.Template = schema.Scalar{Text: file + ".html", Pos: n.Pos}
	}
	template := path.Join("printforms", p.Template.Text)
	if path.Dir(template) != "printforms" {
		r.fault(schema.Faultf(p.Template.Pos, "missing-file", "a template lies beside its print form, and %q does not", p.Template.Text))
		return p
	}
	src, ok := r.pkg.Files[template]
	if !ok {
		r.fault(schema.Faultf(p.Template.Pos, "missing-file", "there is no template %q beside the print form", p.Template.Text).
			WithHint("write %s", cmp.Or(template, file+".html")))
	}
	p.Source = src
	return p
}
