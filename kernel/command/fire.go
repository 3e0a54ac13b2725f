package command

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"mera/kernel"
	"mera/kernel/measure"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/filter"
	"mera/workflows"
)

// maxDepth bounds cases that move each other in one command.
const maxDepth = 8

// fireEvent is an event of a person or another system on a case.
func fireEvent(w *work, c Command) (Result, error) {
	r, err := w.lockCase(c.Type, c.ID)
	if err != nil {
		return Result{}, err
	}
	if err := w.mayChange("fire", r, c); err != nil {
		return Result{}, err
	}
	if c.At.After(w.now) {
		return Result{}, kernel.Errorf(kernel.Invalid, "event-in-future")
	}
	data, err := w.eventData(r, c.Event, c.Data)
	if err != nil {
		return Result{}, err
	}
	w.journal("fire:"+c.Event, r, "")
	err = w.move(r, workflows.Trigger{Kind: workflows.Event, Name: c.Event, At: c.At}, data)
	return done(r), err
}

// eventData reads what an event brings. `choice` is for the actor's task: the workflow knows what may be chosen.
func (w *work) eventData(r *kernel.Record, event string, input map[string]any) (map[string]any, error) {
	machine := w.live.Machines[r.Type]
	if machine == nil {
		return nil, kernel.Errorf(kernel.Internal, "no-workflow", r.Type)
	}
	own := maps.Clone(input)
	delete(own, "choice")
	data, faults := w.live.Forms.BindEvent(r.Type, machine.Asks(r.Case.State, event), own)
	if len(faults) > 0 {
		return nil, w.invalid(faults)
	}
	if choice, given := input["choice"]; given {
		if data == nil {
			data = map[string]any{}
		}
		data["choice"] = choice
	}
	return data, nil
}

// fireTimer moves a case whose time has come. A timer that the case no longer has is not an error: it was late.
func fireTimer(w *work, c Command) (Result, error) {
	r, err := w.lockCase(c.Type, c.ID)
	if err != nil {
		return Result{}, err
	}
	due, live, err := w.tx.Timer(w.ctx, r.ID, c.Event)
	if err != nil || !live || due.After(w.now) {
		return done(r), err
	}
	w.journal("timer:"+c.Event, r, "")
	err = w.move(r, workflows.Trigger{Kind: workflows.TimerDue, Name: c.Event, At: due}, nil)
	return done(r), err
}

// wake looks at the triggers of a case again: something that it reads has changed.
func wake(w *work, c Command) (Result, error) { return w.lookAgain(c, workflows.Changed) }

// redecide makes the decision of a case's present state anew: something that it read has changed.
func redecide(w *work, c Command) (Result, error) { return w.lookAgain(c, workflows.Redecide) }

func (w *work) lookAgain(c Command, kind workflows.TriggerKind) (Result, error) {
	r, err := w.lockCase(c.Type, c.ID)
	if err != nil || r.Case.Final {
		return Result{}, err
	}
	err = w.move(r, workflows.Trigger{Kind: kind, At: w.now}, nil)
	return done(r), err
}

func (w *work) lockCase(typ, id string) (*kernel.Record, error) {
	r, err := w.lock(typ, id)
	if err != nil {
		return nil, err
	}
	if r.Case == nil {
		return nil, kernel.Errorf(kernel.Invalid, "not-a-case")
	}
	return r, nil
}

func (w *work) workflowActor(r *kernel.Record) workflows.Actor {
	a := workflows.Actor{
		ID: w.actor.ID, Name: w.actor.Name, Kind: string(w.actor.Kind), Roles: w.actor.Roles, Person: w.actor.Person, Office: w.actor.Office,
	}
	if machine := w.live.Machines[r.Type]; machine != nil {
		a.Parties = machine.Parties(view(r), a)
	}
	return a
}

// move runs the workflow of a case and carries out what comes of it.
func (w *work) move(r *kernel.Record, t workflows.Trigger, data map[string]any) error {
	if w.depth++; w.depth > maxDepth {
		return kernel.Errorf(kernel.Limit, "cases-move-each-other")
	}
	defer func() { w.depth-- }()
	machine := w.live.Machines[r.Type]
	if machine == nil {
		return kernel.Errorf(kernel.Internal, "no-workflow", r.Type)
	}
	h := &host{work: w, of: r}
	in, err := w.workflowInput(r, h, data)
	if err != nil {
		return err
	}
	w.looked[r.ID] = w.changes
	out, err := machine.Fire(in, t)
	if err != nil {
		return w.refusal(err)
	}
	if w.idle(r, in.Snapshot, out) {
		return w.tx.ReplaceTimers(w.ctx, r.Type, r.ID, timers(w, out))
	}
	return w.carryOut(r, h, out)
}

// idle tells that a look at a case found nothing to do: it gets no new version and nothing in the journal.
func (w *work) idle(r *kernel.Record, was workflows.Snapshot, out *workflows.Outcome) bool {
	quiet := len(out.Moved)+len(out.Set)+len(out.Numbered)+len(out.Drop)+len(out.Cancel)+len(out.Open)+len(out.Effects) == 0
	quiet = quiet && out.Settle == "" && out.Decision == nil && len(out.Done) == 0 && (out.Office == "" || out.Office == r.Office)
	return quiet && out.State == r.Case.State && out.Due == r.Case.Due && !slices.Contains(w.dirty, r.ID) && same(was, out.Snapshot)
}

