package registry

import (
	"fmt"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/filter"
)

// codeLabelFlow tells that what a label hides would be seen elsewhere: a fault where a value is kept or said, a lint
// where a case moves by it.
const codeLabelFlow = "label-flow"

// labelling judges where labelled values go. What the kernel keeps of a decision, a request or a print is no matter of
// definitions: it keeps its labels (kernel/store, migration 9). The result, the sum and the period of a decision are
// what the procedure has to tell, whatever they were concluded from.
type labelling struct {
	r  *Release
	ds schema.Diagnostics
}

// labelFlows finds what would show hidden values. The release has compiled without a fault.
func labelFlows(r *Release) schema.Diagnostics {
	l := &labelling{r: r}
	for _, d := range sorted(r.Documents) {
		l.document(d)
	}
	for _, m := range sorted(r.Measures) {
		for _, f := range m.Flows() {
			l.flow(f)
		}
	}
	for _, def := range sorted(r.Catalog.Workflows) {
		l.workflow(def)
	}
	for _, x := range r.Exchanges.All() {
		for _, f := range x.Flows() {
			l.flow(f)
		}
	}
	return l.ds
}

func (l *labelling) workflow(def *schema.Workflow) {
	m := l.r.Machines[def.About.Text]
	var reasons []string
	for _, name := range m.Decides() {
		if decided := l.r.Measures[name]; decided != nil {
			reasons = append(reasons, decided.Labels()...)
		}
	}
	for _, f := range m.Flows() {
		if readsReasons(f.Program) {
			f.Labels = append(f.Labels, reasons...)
		}
		l.flow(f)
	}
	for _, p := range m.Steers() {
		if labels := p.Labels(); len(labels) > 0 {
			l.ds = append(l.ds, schema.Lintf(p.Pos(), codeLabelFlow, "the case moves by %s: whoever sees its state may conclude what is hidden", strings.Join(labels, ", ")))
		}
	}
}

// readsReasons tells that a program reads why a decision is as it is.
func readsReasons(p *expr.Program) bool {
	return slices.ContainsFunc(p.Paths(), func(path []string) bool {
		return path[0] == "decision" && (len(path) == 1 || path[1] == "reasons")
	})
}

func (l *labelling) document(d *Document) {
	for _, s := range slices.Concat(d.froms, d.values) {
		l.flow(expr.Flow{Document: d.Def.Name, Into: []*schema.Property{s.property}, Program: s.program, Labels: s.program.Labels()})
	}
	if d.summary != nil {
		l.said(d.summary.Pos(), "the line that names a "+d.Def.Name, d.summary.Labels())
	}
	for _, c := range d.checks {
		for _, message := range c.said() {
			l.said(message.Pos(), "the message of the check "+c.def.Name, message.Labels())
		}
	}
	for _, n := range d.Numbers {
		l.number(d, n)
	}
	for _, k := range d.Def.Keys {
		for _, p := range k.Properties {
			l.said(p.Pos, "the key "+k.System, d.labels(p.Text))
		}
	}
	for _, u := range d.Uniques() {
		if !u.Def.Warn { // whoever is refused knows what is there already
			l.said(u.Def.Pos, "the refusal by unique rule "+u.Def.Name, d.compared(u))
		}
	}
	if p := d.Def.Property("payout"); p != nil {
		l.said(p.Pos, "an award, which keeps payout,", d.labels(p.Name))
	}
}

// labels are those of a property; none of what is no property.
func (d *Document) labels(name string) []string {
	p := d.Def.Property(name)
	if p == nil {
		return nil
	}
	out := p.Labels()
	for i := range out {
		out[i] = d.Def.Name + "." + out[i]
	}
	return out
}

// compared are the labels of what a unique rule holds against other records.
func (d *Document) compared(u Unique) (labels []string) {
	names := slices.Concat(u.Def.Of, u.Def.During)
	if h := d.Def.Holds; h != nil && len(u.Def.During) == 1 {
		names = append(slices.Clone(u.Def.Of), h.From, h.To)
	}
	for _, p := range names {
		labels = append(labels, d.labels(p.Text)...)
	}
	return append(labels, filtered(d.Def.Name, u.Where)...)
}

// filtered are the labels of what a filter of records of a type reads.
func filtered(typ string, t *filter.Tree) (labels []string) {
	if t == nil {
		return nil
	}
	for _, hop := range t.Path {
		if hop.Label != "" {
			labels = append(labels, typ+"."+hop.Label)
		}
		if hop.Link != "" {
			typ = hop.Link
		}
	}
	for _, kid := range t.Kids {
		labels = append(labels, filtered(typ, kid)...)
	}
	return labels
}

func (l *labelling) number(d *Document, n *Number) {
	labels := n.format.program.Labels()
	for _, name := range n.format.program.Reads() { // a format names properties without doc
		labels = append(labels, d.labels(name)...)
	}
	for _, per := range n.per {
		if per != nil {
			labels = append(labels, per.Labels()...)
		}
	}
	l.judge(n.Def.Pos, d.Def.Name+"."+n.Property, []*schema.Property{d.Def.Property(n.Property)}, labels)
}

func (l *labelling) flow(f expr.Flow) {
	name := f.Document
	for _, p := range f.Into {
		name += "." + p.Name
	}
	l.judge(f.Program.Pos(), name, f.Into, f.Labels)
}

// said faults labels of what everybody reads who reads the record.
func (l *labelling) said(pos schema.Pos, what string, labels []string) {
	l.judge(pos, what, nil, labels)
}

// judge faults labels that no property on the way has.
func (l *labelling) judge(pos schema.Pos, what string, into []*schema.Property, labels []string) {
	var shown []string
	for _, label := range labels {
		_, name, _ := strings.Cut(label, ".")
		if !slices.ContainsFunc(into, func(p *schema.Property) bool { return p.Label == name }) && !slices.Contains(shown, label) {
			shown = append(shown, label)
		}
	}
	if len(shown) == 0 {
		return
	}
	slices.Sort(shown)
	hint := "make it of what is not hidden"
	if len(into) > 0 {
		_, name, _ := strings.Cut(shown[0], ".")
		hint = fmt.Sprintf("write x-label: %s on it, or make it of what is not hidden", name)
	}
	l.ds = append(l.ds, schema.Faultf(pos, codeLabelFlow, "%s would show what is hidden: %s", what, strings.Join(shown, ", ")).WithHint("%s", hint))
}
