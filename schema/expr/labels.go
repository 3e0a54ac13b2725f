package expr

import (
	"maps"
	"slices"

	"mera/schema"
)

// property is one that an expression reads: of a document, of an interface, or with document "" of a value whose type
// is not known before.
type property struct{ document, name string }

// touch notes that a property of a type is read: its value, or whether it has one.
func (c *compiler) touch(t *Type, name string) {
	switch t.Kind {
	case schema.Link:
		c.uses.properties[property{t.Of, name}] = true
	case AnyKind:
		c.uses.properties[property{"", name}] = true
	}
}

// Labels are the labels, as Type.label, that the result may depend on: those of all properties that the program reads,
// through functions and computed properties too, in conditions as well as in values. What is read of an interface has
// the labels of every document behind it, an object those of all that lies in it. Sorted.
//
// What the names of the scope were computed from is not known here: that is the business of who made them.
func (p *Program) Labels() []string {
	l := &labelling{env: p.env, seen: map[property]bool{}, found: map[string]bool{}}
	l.all(p.uses.properties)
	return slices.Sorted(maps.Keys(l.found))
}

// Touches tells that a program reads a property of records of a type.
func (p *Program) Touches(typ, name string) bool { return p.uses.properties[property{typ, name}] }

// labelling follows what is read to labels.
type labelling struct {
	env   *Env
	seen  map[property]bool
	found map[string]bool
}

func (l *labelling) all(read map[property]bool) {
	for r := range read {
		if l.seen[r] {
			continue
		}
		l.seen[r] = true
		for _, d := range l.env.behind(r.document) {
			l.read(d, r.name)
		}
	}
}

// behind are the documents of which a record of a type may be.
func (e *Env) behind(document string) []*schema.Document {
	var out []*schema.Document
	for _, d := range e.cat.Documents {
		if document == "" || d.Name == document || d.Extends.Text == document || document == "Case" && e.cat.WorkflowOf(d.Name) != nil {
			out = append(out, d)
		}
	}
	return out
}

// read follows a property, or what stands for properties: the period, the card, the parent, the keys, the line that
// names the record, its history.
func (l *labelling) read(d *schema.Document, name string) {
	if p := d.Property(name); p != nil {
		for _, label := range p.Labels() {
			l.found[d.Name+"."+label] = true
		}
		if prog := l.env.computed[d.Name+"."+name]; prog != nil {
			l.all(prog.uses.properties)
		}
		return
	}
	for _, p := range l.env.stands(d, name) {
		l.read(d, p)
	}
	if prog := l.env.summaries[d.Name]; prog != nil && name == "title" {
		l.all(prog.uses.properties)
	}
}

// stands are the properties that a name of the language stands for.
func (e *Env) stands(d *schema.Document, name string) []string {
	var out []string
	switch {
	case name == "holds" && d.Holds != nil:
		out = []string{d.Holds.From.Text, d.Holds.To.Text}
	case name == "card" && d.Card != nil:
		out = []string{d.Card.Link}
	case (name == "parent" || name == "children") && !d.Tree.IsZero():
		out = []string{d.Tree.Text}
	case name == "keys":
		for _, k := range d.Keys {
			for _, p := range k.Properties {
				out = append(out, p.Text)
			}
		}
	case name == "history":
		for _, p := range d.Properties {
			out = append(out, p.Name)
		}
	}
	return slices.DeleteFunc(out, func(p string) bool { return d.Property(p) == nil })
}

// Flow is an expression whose value is kept in a property. Who reads the property must not learn from it what is
// hidden elsewhere, so the property has a label for each of the expression's (kernel/registry judges it).
type Flow struct {
	Document string
	Into     []*schema.Property // the property, then the field in it where the value is a part of an object
	Program  *Program
	Labels   []string // of the program and of the names that it reads
}
