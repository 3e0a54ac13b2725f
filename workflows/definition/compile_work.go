package definition

import (
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
)

// declareWork gives each piece of work its kind, target and name, so that expressions may speak of work.<name>.
func (c *compiler) declareWork() {
	for _, s := range c.w.States {
		st := &State{Def: s}
		for _, def := range s.Work {
			w := c.declare(def)
			if same := c.m.Work(w.Name); same != nil && (same.Kind != w.Kind || same.Target != w.Target || same.Many() != w.Many()) {
				c.fault(def.Pos, CodeWorkName, "%s is the name of other work in another state", w.Name)
			}
			st.Work = append(st.Work, w)
			c.m.Works = append(c.m.Works, w)
		}
		c.m.States = append(c.m.States, st)
	}
}

func (c *compiler) declare(def *schema.Work) *Work {
	w := &Work{Def: def, Name: def.Name}
	target := def.Task
	switch {
	case !def.Ask.IsZero():
		target, w.Kind, w.Ask = def.Ask, RequestKind, true
		c.measure(target)
		if w.Many() {
			c.fault(def.Each.Pos, CodeNotSupported, "ask for each row is not supported yet")
		}
	case !def.Request.IsZero():
		target, w.Kind = def.Request, RequestKind
		if c.request(target) == nil {
			c.fault(target.Pos, CodeRequest, "%s is no exchange with an answer", target.Text)
		}
	case !def.Case.IsZero():
		target, w.Kind = def.Case, CaseKind
		if c.cat.Documents[target.Text] == nil || c.cat.WorkflowOf(target.Text) == nil {
			c.fault(target.Pos, CodeType, "%s is no document with a workflow", target.Text)
		}
	default:
		w.Kind = TaskKind
	}
	w.Target = target.Text
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
func (c *compiler) work(w *Work, def *schema.Work) {
	vars := c.vars
	if w.Many() {
		w.Each, vars = c.rows(def.Each, vars)
	}
	w.Cond = c.expression(def.If, vars, expr.Bool)
	w.Within = c.duration(def.Within)
	w.By = Who{Name: def.By.Text} // a role: parties get tasks by `to`
	w.To = c.assignee(def.To, vars)
	switch w.Kind {
	case CaseKind:
		if d := c.cat.Documents[w.Target]; d != nil {
			w.Set = c.newRecord(d, def.Set, def.Pos, vars)
		}
	case RequestKind:
		if !w.Ask {
			c.subject(w, def, vars)
		}
	case TaskKind:
		if def.By.IsZero() && def.To.IsZero() {
			c.fault(def.Pos, CodeWho, "the task %s is nobody's: say by or to", w.Target)
		}
		c.form(def.Form)
	}
}

func (c *compiler) form(name schema.Scalar) {
	if f := c.cat.Forms[name.Text]; !name.IsZero() && (f == nil || f.About.Text != c.m.About.Name) {
		c.fault(name.Pos, CodeEffect, "there is no form %s about %s", name.Text, c.m.About.Name)
	}
}

// assignee is `to`: a Person, an Office, or the id of an actor.
func (c *compiler) assignee(src schema.Scalar, vars map[string]*expr.Type) *expr.Program {
	p := c.path(src, vars)
	if p == nil {
		return nil
	}
	t := p.Type()
	record := t.Kind == schema.Link && slices.Contains([]string{PersonType, OfficeType, "Actor"}, t.Of)
	if !record && t.Kind != schema.Text && t.Kind != expr.AnyKind {
		c.fault(src.Pos, CodeRecord, "a task is given to a Person, an Office or an actor, not to %s", t)
	}
	return p
}

// subject finds the record that a request is about, the one source of its flow that is not the case: what is given,
// else the card of the case or its only link to that type. A flow that knows only the case is about the case.
func (c *compiler) subject(w *Work, def *schema.Work, vars map[string]*expr.Type) {
	flow := c.request(def.Request)
	if flow == nil {
		return
	}
	name, src := "", schema.Scalar{Text: "doc", Pos: def.Request.Pos}
	w.SubjectType = c.m.About.Name
	for _, s := range flow.Source {
		given, typ := entry(def.Given, s.Key.Text), s.Value.Text()
		switch {
		case typ == c.m.About.Name && given == nil:
			continue
		case name != "" || typ == "":
			c.fault(def.Request.Pos, CodeNotSupported, "a request about more than one record is not supported yet")
			return
		}
		name, w.SubjectType, src.Text = s.Key.Text, typ, c.linkTo(typ)
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
		d := c.fault(def.Request.Pos, CodeSource, "nothing says which %s the request is about", w.SubjectType)
		*d = d.WithHint("write given: {%s: =doc.…}", name)
		return
	}
	w.Subject = c.expression(src, vars, expr.RecordOf(w.SubjectType))
}

// linkTo is an expression for the record of a type that belongs to the case: itself, its card, or the target of its
// only link to that type; "" where that is not clear.
func (c *compiler) linkTo(typ string) string {
	about := c.m.About
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
