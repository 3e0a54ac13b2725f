package measure_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mera/kernel/measure"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// byCategory pays the greatest amount of the categories that the applicant holds.
const byCategory = `
title: Выплата по категории
about: Claim
beneficiary: doc.applicant
facts: {held: {each: CategoryHeld, of: beneficiary, at: slice.from}}
let: {best: "held.best(h, CategoryAmount(slice.from, h.category))"}
while: {holds: {title: Есть категория, rule: "has(best.category)", refuse: Нет категории, fails: FAILS}}
period: {from: asked, to: doc.end}
amount: "CategoryAmount(slice.from, best.category)"
pay: {every: EVERY, part: PART}
`

type plan struct{ every, part, fails string }

// held is a category that the applicant holds, in days from the epoch of the test.
type held struct {
	category string
	days     value.Period
}

// Slices agree with a model that looks at every single day.
func TestSlicesAgreeWithTheDays(t *testing.T) {
	t.Parallel()
	measures := map[plan]*measure.Measure{}
	var cat *schema.Catalog
	for _, every := range []string{"month", "quarter", "year", "once"} {
		for _, part := range []string{"whole", "days", "none"} {
			for _, fails := range []string{"skip", "hold", "end"} {
				text := strings.NewReplacer("EVERY", every, "PART", part, "FAILS", fails).Replace(byCategory)
				if cat == nil {
					_, cat = worldWith(t, map[string]string{"measures/aid.yaml": text})
				}
				def := *cat.Measures["Aid"]
				def.Pay.Every, def.Pay.Part = every, part
				condition := *def.While[0]
				condition.Fails = fails
				def.While = []*schema.Condition{&condition}
				m, diags := measure.Compile(&def, cat, expr.NewEnv(cat))
				if diags.Faulty() {
					t.Fatal(render(diags))
				}
				measures[plan{every, part, fails}] = m
			}
		}
	}
	for _, part := range []string{"whole", "days", "none"} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				p := plan{
					rapid.SampledFrom([]string{"month", "quarter", "year", "once"}).Draw(t, "every"), part,
					rapid.SampledFrom([]string{"skip", "hold", "end"}).Draw(t, "fails"),
				}
				period := drawPeriod(t, "period")
				var holdings []held
				for i := range rapid.IntRange(0, 4).Draw(t, "n") {
					category := rapid.SampledFrom([]string{"veteran", "worker"}).Draw(t, "category")
					holdings = append(holdings, held{category, drawPeriod(t, fmt.Sprint("held", i))})
				}
				compareWithDays(t, measures[p], cat, p, period, holdings)
			})
		})
	}
}

// drawPeriod draws days around the new value of the parameter (2024-02-11) and a leap day.
func drawPeriod(t *rapid.T, label string) value.Period {
	epoch := value.Date{Year: 2023, Month: time.December, Day: 20}
	from := epoch.AddDays(rapid.IntRange(0, 90).Draw(t, label+".from"))
	return value.Period{From: from, To: from.AddDays(rapid.IntRange(0, 140).Draw(t, label+".days"))}
}

func compareWithDays(t *rapid.T, m *measure.Measure, cat *schema.Catalog, p plan, period value.Period, holdings []held) {
	world := newMemory(cat, record("Person", "anna", map[string]any{"birthDate": "1980-02-03"}))
	for i, h := range holdings {
		world.add(record("CategoryHeld", fmt.Sprint("h", i), map[string]any{"person": "anna", "category": h.category,
			"from": h.days.From.String(), "to": h.days.To.String()}))
	}
	claim := record("Claim", "claim", map[string]any{"applicant": "anna", "date": period.From.String(), "end": period.To.String()})
	in := measure.Input{Doc: claim, Facts: world, World: world}
	decisions, err := m.Decide(in)
	if err != nil {
		t.Fatal(err)
	}
	want := model(p, period, holdings)
	d := decisions[0]
	if len(want) == 0 {
		if d.Result != measure.Refused || d.Reasons[0].Condition != "period" {
			t.Fatalf("nothing to pay, but %s %v", d.Result, d.Reasons)
		}
		return
	}
	if granted := want[0].passes; granted != (d.Result == measure.Granted) {
		t.Fatalf("%s, though the first slice passes: %v", d.Result, granted)
	}
	if d.Result != measure.Granted {
		return
	}
	got, err := m.Slices(in, d, period.To)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, s := range got {
		lines = append(lines, fmt.Sprintf("%s..%s %s %s", s.From, s.To, s.Status, s.Amount))
	}
	var expected []string
	for _, s := range want {
		expected = append(expected, strings.Split(s.text, "\n")...)
	}
	if !slices.Equal(lines, expected) {
		t.Fatalf("plan %+v, period %s, held %v:\n got %s\nwant %s", p, period, holdings, strings.Join(lines, "\n     "), strings.Join(expected, "\n     "))
	}
}

