package workflows

import (
	"slices"

	"mera/schema"
	"mera/schema/expr"
)

// event fires an event: whose it is, four eyes, its data, its condition; then it is done.
func (r *run) event(t Trigger) error {
	from, found := r.find(t)
	if len(found) == 0 {
		return r.notHere(t.Name)
	}
	if err := r.inTime(t, from); err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(tr *transition) bool { return !r.may(tr.by) })
	if len(found) == 0 {
		return refuse(DeniedCode, "workflow.event-not-yours", t.Name)
	}
	refusal := refuse(ConflictCode, "workflow.event-not-now", t.Name)
	for _, tr := range found {
		if state := r.excluded(from, tr); state != "" {
			refusal = refuse(DeniedCode, "workflow.four-eyes", t.Name, state)
			continue
		}
		data, wrong := r.check(from, tr)
		if len(wrong) > 0 {
			refusal = refuse(InvalidCode, "workflow.event-data", t.Name)
			refusal.Fields = wrong
			continue
		}
		r.data = data
		ok, err := r.truth(tr.cond, nil)
		if err != nil {
			return err
		}
		if ok {
			return r.fired(from, tr)
		}
		refusal = refuse(ConflictCode, "workflow.event-not-now", t.Name)
	}
	return refusal
}

// checkChoice looks at the choice that an event brings for a task with choices: the task of its name wants one.
func (r *run) checkChoice(from *state, t *transition) []FieldError {
	if t.asks(askChoice) {
		return nil
	}
	choice, given := r.in.Data[askChoice]
	code := "unknown"
	for _, w := range from.work {
		choices := texts(w.def.Choices)
		switch own := w.target == t.def.Event.Text; {
		case len(choices) == 0 || !w.doneBy(t):
		case given && slices.ContainsFunc(choices, func(c string) bool { return c == choice }):
			return nil
		case given:
			code = "enum"
		case own:
			return []FieldError{{askChoice, "required"}}
		}
	}
	if !given {
		return nil
	}
	return []FieldError{{askChoice, code}}
}

// find looks for the transitions of an event: in the present state, but first, if it happened before a timer moved the
// case, in the state before that.
func (r *run) find(t Trigger) (*state, []*transition) {
	if late := r.s.Timed; late != nil && !t.At.IsZero() && t.At.Before(late.At) {
		if from := r.m.w.state(late.From); from != nil {
			if found := from.events(t.Name); len(found) > 0 {
				return from, found
			}
		}
	}
	return r.state, r.state.events(t.Name)
}

func (r *run) notHere(event string) error {
	switch {
	case !hasEvent(r.m.w.def, event):
		return refuse(InvalidCode, "workflow.event-unknown", event)
	case r.state.def.Final:
		return refuse(StaleCode, "workflow.final", event)
	default:
		return refuse(StaleCode, "workflow.event-not-here", event, r.state.def.Name)
	}
}

// inTime refuses an event of the future, and one that happened before the state was entered in which it counts.
func (r *run) inTime(t Trigger, from *state) error {
	switch {
	case t.At.IsZero():
		return nil
	case t.At.After(r.in.Now):
		return refuse(InvalidCode, "workflow.event-future", t.Name)
	case from == r.state && t.At.Before(r.s.Since):
		return refuse(InvalidCode, "workflow.event-before-entry", t.Name, from.def.Name)
	}
	return nil
}

func (r *run) may(by []who) bool {
	return slices.ContainsFunc(by, r.is)
}

// is tells whether the actor has a role, is a party of the case, or the system.
func (r *run) is(w who) bool {
	a := r.in.Actor
	switch w.kind {
	case systemWho:
		return a.system()
	case partyWho:
		id := r.partyID(w)
		return id != "" && (w.party.Type.Of == personType && id == a.Person || w.party.Type.Of == officeType && id == a.Office)
	}
	return a.has(w.name)
}

// excluded applies `not` of the tasks that an event does: the state in which the actor, or one for whom he stands in,
// has acted; "" if one of the tasks may be his, or none says `not`. Without `by` a task is done by any event of its
// state.
func (r *run) excluded(from *state, t *transition) string {
	state := ""
	for _, w := range from.work {
		if w.kind != taskKind || (from == r.state && !r.opened(w)) || !w.doneBy(t) {
			continue
		}
		i := slices.IndexFunc(w.def.Not, func(not schema.Scalar) bool { return r.hasActed(not.Text) })
		if i < 0 {
			return ""
		}
		state = w.def.Not[i].Text
	}
	return state
}

