package workflows

import (
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
)

// declareWork gives each piece of work its kind, target and name, so that expressions may speak of work.<name>.
func (c *compiler) declareWork() {
	for _, s := range c.w.States {
		st := &state{def: s}
		for _, def := range s.Work {
			w := c.declare(def)
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
	w := &work{def: def, name: def.Name}
	target := def.Task
	switch {
	case !def.Ask.IsZero():
		target, w.kind, w.ask = def.Ask, requestKind, true
		c.measure(target)
		if w.many() {
			c.fault(def.Each.Pos, CodeNotSupported, "ask for each row is not supported yet")
		}
	case !def.Request.IsZero():
		target, w.kind = def.Request, requestKind
		if c.request(target) == nil {
			c.fault(target.Pos, CodeRequest, "%s is no exchange with an answer", target.Text)
		}
	case !def.Case.IsZero():
		target, w.kind = def.Case, caseKind
		if c.cat.Documents[target.Text] == nil || c.cat.WorkflowOf(target.Text) == nil {
			c.fault(target.Pos, CodeType, "%s is no document with a workflow", target.Text)
		}
	default:
		w.kind = taskKind
	}
	w.target = target.Text
	return w
}

// request finds the flow of a request by "Exchange.flow", or by "Exchange" the only one with an answer; nil if there
// is none.
func (c *compiler) request(name schema.Scalar) *schema.Flow {
	exchange, flow, qualified := strings.Cut(name.Text, ".")
	x := c.cat.Exchanges[exchange]
	if x == nil {
		return nil
	}
	var found *schema.Flow
	for _, f := range x.Flows {
		if f.Answer == nil || qualified && f.Name != flow {
			continue
		}
		if found != nil {
			return nil
		}
		found = f
	}
	return found
}

// work compiles the expressions of declared work.
func (c *compiler) work(w *work, def *schema.Work) {
	vars := c.vars
	if w.many() {
		w.each, vars = c.rows(def.Each, vars)
	}
	w.cond = c.expression(def.If, vars, expr.Bool)
	w.within = c.duration(def.Within)
	w.by = who{name: def.By.Text} // a role: parties get tasks by `to`
	w.to = c.assignee(def.To, vars)
	switch w.kind {
	case caseKind:
		if d := c.cat.Documents[w.target]; d != nil {
			w.set = c.newRecord(d, def.Set, def.Pos, vars)
		}
	case requestKind:
		if !w.ask {
			c.subject(w, def, vars)
		}
	case taskKind:
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

// subject finds the record that a request is about, the one source of its flow that is not the case: what is given,
// else the card of the case or its only link to that type. A flow that knows only the case is about the case.
func (c *compiler) subject(w *work, def *schema.Work, vars map[string]*expr.Type) {
	flow := c.request(def.Request)
	if flow == nil {
		return
	}
	name, src := "", schema.Scalar{Text: "doc", Pos: def.Request.Pos}
	w.subjectType = c.m.about.Name
	for _, s := range flow.Source {
		given, typ := entry(def.Given, s.Key.Text), s.Value.Text()
		switch {
		case typ == c.m.about.Name && given == nil:
			continue
		case name != "" || typ == "":
			c.fault(def.Request.Pos, CodeNotSupported, "a request about more than one record is not supported yet")
			return
		}
		name, w.subjectType, src.Text = s.Key.Text, typ, c.linkTo(typ)
		if given != nil {
			src, _ = given.Scalar.Expression()
		}
	}
	for _, e := range def.Given.Entries {
		if e.Key.Text != name {
			c.fault(e.Key.Pos, CodeSource, "%s is no source of %s", e.Key.Text, def.Request.Text)
		}
	}
	if src.Text == "" {
		d := c.fault(def.Request.Pos, CodeSource, "nothing says which %s the request is about", w.subjectType)
		*d = d.WithHint("write given: {%s: =doc.…}", name)
		return
	}
	w.subject = c.expression(src, vars, expr.RecordOf(w.subjectType))
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

func entry(m schema.ValueMap, key string) *schema.Node {
	return (&schema.Node{Kind: schema.MapNode, Entries: m.Entries}).Get(key)
}
