package workflows

import (
	"slices"

	"mera/schema"
	"mera/schema/expr"
	"mera/workflows/definition"
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
	found = slices.DeleteFunc(found, func(tr *definition.Transition) bool { return !r.may(tr.By) })
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
		ok, err := r.truth(tr.Cond, nil)
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
func (r *run) checkChoice(from *definition.State, t *definition.Transition) []FieldError {
	if t.Asks(definition.AskChoice) {
		return nil
	}
	choice, given := r.in.Data[definition.AskChoice]
	code := "unknown"
	for _, w := range from.Work {
		choices := definition.Texts(w.Def.Choices)
		switch own := w.Target == t.Def.Event.Text; {
		case len(choices) == 0 || !w.DoneBy(t):
		case given && slices.ContainsFunc(choices, func(c string) bool { return c == choice }):
			return nil
		case given:
			code = "enum"
		case own:
			return []FieldError{{definition.AskChoice, "required"}}
		}
	}
	if !given {
		return nil
	}
	return []FieldError{{definition.AskChoice, code}}
}

// find looks for the transitions of an event: in the present state, but first, if it happened before a timer moved the
// case, in the state before that.
func (r *run) find(t Trigger) (*definition.State, []*definition.Transition) {
	if late := r.s.Timed; late != nil && !t.At.IsZero() && t.At.Before(late.At) {
		if from := r.m.w.State(late.From); from != nil {
			if found := from.Events(t.Name); len(found) > 0 {
				r.late = late
				return from, found
			}
		}
	}
	return r.state, r.state.Events(t.Name)
}

func (r *run) notHere(event string) error {
	switch {
	case !definition.HasEvent(r.m.w.Def, event):
		return refuse(InvalidCode, "workflow.event-unknown", event)
	case r.state.Def.Final:
		return refuse(StaleCode, "workflow.final", event)
	default:
		return refuse(StaleCode, "workflow.event-not-here", event, r.state.Def.Name)
	}
}

// inTime refuses an event of the future, and one that happened before the state was entered in which it counts.
func (r *run) inTime(t Trigger, from *definition.State) error {
	since := r.s.Since
	if r.late != nil {
		since = r.late.Since
	}
	switch {
	case t.At.IsZero():
		return nil
	case t.At.After(r.in.Now):
		return refuse(InvalidCode, "workflow.event-future", t.Name)
	case t.At.Before(since):
		return refuse(InvalidCode, "workflow.event-before-entry", t.Name, from.Def.Name)
	}
	return nil
}

func (r *run) may(by []definition.Who) bool {
	return slices.ContainsFunc(by, r.is)
}

// is tells whether the actor has a role, is a party of the case, or the system.
func (r *run) is(w definition.Who) bool {
	a := r.in.Actor
	switch w.Kind {
	case definition.SystemWho:
		return a.system()
	case definition.PartyWho:
		id := r.partyID(w)
		return id != "" && (w.Party.Type.Of == definition.PersonType && id == a.Person || w.Party.Type.Of == definition.OfficeType && id == a.Office)
	}
	return a.has(w.Name)
}

// excluded applies `not` of the tasks that an event does: the state in which the actor, or one for whom he stands in,
// has acted; "" if one of the tasks may be his, or none says `not`. Without `by` a task is done by any event of its
// state.
func (r *run) excluded(from *definition.State, t *definition.Transition) string {
	state := ""
	for _, w := range from.Work {
		if w.Kind != definition.TaskKind || (from == r.state && !r.opened(w)) || !w.DoneBy(t) {
			continue
		}
		i := slices.IndexFunc(w.Def.Not, func(not schema.Scalar) bool { return r.hasActed(not.Text) })
		if i < 0 {
			return ""
		}
		state = w.Def.Not[i].Text
	}
	return state
}

func (r *run) opened(w *definition.Work) bool {
	return slices.ContainsFunc(r.s.Work, func(ref WorkRef) bool { return ref.Name == w.Name })
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
func (r *run) fired(from *definition.State, t *definition.Transition) error {
	r.s.Fired[t.Def.Event.Text]++
	r.acted(from.Def.Name)
	r.finishTask(from, t)
	for _, a := range t.Ask {
		stored, given := r.in.Data[a.Name]
		switch {
		case a.Name == definition.AskAnswers && given:
			r.answer(stored)
		case a.Property != nil && given:
			r.patch(a.Name, stored)
		}
	}
	if r.late != nil && t.To != "" {
		r.takeBack(r.late)
	}
	if err := r.follow(from, t); err != nil {
		return err
	}
	return r.look()
}

// takeBack gives back the time that a timer's move took from a late truth which moves the case: the visit before the
// timer lasted until the truth, the one after it not at all, and terms run as if the timer had not rung. That the
// timer's state was entered stays known.
func (r *run) takeBack(late *Timed) {
	r.s.Spent[late.From] += seconds(late.Since, r.at) - seconds(late.Since, late.At)
	r.s.Since = r.at.UTC()
	terms := cloneMap(late.Terms)
	for name, t := range terms {
		t.Extended = r.s.Terms[name].Extended // an event has prolonged it, not the timer
		terms[name] = t
	}
	r.s.Terms = terms
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
func (r *run) finishTask(from *definition.State, t *definition.Transition) {
	best, rank := -1, 0
	choice, _ := r.in.Data[definition.AskChoice].(string)
	for i, v := range r.in.Work {
		w := from.WorkNamed(v.Name)
		if v.Kind != TaskWork || v.Status != WorkOpen || w == nil || !w.DoneBy(t) {
			continue
		}
		own := w.Target == t.Def.Event.Text
		if !own && t.To == "" && len(from.Events(w.Target)) > 0 || len(w.Def.Choices) > 0 && !slices.Contains(definition.Texts(w.Def.Choices), choice) {
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
	r.out.Done = append(r.out.Done, Done{WorkRef{v.Name, v.Item}, choice})
}

// rank is 0 for a task that is another's.
func (r *run) rank(w *definition.Work, v WorkView, t *definition.Transition) int {
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
	case r.is(w.By):
		n = 2
	}
	if n > 0 && w.Target == t.Def.Event.Text {
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
func (r *run) check(from *definition.State, t *definition.Transition) (map[string]any, []FieldError) {
	values := map[string]any{}
	wrong := r.checkChoice(from, t)
	for _, a := range t.Ask {
		stored, given := r.in.Data[a.Name]
		switch {
		case !given || stored == nil || stored == "":
			known := a.Property != nil && r.doc.Data[a.Name] != nil
			if a.Name != definition.AskAnswers && !known {
				wrong = append(wrong, FieldError{a.Name, "required"})
			}
		case a.Name == definition.AskAnswers:
			wrong = append(wrong, checkAnswers(stored)...)
		default:
			if code := r.checkValue(a.Type, stored); code != "" {
				wrong = append(wrong, FieldError{a.Name, code})
				continue
			}
			v, err := expr.FromStored(a.Type, stored)
			if err != nil {
				wrong = append(wrong, FieldError{a.Name, "type"})
				continue
			}
			values[a.Name] = v
		}
	}
	for name := range r.in.Data {
		if name != definition.AskChoice && !t.Asks(name) {
			wrong = append(wrong, FieldError{name, "unknown"})
		}
	}
	slices.SortFunc(wrong, func(a, b FieldError) int { return compareText(a.Path, b.Path) })
	return values, wrong
}
