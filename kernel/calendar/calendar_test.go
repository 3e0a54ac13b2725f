package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"mera/kernel/calendar"
	"mera/schema/value"
)

func day(s string) value.Date {
	d, err := value.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func term(s string) value.Duration {
	d, err := value.ParseDuration(s)
	if err != nil {
		panic(err)
	}
	return d
}

// The New Year of 2019: 1 to 8 January are holidays; 27 April, a Saturday, is not worked, 20 February 2016 was.
func russian() calendar.Calendar {
	works := map[value.Date]bool{day("2016-02-20"): true, day("2019-06-12"): false}
	for d := day("2019-01-01"); !d.After(day("2019-01-08")); d = d.AddDays(1) {
		works[d] = false
	}
	return calendar.New(works)
}

func TestDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, within, roll, want string }{
		{"2019-07-16", "10 workdays", "", "2019-07-30"},
		{"2019-07-16", "5 workdays", "none", "2019-07-23"},
		{"2019-07-16", "0 workdays", "", "2019-07-16"},
		{"2019-06-10", "2 workdays", "", "2019-06-13"},  // over a holiday
		{"2018-12-28", "1 workday", "", "2018-12-31"},   // a Friday, then a Monday
		{"2018-12-31", "1 workday", "", "2019-01-09"},   // over the New Year
		{"2016-02-19", "1 workday", "", "2016-02-20"},   // a Saturday that is worked
		{"2019-07-16", "30 days", "next", "2019-08-15"}, // a Thursday: stays
		{"2019-07-16", "4 days", "next", "2019-07-22"},  // a Saturday
		{"2019-07-16", "4 days", "previous", "2019-07-19"},
		{"2019-07-16", "4 days", "none", "2019-07-20"},
		{"2019-07-16", "2 weeks", "", "2019-07-30"},
		{"2019-01-31", "1 month", "none", "2019-02-28"}, // the end of the month stays within it
		{"2019-03-31", "1 month", "next", "2019-04-30"},
		{"2016-02-29", "1 year", "none", "2017-02-28"},
		{"2016-02-29", "4 years", "none", "2020-02-29"},
		{"2019-07-16", "48 hours", "none", "2019-07-18"},
		{"2019-07-16", "90 minutes", "none", "2019-07-16"},
	} {
		if got := russian().Due(day(c.from), term(c.within), c.roll).String(); got != c.want {
			t.Errorf("Due(%s, %s, %q) = %s, want %s", c.from, c.within, c.roll, got, c.want)
		}
	}
}

func TestBefore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ day, before, want string }{
		{"2019-06-14", "2 workdays", "2019-06-11"}, // 13, then over the holiday to 11
		{"2019-07-30", "3 days", "2019-07-27"},
		{"2019-03-31", "1 month", "2019-02-28"},
		{"2019-07-30", "2 weeks", "2019-07-16"},
	} {
		if got := russian().Before(day(c.day), term(c.before)).String(); got != c.want {
			t.Errorf("Before(%s, %s) = %s, want %s", c.day, c.before, got, c.want)
		}
	}
}

func TestDueAt(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("+05", 5*3600)
	from := time.Date(2019, 7, 16, 23, 30, 15, 7, zone)
	for within, want := range map[string]string{
		"3 minutes":  "2019-07-16T23:33:15.000000007+05:00",
		"45 seconds": "2019-07-16T23:31:00.000000007+05:00",
		"2 hours":    "2019-07-17T01:30:15.000000007+05:00",
		"0 minutes":  "2019-07-16T23:30:15.000000007+05:00",
		"0 days":     "2019-07-16T23:30:15.000000007+05:00",
		"4 days":     "2019-07-22T23:30:15.000000007+05:00",
		"5 workdays": "2019-07-23T23:30:15.000000007+05:00",
		"1 month":    "2019-08-16T23:30:15.000000007+05:00",
	} {
		if got := russian().DueAt(from, term(within), "").Format(time.RFC3339Nano); got != want {
			t.Errorf("DueAt(%s) = %s, want %s", within, got, want)
		}
	}
}

