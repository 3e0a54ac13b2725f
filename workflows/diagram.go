package workflows

import (
	"fmt"
	"strings"
)

// diagram is the workflow as a Mermaid state diagram.
func (m *workflow) diagram() string {
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
