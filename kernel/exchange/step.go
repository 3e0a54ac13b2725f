package exchange

import (
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
)

// step is one compiled act of an answer: a write of a document, or something that is done with the case that asked.
type step struct {
	def    *schema.Step
	typ    string        // of the document; "" of an act
	target *expr.Program // update: =record, void: =record
	each   *expr.Program
	when   *expr.Program
	of     setter
	with   *expr.Program
	keys   []key // of `key`, or of a match: the keys of the document
	set    []*expr.Setter
	reason setter
}

// key is one outside key: its system and the parts that are joined by slashes.
type key struct {
	system string
	parts  []setter
}

// setter gives a value to a property: a literal in stored form, an expression, or the record of an earlier step.
type setter struct {
	name    string
	typ     *schema.Type
	literal any
	program *expr.Program
	step    string
}

func (s setter) empty() bool { return s.literal == nil && s.program == nil && s.step == "" }

// stepCompiler compiles one step in its scope.
type stepCompiler struct {
	*compiler
	scope expr.Scope
	made  map[string]string // types of earlier steps by name
	told  bool              // the step names its type, so linking has judged the properties and literals that it sets
}

// step compiles a step; vars are the names of the answer, made the types of earlier steps.
func (c *compiler) step(def *schema.Step, vars map[string]*expr.Type, made map[string]string) *step {
	sc := &stepCompiler{compiler: c, scope: expr.Scope{Vars: map[string]*expr.Type{}}, made: made}
	for name, t := range vars {
		sc.scope.Vars[name] = t
	}
	for name, typ := range made {
		sc.scope.Vars[name] = expr.RecordOf(typ)
	}
	s := &step{def: def}
	if !def.Each.IsZero() {
		s.each = sc.expression(def.Each, nil)
		if s.each != nil {
			if t := s.each.Type(); t.Kind == schema.Array {
				sc.scope.Vars["it"] = t.Elem
			} else {
				c.fault(def.Each.Pos, "step-literal", "each is a list, not %s", t)
			}
		}
	}
	if slices.Contains(acts, def.Verb) {
		sc.act(s)
		return s
	}
	if !sc.aim(s) {
		return nil
	}
	sc.rest(s)
	return s
}

// acts are the steps that write no document.
var acts = []string{"fire", "print", "notify", "task", "send"}

// act compiles a step that does something with the case that asked, or fires an event in another one.
func (c *stepCompiler) act(s *step) {
	def := s.def
	if !def.When.IsZero() {
		s.when = c.expression(def.When, expr.Bool)
	}
	for _, e := range slices.Concat(def.Key.Entries, def.Set.Entries) {
		c.fault(e.Key.Pos, "step-property", "%s writes no document: it takes neither key nor set", def.Verb)
	}
	switch {
	case def.Verb == "fire":
		c.fired(s)
	case !def.Of.IsZero():
		c.fault(def.Of.Pos, "step-property", "%s is about the case that asked: it takes no `of`", def.Verb)
	}
	switch {
	case def.Verb == "notify" && c.cat.PrintForms[def.With.Text] == nil:
		c.fault(def.Pos, "step-target", "notify needs with: a print form")
	case def.Verb != "notify" && !def.With.IsZero():
		c.fault(def.With.Pos, "step-property", "%s takes no `with`", def.Verb)
	}
}

// fired finds the case in which an event is fired: the one that asked, a record, or what an earlier step made.
func (c *stepCompiler) fired(s *step) {
	if s.def.Of.IsZero() {
		return
	}
	text, isExpr := s.def.Of.Expression()
	if !isExpr {
		text = s.def.Of
	}
	typ := c.made[strings.TrimSpace(text.Text)]
	if typ != "" {
		s.of = setter{name: "of", step: strings.TrimSpace(text.Text)}
	} else if p := c.program(text, nil); p != nil {
		s.of = setter{name: "of", typ: &schema.Type{Kind: schema.Link, Of: p.Type().Of}, program: p}
		if typ = p.Type().Of; p.Type().Kind != schema.Link {
			typ = p.Type().String()
		}
	} else {
		return
	}
	w := c.cat.WorkflowOf(typ)
	if w == nil || !hasEvent(w, s.def.Target.Text) {
		c.fault(s.def.Target.Pos, "step-target", "%s has no event %q", typ, s.def.Target.Text)
	}
}

func hasEvent(w *schema.Workflow, event string) bool {
	of := func(n *schema.Next) bool { return n.Event.Text == event }
	return slices.ContainsFunc(w.Anytime, of) || slices.ContainsFunc(w.States, func(s *schema.State) bool { return slices.ContainsFunc(s.Next, of) })
}

// aim resolves what the step writes.
func (c *stepCompiler) aim(s *step) bool {
	if src, ok := s.def.Target.Expression(); ok {
		if s.target = c.program(src, nil); s.target == nil {
			return false
		}
		switch t := s.target.Type(); {
		case s.def.Verb != "update" && s.def.Verb != "void":
			c.fault(src.Pos, "step-target", "%s names a type of document, not a record", s.def.Verb)
			return false
		case t.Kind != schema.Link:
			c.fault(src.Pos, "step-target", "%s writes a record, not %s", s.def.Verb, t)
			return false
		}
		s.typ = s.target.Type().Of
	} else {
		s.typ, c.told = s.def.Target.Text, true
	}
	doc := c.cat.Documents[s.typ]
	if doc == nil || doc.Record || doc.Abstract {
		c.fault(s.def.Target.Pos, "step-target", "%q is no document that could be written", s.typ)
		return false
	}
	return true
}

