package kernel

import (
	"encoding/json"
	"time"
)

// Event is one entry of the journal: who did what to which record, by which release. The journal is append-only and
// hash-chained; Before and After are the stored data of the record.
type Event struct {
	ID      string
	Seq     int64 // place in its chain
	At      time.Time
	Actor   string
	Kind    ActorKind
	Action  string // create, update, void, fire:<event>, decide, settle, send, answer, print, pay, install, read …
	Type    string
	Record  string
	Root    string
	Version int
	Release string // digest
	Key     string // idempotency key
	Before  json.RawMessage
	After   json.RawMessage
	Note    string
}

// ReadAction is the action of an event that seals a batch of reads.
const ReadAction = "read"

// Job is work to be done after the commit, by a worker, at least once. Its effect must be protected by a unique key.
type Job struct {
	Kind string    // send, print, notify, wake, apply …
	Args any       // encoded as JSON
	At   time.Time // zero: at once
}
