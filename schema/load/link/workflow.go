package link

import (
	"maps"
	"slices"

	"mera/schema"
)

func (l *linker) workflow(w *schema.Workflow) {
	l.law(w.Package, w.Law)
	d, ok := l.documentNamed(w.Package, w.About)
	if !ok {
		return
	}
	if d.Record || d.Abstract {
		l.faultf(w.About.Pos, "wrong-target", "%q has no records on a card, so they cannot be cases", d.Name)
	}
	l.onlyWorkflow(w)
	for _, p := range w.Data {
		l.resolve(w.Package, p.Type)
		l.constants(p)
		if d.Property(p.Name) != nil {
			l.faultf(p.Pos, "duplicate-name", "%q is already a property of %s", p.Name, d.Name)
		}
	}
	if w.Number != nil {
		l.number(d, w.Number)
	}
	for _, x := range w.Deadlines {
		l.deadline(w, d, x)
	}
	for _, x := range w.Anytime {
		if len(x.In) == 0 {
			l.fault(schema.Faultf(x.Pos, "missing-key", "a transition of anytime has no \"in\"").WithHint("in: the states from which it leads"))
		}
		l.states(w, x.In)
		l.transition(w, d, x)
	}
	for _, s := range w.States {
		l.stateParts(w, d, s)
	}
	l.moved(w)
}

func (l *linker) onlyWorkflow(w *schema.Workflow) {
	for _, name := range slices.Sorted(maps.Keys(l.cat.Workflows)) {
		if o := l.cat.Workflows[name]; o.About.Text == w.About.Text && name < w.Name {
			l.fault(schema.Faultf(w.About.Pos, "duplicate-name", "%s already has the workflow %s of %s", w.About.Text, o.Name, o.Package).
				WithHint("a type has at most one workflow"))
			return
		}
	}
}

func (l *linker) moved(w *schema.Workflow) {
	for _, old := range slices.Sorted(maps.Keys(w.Moved)) {
		l.state(w, schema.Scalar{Text: w.Moved[old], Pos: w.Pos})
		if w.State(old) != nil {
			l.fault(schema.Faultf(w.Pos, "bad-value", "moved names the state %q, which still exists", old).WithHint("moved is for states that were dropped"))
		}
	}
}

func (l *linker) deadline(w *schema.Workflow, d *schema.Document, x *schema.Deadline) {
	l.law(w.Package, x.Law)
	if x.From.Text != "created" {
		l.state(w, x.From)
	}
	l.states(w, x.Until)
	l.states(w, x.PauseIn)
	for _, warn := range x.Warn {
		l.role(w.Package, warn.Role)
	}
	l.effects(w, d, x.Late)
}

func (l *linker) stateParts(w *schema.Workflow, d *schema.Document, s *schema.State) {
	for _, e := range s.Edit {
		l.actor(w.Package, d, e.Who)
		for _, p := range e.Properties {
			l.property(d, p)
		}
	}
	l.effects(w, d, s.Do)
	if s.Decide != nil {
		l.decide(w, s.Decide)
	}
	names := map[string]bool{}
	for _, x := range s.Work {
		if names[x.Name] {
			l.fault(schema.Faultf(x.Pos, "duplicate-name", "the state %s has two works called %q", s.Name, x.Name).WithHint("write as: another name"))
		}
		names[x.Name] = true
		l.work(w, d, x)
	}
	for _, x := range s.Next {
		l.transition(w, d, x)
	}
}

func (l *linker) decide(w *schema.Workflow, x *schema.Decide) {
	m, ok := find(l, w.Package, l.cat.Measures, "measure", x.Measure)
	if ok && x.Each.IsZero() && m.About.Text != w.About.Text {
		l.fault(schema.Faultf(x.Measure.Pos, "wrong-target", "the measure %s is about %s, and the workflow about %s", m.Name, m.About.Text, w.About.Text).
			WithHint("write {measure: %s, each: path} to decide rows of another type", m.Name))
	}
}

func (l *linker) work(w *schema.Workflow, d *schema.Document, x *schema.Work) {
	switch {
	case !x.Ask.IsZero():
		find(l, w.Package, l.cat.Measures, "measure", x.Ask)
	case !x.Request.IsZero():
		l.request(w.Package, x.Request)
	case !x.Case.IsZero():
		l.caseType(w.Package, x.Case, x.Set)
	}
	if !x.By.IsZero() {
		l.role(w.Package, x.By)
	}
	l.states(w, x.Not)
	if !x.Form.IsZero() {
		l.formOf(w, x.Form)
	}
	if !x.To.IsZero() && x.Each.IsZero() {
		l.docPath(d, x.To)
	}
}

