package command

import (
	"encoding/json"
	"slices"

	"mera/kernel"
	"mera/kernel/ledger"
	"mera/kernel/measure"
	"mera/schema/value"
	"mera/workflows"
)

// States of an award, and why one has ended that no `while` has.
const (
	awardActive   = "active"
	awardEnded    = "ended"
	awardVoid     = "void"
	awardStopped  = "stopped"
	awardReplaced = "replaced"
)

// recalculate computes an award anew under the installed release and posts the differences to what was accrued; equal
// posts nothing. Its decision stands: where it would be another one now, a person is asked to look at the award.
func recalculate(w *work, c Command) (Result, error) {
	a, err := w.tx.LockAward(w.ctx, c.ID)
	if err != nil {
		return Result{}, err
	}
	if a == nil {
		return Result{}, kernel.Errorf(kernel.NotFound, "not-found")
	}
	if err := w.gate.Check(w.ctx, w.actor, "recalculate", awardRow(a), ""); err != nil {
		return Result{}, err
	}
	if err := w.knows(c.Data); err != nil {
		return Result{}, err
	}
	k, err := w.calculation(a)
	if err != nil {
		return Result{}, err
	}
	posted, err := w.tx.Accruals(w.ctx, a.ID)
	if err != nil {
		return Result{}, err
	}
	if err := k.compute(k.horizon(posted)); err != nil {
		return Result{}, err
	}
	if err := k.conclude(k.present(posted)); err != nil {
		return Result{}, err
	}
	sum, n, err := k.correct(posted)
	if err != nil {
		return Result{}, err
	}
	if err := k.save(value.Forever); err != nil {
		return Result{}, err
	}
	if n > 0 || w.actor.Kind != kernel.System {
		w.journal("recalculate", k.of, a.Measure+" "+sum.String())
	}
	return Result{Type: "Award", ID: a.ID, Data: map[string]any{"posted": int64(n), "sum": sum.String()}}, k.review()
}

// awardRow is what policies read of an award.
func awardRow(a *kernel.Award) *kernel.Record {
	return &kernel.Record{
		Type: "Award", ID: a.ID, Root: a.Root, Territory: a.Territory, Office: a.Office, Persons: a.Persons, Author: a.Author,
		Data: map[string]any{"measure": a.Measure, "status": a.Status},
	}
}

// calculation is an award that is computed anew: its decision as it was stored, with the period as the award has it.
type calculation struct {
	*work
	award    *kernel.Award
	was      kernel.Award // as it was loaded
	of       *kernel.Record
	measure  *measure.Measure
	decision *measure.Decision
	decided  kernel.Derived // what that was made of: slices read its names
	in       measure.Input
	slices   []measure.Slice
}

// cutShort tells that something outside the award has ended it: its slices cannot bring it back.
func cutShort(a *kernel.Award) bool { return a.Ended == awardStopped || a.Ended == awardReplaced }

func (w *work) calculation(a *kernel.Award) (*calculation, error) {
	row, err := w.tx.Decision(w.ctx, a.Decision)
	if err != nil {
		return nil, err
	}
	k := &calculation{work: w, award: a, was: *a, decision: &measure.Decision{}, decided: row.Derived}
	if err := json.Unmarshal(row.Content, k.decision); err != nil {
		return nil, err
	}
	if k.measure = w.live.Measures[a.Measure]; k.measure == nil {
		return nil, kernel.Errorf(kernel.Unavailable, "measure-not-installed", a.Measure)
	}
	if k.of, err = w.record(a.CaseType, a.CaseID); err != nil {
		return nil, err
	}
	if k.of == nil {
		return nil, kernel.Errorf(kernel.Internal, "award-without-case")
	}
	h := &host{work: w, of: k.of}
	k.in = h.input(workflows.Question{Measure: a.Measure, Asked: k.decision.Asked, Answers: k.decision.Answers})
	if cutShort(a) {
		k.decision.Period.To = a.To
	}
	return k, nil
}

// stopAwards ends the awards of a case: today is their last day. What was paid beyond becomes a debt.
func (w *work) stopAwards(r *kernel.Record) error {
	awards, err := w.tx.StopAwards(w.ctx, r.ID, w.input(r).Today)
	for _, id := range awards {
		w.job("recalculate", RecalculateArgs{Award: id})
		w.paidTo = append(w.paidTo, r.Persons...)
	}
	return err
}

