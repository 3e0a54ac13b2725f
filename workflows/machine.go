package workflows

import (
	"slices"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// Machine is a compiled workflow. It never changes and may be shared.
type Machine struct {
	def       *schema.Workflow
	cat       *schema.Catalog
	about     *schema.Document
	office    *expr.Program
	states    []*state
	deadlines []*deadline
	works     []*work // of all states; those of one name are the same work
}

// Def is the definition.
func (m *Machine) Def() *schema.Workflow { return m.def }

// Draft tells whether a new case is a draft: only the types of its document are validated until it is left.
func (m *Machine) Draft() bool { return m.states[0].def.Draft }

// Asks are the names of the data that an event asks for in a state; nil if it cannot be fired there.
func (m *Machine) Asks(state, event string) []string {
	var out []string
	if st := m.state(state); st != nil {
		for _, t := range st.events(event) {
			for _, a := range t.ask {
				if !slices.Contains(out, a.name) {
					out = append(out, a.name)
				}
			}
		}
	}
	return out
}

// state finds a state by name, or the one to which a dropped state has moved; nil if there is neither.
func (m *Machine) state(name string) *state {
	for range len(m.def.Moved) + 1 {
		i := slices.IndexFunc(m.states, func(s *state) bool { return s.def.Name == name })
		if i >= 0 {
			return m.states[i]
		}
		name = m.def.Moved[name]
	}
	return nil
}

func (m *Machine) work(name string) *work {
	i := slices.IndexFunc(m.works, func(w *work) bool { return w.name == name })
	if i < 0 {
		return nil
	}
	return m.works[i]
}

// state is a compiled state. Its next are its own transitions, then those of `anytime` that name it.
type state struct {
	def    *schema.State
	do     []*effect
	decide *decide
	work   []*work
	next   []*transition
}

type decide struct {
	measure string
	asked   *expr.Program // nil: the measure's own day
}

// who is a role, a party (a link of the document to a Person or an Office) or the system.
type who struct {
	name  string
	kind  whoKind
	party *schema.Property
}

type whoKind int

const (
	roleWho whoKind = iota
	partyWho
	systemWho
)

type work struct {
	def         *schema.Work
	name        string
	kind        WorkKind
	target      string // measure of an ask, exchange of a request, id of a task, type of a case
	ask         bool
	each        *expr.Program
	cond        *expr.Program
	by          who
	to          *expr.Program
	within      value.Duration
	set         []*setter     // of a case
	subject     *expr.Program // of a request: whom it is about
	subjectType string
}

type triggerOf int

// What makes a transition move.
const (
	otherwise triggerOf = iota
	byWhen
	byEvent
	byAfter
	byAt
	byEvery
)

type transition struct {
	def     *schema.Next
	address string // unique in its state: "approve", "when:granted", "after:byHand", "every:"
	anytime bool
	trigger triggerOf
	when    *expr.Program // of when and at
	after   value.Duration
	every   *every
	by      []who
	ask     []ask
	cond    *expr.Program
	do      []*effect // do, or stay
	to      string    // "" stays
}

func (t *transition) timed() bool { return t.trigger >= byAfter }

// automatic transitions are looked at on entry and after every change.
func (t *transition) automatic() bool { return t.trigger == otherwise || t.trigger == byWhen }

// ask is one thing that an event asks for. Property is nil for data of the workflow, reason and answers.
type ask struct {
	name     string
	typ      *schema.Type
	property *schema.Property
}

type effect struct {
	def     *schema.Effect
	verb    Verb
	target  string
	type_   string        // of the records that are set, created or fired at
	each    *expr.Program // one effect for each row
	of      *expr.Program // of set and fire
	program *expr.Program // the office of transfer
	set     []*setter
	who     who // of notify
	by      value.Duration
}

// extend is the verb of an effect that ends inside the machine.
const extend Verb = "extend"

type deadline struct {
	def    *schema.Deadline
	term   value.Duration
	within *expr.Program // instead of term
	most   *value.Duration
	warn   []warning
	late   []*effect
}

type warning struct {
	before value.Duration
	role   string
}
