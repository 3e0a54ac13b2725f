package command

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"mera/kernel"
	"mera/kernel/registry"
	"mera/kernel/store"
)

// Command is one change that somebody asks for.
type Command struct {
	Verb     string         `json:"verb"`
	Type     string         `json:"type,omitempty"`
	ID       string         `json:"id,omitempty"`
	Version  int            `json:"version,omitempty"` // of the record that the caller saw; 0: any
	Event    string         `json:"event,omitempty"`
	Data     map[string]any `json:"data,omitempty"`
	Key      string         `json:"-"`                // the caller's idempotency key
	At       time.Time      `json:"at,omitzero"`      // when it happened, if not now
	Reason   string         `json:"reason,omitempty"` // of void, or for breaking the glass
	List     string         `json:"list,omitempty"`
	Given    map[string]any `json:"given,omitempty"`
	Case     string         `json:"case,omitempty"`  // of create: the case in which the record is entered
	Files    []File         `json:"files,omitempty"` // of create and attach
	Language string         `json:"-"`               // in which the caller reads errors
	Brief    bool           `json:"-"`               // the caller wants to know no more of the record than a Result tells
}

// File is a file that comes with a command.
type File struct {
	Slot    string `json:"slot"`
	Name    string `json:"name"`
	Media   string `json:"media"`
	Content []byte `json:"content"`
}

// Result is what a command answers: the record that it made or changed, and plain data for verbs without one.
type Result struct {
	Type    string         `json:"type,omitempty"`
	ID      string         `json:"id,omitempty"`
	Version int            `json:"version,omitempty"`
	Data    map[string]any `json:"data,omitempty"`
	// Readable tells a Brief caller that he may read the record as it was written. False: not known.
	Readable bool `json:"-"`
}

// Road executes commands. All fields are needed.
type Road struct {
	DB       *store.DB
	Registry *registry.Registry
	Gates    *Gates
	Blobs    *store.Blobs
	Clock    *Clock
	IDs      kernel.IDs
	Texts    Texts
	Reload   func(ctx context.Context) error // reads the region's data again

	reloading sync.Mutex // the last reload to begin must be the last to end
	zones     sync.Map   // time zones by name
	offices   offices
	contended sync.Map // series → *atomic.Int64, see contend
}

// handlers is the whole list of what can be done.
var handlers = map[string]func(*work, Command) (Result, error){
	"create":       create,
	"update":       update,
	"void":         void,
	"attach":       attach,
	"fire":         fireEvent,
	"timer":        fireTimer,
	"wake":         wake,
	"redecide":     redecide,
	"recalculate":  recalculate,
	"replan":       replan,
	"take":         take,
	"sent":         sent,
	"receive":      receive,
	"apply":        apply,
	"print":        printForm,
	"notify":       notify,
	"offer":        offer,
	"accrueAward":  accrueAward,
	"runPayments":  runPayments,
	"setClock":     setClock,
	"setCounter":   setCounter,
	"setParameter": setParameter,
	"createActor":  createActor,
	"breakGlass":   breakGlass,
	"finishTask":   finishTask,
}

// Execute runs one command. The answer to a key is kept: the same key with the same command answers the same again,
// with another command it is a CONFLICT. A decision whose facts have changed since it was made is made anew, and the
// caller gets STALE.
func (r *Road) Execute(ctx context.Context, actor kernel.Actor, c Command) (Result, error) {
	if c.Verb == "accrue" {
		return r.accrue(ctx, actor, c)
	}
	res, err := r.do(ctx, actor, c)
	for n := 0; err != nil && n < tries && r.mend(ctx, c, err); n++ {
		res, err = r.do(ctx, actor, c)
	}
	if err == nil {
		return res, r.after(ctx, c, res)
	}
	if outdated := (*outdatedDecision)(nil); errors.As(err, &outdated) {
		return Result{}, kernel.Errorf(kernel.Stale, "decision-outdated")
	}
	if unread := (*staleData)(nil); errors.As(err, &unread) {
		return Result{}, kernel.Errorf(kernel.Unavailable, "data-not-read").Because(err)
	}
	return Result{}, err
}

// tries is how often a command begins again because what it stood on was outdated.
const tries = 3