type modelSlice struct {
	text   string // lines
	passes bool   // some day of it passes
}

// amountOn is what a whole unit is worth on a day; ok is false without a category.
func amountOn(day value.Date, holdings []held) (amount int64, ok bool) {
	newRate := !day.Before(value.Date{Year: 2024, Month: time.February, Day: 11})
	for _, h := range holdings {
		if !h.days.Includes(day) {
			continue
		}
		worth := int64(70000)
		if h.category == "veteran" {
			if worth = 100000; newRate {
				worth = 110000
			}
		}
		amount, ok = max(amount, worth), true
	}
	return amount, ok
}

// model walks the period day by day.
func model(p plan, period value.Period, holdings []held) []modelSlice {
	var out []modelSlice
	for _, u := range calendarUnits(p.every, period) {
		part := u.Intersect(period)
		if p.part == "none" && part != u {
			continue
		}
		s, ended := modelOf(p, u, part, holdings)
		out = append(out, s)
		if ended {
			break
		}
	}
	return out
}

func modelOf(p plan, whole, part value.Period, holdings []held) (modelSlice, bool) {
	days := []value.Date{part.From}
	weight := value.NewNumber(1, 1)
	if p.part == "days" {
		days = nil
		for d := part.From; !d.After(part.To); d = d.AddDays(1) {
			days = append(days, d)
		}
		weight = value.NewNumber(1, int64(whole.Days()))
	}
	sum, passes, failed, to := value.Number{}, false, false, part.To
	for _, d := range days {
		amount, ok := amountOn(d, holdings)
		if !ok {
			if failed = true; p.fails == "end" {
				to = d.AddDays(-1)
				break
			}
			if p.fails == "skip" {
				continue
			}
			amount = 0 // held, and worth nothing that is known
		}
		passes = passes || ok
		sum = sum.Add(value.Money(amount).Number().Mul(weight))
	}
	total, _ := sum.Money(value.HalfUp)
	status := "pays"
	switch {
	case failed && p.fails == "end":
		text := fmt.Sprintf("%s..%s ended 0.00", to.AddDays(1), to)
		if passes {
			text = fmt.Sprintf("%s..%s pays %s\n%s", part.From, to, total, text)
		}
		return modelSlice{text, passes}, true
	case failed && p.fails == "hold":
		status = "held"
	case !passes:
		status = "skipped"
	}
	return modelSlice{fmt.Sprintf("%s..%s %s %s", part.From, to, status, total), passes}, false
}

// calendarUnits are the units that a period touches, found by walking its days.
func calendarUnits(every string, period value.Period) []value.Period {
	if every == "once" {
		return []value.Period{period}
	}
	var out []value.Period
	for d := period.From; !d.After(period.To); d = d.AddDays(1) {
		u := value.Period{From: value.Date{Year: d.Year, Month: time.January, Day: 1}, To: value.Date{Year: d.Year, Month: time.December, Day: 31}}
		switch every {
		case "month":
			u = value.Period{From: d.MonthStart(), To: d.MonthEnd()}
		case "quarter":
			u = d.Quarter()
		}
		if len(out) == 0 || out[len(out)-1] != u {
			out = append(out, u)
		}
	}
	return out
}

