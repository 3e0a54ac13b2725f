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
	"mera/workflows"
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
	if err := r.MayRun(ctx, actor, "accrue"); err != nil {
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
	owed, err := w.slicesOf(a, until)
	if err != nil {
		return Result{}, err
	}
	posted, err := w.tx.Accruals(w.ctx, a.ID)
	if err != nil {
		return Result{}, err
	}
	n, err := w.postSlices(a, owed, posted, until)
	return Result{ID: a.ID, Data: map[string]any{"posted": n}}, err
}

// postSlices accrues the slices that have no accrual yet. What was accrued before is left as it is: changing it is
// the business of a recalculation.
func (w *work) postSlices(a *kernel.Award, owed []measure.Slice, posted []*kernel.Accrual, until value.Date) (int64, error) {
	known := map[value.Period]bool{}
	for _, p := range posted {
		known[value.Period{From: p.From, To: p.To}] = true
	}
	content := map[value.Period]measure.Slice{}
	var due []ledger.Slice
	for _, s := range owed {
		window := value.Period{From: s.From, To: s.To}
		if s.Status == measure.Ended {
			a.To, a.Status, a.Ended = s.To, "ended", reason(s)
			if err := w.tx.SaveAward(w.ctx, a); err != nil {
				return 0, err
			}
		}
		if s.Status != measure.Pays || s.Due.After(until) || known[window] || s.Amount == 0 {
			continue
		}
		content[window] = s
		due = append(due, ledger.Slice{From: s.From, To: s.To, Amount: s.Amount})
	}
	standing, err := w.tx.Standing(w.ctx, a.ID)
	if err != nil {
		return 0, err
	}
	accruals, entries, err := ledger.Accrue(a.ID, value.DateOf(w.now), standing, due)
	if err != nil {
		return 0, err
	}
	for i, x := range accruals {
		s := content[value.Period{From: x.From, To: x.To}]
		encoded, err := json.Marshal(s)
		if err != nil {
			return 0, err
		}
		first, err := w.tx.PutAccrual(w.ctx, &kernel.Accrual{
			ID: w.road.IDs.New(), Award: a.ID, Root: a.Root, From: x.From, To: x.To, Seq: x.Seq, Kind: "current", Amount: x.Amount,
			Due: s.Due, Release: w.live.Digest, Content: encoded, CreatedAt: w.now, CreatedBy: w.actor.ID,
		})
		if err != nil {
			return 0, err
		}
		if !first {
			return 0, kernel.Errorf(kernel.Stale, "accrued-meanwhile")
		}
		if err := w.post(entries[i]); err != nil {
			return 0, err
		}
	}
	return int64(len(accruals)), nil
}

// reason is why a slice ended the award, in the definition's words.
func reason(s measure.Slice) string {
	if len(s.Reasons) == 0 {
		return ""
	}
	return s.Reasons[0].Text
}

// slicesOf calculates the slices of an award under the installed release.
func (w *work) slicesOf(a *kernel.Award, until value.Date) ([]measure.Slice, error) {
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
	return m.Slices(h.input(workflows.Question{Asked: d.Asked}), &d, until)
}

func (w *work) post(e ledger.Entry) error {
	if e.IsZero() {
		return nil
	}
	if err := e.Check(); err != nil {
		return err
	}
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
	l := &kernel.PaymentList{
		ID: w.road.IDs.New(), Number: number, Date: date, From: days.From, To: days.To, Status: "formed", CreatedAt: w.now,
		CreatedBy: w.actor.ID, Scope: kernel.Scope{Office: officeID, Author: w.actor.ID},
	}
	l.Run = fmt.Sprintf("%s:%s:%s", officeID, days, l.ID)
	if office != nil {
		l.Scope.Territory = office.Territory
	}
	var payments []*kernel.Payment
	byAward := map[string]*kernel.Payment{}
	for _, u := range unpaid {
		p := byAward[u.Award.ID]
		if p == nil {
			p = &kernel.Payment{
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
	slices.SortFunc(payments, func(a, b *kernel.Payment) int { return cmp.Compare(a.Award, b.Award) })
	l.Count = len(payments)
	if err := w.tx.PutPaymentList(w.ctx, l, payments); err != nil {
		return "", err
	}
	for _, p := range payments {
		standing, err := w.tx.Standing(w.ctx, p.Award)
		if err != nil {
			return "", err
		}
		entry, err := ledger.Pay(p.Award, p.Recipient, l.ID, date, standing, p.Amount)
		if err != nil {
			return "", err
		}
		if err := w.post(entry); err != nil {
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
