package kernel

import (
	"encoding/json"
	"time"

	"mera/schema/value"
)

// Award is a granted right to payments. Status is active, ended or void.
type Award struct {
	ID string
	Scope
	Decision    string
	Measure     string
	Beneficiary string
	Recipient   string
	Purpose     string
	PurposeKey  string
	From, To    value.Date // To is value.Forever where the period is open
	Amount      value.Money
	Every       string
	Payout      json.RawMessage // payout direction as the application gave it
	Status      string
	Ended       string
	Accrued     value.Date // day until which it was last accrued; zero: never
	Version     int        // as loaded
	CreatedAt   time.Time
	CreatedBy   string
}

// Scheduled is the amount of an award from a date.
type Scheduled struct {
	From   value.Date
	Every  string
	Amount value.Money
}

// Accrual is what one slice of an award owes; Seq counts the corrections of the slice.
type Accrual struct {
	ID        string
	Derived   // Content
	Award     string
	Root      string
	From, To  value.Date
	Seq       int
	Kind      string // current, correction or held
	Amount    value.Money
	Due       value.Date
	Release   string
	Content   json.RawMessage
	CreatedAt time.Time
	CreatedBy string
}

// PaymentList is what one run pays. Run is its unique key.
type PaymentList struct {
	ID string
	Scope
	Number    string
	Date      value.Date
	From, To  value.Date
	Channel   string
	Total     value.Money
	Count     int
	Status    string
	Run       string
	CreatedAt time.Time
	CreatedBy string
}

// Payment is one line of a payment list; Accruals are the ids of what it pays.
type Payment struct {
	ID        string
	List      string
	Award     string
	Root      string
	Recipient string
	Amount    value.Money
	Payout    json.RawMessage
	Status    string
	Accruals  []string
}

// Print is a paper as it was printed: template, data and digest are kept.
type Print struct {
	ID string
	Scope
	Derived   // HTML
	Form      string
	Title     string
	Release   string
	Template  string // digest of the template
	Data      json.RawMessage
	HTML      string
	SHA256    string
	Key       string // unique
	CreatedAt time.Time
	CreatedBy string
}

// Notice is word left for a party of a case, or for one of the staff.
type Notice struct {
	ID string
	Scope
	Key       string // unique
	Party     string // id of a Person or Office
	Staff     string // id of an actor
	Print     string
	Channel   string
	Title     string
	Texts     map[string]string // the title in other languages
	CreatedAt time.Time
}

// Attachment is a file of a record; its bytes lie under their SHA-256.
type Attachment struct {
	ID        string
	Type      string
	Record    string
	Root      string
	Slot      string
	Name      string
	Media     string
	Size      int64
	SHA256    string
	CreatedAt time.Time
	CreatedBy string
}
