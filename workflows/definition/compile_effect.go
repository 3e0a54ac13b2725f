package definition

import (
	"maps"
	"slices"

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
	case "take":
		c.takeEffect(e, d, vars)
	case "offer":
		c.offerEffect(e, d, vars)
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
	document := c.m.About
	if !d.Of.IsZero() {
		if e.Of, document = c.records(d.Of, vars); document == nil {
			return
		}
	}
	e.Type = document.Name
	c.firedEvent(d.Target, document)
}

// firedEvent checks an event that an effect fires: it brings no data.
func (c *compiler) firedEvent(event schema.Scalar, document *schema.Document) {
	w := c.cat.WorkflowOf(document.Name)
	if w == nil || !HasEvent(w, event.Text) {
		c.fault(event.Pos, CodeEffect, "%s has no event %s", document.Name, event.Text)
		return
	}
	data := ""
	for _, n := range AllNext(w) {
		if n.Event.Text != event.Text {
			continue
		}
		i := slices.IndexFunc(n.Ask, func(a schema.Scalar) bool { return a.Text != AskAnswers && document.Property(a.Text) == nil })
		if i < 0 {
			return
		}
		data = n.Ask[i].Text
	}
	c.fault(event.Pos, CodeEffect, "fire brings no data, and the event %s of %s asks for %s", event.Text, document.Name, data)
}

// takeEffect takes the first row of a list that nobody else gets: its event is fired, `as` keeps the row.
func (c *compiler) takeEffect(e *Effect, d *schema.Effect, vars map[string]*expr.Type) {
	list := c.cat.Lists[e.Target]
	if list == nil {
		return // told by the loader
	}
	if list.Take.IsZero() {
		d := c.fault(d.Target.Pos, CodeEffect, "the list %s says no event by which its rows are taken", e.Target)
		*d = d.WithHint("write take: EVENT in the list")
		return
	}
	e.Type = list.About.Text
	given := func(name string) *schema.Property {
		i := slices.IndexFunc(list.Given, func(p *schema.Property) bool { return p.Name == name })
		if i < 0 {
			return nil
		}
		return list.Given[i]
	}
	e.Set = c.filler(vars).Map("the list "+e.Target, given, d.Given.Entries)
	for _, p := range list.Given {
		if entry(d.Given, p.Name) == nil {
			c.fault(d.Pos, CodeEffect, "the list %s needs given: %s", e.Target, p.Name)
		}
	}
	c.kept(d.As, list)
}

// kept checks the property in which a row that was taken is kept.
func (c *compiler) kept(as schema.Scalar, list *schema.List) {
	if as.IsZero() {
		return
	}
	p := c.m.About.Property(as.Text)
	switch {
	case p == nil || p.Type == nil:
		c.fault(as.Pos, CodeProperty, "%s has no property %s", c.m.About.Name, as.Text)
	case !p.Value.IsZero():
		c.fault(as.Pos, CodeComputed, "%s is computed and never written", as.Text)
	case p.Type.Kind != schema.Link || p.Type.Of != list.About.Text:
		c.fault(as.Pos, CodeRecord, "%s keeps no %s, of which the list %s is", as.Text, list.About.Text, list.Name)
	}
}

// offerEffect tells persons of the measures with a tag.
func (c *compiler) offerEffect(e *Effect, d *schema.Effect, vars map[string]*expr.Type) {
	tagged := func(m *schema.Measure) bool {
		return slices.Contains(m.Tags, e.Target)
	}
	if !slices.ContainsFunc(slices.Collect(maps.Values(c.cat.Measures)), tagged) {
		c.fault(d.Target.Pos, CodeEffect, "no measure has the tag %s", e.Target)
	}
	if d.To.IsZero() {
		c.fault(d.Pos, CodeRecord, "offer needs to: a Person, or a list of them")
		return
	}
	p, document := c.records(d.To, vars)
	if document != nil && document.Name != PersonType {
		c.fault(d.To.Pos, CodeRecord, "a measure is offered to a Person, not to %s", document.Name)
	}
	e.Program, e.Type = p, PersonType
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
