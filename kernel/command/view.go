package command

import (
	"cmp"
	"context"
	"slices"

	"mera/forms"
	"mera/kernel"
	"mera/kernel/store"
	"mera/schema"
)

// EventView is an event that an actor may fire now, with the form of what it asks for.
type EventView struct {
	Name  string
	Title string
	Ask   []string
	Data  any
}

// Events are the events of a case that the actor may fire now. Whoever may not read the case gets NOT_FOUND.
func (r *Road) Events(ctx context.Context, actor kernel.Actor, typ, id, lang string) (out []EventView, err error) {
	live := r.Registry.Live()
	err = r.DB.Snapshot(ctx, func(tx *store.Tx) error {
		out = nil
		w := newWork(ctx, r, live, tx, actor, Command{Language: lang})
		if live.Catalog.Documents[typ] == nil {
			typ = "" // the interface
		}
		rec, err := w.record(typ, id)
		if err != nil {
			return err
		}
		if rec == nil || rec.Case == nil {
			return kernel.Errorf(kernel.NotFound, "not-found")
		}
		if err := w.gate.Check(ctx, actor, "read", rec, ""); err != nil {
			return err
		}
		in, err := w.workflowInput(rec, &host{work: w, of: rec}, nil)
		if err != nil {
			return err
		}
		machine := live.Machines[rec.Type]
		events, err := machine.Events(in)
		if err != nil {
			return w.refusal(err)
		}
		for _, e := range events {
			if w.gate.Check(ctx, actor, "fire", rec, e.Event) == nil {
				out = append(out, EventView{Name: e.Event, Title: w.eventTitle(machine.Def(), rec.Case.State, e.Event)(lang), Ask: e.Ask})
			}
		}
		return nil
	})
	return out, err
}

// eventTitle is what people read of an event in a state: of its own move, else of any that has a title, else its name.
func (w *work) eventTitle(of *schema.Workflow, state, event string) phrase {
	at := "workflows/" + of.Name + "/"
	keys, written := []string{at + "states/" + state + "/next/" + event + "/title", at + "anytime/" + event + "/title"}, ""
	see := func(moves []*schema.Next, here bool, key string) {
		for _, n := range moves {
			if n.Event.Text == event && n.Title != "" && (here || written == "") {
				written, keys = n.Title, append(keys, key)
			}
		}
	}
	see(of.Anytime, false, at+"anytime/"+event+"/title")
	for _, s := range of.States {
		see(s.Next, s.Name == state, at+"states/"+s.Name+"/next/"+event+"/title")
	}
	return w.titled(cmp.Or(written, event), keys...)
}

// Form is the form of a type in a state as the actor may fill it: of a record where id names one, which he must be
// able to read, else of one that is not made yet, of which data may say what he has filled in so far.
func (r *Road) Form(ctx context.Context, actor kernel.Actor, typ, state, id string, data map[string]any, lang string) (form any, err error) {
	live := r.Registry.Live()
	err = r.DB.Snapshot(ctx, func(tx *store.Tx) error {
		w := newWork(ctx, r, live, tx, actor, Command{Language: lang})
		rec, err := w.formed(typ, id, data)
		if err != nil {
			return err
		}
		state := cmp.Or(state, stateOf(rec))
		hidden, err := w.gate.Hidden(ctx, actor, rec)
		if err != nil {
			return err
		}
		v := live.Forms.View(typ, state, w.formRoles(), lang, func(label string) bool { return !slices.Contains(hidden, label) })
		if v == nil {
			return kernel.Errorf(kernel.Invalid, "unknown-type", typ)
		}
		asked, err := live.Forms.Rows(ctx, readable{w.world}, view(rec), state, w.formRoles())
		form = v.WithRows(asked)
		return err
	})
	return form, err
}

// formed is the record that a form is about.
func (w *work) formed(typ, id string, data map[string]any) (*kernel.Record, error) {
	if id != "" {
		found, err := w.record(typ, id)
		if err != nil {
			return nil, err
		}
		if found == nil {
			return nil, kernel.Errorf(kernel.NotFound, "not-found")
		}
		return found, w.gate.Check(w.ctx, w.actor, "read", found, "")
	}
	rec := &kernel.Record{Type: typ, Author: w.actor.ID, Office: w.actor.Office}
	if len(w.actor.Territories) > 0 {
		rec.Territory = w.actor.Territories[0] // of a record that the actor would make where he works
	}
	if w.actor.Person != "" {
		rec.Persons = []string{w.actor.Person}
	}
	if len(data) == 0 {
		return rec, nil
	}
	var faults []forms.FieldError
	if rec.Data, faults = w.live.Forms.Draft(typ, data); len(faults) > 0 {
		return nil, w.invalid(faults)
	}
	return rec, nil
}

// MayRun asks the policy for a verb that is about no record.
func (r *Road) MayRun(ctx context.Context, actor kernel.Actor, verb string) error {
	live := r.Registry.Live()
	if live == nil {
		return kernel.Errorf(kernel.Unavailable, "no-release")
	}
	return r.Gates.Of(live).CheckKernel(ctx, actor, verb)
}
