package workflows

import (
	"slices"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// workflow is a compiled workflow.
type workflow struct {
	def       *schema.Workflow
	cat       *schema.Catalog
	about     *schema.Document
	office    *expr.Program
	states    []*state
	deadlines []*deadline
	works     []*work // of all states; those of one name are the same work
}

// state finds a state by name, or the one to which a dropped state has moved; nil if there is neither.
func (w *workflow) state(name string) *state {
	for range len(w.def.Moved) + 1 {
		i := slices.IndexFunc(w.states, func(s *state) bool { return s.def.Name == name })
		if i >= 0 {
			return w.states[i]
		}
		name = w.def.Moved[name]
	}
	return nil
}

// work finds work by name; nil if there is none.
func (w *workflow) work(name string) *work {
	i := slices.IndexFunc(w.works, func(o *work) bool { return o.name == name })
	if i < 0 {
		return nil
	}
	return w.works[i]
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

// systemWord is how `by` names the system.
const systemWord = "system"

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

// Kinds of work.
const (
	requestKind = "request"
	taskKind    = "task"
	caseKind    = "case"
)

type work struct {
	def         *schema.Work
	name        string
	kind        string // requestKind, taskKind or caseKind
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
	verb    string
	target  string
	type_   string        // of the records that are set, created or fired at
	each    *expr.Program // one effect for each row
	of      *expr.Program // of set and fire
	program *expr.Program // the office of transfer
	set     []*setter
	who     who // of notify
	by      value.Duration
}

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

// Results of a determination.
const (
	granted = "granted"
	refused = "refused"
	unclear = "unclear"
)

func (s *state) events(name string) []*transition {
	var out []*transition
	for _, t := range s.next {
		if t.trigger == byEvent && t.def.Event.Text == name {
			out = append(out, t)
		}
	}
	return out
}

func (s *state) workNamed(name string) *work {
	for _, w := range s.work {
		if w.name == name {
			return w
		}
	}
	return nil
}

func (w *work) doneBy(t *transition) bool {
	return w.by.name == "" || slices.ContainsFunc(t.by, func(by who) bool { return by.name == w.by.name })
}

func (t *transition) asks(name string) bool {
	return slices.ContainsFunc(t.ask, func(a ask) bool { return a.name == name })
}
