package calendar

import (
	"maps"
	"time"

	"mera/schema/value"
)

// Rolls of a term that ends on a day off.
const (
	RollNext     = "next"     // to the next working day; the default
	RollPrevious = "previous" // to the working day before
	RollNone     = "none"     // not at all
)

// Calendar tells working days from days off. The zero Calendar has Saturdays and Sundays off and no holidays.
type Calendar struct {
	works map[value.Date]bool
}

// New makes a calendar of the days that differ from the week: false is a holiday, true a weekend day that is worked.
func New(works map[value.Date]bool) Calendar {
	return Calendar{works: maps.Clone(works)}
}

// IsWorkday tells whether the day is worked.
func (c Calendar) IsWorkday(d value.Date) bool {
	if works, listed := c.works[d]; listed {
		return works
	}
	weekday := d.Time(time.UTC).Weekday()
	return weekday != time.Saturday && weekday != time.Sunday
}

var earliest = value.Date{Year: 1, Month: time.January, Day: 1}

// AddWorkdays is the n-th working day after the day, or before it when n is negative; with 0 the day itself, worked
// or not. It stops at the ends of the calendar (year 1, value.Forever).
func (c Calendar) AddWorkdays(d value.Date, n int) value.Date {
	step := 1
	if n < 0 {
		step = -1
	}
	for n != 0 && d.Before(value.Forever) && d.After(earliest) {
		d = d.AddDays(step)
		if c.IsWorkday(d) {
			n -= step
		}
	}
	return d
}

// Workdays counts the working days after from, up to and with to; 0 when to is not after from.
func (c Calendar) Workdays(from, to value.Date) int {
	n := 0
	for d := from; d.Before(to) && d != value.Forever; {
		d = d.AddDays(1)
		if c.IsWorkday(d) {
			n++
		}
	}
	return n
}

// Due is the last day of a term. The term counts from the day after from; months and years end on the same day of the
// month, or on its last day where there is none such. A term of working days ends on one; any other that ends on a
// day off is rolled ("" is RollNext). Units shorter than a day count by whole days.
func (c Calendar) Due(from value.Date, d value.Duration, roll string) value.Date {
	switch d.Unit {
	case value.Workdays:
		return c.AddWorkdays(from, d.N)
	case value.Weeks:
		return c.Roll(from.AddDays(7*d.N), roll)
	case value.Months:
		return c.Roll(from.AddMonths(d.N), roll)
	case value.Years:
		return c.Roll(from.AddYears(d.N), roll)
	case value.Hours, value.Minutes, value.Seconds:
		return c.Roll(from.AddDays(int(Span(d)/(24*time.Hour))), roll)
	default:
		return c.Roll(from.AddDays(d.N), roll)
	}
}

// Before is the day from which d remains until the day: what «2 workdays before» means. It does not roll.
func (c Calendar) Before(day value.Date, d value.Duration) value.Date {
	d.N = -d.N
	return c.Due(day, d, RollNone)
}

// DueAt is the instant at which a term that began at an instant is over. Hours, minutes and seconds pass on the
// clock; longer units end on the day of Due, at the time of day at which they began, in the location of from.
func (c Calendar) DueAt(from time.Time, d value.Duration, roll string) time.Time {
	if span := Span(d); span != 0 || d.N == 0 {
		return from.Add(span)
	}
	day := c.Due(value.DateOf(from), d, roll)
	hour, minute, second := from.Clock()
	return time.Date(day.Year, day.Month, day.Day, hour, minute, second, from.Nanosecond(), from.Location())
}

// Span is the length of a duration in hours, minutes or seconds; 0 for units whose length depends on the calendar.
func Span(d value.Duration) time.Duration {
	switch d.Unit {
	case value.Hours:
		return time.Duration(d.N) * time.Hour
	case value.Minutes:
		return time.Duration(d.N) * time.Minute
	case value.Seconds:
		return time.Duration(d.N) * time.Second
	}
	return 0
}

// Roll moves a day off to a working day: RollNext ("" too) forward, RollPrevious back, RollNone not.
func (c Calendar) Roll(d value.Date, roll string) value.Date {
	switch {
	case roll == RollNone || c.IsWorkday(d):
		return d
	case roll == RollPrevious:
		return c.AddWorkdays(d, -1)
	default:
		return c.AddWorkdays(d, 1)
	}
}
