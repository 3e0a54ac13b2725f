package command

import (
	"context"
	"slices"
	"strings"

	"mera/kernel"
	"mera/kernel/measure"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// Awards as facts: what a measure reads of what is granted and paid already.

// awards answers a question about awards, or about what they pay. Those that the same measure made for the same
// application are not among them: a right does not depend on itself.
func (f facts) awards(ctx context.Context, q measure.FactQuery) (known measure.Known, err error) {
	found, err := f.work.tx.AwardsByLink(ctx, q.Via, q.Of)
	if err != nil {
		return known, err
	}
	for _, a := range found {
		if a.Measure == f.measure && a.CaseID == f.doc {
			continue
		}
		views, err := f.work.paidOf(a, q)
		if err != nil {
			return known, err
		}
		for _, v := range views {
			in, err := q.Where.Match(ctx, v, f.work.world)
			if err != nil {
				return known, err
			}
			if in {
				known.Records = append(known.Records, v)
			}
		}
	}
	return known, nil
}

// paidOf are the records of an award that hold on a day of a question's window: itself, with the amount of the first
// of those days, or what it pays from one change of its amount to the next.
func (w *work) paidOf(a *kernel.Award, q measure.FactQuery) ([]*expr.Record, error) {
	window := value.Period{To: value.Forever}
	if q.Window != nil {
		window = *q.Window
	}
	if !value.NewPeriod(a.From, a.To).Touches(window) {
		return nil, nil
	}
	steps, err := w.tx.Schedule(w.ctx, a.ID)
	if err != nil {
		return nil, err
	}
	if q.Type == "Award" {
		v := awardView(a)
		if q.Window != nil && len(steps) > 0 {
			v.Data["amount"] = amountOn(window.From, plainSteps(steps)).String()
		}
		return []*expr.Record{v}, nil
	}
	return slices.DeleteFunc(w.entitlements(a, steps), func(v *expr.Record) bool {
		from, _ := value.ParseDate(v.Data["from"].(string))
		to, _ := v.Data["to"].(string)
		end, _ := value.ParseDate(to)
		return !value.NewPeriod(from, end).Touches(window)
	}), nil
}

func plainSteps(steps []*kernel.Scheduled) []kernel.Scheduled {
	out := make([]kernel.Scheduled, len(steps))
	for i, s := range steps {
		out[i] = *s
	}
	return out
}

// awardView is an award as expressions read it.
func awardView(a *kernel.Award) *expr.Record {
	data := map[string]any{
		"caseType": a.CaseType, "measure": a.Measure, "amount": a.Amount.String(), "every": a.Every, "status": a.Status,
		"createdAt": a.CreatedAt, "createdBy": a.CreatedBy,
	}
	for name, text := range map[string]string{
		"case": a.CaseID, "decision": a.Decision, "beneficiary": a.Beneficiary, "recipient": a.Recipient, "purpose": a.Purpose,
		"territory": a.Territory, "office": a.Office, "author": a.Author,
	} {
		setText(data, name, text)
	}
	persons := make([]any, len(a.Persons))
	for i, p := range a.Persons {
		persons[i] = p
	}
	data["persons"] = persons
	setDays(data, a.From, a.To)
	return &expr.Record{Type: "Award", ID: a.ID, Version: a.Version, Data: data}
}

func setDays(data map[string]any, from, to value.Date) {
	data["from"] = from.String()
	if to != value.Forever && !to.IsZero() {
		data["to"] = to.String()
	}
}

// entitlements are what an award pays, step by step of its schedule. The version is the award's.
func (w *work) entitlements(a *kernel.Award, steps []*kernel.Scheduled) []*expr.Record {
	var counts []any
	if def := w.live.Catalog.Measures[a.Measure]; def != nil {
		for _, tag := range def.Counts {
			counts = append(counts, tag.Text)
		}
	}
	var out []*expr.Record
	for i, s := range steps {
		last := a.To
		if i+1 < len(steps) && steps[i+1].From.AddDays(-1).Before(last) {
			last = steps[i+1].From.AddDays(-1)
		}
		if last.Before(s.From) {
			break // the award ended before
		}
		data := map[string]any{"award": a.ID, "measure": a.Measure, "counts": counts, "amount": s.Amount.String(), "every": s.Every}
		setText(data, "beneficiary", a.Beneficiary)
		setText(data, "recipient", a.Recipient)
		setText(data, "purpose", a.Purpose)
		setDays(data, s.From, last)
		out = append(out, &expr.Record{Type: "Entitlement", ID: a.ID + "/" + s.From.String(), Version: a.Version, Data: data})
	}
	return out
}

// kernelRecord is a record of the kernel's own as expressions read it; nil if there is none, or it is of a type that
// they do not.
func (w *work) kernelRecord(typ, id string) (*expr.Record, error) {
	switch typ {
	case "Award":
		a, err := w.tx.Award(w.ctx, id)
		if err != nil || a == nil {
			return nil, err
		}
		return awardView(a), nil
	case "Entitlement":
		award, _, _ := strings.Cut(id, "/")
		a, err := w.tx.Award(w.ctx, award)
		if err != nil || a == nil {
			return nil, err
		}
		steps, err := w.tx.Schedule(w.ctx, award)
		all := w.entitlements(a, steps)
		if i := slices.IndexFunc(all, func(r *expr.Record) bool { return r.ID == id }); i >= 0 {
			return all[i], err
		}
		return nil, err
	case "Decision":
		d, err := w.tx.Decision(w.ctx, id)
		if err != nil || d == nil {
			return nil, err
		}
		return determinationView(d), nil
	}
	return nil, nil
}

// determinationView is a decision as expressions read it.
func determinationView(d *kernel.Decision) *expr.Record {
	data := map[string]any{
		"caseType": d.CaseType, "measure": d.Measure, "result": d.Result, "date": d.Date.String(), "asked": d.Asked.String(),
		"amount": d.Amount.String(), "settled": d.Settled, "release": d.Release, "createdAt": d.CreatedAt, "createdBy": d.CreatedBy,
	}
	for name, text := range map[string]string{
		"case": d.CaseID, "beneficiary": d.Beneficiary, "recipient": d.Recipient, "number": d.Number, "territory": d.Territory,
		"office": d.Office, "author": d.Author,
	} {
		setText(data, name, text)
	}
	if !d.From.IsZero() {
		setDays(data, d.From, d.To)
	}
	return &expr.Record{Type: "Decision", ID: d.ID, Data: data}
}

// paid notes that what persons are paid has changed: measures that read awards may say otherwise now.
func (w *work) paid(a *kernel.Award) {
	w.paidTo = append(w.paidTo, a.Persons...)
	for _, id := range []string{a.Beneficiary, a.Recipient} {
		if id != "" {
			w.paidTo = append(w.paidTo, id)
		}
	}
}

// paidFacts are the types of facts that a change of awards touches; none where no measure reads them.
func (w *work) paidFacts() []string {
	if len(w.paidTo) == 0 || len(w.measures((*measure.Measure).ReadsAwards)) == 0 {
		return nil
	}
	return []string{"Award", "Entitlement"}
}

// isKernelType tells that records of a type are the kernel's own rows, not documents.
func isKernelType(typ string) bool {
	return typ != "Case" && (schema.KernelType(typ) != nil || schema.KernelFact(typ) != nil)
}
