package measure

import (
	"fmt"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// restore makes the run of a stored decision: its names have the values that they had, records are references whose
// data World reads.
func (m *Measure) restore(in Input, d *Decision) (*run, error) {
	in, err := m.ready(in)
	if err != nil {
		return nil, err
	}
	answers := map[string]any{}
	for k, v := range d.Answers {
		answers[k] = v
	}
	for k, v := range in.Answers {
		answers[k] = v
	}
	in.Answers = answers
	r := newRun(m, in, d.Asked, decisionCost)
	r.facts = d.Facts
	r.vars["doc"], r.vars["asked"], r.vars["period"] = in.Doc, d.Asked, d.Period
	r.vars["beneficiary"] = &expr.Record{Type: m.vars["beneficiary"].Of, ID: d.Beneficiary}
	r.vars["recipient"] = &expr.Record{Type: m.vars["recipient"].Of, ID: d.Recipient}
	for _, f := range d.Facts {
		if n := m.named(f.Name); n != nil && n.fact != nil {
			r.vars[f.Name] = r.found(n, f, references(f.Records))
		}
	}
	for _, l := range d.Lets {
		n := m.named(l.Name)
		if n == nil || n.let == nil {
			continue
		}
		v, err := decode(n.typ, l.Value)
		if err != nil {
			return nil, fmt.Errorf("measure %s, let %s of a stored decision: %w", m.def.Name, l.Name, err)
		}
		if v == nil && len(l.Unclear) > 0 {
			v = expr.Unknown{Names: l.Unclear}
		}
		r.vars[l.Name] = v
	}
	return r, nil
}

func references(refs []Ref) []*expr.Record {
	out := make([]*expr.Record, len(refs))
	for i, ref := range refs {
		out[i] = &expr.Record{Type: ref.Type, ID: ref.ID, Version: ref.Version}
	}
	return out
}

// holdsOf is the days on which a record holds; all days for a type without a period. Properties that are months or
// years give their first and last day.
func holdsOf(doc *schema.Document, rec *expr.Record) value.Period {
	p := value.Period{To: value.Forever}
	if doc == nil || doc.Holds == nil {
		return p
	}
	if from, ok := daysOf(doc, rec, doc.Holds.From.Text); ok {
		p.From = from.From
	}
	if to, ok := daysOf(doc, rec, doc.Holds.To.Text); ok {
		p.To = to.To
	}
	return p
}

func daysOf(doc *schema.Document, rec *expr.Record, property string) (value.Period, bool) {
	p := doc.Property(property)
	if p == nil || rec.Data[property] == nil {
		return value.Period{}, false
	}
	v := rec.Data[property]
	if _, stored := v.(string); stored {
		var err error
		if v, err = expr.FromStored(p.Type, v); err != nil {
			return value.Period{}, false
		}
	}
	switch v := v.(type) {
	case value.Date:
		return value.Period{From: v, To: v}, true
	case value.Period:
		return v, true
	}
	return value.Period{}, false
}
