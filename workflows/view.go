package workflows

import (
	"fmt"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
)

// EventView is an event that the actor could fire now.
type EventView struct {
	Event string
	Ask   []string // names of the data that it asks for
	To    string   // the state to which it leads; "" if the case stays
}

// Events are the events that the actor could fire now, in the written order. A condition that reads the data of the
// event cannot be judged before they are given; such an event is listed.
func (m *Machine) Events(in Input) ([]EventView, error) {
	r := newRun(m, in, Trigger{Kind: Event})
	if r.state = m.state(r.s.State); r.state == nil {
		return nil, nil
	}
	var out []EventView
	for _, t := range r.state.next {
		name := t.def.Event.Text
		listed := slices.ContainsFunc(out, func(v EventView) bool { return v.Event == name })
		if t.trigger != byEvent || listed || !r.may(t.by) || r.excluded(r.state, t) != "" {
			continue
		}
		if t.cond == nil || !slices.Contains(t.cond.Reads(), "data") {
			if ok, err := r.truth(t.cond, nil); err != nil {
				return nil, err
			} else if !ok {
				continue
			}
		}
		view := EventView{Event: name, To: t.to}
		for _, a := range t.ask {
			view.Ask = append(view.Ask, a.name)
		}
		out = append(out, view)
	}
	return out, nil
}

// Parties are the names of the links by which an actor is a party of a case.
func (m *Machine) Parties(doc *expr.Record, a Actor) []string {
	r := newRun(m, Input{Doc: doc, Actor: a}, Trigger{})
	var out []string
	for _, p := range m.about.Properties {
		if p.Type == nil || p.Type.Kind != schema.Link || (p.Type.Of != personType && p.Type.Of != officeType) {
			continue
		}
		if r.is(who{name: p.Name, kind: partyWho, party: p}) {
			out = append(out, p.Name)
		}
	}
	return out
}

// Editable tells which properties an actor may change in a state: all, or some. Roles of the actor count and, as
// a.Parties, the parties that he is in the case.
func (m *Machine) Editable(state string, a Actor) (all bool, props []string) {
	st := m.state(state)
	if st == nil {
		return false, nil
	}
	for _, e := range st.def.Edit {
		if !a.has(e.Who.Text) && !slices.Contains(a.Parties, e.Who.Text) && (e.Who.Text != systemKind || !a.system()) {
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

// Diagram is the workflow as a Mermaid state diagram.
func (m *Machine) Diagram() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range m.states {
		if title := s.def.Title; title != "" {
			fmt.Fprintf(&b, "  %s: %s\n", s.def.Name, plain(title))
		}
	}
	fmt.Fprintf(&b, "  [*] --> %s\n", m.states[0].def.Name)
	for _, s := range m.states {
		for _, t := range s.next {
			to := t.to
			if to == "" {
				to = s.def.Name
			}
			fmt.Fprintf(&b, "  %s --> %s: %s\n", s.def.Name, to, plain(t.label()))
		}
		if s.def.Final {
			fmt.Fprintf(&b, "  %s --> [*]\n", s.def.Name)
		}
	}
	return b.String()
}

// plain keeps a text from ending a line or a label of the diagram.
func plain(s string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", ":", "﹕", ";", ",", "#", "").Replace(s)
}

func (t *transition) label() string {
	switch t.trigger {
	case byEvent:
		label := t.def.Event.Text
		if by := strings.Join(texts(t.def.By), ", "); by != "" {
			label += " by " + by
		}
		if !t.def.If.IsZero() {
			label += " if " + t.def.If.Text
		}
		return label
	case byWhen:
		return "when " + t.def.When.Text
	case byAfter:
		return "after " + t.def.After.Text
	case byAt:
		return "at " + t.def.At.Text
	case byEvery:
		return "every " + t.def.Every.Steps[0].Each.Text
	}
	return "otherwise"
}
