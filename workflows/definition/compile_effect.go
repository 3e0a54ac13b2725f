package definition

import (
	"mera/schema"
	"mera/schema/expr"
)

func (c *compiler) effects(defs []*schema.Effect, vars map[string]*expr.Type) []*Effect {
	var out []*Effect
	for _, d := range defs {
		e := &Effect{Def: d, Verb: d.Verb, Target: d.Target.Text}
		names := vars
		if !d.Each.IsZero() {
			e.Each, names = c.rows(d.Each, vars)
		}
		c.effect(e, d, names)
		out = append(out, e)
	}
	return out
}

func (c *compiler) effect(e *Effect, d *schema.Effect, vars map[string]*expr.Type) {
	switch e.Verb {
	case "set":
		c.setEffect(e, d, vars)
	case "create", "start":
		c.createEffect(e, d, vars)
	case "fire":
		c.fireEffect(e, d, vars)
	case "extend":
		c.extendEffect(e, d)
	case "transfer":
		e.Program = c.officeOf(d.Target, vars)
	case "stop":
		if e.Target != "awards" {
			c.fault(d.Target.Pos, CodeEffect, "awards can be stopped, %s cannot", e.Target)
		}
	case "print":
		c.printForm(d.Target)
	case "notify":
		e.Who = c.who(d.Target)
		c.printForm(d.With)
	case "send":
		if c.request(d.Target) != nil {
			c.fault(d.Target.Pos, CodeEffect, "%s has an answer: ask it by work", e.Target)
		}
	default:
		c.fault(d.Pos, CodeNotSupported, "the effect %s is not supported yet", d.Verb)
	}
}

func (c *compiler) setEffect(e *Effect, d *schema.Effect, vars map[string]*expr.Type) {
	document := c.m.About
	if !d.Of.IsZero() {
		if e.Of, document = c.records(d.Of, vars); document == nil {
			return
		}
	}
	e.Type = document.Name
	e.Set = c.values(document, d.Set, vars)
}

func (c *compiler) createEffect(e *Effect, d *schema.Effect, vars map[string]*expr.Type) {
	document := c.cat.Documents[e.Target]
	switch {
	case document == nil:
		c.fault(d.Target.Pos, CodeType, "there is no document %s", e.Target)
		return
	case e.Verb == "start" && c.cat.WorkflowOf(e.Target) == nil:
		c.fault(d.Target.Pos, CodeType, "%s has no workflow, so it cannot be started", e.Target)
	}
	e.Type = document.Name
	e.Set = c.newRecord(document, d.Set, d.Pos, vars)
}

func (c *compiler) fireEffect(e *Effect, d *schema.Effect, vars map[string]*expr.Type) {
	if d.Of.IsZero() {
		c.fault(d.Pos, CodeRecord, "fire needs of: the cases in which the event is fired")
		return
	}
	of, document := c.records(d.Of, vars)
	if document == nil {
		return
	}
	e.Of, e.Type = of, document.Name
	if w := c.cat.WorkflowOf(document.Name); w == nil || !HasEvent(w, e.Target) {
		c.fault(d.Target.Pos, CodeEffect, "%s has no event %s", document.Name, e.Target)
	}
}

// HasEvent tells whether a workflow knows an event in any state.
func HasEvent(w *schema.Workflow, event string) bool {
	for _, n := range AllNext(w) {
		if n.Event.Text == event {
			return true
		}
	}
	return false
}

// records compiles an `of`: an expression for a record, child case, or list of them. The document is nil after a fault.
func (c *compiler) records(src schema.Scalar, vars map[string]*expr.Type) (*expr.Program, *schema.Document) {
	p := c.expression(src, vars, nil)
	if p == nil {
		return nil, nil
	}
	t := p.Type()
	if t.Kind == expr.List && t.Elem != nil {
		t = t.Elem
	}
	if t.Kind == schema.Object && t.Fields[ChildRecord] != nil {
		t = t.Fields[ChildRecord]
	}
	document := c.cat.Documents[t.Of]
	if t.Kind != schema.Link || document == nil {
		c.fault(src.Pos, CodeRecord, "a record is wanted, this is %s", p.Type())
		return nil, nil
	}
	return p, document
}

func (c *compiler) extendEffect(e *Effect, d *schema.Effect) {
	e.By = c.duration(d.By)
	if d.By.IsZero() {
		c.fault(d.Pos, CodeDuration, "extend needs by: a duration")
	}
}

func (c *compiler) printForm(name schema.Scalar) {
	if name.IsZero() {
		return
	}
	f := c.cat.PrintForms[name.Text]
	if about := c.m.About; f != nil && f.About.Text != about.Name && f.About.Text != about.Extends.Text {
		c.fault(name.Pos, CodeEffect, "the print form %s is about %s, not about %s", name.Text, f.About.Text, about.Name)
	}
}
