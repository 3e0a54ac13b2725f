package ledger_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"mera/kernel/ledger"
	"mera/schema/value"
)

var start = value.Date{Year: 2024, Month: 1, Day: 1}

func month(n int, amount value.Money) ledger.Slice {
	from := start.AddMonths(n)
	return ledger.Slice{From: from, To: from.MonthEnd(), Amount: amount}
}

// history plays random commands on one award and checks every promise after each of them.
type history struct {
	t        *rapid.T
	book     *ledger.Book
	accruals []ledger.Accrual
	schedule map[int]value.Money // what each accrued month owes now
	steps    int
	entries  int
}

func (h *history) post(entries ...ledger.Entry) {
	for _, e := range entries {
		if e.IsZero() {
			continue
		}
		if err := e.Check(); err != nil {
			h.t.Fatal(err)
		}
		if err := h.book.Post(e); err != nil {
			h.t.Fatal(err)
		}
		h.entries++
	}
}

func (h *history) recalculate(schedule map[int]value.Money) []ledger.Entry {
	var wanted []ledger.Slice
	for n, amount := range schedule {
		wanted = append(wanted, month(n, amount)) // in the random order of a map: it must not matter
	}
	rows, entries, err := ledger.Correct(award, start, h.book.Standing(award), h.accruals, wanted)
	if err != nil {
		h.t.Fatal(err)
	}
	h.accruals = append(h.accruals, rows...)
	h.post(entries...)
	h.schedule = schedule
	return entries
}

func (h *history) step() {
	h.steps++
	amount := value.Money(rapid.Int64Range(0, 500000).Draw(h.t, "amount"))
	standing := h.book.Standing(award)
	reason := fmt.Sprint(h.steps)
	var e ledger.Entry
	var err error
	switch rapid.SampledFrom([]string{"accrue", "change", "drop", "pay", "withhold", "return", "repay"}).Draw(h.t, "verb") {
	case "accrue", "change":
		next := h.copied()
		next[rapid.IntRange(0, 11).Draw(h.t, "month")] = amount
		h.recalculate(next)
		return
	case "drop":
		next := h.copied()
		delete(next, rapid.IntRange(0, 11).Draw(h.t, "month"))
		h.recalculate(next)
		return
	case "pay":
		e, err = ledger.Pay(award, recipient, reason, start, standing, min(amount, standing.Payable))
	case "withhold":
		percent := rapid.Int64Range(0, 100).Draw(h.t, "percent")
		due := min(amount, standing.Payable)
		e, err = ledger.Withhold(award, reason, start, standing, due, value.NewNumber(percent, 1))
		if got := e.Amount(ledger.DebtAccount(award)); int64(got)*100 > int64(due)*percent {
			h.t.Fatalf("withheld %s of %s at %d %%", got, due, percent)
		}
	case "return":
		received := h.book.Balance(ledger.RecipientAccount(recipient))
		e, err = ledger.Return(award, recipient, reason, start, received, min(amount, received))
	case "repay":
		received := h.book.Balance(ledger.RecipientAccount(recipient))
		e, err = ledger.Repay(award, recipient, reason, start, standing, received, min(amount, received, standing.Debt))
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.post(e)
}

func (h *history) copied() map[int]value.Money {
	next := map[int]value.Money{}
	for n, amount := range h.schedule {
		next[n] = amount
	}
	return next
}

func (h *history) check() {
	s := h.book.Standing(award)
	if s.Payable < 0 || s.Debt < 0 {
		h.t.Fatalf("standing %+v", s)
	}
	var owed, accrued value.Money
	for _, amount := range h.schedule {
		owed += amount
	}
	for _, a := range h.accruals {
		accrued += a.Amount
	}
	if accrued != owed || h.book.Balance(ledger.Budget) != -owed {
		h.t.Fatalf("accrued %s, budget %s, schedule %s", accrued, h.book.Balance(ledger.Budget), owed)
	}
	if net := s.Payable - s.Debt + h.book.Balance(ledger.RecipientAccount(recipient)); net != owed {
		h.t.Fatalf("payable - debt + received = %s, owed %s", net, owed)
	}
	if len(h.book.Entries()) != h.entries {
		h.t.Fatalf("%d entries under %d keys: a key was used twice", h.entries, len(h.book.Entries()))
	}
	if again := h.recalculate(h.copied()); len(again) != 0 {
		h.t.Fatalf("an equal recalculation posted %v", again)
	}
}

func TestAnyHistoryKeepsTheBooks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := &history{t: t, book: ledger.NewBook(), schedule: map[int]value.Money{}}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			h.step()
			h.check()
		}
	})
}

// Corrections of the past in any order lead to one standing.
func TestOrderOfCorrectionsDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.SliceOfN(rapid.Int64Range(0, 1000), 6, 6).Draw(t, "before")
		after := rapid.SliceOfN(rapid.Int64Range(0, 1000), 6, 6).Draw(t, "after")
		paid := rapid.Int64Range(0, 6000).Draw(t, "paid")
		play := func(order []int) ledger.Standing {
			h := &history{t: t, book: ledger.NewBook(), schedule: map[int]value.Money{}}
			all := map[int]value.Money{}
			for n, amount := range before {
				all[n] = value.Money(amount + 1) // at least one kopeck, so that each month has a first accrual
			}
			h.recalculate(all)
			s := h.book.Standing(award)
			e, err := ledger.Pay(award, recipient, "l", start, s, min(value.Money(paid), s.Payable))
			if err != nil {
				t.Fatal(err)
			}
			h.post(e)
			for _, n := range order {
				next := h.copied()
				next[n] = value.Money(after[n])
				h.recalculate(next)
			}
			return h.book.Standing(award)
		}
		straight := []int{0, 1, 2, 3, 4, 5}
		shuffled := rapid.Permutation(straight).Draw(t, "order")
		if a, b := play(straight), play(shuffled); a != b {
			t.Fatalf("%v leads to %+v, %v to %+v", straight, a, shuffled, b)
		}
	})
}
