package workflows

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mera/schema"
	"mera/workflows/definition"
)

// worlds are a case of each workflow of the test catalog that has something to show.
var worlds = map[string]string{
	"SurvivorBenefit": survivor,
	"Appeal":          appeal,
	"Ticket": `{now: "2024-03-04T09:00", given: {Office: {uray: {title: У}}, Person: {anna: {lastName: П}}, Window: {first: {office: uray}},
 Slot: {ten: {office: uray, start: "2024-03-04T10:00:00Z"}}, Ticket: {ticket: {office: uray, service: benefits, person: anna, slot: ten}}}}`,
	"LargeFamilyEntry":  `{today: 2024-01-10, given: {Person: {anna: {lastName: П}}, LargeFamilyEntry: {e: {person: anna, from: 2024-01-10, ground: three-children}}}}`,
	"Aid":               `{given: {Person: {anna: {lastName: П}, b: {lastName: Б}}, Aid: {aid: {person: anna, members: [anna, b]}}}}`,
	"SurveyApplication": `{today: 2024-03-01, given: {Person: {anna: {lastName: П}}, Office: {uray: {title: У}}, SurveyApplication: {app: {person: anna, unit: uray, till: 2024-04-01}}}}`,
	"CareVisit":         `{now: "2024-03-01T08:00", given: {Person: {anna: {lastName: П}}, CareVisit: {v: {person: anna, start: "2024-03-01T10:00:00Z"}}}}`,
	"Guardianship":      `{today: 2024-01-31, given: {Person: {anna: {lastName: П}}, Ward: {w: {person: anna, birth: 2008-03-01}}, Guardianship: {g: {guardian: anna, ward: w, from: 2023-12-31}}}}`,
}

func TestAnySequenceKeepsTheCaseWhole(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(worlds)) {
		m, root := machine(t, name), node(t, worlds[name])
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) { walk(rt, m, root) })
		})
	}
}

// walker drives one case and keeps count of what must add up.
type walker struct {
	*rapid.T
	*play
	entered, fired int
}

func walk(rt *rapid.T, m *Machine, root *schema.Node) {
	p, err := m.newPlay(root, &schema.Node{Kind: schema.MapNode})
	if err != nil {
		rt.Fatal(err)
	}
	begun := p.now
	w := &walker{T: rt, play: p}
	w.fire(Trigger{Kind: Created}, staff("author"), nil)
	for range rapid.IntRange(1, 20).Draw(rt, "steps") {
		w.random()
	}
	entered, spent, fired := 0, int64(0), 0
	for state, n := range p.snapshot.Entered {
		if m.w.Def.State(state) == nil {
			rt.Fatalf("a state %q was entered", state)
		}
		entered += n
	}
	for _, seconds := range p.snapshot.Spent {
		spent += seconds
	}
	for _, n := range p.snapshot.Fired {
		fired += n
	}
	spent += seconds(p.snapshot.Since, p.now) // all times here are whole minutes: nothing is lost, nothing counted twice
	if entered != w.entered || fired != w.fired || spent != seconds(begun, p.now) {
		rt.Fatalf("entered %d of %d, fired %d of %d, %d s in %s", entered, w.entered, fired, w.fired, spent, p.now.Sub(begun))
	}
}

func (w *walker) random() {
	switch rapid.IntRange(0, 5).Draw(w.T, "what") {
	case 0:
		w.now = w.now.Add(time.Duration(rapid.IntRange(0, 40*24*60).Draw(w.T, "minutes")) * time.Minute)
	case 1:
		w.fire(Trigger{Kind: Changed}, system, nil)
	case 2:
		w.answerSome()
	case 3:
		name := "asking/after:byHand"
		if len(w.timers) > 0 {
			name = w.timers[0].Name
		}
		w.fire(Trigger{Kind: TimerDue, Name: name}, system, nil)
	default:
		w.event()
	}
}

func (w *walker) answerSome() {
	for i := range w.work {
		if w.work[i].Status == WorkOpen && rapid.Bool().Draw(w.T, "answered") {
			w.work[i].Status, w.work[i].At = WorkDone, w.now
		}
	}
	results := []string{definition.Granted, definition.Refused, definition.Unclear}
	for measure := range w.m.w.Cat.Measures {
		w.host.results[measure] = []string{rapid.SampledFrom(results).Draw(w.T, "result")}
	}
	w.fire(Trigger{Kind: Changed}, system, nil)
}

