package workflows

import (
	"context"
	"maps"
	"slices"
	"time"

	"mera/schema/expr"
	"mera/schema/value"
	"mera/workflows/definition"
)

// Fire moves a case: section 5 of the language. It changes nothing in its input and returns what must become of the
// case. An error is a *Refusal - then nothing may be stored -, an error of the host or of the world, or of an
// expression that costs too much.
func (m *Machine) Fire(in Input, t Trigger) (*Outcome, error) {
	r := newRun(m, in, t)
	if err := r.fire(t); err != nil {
		return nil, err
	}
	if err := r.fireOwn(); err != nil {
		return nil, err
	}
	return r.finish()
}

// Limits of section 9 of the language.
const (
	maxRows  = 1000
	maxMoves = 20
)

// run is one Fire: the case as it stands in the middle of its moves.
type run struct {
	m        *Machine
	in       Input
	at       time.Time // when it happens, in the zone of the office
	s        Snapshot
	doc      *expr.Record
	data     map[string]any // values of the event's data
	decision *DecisionView
	state    *definition.State
	planned  []planned
	late     *Timed   // the timer's move that the event has beaten
	own      []string // events that effects have fired in this case
	moves    int
	out      *Outcome
}

// reading is a run that changes nothing: what it reads is its input's.
func reading(m *Machine, in Input) *run {
	if in.Ctx == nil {
		in.Ctx = context.Background()
	}
	if in.Zone == nil {
		in.Zone = time.UTC
	}
	r := &run{m: m, in: in, at: in.Now.In(in.Zone), s: in.Snapshot, doc: in.Doc, decision: in.Decision, data: map[string]any{}}
	if r.s.Rows != nil {
		r.decision = r.s.Rows.decision(m)
	}
	if r.doc == nil {
		r.doc = &expr.Record{Type: m.w.About.Name, Data: map[string]any{}}
	}
	return r
}

func newRun(m *Machine, in Input, t Trigger) *run {
	r := reading(m, in)
	r.in.Work, r.s, r.out = slices.Clone(in.Work), in.Snapshot.clone(), &Outcome{}
	if t.Kind == Event && !t.At.IsZero() {
		r.at = t.At.In(r.in.Zone)
	}
	r.doc = &expr.Record{Type: m.w.About.Name, Data: map[string]any{}, Kernel: map[string]any{}}
	if in.Doc != nil {
		r.doc.ID, r.doc.Version, r.doc.Kept = in.Doc.ID, in.Doc.Version, in.Doc.Kept
		maps.Copy(r.doc.Data, in.Doc.Data)
		maps.Copy(r.doc.Kernel, in.Doc.Kernel)
	}
	return r
}

func (r *run) today() value.Date { return value.DateOf(r.at) }

func (r *run) fire(t Trigger) error {
	if t.Kind == Created {
		return r.create()
	}
	if err := r.resume(); err != nil {
		return err
	}
	switch t.Kind {
	case Event:
		return r.event(t)
	case TimerDue:
		return r.ring(t.Name)
	case Row:
		return r.oneRow(t.Name)
	case Redecide:
		if err := r.decide(); err != nil {
			return err
		}
	case Changed:
		if !r.in.Actor.system() {
			r.acted(r.state.Def.Name)
		}
	}
	return r.look()
}

