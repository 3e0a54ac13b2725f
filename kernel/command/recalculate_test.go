package command_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/ledger"
	"mera/kernel/registry"
	"mera/kernel/store"
	"mera/schema/value"
)

func (s *stage) at(day string) {
	s.t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		s.t.Fatal(err)
	}
	s.road.Clock.Set(at.Add(9 * time.Hour))
}

// in reads the database.
func (s *stage) in(read func(ctx context.Context, tx *store.Tx) error) {
	s.t.Helper()
	if err := s.db.Read(context.Background(), func(tx *store.Tx) error { return read(context.Background(), tx) }); err != nil {
		s.t.Fatal(err)
	}
}

// as does something in the name of the system, then is again who it was.
func (s *stage) as(actor kernel.Actor, do func()) {
	own := s.actor
	s.actor = actor
	defer func() { s.actor = own }()
	do()
}

func staff(id, office string, roles ...string) kernel.Actor {
	return kernel.Actor{Kind: kernel.Staff, ID: id, Name: id, Roles: roles, Office: office, Territories: []string{"uray"}}
}

func (s *stage) set(parameter, from, v string) {
	s.t.Helper()
	s.as(staff("config", "", "configurator"), func() {
		s.do(command.Command{Verb: "setParameter", Data: map[string]any{"name": parameter, "from": from, "value": v}})
	})
}

func (s *stage) accrue(until string) {
	s.t.Helper()
	s.as(kernel.SystemActor(), func() {
		if res := s.do(command.Command{Verb: "accrue", Data: map[string]any{"until": until}}); res.Data["failed"] != int64(0) {
			s.t.Fatalf("accrue: %v", res.Data)
		}
	})
}

func (s *stage) pay(from, to string) {
	s.t.Helper()
	s.as(kernel.SystemActor(), func() {
		s.do(command.Command{Verb: "runPayments", Data: map[string]any{"from": from, "to": to, "date": to}})
	})
}

func (s *stage) awards(app string) (out []*kernel.Award) {
	s.in(func(ctx context.Context, tx *store.Tx) (err error) {
		out, err = tx.Awards(ctx, app)
		return err
	})
	return out
}

// rows are the accruals of an award as text.
func (s *stage) rows(award string) (out []string) {
	s.in(func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.Accruals(ctx, award)
		for _, a := range list {
			out = append(out, fmt.Sprintf("%s..%s %d %s %s due %s", a.From, a.To, a.Seq, a.Kind, a.Amount, a.Due))
		}
		return err
	})
	return out
}

func (s *stage) standing(award string) (out ledger.Standing) {
	s.in(func(ctx context.Context, tx *store.Tx) (err error) {
		out, err = tx.Standing(ctx, award)
		return err
	})
	return out
}

func (s *stage) schedule(award string) (out []string) {
	s.in(func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.Schedule(ctx, award)
		for _, x := range list {
			out = append(out, x.From.String()+" "+x.Amount.String())
		}
		return err
	})
	return out
}

