package expr

import (
	"strings"
	"time"
	"unicode/utf8"

	"mera/schema/value"
)

var person = RecordOf("Person")

// builtins are the functions of the language that are called by name, each with its ways to be called.
var builtins = map[string][]builtin{
	"age":      {{false, of(person, DateT), Int, func(f *frame, a []any) any { return f.age(a[0], a[1]) }}},
	"years":    {{false, of(DateT, DateT), Int, func(_ *frame, a []any) any { return int64(date(a[0]).Years(date(a[1]))) }}},
	"birthday": {{false, of(person, Int), DateT, func(f *frame, a []any) any { return f.birthday(a[0], a[1]) }}},
	"turns":    {{false, of(person, Int), DateT, func(f *frame, a []any) any { return f.turns(a[0], a[1]) }}},

	"monthStart": {{false, of(DateT), DateT, func(_ *frame, a []any) any { return date(a[0]).MonthStart() }}},
	"monthEnd":   {{false, of(DateT), DateT, func(_ *frame, a []any) any { return date(a[0]).MonthEnd() }}},
	"quarter":    {{false, of(DateT), PeriodT, func(_ *frame, a []any) any { return date(a[0]).Quarter() }}},
	"nextMonth":  {{false, of(DateT), PeriodT, func(f *frame, a []any) any { return f.months(date(a[0]), 1, 1) }}},
	"day":        {{false, of(DateT), Int, func(_ *frame, a []any) any { return int64(date(a[0]).Day) }}},
	"month":      {{false, of(DateT), Int, func(_ *frame, a []any) any { return int64(date(a[0]).Month) }}},
	"year":       {{false, of(DateT), Int, func(_ *frame, a []any) any { return int64(date(a[0]).Year) }}},
	"weekday":    {{false, of(DateT), Int, func(_ *frame, a []any) any { return weekday(date(a[0])) }}},

	"addDays":   {{false, of(DateT, Int), DateT, moved(value.Date.AddDays)}},
	"addMonths": {{false, of(DateT, Int), DateT, moved(value.Date.AddMonths)}},
	"addYears":  {{false, of(DateT, Int), DateT, moved(value.Date.AddYears)}},
	"addWorkdays": {{false, of(DateT, Int), DateT, func(f *frame, a []any) any {
		return f.dateAfter(date(a[0]), value.Duration{N: small(a[1]), Unit: value.Workdays})
	}}},
	"workdays": {
		{false, of(PeriodT), Int, func(f *frame, a []any) any { return f.workdays(as[value.Period](a[0])) }},
		{false, of(DateT, DateT), Int, func(f *frame, a []any) any { return f.workdays(value.Period{From: date(a[0]), To: date(a[1])}) }},
		{false, of(Int), WorkdaysT, duration(value.Workdays)},
	},
	"months": {{false, of(DateT, Int, Int), PeriodT, func(f *frame, a []any) any { return f.months(date(a[0]), small(a[1]), small(a[2])) }}},
	"period": {{false, of(DateT, DateT), PeriodT, func(_ *frame, a []any) any { return value.Period{From: date(a[0]), To: date(a[1])} }}},
	"covered": {{false, of(PeriodT, PeriodT), NumberT, func(_ *frame, a []any) any {
		return share(as[value.Period](a[0]), as[value.Period](a[1]))
	}}},

	"minutes": {{false, of(Int), ClockT, duration(value.Minutes)}},
	"hours":   {{false, of(Int), ClockT, duration(value.Hours)}},
	"days":    {{false, of(Int), DaysT, duration(value.Days)}},

	"paragraphs": {{false, of(ListOf(Text)), Text, func(f *frame, a []any) any { return f.joined(a[0], "\n\n") }}},
	"lower":      {{false, of(Text), Text, lower}},
	"upper":      {{false, of(Text), Text, upper}},
	"weighted":   {{false, of(Text, ListOf(Int)), Int, func(f *frame, a []any) any { return f.weighted(as[string](a[0]), a[1]) }}},

	"serving": {
		{false, of(Text), RecordOf("Office"), func(f *frame, a []any) any { return f.serving(as[string](a[0]), "") }},
		{false, of(Text, ItemOf("Territory")), RecordOf("Office"), func(f *frame, a []any) any { return f.serving(as[string](a[0]), as[Item](a[1]).Code) }},
	},
}

