package kernel

import (
	"encoding/json"
	"time"

	"mera/schema/value"
)

// Scope says on which case a row hangs and what policies read of it: the same attributes as the case's own.
type Scope struct {
	CaseType  string
	CaseID    string
	Root      string
	Territory string
	Office    string
	Persons   []string
	Author    string
}

// Task is work of a person that a state of a case waits for. Status is open, done or cancelled.
type Task struct {
	ID string
	Scope
	Name      string // of the work
	State     string // in which it was opened
	Title     string
	Texts     map[string]string // the title in other languages
	Role      string
	Party     string // id of a person or office
	Worker    string // id of the actor to whom it is given
	Not       []string
	Item      string // row of `each`
	Form      string
	Choices   []string
	Due       time.Time // zero: none
	Status    string
	Choice    string
	DoneBy    string
	DoneAt    time.Time
	CreatedAt time.Time
}

// Request is a question to an agency and what came of it. Status is planned, sent, answered, none (the agency knows
// of nothing), unclear, failed, late or cancelled.
type Request struct {
	ID string
	Scope
	Derived            // Body, Answer and Note
	Name        string // exchange, or exchange.flow
	Title       string
	Exchange    string
	Flow        string
	Work        string
	State       string
	SubjectType string
	SubjectID   string
	Given       map[string]string // ids of the records that it is made from besides, by the names of its sources
	Asked       value.Date
	Item        string
	Body        json.RawMessage
	Status      string
	Attempts    int
	Note        string
	Covers      []Cover
	Answer      json.RawMessage
	CreatedAt   time.Time
	CreatedBy   string
	SentAt      time.Time
	AnsweredAt  time.Time
	Due         time.Time
	Release     string
}

// Cover is what an answer speaks about: a type of document, untilTold or for a period.
type Cover struct {
	Type string     `json:"type"`
	How  string     `json:"how"`
	From value.Date `json:"from,omitzero"`
	To   value.Date `json:"to,omitzero"`
}

// Message is what came from outside, as it came. Status is received, applied or parked.
type Message struct {
	Channel    string
	ID         string
	Request    string
	ReceivedAt time.Time
	Raw        []byte
	Status     string
	Note       string
	AppliedAt  time.Time
}

// Decision is a determination of a measure for a case. Content is the measure's own decision, byte for byte.
type Decision struct {
	ID string
	Scope
	Derived     // Reasons and Content
	Measure     string
	Beneficiary string
	Recipient   string
	Result      string // granted, refused or unclear
	Number      string
	Date        value.Date
	Asked       value.Date
	From, To    value.Date // of a grant; To may be value.Forever
	Amount      value.Money
	Reasons     json.RawMessage
	Content     json.RawMessage
	Settled     bool
	Release     string
	KnownAt     time.Time
	CreatedAt   time.Time
	CreatedBy   string
}

// Timer is a time at which a case must be looked at.
type Timer struct {
	ID       string
	CaseType string
	CaseID   string
	Name     string
	Due      time.Time
}

// Child is a case that another case opened as its work.
type Child struct {
	Name, Item, State string
	Type, ID          string
}
