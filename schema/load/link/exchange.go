package link

import (
	"maps"
	"slices"

	"mera/schema"
	"mera/schema/load/naming"
)

func (l *linker) format(f *schema.Format) {
	l.recordType(f.Package, f.Of)
}

// recordType resolves a document that formats read and print.
func (l *linker) recordType(pkg string, s schema.Scalar) (*schema.Document, bool) {
	d, ok := l.documentNamed(pkg, s)
	if ok && !d.Record {
		l.fault(schema.Faultf(s.Pos, "wrong-target", "%q is not what a format reads or prints", d.Name).WithHint("write record: true in the document, or name another"))
	}
	return d, ok
}

func (l *linker) exchange(x *schema.Exchange) {
	l.law(x.Package, x.Law)
	for _, f := range x.Flows {
		record := f.Send
		if record.IsZero() {
			record = f.Take
		}
		l.recordType(x.Package, record)
		l.formatOf(x.Package, f.Format, record)
		for _, e := range f.Source {
			if e.Value.Kind == schema.ScalarNode && !slices.Contains(kernelTypes, e.Value.Text()) {
				l.documentNamed(x.Package, e.Value.Scalar)
			}
		}
		l.steps(x, f.Steps)
		if f.Answer != nil {
			l.answer(x, f.Answer)
		}
	}
}

func (l *linker) formatOf(pkg string, format, record schema.Scalar) {
	if format.IsZero() {
		return
	}
	f, ok := find(l, pkg, l.cat.Formats, "format", format)
	if ok && f.Of.Text != record.Text {
		l.fault(schema.Faultf(format.Pos, "wrong-target", "the format %s is of %s, not of %s", f.Name, f.Of.Text, record.Text))
	}
}

func (l *linker) answer(x *schema.Exchange, a *schema.Answer) {
	l.recordType(x.Package, a.Record)
	l.formatOf(x.Package, a.Format, a.Record)
	for _, code := range slices.Sorted(maps.Keys(a.Rejected)) {
		if code == "" {
			l.faultf(a.Rejected[code].Pos, "bad-name", "a code of refusal is empty")
		}
	}
	for _, c := range a.Covers {
		l.documentNamed(x.Package, c.Type)
	}
	l.steps(x, a.Steps)
}

func (l *linker) steps(x *schema.Exchange, steps []*schema.Step) {
	for _, s := range steps {
		if _, isExpression := s.Target.Expression(); isExpression {
			continue // a record; its properties are checked with its type
		}
		switch s.Verb {
		case "match", "create", "update":
			if d, ok := l.documentNamed(x.Package, s.Target); ok {
				l.sets(d, s.Set)
				l.keySystems(d, s.Key)
			}
		case "submit", "start":
			l.caseType(x.Package, s.Target, s.Set)
		case "void":
			l.fault(schema.Faultf(s.Target.Pos, "bad-value", "void needs a record").WithHint("begin with =: an expression that is a record"))
		case "print":
			find(l, x.Package, l.cat.PrintForms, "print form", s.Target)
		case "send":
			l.sending(x.Package, s.Target)
		}
	}
}

// keySystems lets an outside key name any system but forbids one that the document builds from its own properties.
func (l *linker) keySystems(d *schema.Document, key schema.ValueMap) {
	for _, e := range key.Entries {
		if !naming.IsName(e.Key.Text) {
			l.fault(schema.Faultf(e.Key.Pos, "bad-name", "%q cannot name the system of a key", e.Key.Text).WithHint("write one Latin word"))
		}
	}
	if len(key.Entries) > 1 {
		l.fault(schema.Faultf(key.Pos, "bad-value", "the key of %s names several systems", d.Name).WithHint("name one: {system: =path}"))
	}
}
