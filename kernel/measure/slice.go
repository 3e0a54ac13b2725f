package measure

import (
	"fmt"
	"iter"
	"slices"

	"mera/schema/expr"
	"mera/schema/value"
)

// Slices are those that a granted decision owes: all that begin, or fall due, not after until, in order. The last may
// end the award. d is the decision as it was stored: its names are handed to the slices, its facts are not read anew.
// Errors are those of Decide.
func (m *Measure) Slices(in Input, d *Decision, until value.Date) ([]Slice, error) {
	if d.Result != Granted || m.amount == nil {
		return nil, nil
	}
	r, err := m.restore(in, d)
	if err != nil {
		return nil, err
	}
	out, rest, err := r.schedule(d.Period, until, maxSlices)
	if err == nil && rest {
		err = fmt.Errorf("measure %s: %w", m.def.Name, &LimitError{What: "slices", Most: maxSlices})
	}
	return out, err
}

// paid are the units of a period that are paid at all.
func (m *Measure) paid(p value.Period) iter.Seq[unit] {
	return func(yield func(unit) bool) {
		for u := range units(p, m.pay.Every) {
			if m.pay.Part == partNone && !u.full() {
				continue
			}
			if !yield(u) {
				return
			}
		}
	}
}

// schedule computes slices until one begins and falls due after a day, the award ends, or there are too many: then rest
// is true.
func (r *run) schedule(p value.Period, until value.Date, most int) (out []Slice, rest bool, err error) {
	for u := range r.m.paid(p) {
		s, err := r.slice(u)
		switch {
		case err != nil:
			return nil, false, err
		case s.From.After(until) && (s.Due.IsZero() || s.Due.After(until)):
			return out, false, nil
		case len(out) >= most:
			return out, true, nil
		}
		if out = append(out, s.apart()...); s.Status == Ended {
			return out, false, nil
		}
	}
	return out, false, nil
}

// apart parts a slice that ends the award into what is paid of it and the end, so that an end never carries money.
func (s Slice) apart() []Slice {
	if s.Status != Ended {
		return []Slice{s}
	}
	last := len(s.Pieces) - 1
	end := Slice{From: s.To.AddDays(1), To: s.To, Status: Ended, Reasons: s.Pieces[last].reasons, Pieces: s.Pieces[last:]}
	if last == 0 {
		return []Slice{end}
	}
	s.Pieces, s.Reasons = s.Pieces[:last], s.Reasons[:len(s.Reasons)-len(end.Reasons)]
	s.Status = overall(s.Pieces)
	return []Slice{s, end}
}

// slice computes one slice: its pieces, each weighed by its days, and their sum rounded once.
func (r *run) slice(u unit) (Slice, error) {
	cost := uint64(sliceCost)
	out := Slice{From: u.part.From, To: u.part.To}
	parts, err := r.parts(u.part, &cost)
	if err != nil {
		return out, err
	}
	sum := value.Number{}
	for _, part := range parts {
		p, facts, err := r.evaluate(part, &cost)
		if err != nil {
			return out, err
		}
		out.Reasons = append(out.Reasons, p.reasons...)
		out.Unclear = joined(out.Unclear, p.waitsFor())
		out.Missing = joined(out.Missing, missing(facts, p.waitsFor()))
		weight := r.m.weight(part, u)
		if p.Share = weight.String(); p.Share == "1" {
			p.Share = ""
		}
		sum = sum.Add(p.Amount.Number().Mul(weight))
		if out.Pieces = append(out.Pieces, p); p.Status == Ended {
			out.To = part.From.AddDays(-1)
			break
		}
	}
	if out.Status = overall(out.Pieces); out.Status != Waits {
		var ok bool
		if out.Amount, ok = sum.Money(value.HalfUp); !ok {
			return out, fmt.Errorf("measure %s, amount: %w", r.m.def.Name, expr.ErrOverflow)
		}
	}
	return out, r.due(&out, u.part, &cost)
}

// weight of a piece: a whole slice is paid whole, whatever of its unit lies in the period.
func (m *Measure) weight(part value.Period, u unit) value.Number {
	if m.pay.Part != partDays {
		return value.NewNumber(1, 1)
	}
	return share(part, u.whole)
}

