package measure

import (
	"slices"

	"mera/schema/expr"
)

// Labels are the labels, as Type.label, on which what a decision tells may depend: its reasons, its trace, its slices.
// The outcome itself - the result, the period, the sum - is for whoever may read the decision.
func (m *Measure) Labels() []string { return slices.Clone(m.labels) }

// Flows are the properties of the documents that the right gives.
func (m *Measure) Flows() []expr.Flow {
	var out []expr.Flow
	for _, g := range m.gifts {
		for _, f := range expr.FlowsOf(g.document, g.set) {
			f.Labels = m.behind(f.Program)
			out = append(out, f)
		}
	}
	return out
}

// filtersBy are the labels of the properties by which the records of a fact are found.
func (m *Measure) filtersBy(f *fact) []string {
	var out []string
	for _, typ := range m.behindType(f.typ) {
		out = append(out, f.where.Labels(typ)...)
	}
	return out
}

// behind are the labels of a program and of the facts and lets that it reads.
func (m *Measure) behind(p *expr.Program) []string {
	out := p.Labels()
	for _, name := range p.Reads() {
		n := m.named(name)
		switch {
		case n == nil:
		case n.let != nil:
			out = append(out, m.behind(n.let)...)
		case n.fact != nil:
			if n.fact.where != nil {
				out = append(out, m.filtersBy(n.fact)...)
			}
			for _, of := range []*expr.Program{n.fact.of, n.fact.at, n.fact.over} {
				if of != nil {
					out = append(out, m.behind(of)...)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
