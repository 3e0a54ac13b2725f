package expr

import (
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"

	"mera/schema"
)

// function is a compiled function of a package. prog is nil while it is being compiled, and after a fault.
type function struct {
	def  *schema.Function
	args []*Type
	typ  *Type // of the result; nil after a fault
	prog *Program
	done bool
}

// compileFunction compiles a function of a package once; what it calls is compiled first.
func (e *Env) compileFunction(name string) *function {
	if fn := e.functions[name]; fn != nil {
		return fn
	}
	def := e.cat.Functions[name]
	fn := &function{def: def}
	e.functions[name] = fn
	var locals []local
	for _, a := range def.Args {
		t, ok := e.ParseType(a.Type.Text)
		if !ok {
			e.diags = append(e.diags, schema.Faultf(a.Type.Pos, CodeType, "there is no type %q", a.Type.Text).
				WithHint("a document, [document], a classifier, or date, period, Number, Money, int, text, bool"))
			t = Dyn
		}
		fn.args = append(fn.args, t)
		locals = append(locals, local{a.Name, t, []string{a.Name}})
	}
	var want *Type
	if !def.Returns.IsZero() {
		var ok bool
		if want, ok = e.ParseType(def.Returns.Text); !ok {
			e.diags = append(e.diags, schema.Faultf(def.Returns.Pos, CodeType, "there is no type %q", def.Returns.Text))
		}
	}
	prog, diags := e.compileValue(def.Is, Scope{}, locals, want)
	e.diags = append(e.diags, diags...)
	fn.done = true
	if prog != nil {
		fn.prog, fn.typ = prog, prog.typ
	}
	return fn
}

// function compiles a call of a function of a package.
func (c *compiler) function(n *node, name string, exprs []ast.Expr) *node {
	fn := c.env.compileFunction(name)
	args, ok := c.args(exprs)
	if !ok {
		return c.faulty(n)
	}
	switch {
	case !fn.done:
		c.fault(n.pos, CodeRecursion, "%s calls itself", name)
		return c.faulty(n)
	case fn.prog == nil:
		c.fault(n.pos, CodeFaulty, "%s has faults of its own", name)
		return c.faulty(n)
	case len(args) != len(fn.args):
		c.fault(n.pos, CodeArgument, "%s wants %s", name, c.env.usage(name))
		return c.faulty(n)
	}
	for i := range args {
		if args[i] = c.fit(args[i], fn.args[i]); args[i].bad() {
			return c.faulty(n)
		}
	}
	c.inherit(fn, args)
	n.typ = fn.typ
	n.eval = func(f *frame) any {
		f.spend(1)
		vals := make([]any, len(args))
		for i, a := range args {
			vals[i] = a.eval(f)
		}
		return f.inner(max(fn.prog.locals, len(vals)), func(in *frame) any {
			copy(in.locals, vals)
			return fn.prog.root.eval(in)
		})
	}
	return traced(n)
}

// inherit notes what a function reads: parameters, properties, and paths from its arguments.
func (c *compiler) inherit(fn *function, args []*node) {
	maps.Copy(c.uses.properties, fn.prog.uses.properties)
	c.uses.turns = c.uses.turns || fn.prog.uses.turns
	for p := range fn.prog.uses.parameters {
		c.uses.parameters[p] = true
	}
	for _, path := range fn.prog.uses.paths {
		for i, a := range fn.def.Args {
			if len(path) > 1 && path[0] == a.Name && args[i].path != nil {
				c.uses.paths = append(c.uses.paths, slices.Concat(args[i].path, path[1:]))
			}
		}
	}
}

// ParseType reads a type as functions and lists name it: a document, [document], a classifier, a named type, or date,
// period, timestamp, duration, Number, Money, int, text, bool.
func (e *Env) ParseType(text string) (*Type, bool) {
	if inner, ok := strings.CutPrefix(text, "["); ok && strings.HasSuffix(inner, "]") {
		elem, ok := e.ParseType(strings.TrimSpace(strings.TrimSuffix(inner, "]")))
		return ListOf(elem), ok
	}
	switch text {
	case "date", "Date":
		return DateT, true
	case "period", "Period", "Month", "Quarter", "Year":
		return PeriodT, true
	case "timestamp", "DateTime":
		return TimestampT, true
	case "duration":
		return DurationT, true
	case "Number", "number", "decimal":
		return NumberT, true
	case "Money", "money":
		return MoneyT, true
	case "int", "integer":
		return Int, true
	case "text", "string":
		return Text, true
	case "bool", "boolean":
		return Bool, true
	}
	switch {
	case e.cat.Documents[text] != nil:
		return RecordOf(text), true
	case e.cat.Classifiers[text] != nil:
		return ItemOf(text), true
	case e.cat.Objects[text] != nil:
		return FromSchema(e.cat.Objects[text]), true
	}
	return nil, false
}
