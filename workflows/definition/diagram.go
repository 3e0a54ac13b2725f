package definition

import (
	"fmt"
	"strings"
)

// Diagram is the workflow as a Mermaid state diagram.
func (m *Workflow) Diagram() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range m.States {
		if title := s.Def.Title; title != "" {
			fmt.Fprintf(&b, "  %s: %s\n", s.Def.Name, plain(title))
		}
	}
	fmt.Fprintf(&b, "  [*] --> %s\n", m.States[0].Def.Name)
	for _, s := range m.States {
		for _, t := range s.Next {
			to := t.To
			if to == "" {
				to = s.Def.Name
			}
			fmt.Fprintf(&b, "  %s --> %s: %s\n", s.Def.Name, to, plain(t.label()))
		}
		if s.Def.Final {
			fmt.Fprintf(&b, "  %s --> [*]\n", s.Def.Name)
		}
	}
	return b.String()
}

// plain keeps a text from ending a line or a label of the diagram.
func plain(s string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", ":", "﹕", ";", ",", "#", "").Replace(s)
}

func (t *Transition) label() string {
	switch t.Trigger {
	case ByEvent:
		label := t.Def.Event.Text
		if by := strings.Join(Texts(t.Def.By), ", "); by != "" {
			label += " by " + by
		}
		if !t.Def.If.IsZero() {
			label += " if " + t.Def.If.Text
		}
		return label
	case ByWhen:
		return "when " + t.Def.When.Text
	case ByAfter:
		return "after " + t.Def.After.Text
	case ByAt:
		return "at " + t.Def.At.Text
	case ByEvery:
		return "every " + t.Def.Every.Steps[0].Each.Text
	}
	return "otherwise"
}
