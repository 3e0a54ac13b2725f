package link

import (
	"regexp"
	"slices"
	"strings"

	"mera/schema"
)

func (l *linker) list(x *schema.List) {
	l.law(x.Package, x.Law)
	for _, p := range x.Given {
		l.given(x.Package, p.Type)
	}
	for _, s := range x.By {
		l.role(x.Package, s)
	}
	l.facts(x.Package, x.Facts, kernelTypes...)
	if slices.Contains(kernelTypes, x.About.Text) {
		return // its properties are the kernel's; schema/filter checks them
	}
	d, ok := l.documentNamed(x.Package, x.About)
	if !ok {
		return
	}
	for _, o := range x.Order {
		if len(x.Group) == 0 && len(x.Sum) == 0 { // groups have an order of their own, which kernel/query checks
			l.path(d, o.Path)
		}
	}
	for _, s := range x.Group {
		l.grouped(d, s)
	}
	for _, c := range x.Columns {
		if plainPath.MatchString(c.Value.Text) && !l.isFact(x, c.Value.Text) {
			l.path(d, c.Value)
		}
	}
	l.taken(x, d)
}

var (
	plainPath   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$`)
	groupedPath = regexp.MustCompile(`^(year|quarter|month|day|hour)\((.*)\)$`)
)

// isFact tells that a path begins with a fact of the list.
func (l *linker) isFact(x *schema.List, path string) bool {
	first, _, _ := strings.Cut(path, ".")
	return slices.ContainsFunc(x.Facts, func(f *schema.Fact) bool { return f.Name == first })
}

// grouped is a path, or year(path) and the like.
func (l *linker) grouped(d *schema.Document, s schema.Scalar) {
	if m := groupedPath.FindStringSubmatch(s.Text); m != nil {
		s = schema.Scalar{Text: m[2], Pos: s.Pos}
		s.Pos.Col += len(m[1]) + 1
	}
	l.path(d, s)
}

func (l *linker) taken(x *schema.List, d *schema.Document) {
	if x.Take.IsZero() {
		return
	}
	w := l.cat.WorkflowOf(d.Name)
	if w == nil {
		l.faultf(x.Take.Pos, "unknown-event", "%s has no workflow, so there is no event %q to take by", d.Name, x.Take.Text)
		return
	}
	l.event(w, x.Take)
}

// givenWords are the types of arguments that are no definitions, with the kinds that they stand for.
var givenWords = map[string]schema.Kind{"Date": schema.Date, "Month": schema.Month, "Quarter": schema.Quarter, "Year": schema.Year,
	"Period": "period", "Money": schema.Money, "Integer": schema.Integer, "Text": schema.Text, "Boolean": schema.Boolean, "DateTime": schema.DateTime}

// given resolves the type of an argument: a document or [document], a classifier, a named type, or a word.
func (l *linker) given(pkg string, t *schema.Type) {
	switch {
	case t == nil:
	case t.Kind == schema.Array && t.Elem != nil && t.Elem.Kind == "":
		l.given(pkg, t.Elem)
	case t.Kind != "":
		l.resolve(pkg, t)
	case givenWords[t.Named] != "":
		t.Kind, t.Named = givenWords[t.Named], ""
	case l.cat.Documents[t.Named] != nil:
		t.Kind, t.Of, t.Named = schema.Link, t.Named, ""
		l.resolve(pkg, t)
	case l.cat.Classifiers[t.Named] != nil:
		t.Kind, t.Of, t.Named = schema.Item, t.Named, ""
		l.resolve(pkg, t)
	case l.cat.Types[t.Named] != nil:
		l.resolve(pkg, t)
	default:
		known := slices.Concat(keys(givenWords), l.visible(pkg, "document", keys(l.cat.Documents)), l.visible(pkg, "classifier", keys(l.cat.Classifiers)))
		l.fault(schema.Faultf(t.Pos, "unknown-name", "%q is no type of an argument", t.Named).WithNearest(t.Named, known))
	}
}

func (l *linker) form(f *schema.Form) {
	for _, s := range f.For {
		l.role(f.Package, s, "citizen", "public")
	}
	d, ok := l.documentNamed(f.Package, f.About)
	if !ok {
		return
	}
	l.inStates(d, f.In)
	for _, p := range f.Pages {
		if !p.Each.IsZero() {
			l.path(d, p.Each)
			continue // its fields are those of the rows
		}
		for _, s := range p.Fields {
			l.path(d, s)
		}
	}
}

func (l *linker) inStates(d *schema.Document, in []schema.Scalar) {
	if len(in) == 0 {
		return
	}
	w := l.cat.WorkflowOf(d.Name)
	if w == nil {
		l.faultf(in[0].Pos, "unknown-state", "%s has no workflow, so it has no states", d.Name)
		return
	}
	l.states(w, in)
}

func (l *linker) printForm(f *schema.PrintForm) {
	l.law(f.Package, f.Law)
	for _, x := range f.Lists {
		list, ok := find(l, f.Package, l.cat.Lists, "list", x.List)
		if !ok {
			continue
		}
		for _, e := range x.Given.Entries {
			if !slices.ContainsFunc(list.Given, func(p *schema.Property) bool { return p.Name == e.Key.Text }) {
				l.fault(schema.Faultf(e.Key.Pos, "unknown-property", "the list %s has no argument %q", list.Name, e.Key.Text).WithNearest(e.Key.Text, names(list.Given)))
			}
		}
	}
	if slices.Contains(kernelTypes, f.About.Text) {
		return
	}
	d, ok := l.documentNamed(f.Package, f.About)
	if ok && !f.To.IsZero() {
		l.actor(f.Package, d, f.To)
	}
}
