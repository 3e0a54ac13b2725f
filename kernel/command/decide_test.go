package command_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/store"
)

// checking is a stage with a case that waits for the head's approval of a grant.
func checking(t *testing.T) (s *stage, office, child, app string) {
	t.Helper()
	s = setup(t)
	office = s.office()
	child = s.person("Николай", "2006-06-06", "112-233-445 95")
	app = s.apply(child)
	s.as(staff("ivanova", office, "specialist"), func() {
		pension := s.create("Pension", map[string]any{"person": child, "type": "state-survivor", "from": "2019-06-06"})
		s.do(command.Command{Verb: "attach", Type: "Pension", ID: pension, Files: []command.File{file("", "spravka.pdf")}})
	})
	s.at("2019-07-25")
	s.ring()
	s.as(staff("ivanova", office, "specialist"), func() {
		s.do(command.Command{Verb: "fire", Type: "SurvivorBenefitApplication", ID: app, Event: "submit", Data: map[string]any{"answers": map[string]any{"livesInRegion": true}}})
	})
	s.drain()
	want(t, "state", "checking", s.state(app))
	return s, office, child, app
}

func (s *stage) apply(child string) string {
	s.t.Helper()
	return s.create("SurvivorBenefitApplication", map[string]any{"applicant": child, "child": child, "date": "2019-07-16", "payout": payout})
}

func (s *stage) state(app string) string {
	s.t.Helper()
	return s.record("SurvivorBenefitApplication", app).Case.State
}

// decisions are the determinations of a case in their order.
func (s *stage) decisions(app string) (out []string) {
	s.in(func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.Decisions(ctx, app)
		for _, d := range list {
			out = append(out, fmt.Sprintf("%s %s %t", d.Result, d.Amount, d.Settled))
		}
		return err
	})
	return out
}

// What is approved is what would be decided now: when a fact changes in between, the approval gets STALE and the decision
// is made anew.
func TestStaleDecision(t *testing.T) {
	t.Parallel()
	approve := func(app string) command.Command {
		return command.Command{Verb: "fire", Type: "SurvivorBenefitApplication", ID: app, Event: "approve"}
	}
	for name, change := range map[string]struct {
		do    func(s *stage, child string)
		state string
		then  kernel.Code // of a second approval
		made  []string
	}{
		"a fact that was read": {func(s *stage, child string) {
			s.do(command.Command{Verb: "update", Type: "Pension", ID: s.linked("Pension", child)[0].ID, Data: map[string]any{"to": "2019-08-31"}})
		}, "checking", "", []string{"granted 1826.00 false", "granted 1826.00 true"}},
		"a fact that is gone": {func(s *stage, child string) {
			s.do(command.Command{Verb: "void", Type: "Pension", ID: s.linked("Pension", child)[0].ID, Reason: "не его"})
		}, "byHand", kernel.Stale, []string{"granted 1826.00 false", "unclear 0.00 false"}},
		"a new fact": {func(s *stage, child string) {
			s.create("Study", map[string]any{"person": child, "school": "Школа", "form": "fullTime", "from": "2018-09-01"})
		}, "checking", "", []string{"granted 1826.00 false", "granted 1826.00 true"}},
		"a parameter": {func(s *stage, child string) {
			s.set("SurvivorBenefitAmount", "2019-07-01", "2000.00")
		}, "checking", "", []string{"granted 1826.00 false", "granted 2000.00 true"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, office, child, app := checking(t)
			change.do(s, child)
			s.as(staff("sidorov", office, "head"), func() {
				s.fails(kernel.Stale, approve(app))
				want(t, "state", change.state, s.state(app))
				_, err := s.road.Execute(t.Context(), s.actor, approve(app))
				want(t, "again", change.then, kernel.CodeOf(err))
			})
			want(t, "decisions", change.made, s.decisions(app))
		})
	}
}

// What has nothing to do with the decision does not hold it up.
func TestDecisionStands(t *testing.T) {
	t.Parallel()
	s, office, child, app := checking(t)
	s.do(command.Command{Verb: "update", Type: "Person", ID: child, Data: map[string]any{"phone": "+7 900"}})
	s.as(staff("sidorov", office, "head"), func() {
		s.do(command.Command{Verb: "fire", Type: "SurvivorBenefitApplication", ID: app, Event: "approve"})
	})
	want(t, "state", "granted", s.state(app))
}

// Nobody approves what he has prepared himself.
func TestFourEyes(t *testing.T) {
	t.Parallel()
	s, office, _, app := checking(t)
	approve := command.Command{Verb: "fire", Type: "SurvivorBenefitApplication", ID: app, Event: "approve"}
	s.as(staff("ivanova", office, "specialist", "head"), func() { s.fails(kernel.Denied, approve) })
	s.as(staff("petrova", office, "specialist"), func() { s.fails(kernel.Denied, approve) })
	orlov := staff("orlov", "", "head")
	orlov.Territories = []string{"sovetsky"}
	s.as(orlov, func() { s.fails(kernel.NotFound, approve) })
	s.as(staff("sidorov", office, "head"), func() {
		s.do(approve)
		s.fails(kernel.Stale, approve)
	})
	want(t, "awards", 1, len(s.awards(app)))
}

