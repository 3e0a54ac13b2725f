package command_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/measure"
	"mera/kernel/store"
	"mera/schema/load"
)

// topUpStage is a student's award of 1000.00 a month from July 2019, and a person's way to a payment up to 3000.00.
func topUpStage(t *testing.T) (s *stage, person, claim string) {
	t.Helper()
	s = setup(t, "testdata/crate", "testdata/topup")
	s.office()
	person = s.person("Олег", "2000-01-01", "112-233-445 95")
	s.create("Study", map[string]any{"person": person, "school": "Колледж", "form": "fullTime", "from": "2018-09-01"})
	claim = s.create("Claim", map[string]any{"person": person, "date": "2019-07-10"})
	s.drain()
	return s, person, claim
}

// decision is the last decision on a case, as it is kept.
func (s *stage) decision(of string) (d measure.Decision) {
	s.t.Helper()
	var row *kernel.Decision
	s.in(func(ctx context.Context, tx *store.Tx) (err error) {
		row, err = tx.LastDecision(ctx, of)
		return err
	})
	if err := json.Unmarshal(row.Content, &d); err != nil {
		s.t.Fatal(err)
	}
	return d
}

// Whoever receives nothing is refused; who receives something is paid the rest, and the decision keeps what it read.
func TestRightThatDependsOnAnother(t *testing.T) {
	t.Parallel()
	s, person, claim := topUpStage(t)
	other := s.person("Иван", "2000-01-01", "112-233-446 96")
	want(t, "without an award", measure.Refused, s.decision(s.create("TopUp", map[string]any{"person": other, "date": "2019-07-10"})).Result)

	app := s.create("TopUp", map[string]any{"person": person, "date": "2019-07-10"})
	d := s.decision(app)
	support := s.awards(claim)[0]
	want(t, "the award that was read", []measure.Ref{{Type: "Award", ID: support.ID, Version: support.Version}}, d.Facts[0].Records)
	want(t, "what it pays", []measure.Ref{{Type: "Entitlement", ID: support.ID + "/2019-07-01", Version: support.Version}},
		d.Slices[0].Pieces[0].Facts[0].Records)
	want(t, "the rest", []string{"2019-07-01 2000.00"}, s.schedule(s.awards(app)[0].ID))
}

// The tests beside the measure say the same without a database.
func TestRightThatDependsOnAnotherAlone(t *testing.T) {
	t.Parallel()
	r := releaseOf(t, "testdata/crate", "testdata/topup")
	p, _ := load.Read(os.DirFS("testdata/topup"), "topup")
	for _, test := range p.Tests {
		for _, res := range r.Measures["TopUpRight"].RunTest(test) {
			if !res.Passed() {
				t.Errorf("%s %s:\n%s", res.Pos, res.Name, res.Diff)
			}
		}
	}
}

// A right that depends on another follows it: its amount, and its end.
func TestAwardFollowsAnother(t *testing.T) {
	t.Parallel()
	s, person, claim := topUpStage(t)
	app := s.create("TopUp", map[string]any{"person": person, "date": "2019-07-10"})
	award := s.awards(app)[0].ID
	s.at("2019-09-02")
	s.set("SupportAmount", "2019-08-01", "1500.00")
	s.drain()
	want(t, "after a rise", []string{"2019-07-01 2000.00", "2019-08-01 1500.00"}, s.schedule(award))

	s.create("Wage", map[string]any{"person": person, "employer": "Завод", "amount": "300.00", "from": "2019-08-01"})
	s.create("Rent", map[string]any{"person": person, "amount": "200.00", "from": "2019-09-01"})
	s.drain()
	want(t, "with other receipts", []string{"2019-07-01 2000.00", "2019-08-01 1200.00", "2019-09-01 1000.00"}, s.schedule(award))

	s.as(staff("ivanova", s.record("Claim", claim).Office, "specialist"), func() {
		s.do(command.Command{Verb: "fire", Type: "Claim", ID: claim, Event: "stop"})
	})
	s.drain()
	s.at("2019-10-02")
	s.as(kernel.SystemActor(), func() { s.do(command.Command{Verb: "recalculate", ID: award}) })
	want(t, "after the end", []string{"2019-07-01 2000.00", "2019-08-01 1200.00", "2019-09-01 2400.00", "2019-10-01 2500.00"}, s.schedule(award))
	s.in(func(ctx context.Context, tx *store.Tx) error {
		tasks, err := tx.Tasks(ctx, app)
		want(t, "a person looks at it", 1, len(tasks))
		return err
	})
}

// A document may lead to what the kernel keeps: an award, a decision, a case of any type. Its checks read them; who may
// not see them cannot link to them, and a link to something else is a fault.
func TestLinksToWhatWasDecided(t *testing.T) {
	t.Parallel()
	s, person, claim := topUpStage(t)
	other := s.person("Иван", "2000-01-01", "112-233-446 96")
	award := s.awards(claim)[0]
	topUp := s.create("TopUp", map[string]any{"person": person, "date": "2019-07-10"})
	blind := s.fails(kernel.Invalid, command.Command{Verb: "create", Type: "Dispute", Data: map[string]any{"person": person, "award": award.ID}})
	want(t, "a machine reads no awards", []kernel.FieldError{{Path: "award", Code: "link", Message: blind.Fields[0].Message}}, blind.Fields)
	s.actor = kernel.Actor{Kind: kernel.Staff, ID: "ivanova", Roles: []string{"specialist"}, Territories: []string{"uray"}}
	made := s.create("Dispute", map[string]any{"person": person, "award": award.ID, "origin": claim, "decision": award.Decision})
	want(t, "the amount of the award", any("1000.00"), s.record("Dispute", made).Data["sum"])
	for name, data := range map[string]map[string]any{
		"another's award":     {"person": other, "award": award.ID},
		"no award":            {"person": person, "award": claim},
		"no case":             {"person": person, "award": award.ID, "origin": person},
		"no decision":         {"person": person, "award": award.ID, "decision": award.ID},
		"a case of something": {"person": person, "award": award.ID, "origin": topUp},
	} {
		if e := s.fails(kernel.Invalid, command.Command{Verb: "create", Type: "Dispute", Data: data}); len(e.Fields) != 1 {
			t.Errorf("%s: %v", name, e.Fields)
		}
	}
}
