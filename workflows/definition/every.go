package definition

import (
	"time"

	"mera/kernel/calendar"
	"mera/schema/expr"
	"mera/schema/value"
)

// Every is a recurrence: steps of a fixed length from an anchor, or a day of each month or year.
type Every struct {
	steps []step
	From  *expr.Program
	month int // of `at: MM-DD`; 0 without
	day   int // of `at`; 0 without
}

// step repeats each: times times, or while not more than until has passed since the anchor; neither: for ever.
type step struct {
	each  value.Duration
	times int
	until *value.Duration
}

// Next is the first occurrence after an instant. Occurrences come after the anchor; those of days, months and years at
// the beginning of the day in the anchor's zone. False when the steps are over.
func (e *Every) Next(anchor, after time.Time, cal calendar.Calendar) (time.Time, bool) {
	if after.Before(anchor) {
		after = anchor
	}
	if e.day > 0 {
		return e.nextDay(anchor, after), true
	}
	base := anchor
	for _, s := range e.steps {
		if calendar.Span(s.each) == 0 && base == anchor {
			base = value.DateOf(anchor).Time(anchor.Location())
		}
		due, last, found := s.next(base, anchor, after, cal)
		if found {
			return due, true
		}
		base = last
	}
	return time.Time{}, false
}

// next finds an occurrence of one step that begins at base; else the last one that it has.
func (s step) next(base, anchor, after time.Time, cal calendar.Calendar) (due, last time.Time, found bool) {
	end := time.Time{}
	if s.until != nil {
		end = cal.DueAt(anchor, *s.until, calendar.RollNone)
	}
	k := s.skip(base, after, end)
	last = s.at(base, k, cal)
	for ; ; k++ {
		due = s.at(base, k+1, cal)
		if s.times > 0 && k+1 > s.times || !end.IsZero() && due.After(end) || due.Year() > value.Forever.Year {
			return time.Time{}, last, false
		}
		if due.After(after) {
			return due, last, true
		}
		last = due
	}
}

// skip is how many occurrences of a step of hours, minutes or seconds can be left out at once.
func (s step) skip(base, after, end time.Time) int {
	span := calendar.Span(s.each)
	if span == 0 {
		return 0
	}
	if !end.IsZero() && end.Before(after) {
		after = end
	}
	k := max(int(after.Sub(base)/span)-1, 0)
	if s.times > 0 {
		k = min(k, s.times)
	}
	return k
}

// at is the k-th occurrence after the base, reckoned from the base, so that the 31st comes back after a short month.
func (s step) at(base time.Time, k int, cal calendar.Calendar) time.Time {
	if span := calendar.Span(s.each); span != 0 {
		return base.Add(time.Duration(k) * span)
	}
	each := s.each
	each.N *= k
	return cal.Due(value.DateOf(base), each, calendar.RollNone).Time(base.Location())
}

// nextDay is the next day of `at`: of every N-th month or year from the anchor's; in a short month its last day.
func (e *Every) nextDay(anchor, after time.Time) time.Time {
	unit := e.steps[0].each
	months := unit.N
	first := value.DateOf(anchor).MonthStart()
	if unit.Unit == value.Years {
		months *= 12
		first.Month = time.Month(e.month)
	}
	passed := (after.Year()-first.Year)*12 + int(after.Month()-first.Month)
	for k := max(passed/months-1, 0); ; k++ {
		day := first.AddMonths(k * months)
		day.Day = min(e.day, day.MonthEnd().Day)
		if due := day.Time(anchor.Location()); due.After(after) {
			return due
		}
	}
}
