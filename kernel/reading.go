package kernel

import (
	"encoding/json"
	"time"
)

// Look is an operation by which somebody has read: what the journal of reads is told before the answer goes out.
type Look struct {
	At        time.Time
	Actor     Actor
	Query     string          // text of the operation
	Variables json.RawMessage // as they were sent, an object; nil: none
	Roots     []LookRoot      // what was found
}

// LookRoot is one record, or one list, that an operation asked for at its top.
type LookRoot struct {
	Type     string // of the rows
	Record   string // id; "" for a list, or where Variable names it
	Variable string // the variable that holds the id
}

// Reading is a row of the journal of reads.
type Reading struct {
	At        time.Time
	Actor     string
	Kind      ActorKind
	Reason    string // for which the glass was broken
	Type      string
	Record    string // id; "" for a list
	Query     string
	Variables string // JSON as it was sent
}
