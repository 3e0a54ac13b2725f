package workflows

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mera/workflows/definition"
)

const batch = `
today: 2024-03-01
given:
  Office: {uray: {title: Урай}}
  Person: {anna: {lastName: А}, boris: {lastName: Б}}
  Batch: {batch: {office: uray}}
  BatchLine: {one: {batch: batch, person: anna}, two: {batch: batch, person: boris}}
decides: {LineRight: granted}
`

// Each row has its own requests, and a row that leaves the list takes its open ones along.
func TestAskForEachRow(t *testing.T) {
	t.Parallel()
	p := begin(t, "Batch", batch)
	items := func() (out []string) {
		for _, v := range p.work {
			row, _, _ := strings.Cut(v.Item, " ")
			out = append(out, v.Name+" "+row+" "+string(v.Status))
		}
		return out
	}
	want := []string{"lineRight one open", "lineRight two open"}
	if diff := cmp.Diff(want, items()); diff != "" {
		t.Fatal(diff)
	}
	for _, rec := range p.records {
		if rec.ID == "two" {
			delete(rec.Data, "batch")
		}
	}
	if err := p.changed(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"lineRight one open", "lineRight two cancelled"}, items()); diff != "" {
		t.Error(diff)
	}
	if err := p.answer("lineRight", nil); err != nil {
		t.Fatal(err)
	}
	if p.snapshot.State != "deciding" {
		t.Errorf("all rows are answered, and the case is %s", p.snapshot.State)
	}
}

// In any order of rings and answers a decision on rows counts each row once, and what is sealed was decided.
func TestRowsAddUp(t *testing.T) {
	t.Parallel()
	m := machine(t, "Batch")
	results := []string{definition.Granted, definition.Refused, definition.Unclear}
	rapid.Check(t, func(rt *rapid.T) {
		p, err := m.newPlay(node(t, batch), node(t, "{}"))
		if err != nil {
			rt.Fatal(err)
		}
		given := []string{rapid.SampledFrom(results).Draw(rt, "one"), rapid.SampledFrom(results).Draw(rt, "two")}
		p.host.results["LineRight"] = given
		p.snapshot = Snapshot{State: "collecting", Opened: p.now, Since: p.now, Work: []WorkRef{}}
		if err := p.trigger(Trigger{Kind: Event, Name: "choose"}, staff("a", "specialist"), map[string]any{"invited": []any{"one", "two"}}); err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(0, 4).Draw(rt, "rings") {
			if !slices.ContainsFunc(p.timers, func(t Timer) bool { return t.Name == "rows/deciding" }) {
				break
			}
			err = p.trigger(Trigger{Kind: TimerDue, Name: "rows/deciding"}, system, nil)
			if rapid.Bool().Draw(rt, "woken") && err == nil {
				err = p.trigger(Trigger{Kind: Changed}, system, nil)
			}
			if err != nil {
				break
			}
		}
		var refusal *Refusal
		unclear := !slices.Contains(given, definition.Granted) && slices.Contains(given, definition.Unclear)
		switch {
		case err != nil && (!errors.As(err, &refusal) || !unclear): // nothing to settle: a refusal is not granted, and not known
			rt.Fatal(err)
		case err != nil:
			return
		}
		n := p.snapshot.Rows
		if n == nil {
			rt.Fatal("the rows are forgotten")
			return
		}
		if n.Granted+n.Refused+n.Unclear > 2 || n.Phase == RowsDecided && n.Granted+n.Refused+n.Unclear != 2 {
			rt.Fatalf("%+v of %v", n, given)
		}
		if n.Phase == RowsDeciding && p.snapshot.State != "chosen" {
			rt.Fatalf("%s while rows are decided", p.snapshot.State)
		}
		if n.Phase == RowsSealing && (p.snapshot.State == "paid") != slices.Contains(given, definition.Granted) {
			rt.Fatalf("%s of %v", p.snapshot.State, given)
		}
	})
}

func TestARowThatNobodyKnows(t *testing.T) {
	t.Parallel()
	p := begin(t, "Batch", batch)
	fire := func(name string, data map[string]any) *Refusal {
		_, err := p.m.Fire(p.input(staff("a"), data), Trigger{Kind: Row, Name: name})
		return refusalOf(t, err)
	}
	if r := fire("one", nil); r.Code != StaleCode {
		t.Errorf("nothing is decided: %v", r)
	}
	p.host.results["LineRight"] = []string{definition.Refused}
	if err := p.answer("lineRight", nil); err != nil {
		t.Fatal(err)
	}
	if err := p.ring(p.now); err != nil {
		t.Fatal(err)
	}
	if r := fire("nobody", nil); r.Code != StaleCode || r.Message != "workflow.row-unknown" {
		t.Errorf("no row of the case: %v", r)
	}
	if r := fire("one", map[string]any{"answers": "yes"}); r.Code != InvalidCode {
		t.Errorf("answers of another form: %v", r)
	}
	p.host.results["LineRight"] = []string{definition.Unclear}
	if r := fire("one", nil); r.Code != ConflictCode || r.Message != "workflow.row-unclear" {
		t.Errorf("still unclear: %v", r)
	}
}

