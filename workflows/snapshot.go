package workflows

import (
	"maps"
	"slices"
	"time"

	"mera/schema/value"
)

// Snapshot is what the engine remembers of a case. It is stored as JSON with the case and read by nobody else, but
// for Terms, whose reasons explain each due date.
type Snapshot struct {
	State   string               `json:"state"`
	Opened  time.Time            `json:"opened,omitzero"`
	Since   time.Time            `json:"since,omitzero"`    // when the present state was entered
	Entered map[string]int       `json:"entered,omitempty"` // how often, by state
	First   map[string]time.Time `json:"first,omitempty"`   // when first, by state
	Spent   map[string]int64     `json:"spent,omitempty"`   // seconds, by state, of the visits that are over
	Fired   map[string]int       `json:"fired,omitempty"`   // how often, by event
	Acted   map[string][]string  `json:"acted,omitempty"`   // ids of the actors who acted, by state
	Work    []WorkRef            `json:"work,omitempty"`    // opened or taken over by the present visit
	Once    []WorkRef            `json:"once,omitempty"`    // opened by `once`, ever
	Terms   map[string]Term      `json:"terms,omitempty"`   // by deadline
	Rang    map[string]time.Time `json:"rang,omitempty"`    // for what time a timer rang last
	Answers map[string]bool      `json:"answers,omitempty"` // of persons to what was unclear
	Timed   *Timed               `json:"timed,omitempty"`
	Rows    *Rows                `json:"rows,omitempty"` // if the last decision was on each row
}

// Term is one deadline of a case. Due is zero while the clock stands still without an end.
type Term struct {
	From     value.Date   `json:"from"`
	Due      value.Date   `json:"due,omitzero"`
	Met      value.Date   `json:"met,omitzero"`
	Pauses   []Pause      `json:"pauses,omitempty"`
	Extended []Extension  `json:"extended,omitempty"`
	Reasons  []TermReason `json:"reasons,omitempty"`
}

// Pause is a stay in a state that stops the clock; To is zero while it lasts.
type Pause struct {
	From value.Date `json:"from"`
	To   value.Date `json:"to,omitzero"`
}

// Extension is a prolongation by an event.
type Extension struct {
	On value.Date `json:"on"`
	By string     `json:"by"` // a duration
}

// TermReason is one step of the reckoning of a due date: the term itself, a pause, an extension, a roll from a day
// off. To is the due date after the step.
type TermReason struct {
	Kind string     `json:"kind"` // within, pause, extended, rolled
	From value.Date `json:"from,omitzero"`
	To   value.Date `json:"to,omitzero"`
	By   string     `json:"by,omitempty"` // a duration
}

// Timed is the last move, if a timer made it: an event that happened before it still counts in the state before.
type Timed struct {
	From  string          `json:"from"`
	Since time.Time       `json:"since"` // when that state was entered
	At    time.Time       `json:"at"`
	Terms map[string]Term `json:"terms,omitempty"` // as they were before the move
}

// clone copies all that a move may change.
func (s Snapshot) clone() Snapshot {
	s.Entered = cloneMap(s.Entered)
	s.First = cloneMap(s.First)
	s.Spent = cloneMap(s.Spent)
	s.Fired = cloneMap(s.Fired)
	s.Rang = cloneMap(s.Rang)
	s.Answers = cloneMap(s.Answers)
	s.Terms = cloneMap(s.Terms)
	s.Acted = cloneMap(s.Acted) // its lists, and those of a Term, are replaced and never written into
	if s.Rows != nil {
		rows := *s.Rows
		s.Rows = &rows
	}
	s.Work = slices.Clone(s.Work)
	s.Once = slices.Clone(s.Once)
	return s
}

func cloneMap[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return maps.Clone(m)
}
