package workflows

import (
	"slices"

	"mera/schema/expr"
	"mera/workflows/definition"
)

// effects carries out a do-list: the case's own properties and terms at once, the rest as resolved effects.
func (r *run) effects(list []*definition.Effect) error {
	for _, e := range list {
		items, err := r.effectRows(e)
		if err != nil {
			return err
		}
		for _, it := range items {
			if err := r.effect(e, it); err != nil {
				return err
			}
		}
	}
	return nil
}

// effectRows are the rows of an effect with `each`; one that is nothing without.
func (r *run) effectRows(e *definition.Effect) ([]any, error) {
	if e.Each == nil {
		return []any{nil}, nil
	}
	res, err := r.eval(e.Each, nil)
	items, _ := listOf(res.Value)
	if err == nil && len(items) > maxRows {
		err = refuse(LimitCode, "workflow.rows", e.Target, len(items))
	}
	return items, err
}

func (r *run) effect(e *definition.Effect, it any) error {
	switch Verb(e.Verb) {
	case Set:
		return r.setProperties(e, it)
	case Create, Start:
		values, err := r.values(e.Set, it)
		r.effectOf(Effect{Verb: Verb(e.Verb), Target: e.Target, Values: values})
		return err
	case Fire:
		return r.fireEffect(e, it)
	case "take":
		return r.take(e, it)
	case Offer:
		refs, err := r.refsOf(e.Program, e.Type, it)
		if len(refs) > 0 {
			r.effectOf(Effect{Verb: Offer, Target: e.Target, Of: refs})
		}
		return err
	case Transfer:
		res, err := r.eval(e.Program, it)
		if err != nil {
			return err
		}
		if id := idOf(res.Value); id != "" {
			r.out.Office = id
			r.effectOf(Effect{Verb: Transfer, Target: id})
		}
	case "extend":
		r.extend(e)
	case Notify:
		r.notify(e)
	default: // stop, print, send: nothing to resolve
		r.effectOf(Effect{Verb: Verb(e.Verb), Target: e.Target})
	}
	return nil
}

func (r *run) effectOf(e Effect) { r.out.Effects = append(r.out.Effects, e) }

// setProperties patches the case's document, or the records of `of`. What is absent or unknown removes the property.
func (r *run) setProperties(e *definition.Effect, it any) error {
	patch := map[string]any{}
	for _, s := range e.Set {
		v, err := s.Value.Filled(r.known(it))
		if err != nil {
			return err
		}
		patch[s.Property] = v
	}
	if e.Of == nil {
		for _, s := range e.Set {
			r.patch(s.Property, patch[s.Property])
		}
		return nil
	}
	refs, err := r.refs(e, it)
	if len(refs) > 0 {
		r.effectOf(Effect{Verb: Set, Target: e.Type, Values: patch, Of: refs})
	}
	return err
}

// fireEffect fires an event in other cases after this move, or in this case once the move is done.
func (r *run) fireEffect(e *definition.Effect, it any) error {
	if e.Of == nil {
		r.own = append(r.own, e.Target)
		return nil
	}
	refs, err := r.refs(e, it)
	if len(refs) > 0 {
		r.effectOf(Effect{Verb: Fire, Target: e.Target, Of: refs})
		r.unsettle(refs)
	}
	return err
}

// take keeps the first row of a list that nobody else gets, and fires the list's event on it. Without a row the move is
// refused.
func (r *run) take(e *definition.Effect, it any) error {
	given, err := r.values(e.Set, it)
	if err != nil {
		return err
	}
	host, err := r.host()
	if err != nil {
		return err
	}
	row, err := host.Take(e.Target, given)
	if err != nil {
		return err
	}
	if row == nil {
		return refuse(ConflictCode, "workflow.list-empty", e.Target)
	}
	if as := e.Def.As.Text; as != "" {
		r.patch(as, row.ID)
	}
	ref := RecordRef{e.Type, row.ID}
	r.effectOf(Effect{Verb: Fire, Target: r.m.w.Cat.Lists[e.Target].Take.Text, Of: []RecordRef{ref}, Values: given})
	r.unsettle([]RecordRef{ref})
	return nil
}

// refs are the records of an `of`, once each.
func (r *run) refs(e *definition.Effect, it any) ([]RecordRef, error) {
	return r.refsOf(e.Of, e.Type, it)
}

func (r *run) refsOf(p *expr.Program, typ string, it any) ([]RecordRef, error) {
	res, err := r.eval(p, it)
	if err != nil {
		return nil, err
	}
	items, isList := listOf(res.Value)
	if !isList {
		items = []any{res.Value}
	}
	var out []RecordRef
	for _, it := range items {
		if object, ok := it.(map[string]any); ok {
			it = object[definition.ChildRecord]
		}
		rec, ok := it.(*expr.Record)
		if !ok || rec == nil {
			continue
		}
		ref := RecordRef{rec.Type, rec.ID}
		if ref.Type == "" {
			ref.Type = typ
		}
		if !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return out, nil
}

// unsettle forgets how child cases stand that an event is fired at: the event happens after this move, so whatever
// waits for them must wait until they wake the case.
func (r *run) unsettle(refs []RecordRef) {
	for i, v := range r.in.Work {
		if v.Child != nil && slices.Contains(refs, RecordRef{v.Child.Type, v.Child.ID}) {
			r.in.Work[i].Child, r.in.Work[i].Status = nil, WorkOpen
		}
	}
}

// notify tells a role, or a party if the document has it.
func (r *run) notify(e *definition.Effect) {
	n := Effect{Verb: Notify, Target: e.Target, With: e.Def.With.Text}
	if e.Who.Kind == definition.PartyWho {
		n.Party = r.partyID(e.Who)
		if n.Party == "" {
			return
		}
	} else {
		n.Role = e.Who.Name
	}
	r.effectOf(n)
}

func (r *run) extend(e *definition.Effect) {
	t, ok := r.s.Terms[e.Target]
	if !ok || !t.Met.IsZero() {
		return
	}
	t.Extended = append(slices.Clone(t.Extended), Extension{On: r.today(), By: e.By.String()})
	r.s.Terms[e.Target] = t
}
