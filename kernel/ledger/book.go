package ledger

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mera/schema/value"
)

// Book is a ledger in memory: what the tests of packages and the verification of a stored ledger post to. It keeps
// the promises that the tables keep: one entry a key, zero sums, no award or recipient below zero, no debt below zero.
type Book struct {
	entries  map[string]Entry
	balances map[string]value.Money
}

// NewBook is an empty ledger.
func NewBook() *Book {
	return &Book{entries: map[string]Entry{}, balances: map[string]value.Money{}}
}

// Post writes an entry. The same entry again changes nothing; another one under its key is ErrKeyTaken.
func (b *Book) Post(e Entry) error {
	if e.IsZero() {
		return nil
	}
	if err := e.Check(); err != nil {
		return err
	}
	if old, ok := b.entries[e.Key]; ok {
		if old.Kind != e.Kind || old.Award != e.Award || !slices.Equal(old.Postings, e.Postings) {
			return fmt.Errorf("entry %s: %w", e.Key, ErrKeyTaken)
		}
		return nil
	}
	after, err := b.after(e)
	if err != nil {
		return err
	}
	b.entries[e.Key] = e
	maps.Copy(b.balances, after)
	return nil
}

func (b *Book) after(e Entry) (map[string]value.Money, error) {
	after := map[string]value.Money{}
	for _, p := range e.Postings {
		if _, ok := after[p.Account]; !ok {
			after[p.Account] = b.balances[p.Account]
		}
		sum, ok := value.AddMoney(after[p.Account], p.Amount)
		if !ok {
			return nil, fmt.Errorf("entry %s: %w", e.Key, ErrOverflow)
		}
		after[p.Account] = sum
	}
	for account, sum := range after {
		if debt := strings.HasPrefix(account, "debt:"); debt && sum > 0 || !debt && account != Budget && sum < 0 {
			return nil, fmt.Errorf("entry %s: account %s would hold %s: %w", e.Key, account, sum, ErrTooMuch)
		}
	}
	return after, nil
}

// Balance is what an account holds.
func (b *Book) Balance(account string) value.Money { return b.balances[account] }

// Standing is what the accounts of an award hold.
func (b *Book) Standing(award string) Standing {
	return Standing{Payable: b.Balance(AwardAccount(award)), Debt: -b.Balance(DebtAccount(award))}
}

// Entries are all entries by date, then by key.
func (b *Book) Entries() []Entry {
	out := slices.Collect(maps.Values(b.entries))
	slices.SortFunc(out, func(x, y Entry) int { return cmp.Or(x.Date.Compare(y.Date), cmp.Compare(x.Key, y.Key)) })
	return out
}