// fireOwn fires the events that effects have fired in this case, each where the one before has led. They bring no data.
func (r *run) fireOwn() error {
	for len(r.own) > 0 {
		if r.moves++; r.moves > maxMoves {
			return refuse(LimitCode, "workflow.moves", maxMoves)
		}
		event := r.own[0]
		r.own, r.late, r.in.Data = r.own[1:], nil, nil
		if err := r.event(Trigger{Kind: Event, Name: event}); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) create() error {
	r.s.Opened = r.at.UTC()
	office, err := r.m.Office(r.in)
	if err != nil {
		return err
	}
	r.out.Office = office
	for _, d := range r.m.w.Deadlines {
		if d.Def.From.Text == "created" {
			r.s.Terms[d.Def.Name] = Term{From: r.today()}
		}
	}
	if err := r.enter(r.m.w.States[0], "created"); err != nil {
		return err
	}
	return r.look()
}

// resume finds the present state. A case in a state that was dropped enters the one to which it moved.
func (r *run) resume() error {
	r.state = r.m.w.State(r.s.State)
	if r.state == nil {
		return refuse(ConflictCode, "workflow.state-gone", r.s.State)
	}
	if r.state.Def.Name == r.s.State {
		return nil
	}
	r.leave(nil)
	if err := r.enter(r.state, "moved"); err != nil {
		return err
	}
	return r.plan()
}

// follow carries out a transition: its effects, and the move if it has a target.
func (r *run) follow(from *definition.State, t *definition.Transition) error {
	if err := r.effects(t.Do); err != nil {
		return err
	}
	if t.To == "" {
		return nil
	}
	r.leave(from)
	return r.enter(r.m.w.State(t.To), t.Address)
}

// enter does what entering a state does before its work is planned and its triggers are looked at: effects, decide,
// settle.
func (r *run) enter(to *definition.State, by string) error {
	if r.moves++; r.moves > maxMoves {
		return refuse(LimitCode, "workflow.moves", maxMoves)
	}
	name, at := to.Def.Name, r.at.UTC()
	r.out.Moved = append(r.out.Moved, Move{From: r.s.State, To: name, By: by, At: at})
	r.state, r.s.State, r.s.Since, r.s.Work, r.planned, r.s.Timed = to, name, at, nil, nil, nil
	r.s.Entered[name]++
	if _, before := r.s.First[name]; !before {
		r.s.First[name] = at
		r.number(name)
	}
	r.doc.Kernel["state"], r.doc.Kernel["final"] = name, to.Def.Final
	r.enterTerms(name)
	r.forgetTimers(to)
	if err := r.reckon(); err != nil {
		return err
	}
	if err := r.effects(to.Do); err != nil {
		return err
	}
	if err := r.decide(); err != nil {
		return err
	}
	return r.settle()
}

// leave ends the visit of the present state, and never before it began: not where the case moves on because of a late
// truth that itself stayed, nor by a clock that was set back. from is the state that the transition belongs to; it
// differs from the present one only for a late truth.
func (r *run) leave(from *definition.State) {
	if r.at.Before(r.s.Since) {
		r.at = r.s.Since.In(r.in.Zone)
	}
	if name := r.s.State; name != "" {
		r.s.Spent[name] += seconds(r.s.Since, r.at)
	}
	r.leaveTerms()
	r.leaveRows()
	for _, ref := range r.s.Work {
		w, view := r.m.w.Work(ref.Name), r.view(ref)
		if view == nil || view.Status != WorkOpen || r.isPlanned(ref) || (w != nil && w.Def.Keep) {
			continue
		}
		view.Status = WorkCancelled
		if !slices.Contains(r.out.Cancel, ref.Name) {
			r.out.Cancel = append(r.out.Cancel, ref.Name)
		}
	}
	if from != nil && from.Def.Draft {
		r.out.DraftLeft = true
	}
}

func seconds(from, to time.Time) int64 { return int64(to.Sub(from) / time.Second) }

// number tells which numbers of the document are given on the first entry of a state.
func (r *run) number(state string) {
	for _, p := range r.m.w.About.Properties {
		if p.Number != nil && p.Number.At.Text == state {
			r.out.Numbered = append(r.out.Numbered, p.Name)
		}
	}
}

func (r *run) decide() error {
	d := r.state.Decide
	if d == nil {
		return nil
	}
	q := r.question(d.Measure)
	if d.Asked != nil {
		res, err := r.eval(d.Asked, nil)
		if err != nil {
			return err
		}
		q.Asked, _ = res.Value.(value.Date)
	}
	if r.s.Rows = nil; d.Each != nil {
		r.decideRows(q.Asked)
		return nil
	}
	host, err := r.host()
	if err != nil {
		return err
	}
	view, err := host.Decide(q)
	if err != nil {
		return err
	}
	r.decision, r.out.Decision = &view, &view
	return nil
}

// settle seals the last decision, which must say what the state settles.
func (r *run) settle() error {
	want := r.state.Def.Settle.Text
	if want == "" || r.deciding() {
		return nil
	}
	if r.decision == nil || r.decision.Result != want {
		have := "none"
		if r.decision != nil {
			have = r.decision.Result
		}
		return refuse(ConflictCode, "workflow.settle", r.state.Def.Name, have)
	}
	if r.s.Rows != nil {
		r.sealRows()
		return nil
	}
	r.out.Settle, r.out.Number = want, r.m.w.Def.Number
	return nil
}

// look plans the work of the state, then moves by the first automatic transition that is true, until none is. A state
// whose rows are not all decided is not entered yet.
func (r *run) look() error {
	for !r.state.Def.Final && !r.deciding() {
		if err := r.plan(); err != nil {
			return err
		}
		t, err := r.due()
		if t == nil || err != nil {
			return err
		}
		if err := r.follow(r.state, t); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) due() (*definition.Transition, error) {
	for _, t := range r.state.Next {
		if !t.Automatic() {
			continue
		}
		if t.When == nil {
			return t, nil
		}
		if ok, err := r.truth(t.When, nil); ok || err != nil {
			return t, err
		}
	}
	return nil, nil
}

// finish opens what the last state planned and reckons terms and timers.
func (r *run) finish() (*Outcome, error) {
	out := r.out
	out.State, out.Final = r.state.Def.Name, r.state.Def.Final
	out.DraftLeft = out.DraftLeft && !r.state.Def.Draft
	for _, p := range r.planned {
		open, err := r.open(p)
		if err != nil {
			return nil, err
		}
		out.Open = append(out.Open, open)
		if p.work.Def.Once {
			r.s.Once = append(r.s.Once, p.ref)
		}
	}
	if err := r.reckon(); err != nil {
		return nil, err
	}
	alarms, err := r.alarms()
	if err != nil {
		return nil, err
	}
	for _, a := range alarms {
		out.Timers = append(out.Timers, a.Timer)
	}
	out.Snapshot = r.s
	return out, nil
}

// Office is the id of the Office that owns the case, by the workflow's `office`; "" where it says nothing or cannot
// tell: then it is the office of who made the case. The kernel asks before the first Fire, because the zone and the
// calendar of Input are the office's.
func (m *Machine) Office(in Input) (string, error) {
	if m.w.Office == nil {
		return "", nil
	}
	r := reading(m, in)
	r.state = m.w.States[0]
	res, err := r.eval(m.w.Office, nil)
	if err != nil || !res.Known() {
		return "", err
	}
	return idOf(res.Value), nil
}
