package command

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"mera/kernel"
	"mera/kernel/ledger"
	"mera/kernel/measure"
	"mera/kernel/store"
	"mera/schema"
	"mera/schema/value"
)

// accrueChunk is how many awards one look-up of an accrual run brings.
const accrueChunk = 500

// accrue posts what awards owe up to a day: each award in a transaction of its own, so that one award's trouble does
// not stop the others. A second run finds every slice taken by its unique key and posts nothing.
func (r *Road) accrue(ctx context.Context, actor kernel.Actor, c Command) (Result, error) {
	until, err := dateArgument(c.Data, "until")
	if err != nil {
		return Result{}, err
	}
	if err := r.mayRun(ctx, actor, "accrue"); err != nil {
		return Result{}, err
	}
	var posted, failed int64
	var after string
	for {
		ids, err := r.awards(ctx, until, after)
		if err != nil {
			return Result{}, err
		}
		for _, id := range ids {
			res, err := r.do(ctx, actor, Command{Verb: "accrueAward", ID: id, Data: map[string]any{"until": until.String()}})
			if err != nil {
				if code := kernel.CodeOf(err); code == kernel.Unavailable || ctx.Err() != nil {
					return Result{}, err
				}
				failed++
				continue
			}
			n, _ := res.Data["posted"].(int64)
			posted += n
		}
		if len(ids) < accrueChunk {
			return Result{Data: map[string]any{"posted": posted, "failed": failed}}, nil
		}
		after = ids[len(ids)-1]
	}
}

func (r *Road) awards(ctx context.Context, until value.Date, after string) (ids []string, err error) {
	err = r.DB.Read(ctx, func(tx *store.Tx) error {
		ids, err = tx.AwardsToAccrue(ctx, until, after, accrueChunk)
		return err
	})
	return ids, err
}

// mayRun asks the policy for a verb that is about no record.
func (r *Road) mayRun(ctx context.Context, actor kernel.Actor, verb string) error {
	live := r.Registry.Live()
	if live == nil {
		return kernel.Errorf(kernel.Unavailable, "no-release")
	}
	return r.Gate(live).CheckKernel(ctx, actor, verb)
}

// accrueAward posts the slices of one award that are due up to a day and have no accrual yet.
func accrueAward(w *work, c Command) (Result, error) {
	if err := w.gate.CheckKernel(w.ctx, w.actor, "accrue"); err != nil {
		return Result{}, err
	}
	until, err := dateArgument(c.Data, "until")
	if err != nil {
		return Result{}, err
	}
	a, err := w.tx.LockAward(w.ctx, c.ID)
	if err != nil || a == nil || a.Status != "active" {
		return Result{Data: map[string]any{"posted": int64(0)}}, err
	}
	slices, err := w.slicesOf(a, until)
	if err != nil {
		return Result{}, err
	}
	var posted int64
	for _, s := range slices {
		if s.Due.After(until) || s.Amount == 0 {
			continue
		}
		content, err := json.Marshal(s)
		if err != nil {
			return Result{}, err
		}
		accrual := &store.Accrual{
			ID: w.road.IDs.New(), Award: a.ID, Root: a.Root, From: s.From, To: s.To, Kind: "current", Amount: s.Amount, Due: s.Due,
			Release: w.live.Digest, Content: content, CreatedAt: w.now, CreatedBy: w.actor.ID,
		}
		first, err := w.tx.PutAccrual(w.ctx, accrual)
		if err != nil {
			return Result{}, err
		}
		if !first {
			continue
		}
		if err := w.post(ledger.Accrue(a.ID, s.From, s.To, 0, s.Amount, s.Due)); err != nil {
			return Result{}, err
		}
		posted++
	}
	return Result{ID: a.ID, Data: map[string]any{"posted": posted}}, nil
}

// slicesOf calculates the slices of an award under the installed release.
func (w *work) slicesOf(a *store.Award, until value.Date) ([]measure.Slice, error) {
	row, err := w.tx.Decision(w.ctx, a.Decision)
	if err != nil {
		return nil, err
	}
	var d measure.Decision
	if err := json.Unmarshal(row.Content, &d); err != nil {
		return nil, err
	}
	m := w.live.Measures[a.Measure]
	if m == nil {
		return nil, kernel.Errorf(kernel.Unavailable, "measure-not-installed", a.Measure)
	}
	r, err := w.record(a.CaseType, a.CaseID)
	if err != nil {
		return nil, err
	}
	h := &host{work: w, of: r}
	return m.Slices(h.input(), &d, until)
}

func (w *work) post(e ledger.Entry) error {
	return w.tx.PutEntry(w.ctx, w.road.IDs.New(), e, w.now, w.actor.ID)
}

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
		ids = append(ids, id)
	}
	res := Result{Data: map[string]any{"lists": ids}}
	if len(ids) > 0 {
		res.Type, res.ID = "PaymentList", ids[0].(string)
	}
	return res, nil
}

func (w *work) payList(officeID string, unpaid []store.Unpaid, days value.Period, date value.Date) (string, error) {
	office, err := w.record("Office", officeID)
	if err != nil {
		return "", err
	}
	number, err := w.listNumber(office, date)
	if err != nil {
		return "", err
	}
	l := &store.PaymentList{
		ID: w.road.IDs.New(), Number: number, Date: date, From: days.From, To: days.To, Status: "formed", CreatedAt: w.now,
		CreatedBy: w.actor.ID, Scope: store.Scope{Office: officeID, Author: w.actor.ID},
	}
	l.Run = fmt.Sprintf("%s:%s:%s", officeID, days, l.ID)
	if office != nil {
		l.Scope.Territory = office.Territory
	}
	var payments []*store.Payment
	byAward := map[string]*store.Payment{}
	for _, u := range unpaid {
		p := byAward[u.Award.ID]
		if p == nil {
			p = &store.Payment{
				ID: w.road.IDs.New(), List: l.ID, Award: u.Award.ID, Root: u.Award.Root, Recipient: u.Award.Recipient,
				Payout: u.Award.Payout, Status: "formed",
			}
			byAward[u.Award.ID] = p
			payments = append(payments, p)
		}
		sum, ok := value.AddMoney(p.Amount, u.Amount)
		total, fits := value.AddMoney(l.Total, u.Amount)
		if !ok || !fits {
			return "", kernel.Errorf(kernel.Limit, "sum-too-large")
		}
		p.Amount, l.Total = sum, total
		p.Accruals = append(p.Accruals, u.Accrual)
	}
	slices.SortFunc(payments, func(a, b *store.Payment) int { return cmp.Compare(a.Award, b.Award) })
	l.Count = len(payments)
	if err := w.tx.PutPaymentList(w.ctx, l, payments); err != nil {
		return "", err
	}
	for _, p := range payments {
		if err := w.post(ledger.Pay(l.ID, p.Award, p.Amount, date)); err != nil {
			return "", err
		}
	}
	w.journal("pay", nil, l.Number+" "+l.Total.String())
	return l.ID, nil
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

func dateArgument(data map[string]any, name string) (value.Date, error) {
	s, _ := data[name].(string)
	d, err := value.ParseDate(s)
	if err != nil {
		return d, &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: []kernel.FieldError{{Path: name, Code: "date"}}, Err: err}
	}
	return d, nil
}
