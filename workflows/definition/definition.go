package definition

import (
	"slices"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// Workflow is a compiled workflow. It never changes.
type Workflow struct {
	Def       *schema.Workflow
	Cat       *schema.Catalog
	About     *schema.Document
	Office    *expr.Program // nil: the office of who made the case
	States    []*State
	Deadlines []*Deadline
	Works     []*Work // of all states; those of one name are the same work
}

// State finds a state by name, or the one to which a dropped state has moved; nil if there is neither.
func (w *Workflow) State(name string) *State {
	for range len(w.Def.Moved) + 1 {
		i := slices.IndexFunc(w.States, func(s *State) bool { return s.Def.Name == name })
		if i >= 0 {
			return w.States[i]
		}
		name = w.Def.Moved[name]
	}
	return nil
}

// Work finds work by name; nil if there is none.
func (w *Workflow) Work(name string) *Work { return workNamed(w.Works, name) }

func workNamed(works []*Work, name string) *Work {
	i := slices.IndexFunc(works, func(w *Work) bool { return w.Name == name })
	if i < 0 {
		return nil
	}
	return works[i]
}

// State is a place in the life of a case. Next are its own transitions, then those of `anytime` that name it.
type State struct {
	Def    *schema.State
	Do     []*Effect
	Decide *Decide // nil: it decides nothing
	Work   []*Work
	Next   []*Transition
}

// Events are the transitions of an event, in their order.
func (s *State) Events(name string) []*Transition {
	var out []*Transition
	for _, t := range s.Next {
		if t.Trigger == ByEvent && t.Def.Event.Text == name {
			out = append(out, t)
		}
	}
	return out
}

// WorkNamed finds the state's own work by name; nil if there is none.
func (s *State) WorkNamed(name string) *Work { return workNamed(s.Work, name) }

// Decide asks a measure on entry: about the case, or about each of its rows.
type Decide struct {
	Measure string
	Asked   *expr.Program   // nil: the measure's own day
	Each    *expr.Program   // the rows; nil: the case itself
	Rows    *schema.Inverse // the link of the rows to the case, where each is that
}

// Results of a determination.
const (
	Granted = "granted"
	Refused = "refused"
	Unclear = "unclear"
)

// Who is a role, a party (a link of the document to a Person or an Office) or the system.
type Who struct {
	Name  string
	Kind  WhoKind
	Party *schema.Property // of a party
}

// WhoKind tells what the name of a Who means.
type WhoKind int

// Kinds of Who.
const (
	RoleWho WhoKind = iota
	PartyWho
	SystemWho
)

// System is how `by` names the system.
const System = "system"

// Kinds of work. An ask opens requests.
const (
	RequestKind = "request"
	TaskKind    = "task"
	CaseKind    = "case"
)

// Work is something that a state waits for.
type Work struct {
	Def         *schema.Work
	Name        string
	Kind        string        // RequestKind, TaskKind or CaseKind
	Target      string        // measure of an ask, exchange of a request, id of a task, type of a case
	Ask         bool          // opens the requests that the measure needs
	Each        *expr.Program // one for each row; nil: one
	Cond        *expr.Program // nil: always
	By          Who           // of a task: a role, or without a name whoever `to` finds
	To          *expr.Program
	Within      value.Duration
	Set         []*expr.Setter // of a case
	Subject     *expr.Program  // of a request: whom it is about
	SubjectType string
	Sources     []Source // of a request: the records that it is made from besides
}

// Source is a record from which a request is made, under its name in the exchange.
type Source struct {
	Name   string
	Record *expr.Program
}

// Many tells that expressions see a list.
func (w *Work) Many() bool { return !w.Def.Each.IsZero() }

// DoneBy tells that an event does the task: one that the task's role may fire. A task without a role is done by any.
func (w *Work) DoneBy(t *Transition) bool {
	return w.By.Name == "" || slices.ContainsFunc(t.By, func(by Who) bool { return by.Name == w.By.Name })
}

// Trigger is what makes a transition move.
type Trigger int

// Triggers. Those after ByEvent are timed.
const (
	Otherwise Trigger = iota
	ByWhen
	ByEvent
	ByAfter
	ByAt
	ByEvery
)

// Transition is one item of `next` or `anytime`.
type Transition struct {
	Def     *schema.Next
	Address string // unique in its state: "approve", "when:granted", "after:byHand", "every:"
	Anytime bool
	Trigger Trigger
	When    *expr.Program // of ByWhen and ByAt
	After   value.Duration
	Every   *Every
	By      []Who
	Ask     []Ask
	Cond    *expr.Program // `if`; nil: always
	Do      []*Effect     // `do`, or `stay`
	To      string        // "" stays
}

// Timed transitions have a timer.
func (t *Transition) Timed() bool { return t.Trigger > ByEvent }

// Automatic transitions are looked at on entry and after every change.
func (t *Transition) Automatic() bool { return t.Trigger < ByEvent }

// Asks tells whether an event asks for a name.
func (t *Transition) Asks(name string) bool {
	return slices.ContainsFunc(t.Ask, func(a Ask) bool { return a.Name == name })
}

// Ask is one thing that an event asks for. Property is nil for data of the workflow, reason and answers.
type Ask struct {
	Name     string
	Type     *schema.Type
	Property *schema.Property
}

// What an event may ask for besides properties and data.
const (
	AskReason  = "reason"
	AskAnswers = "answers"
	AskChoice  = "choice" // of a task with choices; not written in `ask`
)

// Effect is one thing to do.
type Effect struct {
	Def     *schema.Effect
	Verb    string
	Target  string
	Type    string         // of the records that are set, created or fired at
	Each    *expr.Program  // once for each row; nil: once
	Of      *expr.Program  // of set and fire; nil: the case itself
	Program *expr.Program  // the office of transfer, the persons of offer
	Set     []*expr.Setter // also what is given to the list of take
	Who     Who            // of notify
	By      value.Duration // of extend
}

// Deadline is a term of the case.
type Deadline struct {
	Def    *schema.Deadline
	Term   value.Duration
	Within *expr.Program   // instead of Term
	Most   *value.Duration // of all pauses; nil: without end
	Warn   []Warning
	Late   []*Effect
}

// Warning tells a role some time before a due date.
type Warning struct {
	Before value.Duration
	Role   string
}
