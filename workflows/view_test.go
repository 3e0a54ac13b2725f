package workflows

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
	"mera/schema/expr"
	"mera/workflows/definition"
)

func TestEvents(t *testing.T) {
	t.Parallel()
	p := begin(t, "SurvivorBenefit", survivor)
	p.steps(t, "[{wait: 5 workdays}, {fire: submit, by: ivanova, role: [specialist, head]}]")
	for _, c := range []struct {
		by   Actor
		want []EventView
	}{
		{staff("sidorov", "head"), []EventView{{Event: "approve", To: "granted"}, {Event: "return", Ask: []string{"reason"}, To: "byHand"}}},
		{staff("ivanova", "head"), nil},
		{staff("petrova", "specialist"), nil},
		{Actor{ID: "anna", Kind: "citizen", Person: "anna"}, []EventView{{Event: "withdraw", To: "withdrawn"}}},
	} {
		have, err := p.m.Events(p.input(c.by, nil))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, have); diff != "" {
			t.Errorf("%s: %s", c.by.ID, diff)
		}
	}
}

func TestAnEventWhoseConditionReadsItsDataIsListed(t *testing.T) {
	t.Parallel()
	p := begin(t, "Crate", crate)
	have, err := p.m.Events(p.input(staff("boss", "head"), nil))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]EventView{{Event: "guess", Ask: []string{"note"}}}, have); diff != "" {
		t.Error(diff)
	}
	_, err = p.fireAs(staff("boss", "head"), "guess", map[string]any{"note": "нет"})
	if r := refusalOf(t, err); r.Code != ConflictCode {
		t.Errorf("%v", r)
	}
	if _, err := p.fireAs(staff("boss", "head"), "guess", map[string]any{"note": "да"}); err != nil {
		t.Error(err)
	}
}

func TestEventsOfADroppedState(t *testing.T) {
	t.Parallel()
	in := Input{Snapshot: Snapshot{State: "gone"}, Actor: staff("s", "specialist")}
	if have, err := machine(t, "Crate").Events(in); have != nil || err != nil {
		t.Errorf("%v %v", have, err)
	}
}

func TestAsks(t *testing.T) {
	t.Parallel()
	m := machine(t, "SurvivorBenefit")
	if diff := cmp.Diff([]string{"reason"}, m.Asks("checking", "return")); diff != "" {
		t.Error(diff)
	}
	if have := m.Asks("byHand", "return"); have != nil {
		t.Errorf("%v", have)
	}
	if have := m.Asks("gone", "return"); have != nil {
		t.Errorf("%v", have)
	}
	if m.Def().Name != "SurvivorBenefit" {
		t.Errorf("%s", m.Def().Name)
	}
}

func TestEditable(t *testing.T) {
	t.Parallel()
	m := machine(t, "Crate")
	doc := &expr.Record{Type: "Crate", ID: "c", Data: map[string]any{"person": "anna", "seenBy": "boris", "seenIn": "uray"}}
	for _, c := range []struct {
		state   string
		actor   Actor
		parties []string
		all     bool
		props   []string
	}{
		{"packing", staff("s", "specialist"), nil, false, []string{"name", "count"}},
		{"packing", staff("h", "head"), nil, true, nil},
		{"packing", Actor{ID: "o", Office: "uray"}, []string{"seenIn"}, false, []string{"why"}},
		{"packing", Actor{ID: "b", Person: "boris"}, []string{"seenBy"}, false, nil},
		{"packing", Actor{ID: "a", Person: "anna", Office: "uray", Roles: []string{"specialist"}}, []string{"person", "seenIn"}, false, []string{"name", "count", "why"}},
		{"closed", staff("h", "head"), nil, false, nil},
		{"gone", staff("h", "head"), nil, false, nil},
		{"packing", system, nil, false, nil},
	} {
		c.actor.Parties = m.Parties(doc, c.actor)
		if diff := cmp.Diff(c.parties, c.actor.Parties, cmp.Transformer("set", sortedSet)); diff != "" {
			t.Errorf("%s: parties %s", c.actor.ID, diff)
		}
		all, props := m.Editable(c.state, c.actor)
		if diff := cmp.Diff(c.props, props); diff != "" || all != c.all {
			t.Errorf("%s in %s: all %v, %s", c.actor.ID, c.state, all, diff)
		}
	}
}

