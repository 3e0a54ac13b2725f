package command

import (
	"encoding/json"
	"slices"

	"mera/kernel"
	"mera/kernel/measure"
	"mera/schema/expr"
	"mera/schema/value"
	"mera/workflows"
)

// outdatedDecision is the error of a settle whose decision would be another one now.
type outdatedDecision struct{ typ, id string }

func (o *outdatedDecision) Error() string {
	return "the facts of the decision on " + o.id + " have changed"
}

// version is a record as a decision reads it: in the version that it has once this command is written.
func (w *work) version(r *kernel.Record) *expr.Record {
	v := view(r)
	if slices.Contains(w.dirty, r.ID) {
		v.Version++
	}
	return v
}

// stillSo decides again, without keeping it, and compares: nothing that the decision read may have changed since.
func (h *host) stillSo(d *measure.Decision) error {
	now, err := h.judge(workflows.Question{Measure: d.Measure, Asked: d.Asked, Answers: d.Answers})
	if err != nil {
		return err
	}
	was, is := substance(h.of.ID, d), substance(h.of.ID, now)
	if string(was) != string(is) {
		return &outdatedDecision{h.of.Type, h.of.ID}
	}
	return nil
}

// substance is what a decision says and what it has read, but for the case itself, whose version each move changes.
func substance(of string, d *measure.Decision) []byte {
	type slice struct {
		From, To value.Date
		Status   measure.Status
		Amount   value.Money
	}
	type let struct {
		Name  string
		Value measure.Plain
	}
	out := struct {
		Result                 measure.Result
		Beneficiary, Recipient string
		Reasons, Unclear       []string
		Period                 value.Period
		Purpose                measure.Purpose
		Lets                   []let
		Read                   []measure.Ref
		Slices                 []slice
	}{Result: d.Result, Beneficiary: d.Beneficiary, Recipient: d.Recipient, Period: d.Period, Purpose: d.Purpose}
	out.Unclear = append(out.Unclear, d.Unclear...)
	for _, r := range d.Reasons {
		out.Reasons = append(out.Reasons, r.Condition)
	}
	for _, l := range d.Lets {
		out.Lets = append(out.Lets, let{l.Name, l.Value})
	}
	for _, f := range d.Facts {
		for _, ref := range f.Records {
			if ref.ID != of {
				out.Read = append(out.Read, ref)
			}
		}
	}
	for _, s := range d.Slices {
		out.Slices = append(out.Slices, slice{s.From, s.To, s.Status, s.Amount})
	}
	b, _ := json.Marshal(out) // names, dates and sums always encode
	return b
}
