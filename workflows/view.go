package workflows

import (
	"slices"

	"mera/schema"
	"mera/schema/expr"
	"mera/workflows/definition"
)

// EventView is an event that the actor could fire now.
type EventView struct {
	Event string
	Title string   // what people read on the button; may be empty
	Ask   []string // names of the data that it asks for
	To    string   // the state to which it leads; "" if the case stays
}

// Events are the events that the actor could fire now, in the written order. A condition that reads the data of the
// event cannot be judged before they are given; such an event is listed.
func (m *Machine) Events(in Input) ([]EventView, error) {
	r := newRun(m, in, Trigger{Kind: Event})
	if r.state = m.w.State(r.s.State); r.state == nil {
		return nil, nil
	}
	var out []EventView
	for _, t := range r.state.Next {
		name := t.Def.Event.Text
		listed := slices.ContainsFunc(out, func(v EventView) bool { return v.Event == name })
		if t.Trigger != definition.ByEvent || listed || !r.may(t.By) || r.excluded(r.state, t) != "" {
			continue
		}
		if t.Cond == nil || !slices.Contains(t.Cond.Reads(), "data") {
			if ok, err := r.truth(t.Cond, nil); err != nil {
				return nil, err
			} else if !ok {
				continue
			}
		}
		view := EventView{Event: name, Title: t.Def.Title, To: t.To}
		for _, a := range t.Ask {
			view.Ask = append(view.Ask, a.Name)
		}
		out = append(out, view)
	}
	return out, nil
}

// Parties are the names of the links by which an actor is a party of a case.
func (m *Machine) Parties(doc *expr.Record, a Actor) []string {
	r := reading(m, Input{Doc: doc, Actor: a})
	var out []string
	for _, p := range m.w.About.Properties {
		if p.Type == nil || p.Type.Kind != schema.Link || (p.Type.Of != definition.PersonType && p.Type.Of != definition.OfficeType) {
			continue
		}
		if r.is(definition.Who{Name: p.Name, Kind: definition.PartyWho, Party: p}) {
			out = append(out, p.Name)
		}
	}
	return out
}

// Editable tells which properties an actor may change in a state: all, or some. Roles of the actor count and, as
// a.Parties, the parties that he is in the case.
func (m *Machine) Editable(state string, a Actor) (all bool, props []string) {
	st := m.w.State(state)
	if st == nil {
		return false, nil
	}
	for _, e := range st.Def.Edit {
		if !a.has(e.Who.Text) && !slices.Contains(a.Parties, e.Who.Text) && (e.Who.Text != definition.System || !a.system()) {
			continue
		}
		all = all || e.All
		for _, p := range e.Properties {
			if !slices.Contains(props, p.Text) {
				props = append(props, p.Text)
			}
		}
	}
	return all, props
}