// methods are the functions that are called on a value.
var methods = map[string][]builtin{
	"months":   {{true, of(PeriodT), ListOf(PeriodT), func(f *frame, a []any) any { return f.periods(as[value.Period](a[0])) }}},
	"includes": {{true, of(PeriodT, DateT), Bool, func(_ *frame, a []any) any { return as[value.Period](a[0]).Includes(date(a[1])) }}},
	"touches":  {{true, of(PeriodT, PeriodT), Bool, func(_ *frame, a []any) any { return as[value.Period](a[0]).Touches(as[value.Period](a[1])) }}},
	"covers":   {{true, of(PeriodT, PeriodT), Bool, func(_ *frame, a []any) any { return as[value.Period](a[0]).Covers(as[value.Period](a[1])) }}},

	"size":       {{true, of(Text), Int, func(_ *frame, a []any) any { return int64(utf8.RuneCountInString(as[string](a[0]))) }}},
	"startsWith": {{true, of(Text, Text), Bool, func(_ *frame, a []any) any { return strings.HasPrefix(as[string](a[0]), as[string](a[1])) }}},
	"endsWith":   {{true, of(Text, Text), Bool, func(_ *frame, a []any) any { return strings.HasSuffix(as[string](a[0]), as[string](a[1])) }}},
	"contains":   {{true, of(Text, Text), Bool, func(_ *frame, a []any) any { return strings.Contains(as[string](a[0]), as[string](a[1])) }}},
	"lower":      {{true, of(Text), Text, lower}},
	"upper":      {{true, of(Text), Text, upper}},
	"substring": {
		{true, of(Text, Int), Text, func(_ *frame, a []any) any { return substring(as[string](a[0]), as[int64](a[1]), 1<<31) }},
		{true, of(Text, Int, Int), Text, func(_ *frame, a []any) any { return substring(as[string](a[0]), as[int64](a[1]), as[int64](a[2])) }},
	},
}

// unsupported are words of the language that this version does not evaluate.
var unsupported = map[string]bool{"eligible": true, "changed": true, "cell": true, "issue": true}

func lower(_ *frame, a []any) any { return strings.ToLower(as[string](a[0])) }

func upper(_ *frame, a []any) any { return strings.ToUpper(as[string](a[0])) }

func of(ts ...*Type) []*Type { return ts }

// as is a value of a Go type, its zero where the value is another: the checker has seen to that before.
func as[T any](v any) T {
	t, _ := v.(T)
	return t
}

func date(v any) value.Date { return as[value.Date](v) }

// small is a count of days or months: far more than any calendar has is as good as that.
func small(v any) int {
	return int(min(max(as[int64](v), -maxShift), maxShift))
}

const maxShift = 10_000_000 // days, more than the years 1 to 9999 have

// moved is a date moved by a count of units; a day outside the years 1 to 9999 is an overflow.
func moved(by func(value.Date, int) value.Date) func(*frame, []any) any {
	return func(f *frame, a []any) any { return f.inCalendar(by(date(a[0]), small(a[1]))) }
}

func (f *frame) inCalendar(d value.Date) any {
	if d.Year < 1 || d.Year > 9999 {
		return f.fail(ErrOverflow)
	}
	return d
}

func duration(unit value.Unit) func(*frame, []any) any {
	return func(_ *frame, a []any) any { return value.Duration{N: small(a[0]), Unit: unit} }
}

// born reads the birth date of a person.
func (f *frame) born(v any) (value.Date, any) {
	fl, _ := f.env.recordField("Person", "birthDate")
	if fl == nil {
		return value.Date{}, Unknown{[]string{"birthDate"}}
	}
	switch d := fl.read(f, v).(type) {
	case value.Date:
		return d, nil
	case Unknown:
		return value.Date{}, d
	}
	return value.Date{}, Unknown{[]string{"birthDate"}}
}

