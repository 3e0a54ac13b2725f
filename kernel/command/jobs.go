package command

import "encoding/json"

// SendArgs, ApplyArgs, PrintArgs, NotifyArgs, OfferArgs, WakeArgs, RecalculateArgs and ReplanArgs are the jobs that
// commands leave behind: kernel/job works them and comes back with a command. Each names its effect by a unique key, so a job that runs twice does it once.
type (
	// SendArgs sends a request to its agency.
	SendArgs struct {
		Request string `json:"request"`
	}
	// ApplyArgs applies a stored message.
	ApplyArgs struct {
		Channel string `json:"channel"`
		Message string `json:"message"`
	}
	// PrintArgs prints a form of a case.
	PrintArgs struct {
		Form string `json:"form"`
		Type string `json:"type"`
		Case string `json:"case"`
		Key  string `json:"key"`
	}
	// NotifyArgs leaves word for a party of a case, or for the officials of its office who have a role. Print is the key
	// of the paper that goes with it, if the same move prints one.
	NotifyArgs struct {
		Form  string `json:"form"`
		Type  string `json:"type"`
		Case  string `json:"case"`
		Party string `json:"party,omitempty"`
		Role  string `json:"role,omitempty"`
		Print string `json:"print,omitempty"`
		Key   string `json:"key"`
	}
	// OfferArgs tells a person of the measures with a tag.
	OfferArgs struct {
		Tag    string `json:"tag"`
		Person string `json:"person"`
		Type   string `json:"type"`
		Case   string `json:"case"`
		Key    string `json:"key"`
	}
	// WakeArgs looks at a case again.
	WakeArgs struct {
		Type string `json:"type"`
		Case string `json:"case"`
	}
	// RecalculateArgs computes an award anew. Parameter and From name the value that is the reason, if one is: the
	// server that works the job must have read it.
	RecalculateArgs struct {
		Award     string `json:"award"`
		Parameter string `json:"parameter,omitempty"`
		From      string `json:"from,omitempty"`
	}
	// ReplanArgs plans a recalculation of the awards after an id that a value of a parameter touches.
	ReplanArgs struct {
		Parameter string `json:"parameter"`
		From      string `json:"from"`
		After     string `json:"after,omitempty"`
	}
)

// Kind names the worker of a job; the queue's library asks for it.
func (SendArgs) Kind() string   { return "send" }
func (ApplyArgs) Kind() string  { return "apply" }
func (PrintArgs) Kind() string  { return "print" }
func (NotifyArgs) Kind() string { return "notify" }
func (OfferArgs) Kind() string  { return "offer" }
func (WakeArgs) Kind() string   { return "wake" }

// Kind names the worker of a job; the queue's library asks for it.
func (RecalculateArgs) Kind() string { return "recalculate" }
func (ReplanArgs) Kind() string      { return "replan" }

// Outgoing is a request as a connector sends it.
type Outgoing struct {
	ID       string          `json:"id"`
	Exchange string          `json:"exchange"`
	Flow     string          `json:"flow"`
	Channel  string          `json:"channel"`
	Body     json.RawMessage `json:"body"`
}
