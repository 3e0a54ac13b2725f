package workflows

import (
	"context"
	"slices"
	"time"

	"mera/kernel/calendar"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
	"mera/workflows/definition"
)

// Host is what a move needs from outside: the engine of measures, with the case as it stands in the middle of the
// move. Its errors end the move.
type Host interface {
	// Decide determines the right now and records the decision.
	Decide(q Question) (DecisionView, error)
	// Decidable tells whether Decide would give granted or refused. It records nothing.
	Decidable(q Question) (bool, error)
	// Needs are the requests that the facts of the measure need and that no fresh answer covers.
	Needs(q Question) ([]Need, error)
	// Take finds the first row of a list that nobody else gets and that this move has not taken before, and keeps it for
	// this move; nil if there is none.
	Take(list string, given map[string]any) (*expr.Record, error)
	// Rows decides rows of a case, or seals what was decided of them.
	Rows(q RowsQuestion) (RowsAnswer, error)
}

// RowsQuestion is one step through the rows of a case, in the order of their ids. The rows are those of Rows, else the
// records of Type whose property Link leads to the case.
type RowsQuestion struct {
	Measure string
	Asked   value.Date
	Type    string
	Link    string
	Rows    []string
	After   string // id of the last row of the step before

	Seal    bool            // seal decisions instead of making them; a row whose decision would be another one now is left to a person
	One     string          // decide only this row, and with Seal seal it then
	Answers map[string]bool // of a person about One, by condition or fact
	Number  *schema.Number  // of sealed decisions
}

// RowsAnswer is what came of a step: of rows that were decided, what they are now; of rows that could not be sealed and
// are Unclear from now on, what they were. An unclear row is left to a person, who comes back with the trigger Row.
type RowsAnswer struct {
	RowCount
	After string
	End   bool     // no row is left
	Names []string // of One that is unclear: what a person may answer
}

// RowCount counts rows by what was decided of them.
type RowCount struct {
	Granted int `json:"granted,omitempty"`
	Refused int `json:"refused,omitempty"`
	Unclear int `json:"unclear,omitempty"`
}

// Question is a measure asked for a case in the middle of a move: Doc has the patch of the move in it, Answers the
// answers that came with its event. Asked is zero where the definition does not set another day than the measure's.
// Doc must not be changed or kept.
type Question struct {
	Measure string
	Asked   value.Date
	Doc     *expr.Record
	Answers map[string]bool // by condition or fact
}

// Need is one request to an agency: about whom, for which day.
type Need struct {
	Request string     `json:"request"` // an exchange, or exchange.flow
	Type    string     `json:"type"`    // of the subject
	ID      string     `json:"id"`
	Asked   value.Date `json:"asked,omitzero"`
}

// Input is a case as it stands, and the world around it. Fire changes nothing in it.
type Input struct {
	Ctx      context.Context
	Snapshot Snapshot // zero for the trigger Created
	Doc      *expr.Record
	Work     []WorkView // all that was ever opened for the case, in the order of opening; see WorkView
	Decision *DecisionView
	Data     map[string]any // of the event, in stored form
	Actor    Actor
	Now      time.Time
	Zone     *time.Location // of the office of the case; nil is UTC
	World    expr.World
	Calendar calendar.Calendar
	Host     Host
}

// Actor is who acts.
type Actor struct {
	ID      string
	Name    string // what people read; may be empty
	Kind    string // staff, citizen, system, agency, public
	Roles   []string
	Person  string   // id of his Person
	Office  string   // id of his Office
	Stands  []string // ids of the actors for whom he stands in and of those who stand in for him: four eyes see them as one
	Parties []string // only for Editable: the links of the case that lead to him, from Machine.Parties
}

func (a Actor) system() bool { return a.Kind == definition.System }

func (a Actor) has(role string) bool { return slices.Contains(a.Roles, role) }

// WorkKind is the kind of a piece of work.
type WorkKind string

// Kinds of work. An `ask` opens requests.
const (
	RequestWork WorkKind = "request"
	TaskWork    WorkKind = "task"
	CaseWork    WorkKind = "case"
)

// WorkStatus is how a piece of work stands.
type WorkStatus string

// Statuses of work. A request is done when nothing more will come of it by itself: answered, none, unclear, failed or
// late. A child case is done when it is final.
const (
	WorkOpen      WorkStatus = "open"
	WorkDone      WorkStatus = "done"
	WorkCancelled WorkStatus = "cancelled"
)

// WorkView is a task, request or child case that an OpenWork opened. Name and Item are those of the OpenWork; of
// several with the same name and item the last one counts, so older ones may be left out.
type WorkView struct {
	Kind   WorkKind
	Name   string
	Item   string
	State  string // in which it was opened
	Status WorkStatus
	Choice string
	By     string // id of the actor who did it
	At     time.Time
	Late   bool         // done after its term, or not done and the term is over
	Worker string       // a task's: id of the actor it is given to
	Party  string       // a task's: id of the Person or Office it is for
	Child  *expr.Record // the child case
}

// DecisionView is what workflows read of a decision.
type DecisionView struct {
	Measure string
	Result  string // granted, refused or unclear
	Reasons []Reason
	Unclear []string // facts and conditions that a person may answer
	Period  value.Period
	Amount  value.Money
	Number  string
	Date    value.Date
	Rows    *RowCount // of a decision on many rows: how many are which
}

// Reason is one ground of a refusal.
type Reason struct {
	Condition, Title, Text string
}

// TriggerKind says why the case is looked at.
type TriggerKind string

// Kinds of triggers. Redecide runs the `decide` of the present state again: what the decision read has changed. Row is
// for one unclear row, whose id is the name: a person has done what is needed, or answers in Input.Data.
const (
	Created  TriggerKind = "created"
	Event    TriggerKind = "event"
	Changed  TriggerKind = "changed"
	TimerDue TriggerKind = "timer"
	Redecide TriggerKind = "redecide"
	Row      TriggerKind = "row"
)

// Trigger is what happened. Name is the event's or the timer's. At is when an event happened, if that was earlier
// than Input.Now: a late truth beats the timer that rang in between.
//
// Changed is for whatever a `when` may read: the document, its work, records around it. It counts as an act of
// Input.Actor in the present state, so a change that was not made in this case comes from the system actor.
type Trigger struct {
	Kind TriggerKind
	Name string
	At   time.Time
}
