package command

import (
	"context"
	"slices"

	"mera/kernel"
	"mera/kernel/ledger"
	"mera/kernel/measure"
	"mera/kernel/store"
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
	if err != nil || a == nil || a.Status == awardVoid {
		return Result{Data: map[string]any{"posted": int64(0)}}, err
	}
	k, err := w.calculation(a)
	if err != nil {
		return Result{}, err
	}
	if err := k.compute(until); err != nil {
		return Result{}, err
	}
	n, err := k.accrue(until)
	if err != nil {
		return Result{}, err
	}
	k.end(until)
	if until.After(a.Accrued) {
		a.Accrued = until
	}
	return Result{ID: a.ID, Data: map[string]any{"posted": n}}, k.save(k.through())
}

// accrue posts the slices that are due and have no accrual yet. What was accrued before is left as it is, and so are
// days that were accrued under other bounds: that is the business of a recalculation, which is planned where needed.
func (k *calculation) accrue(until value.Date) (int64, error) {
	posted, err := k.tx.Accruals(k.ctx, k.award.ID)
	if err != nil {
		return 0, err
	}
	var known []value.Period
	for _, p := range posted {
		known = append(known, value.Period{From: p.From, To: p.To})
	}
	var due []ledger.Slice
	for _, s := range k.slices {
		days := value.Period{From: s.From, To: s.To}
		switch {
		case s.Status != measure.Pays || s.Due.After(until) || s.Amount == 0 || slices.Contains(known, days):
		case touchesAny(days, known):
			k.job("recalculate", RecalculateArgs{Award: k.award.ID})
		default:
			due = append(due, ledger.Slice{From: s.From, To: s.To, Amount: s.Amount})
		}
	}
	standing, err := k.tx.Standing(k.ctx, k.award.ID)
	if err != nil {
		return 0, err
	}
	accruals, entries, err := ledger.Accrue(k.award.ID, value.DateOf(k.now), standing, due)
	if err != nil {
		return 0, err
	}
	for i, x := range accruals {
		if err := k.put(x, "current", k.firstDue(x)); err != nil {
			return 0, err
		}
		if err := k.post(entries[i]); err != nil {
			return 0, err
		}
	}
	return int64(len(accruals)), nil
}

// firstDue is when a first accrual is paid: on the day that the measure says, or now if a former run has passed it by.
func (k *calculation) firstDue(x ledger.Accrual) value.Date {
	due, today := k.slice(x.From, x.To).Due, k.input(k.of).Today
	if due.After(k.award.Accrued) || due.After(today) {
		return due
	}
	return today
}

// reason is why a slice ended the award, in the definition's words.
func reason(s measure.Slice) string {
	if len(s.Reasons) == 0 {
		return ""
	}
	return s.Reasons[0].Text
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

func dateArgument(data map[string]any, name string) (value.Date, error) {
	s, _ := data[name].(string)
	d, err := value.ParseDate(s)
	if err != nil {
		return d, &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: []kernel.FieldError{{Path: name, Code: "date"}}, Err: err}
	}
	return d, nil
}
