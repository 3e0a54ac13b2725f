package definition

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mera/kernel/calendar"
	"mera/schema/value"
)

func TestEveryIsReckonedFromItsAnchor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := &Every{steps: []step{{each: duration(t)}}}
		if rapid.Bool().Draw(t, "finite") {
			e.steps[0].times = rapid.IntRange(1, 5).Draw(t, "times")
			e.steps = append(e.steps, step{each: duration(t)})
		}
		anchor := time.Date(2024, 1, rapid.IntRange(1, 31).Draw(t, "day"), rapid.IntRange(0, 23).Draw(t, "hour"), 7, 0, 0, time.UTC)
		var all []time.Time
		for after := anchor; len(all) < 12; {
			due, ok := e.Next(anchor, after, calendar.Calendar{})
			if !ok || !due.After(after) {
				t.Fatalf("after %s comes %s, %v", after, due, ok)
			}
			all, after = append(all, due), due
		}
		at := anchor.Add(time.Duration(rapid.Int64Range(0, int64(all[11].Sub(anchor)-1)).Draw(t, "at")))
		want := all[slices.IndexFunc(all, func(d time.Time) bool { return d.After(at) })]
		if due, _ := e.Next(anchor, at, calendar.Calendar{}); !due.Equal(want) {
			t.Fatalf("after %s comes %s, walking there %s", at, due, want)
		}
	})
}

func duration(t *rapid.T) value.Duration {
	units := []value.Unit{value.Minutes, value.Hours, value.Days, value.Workdays, value.Weeks, value.Months, value.Years}
	return value.Duration{N: rapid.IntRange(1, 40).Draw(t, "n"), Unit: rapid.SampledFrom(units).Draw(t, "unit")}
}