// compute makes the slices that begin or fall due until a day. A void award has none.
func (k *calculation) compute(until value.Date) (err error) {
	if k.slices = nil; k.award.Status != awardVoid {
		k.slices, err = k.measure.Slices(k.in, k.decision, until)
	}
	return err
}

// present is the last day that counts as now: today, or what was accrued ahead of it.
func (k *calculation) present(posted []*kernel.Accrual) value.Date {
	day := k.input(k.of).Today
	for _, p := range posted {
		if p.To.After(day) {
			day = p.To
		}
	}
	return day
}

// horizon is how far slices are computed: of a closed period all, because the schedule shows them; of an open one
// those that have begun, and the one in which the award has ended, which may turn out not to be its end.
func (k *calculation) horizon(posted []*kernel.Accrual) value.Date {
	if to := k.decision.Period.To; to != value.Forever {
		return to
	}
	day := k.present(posted)
	if end := k.award.To; k.award.Status == awardEnded && !end.Before(day) && end != value.Forever {
		day = end.AddDays(1)
	}
	return day
}

// conclude ends the award where its slices now end it, and lets it live on where they no longer do.
func (k *calculation) conclude(now value.Date) error {
	if k.end(now) || k.award.Status != awardEnded || cutShort(k.award) {
		return nil
	}
	return k.revive()
}

// end ends the award where a slice that has begun ends it.
func (k *calculation) end(now value.Date) bool {
	a := k.award
	i := slices.IndexFunc(k.slices, func(s measure.Slice) bool { return s.Status == measure.Ended && !s.From.After(now) })
	if i < 0 || a.Status == awardVoid || cutShort(a) {
		return false
	}
	a.To, a.Status, a.Ended = k.slices[i].To, awardEnded, reason(k.slices[i])
	return true
}

// revive gives an ended award the rest of its period back, unless another award has taken the purpose meanwhile: then
// it stays as short as it is.
func (k *calculation) revive() error {
	a, rest := k.award, value.Period{From: k.award.To.AddDays(1), To: k.decision.Period.To}
	if err := k.tx.ClaimPurpose(k.ctx, a.Purpose, a.PurposeKey); err != nil {
		return err
	}
	holder, err := k.tx.PurposeHolder(k.ctx, a.Purpose, a.PurposeKey, rest)
	if err != nil {
		return err
	}
	if holder == nil {
		a.To, a.Status, a.Ended = k.decision.Period.To, awardActive, ""
		return nil
	}
	k.decision.Period.To = a.To
	return k.compute(a.To)
}

// correct posts what differs between the accruals and the slices that owe them now. A slice that falls due after the
// last accrual is the business of the next one, unless its days were accrued under other bounds.
func (k *calculation) correct(posted []*kernel.Accrual) (sum value.Money, n int, err error) {
	rows, wanted := k.comparable(posted)
	standing, err := k.tx.Standing(k.ctx, k.award.ID)
	if err != nil {
		return 0, 0, err
	}
	today := k.input(k.of).Today
	accruals, entries, err := ledger.Correct(k.award.ID, today, standing, rows, wanted)
	if err != nil {
		return 0, 0, err
	}
	for i, x := range accruals {
		var fits bool
		if sum, fits = value.AddMoney(sum, x.Amount); !fits {
			return 0, 0, kernel.Errorf(kernel.Limit, "sum-too-large")
		}
		if err := k.put(x, "correction", k.dueOf(x, posted, today)); err != nil {
			return 0, 0, err
		}
		if err := k.post(entries[i]); err != nil {
			return 0, 0, err
		}
	}
	return sum, len(accruals), nil
}

// comparable are the accruals and the slices to hold against each other. What is held back, or cannot be computed
// today, leaves the accruals of its days as they are.
func (k *calculation) comparable(posted []*kernel.Accrual) (rows []ledger.Accrual, wanted []ledger.Slice) {
	var fixed, open []value.Period
	for _, s := range k.slices {
		if s.Status == measure.Waits || s.Status == measure.Held {
			fixed = append(fixed, value.Period{From: s.From, To: s.To})
		}
	}
	for _, p := range posted {
		days := value.Period{From: p.From, To: p.To}
		if touchesAny(days, fixed) {
			fixed = append(fixed, days)
			continue
		}
		open = append(open, days)
		rows = append(rows, ledger.Accrual{From: p.From, To: p.To, Seq: p.Seq, Amount: p.Amount})
	}
	for _, s := range k.slices {
		days := value.Period{From: s.From, To: s.To}
		known := touchesAny(days, open) || !s.Due.After(k.award.Accrued)
		if s.Status == measure.Pays && s.Amount > 0 && known && !touchesAny(days, fixed) {
			wanted = append(wanted, ledger.Slice{From: s.From, To: s.To, Amount: s.Amount})
		}
	}
	return rows, wanted
}