func want[T any](t testing.TB, what string, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// survivor is the award of the main job: July and August 2019, 1826.00 each.
func (s *stage) survivor() string {
	s.t.Helper()
	s.office()
	kolya := s.person("Николай", "2001-06-06", "112-233-445 95")
	s.create("Study", map[string]any{"person": kolya, "school": "Колледж", "form": "fullTime", "from": "2018-09-01"})
	app := s.create("SurvivorBenefitApplication", map[string]any{"applicant": kolya, "child": kolya, "date": "2019-07-16", "payout": payout})
	asked := s.requests(app)
	s.answer(asked["RegistrationCheck"], map[string]any{"registrations": []any{map[string]any{"id": "r1", "region": "86", "from": "2001-07-01"}}})
	s.answer(asked["PensionCheck"], map[string]any{"pensions": []any{map[string]any{"id": "p1", "number": "0", "type": "GPK", "from": "2019-06-06", "to": "2019-08-31"}}})
	return s.awards(app)[0].ID
}

// A raised parameter posts one correction; lowered, what was paid becomes a debt; once more nothing happens.
func TestParameterRecalculates(t *testing.T) {
	t.Parallel()
	s := setup(t)
	award := s.survivor()
	s.at("2019-08-31")
	s.accrue("2019-08-31")
	s.pay("2019-07-01", "2019-08-31")
	s.at("2019-09-03")
	s.set("SurvivorBenefitAmount", "2019-08-01", "1900.00")
	s.drain()
	paid := []string{"2019-07-01..2019-07-31 0 current 1826.00 due 2019-07-31", "2019-08-01..2019-08-31 0 current 1826.00 due 2019-08-31"}
	raised := append(paid, "2019-08-01..2019-08-31 1 correction 74.00 due 2019-09-03")
	want(t, "accruals", raised, s.rows(award))
	want(t, "standing", ledger.Standing{Payable: 7400}, s.standing(award))
	want(t, "schedule", []string{"2019-07-01 1826.00", "2019-08-01 1900.00"}, s.schedule(award))

	s.as(kernel.SystemActor(), func() {
		res := s.do(command.Command{Verb: "recalculate", ID: award})
		want(t, "a second run", any(int64(0)), res.Data["posted"])
	})
	s.pay("2019-09-01", "2019-09-30")
	want(t, "all is paid", ledger.Standing{}, s.standing(award))

	s.set("SurvivorBenefitAmount", "2019-08-01", "1800.00")
	s.drain()
	want(t, "accruals", append(raised, "2019-08-01..2019-08-31 2 correction -100.00 due 2019-09-03"), s.rows(award))
	want(t, "a debt", ledger.Standing{Debt: 10000}, s.standing(award))
}

// crate is a stage with the package of testdata and a student's award: 1000.00 a month from July 2019, by days.
func crateStage(t *testing.T) (*stage, string, string) {
	t.Helper()
	s := setup(t, "testdata/crate")
	s.office()
	person := s.person("Олег", "2000-01-01", "112-233-445 95")
	s.create("Study", map[string]any{"person": person, "school": "Колледж", "form": "fullTime", "from": "2018-09-01"})
	claim := s.create("Claim", map[string]any{"person": person, "date": "2019-07-10"})
	s.drain()
	return s, person, claim
}

// A fact of past slices that changes moves their bounds and sums: what was paid too much covers what is still due, the
// rest is a debt that later payments give back within the legal share.
func TestFactRecalculates(t *testing.T) {
	t.Parallel()
	s, person, claim := crateStage(t)
	award := s.awards(claim)[0].ID
	s.at("2019-09-30")
	s.accrue("2019-09-30")
	s.pay("2019-07-01", "2019-09-30")
	study := s.linked("Study", person)[0]
	s.do(command.Command{Verb: "update", Type: "Study", ID: study.ID, Version: study.Version, Data: map[string]any{"to": "2019-09-15"}})
	s.drain()
	want(t, "accruals", []string{
		"2019-07-01..2019-07-31 0 current 1000.00 due 2019-07-31", "2019-08-01..2019-08-31 0 current 1000.00 due 2019-08-31",
		"2019-09-01..2019-09-30 0 current 1000.00 due 2019-09-30", "2019-09-01..2019-09-30 1 correction -500.00 due 2019-09-30",
	}, s.rows(award))
	want(t, "a debt", ledger.Standing{Debt: 50000}, s.standing(award))

	s.create("Study", map[string]any{"person": person, "school": "Другой колледж", "form": "fullTime", "from": "2019-10-01"})
	s.at("2019-10-31")
	s.accrue("2019-10-31")
	s.pay("2019-10-01", "2019-10-31")
	want(t, "a fifth is withheld", ledger.Standing{Debt: 30000}, s.standing(award))
	s.drain()
	want(t, "nothing more to say", 5, len(s.rows(award)))
}

// A month that an accrual passed over is made good with the next payment.
func TestMonthPassedOverIsMadeGood(t *testing.T) {
	t.Parallel()
	s, person, claim := crateStage(t)
	award := s.awards(claim)[0].ID
	study := s.linked("Study", person)[0]
	s.do(command.Command{Verb: "update", Type: "Study", ID: study.ID, Data: map[string]any{"to": "2019-07-31"}})
	s.at("2019-09-02")
	s.accrue("2019-08-31")
	s.pay("2019-07-01", "2019-08-31")
	want(t, "July", []string{"2019-07-01..2019-07-31 0 current 1000.00 due 2019-07-31"}, s.rows(award))
	s.at("2019-09-10")
	s.create("Study", map[string]any{"person": person, "school": "Колледж", "form": "fullTime", "from": "2019-08-01"})
	s.drain()
	want(t, "August", "2019-08-01..2019-08-31 0 correction 1000.00 due 2019-09-10", s.rows(award)[1])
	s.pay("2019-09-01", "2019-09-30")
	want(t, "paid", ledger.Standing{}, s.standing(award))
}

// linked are the records of a type that lie on a person's card.
func (s *stage) linked(typ, person string) (out []*kernel.Record) {
	s.in(func(ctx context.Context, tx *store.Tx) (err error) {
		out, err = tx.RecordsByLink(ctx, typ, "person", []string{person})
		return err
	})
	return out
}

// What ended an award may turn out wrong: then it lives on, and the debt is forgiven by what it owes.
func TestAwardEndsAndLivesOn(t *testing.T) {
	t.Parallel()
	s, person, claim := crateStage(t)
	award := s.awards(claim)[0].ID
	s.at("2019-09-30")
	s.accrue("2019-09-30")
	s.pay("2019-07-01", "2019-09-30")
	change := func(data map[string]any) {
		s.do(command.Command{Verb: "update", Type: "Person", ID: person, Data: data})
		s.drain()
	}
	change(map[string]any{"deathDate": "2019-08-20"})
	a := s.awards(claim)[0]
	want(t, "ended", "2019-08-31 ended Умер", fmt.Sprintf("%s %s %s", a.To, a.Status, a.Ended))
	want(t, "September is a debt", ledger.Standing{Debt: 100000}, s.standing(award))
	s.at("2019-10-31")
	s.accrue("2019-10-31")
	want(t, "the dead get nothing", 4, len(s.rows(award)))
	change(map[string]any{"deathDate": nil})
	a = s.awards(claim)[0]
	want(t, "alive", " active", fmt.Sprintf("%s %s", a.Ended, a.Status))
	want(t, "no debt", ledger.Standing{}, s.standing(award))
	s.accrue("2019-10-31")
	want(t, "October", ledger.Standing{Payable: 100000}, s.standing(award))
}

// A stopped award ends today: what was accrued beyond is taken back, the days before are accrued in time.
func TestStoppedAward(t *testing.T) {
	t.Parallel()
	s, _, claim := crateStage(t)
	award := s.awards(claim)[0].ID
	s.at("2019-09-10")
	s.accrue("2019-08-31")
	office := s.record("Claim", claim).Office
	s.as(staff("ivanova", office, "specialist"), func() {
		s.do(command.Command{Verb: "fire", Type: "Claim", ID: claim, Event: "stop"})
	})
	s.drain()
	a := s.awards(claim)[0]
	want(t, "ended", "2019-09-10 ended stopped", fmt.Sprintf("%s %s %s", a.To, a.Status, a.Ended))
	s.accrue("2019-12-31")
	s.accrue("2019-12-31")
	want(t, "ten days of September", "2019-09-01..2019-09-10 0 current 333.33 due 2019-09-10", s.rows(award)[2])
	want(t, "accruals", 3, len(s.rows(award)))
}

// A decision fact that changes the result asks a person, once; the award goes on, and the task goes when the fact does.
func TestDecisionFactAsksAPerson(t *testing.T) {
	t.Parallel()
	s, person, claim := crateStage(t)
	open := func() (out []string) {
		s.in(func(ctx context.Context, tx *store.Tx) error {
			list, err := tx.Tasks(ctx, claim)
			for _, task := range list {
				if task.Status == "open" {
					out = append(out, task.Role+": "+task.Title+": "+task.Item)
				}
			}
			return err
		})
		return out
	}
	s.create("Pension", map[string]any{"person": person, "type": "old-age", "from": "2019-01-01"})
	s.drain()
	asked := []string{"specialist: Пересмотреть назначение: сведения изменились (Поддержка): refused noPension"}
	want(t, "a task", asked, open())
	s.create("Pension", map[string]any{"person": person, "type": "social-disability", "from": "2019-01-02"})
	s.drain()
	want(t, "one task", asked, open())
	want(t, "the award goes on", "active", s.awards(claim)[0].Status)
	for _, p := range s.linked("Pension", person) {
		s.do(command.Command{Verb: "void", Type: "Pension", ID: p.ID, Reason: "ошибка"})
	}
	s.drain()
	want(t, "no task", nil, open())
}

// Random values of a parameter, accruals and payments of one award, against the plain sum of what each month owes.
func TestRandomSchedules(t *testing.T) {
	t.Parallel()
	s, _, claim := crateStage(t)
	award := s.awards(claim)[0].ID
	start := value.Date{Year: 2019, Month: 7, Day: 1}
	amounts := map[int]value.Money{} // by month, where the region has said it
	accrued := 0                     // months
	amount := func(month int) value.Money {
		for ; month >= 0; month-- {
			if a, set := amounts[month]; set {
				return a
			}
		}
		return 100000
	}
	rapid.Check(t, func(r *rapid.T) {
		for range rapid.IntRange(1, 4).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"set", "accrue", "pay"}).Draw(r, "verb") {
			case "set":
				month := rapid.IntRange(0, accrued+2).Draw(r, "month")
				amounts[month] = value.Money(rapid.Int64Range(0, 300000).Draw(r, "amount"))
				s.set("SupportAmount", start.AddMonths(month).String(), amounts[month].String())
			case "accrue":
				if accrued < 24 {
					accrued++
				}
				s.at(start.AddMonths(accrued).AddDays(-1).String())
				s.accrue(start.AddMonths(accrued).AddDays(-1).String())
			case "pay":
				s.pay(start.String(), start.AddMonths(accrued+1).String())
				if left := s.standing(award).Payable; left != 0 {
					r.Fatalf("%s left after a payment of all", left)
				}
			}
			s.drain()
		}
		if accrued > 0 { // a month that owed nothing has no accrual: raised later, it is the next run's, not the recalculation's
			s.accrue(start.AddMonths(accrued).AddDays(-1).String())
		}
		var owed, have value.Money
		for m := range accrued {
			owed += amount(m)
		}
		var received value.Money
		s.in(func(ctx context.Context, tx *store.Tx) error {
			list, err := tx.Accruals(ctx, award)
			for _, a := range list {
				have += a.Amount
			}
			if err == nil {
				received, err = tx.Balance(ctx, ledger.RecipientAccount(s.awards(claim)[0].Recipient))
			}
			return err
		})
		if have != owed {
			r.Fatalf("accrued %s, owed %s by %v after %d months", have, owed, amounts, accrued)
		}
		st := s.standing(award)
		if st.Payable < 0 || st.Debt < 0 || received+st.Payable-st.Debt != owed {
			r.Fatalf("received %s, standing %v, owed %s", received, st, owed)
		}
		s.as(kernel.SystemActor(), func() {
			if res := s.do(command.Command{Verb: "recalculate", ID: award}); res.Data["posted"] != int64(0) {
				r.Fatalf("a second run posted %v", res.Data)
			}
		})
	})
}

