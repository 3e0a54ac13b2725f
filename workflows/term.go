package workflows

import (
	"slices"

	"mera/kernel/calendar"
	"mera/schema"
	"mera/schema/value"
	"mera/workflows/definition"
)

// enterTerms starts, meets and pauses the deadlines that name a state.
func (r *run) enterTerms(state string) {
	for _, d := range r.m.w.Deadlines {
		t, begun := r.s.Terms[d.Def.Name]
		if !begun && d.Def.From.Text == state {
			t, begun = Term{From: r.today()}, true
		}
		if !begun || !t.Met.IsZero() {
			continue
		}
		switch {
		case names(d.Def.Until, state):
			t.Met = r.today()
		case names(d.Def.PauseIn, state):
			t.Pauses = append(slices.Clone(t.Pauses), Pause{From: r.today()})
		}
		r.s.Terms[d.Def.Name] = t
	}
}

// leaveTerms ends the pauses of the state that is left.
func (r *run) leaveTerms() {
	for name, t := range r.s.Terms {
		if n := len(t.Pauses); n > 0 && t.Pauses[n-1].To.IsZero() {
			t.Pauses = slices.Clone(t.Pauses)
			t.Pauses[n-1].To = r.today()
			r.s.Terms[name] = t
		}
	}
}

func names(list []schema.Scalar, name string) bool {
	return slices.ContainsFunc(list, func(s schema.Scalar) bool { return s.Text == name })
}

// reckon computes the due date of each running term, with its reasons, and the earliest of them.
func (r *run) reckon() error {
	r.out.Due = value.Date{}
	for _, d := range r.m.w.Deadlines {
		t, begun := r.s.Terms[d.Def.Name]
		if !begun || !t.Met.IsZero() {
			continue
		}
		term, known, err := r.within(d)
		if err != nil {
			return err
		}
		t.Due, t.Reasons = value.Date{}, nil
		if known {
			t.Due, t.Reasons = reckon(r.in.Calendar, d, t, term)
		}
		r.s.Terms[d.Def.Name] = t
		if !t.Due.IsZero() && !r.state.Def.Final && (r.out.Due.IsZero() || t.Due.Before(r.out.Due)) {
			r.out.Due = t.Due
		}
	}
	return nil
}

func (r *run) within(d *definition.Deadline) (value.Duration, bool, error) {
	if d.Within == nil {
		return d.Term, true, nil
	}
	res, err := r.eval(d.Within, nil)
	if err != nil || !res.Known() {
		return value.Duration{}, false, err
	}
	term, ok := res.Value.(value.Duration)
	return term, ok, nil
}

// reckon counts a term from its first day: the term itself, the days of pauses, extensions, and at last the roll from a
// day off. A pause that lasts is counted to the end that `most` allows; without one the clock stands and nothing is due.
func reckon(cal calendar.Calendar, d *definition.Deadline, t Term, term value.Duration) (value.Date, []TermReason) {
	due := cal.Due(t.From, term, calendar.RollNone)
	reasons := []TermReason{{Kind: "within", From: t.From, To: due, By: term.String()}}
	left, bounded := allowance(cal, d, t)
	for _, p := range t.Pauses {
		to := p.To
		if bounded {
			if end := shift(cal, p.From, left, *d.Most); to.IsZero() || end.Before(to) {
				to = end
			}
			left -= length(cal, p.From, to, *d.Most)
		}
		if to.IsZero() {
			return value.Date{}, append(reasons, TermReason{Kind: "pause", From: p.From})
		}
		days := length(cal, p.From, to, term)
		if days == 0 {
			continue
		}
		due = shift(cal, due, days, term)
		reasons = append(reasons, TermReason{Kind: "pause", From: p.From, To: due, By: value.Duration{N: days, Unit: dayUnit(term)}.String()})
	}
	for _, e := range t.Extended {
		by, err := value.ParseDuration(e.By)
		if err != nil {
			continue // only Fire writes extensions, as Duration.String does
		}
		due = cal.Due(due, by, calendar.RollNone)
		reasons = append(reasons, TermReason{Kind: "extended", From: e.On, To: due, By: e.By})
	}
	if rolled := cal.Roll(due, d.Def.Roll); rolled != due {
		reasons = append(reasons, TermReason{Kind: "rolled", From: due, To: rolled})
		due = rolled
	}
	return due, reasons
}

// allowance is how many days, or working days, all pauses together may last.
func allowance(cal calendar.Calendar, d *definition.Deadline, t Term) (int, bool) {
	switch {
	case d.Most == nil || len(t.Pauses) == 0:
		return 0, false
	case d.Most.Unit == value.Workdays:
		return d.Most.N, true
	}
	first := t.Pauses[0].From
	return first.DaysUntil(cal.Due(first, *d.Most, calendar.RollNone)), true
}

// shift and length count in working days where the term does, else in days.
func shift(cal calendar.Calendar, day value.Date, n int, term value.Duration) value.Date {
	return cal.Due(day, value.Duration{N: n, Unit: dayUnit(term)}, calendar.RollNone)
}

func length(cal calendar.Calendar, from, to value.Date, term value.Duration) int {
	if term.Unit == value.Workdays {
		return cal.Workdays(from, to)
	}
	return max(from.DaysUntil(to), 0)
}

func dayUnit(term value.Duration) value.Unit {
	if term.Unit == value.Workdays {
		return value.Workdays
	}
	return value.Days
}
