package command

import (
	"fmt"
	"slices"
	"strings"

	"mera/kernel"
	"mera/kernel/measure"
	"mera/schema/value"
)

// reviewRole is the role of the base policies that looks at an award whose decision would be another one now.
const reviewRole = "specialist"

// review decides the right of an active award again, for the same day. Where the outcome is another one a person gets
// a task, once for each outcome; where it is the same again the open task is taken back. The decision itself stands.
func (k *calculation) review() error {
	if k.award.Status != awardActive || k.was.Status != awardActive {
		return nil
	}
	outcome, err := k.decideAgain()
	if err != nil {
		return err
	}
	of, err := k.caseOf(k.of)
	if err != nil {
		return err
	}
	name := own(reviewWork, k.award.ID)
	tasks, err := k.tx.Tasks(k.ctx, of.ID)
	if err != nil {
		return err
	}
	seen := slices.ContainsFunc(tasks, func(t *kernel.Task) bool {
		return t.Name == name && t.Item == outcome && t.Status != "cancelled"
	})
	if outcome != "" && seen {
		return nil
	}
	if err := k.tx.CancelWork(k.ctx, of.ID, name, nil); err != nil || outcome == "" {
		return err
	}
	k.journal("review", k.of, k.award.Measure+" "+outcome)
	title, texts := k.spoken(k.message("award-review", k.measureTitle(k.award.Measure)))
	task := &kernel.Task{
		ID: k.road.IDs.New(), Scope: scopeOf(of), Name: name, Role: reviewRole, Item: outcome,
		Title: title, Texts: texts, Status: "open", CreatedAt: k.now,
	}
	if of.Case != nil {
		task.State = of.Case.State
	}
	return k.tx.PutTask(k.ctx, task)
}

// caseOf is the case on whose card a record lies, or itself; the record where no card above it is a case.
func (w *work) caseOf(r *kernel.Record) (*kernel.Record, error) {
	for at := r; at.Case == nil; {
		def := w.live.Catalog.Documents[at.Type]
		if at.Card == "" || def == nil || def.Card == nil {
			return r, nil
		}
		card, err := w.record(def.Card.Type.Text, at.Card)
		if err != nil || card == nil {
			return r, err
		}
		if at = card; at.Case != nil {
			return at, nil
		}
	}
	return r, nil
}

// measureTitle is what people call a measure.
func (w *work) measureTitle(name string) phrase {
	written := name
	if def := w.live.Catalog.Measures[name]; def != nil && def.Title != "" {
		written = def.Title
	}
	return w.titled(written, "measures/"+name+"/title")
}

// decideAgain is how the decision would be another one now, "" if it would be the same: other result, other days, or
// other sums of its slices.
func (k *calculation) decideAgain() (string, error) {
	in := k.in
	in.Asked, in.Beneficiary = k.decision.Asked, k.decision.Beneficiary
	made, err := k.measure.Decide(in)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(made, func(d *measure.Decision) bool { return d.Beneficiary == k.decision.Beneficiary })
	if i < 0 {
		return "nobody", nil
	}
	now := made[i]
	switch {
	case now.Result == measure.Refused && len(k.measure.Labels()) > 0:
		return string(now.Result), nil // why is for whom the decision shows
	case now.Result == measure.Refused:
		return string(now.Result) + " " + conditions(now.Reasons), nil
	case now.Result != measure.Granted:
		return string(now.Result) + " " + strings.Join(now.Unclear, " "), nil
	case now.Period != k.decision.Period:
		return string(now.Result) + " " + now.Period.String(), nil
	}
	until := now.Period.To
	if until == value.Forever {
		until = k.input(k.of).Today
	}
	other, err := k.measure.Slices(in, now, until)
	if err != nil {
		return "", err
	}
	return difference(k.slices, other), nil
}

func conditions(reasons []measure.Reason) string {
	names := make([]string, len(reasons))
	for i, r := range reasons {
		names[i] = r.Condition
	}
	return strings.Join(names, " ")
}

// difference names the first slice that pays another sum.
func difference(old, other []measure.Slice) string {
	pays := func(list []measure.Slice) map[value.Period]value.Money {
		out := map[value.Period]value.Money{}
		for _, s := range list {
			if s.Status == measure.Pays {
				out[value.Period{From: s.From, To: s.To}] = s.Amount
			}
		}
		return out
	}
	was, is := pays(old), pays(other)
	for _, s := range slices.Concat(other, old) {
		days := value.Period{From: s.From, To: s.To}
		if was[days] != is[days] {
			return fmt.Sprintf("%s %s", days, is[days])
		}
	}
	return ""
}