func (f *frame) age(person, day any) any {
	born, missing := f.born(person)
	if missing != nil {
		return missing
	}
	return int64(born.Years(date(day)))
}

// turns is a birthday on which something changes.
func (f *frame) turns(person, age any) any {
	day := f.birthday(person, age)
	if d, ok := day.(value.Date); ok && f.in.Turn != nil {
		f.in.Turn(d)
	}
	return day
}

func (f *frame) birthday(person, age any) any {
	born, missing := f.born(person)
	if missing != nil {
		return missing
	}
	return f.inCalendar(born.AddYears(small(age) % 1_000_000))
}

// months is from the first day of the i-th month after a day's to the last of the j-th.
func (f *frame) months(day value.Date, i, j int) any {
	from := f.inCalendar(day.MonthStart().AddMonths(i))
	to := f.inCalendar(day.MonthStart().AddMonths(j).MonthEnd())
	if f.err != nil {
		return Unknown{}
	}
	return value.Period{From: date(from), To: date(to)}
}

// weekday is 1 for Monday to 7 for Sunday.
func weekday(d value.Date) int64 {
	if w := d.Time(time.UTC).Weekday(); w != time.Sunday {
		return int64(w)
	}
	return 7
}

// workdays counts the working days of a period.
func (f *frame) workdays(p value.Period) any {
	if f.in.World == nil || p.From.IsZero() || p.To == value.Forever {
		return Unknown{[]string{"workdays " + p.String()}}
	}
	n := int64(0)
	for d := p.From; !d.After(p.To) && f.err == nil; d = d.AddDays(1) {
		f.spend(1)
		if f.in.World.IsWorkday(d) {
			n++
		}
	}
	return n
}

// share is how much of q the days of p cover, from 0 to 1.
func share(p, q value.Period) any {
	if q.Empty() || q.From.IsZero() {
		return value.Number{}
	}
	both := p.Intersect(q)
	if both.Empty() {
		return value.Number{}
	}
	return value.NewNumber(int64(both.Days()), int64(q.Days()))
}

func substring(s string, from, to int64) any {
	r := []rune(s)
	size := int64(len(r))
	from = min(max(from, 0), size)
	to = min(max(to, from), size)
	return string(r[from:to])
}

// joined joins the texts of a list; absent if there is none.
func (f *frame) joined(list any, sep string) any {
	items, missing := parts(list)
	texts := make([]string, 0, len(items))
	size := 0
	for _, it := range items {
		switch it := it.(type) {
		case string:
			texts = append(texts, it)
			size += len(it) + len(sep)
		case Unknown:
			missing = missing.and(it)
		}
		if size > maxResult {
			return f.fail(ErrCost)
		}
	}
	if missing.some() {
		return missing
	}
	if len(texts) == 0 {
		return nil
	}
	f.spend(size / 64)
	return strings.Join(texts, sep)
}

// weighted is the sum of the digits of a text times their weights; unclear where they do not match one by one.
func (f *frame) weighted(s string, weights any) any {
	items, missing := parts(weights)
	if missing.some() {
		return missing
	}
	if len(s) < len(items) {
		return Unknown{[]string{s}}
	}
	total := int64(0)
	for i, w := range items {
		k, ok := w.(int64)
		if !ok || s[i] < '0' || s[i] > '9' || k > 1<<31 || k < -1<<31 {
			return Unknown{[]string{s}}
		}
		total += int64(s[i]-'0') * k
	}
	return total
}

// serving is the office that has a duty in a territory.
func (f *frame) serving(duty, territory string) any {
	if f.in.World == nil || f.err != nil {
		return Unknown{[]string{"serving " + duty}}
	}
	id, err := f.in.World.Serving(f.ctx, duty, territory)
	switch {
	case err != nil:
		return f.failed("serving "+duty, err)
	case id == "":
		return Unknown{[]string{"serving " + duty}}
	}
	return &Record{Type: "Office", ID: id}
}
