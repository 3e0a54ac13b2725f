package value

import (
	"cmp"
	"fmt"
	"time"
)

// Date is a civil date. The zero Date means «absent»; Forever is the open end of a period.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Forever is what an open `to` reads as.
var Forever = Date{9999, time.December, 31}

// ParseDate reads "2019-07-16" and refuses days that do not exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q is not a day of the calendar written as 2019-07-16", s)
	}
	return DateOf(t), nil
}

// DateOf is the civil date of an instant in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// IsZero tells that the date is absent.
func (d Date) IsZero() bool { return d == Date{} }

// String is the ISO form; "" for an absent date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	if d.Year < 0 || d.Year > 9999 {
		return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
	}
	digit := func(n int) byte { return byte('0' + n%10) }
	return string([]byte{
		digit(d.Year / 1000), digit(d.Year / 100), digit(d.Year / 10), digit(d.Year), '-',
		digit(int(d.Month) / 10), digit(int(d.Month)), '-', digit(d.Day / 10), digit(d.Day),
	})
}

// Time is midnight of the date in a location.
func (d Date) Time(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// Compare orders dates.
func (d Date) Compare(o Date) int {
	return cmp.Or(cmp.Compare(d.Year, o.Year), cmp.Compare(d.Month, o.Month), cmp.Compare(d.Day, o.Day))
}

// Before and After compare two dates.
func (d Date) Before(o Date) bool { return d.Compare(o) < 0 }

// After tells that d is later than o.
func (d Date) After(o Date) bool { return d.Compare(o) > 0 }

// AddDays moves by days. Forever stays.
func (d Date) AddDays(n int) Date {
	if d == Forever {
		return d
	}
	return DateOf(d.Time(time.UTC).AddDate(0, 0, n))
}

// AddMonths moves by months; the end of a month stays within the month: 31 January + 1 month = 28 February.
func (d Date) AddMonths(n int) Date {
	if d == Forever {
		return d
	}
	first := DateOf(time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
	first.Day = min(d.Day, first.MonthEnd().Day)
	return first
}

// AddYears moves by years: 29 February + 1 year = 28 February.
func (d Date) AddYears(n int) Date { return d.AddMonths(12 * n) }

// MonthStart is the first day of the month.
func (d Date) MonthStart() Date { return Date{d.Year, d.Month, 1} }

// MonthEnd is the last day of the month.
func (d Date) MonthEnd() Date {
	if d == Forever {
		return d
	}
	return DateOf(time.Date(d.Year, d.Month+1, 0, 0, 0, 0, 0, time.UTC))
}

// DaysUntil counts the days from d to o: 1 for the next day.
func (d Date) DaysUntil(o Date) int {
	return int(o.Time(time.UTC).Sub(d.Time(time.UTC)) / (24 * time.Hour))
}

// Years is the number of full years from d to o, as an age is counted.
func (d Date) Years(o Date) int {
	n := o.Year - d.Year
	if d.AddYears(n).After(o) {
		n--
	}
	return n
}

// Period is an interval of days, both ends included. An absent From is the beginning of time; an open To is Forever.
type Period struct {
	From Date
	To   Date
}

// NewPeriod makes a period; an absent to becomes Forever.
func NewPeriod(from, to Date) Period {
	if to.IsZero() {
		to = Forever
	}
	return Period{from, to}
}

// Empty tells that no day is inside.
func (p Period) Empty() bool { return p.To.Before(p.From) }

// Includes tells that a day is inside.
func (p Period) Includes(d Date) bool { return !d.Before(p.From) && !d.After(p.To) }

// Touches tells that the periods share a day.
func (p Period) Touches(o Period) bool { return !p.To.Before(o.From) && !o.To.Before(p.From) }

// Covers tells that every day of o is in p.
func (p Period) Covers(o Period) bool { return !p.From.After(o.From) && !p.To.Before(o.To) }

// Intersect is the common part, perhaps Empty.
func (p Period) Intersect(o Period) Period {
	if o.From.After(p.From) {
		p.From = o.From
	}
	if o.To.Before(p.To) {
		p.To = o.To
	}
	return p
}

// Days is the number of days inside.
func (p Period) Days() int { return p.From.DaysUntil(p.To) + 1 }

// Months cuts the period into calendar months, the first and the last perhaps partial.
func (p Period) Months() []Period {
	var out []Period
	for from := p.From; !from.After(p.To); {
		to := from.MonthEnd()
		if to.After(p.To) {
			to = p.To
		}
		out = append(out, Period{from, to})
		if to == Forever {
			break
		}
		from = to.AddDays(1)
	}
	return out
}

// String is "2019-07-01..2019-08-31", with nothing after the dots when open.
func (p Period) String() string {
	if p.To == Forever {
		return p.From.String() + ".."
	}
	return p.From.String() + ".." + p.To.String()
}

// Quarter is the calendar quarter of the date.
func (d Date) Quarter() Period {
	from := Date{d.Year, (d.Month-1)/3*3 + 1, 1}
	return Period{from, from.AddMonths(2).MonthEnd()}
}
