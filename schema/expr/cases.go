package expr

import (
	"mera/schema"
	"mera/schema/value"
)

// caseOf is one compiled case of a VALUE.
type caseOf struct {
	from value.Date
	when *node // nil: always
	is   *node
	law  schema.Law
}

// CompileValue compiles a VALUE: an expression, or cases of which the first applies whose date is not after Input.Day
// and whose condition is true. A condition that is unknown makes the whole unknown; if none applies it is absent.
func (e *Env) CompileValue(v schema.Value, s Scope, want *Type) (*Program, schema.Diagnostics) {
	return e.compileValue(v, s, nil, want)
}

func (e *Env) compileValue(v schema.Value, s Scope, locals []local, want *Type) (*Program, schema.Diagnostics) {
	p := &Program{env: e, uses: newUses(), locals: len(locals), rule: want.is(schema.Boolean)}
	var diags schema.Diagnostics
	if v.IsZero() {
		return nil, append(diags, schema.Faultf(v.Pos, CodeSyntax, "a value is wanted"))
	}
	for _, src := range v.Cases {
		c, more := e.compileCase(src, s, locals, want, p)
		diags = append(diags, more...)
		p.cases = append(p.cases, c)
	}
	if diags.Faulty() {
		return nil, diags.Sorted()
	}
	diags = append(diags, e.unify(p, v.Pos)...)
	if diags.Faulty() {
		return nil, diags.Sorted()
	}
	p.root = &node{typ: p.typ, text: p.cases[0].is.text, eval: func(f *frame) any {
		_, v := choose(f, p.cases)
		return v
	}}
	return p.whole(), diags.Sorted()
}

func (e *Env) compileCase(src schema.Case, s Scope, locals []local, want *Type, p *Program) (caseOf, schema.Diagnostics) {
	c := caseOf{law: src.Law}
	var diags, more schema.Diagnostics
	if !src.From.IsZero() {
		var err error
		if c.from, err = value.ParseDate(src.From.Text); err != nil {
			diags = append(diags, schema.Faultf(src.From.Pos, CodeDate, "%v", err))
		}
	}
	if !src.When.IsZero() {
		c.when, more = e.node(src.When, s, locals, Bool, p.uses, &p.locals)
		diags = append(diags, more...)
	}
	c.is, more = e.node(src.Is, s, locals, want, p.uses, &p.locals)
	return c, append(diags, more...)
}

// unify brings all cases to one type.
func (e *Env) unify(p *Program, pos schema.Pos) schema.Diagnostics {
	c := &compiler{env: e, uses: p.uses, depth: &p.locals}
	nodes := make([]*node, len(p.cases))
	for i := range p.cases {
		nodes[i] = p.cases[i].is
	}
	t, ok := c.common(nodes)
	if !ok {
		c.fault(pos, CodeType, "all cases give one type: %s do not go together", typesOf(nodes))
		return c.diags
	}
	for i := range p.cases {
		p.cases[i].is = c.convert(p.cases[i].is, t)
	}
	p.typ = t
	return c.diags
}

// choose evaluates the first case that applies; -1 and absent if none does, -1 and Unknown if that is not known.
func choose(f *frame, cases []caseOf) (int, any) {
	for i, c := range cases {
		f.spend(1)
		if !c.from.IsZero() {
			day, ok := f.day()
			if !ok {
				return -1, Unknown{[]string{"day"}}
			}
			if c.from.After(day) {
				continue
			}
		}
		if c.when != nil {
			when := c.when.read(f)
			if u, ok := unknown(when); ok {
				return -1, u
			}
			if when != true {
				continue
			}
		}
		return i, c.is.eval(f)
	}
	return -1, nil
}
