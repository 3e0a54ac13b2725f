package command

import (
	"context"
	"slices"

	"mera/forms"
	"mera/kernel"
	"mera/schema/expr"
)

// formRoles are what an actor is to forms.
func (w *work) formRoles() []string {
	return append(slices.Clone(w.actor.Roles), string(w.actor.Kind))
}

// answers holds a record against the rows of data that its form asks the actor about in a state. What the system writes
// answers no form. old is the data before a change; nil judges everything.
func (w *work) answers(r *kernel.Record, state string, old map[string]any, strict bool) ([]forms.FieldError, error) {
	if w.actor.Kind == kernel.System || !w.live.Forms.Asks(r.Type) {
		return nil, nil
	}
	asked, err := w.live.Forms.Rows(w.ctx, readable{w.world}, view(r), state, w.formRoles())
	if err != nil {
		return nil, err
	}
	return w.live.Forms.Answers(asked, r.Type, state, w.formRoles(), r.Data, old, !strict), nil
}

// stateOf is the state of a case, "" of a record that is none.
func stateOf(r *kernel.Record) string {
	if r.Case == nil {
		return ""
	}
	return r.Case.State
}

// readable is the world as the actor may see it: a record that he may not read is not there. What a form asks is
// read by everybody who opens it, so its rows may tell him nothing that a query would not.
type readable struct{ *world }

// Record loads a live record that the actor may read.
func (w readable) Record(ctx context.Context, typ, id string) (*expr.Record, error) {
	rec, err := w.world.Record(ctx, typ, id)
	if err != nil || rec == nil {
		return nil, err
	}
	return w.seen(rec)
}

// Inverse lists the records that link to one and that the actor may read.
func (w readable) Inverse(ctx context.Context, typ, id, inverse string) ([]*expr.Record, error) {
	all, err := w.world.Inverse(ctx, typ, id, inverse)
	if err != nil {
		return nil, err
	}
	var out []*expr.Record
	for _, rec := range all {
		if rec, err = w.seen(rec); err != nil {
			return nil, err
		}
		if rec != nil {
			out = append(out, rec)
		}
	}
	return out, nil
}

// seen is a record that the actor may read; nil for another.
func (w readable) seen(rec *expr.Record) (*expr.Record, error) {
	r, err := w.work.record(rec.Type, rec.ID)
	if err != nil || r == nil {
		return nil, err
	}
	switch err := w.work.gate.Check(w.work.ctx, w.work.actor, "read", r, ""); kernel.CodeOf(err) {
	case "":
		return rec, nil
	case kernel.NotFound:
		return nil, nil
	default:
		return nil, err
	}
}
