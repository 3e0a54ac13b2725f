package command

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"mera/kernel"
	"mera/kernel/ledger"
	"mera/kernel/measure"
	"mera/kernel/store"
	"mera/schema"
	"mera/schema/value"
)

// runPayments puts all accruals of the given days that are due and not yet paid on payment lists, one an office. A
// run has a key: the same run again answers the same lists.
func runPayments(w *work, c Command) (Result, error) {
	if err := w.gate.CheckKernel(w.ctx, w.actor, "runPayments"); err != nil {
		return Result{}, err
	}
	from, err := dateArgument(c.Data, "from")
	if err != nil {
		return Result{}, err
	}
	to, err := dateArgument(c.Data, "to")
	if err != nil {
		return Result{}, err
	}
	date, err := dateArgument(c.Data, "date")
	if err != nil {
		return Result{}, err
	}
	if to.Before(from) {
		return Result{}, &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: []kernel.FieldError{{Path: "to", Code: "end-before-start"}}}
	}
	unpaid, err := w.tx.UnpaidAccruals(w.ctx, from, to)
	if err != nil {
		return Result{}, err
	}
	byOffice := map[string][]store.Unpaid{}
	for _, u := range unpaid {
		byOffice[u.Award.Office] = append(byOffice[u.Award.Office], u)
	}
	var ids []any
	for _, office := range slices.Sorted(maps.Keys(byOffice)) {
		id, err := w.payList(office, byOffice[office], value.Period{From: from, To: to}, date)
		if err != nil {
			return Result{}, err
		}
		if id != "" {
			ids = append(ids, id)
		}
	}
	res := Result{Data: map[string]any{"lists": ids}}
	if len(ids) > 0 {
		res.Type, res.ID = "PaymentList", ids[0].(string)
	}
	return res, nil
}

// payList makes the payment list of an office; "" if nothing is to be paid.
func (w *work) payList(officeID string, unpaid []store.Unpaid, days value.Period, date value.Date) (string, error) {
	list := w.road.IDs.New()
	payments, withheld, err := w.payments(list, unpaid, date)
	if err != nil || len(payments) == 0 {
		return "", err
	}
	office, err := w.record("Office", officeID)
	if err != nil {
		return "", err
	}
	number, err := w.listNumber(office, date)
	if err != nil {
		return "", err
	}
	l := &kernel.PaymentList{
		ID: list, Number: number, Date: date, From: days.From, To: days.To, Status: "formed", CreatedAt: w.now, Count: len(payments),
		CreatedBy: w.actor.ID, Scope: kernel.Scope{Office: officeID, Author: w.actor.ID}, Run: fmt.Sprintf("%s:%s:%s", officeID, days, list),
	}
	if office != nil {
		l.Scope.Territory = office.Territory
	}
	for _, p := range payments {
		var fits bool
		if l.Total, fits = value.AddMoney(l.Total, p.Amount); !fits {
			return "", kernel.Errorf(kernel.Limit, "sum-too-large")
		}
	}
	if err := w.tx.PutPaymentList(w.ctx, l, payments); err != nil {
		return "", err
	}
	for _, e := range withheld {
		if err := w.post(e); err != nil {
			return "", err
		}
	}
	for _, p := range payments {
		if err := w.payOut(p, date); err != nil {
			return "", err
		}
	}
	w.journal("pay", nil, l.Number+" "+l.Total.String())
	return l.ID, nil
}

func (w *work) payOut(p *kernel.Payment, date value.Date) error {
	standing, err := w.tx.Standing(w.ctx, p.Award)
	if err != nil {
		return err
	}
	e, err := ledger.Pay(p.Award, p.Recipient, p.List, date, standing, p.Amount)
	if err != nil {
		return err
	}
	return w.post(e)
}