func (w *walker) event() {
	nexts := slices.DeleteFunc(definition.AllNext(w.m.w.Def), func(n *schema.Next) bool { return n.Event.IsZero() })
	if here := w.here(); len(here) > 0 && rapid.IntRange(0, 9).Draw(w.T, "anywhere") > 0 {
		nexts = here
	}
	next := rapid.SampledFrom(nexts).Draw(w.T, "event")
	by := w.known(rapid.SampledFrom(definition.Texts(next.By)).Draw(w.T, "by"))
	if rapid.IntRange(0, 9).Draw(w.T, "stranger") == 0 {
		by = staff("stranger", "nothing")
	}
	data := map[string]any{}
	for _, name := range next.Ask {
		if v := w.value(name.Text); v != nil {
			data[name.Text] = v
		}
	}
	t := Trigger{Kind: Event, Name: next.Event.Text}
	if rapid.IntRange(0, 5).Draw(w.T, "late") == 0 {
		t.At = w.now.Add(-time.Duration(rapid.IntRange(0, 3*24*60).Draw(w.T, "ago")) * time.Minute)
	}
	w.fire(t, by, data)
}

// here are the events of the present state.
func (w *walker) here() []*schema.Next {
	var out []*schema.Next
	for _, t := range w.m.w.State(w.snapshot.State).Next {
		if t.Trigger == definition.ByEvent {
			out = append(out, t.Def)
		}
	}
	return out
}

// value is data for an event, mostly right: the first value always is.
func (w *walker) value(name string) any {
	known := map[string][]any{
		"reason": {"так надо"}, "answers": {map[string]any{"receivesPension": true}}, "topic": {"roads", "moon"},
		"bodies": {[]any{"roads"}, []any{"roads", "water"}, []any{}, "roads"}, "rating": {json.Number("5"), json.Number("9"), "5"},
		"objection": {"нет", "а"}, "part": {"partsroads"}, "sum": {"10.00", "ten"}, "window": {"first"}, "service": {"benefits"},
		"endGround": {"grown-up"}, "place": {"дом"}, "text": {"текст"},
	}
	if values := known[name]; len(values) > 0 && rapid.IntRange(0, 3).Draw(w.T, "right") > 0 {
		return values[0]
	}
	return rapid.SampledFrom(append(known[name], nil)).Draw(w.T, name)
}

// fire checks all that must hold of any outcome, and stores it.
func (w *walker) fire(t Trigger, by Actor, data map[string]any) {
	in := w.input(by, data)
	wasFinal := w.snapshot.State != "" && w.m.w.Def.State(w.snapshot.State).Final
	out, err := w.m.Fire(in, t)
	again, errAgain := w.m.Fire(in, t)
	if diff := cmp.Diff(out, again); diff != "" || (err == nil) != (errAgain == nil) {
		w.Fatalf("the same input gives another outcome: %s", diff)
	}
	if err != nil {
		var refusal *Refusal
		if !errors.As(err, &refusal) {
			w.Fatal(err)
		}
		return
	}
	w.check(out, wasFinal)
	w.entered += len(out.Moved)
	if t.Kind == Event {
		w.fired++
	}
	if err := w.trigger(t, by, data); err != nil {
		w.Fatal(err)
	}
	w.roundTrip()
}

func (w *walker) check(out *Outcome, wasFinal bool) {
	if wasFinal && len(out.Moved) > 0 {
		w.Fatalf("a final case moved: %v", out.Moved)
	}
	if w.m.w.Def.State(out.State) == nil || out.State != out.Snapshot.State || len(out.Moved) > maxMoves {
		w.Fatalf("state %q after %d moves", out.State, len(out.Moved))
	}
	if n := len(out.Moved); n > 0 && out.Moved[n-1].To != out.State {
		w.Fatalf("in %s after %v", out.State, out.Moved)
	}
	if out.Final && (len(out.Timers) > 0 || !out.Due.IsZero() || len(out.Open) > 0) {
		w.Fatalf("something is left of a final case: %+v", out)
	}
	names := map[string]bool{}
	for i, timer := range out.Timers {
		if names[timer.Name] || i > 0 && timer.Due.Before(out.Timers[i-1].Due) {
			w.Fatalf("timers are not a sorted set: %v", out.Timers)
		}
		names[timer.Name] = true
	}
	opened := map[WorkRef]bool{}
	for _, o := range out.Open {
		ref := WorkRef{o.Name, o.Item}
		if opened[ref] || !slices.Contains(out.Snapshot.Work, ref) {
			w.Fatalf("%v is opened twice, or forgotten", ref)
		}
		opened[ref] = true
	}
}

func (w *walker) roundTrip() {
	text, err := json.Marshal(w.snapshot)
	if err != nil {
		w.Fatal(err)
	}
	var back Snapshot
	if err := json.Unmarshal(text, &back); err != nil {
		w.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil {
		w.Fatal(err)
	}
	if string(text) != string(again) {
		w.Fatalf("a snapshot changes on its way: %s", cmp.Diff(string(text), string(again)))
	}
	w.snapshot = back
}