func (w *work) workflowInput(r *kernel.Record, h *host, data map[string]any) (workflows.Input, error) {
	in := workflows.Input{
		Ctx: w.ctx, Doc: view(r), Data: data, Actor: w.workflowActor(r), Now: w.now, Zone: w.zone(r), World: w.world,
		Calendar: w.live.Data.Calendar, Host: h,
	}
	if len(r.Case.Flow) > 0 {
		if err := json.Unmarshal(r.Case.Flow, &in.Snapshot); err != nil {
			return in, err
		}
	}
	if r.Version == 0 {
		return in, nil // a case that is being made has neither work nor decisions
	}
	var err error
	if in.Work, err = w.workOf(r); err != nil {
		return in, err
	}
	last, err := w.tx.LastDecision(w.ctx, r.ID)
	if err != nil || last == nil {
		return in, err
	}
	var d measure.Decision
	if err := json.Unmarshal(last.Content, &d); err != nil {
		return in, err
	}
	v := decisionView(last, &d)
	in.Decision = &v
	return in, nil
}

// carryOut writes what a move of a case brought, in the order that workflows.Outcome asks for.
func (w *work) carryOut(r *kernel.Record, h *host, out *workflows.Outcome) error {
	w.change(r)
	if err := w.apply(r, out); err != nil {
		return err
	}
	for _, d := range h.made {
		d.Scope = scopeOf(r)
		if err := w.tx.PutDecision(w.ctx, d); err != nil {
			return err
		}
	}
	if out.Settle != "" {
		if err := w.seal(r, h, out); err != nil {
			return err
		}
	}
	for _, t := range out.Done {
		if err := w.tx.FinishTask(w.ctx, r.ID, t.Name, t.Item, w.actor.ID, t.Choice); err != nil {
			return err
		}
	}
	for _, ref := range out.Drop {
		if err := w.tx.CancelWork(w.ctx, r.ID, ref.Name, &ref.Item); err != nil {
			return err
		}
	}
	for _, name := range out.Cancel {
		if err := w.tx.CancelWork(w.ctx, r.ID, name, nil); err != nil {
			return err
		}
	}
	for _, open := range out.Open {
		if err := w.open(r, open); err != nil {
			return err
		}
	}
	if err := w.endWarnings(r, out); err != nil {
		return err
	}
	if err := w.effects(r, out.Effects); err != nil {
		return err
	}
	if out.Final && r.Case.Parent != "" {
		w.job("wake", WakeArgs{Type: r.Case.ParentOf, Case: r.Case.Parent})
	}
	if err := w.endRows(r, out); err != nil {
		return err
	}
	if r.Version == 0 && len(out.Timers) == 0 {
		return nil // a case that is being made has none to take back
	}
	return w.tx.ReplaceTimers(w.ctx, r.Type, r.ID, timers(w, out))
}

// apply brings state, data and terms of the case to what the workflow says.
func (w *work) apply(r *kernel.Record, out *workflows.Outcome) error {
	flow, err := json.Marshal(out.Snapshot)
	if err != nil {
		return err
	}
	left := r.Case.State
	r.Case.Flow, r.Case.State, r.Case.Final, r.Case.Due = flow, out.State, out.Final, out.Due
	if out.Office != "" {
		r.Office = out.Office
	}
	doc, err := w.document(r.Type)
	if err != nil {
		return err
	}
	if len(out.Set) > 0 {
		if err := w.patch(r, out.Set, true); err != nil {
			return err
		}
	} else if err := w.place(doc, r); err != nil {
		return err
	}
	if out.DraftLeft {
		if err := w.settleData(doc, r, r.Data, true); err != nil {
			return err
		}
		if wrong, err := w.answers(r, left, nil, true); err != nil || len(wrong) > 0 {
			return cmp.Or[error](err, w.invalid(wrong))
		}
	}
	if err := w.numbers(doc, r, out.Numbered); err != nil {
		return err
	}
	if err := w.gateCaseScope(r); err != nil {
		return err
	}
	for _, m := range out.Moved {
		w.journal("move:"+m.To, r, m.By)
	}
	return nil
}

// gateCaseScope keeps the rows that hang on a case (tasks, requests, decisions …) under the case's own territory and
// office, so that their policies see the same as the case's.
func (w *work) gateCaseScope(r *kernel.Record) error {
	if r.Version == 0 {
		return nil
	}
	return w.tx.Rescope(w.ctx, r.ID, scopeOf(r))
}

// seal settles the decision that this move made, or the last one.
func (w *work) seal(r *kernel.Record, h *host, out *workflows.Outcome) error {
	row, err := w.tx.LastDecision(w.ctx, r.ID)
	if err != nil {
		return err
	}
	if row == nil {
		return kernel.Errorf(kernel.Internal, "settle-without-decision")
	}
	if row.Result != out.Settle {
		return kernel.Errorf(kernel.Invalid, "decision-differs", out.Settle, row.Result)
	}
	return w.settle(h, row, out.Number)
}