// mend brings up to date what a command failed on, and tells whether the command may try again. An event may not: who
// fired it saw the old decision.
func (r *Road) mend(ctx context.Context, c Command, err error) bool {
	var outdated *outdatedDecision
	var unread *staleData
	var taken *store.NumberTaken
	switch {
	case errors.As(err, &taken):
		r.contend(taken.Series)
		return true
	case errors.As(err, &unread):
		return r.reload(ctx) == nil
	case errors.As(err, &outdated):
		_, err := r.do(ctx, kernel.SystemActor(), Command{Verb: "redecide", Type: outdated.typ, ID: outdated.id})
		made := kernel.CodeOf(err) == kernel.NotFound // by the very command that failed
		return (err == nil || made) && c.Verb != "fire" && c.Verb != "take"
	}
	return false
}

func (r *Road) reload(ctx context.Context) error {
	r.reloading.Lock()
	defer r.reloading.Unlock()
	return r.Reload(ctx)
}

// after does what a committed command means for this server itself.
func (r *Road) after(ctx context.Context, c Command, res Result) error {
	switch c.Verb {
	case "setClock":
		to, err := time.Parse(time.RFC3339, text(res.Data, "now"))
		if err == nil && to.After(r.Clock.Now()) || !r.Clock.IsSet() {
			r.Clock.Set(to) // the same key again finds the clock where it is, or further
		}
		return err
	case "setParameter":
		return r.reload(ctx)
	}
	return nil
}

func (r *Road) do(ctx context.Context, actor kernel.Actor, c Command) (Result, error) {
	handler, known := handlers[c.Verb]
	if !known {
		return Result{}, kernel.Errorf(kernel.Invalid, "unknown-verb", c.Verb)
	}
	live := r.Registry.Live()
	if live == nil {
		return Result{}, kernel.Errorf(kernel.Unavailable, "no-release")
	}
	var hash []byte
	if c.Key != "" {
		var err error
		if hash, err = hashOf(c); err != nil {
			return Result{}, err
		}
	}
	var out Result
	var w *work
	err := r.DB.Write(ctx, func(tx *store.Tx) (err error) {
		w = newWork(ctx, r, live, tx, actor, c)
		w.hash = hash
		if c.Verb != "create" { // which asks for more at the same time
			if err := w.ahead(); err != nil {
				return err
			}
		}
		if out, err = handler(w, c); err != nil {
			return err
		}
		if err := w.flush(); err != nil {
			return err
		}
		if r := w.records[out.ID]; r != nil {
			out.Version = r.Version // as it was written
			out.Readable = c.Brief && w.gate.Check(ctx, actor, "read", r, "") == nil
		}
		return w.keep(out)
	})
	if err != nil {
		return r.known(ctx, actor, c, hash, err)
	}
	if w.officesWritten() {
		r.ForgetOffices()
	}
	return out, nil
}

// keep keeps the answer for who asks again with the same key.
func (w *work) keep(out Result) error {
	if w.cmd.Key == "" {
		return nil
	}
	answer, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return w.tx.KeepAnswer(w.ctx, w.actor.ID, w.cmd.Key, w.hash, answer)
}

// answered ends a command whose answer was given before.
type answered struct{ answer json.RawMessage }

func (*answered) Error() string { return "the command was answered before" }

// known is the answer to a command that failed: with a key it may have failed only because the same command, sent
// twice, was done meanwhile.
func (r *Road) known(ctx context.Context, actor kernel.Actor, c Command, hash []byte, err error) (out Result, _ error) {
	if before := (*answered)(nil); errors.As(err, &before) {
		return out, json.Unmarshal(before.answer, &out)
	}
	if c.Key == "" || kernel.CodeOf(err) == kernel.Unavailable {
		return out, err
	}
	var kept json.RawMessage
	asked := r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		kept, err = tx.Answer(ctx, actor.ID, c.Key, hash)
		return err
	})
	switch {
	case kernel.CodeOf(asked) == kernel.Conflict:
		return out, asked
	case asked != nil || kept == nil:
		return out, err
	}
	return out, json.Unmarshal(kept, &out)
}

// hashOf is the same for the same command: encoding/json orders the keys of maps.
func hashOf(c Command) ([]byte, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return nil, kernel.Errorf(kernel.Invalid, "not-json").Because(err)
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}
