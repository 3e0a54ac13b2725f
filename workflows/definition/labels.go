package definition

import "mera/schema/expr"

// Flows are the properties that effects and child cases of the workflow write.
func (w *Workflow) Flows() []expr.Flow {
	var out []expr.Flow
	add := func(document string, set []*expr.Setter) {
		if doc := w.Cat.Documents[document]; doc != nil {
			out = append(out, expr.FlowsOf(doc, set)...)
		}
	}
	w.effects(func(e *Effect) { add(e.Type, e.Set) })
	for _, work := range w.Works {
		add(work.Target, work.Set)
	}
	return out
}

// Steers are the expressions by which a case moves, opens work or names a day: whoever sees the case may conclude from
// its state what they came to.
func (w *Workflow) Steers() []*expr.Program {
	var out []*expr.Program
	add := func(programs ...*expr.Program) {
		for _, p := range programs {
			if p != nil {
				out = append(out, p)
			}
		}
	}
	add(w.Office)
	for _, d := range w.Deadlines {
		add(d.Within)
	}
	for _, work := range w.Works {
		add(work.Each, work.Cond, work.To)
	}
	for _, s := range w.States {
		for _, t := range s.Next {
			add(t.When, t.Cond)
		}
	}
	w.effects(func(e *Effect) { add(e.Each, e.Program) })
	return out
}

// effects calls f for every effect.
func (w *Workflow) effects(f func(*Effect)) {
	each := func(list []*Effect) {
		for _, e := range list {
			f(e)
		}
	}
	for _, d := range w.Deadlines {
		each(d.Late)
	}
	for _, s := range w.States {
		each(s.Do)
		for _, t := range s.Next {
			each(t.Do)
		}
	}
}

// Decides are the measures that the workflow asks for a decision.
func (w *Workflow) Decides() []string {
	var out []string
	for _, s := range w.States {
		if s.Decide != nil {
			out = append(out, s.Decide.Measure)
		}
	}
	return out
}