func (l *linker) formOf(w *schema.Workflow, s schema.Scalar) {
	f, ok := find(l, w.Package, l.cat.Forms, "form", s)
	if ok && f.About.Text != w.About.Text {
		l.faultf(s.Pos, "wrong-target", "the form %s is about %s, and the workflow about %s", f.Name, f.About.Text, w.About.Text)
	}
}

// caseType checks a type whose record opens as a case.
func (l *linker) caseType(pkg string, s schema.Scalar, set schema.ValueMap) {
	d, ok := l.documentNamed(pkg, s)
	if !ok {
		return
	}
	if l.cat.WorkflowOf(d.Name) == nil {
		l.fault(schema.Faultf(s.Pos, "wrong-target", "%q has no workflow, so it cannot be opened as a case", d.Name).WithHint("use create, or write a workflow about it"))
	}
	l.sets(d, set)
}

// docPath is a path that may begin with `doc.`; `doc` alone and the rows of `each` are checked elsewhere.
func (l *linker) docPath(d *schema.Document, s schema.Scalar) {
	rest, ok := cutDoc(s)
	if ok && rest.Text != "" {
		l.path(d, rest)
	}
}

func cutDoc(s schema.Scalar) (schema.Scalar, bool) {
	const doc = "doc."
	switch {
	case s.Text == "doc":
		return schema.Scalar{Pos: s.Pos}, true
	case len(s.Text) > len(doc) && s.Text[:len(doc)] == doc:
		s.Text = s.Text[len(doc):]
		s.Pos.Col += len(doc)
		return s, true
	}
	return s, false
}

func (l *linker) transition(w *schema.Workflow, d *schema.Document, x *schema.Next) {
	l.state(w, x.To)
	for _, s := range x.By {
		l.actor(w.Package, d, s, "system")
	}
	for _, s := range x.Ask {
		l.asked(w, d, s)
	}
	l.effects(w, d, x.Do)
	l.effects(w, d, x.Stay)
}

// asked is a name in `ask` of an event: a property, data of the workflow, reason or answers.
func (l *linker) asked(w *schema.Workflow, d *schema.Document, s schema.Scalar) {
	known := append(append([]string{"reason", "answers"}, names(d.Properties)...), names(w.Data)...)
	if !slices.Contains(known, s.Text) {
		l.fault(schema.Faultf(s.Pos, "unknown-property", "ask names %q, which is no property of %s and no data of the workflow", s.Text, d.Name).WithNearest(s.Text, known))
	}
}

func (l *linker) effects(w *schema.Workflow, d *schema.Document, effects []*schema.Effect) {
	for _, e := range effects {
		l.effect(w, d, e)
	}
}

func (l *linker) effect(w *schema.Workflow, d *schema.Document, e *schema.Effect) {
	switch e.Verb {
	case "set":
		if e.Of.IsZero() {
			l.sets(d, e.Set)
		}
	case "create":
		if created, ok := l.documentNamed(w.Package, e.Target); ok {
			l.sets(created, e.Set)
		}
	case "start":
		l.caseType(w.Package, e.Target, e.Set)
	case "fire":
		if e.Of.IsZero() {
			l.event(w, e.Target)
		}
	case "take":
		find(l, w.Package, l.cat.Lists, "list", e.Target)
	case "extend":
		l.deadlineNamed(w, e.Target)
	case "print":
		find(l, w.Package, l.cat.PrintForms, "print form", e.Target)
	case "notify":
		l.actor(w.Package, d, e.Target)
		if !e.With.IsZero() {
			find(l, w.Package, l.cat.PrintForms, "print form", e.With)
		}
	case "send":
		l.sending(w.Package, e.Target)
	}
}

func (l *linker) deadlineNamed(w *schema.Workflow, s schema.Scalar) {
	var known []string
	for _, x := range w.Deadlines {
		if x.Name == s.Text {
			return
		}
		known = append(known, x.Name)
	}
	l.fault(schema.Faultf(s.Pos, "unknown-name", "the workflow %s has no deadline %q", w.Name, s.Text).WithNearest(s.Text, known))
}

// event resolves an event of a workflow.
func (l *linker) event(w *schema.Workflow, s schema.Scalar) {
	if l.events[w.Name] == nil {
		l.events[w.Name] = eventsOf(w)
	}
	if known := l.events[w.Name]; !known[s.Text] {
		l.fault(schema.Faultf(s.Pos, "unknown-event", "the workflow %s has no event %q", w.Name, s.Text).WithNearest(s.Text, keys(known)))
	}
}

func eventsOf(w *schema.Workflow) map[string]bool {
	out := map[string]bool{}
	add := func(transitions []*schema.Next) {
		for _, x := range transitions {
			if !x.Event.IsZero() {
				out[x.Event.Text] = true
			}
		}
	}
	add(w.Anytime)
	for _, s := range w.States {
		add(s.Next)
	}
	return out
}
