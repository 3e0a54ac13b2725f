package measure

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/schema/value"
)

func day(t *testing.T, s string) value.Date {
	t.Helper()
	d, err := value.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func span(t *testing.T, from, to string) value.Period {
	t.Helper()
	if to == "" {
		return value.NewPeriod(day(t, from), value.Date{})
	}
	return value.NewPeriod(day(t, from), day(t, to))
}

func TestUnits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		period value.Period
		every  string
		want   []string // whole / part
	}{
		"months with partial ends": {span(t, "2024-01-31", "2024-03-01"), everyMonth, []string{
			"2024-01-01..2024-01-31 / 2024-01-31..2024-01-31", "2024-02-01..2024-02-29 / 2024-02-01..2024-02-29", "2024-03-01..2024-03-31 / 2024-03-01..2024-03-01"}},
		"a quarter": {span(t, "2023-11-15", "2024-02-10"), everyQuarter, []string{
			"2023-10-01..2023-12-31 / 2023-11-15..2023-12-31", "2024-01-01..2024-03-31 / 2024-01-01..2024-02-10"}},
		"a year":     {span(t, "2024-02-29", "2024-12-31"), everyYear, []string{"2024-01-01..2024-12-31 / 2024-02-29..2024-12-31"}},
		"once":       {span(t, "2024-02-29", "2024-12-31"), everyOnce, []string{"2024-02-29..2024-12-31 / 2024-02-29..2024-12-31"}},
		"once, open": {span(t, "2024-02-29", ""), everyOnce, []string{"2024-02-29..2024-02-29 / 2024-02-29..2024-02-29"}},
		"empty":      {span(t, "2024-02-29", "2024-02-28"), everyMonth, nil},
		"the end of the calendar": {span(t, "9999-11-30", ""), everyMonth, []string{
			"9999-11-01.. / 9999-11-30.."}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for u := range units(tt.period, tt.every) {
				got = append(got, u.whole.String()+" / "+u.part.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("units (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnitsOfAnOpenPeriodGoOn(t *testing.T) {
	t.Parallel()
	var last value.Period
	n := 0
	for u := range units(span(t, "2024-01-10", ""), everyMonth) {
		if last, n = u.part, n+1; n == 14 {
			break
		}
	}
	if want := span(t, "2025-02-01", "2025-02-28"); last != want {
		t.Errorf("the 14th month is %s, want %s", last, want)
	}
}

func TestPieces(t *testing.T) {
	t.Parallel()
	month := span(t, "2024-02-01", "2024-02-29")
	days := []value.Date{day(t, "2024-02-15"), day(t, "2024-02-01"), day(t, "2024-03-01"), day(t, "2024-02-29"), day(t, "2024-02-15")}
	before := slices.Clone(days)
	want := []value.Period{span(t, "2024-02-01", "2024-02-14"), span(t, "2024-02-15", "2024-02-28"), span(t, "2024-02-29", "2024-02-29")}
	if diff := cmp.Diff(want, pieces(month, days)); diff != "" {
		t.Errorf("pieces (-want +got):\n%s", diff)
	}
	if !slices.Equal(before, days) {
		t.Error("the caller's days were changed")
	}
	sum := value.Number{}
	for _, p := range want {
		sum = sum.Add(share(p, month))
	}
	if sum.Compare(value.NewNumber(1, 1)) != 0 {
		t.Errorf("shares of a whole month sum to %s", sum)
	}
}

func TestStatusOfPiecesAndSlices(t *testing.T) {
	t.Parallel()
	m := &Measure{while: []*condition{{name: "skip", fails: Skipped}, {name: "hold", fails: Held}, {name: "end", fails: Ended}}}
	pieces := map[string]struct {
		skip, hold, end Truth
		want            Status
	}{
		"all hold":                            {True, True, True, Pays},
		"one skips":                           {False, True, True, Skipped},
		"one holds":                           {True, False, True, Held},
		"one ends":                            {True, True, False, Ended},
		"an end outweighs a skip":             {False, True, False, Ended},
		"an end outweighs what is not known":  {Unknown, Unknown, False, Ended},
		"a skip outweighs what is not known":  {False, Unknown, Unknown, Skipped},
		"what is not known outweighs a hold":  {Unknown, False, True, Waits},
		"what is not known outweighs nothing": {True, True, Unknown, Waits},
	}
	for name, tt := range pieces {
		judged := []Judged{{Name: "skip", Truth: tt.skip}, {Name: "hold", Truth: tt.hold}, {Name: "end", Truth: tt.end}}
		if got := m.statusOf(judged); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	for want, of := range map[Status][]Status{
		Pays: {Skipped, Pays}, Skipped: {Skipped, Skipped}, Held: {Pays, Held}, Waits: {Pays, Held, Waits, Ended}, Ended: {Pays, Held, Ended},
	} {
		var list []Piece
		for _, s := range of {
			list = append(list, Piece{Status: s})
		}
		if got := overall(list); got != want {
			t.Errorf("%v: %s, want %s", of, got, want)
		}
	}
}
