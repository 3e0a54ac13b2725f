package kernel

import (
	"encoding/json"
	"time"

	"mera/schema/value"
)

// Record is one version of a document, with what the kernel knows of it.
type Record struct {
	Type    string
	ID      string         // UUIDv7, lower case
	Version int            // 1 is the first
	Root    string         // id of the root of the card chain: the distribution key
	Card    string         // id of the record on whose card it lies; "" for a root
	Data    map[string]any // stored form: string, bool, json.Number, []any, map[string]any; no null, no ""

	// Attributes that policies read. Territory, Persons and the attributes that a type declares are derived from the
	// data and the card chain at each write.
	Territory  string
	Office     string
	Department string
	Author     string // id of the actor who made it
	Persons    []string
	Access     map[string]any // `access` attributes of the type, inherited down the card chain

	CreatedAt time.Time
	CreatedBy string
	UpdatedAt time.Time
	UpdatedBy string
	Void      string // why it was never true; "" for a live record
	Title     string // summary: one line

	Case *Case // nil where the type has no workflow
}

// Case is the kernel's part of a record whose type has a workflow.
type Case struct {
	State     string
	Final     bool
	Number    string
	Worker    string
	Parent    string // id of the case whose work or start opened it
	ParentOf  string // type of the parent
	Applicant string // id of a person
	Due       value.Date
	Channel   string
	Flow      json.RawMessage // the workflow engine's own snapshot (workflows.Snapshot)
}
