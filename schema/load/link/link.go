// Package link joins packages into one catalog: it orders them, makes types and documents whole and follows every name
// to its definition. It reads no file and compiles no expression. schema/load is its only caller.
package link

import (
	"mera/schema"
)

// Packages joins packages into one catalog; see load.Link.
func Packages(pkgs []*schema.Package) (*schema.Catalog, schema.Diagnostics) {
	l := &linker{cat: schema.NewCatalog(), home: map[string]string{}, sees: map[string]map[string]bool{},
		codes: map[string]map[string]*schema.ClassifierItem{}, events: map[string]map[string]bool{}}
	for _, p := range l.order(pkgs) {
		l.cat.Packages = append(l.cat.Packages, clone(p))
	}
	for _, p := range l.cat.Packages {
		l.prefix(p)
		l.collect(p)
	}
	l.types()
	l.documents()
	l.fieldNames()
	l.files = locations(l.cat.Packages)
	for _, p := range l.cat.Packages {
		for _, x := range p.Rows {
			l.addRows(p, x)
		}
	}
	for _, p := range l.cat.Packages {
		l.packageParts(p)
	}
	l.cat.Wording = schema.NewWording(l.cat.Packages)
	return l.cat, l.faults.Sorted()
}

// linker joins packages.
type linker struct {
	cat    *schema.Catalog
	home   map[string]string                            // kind/name → the package that opens it
	sees   map[string]map[string]bool                   // package → itself and all that it requires, directly or not
	codes  map[string]map[string]*schema.ClassifierItem // classifier → code → item, as they are asked for
	events map[string]map[string]bool                   // workflow → its events, as they are asked for
	files  map[string]map[string]location               // folder → name → file
	faults schema.Diagnostics
}

// fault reports; what has no place is not there, and reading has reported that already.
func (l *linker) fault(d schema.Diagnostic) {
	if d.Pos.File != "" {
		l.faults = append(l.faults, d)
	}
}

func (l *linker) faultf(pos schema.Pos, code, format string, args ...any) {
	l.fault(schema.Faultf(pos, code, format, args...))
}

// packageParts checks everything of a package that refers to types, once all types are whole.
func (l *linker) packageParts(p *schema.Package) {
	for _, d := range p.Documents {
		l.document(d)
	}
	for _, t := range p.Types {
		l.law(t.Package, t.Law)
		for _, e := range t.Source {
			l.documentNamed(t.Package, e.Value.Scalar)
		}
	}
	for _, c := range p.Classifiers {
		l.classifier(c)
	}
	for _, x := range p.Parameters {
		l.parameter(x)
	}
	for _, f := range p.Functions {
		l.function(f)
	}
	for _, m := range p.Measures {
		l.measure(m)
	}
	for _, w := range p.Workflows {
		l.workflow(w)
	}
	for _, x := range p.Lists {
		l.list(x)
	}
	for _, f := range p.Forms {
		l.form(f)
	}
	for _, f := range p.PrintForms {
		l.printForm(f)
	}
	for _, f := range p.Formats {
		l.format(f)
	}
	for _, x := range p.Exchanges {
		l.exchange(x)
	}
	for _, t := range p.Texts {
		l.texts(p, t)
	}
	for _, t := range p.Tests {
		l.test(p, t)
	}
	for _, s := range p.Scenarios {
		l.scenario(p, s)
	}
}