func (r *run) opened(w *work) bool {
	return slices.ContainsFunc(r.s.Work, func(ref WorkRef) bool { return ref.Name == w.name })
}

func (r *run) hasActed(state string) bool {
	return slices.ContainsFunc(r.s.Acted[state], func(id string) bool {
		return id == r.in.Actor.ID || slices.Contains(r.in.Actor.Stands, id)
	})
}

func (r *run) acted(state string) {
	if id := r.in.Actor.ID; !slices.Contains(r.s.Acted[state], id) {
		r.s.Acted[state] = append(slices.Clone(r.s.Acted[state]), id)
	}
}

// fired does an event that is allowed.
func (r *run) fired(from *state, t *transition) error {
	r.s.Fired[t.def.Event.Text]++
	r.acted(from.def.Name)
	r.finishTask(from, t)
	for _, a := range t.ask {
		stored, given := r.in.Data[a.name]
		switch {
		case a.name == askAnswers && given:
			r.answer(stored)
		case a.property != nil && given:
			r.patch(a.name, stored)
		}
	}
	moved := len(r.out.Moved)
	if err := r.follow(from, t); err != nil {
		return err
	}
	if len(r.out.Moved) > moved {
		r.s.Timed = nil
	}
	return r.look()
}

func (r *run) answer(stored any) {
	answers, _ := stored.(map[string]any) // check has seen to it
	for name, v := range answers {
		r.s.Answers[name] = v == true
	}
}

// finishTask finds the task that the event does: the actor's own before his role's, and one of the event's name
// before others. An event that stays leaves a task alone that has an event of its own; a task with choices is done
// only with one of them.
func (r *run) finishTask(from *state, t *transition) {
	best, rank := -1, 0
	choice, _ := r.in.Data[askChoice].(string)
	for i, v := range r.in.Work {
		w := from.workNamed(v.Name)
		if v.Kind != TaskWork || v.Status != WorkOpen || w == nil || !w.doneBy(t) {
			continue
		}
		own := w.target == t.def.Event.Text
		if !own && t.to == "" && len(from.events(w.target)) > 0 || len(w.def.Choices) > 0 && !slices.Contains(texts(w.def.Choices), choice) {
			continue
		}
		if n := r.rank(w, v, t); n > rank {
			best, rank = i, n
		}
	}
	if best < 0 {
		return
	}
	v := &r.in.Work[best]
	v.Status, v.By, v.At, v.Choice = WorkDone, r.in.Actor.ID, r.at, choice
	r.out.DoneTask = &WorkRef{v.Name, v.Item}
}

// rank is 0 for a task that is another's.
func (r *run) rank(w *work, v WorkView, t *transition) int {
	a := r.in.Actor
	n := 0
	switch {
	case v.Worker != "":
		if v.Worker == a.ID {
			n = 6
		}
	case v.Party != "":
		if v.Party == a.Person || v.Party == a.Office {
			n = 4
		}
	case r.is(w.by):
		n = 2
	}
	if n > 0 && w.target == t.def.Event.Text {
		n++
	}
	return n
}

// patch writes a property of the document; nil removes it.
func (r *run) patch(property string, stored any) {
	if r.out.Set == nil {
		r.out.Set = map[string]any{}
	}
	r.out.Set[property] = stored
	if stored == nil {
		delete(r.doc.Data, property)
		return
	}
	r.doc.Data[property] = stored
}

// check binds the data of an event: values of what it asks for, and what is wrong with them.
func (r *run) check(from *state, t *transition) (map[string]any, []FieldError) {
	values := map[string]any{}
	wrong := r.checkChoice(from, t)
	for _, a := range t.ask {
		stored, given := r.in.Data[a.name]
		switch {
		case !given || stored == nil || stored == "":
			known := a.property != nil && r.doc.Data[a.name] != nil
			if a.name != askAnswers && !known {
				wrong = append(wrong, FieldError{a.name, "required"})
			}
		case a.name == askAnswers:
			wrong = append(wrong, checkAnswers(stored)...)
		default:
			if code := r.checkValue(a.typ, stored); code != "" {
				wrong = append(wrong, FieldError{a.name, code})
				continue
			}
			v, err := expr.FromStored(a.typ, stored)
			if err != nil {
				wrong = append(wrong, FieldError{a.name, "type"})
				continue
			}
			values[a.name] = v
		}
	}
	for name := range r.in.Data {
		if name != askChoice && !t.asks(name) {
			wrong = append(wrong, FieldError{name, "unknown"})
		}
	}
	slices.SortFunc(wrong, func(a, b FieldError) int { return compareText(a.Path, b.Path) })
	return values, wrong
}
