package workflows

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mera/schema/value"
)

// The visit is planned from 08:00 of 1 March; the timer says that it was missed at 10:00 of the 2nd, in the hour 26.
const visit = `{now: "2024-03-01T08:00", given: {Person: {anna: {lastName: П}}, CareVisit: {v: {person: anna, start: "2024-03-01T10:00:00Z"}}}}`

func TestLateTruthIsNotCountedTwice(t *testing.T) {
	t.Parallel()
	const hour = 3600
	hours := func(n int) time.Time { return time.Date(2024, 3, 1, 8+n, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name  string
		wait  string
		event string
		at    int // hours of the case
		state string
		since int
		spent map[string]int64
	}{
		{"it begins before the timer", "[{wait: 30 hours}]", "begin", 20, "going", 20, map[string]int64{"planned": 20 * hour, "missed": 0}},
		{"it begins as the case does", "[{wait: 30 hours}]", "begin", 0, "going", 0, map[string]int64{"planned": 0, "missed": 0}},
		{"it begins after the timer", "[{wait: 30 hours}]", "begin", 27, "going", 27, map[string]int64{"planned": 26 * hour, "missed": hour}},
		{"it is cancelled before the timer", "[{wait: 30 hours}]", "cancel", 1, "cancelled", 1, map[string]int64{"planned": hour, "missed": 0}},
		{"what only stays moves the case after its entry", "[{wait: 30 hours}]", "call", 20, "going", 26, map[string]int64{"planned": 26 * hour, "missed": 0}},
		{"the timer came back to its state", "[{fire: begin, by: worker, with: {place: дом}}, {wait: 2170 hours}]", "finish", 2000, "served", 2000, map[string]int64{"planned": 0, "going": 2000 * hour}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := begin(t, "CareVisit", visit)
			p.steps(t, c.wait)
			data := map[string]any{}
			if c.event == "begin" {
				data["place"] = "дом"
			}
			out, err := p.m.Fire(p.input(staff("w", "worker"), data), Trigger{Kind: Event, Name: c.event, At: hours(c.at)})
			if err != nil {
				t.Fatal(err)
			}
			if out.State != c.state || !out.Snapshot.Since.Equal(hours(c.since)) {
				t.Errorf("%s since %s", out.State, out.Snapshot.Since)
			}
			if diff := cmp.Diff(c.spent, out.Snapshot.Spent); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Both the state before the timer and the one after it stop a clock, and the one after it meets a term.
func TestLateTruthGivesTermsBack(t *testing.T) {
	t.Parallel()
	p := begin(t, "CareVisit", visit)
	p.steps(t, "[{wait: 100 hours}]")
	if p.snapshot.Terms["visit"].Met.IsZero() || len(p.snapshot.Terms["report"].Pauses) != 2 {
		t.Fatalf("%+v", p.snapshot.Terms)
	}
	in, late := p.input(staff("w", "worker"), map[string]any{"place": "дом"}), time.Date(2024, 3, 1, 20, 0, 0, 0, time.UTC)
	out, err := p.m.Fire(in, Trigger{Kind: Event, Name: "begin", At: late})
	if err != nil {
		t.Fatal(err)
	}
	first := value.Date{Year: 2024, Month: 3, Day: 1}
	terms := out.Snapshot.Terms
	if diff := cmp.Diff([]Pause{{From: first, To: first}}, terms["report"].Pauses); diff != "" {
		t.Error(diff)
	}
	if !terms["visit"].Met.IsZero() || terms["visit"].Due != first.AddDays(10) || terms["report"].Due != first.AddDays(5) {
		t.Errorf("%+v", terms)
	}
	again, err := p.m.Fire(in, Trigger{Kind: Event, Name: "begin", At: late})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(out, again); diff != "" {
		t.Errorf("the input was changed: %s", diff)
	}
}
