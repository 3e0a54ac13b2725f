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
		if w.Ask {
			c.ask(w, def)
		} else {
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

// ask checks that a measure is about the case, or about the rows of `each`, and that nothing but its subject must be
// said of the requests that it needs.
func (c *compiler) ask(w *Work, def *schema.Work) {
	about := c.m.About
	if w.Many() {
		about = c.rowsOf(w.Each, def.Each)
	}
	if about == nil {
		return
	}
	c.measure(def.Ask, about)
	m := c.cat.Measures[def.Ask.Text]
	if m == nil {
		return
	}
	for _, f := range m.Facts {
		for _, name := range f.Ask {
			if flow := c.request(name); flow != nil && len(flow.Source) > 1 {
				c.sources(nil, flow.Source[1:], &schema.Work{Request: schema.Scalar{Text: name.Text, Pos: def.Ask.Pos}}, c.vars)
			}
		}
	}
}

// rowsOf is the document of the rows of an `each` that must be records; nil after a fault.
func (c *compiler) rowsOf(p *expr.Program, src schema.Scalar) *schema.Document {
	if p == nil {
		return nil
	}
	row := p.Type().Elem
	if p.Type().Kind != expr.List || row == nil || row.Kind != schema.Link || c.cat.Documents[row.Of] == nil {
		c.fault(src.Pos, CodeRecord, "a list of records is wanted, this is %s", p.Type())
		return nil
	}
	return c.cat.Documents[row.Of]
}

// subject finds the records that a request is made from: the first source is whom it is about.
func (c *compiler) subject(w *Work, def *schema.Work, vars map[string]*expr.Type) {
	flow := c.request(def.Request)
	if flow == nil {
		return
	}
	for _, e := range def.Given.Entries {
		if !slices.ContainsFunc(flow.Source, func(s schema.Entry) bool { return s.Key.Text == e.Key.Text }) {
			c.fault(e.Key.Pos, CodeSource, "%s is no source of %s", e.Key.Text, def.Request.Text)
		}
	}
	c.sources(w, flow.Source, def, vars)
}

// sources compiles what gives the records of a request; without a work it only looks whether something does.
func (c *compiler) sources(w *Work, sources []schema.Entry, def *schema.Work, vars map[string]*expr.Type) {
	for i, s := range sources {
		typ := s.Value.Text()
		if c.cat.Documents[typ] == nil {
			continue // told by package exchange
		}
		src := c.source(s.Key.Text, typ, def)
		if src.Text == "" {
			d := c.fault(def.Request.Pos, CodeSource, "nothing says which %s the request %s is about", typ, def.Request.Text)
			*d = d.WithHint("write given: {%s: =doc.…}", s.Key.Text)
			continue
		}
		p := c.expression(src, vars, expr.RecordOf(typ))
		switch {
		case w == nil:
		case i == 0:
			w.SubjectType, w.Subject = typ, p
		default:
			w.Sources = append(w.Sources, Source{s.Key.Text, p})
		}
	}
}

// source is what gives one record of a request: `given`, else what belongs to the case; empty if nothing does.
func (c *compiler) source(name, typ string, def *schema.Work) schema.Scalar {
	if given := entry(def.Given, name); given != nil {
		src, isExpression := given.Scalar.Expression()
		if !isExpression {
			return schema.Scalar{}
		}
		return src
	}
	return schema.Scalar{Text: c.linkTo(typ), Pos: def.Request.Pos}
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