// overall is what becomes of a slice: its end or a wait outweighs all, then a hold; it is skipped only if all of it is.
func overall(pieces []Piece) Status {
	for _, s := range []Status{Waits, Ended, Held, Pays} {
		if slices.ContainsFunc(pieces, func(p Piece) bool { return p.Status == s }) {
			return s
		}
	}
	return Skipped
}

// waitsFor names what the piece cannot be computed without.
func (p Piece) waitsFor() []string {
	if p.Status != Waits {
		return nil
	}
	out := p.unclear
	for _, j := range p.Judged {
		out = joined(out, j.Unclear)
	}
	return out
}

// failed tells that a `while` is known to be false.
func (p Piece) failed() bool {
	return slices.ContainsFunc(p.Judged, func(j Judged) bool { return j.Truth == False })
}

// evaluate computes one piece: the slice names, `while`, and the amount for a whole unit.
func (r *run) evaluate(part value.Period, cost *uint64) (out Piece, facts []FactRead, err error) {
	out = Piece{From: part.From, To: part.To}
	p := r.piece(part, cost)
	if err = p.compute(stageSlice); err != nil {
		return out, nil, err
	}
	if out.Judged, out.reasons, err = p.judgeAll(r.m.while); err != nil {
		return out, nil, err
	}
	out.Lets, out.Facts = p.lets, p.facts
	if out.Status = r.m.statusOf(out.Judged); out.Status == Pays || out.Status == Held {
		err = p.amount(&out)
	}
	return out, slices.Concat(r.facts, p.facts), err
}

// statusOf is what the `while` conditions make of a piece. What is known to end the award ends it; else what is not
// known makes it wait, unless it is skipped anyway.
func (m *Measure) statusOf(judged []Judged) Status {
	found := map[Status]bool{}
	for _, j := range judged {
		switch j.Truth {
		case Unknown:
			found[Waits] = true
		case False:
			found[m.while[slices.IndexFunc(m.while, func(c *condition) bool { return c.name == j.Name })].fails] = true
		}
	}
	for _, s := range []Status{Ended, Skipped, Waits, Held} {
		if found[s] {
			return s
		}
	}
	return Pays
}

func (r *run) amount(out *Piece) error {
	if r.m.amount == nil {
		return nil
	}
	res, err := r.eval("amount", r.m.amount)
	if err != nil {
		return err
	}
	out.Law, out.Trace = res.Law, steps(res.Trace)
	amount, ok := res.Value.(value.Money)
	switch {
	case out.Status == Held && !(ok && res.Known()): // what stops the payment often hides its amount: nothing is owed yet
	case !res.Known():
		out.Status, out.unclear = Waits, res.Unclear
	case !ok:
		out.Status, out.unclear = Waits, []string{"amount"} // no case of it applies
	case amount < 0:
		return fmt.Errorf("measure %s, amount of %s..%s is %s: %w", r.m.def.Name, out.From, out.To, amount, ErrNegative)
	default:
		out.Amount = amount
	}
	return nil
}

// due computes the day on which a slice is paid: its end, and of `once` its beginning, unless the measure says.
func (r *run) due(s *Slice, part value.Period, cost *uint64) error {
	if s.Due = part.To; r.m.pay.Every == everyOnce {
		s.Due = part.From
	}
	if r.m.due == nil {
		return nil
	}
	p := r.piece(part, cost)
	if r.m.dueReadsNames {
		if err := p.compute(stageSlice); err != nil {
			return err
		}
	}
	res, err := p.eval("due", r.m.due)
	if err != nil {
		return err
	}
	if d, ok := res.Value.(value.Date); ok && res.Known() {
		s.Due = d
		return nil
	}
	s.Due, s.Status, s.Amount = value.Date{}, Waits, 0
	s.Unclear = joined(s.Unclear, res.Unclear, []string{"due"})
	return nil
}

// parts cuts a slice where what it reads changes, so that nothing changes inside a part: at bounds of the records of
// slice facts, at new values of parameters, at birthdays that turns() came to. Each part is looked at again, because
// facts that read other facts find theirs only where those are one.
func (r *run) parts(p value.Period, cost *uint64) ([]value.Period, error) {
	if r.m.pay.Part != partDays || p.From == p.To {
		return []value.Period{p}, nil
	}
	days, err := r.changes(p, cost)
	if err != nil {
		return nil, err
	}
	cut := pieces(p, days)
	if len(cut) == 1 {
		return cut, nil
	}
	var out []value.Period
	for _, part := range cut {
		inner, err := r.parts(part, cost)
		if err != nil {
			return nil, err
		}
		out = append(out, inner...)
	}
	return out, nil
}