// answered brings the first of the two answers that decide an application; the function brings the second.
func (s *stage) answered(app string) (second func()) {
	s.t.Helper()
	asked := s.requests(app)
	s.answer(asked["RegistrationCheck"], map[string]any{"registrations": []any{map[string]any{"id": "r1", "region": "86", "from": "2006-07-01"}}})
	return func() {
		s.answer(asked["PensionCheck"], map[string]any{"pensions": []any{map[string]any{"id": "p1", "number": "0", "type": "GPK", "from": "2019-06-06"}}})
	}
}

// One purpose, one award: a second application for the same child is refused and names who holds it.
func TestOnePurpose(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.office()
	child := s.person("Николай", "2006-06-06", "112-233-445 95")
	first := s.apply(child)
	s.answered(first)()
	want(t, "first", "granted", s.state(first))
	second := s.apply(child)
	s.drain()
	want(t, "second", "refused", s.state(second))
	want(t, "awards", 0, len(s.awards(second)))
	s.in(func(ctx context.Context, tx *store.Tx) error {
		d, err := tx.LastDecision(ctx, second)
		want(t, "reason", true, strings.Contains(string(d.Reasons), "По этому назначению уже есть выплата"))
		return err
	})
}

// Two grants of one purpose at once: one wins, the other is decided anew and refused.
func TestRaceOfTwoGrants(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.office()
	child := s.person("Николай", "2006-06-06", "112-233-445 95")
	apps := []string{s.apply(child), s.apply(child)}
	for _, app := range apps {
		s.answered(app)
	}
	var wg sync.WaitGroup
	for _, app := range apps {
		q := s.requests(app)["PensionCheck"]
		wg.Go(func() {
			own := *s
			own.answer(q, map[string]any{"pensions": []any{map[string]any{"id": "p1", "number": "0", "type": "GPK", "from": "2019-06-06"}}})
		})
	}
	wg.Wait()
	s.drain()
	states := map[string]int{}
	for _, app := range apps {
		states[s.state(app)]++
	}
	want(t, "states", map[string]int{"granted": 1, "refused": 1}, states)
	want(t, "awards", 1, len(s.awards(apps[0]))+len(s.awards(apps[1])))
}

// A measure whose purpose is replaced ends the former award the day before.
func TestPurposeIsReplaced(t *testing.T) {
	t.Parallel()
	s, person, claim := crateStage(t)
	s.at("2019-09-30")
	s.accrue("2019-09-30")
	bonus := s.create("Bonus", map[string]any{"person": person, "date": "2019-09-10"})
	s.drain()
	want(t, "bonus", "granted", s.record("Bonus", bonus).Case.State)
	old := s.awards(claim)[0]
	want(t, "replaced", "2019-08-31 ended replaced", fmt.Sprintf("%s %s %s", old.To, old.Status, old.Ended))
	want(t, "September is taken back", "2019-09-01..2019-09-30 1 correction -1000.00 due 2019-09-30", s.rows(old.ID)[3])
	smaller := s.create("Larger", map[string]any{"person": person, "date": "2019-09-20"})
	s.drain()
	want(t, "a smaller one", "refused", s.record("Larger", smaller).Case.State)
	s.set("LargerAmount", "2019-01-01", "5000.00")
	larger := s.create("Larger", map[string]any{"person": person, "date": "2019-09-21"})
	s.drain()
	want(t, "a larger one", "granted", s.record("Larger", larger).Case.State)
	want(t, "the bonus is void", "void", s.awards(bonus)[0].Status)
}

// Many grants at once number their decisions without gaps.
func TestDecisionsAreNumberedWithoutGaps(t *testing.T) {
	t.Parallel()
	s := setup(t, "testdata/crate")
	s.office()
	const many = 8
	var people []string
	for range many {
		people = append(people, s.person("Олег", "2000-01-01", ""))
	}
	var wg sync.WaitGroup
	for _, p := range people {
		wg.Go(func() {
			c := command.Command{Verb: "create", Type: "Claim", Data: map[string]any{"person": p, "date": "2019-07-10"}}
			if _, err := s.road.Execute(t.Context(), s.actor, c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, p := range people {
		for _, r := range s.linked("Claim", p) {
			s.in(func(ctx context.Context, tx *store.Tx) error {
				d, err := tx.LastDecision(ctx, r.ID)
				seen[d.Number] = true
				return err
			})
		}
	}
	for i := 1; i <= many; i++ {
		if !seen[fmt.Sprint(i)] {
			t.Errorf("number %d is missing of %v", i, seen)
		}
	}
}
