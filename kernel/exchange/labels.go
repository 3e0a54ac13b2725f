package exchange

import (
	"maps"
	"slices"
	"strings"

	"mera/schema/expr"
)

// Labels are the labels, as Type.label, on which what is sent may depend.
func (f *Flow) Labels() []string {
	var out []string
	for _, from := range f.froms {
		if from.program != nil {
			out = append(out, from.program.Labels()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// AnswerLabels are the labels of what comes back. An answer says what its steps write, so it is hidden as that is; a
// label of its own stands for the same label of what is written, or for itself where nothing has it.
func (f *Flow) AnswerLabels() []string {
	var out []string
	for _, s := range f.steps {
		doc := f.all.cat.Documents[s.typ]
		for _, set := range s.set {
			for _, label := range doc.Property(set.Property).Labels() {
				out = append(out, doc.Name+"."+label)
			}
		}
	}
	if f.answered != nil {
		for _, p := range f.answered.Properties {
			for _, label := range p.Labels() {
				if !slices.ContainsFunc(out, func(l string) bool { return nameOf(l) == label }) {
					out = append(out, f.answered.Name+"."+label)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// nameOf is the label of a Type.label.
func nameOf(label string) string {
	_, name, _ := strings.Cut(label, ".")
	return name
}

// Flows are the properties that the steps of an answer write.
func (f *Flow) Flows() []expr.Flow {
	var out []expr.Flow
	for _, s := range f.steps {
		doc := f.all.cat.Documents[s.typ]
		if doc == nil {
			continue
		}
		for _, f := range expr.FlowsOf(doc, s.set) {
			for _, p := range []*expr.Program{s.when, s.each} {
				if p != nil {
					f.Labels = append(f.Labels, p.Labels()...)
				}
			}
			out = append(out, f)
		}
	}
	return out
}

// All are the flows of all exchanges, each once, in the order of their names.
func (x *Exchanges) All() []*Flow {
	var out []*Flow
	for _, name := range slices.Sorted(maps.Keys(x.requests)) {
		if f := x.requests[name]; !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}
