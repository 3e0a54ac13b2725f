package ledger

import (
	"errors"
	"fmt"
	"slices"

	"mera/schema/value"
)

// Kind tells why an entry was made.
type Kind string

// Kinds of entries.
const (
	KindAccrue   Kind = "accrue"
	KindCorrect  Kind = "correct"
	KindPay      Kind = "pay"
	KindReturn   Kind = "return"
	KindRepay    Kind = "repay"
	KindWithhold Kind = "withhold"
)

// Errors of this package: they mean that the caller's figures are wrong and nothing may be posted.
var (
	ErrUnbalanced = errors.New("postings do not sum to zero")
	ErrOverflow   = errors.New("the sum does not fit")
	ErrNegative   = errors.New("a negative amount")
	ErrTooMuch    = errors.New("more than there is")
	ErrKeyTaken   = errors.New("another entry has this key")
)

// Posting moves an amount, in kopecks, to an account, or from it when negative.
type Posting struct {
	Account string      `json:"account"`
	Amount  value.Money `json:"amount"`
}

// Entry is one indivisible movement. Key is unique in the installation: whoever posts it twice posts it once. An entry
// without postings is nothing and is not written.
type Entry struct {
	Key      string     `json:"key"`
	Kind     Kind       `json:"kind"`
	Award    string     `json:"award"`
	Date     value.Date `json:"date"`
	Postings []Posting  `json:"postings"`
}

// IsZero tells that there is nothing to write.
func (e Entry) IsZero() bool { return len(e.Postings) == 0 }

// Amount is what the entry moves to an account.
func (e Entry) Amount(account string) value.Money {
	var sum value.Money
	for _, p := range e.Postings {
		if p.Account == account {
			sum += p.Amount
		}
	}
	return sum
}

// Check tells whether the entry may be written: it has a key and its postings, none of them zero, sum to zero.
func (e Entry) Check() error {
	var sum value.Money
	for _, p := range e.Postings {
		var ok bool
		if sum, ok = value.AddMoney(sum, p.Amount); !ok {
			return fmt.Errorf("entry %s: %w", e.Key, ErrOverflow)
		}
		if p.Amount == 0 || p.Account == "" {
			return fmt.Errorf("entry %s: a posting without account or amount: %w", e.Key, ErrUnbalanced)
		}
	}
	if sum != 0 || e.Key == "" {
		return fmt.Errorf("entry %s: %w", e.Key, ErrUnbalanced)
	}
	return nil
}

// Budget is the account that all accruals come from.
const Budget = "budget"

// AwardAccount holds what is accrued and not paid.
func AwardAccount(award string) string { return "award:" + award }

// RecipientAccount holds what a recipient has received.
func RecipientAccount(recipient string) string { return "recipient:" + recipient }

// DebtAccount holds, below zero, what was overpaid under an award.
func DebtAccount(award string) string { return "debt:" + award }

// Standing is what the accounts of one award hold: Payable is accrued and not paid, Debt is overpaid. Neither is ever
// negative.
type Standing struct {
	Payable value.Money
	Debt    value.Money
}

// After is the standing once entries of the award are posted.
func (s Standing) After(award string, entries ...Entry) Standing {
	for _, e := range entries {
		s.Payable += e.Amount(AwardAccount(award))
		s.Debt -= e.Amount(DebtAccount(award))
	}
	return s
}

// movement collects postings; accounts that get nothing are left out.
func movement(key string, kind Kind, award string, date value.Date, postings ...Posting) Entry {
	postings = slices.DeleteFunc(postings, func(p Posting) bool { return p.Amount == 0 })
	return Entry{Key: key, Kind: kind, Award: award, Date: date, Postings: postings}
}

// Pay moves a part of what is payable to the recipient. reason names the payment: the id of its list, so that one
// list pays an award once.
func Pay(award, recipient, reason string, date value.Date, s Standing, amount value.Money) (Entry, error) {
	if err := within(amount, s.Payable); err != nil {
		return Entry{}, fmt.Errorf("pay %s of award %s: %w", amount, award, err)
	}
	return movement("pay:"+award+":"+reason, KindPay, award, date,
		Posting{AwardAccount(award), -amount}, Posting{RecipientAccount(recipient), amount}), nil
}

// Return takes an undelivered payment back: it is payable again. received is what the recipient's account holds.
func Return(award, recipient, reason string, date value.Date, received, amount value.Money) (Entry, error) {
	if err := within(amount, received); err != nil {
		return Entry{}, fmt.Errorf("return %s to award %s: %w", amount, award, err)
	}
	return movement("return:"+award+":"+reason, KindReturn, award, date,
		Posting{RecipientAccount(recipient), -amount}, Posting{AwardAccount(award), amount}), nil
}

// Repay settles a part of the debt with money that the recipient gives back.
func Repay(award, recipient, reason string, date value.Date, s Standing, received, amount value.Money) (Entry, error) {
	if err := within(amount, min(received, s.Debt)); err != nil {
		return Entry{}, fmt.Errorf("repay %s of award %s: %w", amount, award, err)
	}
	return movement("repay:"+award+":"+reason, KindRepay, award, date,
		Posting{RecipientAccount(recipient), -amount}, Posting{DebtAccount(award), amount}), nil
}

// LegalShare is how many percent of a payment a debt may take where the measure does not say.
const LegalShare = 20

// Withhold covers debt out of what is about to be paid: at most percent of due (16 is 16 %), rounded down to kopecks,
// never more than the debt or than what is payable. The entry is zero where there is nothing to withhold.
func Withhold(award, reason string, date value.Date, s Standing, due value.Money, percent value.Number) (Entry, error) {
	if due < 0 || percent.Sign() < 0 {
		return Entry{}, fmt.Errorf("withhold from award %s: %w", award, ErrNegative)
	}
	limit, ok := due.Number().Mul(percent).Mul(value.NewNumber(1, 100)).Money(value.Down)
	if !ok {
		return Entry{}, fmt.Errorf("withhold from award %s: %w", award, ErrOverflow)
	}
	amount := min(limit, due, s.Debt, s.Payable)
	return movement("withhold:"+award+":"+reason, KindWithhold, award, date,
		Posting{AwardAccount(award), -amount}, Posting{DebtAccount(award), amount}), nil
}

func within(amount, most value.Money) error {
	switch {
	case amount < 0:
		return ErrNegative
	case amount > most:
		return fmt.Errorf("%w (%s)", ErrTooMuch, most)
	}
	return nil
}