// changes are the days on which something that the slice reads may change.
func (r *run) changes(p value.Period, cost *uint64) ([]value.Date, error) {
	days, err := r.newValues(p)
	if err != nil {
		return nil, err
	}
	scout := r.piece(p, cost)
	scout.turn = func(d value.Date) { days = append(days, d) }
	for _, n := range r.m.names {
		switch {
		case n.stage != stageSlice:
		case n.fact == nil:
			_, err = scout.let(n)
		default:
			var found []value.Date
			found, err = scout.bounds(n, p)
			days = append(days, found...)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, w := range r.m.while {
		if w.turns() {
			if _, _, err := scout.judge(w); err != nil {
				return nil, err
			}
		}
	}
	if r.m.amount.Turns() {
		if _, err := scout.eval("amount", r.m.amount); err != nil {
			return nil, err
		}
	}
	return days, nil
}

// turns tells that the condition reads birthdays that turns() names.
func (c *condition) turns() bool {
	return c.rule.Turns() || c.of.Turns() || slices.ContainsFunc(c.lets, func(n *name) bool { return n.let.Turns() })
}

// newValues are the days of a period on which a parameter has other rows than the day before.
func (r *run) newValues(p value.Period) ([]value.Date, error) {
	var out []value.Date
	for _, name := range r.m.parameters {
		before, err := r.in.World.Parameter(r.in.Ctx, name, p.From)
		if err != nil {
			return nil, fmt.Errorf("measure %s, parameter %s: %w", r.m.def.Name, name, err)
		}
		for d := p.From.AddDays(1); !d.After(p.To); d = d.AddDays(1) {
			rows, err := r.in.World.Parameter(r.in.Ctx, name, d)
			if err != nil {
				return nil, fmt.Errorf("measure %s, parameter %s: %w", r.m.def.Name, name, err)
			}
			if !slices.EqualFunc(before, rows, sameRow) {
				out = append(out, d)
			}
			before = rows
		}
	}
	return out, nil
}

func sameRow(a, b expr.ParameterRow) bool {
	return slices.Equal(a.Keys, b.Keys) && slices.Equal(a.Values, b.Values)
}

// bounds are the days on which records of a fact begin to hold, or hold no more, found over all days that the pieces of
// a period may ask for.
func (r *run) bounds(n *name, p value.Period) ([]value.Date, error) {
	q, read, err := r.query(n)
	if err != nil {
		return nil, err
	}
	if q == nil || len(q.Of) == 0 {
		r.vars[n.name] = expr.Unknown{Names: read.Unclear}
		return nil, nil
	}
	if q.Window, err = r.widest(n, p, q.Window); err != nil {
		return nil, err
	}
	q.Ask, q.Citizen = nil, false // coverage is asked for by the pieces
	known, err := r.in.Facts.Find(r.in.Ctx, *q)
	if err != nil {
		return nil, fmt.Errorf("measure %s, fact %s: %w", r.m.def.Name, n.name, err)
	}
	read.Many = !n.fact.each && len(known.Records) > 1
	r.vars[n.name] = r.found(n, read, known.Records)
	var out []value.Date
	for _, rec := range known.Records {
		holds := holdsOf(r.m.cat.Documents[n.fact.typ], rec)
		out = append(out, holds.From, holds.To.AddDays(1))
	}
	return out, nil
}

// widest joins the windows of the first day, the last day and the whole of a period.
func (r *run) widest(n *name, p value.Period, window *value.Period) (*value.Period, error) {
	if window == nil {
		return nil, nil
	}
	wide := *window
	whole := r.vars["slice"]
	defer func() { r.vars["slice"] = whole }()
	for _, d := range []value.Date{p.From, p.To} {
		r.vars["slice"] = value.Period{From: d, To: d}
		w, _, err := r.window(n)
		if err != nil {
			return nil, err
		}
		if w == nil {
			continue
		}
		if w.From.Before(wide.From) {
			wide.From = w.From
		}
		if w.To.After(wide.To) {
			wide.To = w.To
		}
	}
	return &wide, nil
}
