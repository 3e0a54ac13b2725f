package command

import (
	"time"

	"mera/kernel"
	"mera/workflows"
)

// effects does what a transition brings, in order: in the transaction, or by jobs after the commit. Each paper and each
// word has a key of its own, so a job that runs twice leaves one.
func (w *work) effects(r *kernel.Record, list []workflows.Effect) error {
	printed := map[string]string{} // form → key of the paper
	for _, e := range list {
		switch e.Verb {
		case workflows.Print:
			printed[e.Target] = w.road.IDs.New()
			w.job("print", PrintArgs{Form: e.Target, Type: r.Type, Case: r.ID, Key: printed[e.Target]})
		case workflows.Notify:
			w.job("notify", NotifyArgs{
				Form: e.With, Type: r.Type, Case: r.ID, Party: e.Party, Role: e.Role, Print: printed[e.With], Key: w.road.IDs.New(),
			})
		default:
			if err := w.effect(r, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *work) effect(r *kernel.Record, e workflows.Effect) error {
	switch e.Verb {
	case workflows.Create:
		_, err := w.create(e.Target, e.Values, origin{stored: true})
		return err
	case workflows.Start:
		_, err := w.create(e.Target, e.Values, origin{parent: r, stored: true})
		return err
	case workflows.Set:
		return w.each(e.Of, func(other *kernel.Record) error { return w.patch(other, e.Values, true) })
	case workflows.Fire:
		return w.each(e.Of, func(other *kernel.Record) error {
			if other.Case == nil {
				return kernel.Errorf(kernel.Invalid, "not-a-case")
			}
			return w.move(other, workflows.Trigger{Kind: workflows.Event, Name: e.Target, At: w.now}, w.asked(other, e.Target, e.Values))
		})
	case workflows.Transfer:
		return nil // Outcome.Office has it
	case workflows.Stop:
		return w.stopAwards(r)
	case workflows.Send:
		return w.sendOut(r, e.Target)
	case workflows.Offer:
		for _, person := range e.Of {
			w.job("offer", OfferArgs{Tag: e.Target, Person: person.ID, Type: r.Type, Case: r.ID, Key: w.road.IDs.New()})
		}
		return nil
	case workflows.Warn:
		return w.warn(r, e)
	}
	return kernel.Errorf(kernel.Invalid, "effect-not-supported", string(e.Verb))
}

func (w *work) each(refs []workflows.RecordRef, do func(*kernel.Record) error) error {
	for _, ref := range refs {
		other, err := w.lock(ref.Type, ref.ID)
		if err != nil {
			return err
		}
		if err := do(other); err != nil {
			return err
		}
	}
	return nil
}

// sendOut opens a message to an agency that no state waits for. It is about the case itself, or about the record of
// the right type to which the case leads: its card, else the first link.
func (w *work) sendOut(r *kernel.Record, target string) error {
	flow, err := w.live.Exchanges.Request(target)
	if err != nil {
		return err
	}
	return w.ask(r, workflows.OpenWork{
		Kind: workflows.RequestWork, Name: own(sendWork, target), Target: target, State: r.Case.State,
		SubjectType: flow.Subject(), SubjectID: w.related(r, flow.Subject()),
	})
}

// related is the record of a type that belongs to a case: itself, its card, else the first one that it links to.
func (w *work) related(r *kernel.Record, typ string) string {
	def := w.live.Catalog.Documents[r.Type]
	if typ == r.Type {
		return r.ID
	}
	if def.Card != nil && def.Card.Type.Text == typ {
		return r.Card
	}
	for _, p := range def.Properties {
		if id := text(r.Data, p.Name); id != "" && isLink(p) && p.Type.Of == typ {
			return id
		}
	}
	return ""
}

// Work of the kernel's own has names that no workflow can give.
const (
	warnWork   = "warn"
	reviewWork = "review"
	sendWork   = "send"
	rowWork    = "row"
)

func own(work, of string) string { return work + ":" + of }

// warn gives a task to a role: a deadline comes near. A warning of the same deadline that is still open is out of date.
func (w *work) warn(r *kernel.Record, e workflows.Effect) error {
	name := own(warnWork, e.Target)
	if err := w.tx.CancelWork(w.ctx, r.ID, name, nil); err != nil {
		return err
	}
	w.journal("warn:"+e.Target, r, e.Role)
	title, texts := w.spoken(w.message("deadline-near", plain(e.Due.Time(time.UTC).Format("02.01.2006")), w.deadlineTitle(r, e.Target)))
	return w.tx.PutTask(w.ctx, &kernel.Task{
		ID: w.road.IDs.New(), Scope: scopeOf(r), Name: name, State: r.Case.State, Role: e.Role, Item: e.Due.String(), Status: "open", CreatedAt: w.now,
		Title: title, Texts: texts,
		Due: e.Due.AddDays(1).Time(w.zone(r)).UTC(),
	})
}

// deadlineTitle is what people call a deadline: its title, else that of its document.
func (w *work) deadlineTitle(r *kernel.Record, name string) phrase {
	def := w.live.Machines[r.Type].Def()
	for _, d := range def.Deadlines {
		if d.Name == name && d.Title != "" {
			return w.titled(d.Title, "workflows/"+def.Name+"/deadlines/"+name+"/title")
		}
	}
	return w.titled(w.live.Catalog.Documents[r.Type].Title, "documents/"+r.Type+"/title")
}

// endWarnings takes back the warnings of deadlines that a move has met, and all of a case that has ended.
func (w *work) endWarnings(r *kernel.Record, out *workflows.Outcome) error {
	if len(out.Moved) == 0 {
		return nil
	}
	for name, term := range out.Snapshot.Terms {
		if out.Final || !term.Met.IsZero() {
			if err := w.tx.CancelWork(w.ctx, r.ID, own(warnWork, name), nil); err != nil {
				return err
			}
		}
	}
	return nil
}
