package ledger

import (
	"cmp"
	"fmt"
	"slices"

	"mera/schema/value"
)

// Slice is what a piece of time owes under an award, as it is known now.
type Slice struct {
	From, To value.Date
	Amount   value.Money
}

// Accrual is one row that was accrued for a slice: Seq 0 the first time, then one for each correction. The sum of the
// rows of a slice is what is accrued for it.
type Accrual struct {
	From   value.Date  `json:"from"`
	To     value.Date  `json:"to"`
	Seq    int         `json:"seq"`
	Amount value.Money `json:"amount"`
}

// Key is the unique key of the entry that posts the accrual.
func (a Accrual) Key(award string) string {
	return fmt.Sprintf("accrue:%s:%s:%s:%d", award, a.From, a.To, a.Seq)
}

// Accrue posts what slices owe for the first time. A slice of zero posts nothing; a negative one is an error.
func Accrue(award string, date value.Date, s Standing, slices []Slice) ([]Accrual, []Entry, error) {
	return Correct(award, date, s, nil, slices)
}

// Correct posts the differences between what was accrued and what the slices owe now, and nothing where they are
// equal. posted are the award's accruals in the window that is corrected, wanted its slices: an accrued slice that is
// no longer wanted owes nothing. Each difference is one accrual and one entry, first those that give, each kind in the
// order of time.
func Correct(award string, date value.Date, s Standing, posted []Accrual, wanted []Slice) ([]Accrual, []Entry, error) {
	differences, err := compare(posted, wanted)
	if err != nil {
		return nil, nil, fmt.Errorf("award %s: %w", award, err)
	}
	entries := make([]Entry, 0, len(differences))
	for _, d := range differences {
		e, err := accrue(award, date, s, d)
		if err != nil {
			return nil, nil, err
		}
		s = s.After(award, e)
		entries = append(entries, e)
	}
	return differences, entries, nil
}

// accrue is the entry of one difference. A first accrual goes to the award whole: a debt takes its part of it when it
// is paid, within the legal limit. A correction of the past meets the debt at once.
func accrue(award string, date value.Date, s Standing, a Accrual) (Entry, error) {
	kind, toDebt := KindCorrect, value.Money(0)
	switch {
	case a.Seq == 0:
		kind = KindAccrue
	case a.Amount > 0:
		toDebt = min(a.Amount, s.Debt)
	case -a.Amount > s.Payable:
		toDebt = a.Amount + s.Payable
	}
	if _, ok := value.AddMoney(s.Payable, a.Amount); !ok {
		return Entry{}, fmt.Errorf("award %s: %w", award, ErrOverflow)
	}
	return movement(a.Key(award), kind, award, date, Posting{Budget, -a.Amount},
		Posting{AwardAccount(award), a.Amount - toDebt}, Posting{DebtAccount(award), toDebt}), nil
}

type window struct{ from, to value.Date }

// compare finds what each slice must still get, by (from, to).
func compare(posted []Accrual, wanted []Slice) ([]Accrual, error) {
	due := map[window]*Accrual{}
	at := func(from, to value.Date) *Accrual {
		w := window{from, to}
		if due[w] == nil {
			due[w] = &Accrual{From: from, To: to}
		}
		return due[w]
	}
	for _, w := range wanted {
		if w.Amount < 0 {
			return nil, fmt.Errorf("slice %s..%s: %w", w.From, w.To, ErrNegative)
		}
		a := at(w.From, w.To)
		if err := add(a, w.Amount); err != nil {
			return nil, err
		}
	}
	for _, p := range posted {
		a := at(p.From, p.To)
		a.Seq = max(a.Seq, p.Seq+1)
		if err := add(a, -p.Amount); err != nil {
			return nil, err
		}
	}
	var out []Accrual
	for _, a := range due {
		if a.Amount != 0 {
			out = append(out, *a)
		}
	}
	slices.SortFunc(out, byGainThenTime)
	return out, nil
}

// byGainThenTime puts what must still be given before what must be taken: a slice whose bounds have moved gives and
// takes at once, and must leave no debt that its own new part covers.
func byGainThenTime(a, b Accrual) int {
	if gain := (a.Amount > 0) == (b.Amount > 0); !gain {
		return -cmp.Compare(a.Amount, b.Amount)
	}
	return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To))
}

func add(a *Accrual, amount value.Money) error {
	sum, ok := value.AddMoney(a.Amount, amount)
	if !ok {
		return fmt.Errorf("slice %s..%s: %w", a.From, a.To, ErrOverflow)
	}
	a.Amount = sum
	return nil
}
