package ledger_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/kernel/ledger"
	"mera/schema/value"
)

const (
	award     = "a1"
	recipient = "anna"
)

func date(t *testing.T, s string) value.Date {
	t.Helper()
	d, err := value.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func money(t *testing.T, s string) value.Money {
	t.Helper()
	m, err := value.ParseMoney(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func slice(t *testing.T, from, to, amount string) ledger.Slice {
	t.Helper()
	return ledger.Slice{From: date(t, from), To: date(t, to), Amount: money(t, amount)}
}

// desk keeps one award's accruals and book, as the commands of the kernel do in tables.
type desk struct {
	t        *testing.T
	book     *ledger.Book
	accruals []ledger.Accrual
	day      value.Date
}

func newDesk(t *testing.T) *desk {
	return &desk{t: t, book: ledger.NewBook(), day: date(t, "2024-11-05")}
}

func (d *desk) post(entries ...ledger.Entry) {
	d.t.Helper()
	for _, e := range entries {
		if err := d.book.Post(e); err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d *desk) correct(wanted ...ledger.Slice) []ledger.Entry {
	d.t.Helper()
	rows, entries, err := ledger.Correct(award, d.day, d.book.Standing(award), d.accruals, wanted)
	if err != nil {
		d.t.Fatal(err)
	}
	d.accruals = append(d.accruals, rows...)
	d.post(entries...)
	return entries
}

func (d *desk) pay(list, amount string) {
	d.t.Helper()
	e, err := ledger.Pay(award, recipient, list, d.day, d.book.Standing(award), money(d.t, amount))
	if err != nil {
		d.t.Fatal(err)
	}
	d.post(e)
}

func (d *desk) standing(payable, debt string) {
	d.t.Helper()
	want := ledger.Standing{Payable: money(d.t, payable), Debt: money(d.t, debt)}
	if diff := cmp.Diff(want, d.book.Standing(award)); diff != "" {
		d.t.Errorf("standing (-want +got):\n%s", diff)
	}
}

func TestTwoMonthsOfTheMainJob(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	july, august := slice(t, "2019-07-01", "2019-07-31", "1826.00"), slice(t, "2019-08-01", "2019-08-31", "1826.00")
	entries := d.correct(july)
	want := []ledger.Entry{{
		Key: "accrue:a1:2019-07-01:2019-07-31:0", Kind: ledger.KindAccrue, Award: award, Date: d.day,
		Postings: []ledger.Posting{{Account: "budget", Amount: -182600}, {Account: "award:a1", Amount: 182600}},
	}}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	d.standing("1826.00", "0")
	d.pay("list-7", "1826.00")
	d.correct(july, august)
	d.standing("1826.00", "0")
	d.pay("list-8", "1826.00")
	d.standing("0", "0")
	if got := d.book.Balance(ledger.RecipientAccount(recipient)); got != 365200 {
		t.Errorf("the recipient has received %s", got)
	}
	if again := d.correct(july, august); len(again) != 0 {
		t.Errorf("an equal recalculation posted %v", again)
	}
	if got := d.book.Balance(ledger.Budget); got != -365200 {
		t.Errorf("the budget holds %s", got)
	}
}

// The worked history of the housing subsidy: a month turns out to be overpaid and the next one pays the debt off.
func TestOverpaidMonthIsWithheld(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	september := slice(t, "2024-09-01", "2024-09-30", "4500.00")
	october := slice(t, "2024-10-01", "2024-10-31", "4500.00")
	d.correct(september, october)
	d.pay("2024-10", "9000.00")
	september.Amount = money(t, "4100.00")
	d.correct(september, october)
	d.standing("0", "400.00")
	d.correct(september, october, slice(t, "2024-11-01", "2024-11-30", "4500.00"))
	d.standing("4500.00", "400.00")
	e, err := ledger.Withhold(award, "2024-11", d.day, d.book.Standing(award), money(t, "4500.00"), value.NewNumber(100, 1))
	if err != nil {
		t.Fatal(err)
	}
	d.post(e)
	d.standing("4100.00", "0")
	d.pay("2024-11", "4100.00")
	d.standing("0", "0")
}

func TestWithholdKeepsTheLegalLimit(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		payable, debt, due string
		percent            int64
		want               string
	}{
		"a fifth of what is due":           {"1826.00", "1000.00", "1826.00", 20, "365.20"},
		"rounded down in the man's favour": {"100.03", "1000.00", "100.03", 33, "33.00"},
		"no more than the debt":            {"1826.00", "10.00", "1826.00", 20, "10.00"},
		"no more than is payable":          {"5.00", "10.00", "1826.00", 100, "5.00"},
		"never more than the whole":        {"20.00", "30.00", "10.00", 200, "10.00"},
		"no debt":                          {"1826.00", "0", "1826.00", 20, "0"},
		"nothing due":                      {"0", "10.00", "0", 20, "0"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := ledger.Standing{Payable: money(t, tt.payable), Debt: money(t, tt.debt)}
			e, err := ledger.Withhold(award, "r", date(t, "2024-11-05"), s, money(t, tt.due), value.NewNumber(tt.percent, 1))
			if err != nil {
				t.Fatal(err)
			}
			if got := e.Amount(ledger.DebtAccount(award)); got != money(t, tt.want) {
				t.Errorf("withheld %s, want %s", got, tt.want)
			}
			if e.IsZero() != (money(t, tt.want) == 0) {
				t.Errorf("IsZero of %v", e)
			}
		})
	}
}

func TestMovedBoundsLeaveNoNeedlessDebt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.correct(slice(t, "2024-09-01", "2024-09-30", "3000.00"))
	d.pay("l", "3000.00")
	entries := d.correct(slice(t, "2024-09-11", "2024-09-30", "2000.00"))
	d.standing("0", "1000.00")
	keys := []string{entries[0].Key, entries[1].Key}
	want := []string{"accrue:a1:2024-09-11:2024-09-30:0", "accrue:a1:2024-09-01:2024-09-30:1"}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestReturnIsOwedAgainAndRepayEndsDebt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	month := slice(t, "2024-09-01", "2024-09-30", "3000.00")
	d.correct(month)
	d.pay("l1", "3000.00")
	back, err := ledger.Return(award, recipient, "l1", d.day, d.book.Balance("recipient:anna"), money(t, "3000.00"))
	if err != nil {
		t.Fatal(err)
	}
	d.post(back, back)
	d.standing("3000.00", "0")
	d.pay("l2", "3000.00")
	month.Amount = money(t, "2500.00")
	d.correct(month)
	d.standing("0", "500.00")
	repaid, err := ledger.Repay(award, recipient, "r1", d.day, d.book.Standing(award), money(t, "3000.00"), money(t, "500.00"))
	if err != nil {
		t.Fatal(err)
	}
	d.post(repaid)
	d.standing("0", "0")
	if got := len(d.book.Entries()); got != 6 {
		t.Errorf("%d entries, want 6", got)
	}
}

func TestRefusedFigures(t *testing.T) {
	t.Parallel()
	day := date(t, "2024-11-05")
	some := ledger.Standing{Payable: 100, Debt: 100}
	huge := ledger.Slice{From: day, To: day, Amount: math.MaxInt64}
	tests := map[string]struct {
		do   func() error
		want error
	}{
		"pay more than is payable": {func() error { _, err := ledger.Pay(award, recipient, "l", day, some, 101); return err }, ledger.ErrTooMuch},
		"pay a negative sum":       {func() error { _, err := ledger.Pay(award, recipient, "l", day, some, -1); return err }, ledger.ErrNegative},
		"return more than came":    {func() error { _, err := ledger.Return(award, recipient, "l", day, 5, 6); return err }, ledger.ErrTooMuch},
		"repay more than is owed":  {func() error { _, err := ledger.Repay(award, recipient, "l", day, some, 900, 101); return err }, ledger.ErrTooMuch},
		"withhold from less than nothing": {func() error {
			_, err := ledger.Withhold(award, "l", day, some, -1, value.NewNumber(1, 1))
			return err
		}, ledger.ErrNegative},
		"withhold without measure": {func() error {
			_, err := ledger.Withhold(award, "l", day, some, math.MaxInt64, value.NewNumber(math.MaxInt64, 1))
			return err
		}, ledger.ErrOverflow},
		"a negative slice": {func() error {
			_, _, err := ledger.Accrue(award, day, some, []ledger.Slice{{From: day, To: day, Amount: -1}})
			return err
		}, ledger.ErrNegative},
		"slices that do not fit": {func() error {
			_, _, err := ledger.Accrue(award, day, some, []ledger.Slice{huge, huge})
			return err
		}, ledger.ErrOverflow},
		"accruals that do not fit": {func() error {
			_, _, err := ledger.Correct(award, day, some, []ledger.Accrual{{From: day, To: day, Amount: math.MaxInt64}, {From: day, To: day, Seq: 1, Amount: math.MaxInt64}}, nil)
			return err
		}, ledger.ErrOverflow},
		"a standing that does not fit": {func() error {
			_, _, err := ledger.Accrue(award, day, some, []ledger.Slice{huge})
			return err
		}, ledger.ErrOverflow},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := tt.do(); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestBookKeepsItsPromises(t *testing.T) {
	t.Parallel()
	day := date(t, "2024-11-05")
	entry := func(key string, postings ...ledger.Posting) ledger.Entry {
		return ledger.Entry{Key: key, Kind: ledger.KindAccrue, Award: award, Date: day, Postings: postings}
	}
	book := ledger.NewBook()
	good := entry("k", ledger.Posting{Account: ledger.Budget, Amount: -5}, ledger.Posting{Account: "award:a1", Amount: 5})
	if err := errors.Join(book.Post(good), book.Post(good), book.Post(ledger.Entry{})); err != nil {
		t.Fatal(err)
	}
	if got := book.Balance("award:a1"); got != 5 {
		t.Errorf("posted twice: %s", got)
	}
	tests := map[string]struct {
		entry ledger.Entry
		want  error
	}{
		"another entry under the key": {entry("k", ledger.Posting{Account: ledger.Budget, Amount: -6}, ledger.Posting{Account: "award:a1", Amount: 6}), ledger.ErrKeyTaken},
		"not balanced":                {entry("x", ledger.Posting{Account: ledger.Budget, Amount: -6}), ledger.ErrUnbalanced},
		"without a key":               {entry("", good.Postings...), ledger.ErrUnbalanced},
		"a zero posting":              {entry("x", ledger.Posting{Account: "award:a1"}), ledger.ErrUnbalanced},
		"overflowing postings":        {entry("x", ledger.Posting{Account: "award:a1", Amount: math.MaxInt64}, ledger.Posting{Account: "award:a1", Amount: 1}), ledger.ErrOverflow},
		"an award below zero":         {entry("x", ledger.Posting{Account: "award:a1", Amount: -6}, ledger.Posting{Account: "recipient:b", Amount: 6}), ledger.ErrTooMuch},
		"a debt below zero":           {entry("x", ledger.Posting{Account: "award:a1", Amount: -1}, ledger.Posting{Account: "debt:a1", Amount: 1}), ledger.ErrTooMuch},
		"a balance that does not fit": {entry("x", ledger.Posting{Account: "award:a1", Amount: math.MaxInt64}, ledger.Posting{Account: ledger.Budget, Amount: -math.MaxInt64}), ledger.ErrOverflow},
	}
	for name, tt := range tests {
		if err := book.Post(tt.entry); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
	if got := book.Balance("award:a1"); got != 5 {
		t.Errorf("a refused entry moved money: %s", got)
	}
}