// payments are one for each award with something to pay, and the entries by which debts take their part of it.
func (w *work) payments(list string, unpaid []store.Unpaid, date value.Date) (out []*kernel.Payment, withheld []ledger.Entry, err error) {
	byAward := map[string][]store.Unpaid{}
	for _, u := range unpaid {
		byAward[u.Award.ID] = append(byAward[u.Award.ID], u)
	}
	for _, id := range slices.Sorted(maps.Keys(byAward)) { // in one order, so that two runs do not wait for each other
		a, err := w.tx.LockAward(w.ctx, id)
		if err != nil {
			return nil, nil, err
		}
		standing, err := w.tx.Standing(w.ctx, id)
		if err != nil {
			return nil, nil, err
		}
		amount, err := w.payable(byAward[id], standing)
		if err != nil {
			return nil, nil, err
		}
		if amount <= 0 {
			continue
		}
		p := &kernel.Payment{
			ID: w.road.IDs.New(), List: list, Award: id, Root: a.Root, Recipient: a.Recipient, Payout: a.Payout, Amount: amount, Status: "formed",
		}
		for _, u := range byAward[id] {
			p.Accruals = append(p.Accruals, u.Accrual)
		}
		if standing.Debt > 0 {
			e, err := w.withhold(a, list, date, standing, amount)
			if err != nil {
				return nil, nil, err
			}
			p.Amount += e.Amount(ledger.AwardAccount(id)) // below zero
			withheld = append(withheld, e)
		}
		out = append(out, p)
	}
	return out, withheld, nil
}

// payable is what may be paid of the accruals that a run has picked: all that the award holds but for the accruals
// whose turn comes later. Their plain sum may be another one, because a correction has taken from what was not paid
// yet, or became a debt.
func (w *work) payable(picked []store.Unpaid, standing ledger.Standing) (value.Money, error) {
	var sum value.Money
	for _, u := range picked {
		var fits bool
		if sum, fits = value.AddMoney(sum, u.Amount); !fits {
			return 0, kernel.Errorf(kernel.Limit, "sum-too-large")
		}
	}
	if sum == standing.Payable {
		return sum, nil
	}
	all, err := w.tx.UnpaidOf(w.ctx, picked[0].Award.ID)
	if err != nil {
		return 0, err
	}
	later := map[value.Period]value.Money{}
	for _, a := range all {
		if slices.ContainsFunc(picked, func(u store.Unpaid) bool { return u.Accrual == a.ID }) {
			continue
		}
		held, err := w.heldOf(a)
		if err != nil {
			return 0, err
		}
		later[value.Period{From: a.From, To: a.To}] += held
	}
	left := standing.Payable
	for _, held := range later {
		left -= max(held, 0)
	}
	return max(left, 0), nil
}

// heldOf is what an accrual moved to its award: a correction may have met a debt instead.
func (w *work) heldOf(a *kernel.Accrual) (value.Money, error) {
	if a.Seq == 0 {
		return a.Amount, nil
	}
	e, err := w.tx.Entry(w.ctx, ledger.Accrual{From: a.From, To: a.To, Seq: a.Seq}.Key(a.Award))
	if err != nil || e == nil {
		return 0, err
	}
	return e.Amount(ledger.AwardAccount(a.Award)), nil
}

// withhold takes the part of a payment that covers the debt of its award.
func (w *work) withhold(a *kernel.Award, list string, date value.Date, s ledger.Standing, due value.Money) (ledger.Entry, error) {
	row, err := w.tx.Decision(w.ctx, a.Decision)
	if err != nil {
		return ledger.Entry{}, err
	}
	var d measure.Decision
	if err := json.Unmarshal(row.Content, &d); err != nil {
		return ledger.Entry{}, err
	}
	percent, err := value.ParseNumber(cmp.Or(d.Recover, strconv.Itoa(ledger.LegalShare)))
	if err != nil {
		return ledger.Entry{}, err
	}
	return ledger.Withhold(a.ID, list, date, s, due, percent)
}

// listNumberParameter is the parameter, if any package has it, that words the number of a payment list.
const listNumberParameter = "PaymentListNumber"

func (w *work) listNumber(office *kernel.Record, date value.Date) (string, error) {
	format := "{n}"
	if w.live.Catalog.Parameters[listNumberParameter] != nil {
		rows, err := w.world.Parameter(w.ctx, listNumberParameter, date)
		if err != nil {
			return "", err
		}
		if len(rows) > 0 && len(rows[0].Values) > 0 {
			format = rows[0].Values[0]
		}
	}
	next, err := w.tx.NextNumber(w.ctx, "PaymentList", "office="+officeID(office))
	if err != nil {
		return "", err
	}
	return w.fill(schema.Scalar{Text: format}, next, office, date)
}
