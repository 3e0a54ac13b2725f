package measure

import (
	"bytes"
	"encoding/json"

	"mera/schema"
	"mera/schema/value"
)

// Result is the outcome of a decision.
type Result string

// Outcomes. Unclear goes to a person; it is never a refusal.
const (
	Granted Result = "granted"
	Refused Result = "refused"
	Unclear Result = "unclear"
)

// Decision is the determination of one right of one beneficiary, with everything that explains it. It is stored whole:
// equal inputs under an equal release give equal bytes of JSON.
type Decision struct {
	Measure     string          `json:"measure"`
	Law         schema.Law      `json:"law,omitzero"`
	Asked       value.Date      `json:"asked"`
	Beneficiary string          `json:"beneficiary,omitempty"` // id
	Recipient   string          `json:"recipient,omitempty"`   // id
	Result      Result          `json:"result"`
	Reasons     []Reason        `json:"reasons,omitempty"` // of a refusal
	Unclear     []string        `json:"unclear,omitempty"` // facts, conditions, and paths of what is not known, sorted
	Missing     []string        `json:"missing,omitempty"` // requests without an answer that covers, sorted
	Period      value.Period    `json:"period,omitzero"`   // of a grant
	Amount      value.Money     `json:"amount"`            // of the first slice; 0 while that waits
	Conditions  []Judged        `json:"conditions,omitempty"`
	Lets        []Named         `json:"lets,omitempty"` // decision names, in order of evaluation
	Facts       []FactRead      `json:"facts,omitempty"`
	Slices      []Slice         `json:"slices,omitempty"` // the first; of a closed period all, as far as they are known now
	Gives       []Gift          `json:"gives,omitempty"`
	Purpose     Purpose         `json:"purpose,omitzero"` // of a grant
	Pay         Pay             `json:"pay,omitzero"`
	Recover     string          `json:"recover,omitempty"` // percent of later slices that a debt may take; "": the kernel's
	Answers     map[string]bool `json:"answers,omitempty"` // of a person, as far as they were needed
	Trace       []Step          `json:"trace,omitempty"`   // of the period
}

// Reason is why a right is refused, in the words of the definition. Condition is "period" where the period has no
// day to pay for; such a reason has no words of its own and carries the title of the measure.
type Reason struct {
	Condition string     `json:"condition"`
	Title     string     `json:"title,omitempty"`
	Text      string     `json:"text"`
	Words     Words      `json:"words,omitzero"`
	Row       string     `json:"row,omitempty"` // of a condition judged for every row
	Law       schema.Law `json:"law,omitzero"`
}

// Words are the title and the text of a reason in other languages, where they differ.
type Words struct {
	Title map[string]string `json:"title,omitempty"`
	Text  map[string]string `json:"text,omitempty"`
}

// IsZero tells that there is none.
func (w Words) IsZero() bool { return len(w.Title) == 0 && len(w.Text) == 0 }

// Truth is one of three: what is not known is neither true nor false.
type Truth string

// The three truths.
const (
	True    Truth = "true"
	False   Truth = "false"
	Unknown Truth = "unclear"
)

// Judged is a condition as it was judged.
type Judged struct {
	Name     string      `json:"name"`
	Title    string      `json:"title,omitempty"`
	Truth    Truth       `json:"truth"`
	Answered bool        `json:"answered,omitempty"` // a person said so, the facts being unclear
	Question string      `json:"question,omitempty"` // what a person may be asked
	Unclear  []string    `json:"unclear,omitempty"`
	Law      schema.Law  `json:"law,omitzero"`
	Reads    []string    `json:"reads,omitempty"` // facts and lets
	Rows     []JudgedRow `json:"rows,omitempty"`
	Lets     []Named     `json:"lets,omitempty"`
	Trace    []Step      `json:"trace,omitempty"`
}

// JudgedRow is one row of a condition with `of`.
type JudgedRow struct {
	Row     string   `json:"row"`
	Truth   Truth    `json:"truth"`
	Unclear []string `json:"unclear,omitempty"`
	Lets    []Named  `json:"lets,omitempty"`
	Trace   []Step   `json:"trace,omitempty"`
}

// Named is a value by name. Value is its stored form, from which slices read it; Text is what a person reads.
type Named struct {
	Name    string     `json:"name"`
	Value   Plain      `json:"value,omitzero"` // absent values have none
	Text    string     `json:"text,omitempty"`
	Unclear []string   `json:"unclear,omitempty"`
	Case    int        `json:"case,omitempty"`  // which case of a VALUE, from 1
	Law     schema.Law `json:"law,omitzero"`    // of that case
	Reads   []string   `json:"reads,omitempty"` // facts and lets
	Trace   []Step     `json:"trace,omitempty"`
}

