package schema

// Workflow is the life of a case: the documents of one type.
type Workflow struct {
	Meta
	About     Scalar
	Office    Scalar // expression
	Deadlines []*Deadline
	Data      []*Property
	Number    *Number
	Anytime   []*Next
	States    []*State
	Moved     map[string]string
}

// State finds a state by name.
func (w *Workflow) State(name string) *State {
	for _, s := range w.States {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Deadline is a term of the case.
type Deadline struct {
	Name       string
	Pos        Pos
	Title      string
	From       Scalar // created or a state
	Within     Scalar // duration or expression
	Until      []Scalar
	PauseIn    []Scalar
	PauseMost  Scalar
	Warn       []Warn
	Late       []*Effect
	Roll       string // next, previous or none
	Law        Law
	Expression bool // Within is an expression
}

// Warn tells a role some time before a deadline.
type Warn struct {
	Before Scalar
	Role   Scalar
}

// State is a place in the life of a case.
type State struct {
	Name   string
	Pos    Pos
	Title  string
	Draft  bool
	Edit   []Edit
	Do     []*Effect
	Decide *Decide
	Settle Scalar // granted or refused
	Work   []*Work
	Next   []*Next
	Final  bool
}

// Edit says which properties a role or party may change in a state. All stands for `all`.
type Edit struct {
	Who        Scalar
	All        bool
	Properties []Scalar
}

// Decide asks for a determination of a measure.
type Decide struct {
	Pos     Pos
	Measure Scalar
	Each    Scalar
	Asked   Scalar
}

// Work is something that a state waits for: exactly one of Ask, Request, Task, Case is set.
type Work struct {
	Pos     Pos
	Name    string // `as`, else the target in camelCase
	Ask     Scalar // measure
	Request Scalar // exchange, or exchange.flow
	Task    Scalar
	Case    Scalar // document

	Title   string
	By      Scalar
	To      Scalar
	Not     []Scalar
	Form    Scalar
	Within  Scalar
	Choices []Scalar
	Set     ValueMap
	Given   ValueMap
	Each    Scalar
	If      Scalar
	Once    bool
	Keep    bool
}

// Next is one transition. Exactly one trigger is set, or none, which means «otherwise».
type Next struct {
	Pos   Pos
	Title string   // of the event: what people read on the button
	In    []Scalar // anytime only
	When  Scalar
	Event Scalar
	After Scalar // duration
	At    Scalar // expression
	Every *Every

	By   []Scalar
	Ask  []Scalar
	If   Scalar
	Do   []*Effect
	To   Scalar // empty: stay
	Stay []*Effect
}

// Every is a recurring trigger.
type Every struct {
	Pos   Pos
	Steps []EveryStep
	At    Scalar // MM-DD or day of the month
	From  Scalar // expression
}

// EveryStep repeats Each (duration, month or year) Times times, or Until a duration has passed; none: for ever.
type EveryStep struct {
	Each  Scalar
	Times Scalar
	Until Scalar
}

// Effect is one thing that a transition or an entry does. Verb is set create start fire take extend transfer stop
// (in the transaction) or print notify send offer (by jobs after commit).
type Effect struct {
	Pos    Pos
	Verb   string
	Target Scalar   // type, event, list, deadline, office, print form, party, flow, tag
	Set    ValueMap // of set, create, start
	Of     Scalar   // of set and fire
	Each   Scalar
	Given  ValueMap
	As     Scalar
	With   Scalar // of notify: print form
	By     Scalar // of extend: duration
	To     Scalar // of offer
}

// List is a query field of its own over one type.
type List struct {
	Meta
	About   Scalar
	Given   []*Property
	Where   *Node
	Order   []Order
	Columns []*Column
	Facts   []*Fact
	Group   []Scalar
	Sum     []*Column
	Take    Scalar // event
	By      []Scalar
	Public  bool
	Offline bool
}

// Order is one key of an order.
type Order struct {
	Path Scalar
	Desc bool
}

// Column is one column of a list: a path, or an aggregate such as count().
type Column struct {
	Name  string
	Pos   Pos
	Title string
	Value Scalar
}

// Form arranges properties on pages; it never grants.
type Form struct {
	Meta
	About  Scalar
	For    []Scalar
	In     []Scalar
	Pages  []*Page
	Public bool
	Each   *FormRows
}

// Page is one page of a form.
type Page struct {
	Name      string
	Pos       Pos
	Title     string
	Fields    []Scalar
	Each      Scalar
	Checklist bool
	Suggest   Scalar
}

// FormRows takes the fields of a form from rows of data.
type FormRows struct {
	Rows, Into, Key, Widget, Label, Required Scalar
}

// PrintForm is a template with its data.
type PrintForm struct {
	Meta
	About    Scalar
	Template Scalar // file beside; default <file name>.html
	Source   []byte
	Lists    []*PrintList
	Channel  []Scalar
	Paper    string
	To       Scalar
}

// PrintList gives a list to a template.
type PrintList struct {
	Name  string
	List  Scalar
	Given ValueMap
}
