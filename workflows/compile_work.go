package workflows

import (
	"slices"

	"mera/schema"
	"mera/schema/expr"
)

// declareWork gives each piece of work its kind, target and name, so that expressions may speak of work.<name>.
func (c *compiler) declareWork() {
	for _, s := range c.w.States {
		st := &state{def: s}
		for _, def := range s.Work {
			w := c.declare(def)
			if slices.ContainsFunc(st.work, func(o *work) bool { return o.name == w.name }) {
				c.fault(def.Pos, CodeWorkName, "the state %s has work %s twice", s.Name, w.name)
			}
			if same := c.m.work(w.name); same != nil && (same.kind != w.kind || same.target != w.target || same.many() != w.many()) {
				c.fault(def.Pos, CodeWorkName, "%s is the name of other work in another state", w.name)
			}
			st.work = append(st.work, w)
			c.m.works = append(c.m.works, w)
		}
		c.m.states = append(c.m.states, st)
	}
}

// many tells that expressions see a list.
func (w *work) many() bool { return !w.def.Each.IsZero() }

func (c *compiler) declare(def *schema.Work) *work {
	w := &work{def: def}
	var target schema.Scalar
	targets := 0
	for _, t := range []struct {
		name schema.Scalar
		kind WorkKind
	}{{def.Ask, RequestWork}, {def.Request, RequestWork}, {def.Task, TaskWork}, {def.Case, CaseWork}} {
		if !t.name.IsZero() {
			target, w.kind = t.name, t.kind
			targets++
		}
	}
	if targets != 1 {
		c.fault(def.Pos, CodeWork, "work is one of ask, request, task and case")
	}
	w.target, w.ask = target.Text, !def.Ask.IsZero()
	exchange, _ := cutFlow(target.Text)
	if w.name = def.Name; w.name == "" {
		w.name = lowerFirst(exchange)
	}
	c.checkTarget(w, target)
	return w
}

func (c *compiler) checkTarget(w *work, target schema.Scalar) {
	switch {
	case w.ask:
		c.measure(target)
		if w.many() {
			c.fault(w.def.Each.Pos, CodeNotSupported, "ask for each row is not supported yet")
		}
	case w.kind == RequestWork:
		if _, flow := c.flow(target); flow == nil || flow.Answer == nil {
			c.fault(target.Pos, CodeRequest, "%s is no exchange with an answer", target.Text)
		}
	case w.kind == CaseWork && (c.cat.Documents[target.Text] == nil || c.cat.WorkflowOf(target.Text) == nil):
		c.fault(target.Pos, CodeType, "%s is no document with a workflow", target.Text)
	}
}

// flow finds an exchange's flow by "Exchange.flow", or by "Exchange" the only one that sends.
func (c *compiler) flow(name schema.Scalar) (*schema.Exchange, *schema.Flow) {
	exchange, flow := cutFlow(name.Text)
	x := c.cat.Exchanges[exchange]
	if x == nil {
		return nil, nil
	}
	if flow != "" {
		return x, x.Flow(flow)
	}
	sends := slices.DeleteFunc(slices.Clone(x.Flows), func(f *schema.Flow) bool { return f.Send.IsZero() })
	if len(sends) != 1 {
		return x, nil
	}
	return x, sends[0]
}

// work compiles the expressions of declared work.
func (c *compiler) work(w *work, def *schema.Work) {
	c.known(def.Not...)
	vars := c.vars
	if w.many() {
		w.each, vars = c.rows(def.Each, vars)
	}
	w.cond = c.expression(def.If, vars, expr.Bool)
	w.within = c.duration(def.Within)
	if !def.By.IsZero() {
		w.by = c.who(def.By)
	}
	w.to = c.assignee(def.To, vars)
	switch w.kind {
	case CaseWork:
		if d := c.cat.Documents[w.target]; d != nil {
			w.set = c.newRecord(d, def.Set, def.Pos, vars)
		}
	case RequestWork:
		if !w.ask {
			w.given = c.sources(def, vars)
		}
	case TaskWork:
		if def.By.IsZero() && def.To.IsZero() {
			c.fault(def.Pos, CodeWho, "the task %s is nobody's: say by or to", w.target)
		}
		c.form(def.Form)
	}
}

func (c *compiler) form(name schema.Scalar) {
	if f := c.cat.Forms[name.Text]; !name.IsZero() && (f == nil || f.About.Text != c.m.about.Name) {
		c.fault(name.Pos, CodeEffect, "there is no form %s about %s", name.Text, c.m.about.Name)
	}
}

// assignee is `to`: a Person, an Office, or the id of an actor.
func (c *compiler) assignee(src schema.Scalar, vars map[string]*expr.Type) *expr.Program {
	p := c.path(src, vars)
	if p == nil {
		return nil
	}
	t := p.Type()
	record := t.Kind == schema.Link && slices.Contains([]string{personType, officeType, "Actor"}, t.Of)
	if !record && t.Kind != schema.Text && t.Kind != expr.AnyKind {
		c.fault(src.Pos, CodeRecord, "a task is given to a Person, an Office or an actor, not to %s", t)
	}
	return p
}

// sources finds a record for each source of a request: what is given, else the case itself, its card, or its only
// link to that type.
func (c *compiler) sources(def *schema.Work, vars map[string]*expr.Type) []sourceValue {
	_, flow := c.flow(def.Request)
	if flow == nil {
		return nil
	}
	var out []sourceValue
	given := map[string]schema.Scalar{}
	for _, e := range def.Given.Entries {
		src, isExpression := e.Value.Scalar.Expression()
		if !isExpression || !slices.ContainsFunc(flow.Source, func(s schema.Entry) bool { return s.Key.Text == e.Key.Text }) {
			c.fault(e.Key.Pos, CodeSource, "a source of %s is wanted, with an expression that begins with =", def.Request.Text)
			continue
		}
		given[e.Key.Text] = src
	}
	for _, s := range flow.Source {
		typ := s.Value.Text()
		if typ == "" {
			c.fault(def.Request.Pos, CodeNotSupported, "a request whose source %s is a list is not supported yet", s.Key.Text)
			continue
		}
		src, ok := given[s.Key.Text]
		if !ok {
			src.Text, src.Pos = c.linkTo(typ), def.Request.Pos
		}
		if src.Text == "" {
			d := c.fault(def.Request.Pos, CodeSource, "nothing says which %s is the source %s", typ, s.Key.Text)
			*d = d.WithHint("write given: {%s: =doc.…}", s.Key.Text)
			continue
		}
		out = append(out, sourceValue{s.Key.Text, typ, c.expression(src, vars, expr.RecordOf(typ))})
	}
	return out
}

// linkTo is an expression for the record of a type that belongs to the case: itself, its card, or the target of its
// only link to that type; "" where that is not clear.
func (c *compiler) linkTo(typ string) string {
	about := c.m.about
	if typ == about.Name || typ == about.Extends.Text {
		return "doc"
	}
	if about.Card != nil && about.Card.Type.Text == typ {
		return "doc." + about.Card.Link
	}
	found := ""
	for _, p := range about.Properties {
		if p.Type == nil || p.Type.Kind != schema.Link || p.Type.Of != typ {
			continue
		}
		if found != "" {
			return ""
		}
		found = "doc." + p.Name
	}
	return found
}