// Step is one line of an explanation: an expression, its value, and the record or parameter it came from.
type Step struct {
	Text   string     `json:"text"`
	Value  string     `json:"value,omitempty"`
	Source string     `json:"source,omitempty"`
	Law    schema.Law `json:"law,omitzero"`
}

// FactRead is a fact as it was read: which records, and whether that is all there is.
type FactRead struct {
	Name     string            `json:"name"`
	Type     string            `json:"type"`
	Of       []string          `json:"of,omitempty"` // ids
	Window   *value.Period     `json:"window,omitempty"`
	Records  []Ref             `json:"records,omitempty"`
	Missing  []string          `json:"missing,omitempty"`  // requests that do not cover; not empty: not known to be all
	Unclear  []string          `json:"unclear,omitempty"`  // what `of` or the window could not be computed from
	Many     bool              `json:"many,omitempty"`     // two or more where one was expected
	Answered bool              `json:"answered,omitempty"` // a person said that this is all
	Sources  map[string]string `json:"sources,omitempty"`
}

// Ref is one version of a record.
type Ref struct {
	Type    string `json:"type"`
	ID      string `json:"id"`
	Version int    `json:"version"`
}

// Status tells what becomes of a slice.
type Status string

// What becomes of a slice.
const (
	Pays    Status = "pays"    // is accrued and paid
	Skipped Status = "skipped" // a `while` failed: nothing is owed, the award goes on
	Held    Status = "held"    // is accrued and not paid until the `while` holds
	Ended   Status = "ended"   // nothing is owed any more: the award ends, To is its last day, From the day after
	Waits   Status = "waits"   // cannot be computed yet: Unclear names what is not known
)

// Slice is what is paid at once: a month, a quarter, a year, or what of it lies in the period.
type Slice struct {
	From    value.Date  `json:"from"`
	To      value.Date  `json:"to"`
	Due     value.Date  `json:"due,omitzero"`
	Amount  value.Money `json:"amount"`
	Status  Status      `json:"status"`
	Reasons []Reason    `json:"reasons,omitempty"` // of a slice that is skipped, held or ends the award
	Unclear []string    `json:"unclear,omitempty"`
	Missing []string    `json:"missing,omitempty"`
	Pieces  []Piece     `json:"pieces,omitempty"` // how it was computed; one piece but for `part: days`
}

// Piece is a part of a slice in which nothing changes.
type Piece struct {
	From    value.Date  `json:"from"`
	To      value.Date  `json:"to"`
	Status  Status      `json:"status"`
	Amount  value.Money `json:"amount"` // for a whole unit
	Share   string      `json:"share,omitempty"`
	Judged  []Judged    `json:"judged,omitempty"`
	Lets    []Named     `json:"lets,omitempty"`
	Facts   []FactRead  `json:"facts,omitempty"`
	Law     schema.Law  `json:"law,omitzero"`
	Trace   []Step      `json:"trace,omitempty"`
	reasons []Reason
	unclear []string
}

// Gift is a document that the settling of the right makes.
type Gift struct {
	Document string         `json:"document"`
	Set      map[string]any `json:"set"` // stored form
}

// UnmarshalJSON keeps whole numbers as json.Number, as records store them.
func (g *Gift) UnmarshalJSON(data []byte) error {
	type gift Gift
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	return dec.Decode((*gift)(g))
}

// Purpose is the key of which there is one award at a time. Key holds the ids of what it is for; with Per "year" it
// ends in the year of the first day. With Per "slice" awards of one key may not overlap.
type Purpose struct {
	Name     string `json:"name"`
	Key      string `json:"key"`
	Per      string `json:"per"`      // slice, year or life
	Conflict string `json:"conflict"` // refuse, replace or larger
}

// Pay tells how the schedule is cut: Every is month, quarter, year or once; Part is whole, days or none.
type Pay struct {
	Every string `json:"every"`
	Part  string `json:"part"`
}

// Need is a request that must be sent before the right can be determined.
type Need struct {
	Fact    string // that asks
	Request string // exchange, or exchange.flow
	Type    string // of the subject
	Subject string // id
	Asked   value.Date
	Window  value.Period // days that the fact reads; zero for a type without a period
}

// Plain is a piece of canonical JSON: keys sorted, no spaces, whatever storage did to it in between.
type Plain []byte

// IsZero tells that there is no value.
func (p Plain) IsZero() bool { return len(p) == 0 }

// MarshalJSON writes the canonical form.
func (p Plain) MarshalJSON() ([]byte, error) {
	if p.IsZero() {
		return []byte("null"), nil
	}
	return p, nil
}

// UnmarshalJSON makes the canonical form of any JSON.
func (p *Plain) UnmarshalJSON(data []byte) error {
	v, err := Plain(data).decode()
	if err != nil || v == nil {
		*p = nil
		return err
	}
	*p, err = json.Marshal(v)
	return err
}

func (p Plain) decode() (any, error) {
	if p.IsZero() {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(p))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return v, err
}
