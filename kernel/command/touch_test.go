package command_test

import (
	"testing"

	"mera/kernel/command"
)

// file is a small paper.
func file(slot, name string) command.File {
	return command.File{Slot: slot, Name: name, Media: "application/pdf", Content: []byte("%PDF-1.4 " + name)}
}

// A fact that a clerk enters on the card moves the case that waits for it; one that says nothing to the case leaves no
// trace on it.
func TestCardWakesCase(t *testing.T) {
	t.Parallel()
	s := setup(t)
	office := s.office()
	kolya := s.person("Николай", "2006-06-06", "112-233-445 95")
	app := s.create("SurvivorBenefitApplication", map[string]any{"applicant": kolya, "child": kolya, "date": "2019-07-16", "payout": payout})
	s.drain()
	s.answer(s.requests(app)["RegistrationCheck"], map[string]any{"registrations": []any{map[string]any{"id": "r1", "region": "86", "from": "2006-07-01"}}})
	s.drain()
	version := s.record("SurvivorBenefitApplication", app).Version
	s.as(staff("ivanova", office, "specialist"), func() {
		s.create("Study", map[string]any{"person": kolya, "school": "Школа", "form": "fullTime", "from": "2018-09-01"})
		s.drain()
		want(t, "version after a fact of no use", version, s.record("SurvivorBenefitApplication", app).Version)
		pension := s.create("Pension", map[string]any{"person": kolya, "type": "state-survivor", "from": "2019-06-06"})
		s.drain()
		want(t, "state without the paper", "asking", s.record("SurvivorBenefitApplication", app).Case.State)
		s.do(command.Command{Verb: "attach", Type: "Pension", ID: pension, Files: []command.File{file("", "spravka.pdf")}})
	})
	s.drain()
	want(t, "state with the paper", "granted", s.record("SurvivorBenefitApplication", app).Case.State)
}

// Cases of other persons, and final ones, are left alone.
func TestCardWakesOnlyOpenCasesOfItsPersons(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.office()
	kolya, anna := s.person("Николай", "2006-06-06", "112-233-445 95"), s.person("Анна", "2006-06-06", "")
	open := s.create("SurvivorBenefitApplication", map[string]any{"applicant": kolya, "child": kolya, "date": "2019-07-16", "payout": payout})
	other := s.create("SurvivorBenefitApplication", map[string]any{"applicant": anna, "child": anna, "date": "2019-07-16", "payout": payout})
	closed := s.create("SurvivorBenefitApplication", map[string]any{"applicant": kolya, "child": kolya, "date": "2019-07-17", "payout": payout})
	s.actor.Person, s.actor.Kind = kolya, "citizen"
	s.do(command.Command{Verb: "fire", Type: "SurvivorBenefitApplication", ID: closed, Event: "withdraw"})
	s.actor.Person, s.actor.Kind = "", "system"
	s.jobs()
	s.create("Study", map[string]any{"person": kolya, "school": "Школа", "form": "fullTime", "from": "2018-09-01"})
	var woken []any
	for _, j := range s.jobs() {
		if j.kind == "wake" {
			woken = append(woken, j.args["case"])
		}
	}
	want(t, "woken", []any{open}, woken)
	_ = other
}
