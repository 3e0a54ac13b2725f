package workflows

import (
	"fmt"
	"time"

	"mera/schema"
	"mera/schema/value"
)

// Outcome is what must become of a case. The caller stores it whole, in one transaction, in the order of the fields
// Set, Settle, Done, Drop, Cancel, Open, Effects, Timers.
type Outcome struct {
	Snapshot Snapshot // stored with the case and given back with the next trigger
	State    string
	Final    bool   // all timers are gone; open work was cancelled except `keep`
	Moved    []Move // states entered, in order; empty where the case stayed

	Set       map[string]any // patch of the document in stored form; a nil value removes the property
	Numbered  []string       // properties with an x-number for which the time has come (`at: state`): give them once
	DraftLeft bool           // a draft was left: the whole document must be valid now, not only its types

	Decision *DecisionView  // the last one made by this trigger; nil where none was
	Settle   string         // granted or refused: seal the last decision; if Decision is nil, what it read may have changed (STALE)
	Number   *schema.Number // with Settle: how the decision is numbered; nil where the workflow says nothing

	Done   []Done    // open tasks of the actor that his events finish
	Drop   []WorkRef // open work whose row left the list of `each`: cancel it
	Cancel []string  // names of work whose open items are to be cancelled
	Open   []OpenWork

	Effects []Effect
	Timers  []Timer // the full set of live timers: replaces the former set
	Due     value.Date
	Office  string // id of the Office that owns the case from now on; "" leaves it
}

// Move is one entry of a state. By names what led there: an event, or the address of a transition such as
// "when:granted", "after:byHand"; "created" and "moved" are entries without a transition.
type Move struct {
	From, To string
	By       string
	At       time.Time
}

// Done is a task that an event finishes, and what was chosen.
type Done struct {
	WorkRef
	Choice string
}

// WorkRef names one item of work.
type WorkRef struct {
	Name, Item string
}

// OpenWork is a task, request or case to open.
type OpenWork struct {
	Kind   WorkKind
	Name   string // by which expressions know it: work.<name>
	Target string // the exchange, the task's id, or the document type of the case
	Title  string
	Item   string // the row of `each`, or the request of an `ask`; "" for work that is one
	State  string

	SubjectType string     // of a request: the record that it is about
	SubjectID   string     // "" if there is none: then there is nobody to ask about
	Asked       value.Date // of a request of an `ask`: the day for which it asks

	Sources map[string]string // of a request made from more records: their ids by the names of its sources

	Role    string // of a task: who may do it
	Party   string // of a task: id of the Person or Office who may or shall do it
	Worker  string // of a task: id of the actor to whom it is given
	Form    string
	Not     []string // of a task: nobody who acted in these states
	Choices []string
	Due     time.Time      // of a task with `within`; zero for none
	Set     map[string]any // of a case: its properties in stored form, its card among them

	Keep, Once bool
}

// Verb of an Effect.
type Verb string

// Verbs. Set, Create, Start, Fire, Transfer and Stop belong into the transaction, and their refusal refuses the
// trigger; Print, Notify, Send, Offer and Warn are jobs after the commit. Set and Fire are only for other records: the
// own document is patched by Outcome.Set, events of the own case have happened. A row that was taken from a list is a
// Fire with the values that were given.
const (
	Set      Verb = "set"      // Of: the records; Values: the patch
	Create   Verb = "create"   // Target: the type; Values, its card among them
	Start    Verb = "start"    // as Create, with this case as the parent
	Fire     Verb = "fire"     // Target: the event; Of: the cases; Values: what is given to a list, of which the event takes what it asks for
	Transfer Verb = "transfer" // Target: id of the Office; also in Outcome.Office
	Stop     Verb = "stop"     // Target: awards
	Print    Verb = "print"    // Target: the print form; Values: what is given to it
	Notify   Verb = "notify"   // Party (or Role): whom; With: the print form
	Send     Verb = "send"     // Target: exchange.flow
	Offer    Verb = "offer"    // Target: the tag of measures; Of: the persons
	Warn     Verb = "warn"     // Role: whom; Target: the deadline; Due: its day
)

// Effect is one thing to do, with all its values.
type Effect struct {
	Verb   Verb
	Target string
	Values map[string]any // stored form
	Of     []RecordRef
	Role   string
	Party  string // id of the Person or Office
	With   string
	Due    value.Date
}

// RecordRef names a record.
type RecordRef struct {
	Type, ID string
}

// Timer is a time at which the case must be looked at: Fire with TimerDue and the name, as the system actor. A timer
// may be due already. One that is no longer live does nothing.
type Timer struct {
	Name string
	Due  time.Time
}

// RefusalCode is the class of a Refusal.
type RefusalCode string

// Classes of refusals.
const (
	DeniedCode   RefusalCode = "denied"   // this actor may not
	StaleCode    RefusalCode = "stale"    // the case has moved on
	InvalidCode  RefusalCode = "invalid"  // the data of the event are wrong
	ConflictCode RefusalCode = "conflict" // it is not possible now
	LimitCode    RefusalCode = "limit"    // more moves or rows than a case may have
)

// Refusal is an event that is not done: nothing of it may be stored. Message is a key of the message catalog; the
// keys are
//
//	workflow.event-unknown {event}            workflow.event-not-here {event} {state}
//	workflow.event-not-yours {event}          workflow.four-eyes {event} {state}
//	workflow.event-not-now {event}            workflow.event-data {event}
//	workflow.event-future {event}             workflow.event-before-entry {event} {state}
//	workflow.final {event}                    workflow.state-gone {state}
//	workflow.settle {state} {result}          workflow.moves {count}          workflow.rows {work} {count}
//	workflow.list-empty {list}                workflow.row-unclear {names}    workflow.row-unknown {row}
type Refusal struct {
	Code    RefusalCode
	Message string
	Args    []any
	Fields  []FieldError // of invalid data
}

// FieldError is one wrong value of an event's data. Code is required, unknown, type, enum, item, short, long,
// pattern, small, large or answer.
type FieldError struct {
	Path, Code string
}

func (r *Refusal) Error() string {
	s := fmt.Sprintf("%s: %s %v", r.Code, r.Message, r.Args)
	for _, f := range r.Fields {
		s += fmt.Sprintf("; %s %s", f.Path, f.Code)
	}
	return s
}

func refuse(code RefusalCode, message string, args ...any) *Refusal {
	return &Refusal{Code: code, Message: message, Args: args}
}