// Leaving the state gives up what is not decided; deciding again begins with the first row.
func TestRowsAreGivenUp(t *testing.T) {
	t.Parallel()
	p := begin(t, "Batch", batch)
	if err := p.answer("lineRight", nil); err != nil {
		t.Fatal(err)
	}
	p.snapshot.Rows.Phase = RowsDeciding
	out, err := p.fireAs(staff("h", "head"), "withdraw", nil)
	if err != nil {
		t.Fatal(err)
	}
	if out.Snapshot.Rows != nil || len(out.Timers) > 0 {
		t.Errorf("left: %+v %v", out.Snapshot.Rows, out.Timers)
	}
	again, err := p.m.Fire(p.input(system, nil), Trigger{Kind: Redecide})
	if err != nil {
		t.Fatal(err)
	}
	if n := again.Snapshot.Rows; n == nil || n.Phase != RowsDeciding || n.After != "" || n.Granted != 0 {
		t.Errorf("again: %+v", n)
	}
	p.snapshot.Rows.State = "gone"
	if out, err = p.m.Fire(p.input(system, nil), Trigger{Kind: TimerDue, Name: "rows/deciding"}); err != nil || out.Snapshot.Rows != nil {
		t.Errorf("the state that decides is gone: %+v %v", out, err)
	}
}

const trip = `
today: 2024-03-01
given:
  Office: {uray: {title: Урай}}
  Person: {anna: {lastName: А}, boris: {lastName: Б}}
  Place: {first: {house: uray, kind: bed, number: 1}}
  Trip: {trip: {person: anna, house: uray, kind: bed, with: boris, guests: [boris, anna, boris]}}
takes: {FreePlaces: [first]}
`

func TestEffectsOfATrip(t *testing.T) {
	t.Parallel()
	p, err := machine(t, "Trip").newPlay(node(t, trip), node(t, "{}"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.m.Fire(p.input(staff("a"), nil), Trigger{Kind: Created})
	if err != nil {
		t.Fatal(err)
	}
	open := out.Open[0]
	if open.SubjectID != "anna" || open.SubjectType != "Person" {
		t.Errorf("about %s %s", open.SubjectType, open.SubjectID)
	}
	if diff := cmp.Diff(map[string]string{"companion": "boris", "trip": "trip"}, open.Sources); diff != "" {
		t.Error(diff)
	}
	if err := p.trigger(Trigger{Kind: Created}, staff("a"), nil); err != nil {
		t.Fatal(err)
	}
	out, err = p.fireAs(staff("s", "specialist"), "check", map[string]any{"choice": "good"})
	if err != nil {
		t.Fatal(err)
	}
	want := []Effect{
		{Verb: Fire, Target: "hold", Of: []RecordRef{{"Place", "first"}}, Values: map[string]any{"kind": "bed", "house": "uray"}},
		{Verb: Offer, Target: "lists", Of: []RecordRef{{"Person", "boris"}, {"Person", "anna"}}},
	}
	if diff := cmp.Diff(want, out.Effects); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"place": "first"}, out.Set); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Done{{WorkRef{"check", ""}, "good"}}, out.Done); diff != "" {
		t.Error(diff)
	}
	if out.Snapshot.Fired["check"] != 1 || out.Snapshot.Fired["book"] != 1 {
		t.Errorf("fired %v", out.Snapshot.Fired)
	}
}

// An event that an effect fires obeys all that any other does; what it refuses refuses the whole.
func TestAnOwnEventIsRefused(t *testing.T) {
	t.Parallel()
	p := begin(t, "Trip", trip)
	for event, want := range map[string]string{
		"again": "workflow.moves",         // without an end
		"leave": "workflow.event-unknown", // where it leads there is no such event
	} {
		_, err := p.fireAs(staff("h", "head"), event, nil)
		if r := refusalOf(t, err); r.Message != want && r.Message != "workflow.final" {
			t.Errorf("%s: %v", event, r)
		}
	}
	p.host.rows["FreePlaces"] = nil
	_, err := p.fireAs(staff("s", "specialist"), "check", map[string]any{"choice": "good"})
	if r := refusalOf(t, err); r.Message != "workflow.list-empty" {
		t.Errorf("no place: %v", r)
	}
}

func TestErrorsOfTheHostOverRows(t *testing.T) {
	t.Parallel()
	p := begin(t, "Trip", trip)
	in := p.input(staff("s", "specialist"), nil)
	in.Host = brokenHost{at: "take"}
	if _, err := p.m.Fire(in, Trigger{Kind: Event, Name: "book"}); !errors.Is(err, errBroken) {
		t.Errorf("take: %v", err)
	}
	b := begin(t, "Batch", batch)
	if err := b.answer("lineRight", nil); err != nil {
		t.Fatal(err)
	}
	in = b.input(system, nil)
	in.Snapshot.Rows = &Rows{State: "deciding", Phase: RowsDeciding, At: b.now}
	in.Host = brokenHost{at: "rows"}
	if _, err := b.m.Fire(in, Trigger{Kind: TimerDue, Name: "rows/deciding"}); !errors.Is(err, errBroken) {
		t.Errorf("rows: %v", err)
	}
}
