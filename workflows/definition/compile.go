package definition

import (
	"maps"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// Compile checks a workflow of a linked catalog, whose names schema/load has resolved. With a fault among the
// diagnostics the result is nil; lints leave it whole.
func Compile(w *schema.Workflow, cat *schema.Catalog, env *expr.Env) (*Workflow, schema.Diagnostics) {
	c := &compiler{w: w, cat: cat, env: env, m: &Workflow{Def: w, Cat: cat}}
	c.m.About = cat.Documents[w.About.Text]
	switch {
	case c.m.About == nil:
		c.fault(w.About.Pos, CodeType, "there is no document %s", w.About.Text)
	case len(w.States) == 0:
		c.fault(w.Pos, CodeState, "a workflow needs a state")
	default:
		c.compile()
	}
	if !c.ds.Faulty() { // the graph is whole
		c.settles()
		c.lint()
	}
	if c.ds.Faulty() {
		return nil, c.ds.Sorted()
	}
	return c.m, c.ds.Sorted()
}

type compiler struct {
	w   *schema.Workflow
	cat *schema.Catalog
	env *expr.Env
	m   *Workflow
	ds  schema.Diagnostics

	vars map[string]*expr.Type // visible in every slot; with what all events ask as `data`
	asks bool                  // the state that is compiled asks a measure: decidable means something
	busy bool                  // the state that is compiled has work
}

func (c *compiler) fault(pos schema.Pos, code, format string, args ...any) *schema.Diagnostic {
	c.ds = append(c.ds, schema.Faultf(pos, code, format, args...))
	return &c.ds[len(c.ds)-1]
}

func (c *compiler) warn(pos schema.Pos, code, format string, args ...any) {
	c.ds = append(c.ds, schema.Lintf(pos, code, format, args...))
}

func (c *compiler) compile() {
	c.limits()
	c.declareWork()
	c.scope()
	c.m.Office = c.officeOf(c.w.Office, c.vars)
	for _, d := range c.w.Deadlines {
		c.m.Deadlines = append(c.m.Deadlines, c.deadline(d))
	}
	for i, s := range c.w.States {
		c.state(c.m.States[i], s)
	}
	for _, n := range c.w.Anytime {
		c.anytime(n)
	}
	for _, s := range c.m.States {
		c.addresses(s)
	}
}

// limits are those of section 9 of the language.
func (c *compiler) limits() {
	if n := len(c.w.States); n > maxStates {
		c.fault(c.w.Pos, CodeLimit, "a workflow may have %d states, this one has %d", maxStates, n)
	}
	for _, s := range c.w.States {
		if len(s.Work) > maxWork {
			c.fault(s.Pos, CodeLimit, "a state may have %d pieces of work, %s has %d", maxWork, s.Name, len(s.Work))
		}
	}
}

// scope makes the names of section 5.6. Work must be declared.
func (c *compiler) scope() {
	asked := map[string]*expr.Type{}
	for _, n := range AllNext(c.w) {
		for _, a := range c.asksOf(n) {
			asked[a.Name] = expr.FromSchema(a.Type)
		}
	}
	works := map[string]*expr.Type{}
	for _, w := range c.m.Works {
		works[w.Name] = workType(c.cat, w)
	}
	c.vars = map[string]*expr.Type{
		"doc": expr.RecordOf(c.m.About.Name), "case": caseType(c.w), "work": expr.ObjectOf(works), "decision": decisionType(),
		"data": expr.ObjectOf(asked), "actor": actorType(c.cat), "today": expr.DateT, "now": expr.TimestampT,
		"allDone": expr.Bool, "decidable": expr.Bool,
	}
}

// with adds a name to those of a slot.
func with(vars map[string]*expr.Type, name string, t *expr.Type) map[string]*expr.Type {
	out := maps.Clone(vars)
	out[name] = t
	return out
}

func (c *compiler) expression(src schema.Scalar, vars map[string]*expr.Type, want *expr.Type) *expr.Program {
	if src.IsZero() {
		return nil
	}
	p, ds := c.env.Compile(src, expr.Scope{Vars: vars}, want)
	c.ds = append(c.ds, ds...)
	if p == nil || ds.Faulty() {
		return nil
	}
	if slices.Contains(p.Reads(), "decidable") && !c.asks {
		c.fault(src.Pos, CodeDecidable, "decidable means the measure that this state asks, and it asks none")
	}
	if slices.Contains(p.Reads(), "allDone") && !c.busy {
		c.warn(src.Pos, CodeAlwaysAllDone, "allDone is always true in a state without work")
	}
	return p
}

func (c *compiler) path(src schema.Scalar, vars map[string]*expr.Type) *expr.Program {
	if src.IsZero() {
		return nil
	}
	p, ds := c.env.CompilePath(src, expr.Scope{Vars: vars})
	c.ds = append(c.ds, ds...)
	if p == nil || ds.Faulty() {
		return nil
	}
	return p
}

// rows compiles an `each` and returns the names that its row sees.
func (c *compiler) rows(src schema.Scalar, vars map[string]*expr.Type) (*expr.Program, map[string]*expr.Type) {
	p := c.path(src, vars)
	switch {
	case p == nil:
		return nil, vars
	case p.Type().Kind == expr.AnyKind:
		return p, with(vars, "it", expr.Dyn)
	case p.Type().Kind != expr.List:
		c.fault(src.Pos, CodeList, "%s is no list but %s", src.Text, p.Type())
		return nil, vars
	}
	return p, with(vars, "it", p.Type().Elem)
}

func (c *compiler) officeOf(src schema.Scalar, vars map[string]*expr.Type) *expr.Program {
	p := c.expression(src, vars, nil)
	if p == nil {
		return nil
	}
	if t := p.Type(); t.Kind != schema.Text && t.Kind != expr.AnyKind && (t.Kind != schema.Link || t.Of != OfficeType) {
		c.fault(src.Pos, CodeOffice, "an office is wanted, this is %s", t)
	}
	return p
}

func (c *compiler) duration(src schema.Scalar) value.Duration {
	if src.IsZero() {
		return value.Duration{}
	}
	d, err := value.ParseDuration(src.Text)
	if err != nil {
		c.fault(src.Pos, CodeDuration, "%v", err)
	}
	return d
}

// party is a link of the case's document to a Person or an Office; nil if the name is none.
func (c *compiler) party(name string) *schema.Property {
	p := c.m.About.Property(name)
	if p == nil || p.Type == nil || p.Type.Kind != schema.Link || (p.Type.Of != PersonType && p.Type.Of != OfficeType) {
		return nil
	}
	return p
}

func (c *compiler) who(src schema.Scalar) Who {
	w := Who{Name: src.Text, Party: c.party(src.Text)}
	switch {
	case src.Text == System:
		w.Kind = SystemWho
	case w.Party != nil:
		w.Kind = PartyWho
	}
	return w
}

func (c *compiler) state(s *State, def *schema.State) {
	c.asks = slices.ContainsFunc(def.Work, func(w *schema.Work) bool { return !w.Ask.IsZero() })
	c.busy = len(def.Work) > 0
	s.Do = c.effects(def.Do, c.vars)
	s.Decide = c.decide(def.Decide)
	for i, w := range def.Work {
		c.work(s.Work[i], w)
	}
	for _, n := range def.Next {
		s.Next = append(s.Next, c.transition(n, false))
	}
	for _, e := range def.Edit {
		c.edit(e)
	}
	if def.Final && (len(def.Next) > 0 || len(def.Work) > 0) {
		c.fault(def.Pos, CodeFinal, "the state %s is final, so nothing can be waited for in it", def.Name)
	}
	c.asks, c.busy = false, false
}

// edit refuses properties that nobody can write.
func (c *compiler) edit(e schema.Edit) {
	for _, name := range e.Properties {
		if p := c.m.About.Property(name.Text); p != nil && !p.Value.IsZero() {
			c.fault(name.Pos, CodeComputed, "%s is computed and never written", name.Text)
		}
	}
}

func (c *compiler) decide(d *schema.Decide) *Decide {
	if d == nil {
		return nil
	}
	out := &Decide{Measure: d.Measure.Text, Asked: c.expression(d.Asked, c.vars, expr.DateT)}
	about := c.m.About
	if !d.Each.IsZero() {
		out.Each = c.path(d.Each, c.vars)
		if about = c.rowsOf(out.Each, d.Each); about == nil {
			return out
		}
		out.Rows = c.rowsBy(d.Each.Text)
	}
	c.measure(d.Measure, about)
	return out
}

// rowsBy is the link by which rows lead to the case, if `each` is doc and the name of the link read from there; nil for
// any other list.
func (c *compiler) rowsBy(path string) *schema.Inverse {
	name, ok := strings.CutPrefix(path, "doc.")
	if !ok || c.m.About.Property(name) != nil {
		return nil
	}
	for _, inv := range c.cat.Inverses(c.m.About.Name) {
		if inv.Name == name {
			return inv
		}
	}
	return nil
}

// measure checks that a measure is about a type, or about what it extends.
func (c *compiler) measure(name schema.Scalar, about *schema.Document) {
	m := c.cat.Measures[name.Text]
	switch {
	case m == nil:
		c.fault(name.Pos, CodeMeasure, "there is no measure %s", name.Text)
	case m.About.Text != about.Name && m.About.Text != about.Extends.Text:
		c.fault(name.Pos, CodeMeasure, "the measure %s is about %s, not about %s", name.Text, m.About.Text, about.Name)
	}
}
