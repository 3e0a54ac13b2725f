package packagetest

import (
	"slices"
	"strconv"

	"mera/kernel/ledger"
	"mera/kernel/measure"
	"mera/schema/value"
)

// accounts are those of the one award of a test, kept by the ledger as the kernel keeps them.
type accounts struct {
	standing ledger.Standing
	posted   []ledger.Accrual
	runs     int
}

// award names the award of a test: there is only one.
const award = "test"

func newAccounts() measure.Accounts { return &accounts{} }

// Correct posts what differs between what was accrued and what slices owe now.
func (a *accounts) Correct(day value.Date, wanted []measure.Slice, waiting []value.Period) error {
	fixed := func(from, to value.Date) bool {
		return slices.ContainsFunc(waiting, value.Period{From: from, To: to}.Touches)
	}
	var rows []ledger.Accrual
	for _, p := range a.posted {
		if !fixed(p.From, p.To) {
			rows = append(rows, p)
		}
	}
	var owed []ledger.Slice
	for _, s := range wanted {
		if !fixed(s.From, s.To) {
			owed = append(owed, ledger.Slice{From: s.From, To: s.To, Amount: s.Amount})
		}
	}
	accruals, entries, err := ledger.Correct(award, day, a.standing, rows, owed)
	if err != nil {
		return err
	}
	a.posted = append(a.posted, accruals...)
	a.standing = a.standing.After(award, entries...)
	return nil
}

// Pay pays what is payable, less what the debt takes of it.
func (a *accounts) Pay(day value.Date, percent string) (sent, withheld value.Money, err error) {
	if percent == "" {
		percent = strconv.Itoa(ledger.LegalShare)
	}
	share, err := value.ParseNumber(percent)
	if err != nil {
		return 0, 0, err
	}
	a.runs++
	reason := strconv.Itoa(a.runs)
	kept, err := ledger.Withhold(award, reason, day, a.standing, a.standing.Payable, share)
	if err != nil {
		return 0, 0, err
	}
	debt := a.standing.Debt
	a.standing = a.standing.After(award, kept)
	withheld, sent = debt-a.standing.Debt, a.standing.Payable
	paid, err := ledger.Pay(award, "recipient", reason, day, a.standing, sent)
	a.standing = a.standing.After(award, paid)
	return sent, withheld, err
}

// Debt is what was overpaid and not covered yet.
func (a *accounts) Debt() value.Money { return a.standing.Debt }
