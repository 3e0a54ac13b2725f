package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"mera/kernel"
	"mera/kernel/ledger"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/schema/value"
)

func decision(t testing.TB, s kernel.Scope) *kernel.Decision {
	return &kernel.Decision{
		ID: id(t), Scope: s, Measure: "Benefit", Beneficiary: id(t), Recipient: id(t), Result: "granted", Date: date(t, "2019-07-16"),
		Asked: date(t, "2019-07-16"), From: date(t, "2019-07-01"), To: value.Forever, Amount: 182600,
		Reasons: json.RawMessage(`[]`), Content: json.RawMessage(`{"amount": "1826.00"}`), Release: "r", KnownAt: noon, CreatedAt: noon, CreatedBy: "system",
	}
}

// grant writes a decision and its award.
func grant(t *testing.T, db *store.DB, change func(*kernel.Award)) *kernel.Award {
	t.Helper()
	s := scope(t)
	d := decision(t, s)
	a := &kernel.Award{
		ID: id(t), Scope: s, Decision: d.ID, Measure: d.Measure, Beneficiary: d.Beneficiary, Recipient: d.Recipient, Purpose: "child-monthly",
		PurposeKey: d.Beneficiary, From: d.From, To: d.To, Amount: d.Amount, Every: "month", Payout: json.RawMessage(`{"bank": "1"}`),
		Status: "active", CreatedAt: noon, CreatedBy: "system",
	}
	if change != nil {
		change(a)
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.PutDecision(ctx, d); err != nil {
			return err
		}
		return tx.PutAward(ctx, a)
	})
	return a
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	s := scope(t)
	granted, refused := decision(t, s), decision(t, s)
	refused.Result, refused.From, refused.To, refused.Amount = "refused", value.Date{}, value.Forever, 0
	refused.Reasons = json.RawMessage(`[{"condition": "alive"}]`)
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		none, err := tx.LastDecision(ctx, s.CaseID)
		same(t, (*kernel.Decision)(nil), none, err)
		for _, d := range []*kernel.Decision{granted, refused} {
			if err := tx.PutDecision(ctx, d); err != nil {
				return err
			}
		}
		all, err := tx.Decisions(ctx, s.CaseID)
		same(t, []*kernel.Decision{granted, refused}, all, err)
		last, err := tx.LastDecision(ctx, s.CaseID)
		same(t, refused, last, err)
		for _, number := range []string{"1-п", "2-п"} { // what is settled stays
			if err := tx.SettleDecision(ctx, granted.ID, number, date(t, "2019-07-18")); err != nil {
				return err
			}
		}
		granted.Settled, granted.Number, granted.Date = true, "1-п", date(t, "2019-07-18")
		one, err := tx.Decision(ctx, granted.ID)
		same(t, granted, one, err)
		return nil
	})
}

func TestAwards(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	a := grant(t, db, nil)
	ended := grant(t, db, func(a *kernel.Award) { a.To = date(t, "2019-12-31") })
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		a.Version = 1
		got, err := tx.LockAward(ctx, a.ID)
		same(t, a, got, err)
		steps := []kernel.Scheduled{{From: a.From, Every: "month", Amount: 182600}, {From: date(t, "2020-01-01"), Every: "month", Amount: 190000}}
		for range 2 {
			if err := tx.PutSchedule(ctx, a.ID, steps); err != nil {
				return err
			}
		}
		plan, err := tx.Schedule(ctx, a.ID)
		same(t, []*kernel.Scheduled{&steps[0], &steps[1]}, plan, err)
		for _, c := range []struct {
			during string
			holds  bool
		}{{"2019-06-01..2019-06-30", false}, {"2019-06-01..2019-07-01", true}, {"2019-12-31..", true}, {"2020-01-01..2020-02-01", false}} {
			from, to, _ := strings.Cut(c.during, "..")
			until, _ := value.ParseDate(to)
			holder, err := tx.PurposeHolder(ctx, ended.Purpose, ended.PurposeKey, value.NewPeriod(date(t, from), until))
			if (holder != nil) != c.holds || err != nil {
				t.Errorf("%s: %v, %v", c.during, holder, err)
			}
		}
		ids, err := tx.AwardsToAccrue(ctx, date(t, "2019-07-31"), "", 1)
		if len(ids) != 1 || err != nil {
			t.Fatalf("page %v, %v", ids, err)
		}
		rest, err := tx.AwardsToAccrue(ctx, date(t, "2019-07-31"), ids[0], 10)
		if len(rest) != 1 || rest[0] == ids[0] || err != nil {
			t.Errorf("rest %v, %v", rest, err)
		}
		early, err := tx.AwardsToAccrue(ctx, date(t, "2019-06-30"), "", 10)
		same(t, []string{}, early, err)

		if _, err := tx.StopAwards(ctx, a.CaseID, date(t, "2019-09-15")); err != nil {
			return err
		}
		a.Version, a.Status, a.Ended, a.To = 2, "ended", "stopped", date(t, "2019-09-15")
		all, err := tx.Awards(ctx, a.CaseID)
		same(t, []*kernel.Award{a}, all, err)
		a.Status = "active"
		if err := tx.SaveAward(ctx, a); err != nil {
			return err
		}
		if _, err := tx.StopAwards(ctx, a.CaseID, date(t, "2019-06-15")); err != nil { // before it began
			return err
		}
		void, err := tx.Award(ctx, a.ID)
		if err != nil || void.Status != "void" {
			t.Errorf("award %v, %v", void, err)
		}
		holder, err := tx.PurposeHolder(ctx, a.Purpose, a.PurposeKey, value.NewPeriod(date(t, "2019-01-01"), value.Date{}))
		same(t, (*kernel.Award)(nil), holder, err)
		return nil
	})
}