// rest compiles the other words of a step.
func (c *stepCompiler) rest(s *step) {
	doc := c.cat.Documents[s.typ]
	if !s.def.When.IsZero() {
		s.when = c.expression(s.def.When, expr.Bool)
	}
	if doc.Card != nil && !s.def.Of.IsZero() {
		s.of = c.setter("of", &schema.Type{Kind: schema.Link, Of: doc.Card.Type.Text}, s.def.Of, c.told)
	} else if !s.def.Of.IsZero() {
		c.fault(s.def.Of.Pos, "step-property", "%s lies on no card: it takes no `of`", doc.Name)
	}
	if !s.def.Reason.IsZero() {
		s.reason = c.setter("reason", &schema.Type{Kind: schema.Text}, s.def.Reason, c.told)
	}
	for _, e := range s.def.Key.Entries {
		s.keys = append(s.keys, key{e.Key.Text, []setter{c.setter(e.Key.Text, &schema.Type{Kind: schema.Text}, e.Value.Scalar, c.told)}})
	}
	if s.def.Verb == "match" {
		c.match(s, doc)
	}
	for _, e := range s.def.Set.Entries {
		p := doc.Property(e.Key.Text)
		switch {
		case p == nil && c.told:
		case p == nil || p.Type == nil:
			c.faults = append(c.faults, schema.Faultf(e.Key.Pos, "step-property", "%s has no property %q", doc.Name, e.Key.Text).
				WithNearest(e.Key.Text, names(doc.Properties)))
		case !p.Value.IsZero() || p.Number != nil:
			c.fault(e.Key.Pos, "step-property", "%s.%s is given by the system", doc.Name, p.Name)
		default:
			if v := c.filler(e.Value.Kind == schema.ScalarNode && c.told).Value(p.Type, e.Value); v != nil {
				s.set = append(s.set, &expr.Setter{Property: p.Name, Value: v})
			}
		}
	}
}

// filler compiles the values that a step sets. told: linking has judged the literal.
func (c *stepCompiler) filler(told bool) expr.Filler {
	return expr.Filler{Unknown: "step-property", Computed: "step-property", Misshapen: "step-literal",
		Fault: func(pos schema.Pos, code, format string, args ...any) { c.fault(pos, code, format, args...) },
		Scalar: func(t *schema.Type, src schema.Scalar) *expr.Template {
			s := c.setter("", t, src, told)
			switch {
			case s.empty():
				return nil
			case s.step != "":
				return &expr.Template{Type: t, Literal: Made(s.step)}
			}
			return &expr.Template{Type: t, Literal: s.literal, Program: s.program}
		}}
}

// match finds the keys by which a record is looked up: those of the document whose properties `with` has too.
func (c *stepCompiler) match(s *step, doc *schema.Document) {
	if s.with = c.expression(s.def.With, nil); s.with == nil {
		return
	}
	path := strings.TrimPrefix(s.def.With.Text, "=")
	for _, k := range doc.Keys {
		found := key{system: k.System}
		for _, p := range k.Properties {
			src := schema.Scalar{Text: path + "." + p.Text, Pos: s.def.With.Pos}
			if program, faults := c.env.Compile(src, c.scope, nil); program != nil && !faults.Faulty() {
				found.parts = append(found.parts, setter{name: p.Text, typ: doc.Property(p.Text).Type, program: program})
			}
		}
		if len(found.parts) == len(k.Properties) {
			s.keys = append(s.keys, found)
		}
	}
	if len(s.keys) == 0 {
		c.fault(s.def.With.Pos, "step-key", "%s has no key whose properties are in %s", doc.Name, path)
	}
}

// setter compiles a value of a value map: =expression or a literal.
func (c *stepCompiler) setter(name string, t *schema.Type, src schema.Scalar, told bool) setter {
	out := setter{name: name, typ: t}
	text, isExpr := src.Expression()
	if !isExpr {
		v, bad := c.plainLeaf(&node{typ: t}, src.Text)
		if (bad != nil || v == nil) && !told {
			c.fault(src.Pos, "step-literal", "%q is no %s", src.Text, t.Kind)
		}
		out.literal = v
		return out
	}
	if made, ok := c.made[strings.TrimSpace(text.Text)]; ok && t.Kind == schema.Link {
		if out.step = strings.TrimSpace(text.Text); made != t.Of {
			c.fault(src.Pos, "step-literal", "step %s makes a %s, and a %s is needed", out.step, made, t.Of)
		}
		return out
	}
	out.program = c.program(text, expr.FromSchema(t))
	return out
}

// expression compiles a slot that may be written with or without =.
func (c *stepCompiler) expression(src schema.Scalar, want *expr.Type) *expr.Program {
	if text, ok := src.Expression(); ok {
		src = text
	}
	return c.program(src, want)
}

// program compiles an expression; what an earlier step made cannot be read, for it is not made yet.
func (c *stepCompiler) program(src schema.Scalar, want *expr.Type) *expr.Program {
	p := c.compile(src, c.scope, want)
	if p == nil {
		return nil
	}
	for _, name := range p.Reads() {
		if _, made := c.made[name]; made {
			c.fault(src.Pos, "not-supported", "the record of step %q can be named whole only, not read", name)
			return nil
		}
	}
	return p
}
