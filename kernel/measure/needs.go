package measure

import (
	"slices"

	"mera/schema/expr"
	"mera/schema/value"
)

// Needs are the requests without which facts of the decision or of its first slice are not known, for each record that
// they would be about, in the order of the facts. Where the period cannot be known yet, the unit of the day asked
// stands for the first slice. Events of days after the day asked are not asked for: their time has not come.
func (m *Measure) Needs(in Input) ([]Need, error) {
	in, asked, people, unknown, err := m.heads(in)
	if err != nil || len(unknown) > 0 {
		return nil, err
	}
	var out []Need
	for _, person := range people {
		needs, err := m.needs(in, asked, person)
		if err != nil {
			return nil, err
		}
		for _, n := range needs {
			if !slices.ContainsFunc(out, func(o Need) bool { return o.same(n) }) {
				out = append(out, n)
			}
		}
	}
	return out, nil
}

// same tells that one request serves both.
func (n Need) same(o Need) bool {
	return n.Request == o.Request && n.Subject == o.Subject && n.Asked == o.Asked && n.Window == o.Window
}

func (m *Measure) needs(in Input, asked value.Date, person *expr.Record) ([]Need, error) {
	d, r, err := m.decide(in, asked, person)
	if err != nil {
		return nil, err
	}
	facts := slices.Clone(r.facts)
	if len(d.Slices) > 0 {
		facts = append(facts, d.Slices[0].Pieces[0].Facts...)
	} else {
		slice := unitOf(asked, m.pay.Every)
		if m.pay.Every == everyOnce {
			slice = value.Period{From: asked, To: asked}
		}
		p := r.piece(slice, r.cost)
		if p.vars["period"] == nil {
			p.vars["period"] = expr.Unknown{Names: []string{"period"}}
		}
		if err := p.compute(stageSlice); err != nil {
			return nil, err
		}
		facts = append(facts, p.facts...)
	}
	var out []Need
	for _, f := range facts {
		if len(f.Missing) == 0 {
			continue
		}
		needs, err := r.lacking(f, asked)
		if err != nil {
			return nil, err
		}
		out = append(out, needs...)
	}
	return out, nil
}

// lacking asks record by record which requests a fact lacks: an answer about one of a family says nothing of another.
func (r *run) lacking(read FactRead, asked value.Date) ([]Need, error) {
	n := r.m.named(read.Name)
	f := n.fact
	var out []Need
	for _, id := range read.Of {
		known, err := r.in.Facts.Find(r.in.Ctx, FactQuery{Fact: n.name, Type: f.typ, Via: f.via, Of: []string{id},
			Window: read.Window, Where: f.where, Ask: f.ask, Citizen: f.citizen, Fresh: f.fresh, Max: f.max})
		if err != nil {
			return nil, err
		}
		for _, request := range known.Missing {
			if request == citizenWord || r.m.tooEarly(request, read, asked) {
				continue
			}
			need := Need{Fact: n.name, Request: request, Type: f.ofType, Subject: id, Asked: asked}
			if read.Window != nil {
				need.Window = *read.Window
			}
			out = append(out, need)
		}
	}
	return out, nil
}

// tooEarly tells that a request is about events of days that have not passed.
func (m *Measure) tooEarly(request string, read FactRead, asked value.Date) bool {
	flow := RequestFlow(m.cat, request)
	return flow != nil && CoverOf(flow, read.Type) == ForPeriod && read.Window != nil && read.Window.To.After(asked)
}
