package policies

import (
	"maps"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/filter"
)

// attribute is what input.row.<name> is for one type.
type attribute struct {
	typ  *schema.Type
	path []filter.Hop
}

// attributes are those of one type by name.
type attributes map[string]attribute

func (a attributes) names() []string { return slices.Sorted(maps.Keys(a)) }

// rowAttributes are what the kernel derives of each document: columns of the record. created is the day, in UTC.
func rowAttributes() map[string]*schema.Type {
	return map[string]*schema.Type{
		"id":         {Kind: schema.UUID},
		"type":       {Kind: schema.Text},
		"state":      {Kind: schema.Text},
		"final":      {Kind: schema.Boolean},
		"office":     {Kind: schema.Link, Of: "Office"},
		"department": {Kind: schema.Text},
		"territory":  {Kind: schema.Item, Of: "Territory"},
		"author":     {Kind: schema.Text},
		"worker":     {Kind: schema.Text},
		"card":       {Kind: schema.UUID},
		"persons":    {Kind: schema.Array, Elem: &schema.Type{Kind: schema.Link, Of: "Person"}},
		"created":    {Kind: schema.Date},
	}
}

// attributesOf are those of a document: the kernel's, and the access attributes of the type and of its cards.
func attributesOf(cat *schema.Catalog, document string) (attributes, schema.Diagnostics) {
	out, own := attributes{}, rowAttributes()
	for name, t := range own {
		out[name] = attribute{t, rowHop(name)}
	}
	var ds schema.Diagnostics
	for _, link := range cat.Chain(document) {
		d := cat.Documents[link]
		for _, a := range accessOf(cat, d) {
			if _, nearer := out[a.Name]; nearer {
				// territory and department may say where they are read from; the kernel fills their columns so
				if own[a.Name] != nil && link == document && a.Name != "territory" && a.Name != "department" {
					ds = append(ds, schema.Faultf(a.Pos, "attribute-type", "%q is an attribute of the kernel's own", a.Name))
				}
				continue
			}
			t := pathType(cat, d, a.Path.Text)
			if t == nil || !flat(t) {
				if link == document {
					ds = append(ds, attributeFault(a, t))
				}
				continue
			}
			out[a.Name] = attribute{t, rowHop(a.Name)}
		}
	}
	return out, ds
}

func rowHop(name string) []filter.Hop { return []filter.Hop{{Property: name, Row: true}} }

// accessOf are the access attributes of a document and of what it extends.
func accessOf(cat *schema.Catalog, d *schema.Document) []*schema.AccessAttribute {
	out := slices.Clone(d.Access)
	if base := cat.Documents[d.Extends.Text]; base != nil {
		for _, a := range base.Access {
			if !slices.ContainsFunc(out, func(o *schema.AccessAttribute) bool { return o.Name == a.Name }) {
				out = append(out, a)
			}
		}
	}
	return out
}

func attributeFault(a *schema.AccessAttribute, t *schema.Type) schema.Diagnostic {
	if t == nil {
		return schema.Faultf(a.Path.Pos, "attribute-type", "the path %q leads to no property of the type or of its cards", a.Path.Text)
	}
	return schema.Faultf(a.Path.Pos, "attribute-type", "policies cannot compare %q, which is %s", a.Path.Text, t.Kind)
}

// pathType follows a dotted path over links to the type of its last property; nil if it leads nowhere.
func pathType(cat *schema.Catalog, d *schema.Document, path string) *schema.Type {
	steps := strings.Split(path, ".")
	for i, step := range steps {
		if d == nil {
			return nil
		}
		var t *schema.Type
		if p := d.Property(step); p != nil {
			t = p.Type
		} else if k, ok := schema.KernelProperty(step, cat.WorkflowOf(d.Name) != nil); ok {
			t = k
		}
		if t == nil || i == len(steps)-1 {
			return t
		}
		d = nil
		if t.Kind == schema.Link {
			d = cat.Documents[t.Of]
		}
	}
	return nil
}

// flat tells that rows hold the kind as plain text, number, boolean, or a set of such.
func flat(t *schema.Type) bool {
	switch t.Kind {
	case schema.Array:
		return t.Elem != nil && t.Elem.Kind != schema.Array && flat(t.Elem)
	case schema.Object, schema.Point, schema.Duration, schema.DateTime:
		return false
	}
	return true
}

// ofCases are the attributes that what lies on a case, an award or a payment list has of that.
var ofCases = []string{"territory", "office", "persons", "author"}

// Kept is where a row of a kernel type keeps an attribute of its case; nil if it does not.
func Kept(kernelType, attribute string) []filter.Hop {
	if !slices.Contains(ofCases, attribute) {
		return nil
	}
	return slices.Clone(kernelAttributes(kernelType)[attribute].path)
}

// kernelAttributes are those of a kernel type: its fields; what lies on a case, an award or a payment list has the
// territory, office, persons and author of that, where it has none of its own.
func kernelAttributes(name string) attributes {
	out := attributes{}
	d := filter.KernelType(name)
	for _, p := range d.Properties {
		if flat(p.Type) {
			out[p.Name] = attribute{p.Type, []filter.Hop{{Property: p.Name}}}
		}
	}
	for _, via := range []string{"award", "list", "case"} {
		p := d.Property(via)
		if p == nil {
			continue
		}
		for _, name := range ofCases {
			if inherited := filter.KernelType(p.Type.Of).Property(name); out[name].typ == nil && inherited != nil {
				out[name] = attribute{inherited.Type, []filter.Hop{{Property: via, Link: p.Type.Of}, {Property: name}}}
			}
		}
	}
	return out
}
