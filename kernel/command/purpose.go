package command

import (
	"slices"

	"mera/kernel"
	"mera/kernel/measure"
	"mera/schema/value"
)

// holders are the awards of a grant's purpose: on the same days, or on any where there is one a year or in a life.
// Those that were replaced before are none.
func (w *work) holders(d *measure.Decision) ([]*kernel.Award, error) {
	all, err := w.tx.PurposeHolders(w.ctx, d.Purpose.Name, d.Purpose.Key, claimed(d))
	return slices.DeleteFunc(all, func(a *kernel.Award) bool { return a.Ended == awardReplaced && a.To.Before(d.Period.From) }), err
}

// rival is the first award that stands against a grant; nil if there is none, or if the grant takes its place.
func (w *work) rival(d *measure.Decision) (*kernel.Award, error) {
	holders, err := w.holders(d)
	i := slices.IndexFunc(holders, func(a *kernel.Award) bool { return !replaces(d, a) })
	if i < 0 || err != nil {
		return nil, err
	}
	return holders[i], nil
}

// claimed are the days on which a grant holds its purpose.
func claimed(d *measure.Decision) value.Period {
	if d.Purpose.Per == "year" || d.Purpose.Per == "life" {
		return value.Period{To: value.Forever} // the year is a part of the key
	}
	return d.Period
}

func replaces(d *measure.Decision, holder *kernel.Award) bool {
	switch d.Purpose.Conflict {
	case "replace":
		return true
	case "larger":
		return d.Amount > holder.Amount
	}
	return false
}

// claim takes the purpose of a grant in this transaction. A rival that took it since the decision makes the decision
// outdated; an award that it replaces ends the day before.
func (w *work) claim(r *kernel.Record, d *measure.Decision) error {
	if err := w.tx.ClaimPurpose(w.ctx, d.Purpose.Name, d.Purpose.Key); err != nil {
		return err
	}
	holders, err := w.holders(d)
	if err != nil {
		return err
	}
	for _, a := range holders {
		if !replaces(d, a) {
			return &outdatedDecision{r.Type, r.ID}
		}
		if err := w.cutOff(a.ID, d.Period.From.AddDays(-1)); err != nil {
			return err
		}
	}
	return nil
}

// cutOff ends an award that another one replaces: a day is its last. What it was paid beyond becomes a debt.
func (w *work) cutOff(id string, last value.Date) error {
	a, err := w.tx.LockAward(w.ctx, id)
	if err != nil {
		return err
	}
	a.To, a.Status, a.Ended = last, awardEnded, awardReplaced
	if last.Before(a.From) {
		a.Status = awardVoid
	}
	w.job("recalculate", RecalculateArgs{Award: a.ID})
	w.paid(a)
	return w.tx.SaveAward(w.ctx, a)
}