func TestEndsOfTheCalendar(t *testing.T) {
	t.Parallel()
	var c calendar.Calendar
	if got := c.AddWorkdays(value.Forever, 5); got != value.Forever {
		t.Errorf("forever moved to %s", got)
	}
	if got := c.AddWorkdays(day("9999-12-20"), 1000); got != value.Forever {
		t.Errorf("ran past the end: %s", got)
	}
	if got := c.AddWorkdays(day("0001-01-20"), -1000); got != (day("0001-01-01")) {
		t.Errorf("ran past the beginning: %s", got)
	}
	if got := c.Workdays(day("9999-12-30"), value.Forever); got != 1 {
		t.Errorf("%d workdays at the end", got)
	}
}

func TestNewKeepsItsOwnCopy(t *testing.T) {
	t.Parallel()
	works := map[value.Date]bool{}
	c := calendar.New(works)
	works[day("2019-07-16")] = false
	if !c.IsWorkday(day("2019-07-16")) {
		t.Error("a later change of the map changed the calendar")
	}
}

func calendars() *rapid.Generator[calendar.Calendar] {
	return rapid.Custom(func(t *rapid.T) calendar.Calendar {
		works := map[value.Date]bool{}
		for range rapid.IntRange(0, 40).Draw(t, "exceptions") {
			works[day("2019-01-01").AddDays(rapid.IntRange(0, 400).Draw(t, "offset"))] = rapid.Bool().Draw(t, "works")
		}
		return calendar.New(works)
	})
}

func dates() *rapid.Generator[value.Date] {
	return rapid.Map(rapid.IntRange(0, 400), func(n int) value.Date { return day("2019-01-01").AddDays(n) })
}

func TestWorkdaysAreCountedBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, from, n := calendars().Draw(t, "calendar"), dates().Draw(t, "from"), rapid.IntRange(1, 60).Draw(t, "n")
		to := c.AddWorkdays(from, n)
		if !c.IsWorkday(to) || !to.After(from) {
			t.Fatalf("%s + %d workdays = %s", from, n, to)
		}
		if got := c.Workdays(from, to); got != n {
			t.Fatalf("%d workdays from %s to %s, added %d", got, from, to, n)
		}
		if c.IsWorkday(from) && c.AddWorkdays(to, -n) != from {
			t.Fatalf("%s - %d workdays is not %s", to, n, from)
		}
	})
}

func TestDueRollsAndNeverShortens(t *testing.T) {
	t.Parallel()
	units := []value.Unit{value.Workdays, value.Days, value.Weeks, value.Months, value.Years}
	rapid.Check(t, func(t *rapid.T) {
		c, from := calendars().Draw(t, "calendar"), dates().Draw(t, "from")
		d := value.Duration{N: rapid.IntRange(0, 30).Draw(t, "n"), Unit: rapid.SampledFrom(units).Draw(t, "unit")}
		plain := c.Due(from, d, calendar.RollNone)
		next, previous := c.Due(from, d, calendar.RollNext), c.Due(from, d, calendar.RollPrevious)
		if plain.Before(from) || next.Before(plain) || previous.After(plain) {
			t.Fatalf("none %s next %s previous %s", plain, next, previous)
		}
		if d.Unit != value.Workdays && (!c.IsWorkday(next) || !c.IsWorkday(previous)) {
			t.Fatalf("rolled to a day off: next %s previous %s", next, previous)
		}
		if c.IsWorkday(plain) && (next != plain || previous != plain) {
			t.Fatalf("a working day was rolled")
		}
		longer := d
		longer.N++
		if c.Due(from, longer, calendar.RollNext).Before(next) {
			t.Fatalf("%s ends before %s", longer, d)
		}
	})
}