// TestOnePurposeOneAward: eight grants of one purpose at once, one award.
func TestOnePurposeOneAward(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	var mu sync.Mutex
	won := 0
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				d := decision(t, scope(t))
				if err := tx.ClaimPurpose(t.Context(), "p", "k"); err != nil {
					return err
				}
				holder, err := tx.PurposeHolder(t.Context(), "p", "k", value.NewPeriod(d.From, d.To))
				if err != nil || holder != nil {
					return err
				}
				if err := tx.PutDecision(t.Context(), d); err != nil {
					return err
				}
				mu.Lock()
				won++
				mu.Unlock()
				return tx.PutAward(t.Context(), &kernel.Award{ID: id(t), Scope: d.Scope, Decision: d.ID, Measure: "m", Beneficiary: id(t),
					Recipient: id(t), Purpose: "p", PurposeKey: "k", From: d.From, To: d.To, Every: "month", Status: "active", CreatedAt: noon})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d awards", won)
	}
}

// accrue writes and posts one accrual; false if it was there.
func accrue(t *testing.T, db *store.DB, a *kernel.Award, from, to string, amount value.Money) (first bool) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		x := &kernel.Accrual{ID: id(t), Award: a.ID, Root: a.Root, From: date(t, from), To: date(t, to), Kind: "current", Amount: amount,
			Due: date(t, to), Release: "r", CreatedAt: noon, CreatedBy: "system"}
		if first, err = tx.PutAccrual(ctx, x); err != nil || !first {
			return err
		}
		_, entries, err := ledger.Accrue(a.ID, x.Due, ledger.Standing{}, []ledger.Slice{{From: x.From, To: x.To, Amount: amount}})
		if err != nil {
			return err
		}
		return tx.PutEntry(ctx, id(t), entries[0], noon, "system")
	})
	return first
}

func TestAccrualsAreMadeOnce(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	a := grant(t, db, nil)
	var mu sync.Mutex
	won := 0
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if accrue(t, db, a, "2019-07-01", "2019-07-31", 182600) {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d accruals", won)
	}
	const huge = value.Money(9_007_199_254_740_993) // no float64 holds it
	accrue(t, db, a, "2019-08-01", "2019-08-31", huge)
	read(t, db, func(ctx context.Context, tx *store.Tx) error {
		all, err := tx.Accruals(ctx, a.ID)
		if err != nil || len(all) != 2 || all[1].Amount != huge || string(all[0].Content) != "{}" {
			t.Errorf("accruals %v, %v", all, err)
		}
		s, err := tx.Standing(ctx, a.ID)
		same(t, ledger.Standing{Payable: huge + 182600}, s, err)
		sum, err := tx.Balance(ctx, ledger.Budget)
		same(t, -huge-182600, sum, err)
		nothing, err := tx.Balance(ctx, "no such account")
		same(t, value.Money(0), nothing, err)
		return nil
	})
}

