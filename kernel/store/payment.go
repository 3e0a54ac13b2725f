package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
	"mera/schema/value"
)

// Unpaid is an accrual that no payment list holds yet, with its award.
type Unpaid struct {
	Accrual string // id
	Amount  value.Money
	Award   *kernel.Award
}

// UnpaidAccruals lists the accruals that are due on the days from and to or between them and that no payment list
// holds, by award, slice and seq. Runs wait for each other here, so the second sees what the first has taken.
func (t *Tx) UnpaidAccruals(ctx context.Context, from, to value.Date) ([]Unpaid, error) {
	if err := t.lockRule(ctx, "payments", []byte("run")); err != nil {
		return nil, err
	}
	const unpaid = `from accrual a where due between $1 and $2
		and not exists (select from payment_accrual p where p.accrual = a.id)`
	awards, err := list(ctx, t, awardRead, selectAward+" where id in (select award "+unpaid+")", day(&from), day(&to))
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*kernel.Award, len(awards))
	for _, a := range awards {
		byID[a.ID] = a
	}
	rows, err := t.tx.Query(ctx, "select id::text, amount, award::text "+unpaid+" order by award, date_from, date_to, seq",
		day(&from), day(&to))
	if err != nil {
		return nil, translate(err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (u Unpaid, err error) {
		var award string
		err = r.Scan(&u.Accrual, money(&u.Amount), &award)
		u.Award = byID[award]
		return u, err
	})
	return out, translate(err)
}

const paymentListList = `id, number, date, date_from, date_to, channel, total, count, status, run, created_at, created_by,
	territory, office, persons, author`

const selectPaymentList = "select " + paymentListList + " from payment_list"

func paymentListCells(x *kernel.PaymentList) []any {
	return []any{&x.ID, &x.Number, day(&x.Date), day(&x.From), day(&x.To), &x.Channel, money(&x.Total), &x.Count, &x.Status,
		&x.Run, &x.CreatedAt, &x.CreatedBy, text(&x.Territory), text(&x.Office), &x.Persons, &x.Author}
}

const paymentColumns = "id, list, award, root, recipient, amount, payout, status"

func paymentCells(x *kernel.Payment) []any {
	return []any{&x.ID, &x.List, &x.Award, &x.Root, &x.Recipient, money(&x.Amount), raw(&x.Payout), &x.Status}
}

// PutPaymentList writes a list with its payments and takes their accruals. An accrual that another list holds, a
// number or a run that is taken is a CONFLICT: nothing is paid twice.
func (t *Tx) PutPaymentList(ctx context.Context, l *kernel.PaymentList, payments []*kernel.Payment) error {
	b := &pgx.Batch{}
	b.Queue(insert("payment_list", paymentListList), values(paymentListCells(l))...)
	for _, p := range payments {
		b.Queue(insert("payment", paymentColumns), paymentCells(p)...)
		b.Queue("insert into payment_accrual (accrual, payment) select unnest($1::uuid[]), $2", p.Accruals, p.ID)
	}
	return t.send(ctx, b, nil)
}

// PaymentList loads a payment list; nil if there is none.
func (t *Tx) PaymentList(ctx context.Context, id string) (*kernel.PaymentList, error) {
	return find(ctx, t, paymentListCells, selectPaymentList+" where id = $1", id)
}

// PaymentListOfRun loads the payment list that a run has made; nil if there is none.
func (t *Tx) PaymentListOfRun(ctx context.Context, run string) (*kernel.PaymentList, error) {
	return find(ctx, t, paymentListCells, selectPaymentList+" where run = $1", run)
}

// Payments lists the payments of a list by award, with the ids of their accruals.
func (t *Tx) Payments(ctx context.Context, listID string) ([]*kernel.Payment, error) {
	cells := func(x *kernel.Payment) []any { return append(paymentCells(x), &x.Accruals) }
	return list(ctx, t, cells, "select "+paymentColumns+`,
		array(select accrual::text from payment_accrual x where x.payment = payment.id order by accrual)
		from payment where list = $1 order by award`, listID)
}

// SetPaymentStatus notes what has become of a payment.
func (t *Tx) SetPaymentStatus(ctx context.Context, id, status string) error {
	return t.exec(ctx, "update payment set status = $2 where id = $1", id, status)
}
