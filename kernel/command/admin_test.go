package command_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"mera/kernel"
	"mera/kernel/command"
)

func admin() kernel.Actor { return staff("admin", "", "administrator") }

// A counter goes on where another installation stopped, and never back to a number that was given.
func TestCounterNeverGoesBack(t *testing.T) {
	t.Parallel()
	s := setup(t, "testdata/crate")
	person := s.person("Олег", "2000-01-01", "")
	set := func(next any) command.Command {
		return command.Command{Verb: "setCounter", Data: map[string]any{"series": "Errand.turn", "per": "", "next": next}}
	}
	s.as(admin(), func() {
		s.do(set(json.Number("40")))
		s.do(set(json.Number("41")))
	})
	errand := s.create("Errand", map[string]any{"person": person})
	want(t, "number", any("41"), s.record("Errand", errand).Data["turn"])
	s.as(admin(), func() {
		s.fails(kernel.Conflict, set(json.Number("41")))
		s.fails(kernel.Invalid, set(json.Number("0")))
		s.fails(kernel.Invalid, set("many"))
		s.do(set(json.Number("42")))
	})
	s.as(staff("head", "", "head"), func() { s.fails(kernel.Denied, set(json.Number("50"))) })
}

// The clock of a rehearsal is set by its administrator, forward; that of a real installation by nobody.
func TestSetClock(t *testing.T) {
	t.Parallel()
	s := setup(t)
	to := func(at string) command.Command {
		return command.Command{Verb: "setClock", Data: map[string]any{"to": at}}
	}
	s.as(admin(), func() {
		s.do(to("2019-07-19T10:00:00Z"))
		want(t, "now", time.Date(2019, 7, 19, 10, 0, 0, 0, time.UTC), s.road.Clock.Now())
		s.do(command.Command{Verb: "setClock", Data: map[string]any{"by": "1 workdays"}})
		want(t, "over the week end", "2019-07-22", s.road.Clock.Now().Format(time.DateOnly))
		s.fails(kernel.Invalid, to("2019-07-18T10:00:00Z"))
		s.fails(kernel.Invalid, to("soon"))
		s.fails(kernel.Invalid, command.Command{Verb: "setClock", Data: map[string]any{"by": "soon"}})
		s.road.Clock.Settable = false
		s.fails(kernel.Denied, to("2019-08-01T10:00:00Z"))
	})
	s.as(staff("ivanova", "", "specialist"), func() { s.fails(kernel.Denied, to("2019-08-01T10:00:00Z")) })
}

// An actor has roles, places and a card that there are.
func TestCreateActor(t *testing.T) {
	t.Parallel()
	s := setup(t)
	office := s.office()
	person := s.person("Анна", "1980-02-03", "")
	make := func(data map[string]any) command.Command { return command.Command{Verb: "createActor", Data: data} }
	s.as(admin(), func() {
		s.do(make(map[string]any{"id": "ivanova", "kind": "staff", "name": "Иванова", "roles": []any{"specialist", "operator"}, "office": office, "territories": []any{"uray"}}))
		s.do(make(map[string]any{"id": "anna", "kind": "citizen", "person": person}))
		for field, data := range map[string]map[string]any{
			"id":          {"id": "Иванова", "kind": "staff"},
			"kind":        {"id": "x", "kind": "ghost"},
			"roles":       {"id": "x", "kind": "staff", "roles": []any{"wizard"}},
			"office":      {"id": "x", "kind": "staff", "office": person},
			"territories": {"id": "x", "kind": "staff", "territories": []any{"moon"}},
			"person":      {"id": "x", "kind": "citizen"},
		} {
			e := s.fails(kernel.Invalid, make(data))
			if len(e.Fields) != 1 || e.Fields[0].Path != field || e.Fields[0].Message == "" {
				t.Errorf("%s: %+v", field, e.Fields)
			}
		}
		for _, id := range []string{"system", "exchange:PensionCheck"} {
			s.fails(kernel.Invalid, make(map[string]any{"id": id, "kind": "system"}))
		}
	})
	want(t, "office", office, s.actorNow("ivanova").Office)
	s.as(admin(), func() { s.do(make(map[string]any{"id": "anna", "kind": "citizen", "person": person, "active": false})) })
	want(t, "dismissed", kernel.Actor{}, s.actorNow("anna"))
	s.as(staff("ivanova", office, "specialist"), func() {
		s.fails(kernel.Denied, make(map[string]any{"id": "me", "kind": "staff", "roles": []any{"administrator"}}))
	})
}

// A parameter gets values that are of its type, from a day.
func TestSetParameter(t *testing.T) {
	t.Parallel()
	s := setup(t)
	set := func(name, from, v string) command.Command {
		return command.Command{Verb: "setParameter", Data: map[string]any{"name": name, "from": from, "value": v}}
	}
	s.as(staff("config", "", "configurator"), func() {
		s.do(set("SurvivorBenefitAmount", "2020-06-01", "2000"))
		for _, bad := range []command.Command{
			set("Nothing", "2020-06-01", "2000"), set("SurvivorBenefitAmount", "soon", "2000"), set("SurvivorBenefitAmount", "2020-06-01", "much"),
			set("SurvivorBenefitAmount", "2020-06-01", ""),
		} {
			s.fails(kernel.Invalid, bad)
		}
	})
	s.as(admin(), func() { s.fails(kernel.Denied, set("SurvivorBenefitAmount", "2020-06-01", "1")) })
}

// Numbers have no gaps and no doubles, also where commands fail or come at once.
func TestNumbersAreGapless(t *testing.T) {
	t.Parallel()
	s := setup(t, "testdata/crate")
	const many = 12
	var people []string
	for range many {
		people = append(people, s.person("Олег", "2000-01-01", ""))
	}
	var wg sync.WaitGroup
	for _, p := range people {
		wg.Go(func() {
			c := command.Command{Verb: "create", Type: "Pass", Data: map[string]any{"person": p, "kind": "guest", "from": "2019-07-01"}}
			bad := command.Command{Verb: "create", Type: "Pass", Data: map[string]any{"person": p, "kind": "guest", "from": "2019-07-01", "to": "2019-07-01", "code": "taken"}}
			_, _ = s.road.Execute(t.Context(), s.actor, bad) // one of these wins the key, the others give their number back
			_, _ = s.road.Execute(t.Context(), s.actor, c)   // the winner has a pass already
		})
	}
	wg.Wait()
	seen := map[any]bool{}
	for _, p := range people {
		for _, r := range s.linked("Pass", p) {
			seen[r.Data["number"]] = true
		}
	}
	want(t, "passes", many, len(seen))
	for i := 1; i <= many; i++ {
		if n := any(pad(i)); !seen[n] {
			t.Errorf("number %v is missing of %v", n, seen)
		}
	}
}

func pad(n int) string { return fmt.Sprintf("%04d", n) }