func TestEntries(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	e := ledger.Entry{Key: "k", Kind: ledger.KindPay, Award: id(t), Date: date(t, "2019-07-16"),
		Postings: []ledger.Posting{{Account: "a", Amount: -5}, {Account: "b", Amount: 3}, {Account: "c", Amount: 2}}}
	put := func(e ledger.Entry) error {
		return db.Write(t.Context(), func(tx *store.Tx) error { return tx.PutEntry(t.Context(), id(t), e, noon, "system") })
	}
	for range 2 {
		if err := put(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(ledger.Entry{}); err != nil {
		t.Error(err)
	}
	other := e
	other.Postings = []ledger.Posting{{Account: "a", Amount: -5}, {Account: "b", Amount: 5}}
	wantCode(t, put(other), kernel.Conflict, "exists")
	other.Key, other.Postings = "k2", []ledger.Posting{{Account: "a", Amount: -5}, {Account: "b", Amount: 4}}
	wantCode(t, put(other), kernel.Internal, "ledger")
	read(t, db, func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.Entry(ctx, "k")
		same(t, &e, got, err)
		none, err := tx.Entry(ctx, "k2")
		same(t, (*ledger.Entry)(nil), none, err)
		return nil
	})
}

// pay puts all that is unpaid of July on a list.
func pay(t *testing.T, db *store.DB, run string) (l *kernel.PaymentList, payments []*kernel.Payment, err error) {
	t.Helper()
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		ctx := t.Context()
		unpaid, err := tx.UnpaidAccruals(ctx, date(t, "2019-07-01"), date(t, "2019-07-31"))
		if err != nil || len(unpaid) == 0 {
			return err
		}
		l = &kernel.PaymentList{ID: id(t), Scope: kernel.Scope{Territory: "uray", Office: id(t), Author: "system"}, Number: run, Date: date(t, "2019-08-01"),
			From: date(t, "2019-07-01"), To: date(t, "2019-07-31"), Status: "formed", Run: run, CreatedAt: noon, CreatedBy: "system"}
		for _, u := range unpaid {
			p := &kernel.Payment{ID: id(t), List: l.ID, Award: u.Award.ID, Root: u.Award.Root, Recipient: u.Award.Recipient, Amount: u.Amount,
				Payout: u.Award.Payout, Status: "formed", Accruals: []string{u.Accrual}}
			payments = append(payments, p)
			l.Total += u.Amount
			l.Count++
		}
		return tx.PutPaymentList(ctx, l, payments)
	})
	return l, payments, err
}

func TestPayments(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	a, b := grant(t, db, nil), grant(t, db, nil)
	accrue(t, db, a, "2019-07-01", "2019-07-31", 182600)
	accrue(t, db, b, "2019-07-01", "2019-07-31", 100)
	accrue(t, db, b, "2019-08-01", "2019-08-31", 100) // not due yet
	var mu sync.Mutex
	lists := 0
	var wg sync.WaitGroup
	for i := range 4 { // runs at once: one pays, the others find nothing
		wg.Go(func() {
			l, payments, err := pay(t, db, fmt.Sprint(i))
			if err != nil {
				t.Error(err)
			}
			if l == nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			lists++
			read(t, db, func(ctx context.Context, tx *store.Tx) error {
				got, err := tx.PaymentList(ctx, l.ID)
				same(t, l, got, err)
				got, err = tx.PaymentListOfRun(ctx, l.Run)
				same(t, l, got, err)
				stored, err := tx.Payments(ctx, l.ID)
				same(t, payments, stored, err)
				return nil
			})
		})
	}
	wg.Wait()
	if lists != 1 {
		t.Errorf("%d lists", lists)
	}
	if n := count(t, db, "select sum(amount)::int from payment"); n != 182700 {
		t.Errorf("paid %d", n)
	}
	if found, err := db.VerifyLedger(t.Context()); err != nil || len(found) != 0 {
		t.Errorf("breaks %v, %v", found, err)
	}
	accrual := ""
	if err := db.Pool().QueryRow(t.Context(), "select accrual::text from payment_accrual limit 1").Scan(&accrual); err != nil {
		t.Fatal(err)
	}
	again := &kernel.PaymentList{ID: id(t), Number: "n", Date: noonDate(t), From: noonDate(t), To: noonDate(t), Status: "formed", Run: "r", CreatedAt: noon}
	twice := []*kernel.Payment{{ID: id(t), List: again.ID, Award: a.ID, Root: a.Root, Recipient: a.Recipient, Amount: 1, Status: "formed", Accruals: []string{accrual}}}
	err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.PutPaymentList(t.Context(), again, twice) })
	wantCode(t, err, kernel.Conflict, "exists")
}

func noonDate(t testing.TB) value.Date { return date(t, "2019-07-16") }

func TestVerifyLedgerFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, tamper, want string }{
		{"unbalanced", "update posting set amount = amount + 1 where account like 'award:%'", "do not sum to zero"},
		{"emptied", "delete from posting", "has no postings"},
		{"accrual changed", "update accrual set amount = amount + 1", "was not posted, or with another amount"},
		{"entry dropped", "delete from posting; delete from entry", "was not posted"},
		{"accrual dropped", "delete from payment_accrual; delete from accrual", "accrues what no accrual owes"},
		{"payment changed", "update payment set amount = amount + 1", "not the sum of its accruals"},
		{"payment moved", "update payment set award = (select id from award a where a.id <> payment.award limit 1)", "accrual of another award"},
		{"list changed", "update payment_list set total = total - 1", "the total or the count"},
		{"payment dropped", "delete from payment_accrual; delete from payment", "the total or the count"},
		{"purpose twice", "update award set purpose_key = 'one'", "two awards of one purpose"},
		{"key twice", `alter table entry drop constraint entry_key_key; insert into entry select gen_random_uuid(), key, kind, award, at, date, actor from entry`, "two entries have one key"},
		{"overpaid", `insert into entry select '0190b6a0-0000-7000-8000-000000000000', 'x', 'pay', award, at, date, actor from entry limit 1;
			insert into posting select '0190b6a0-0000-7000-8000-000000000000', 1, account, -2 * amount from posting where account like 'award:%' limit 1;
			insert into posting select entry, 2, 'recipient:x', -amount from posting where entry = '0190b6a0-0000-7000-8000-000000000000'`, "below zero"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := storetest.Open(t, atNoon)
			a := grant(t, db, nil)
			grant(t, db, nil)
			accrue(t, db, a, "2019-07-01", "2019-07-31", 182600)
			if _, _, err := pay(t, db, "run"); err != nil {
				t.Fatal(err)
			}
			if found, err := db.VerifyLedger(t.Context()); err != nil || len(found) != 0 {
				t.Fatalf("whole: %v, %v", found, err)
			}
			tamper(t, db, c.tamper)
			found, err := db.VerifyLedger(t.Context())
			if err != nil || !strings.Contains(fmt.Sprint(found), c.want) {
				t.Errorf("got %v, %v", found, err)
			}
		})
	}
}

func TestVerifyVersionsFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, tamper, want string }{
		{"record changed", `update record set data = '{"a": 9}'`, "the journal says otherwise"},
		{"version changed", `update record_version set data = '{"a": 9}' where version = 1`, "the journal says otherwise"},
		{"record dropped", "delete from record", "versions are missing"},
		{"record dropped with its versions", "delete from record; delete from record_version", "in the journal only"},
		{"version dropped", "delete from record_version where version = 2", "versions are missing"},
		{"time changed", "update record_version set since = since - interval '1 hour' where version = 2", "overlap in time"},
		{"event of a version unknown", "update record_version set event = gen_random_uuid() where version = 2", "does not know how"},
		{"event unknown", "update record set event = gen_random_uuid()", "does not know how"},
		{"event of another version", "update record set event = (select event from record_version where version = 2)", "the journal says otherwise"},
		{"turned back", "update record r set version = 2, data = v.data, since = v.since, event = v.event from record_version v where v.version = 2; delete from record_version where version = 2", "in the journal only"},
		{"moved to another card", "update record set root = gen_random_uuid()", "stands elsewhere"},
		{"in a state", "update record set state = 'granted'", "no move of the journal"},
		{"voided", "update record set void = 'x'", "the journal does not say so"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			clock := &moving{now: noon}
			db := storetest.Open(t, func(c *store.Config) { c.Clock = clock })
			r := person(t, nil)
			for v := 1; v <= 3; v++ {
				clock.add(1)
				r.Version, r.Data = v, map[string]any{"a": v}
				after, err := json.Marshal(r.Data)
				if err != nil {
					t.Fatal(err)
				}
				e := kernel.Event{ID: id(t), At: noon, Actor: "a", Kind: kernel.Staff, Action: "update", Type: r.Type, Record: r.ID, Root: r.Root, Version: v, After: after}
				write(t, db, func(ctx context.Context, tx *store.Tx) error {
					if err := tx.SaveRecord(ctx, r, e.ID, v == 1); err != nil {
						return err
					}
					return tx.Append(ctx, e)
				})
			}
			if found, err := db.VerifyVersions(t.Context()); err != nil || len(found) != 0 {
				t.Fatalf("whole: %v, %v", found, err)
			}
			if _, err := db.Pool().Exec(t.Context(), c.tamper); err != nil {
				t.Fatal(err)
			}
			found, err := db.VerifyVersions(t.Context())
			if err != nil || !strings.Contains(fmt.Sprint(found), c.want) {
				t.Errorf("got %v, %v", found, err)
			}
		})
	}
}
