package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
	"mera/kernel/ledger"
	"mera/schema/value"
)

// PutEntry posts an entry of the ledger. The same entry again changes nothing; another one under its key is a CONFLICT;
// one whose postings do not sum to zero is refused before the database sees it. An entry without postings is nothing.
func (t *Tx) PutEntry(ctx context.Context, id string, e ledger.Entry, at time.Time, actor string) error {
	if e.IsZero() {
		return nil
	}
	if err := e.Check(); err != nil {
		return kernel.Errorf(kernel.Internal, "ledger").Because(err)
	}
	accounts, amounts := make([]string, len(e.Postings)), make([]int64, len(e.Postings))
	for i, p := range e.Postings {
		accounts[i], amounts[i] = p.Account, int64(p.Amount)
	}
	first, err := t.added(ctx, `with made as (
			insert into entry (id, key, kind, award, at, date, actor) values ($1, $2, $3, $4, $5, $6, $7)
			on conflict (key) do nothing returning id)
		insert into posting (entry, line, account, amount)
		select made.id, p.line, p.account, p.amount
		from made, unnest($8::text[], $9::bigint[]) with ordinality p(account, amount, line)`,
		id, e.Key, string(e.Kind), text(&e.Award), at, day(&e.Date), actor, accounts, amounts)
	if err != nil || first {
		return err
	}
	return t.same(ctx, e)
}

// same holds an entry against the one that has its key.
func (t *Tx) same(ctx context.Context, e ledger.Entry) error {
	old, err := t.Entry(ctx, e.Key)
	if err != nil {
		return err
	}
	if old == nil || old.Kind != e.Kind || old.Award != e.Award || !slices.Equal(old.Postings, e.Postings) {
		return kernel.Errorf(kernel.Conflict, "exists", "entry_key_key").Because(fmt.Errorf("entry %s: %w", e.Key, ledger.ErrKeyTaken))
	}
	return nil
}

// Entry reads an entry by its key; nil if there is none.
func (t *Tx) Entry(ctx context.Context, key string) (*ledger.Entry, error) {
	e := &ledger.Entry{Key: key}
	var id string
	err := t.tx.QueryRow(ctx, "select id::text, kind, award, date from entry where key = $1", key).
		Scan(&id, &e.Kind, text(&e.Award), day(&e.Date))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, translate(err)
	}
	rows, err := t.tx.Query(ctx, "select account, amount from posting where entry = $1 order by line", id)
	if err != nil {
		return nil, translate(err)
	}
	e.Postings, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (p ledger.Posting, err error) {
		return p, r.Scan(&p.Account, money(&p.Amount))
	})
	return e, translate(err)
}

// Balance is what an account holds.
func (t *Tx) Balance(ctx context.Context, account string) (sum value.Money, err error) {
	err = t.tx.QueryRow(ctx, "select coalesce(sum(amount), 0)::bigint from posting where account = $1", account).
		Scan(money(&sum))
	return sum, translate(err)
}

// Standing is what the accounts of an award hold.
func (t *Tx) Standing(ctx context.Context, award string) (s ledger.Standing, err error) {
	payable, debt := ledger.AwardAccount(award), ledger.DebtAccount(award)
	err = t.tx.QueryRow(ctx, `select coalesce(sum(amount) filter (where account = $1), 0)::bigint,
		coalesce(-sum(amount) filter (where account = $2), 0)::bigint from posting where account in ($1, $2)`, payable, debt).
		Scan(money(&s.Payable), money(&s.Debt))
	return s, translate(err)
}
