package workflows

import (
	"slices"

	"mera/schema"
	"mera/schema/expr"
	"mera/workflows/definition"
)

// Machine is a compiled workflow. It never changes and may be shared.
type Machine struct{ w *definition.Workflow }

// Compile checks a workflow of a linked catalog, whose names schema/load has resolved, and makes its machine. With a
// fault among the diagnostics the machine is nil; lints leave it whole.
func Compile(w *schema.Workflow, cat *schema.Catalog, env *expr.Env) (*Machine, schema.Diagnostics) {
	compiled, ds := definition.Compile(w, cat, env)
	if compiled == nil {
		return nil, ds
	}
	return &Machine{compiled}, ds
}

// Def is the definition.
func (m *Machine) Def() *schema.Workflow { return m.w.Def }

// Draft tells whether a new case is a draft: only the types of its document are validated until it is left.
func (m *Machine) Draft() bool { return m.w.States[0].Def.Draft }

// Flows are the properties that the workflow writes.
func (m *Machine) Flows() []expr.Flow { return m.w.Flows() }

// Steers are the expressions by which a case moves, opens work or names a day.
func (m *Machine) Steers() []*expr.Program { return m.w.Steers() }

// Decides are the measures that the workflow asks for a decision.
func (m *Machine) Decides() []string { return m.w.Decides() }

// Diagram is the workflow as a Mermaid state diagram.
func (m *Machine) Diagram() string { return m.w.Diagram() }

// Asks are the names of the data that an event asks for in a state; nil if it cannot be fired there.
func (m *Machine) Asks(state, event string) []string {
	var out []string
	if st := m.w.State(state); st != nil {
		for _, t := range st.Events(event) {
			for _, a := range t.Ask {
				if !slices.Contains(out, a.Name) {
					out = append(out, a.Name)
				}
			}
		}
	}
	return out
}