// Another server works the job before it has read the new value: it reads it first.
func TestAnotherServerReadsTheValueFirst(t *testing.T) {
	t.Parallel()
	s, _, claim := crateStage(t)
	award := s.awards(claim)[0].ID
	s.at("2019-07-31")
	s.accrue("2019-07-31")
	other := *s
	other.road = s.server()
	s.set("SupportAmount", "2019-07-01", "1200.00")
	other.drain()
	want(t, "standing", ledger.Standing{Payable: 120000}, s.standing(award))
}

// server is another server on the same database.
func (s *stage) server() *command.Road {
	s.t.Helper()
	own := s.road
	reg := &registry.Registry{}
	other := &command.Road{DB: own.DB, Registry: reg, Gates: &command.Gates{Clock: own.Clock}, Blobs: own.Blobs, Clock: own.Clock, IDs: own.IDs, Texts: own.Texts}
	release := own.Registry.Live().Release
	other.Reload = func(ctx context.Context) error { return reload(ctx, own.DB, reg, release) }
	if err := other.Reload(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	return other
}

// An award is recalculated by the head of its place, by nobody else; what he asks for is in the journal.
func TestWhoRecalculates(t *testing.T) {
	t.Parallel()
	s, _, claim := crateStage(t)
	award, office := s.awards(claim)[0].ID, s.record("Claim", claim).Office
	c := command.Command{Verb: "recalculate", ID: award}
	s.as(staff("ivanova", office, "specialist"), func() { s.fails(kernel.Denied, c) })
	orlov := staff("orlov", "", "head")
	orlov.Territories = []string{"sovetsky"}
	s.as(orlov, func() { s.fails(kernel.NotFound, c) })
	s.as(staff("config", office, "configurator"), func() { s.fails(kernel.NotFound, c) })
	s.as(staff("sidorov", office, "head"), func() {
		res := s.do(c)
		want(t, "award", command.Result{Type: "Award", ID: award, Data: map[string]any{"posted": int64(0), "sum": "0.00"}}, res)
		s.fails(kernel.NotFound, command.Command{Verb: "recalculate", ID: s.road.IDs.New()})
	})
	s.in(func(ctx context.Context, tx *store.Tx) error {
		events, err := tx.History(ctx, claim, 20)
		var by []string
		for _, e := range events {
			if e.Action == "recalculate" {
				by = append(by, e.Actor+" "+e.Note)
			}
		}
		want(t, "journal", []string{"sidorov Support 0.00"}, by)
		return err
	})
}

// A chunk of awards is planned at a time, each once.
func TestReplanGoesOn(t *testing.T) {
	t.Parallel()
	s, _, claim := crateStage(t)
	award := s.awards(claim)[0].ID
	s.jobs()
	s.as(kernel.SystemActor(), func() {
		plan := func(parameter, after string) int {
			s.do(command.Command{Verb: "replan", Data: map[string]any{"parameter": parameter, "from": "2019-08-01", "after": after}})
			return len(s.jobs())
		}
		want(t, "first", 1, plan("SupportAmount", ""))
		want(t, "after the last", 0, plan("SupportAmount", award))
		want(t, "a parameter of another measure", 0, plan("LargerAmount", ""))
	})
	s.fails(kernel.Denied, command.Command{Verb: "replan", Data: map[string]any{"parameter": "SupportAmount", "from": "2019-08-01"}})
}