func touchesAny(days value.Period, others []value.Period) bool {
	return slices.ContainsFunc(others, days.Touches)
}

// put writes the row of an accrual with how its slice was computed.
func (k *calculation) put(x ledger.Accrual, kind string, due value.Date) error {
	content := json.RawMessage("{}")
	if s := k.slice(x.From, x.To); s != nil {
		var err error
		if content, err = json.Marshal(s); err != nil {
			return err
		}
	}
	first, err := k.tx.PutAccrual(k.ctx, &kernel.Accrual{
		ID: k.road.IDs.New(), Award: k.award.ID, Root: k.award.Root, From: x.From, To: x.To, Seq: x.Seq, Kind: kind, Amount: x.Amount,
		Due: due, Release: k.live.Digest, Content: content, CreatedAt: k.now, CreatedBy: k.actor.ID,
		Derived: joined(k.decided, k.derived(k.measure.Labels())),
	})
	if err == nil && !first {
		err = kernel.Errorf(kernel.Stale, "accrued-meanwhile")
	}
	return err
}

func (k *calculation) slice(from, to value.Date) *measure.Slice {
	i := slices.IndexFunc(k.slices, func(s measure.Slice) bool { return s.From == from && s.To == to })
	if i < 0 {
		return nil
	}
	return &k.slices[i]
}

// dueOf is when a correction is paid: with its slice if that is still to come, else now.
func (k *calculation) dueOf(x ledger.Accrual, posted []*kernel.Accrual, today value.Date) value.Date {
	due := today
	later := func(d value.Date) {
		if d.After(due) {
			due = d
		}
	}
	if s := k.slice(x.From, x.To); s != nil {
		later(s.Due)
	}
	for _, p := range posted {
		if p.From == x.From && p.To == x.To {
			later(p.Due)
		}
	}
	return due
}

// through is the last day of which the slices tell: steps of the schedule after it stay as they are.
func (k *calculation) through() value.Date {
	last := value.Date{}
	for _, s := range k.slices {
		if last = s.To; s.Status == measure.Ended {
			return value.Forever
		}
	}
	return last
}

// save brings the schedule, until a day, and the amount of the award to what its slices pay now.
func (k *calculation) save(through value.Date) error {
	a := k.award
	if steps := steps(a.Every, k.slices); len(steps) > 0 {
		old, err := k.tx.Schedule(k.ctx, a.ID)
		if err != nil {
			return err
		}
		for _, s := range old {
			if s.From.After(through) && s.Amount != steps[len(steps)-1].Amount {
				steps = append(steps, *s)
			}
		}
		if !sameSchedule(old, steps) {
			if err := k.tx.ReplaceSchedule(k.ctx, a.ID, steps); err != nil {
				return err
			}
			k.paid(a)
		}
		a.Amount = amountOn(k.input(k.of).Today, steps)
	}
	if a.Amount == k.was.Amount && a.To == k.was.To && a.Status == k.was.Status && a.Ended == k.was.Ended {
		if a.Accrued == k.was.Accrued {
			return nil
		}
	} else {
		k.paid(a)
	}
	return k.tx.SaveAward(k.ctx, a)
}

// steps are the dates from which slices pay another amount.
func steps(every string, of []measure.Slice) []kernel.Scheduled {
	var out []kernel.Scheduled
	for _, s := range of {
		if s.Status == measure.Pays && (len(out) == 0 || out[len(out)-1].Amount != s.Amount) {
			out = append(out, kernel.Scheduled{From: s.From, Every: every, Amount: s.Amount})
		}
	}
	return out
}

func sameSchedule(old []*kernel.Scheduled, steps []kernel.Scheduled) bool {
	return slices.EqualFunc(old, steps, func(a *kernel.Scheduled, b kernel.Scheduled) bool { return *a == b })
}

// amountOn is what is paid on a day: before the first step, that of the first.
func amountOn(day value.Date, steps []kernel.Scheduled) value.Money {
	amount := steps[0].Amount
	for _, s := range steps[1:] {
		if s.From.After(day) {
			break
		}
		amount = s.Amount
	}
	return amount
}