func sortedSet(list []string) map[string]bool {
	out := map[string]bool{}
	for _, s := range list {
		out[s] = true
	}
	return out
}

// brokenHost fails at one question.
type brokenHost struct {
	stubHost //nolint:unused // embedded for the questions that do not fail
	at       string
}

var errBroken = errors.New("broken")

func (h brokenHost) fail(at string) error {
	if h.at == at {
		return errBroken
	}
	return nil
}

func (h brokenHost) Decide(Question) (DecisionView, error) {
	return DecisionView{Result: definition.Refused}, h.fail("decide")
}
func (h brokenHost) Decidable(Question) (bool, error) { return true, h.fail("decidable") }
func (h brokenHost) Needs(Question) ([]Need, error)   { return nil, h.fail("needs") }
func (h brokenHost) Take(string, map[string]any) (*expr.Record, error) {
	return nil, h.fail("take")
}
func (h brokenHost) Rows(RowsQuestion) (RowsAnswer, error) { return RowsAnswer{}, h.fail("rows") }

func TestErrorsOfTheHostEndTheMove(t *testing.T) {
	t.Parallel()
	p := begin(t, "SurvivorBenefit", survivor)
	in := p.input(system, nil)
	for _, at := range []string{"needs", "decidable", "decide"} {
		in.Host = brokenHost{at: at}
		if _, err := p.m.Fire(in, Trigger{Kind: Changed}); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", at, err)
		}
	}
	in.Host = nil
	if _, err := p.m.Fire(in, Trigger{Kind: Changed}); !errors.Is(err, errNoHost) {
		t.Errorf("no host: %v", err)
	}
	in.Snapshot.State = "checking"
	if _, err := p.m.Fire(in, Trigger{Kind: Redecide}); !errors.Is(err, errNoHost) {
		t.Errorf("no host: %v", err)
	}
}

// deadWorld fails at every record.
type deadWorld struct{ *expr.StaticWorld }

func (deadWorld) Record(context.Context, string, string) (*expr.Record, error) { return nil, errBroken }

func TestErrorsOfTheWorldEndTheMove(t *testing.T) {
	t.Parallel()
	for name, given := range worlds {
		if name != "Guardianship" && name != "Ticket" {
			continue
		}
		p, err := machine(t, name).newPlay(node(t, given), &schema.Node{Kind: schema.MapNode})
		if err != nil {
			t.Fatal(err)
		}
		in := p.input(system, nil)
		in.World = deadWorld{p.world}
		if _, err := p.m.Fire(in, Trigger{Kind: Created}); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestZoneOfTheOffice(t *testing.T) {
	t.Parallel()
	p := begin(t, "LargeFamilyEntry", worlds["LargeFamilyEntry"])
	in := p.input(staff("r", "registrar"), map[string]any{"endGround": "grown-up"})
	in.Now = time.Date(2024, 3, 1, 20, 0, 0, 0, time.UTC)
	in.Zone = time.FixedZone("+05", 5*3600)
	out, err := p.m.Fire(in, Trigger{Kind: Event, Name: "exclude"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"endGround": "grown-up", "to": "2024-03-02"}, out.Set); diff != "" {
		t.Error(diff)
	}
	in.Data, in.Ctx = nil, context.Background()
	out, err = p.m.Fire(in, Trigger{Kind: Changed})
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2024, 1, 14, 19, 0, 0, 0, time.UTC); len(out.Timers) != 1 || !out.Timers[0].Due.Equal(want) {
		t.Errorf("%v, want %s: midnight of 15 January in the office", out.Timers, want)
	}
}

func TestRefusalIsReadable(t *testing.T) {
	t.Parallel()
	r := refuse(InvalidCode, "workflow.event-data", "fill")
	r.Fields = []FieldError{{"name", "short"}}
	if want := "invalid: workflow.event-data [fill]; name short"; r.Error() != want {
		t.Errorf("%q, want %q", r.Error(), want)
	}
}
