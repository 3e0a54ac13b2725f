package command

import (
	"mera/kernel"
	"mera/kernel/exchange"
	"mera/workflows"
)

// answerWork is the name of a task that an answer gives.
const answerWork = "answer"

// act does what an answer says beside its documents: with the case that asked, or by an event in another one.
func (w *work) act(q *kernel.Request, in exchange.Intent, r *kernel.Record, made map[string]*kernel.Record) error {
	switch in.Verb {
	case "fire":
		return w.fireStep(in, r, made)
	case "send":
		return w.sendOut(r, in.Target)
	case "print":
		if def := w.live.Catalog.PrintForms[in.Target]; def == nil || def.About.Text != r.Type {
			return kernel.Errorf(kernel.Invalid, "unknown-print-form", in.Target)
		}
		w.job("print", PrintArgs{Form: in.Target, Type: r.Type, Case: r.ID, Key: w.road.IDs.New()})
	case "notify":
		word := NotifyArgs{Form: in.With, Type: r.Type, Case: r.ID, Role: in.Target, Key: w.road.IDs.New()}
		if p := w.live.Catalog.Documents[r.Type].Property(in.Target); p != nil && isLink(p) {
			if word.Role, word.Party = "", text(r.Data, in.Target); word.Party == "" {
				return nil
			}
		}
		w.job("notify", word)
	case "task":
		return w.tx.PutTask(w.ctx, &kernel.Task{
			ID: w.road.IDs.New(), Scope: scopeOf(r), Name: own(answerWork, in.Step), State: r.Case.State, Role: reviewRole, Item: q.ID,
			Title: in.Target, Status: "open", CreatedAt: w.now,
		})
	}
	return nil
}

// fireStep fires an event in the case that asked, or in another one.
func (w *work) fireStep(in exchange.Intent, r *kernel.Record, made map[string]*kernel.Record) error {
	if in.Of != "" {
		found, err := w.reference(in.Of, made)
		if err != nil {
			return err
		}
		if r, err = w.lockCase(found.Type, found.ID); err != nil {
			return err
		}
	}
	return w.move(r, workflows.Trigger{Kind: workflows.Event, Name: in.Target, At: w.now}, nil)
}