func timers(w *work, out *workflows.Outcome) []kernel.Timer {
	list := make([]kernel.Timer, len(out.Timers))
	for i, t := range out.Timers {
		list[i] = kernel.Timer{ID: w.road.IDs.New(), Name: t.Name, Due: t.Due}
	}
	return list
}

// open makes the work that a state waits for.
func (w *work) open(r *kernel.Record, o workflows.OpenWork) error {
	switch o.Kind {
	case workflows.TaskWork:
		title, texts := w.spoken(w.titled(o.Title, w.taskKey(r, o)))
		return w.tx.PutTask(w.ctx, &kernel.Task{
			ID: w.road.IDs.New(), Scope: scopeOf(r), Name: o.Name, State: o.State, Title: title, Texts: texts, Role: o.Role, Party: o.Party,
			Worker: o.Worker, Not: o.Not, Item: o.Item, Form: o.Form, Choices: o.Choices, Due: o.Due, Status: "open", CreatedAt: w.now,
		})
	case workflows.RequestWork:
		return w.ask(r, o)
	default:
		child, err := w.create(o.Target, o.Set, origin{parent: r, stored: true})
		if err != nil {
			return err
		}
		return w.tx.PutChild(w.ctx, r.ID, o.Name, o.Item, o.State, child.Type, child.ID)
	}
}

// taskKey is where a translation has the title of a task.
func (w *work) taskKey(r *kernel.Record, o workflows.OpenWork) string {
	return strings.Join([]string{"workflows", w.live.Machines[r.Type].Def().Name, "states", o.State, "work", o.Target, "title"}, "/")
}

// take fires the event of a list on its first row that nobody else gets. Rows that another caller holds are passed
// over, so that callers never wait for each other and never get the same one.
func take(w *work, c Command) (Result, error) {
	def := w.live.Catalog.Lists[c.List]
	if def == nil || def.Take.IsZero() {
		return Result{}, kernel.Errorf(kernel.Invalid, "unknown-list", c.List)
	}
	if err := w.mayAsk(def); err != nil {
		return Result{}, err
	}
	given, where, err := w.listWhere(def, c.Given)
	if err != nil {
		return Result{}, err
	}
	allowed, err := w.gate.Filter(w.ctx, w.actor, def.About.Text)
	if err != nil {
		return Result{}, err
	}
	r, err := w.takeFirst(def, where, allowed)
	if err != nil {
		return Result{}, err
	}
	if r == nil {
		return Result{}, kernel.Errorf(kernel.NotFound, "list-empty")
	}
	if err := w.gate.Check(w.ctx, w.actor, "fire", r, def.Take.Text); err != nil {
		return Result{}, err
	}
	w.journal("fire:"+def.Take.Text, r, "list "+def.Name)
	data := w.asked(r, def.Take.Text, given)
	err = w.move(r, workflows.Trigger{Kind: workflows.Event, Name: def.Take.Text, At: w.now}, data)
	return done(r), err
}

// takeFirst locks the first row of a list that nobody else has, and that this command has not taken before; nil if there
// is none.
func (w *work) takeFirst(def *schema.List, where, allowed *filter.Tree) (*kernel.Record, error) {
	r, err := w.tx.TakeFirst(w.ctx, w.live.Catalog, def.About.Text, where, allowed, def.Order, w.taken...)
	if r != nil {
		w.records[r.ID] = r
		w.taken = append(w.taken, r.ID)
	}
	return r, err
}

// Take finds the first row of a list for an effect of a workflow. What the workflow may take is its own affair, not the
// actor's: whoever may not fire the event on the row is refused by the row's workflow.
func (h *host) Take(name string, given map[string]any) (*expr.Record, error) {
	def := h.work.live.Catalog.Lists[name]
	where, err := h.work.listTree(def, given)
	if err != nil {
		return nil, err
	}
	r, err := h.work.takeFirst(def, where, &filter.Tree{Kind: filter.All})
	return view(r), err
}

// asked keeps those of the given values that the event asks for.
func (w *work) asked(r *kernel.Record, event string, given map[string]any) map[string]any {
	data := map[string]any{}
	for _, name := range w.live.Machines[r.Type].Asks(r.Case.State, event) {
		if v, has := given[name]; has {
			data[name] = v
		}
	}
	return data
}

func (w *work) mayAsk(def *schema.List) error {
	if len(def.By) == 0 || slices.ContainsFunc(def.By, func(role schema.Scalar) bool { return slices.Contains(w.actor.Roles, role.Text) }) {
		return nil
	}
	return kernel.Errorf(kernel.Denied, "list-denied", w.titled(cmp.Or(def.Title, def.Name), "lists/"+def.Name+"/title")(w.cmd.Language))
}

func scopeOf(r *kernel.Record) kernel.Scope {
	s := kernel.Scope{
		CaseType: r.Type, CaseID: r.ID, Root: r.Root, Territory: r.Territory, Office: r.Office,
		Persons: slices.Clone(r.Persons), Author: r.Author,
	}
	return s
}
