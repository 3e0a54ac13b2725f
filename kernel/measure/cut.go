package measure

import (
	"iter"
	"slices"
	"time"

	"mera/schema/value"
)

// How often a measure pays, and what it does with a unit of which only a part lies in its period.
const (
	everyMonth   = "month"
	everyQuarter = "quarter"
	everyYear    = "year"
	everyOnce    = "once"

	partWhole = "whole"
	partDays  = "days"
	partNone  = "none"
)

// unit is one calendar unit of a schedule: whole is the unit of the calendar, part what of it lies in the period.
type unit struct {
	whole, part value.Period
}

func (u unit) full() bool { return u.whole == u.part }

// units cuts a period into calendar units; an open period never ends. `once` is one unit, the whole period, and where
// that is open, its first day.
func units(p value.Period, every string) iter.Seq[unit] {
	return func(yield func(unit) bool) {
		if p.Empty() {
			return
		}
		if every == everyOnce {
			if p.To == value.Forever {
				p.To = p.From
			}
			yield(unit{p, p})
			return
		}
		for from := p.From; !from.After(p.To); {
			whole := unitOf(from, every)
			if !yield(unit{whole, whole.Intersect(p)}) || whole.To == value.Forever {
				return
			}
			from = whole.To.AddDays(1)
		}
	}
}

// unitOf is the month, quarter or year that a day lies in.
func unitOf(day value.Date, every string) value.Period {
	from, months := day.MonthStart(), 1
	switch every {
	case everyQuarter:
		from, months = value.Date{Year: day.Year, Month: (day.Month-1)/3*3 + 1, Day: 1}, 3
	case everyYear:
		from, months = value.Date{Year: day.Year, Month: time.January, Day: 1}, 12
	}
	if day.Year == value.Forever.Year {
		return value.Period{From: from, To: value.Forever}
	}
	return value.Period{From: from, To: from.AddMonths(months - 1).MonthEnd()}
}

// pieces cuts a period so that a new piece begins on each of the days that lie inside it.
func pieces(p value.Period, days []value.Date) []value.Period {
	days = slices.DeleteFunc(slices.Clone(days), func(d value.Date) bool { return !d.After(p.From) || d.After(p.To) })
	slices.SortFunc(days, value.Date.Compare)
	var out []value.Period
	for _, d := range slices.Compact(days) {
		out = append(out, value.Period{From: p.From, To: d.AddDays(-1)})
		p.From = d
	}
	return append(out, p)
}

// share is what a piece of a unit weighs: its days over the days of the unit.
func share(piece, whole value.Period) value.Number {
	return value.NewNumber(int64(piece.Days()), int64(whole.Days()))
}