// Facts that read facts are cut where each of them changes.
func TestMovesAgreeWithTheDays(t *testing.T) {
	t.Parallel()
	_, cat := worldWith(t, map[string]string{"measures/aid.yaml": `
title: Компенсация
about: Claim
beneficiary: doc.applicant
facts:
  home: {one: Living, of: beneficiary, via: person, at: slice.from}
  dwelling: {one: Dwelling, of: home.dwelling, at: slice.from}
  rights: {each: CategoryHeld, of: home.landlord, at: slice.from}
period: {from: asked, to: doc.end}
amount:
  - {when: "size(rights) > 0", is: "round(2000 * Norm(slice.from, dwelling.territory), 2)"}
  - {is: "round(1000 * Norm(slice.from, dwelling.territory), 2)"}
pay: {every: month, part: days}
`})
	m, diags := measure.Compile(cat.Measures["Aid"], cat, expr.NewEnv(cat))
	if diags.Faulty() {
		t.Fatal(render(diags))
	}
	norm := map[string]int64{"uray": 2500, "surgut": 3000}
	rapid.Check(t, func(t *rapid.T) {
		period := drawPeriod(t, "period")
		var moves []held
		world := newMemory(cat, record("Person", "anna", map[string]any{"birthDate": "1980-02-03"}),
			record("Dwelling", "uray", map[string]any{"territory": "uray"}), record("Dwelling", "surgut", map[string]any{"territory": "surgut"}))
		rights := map[string]value.Period{} // of the landlord in each town
		for _, town := range []string{"surgut", "uray"} {
			rights[town] = drawPeriod(t, town)
			world.add(record("Person", "landlord-"+town, map[string]any{"birthDate": "1980-02-03"}))
			world.add(record("CategoryHeld", "right-"+town, map[string]any{"person": "landlord-" + town, "category": "veteran",
				"from": rights[town].From.String(), "to": rights[town].To.String()}))
		}
		for at := period.From.AddDays(-3); at.Before(period.To); {
			move := held{rapid.SampledFrom([]string{"uray", "surgut"}).Draw(t, "town"), value.Period{From: at, To: at.AddDays(rapid.IntRange(1, 60).Draw(t, "days"))}}
			world.add(record("Living", fmt.Sprint("l", len(moves)), map[string]any{"person": "anna", "dwelling": move.category, "landlord": "landlord-" + move.category,
				"from": move.days.From.String(), "to": move.days.To.String()}))
			moves = append(moves, move)
			at = move.days.To.AddDays(rapid.SampledFrom([]int{1, 1, 1, 1, 1, 1, 2, 0}).Draw(t, "gap")) // a gap, or two homes at once, now and then
		}
		var expected []string
		for _, u := range calendarUnits("month", period) {
			part := u.Intersect(period)
			sum, known := value.Number{}, true
			for d := part.From; !d.After(part.To); d = d.AddDays(1) {
				homes := slices.DeleteFunc(slices.Clone(moves), func(h held) bool { return !h.days.Includes(d) })
				if known = known && len(homes) == 1; known {
					worth := norm[homes[0].category]
					if rights[homes[0].category].Includes(d) {
						worth *= 2
					}
					sum = sum.Add(value.NewNumber(worth, int64(u.Days())))
				}
			}
			text := fmt.Sprintf("%s waits 0.00", part)
			if total, _ := sum.Money(value.HalfUp); known {
				text = fmt.Sprintf("%s pays %s", part, total)
			}
			expected = append(expected, text)
		}
		in := measure.Input{Facts: world, World: world,
			Doc: record("Claim", "claim", map[string]any{"applicant": "anna", "date": period.From.String(), "end": period.To.String()})}
		decisions, err := m.Decide(in)
		if err != nil {
			t.Fatal(err)
		}
		d := decisions[0]
		if granted := strings.Contains(expected[0], "pays"); granted != (d.Result == measure.Granted) {
			t.Fatalf("%s %v, the first slice %s", d.Result, d.Unclear, expected[0])
		}
		if d.Result != measure.Granted {
			return
		}
		owed, err := m.Slices(in, d, period.To)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range owed {
			got = append(got, fmt.Sprintf("%s..%s %s %s", s.From, s.To, s.Status, s.Amount))
		}
		if !slices.Equal(got, expected) {
			t.Fatalf("moves %v:\n got %s\nwant %s", moves, strings.Join(got, "\n     "), strings.Join(expected, "\n     "))
		}
	})
}
