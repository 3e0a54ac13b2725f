package expr

import (
	"maps"
	"slices"

	"cel.dev/cel-go/common/ast"

	"mera/schema"
)

// builtin is one way to call a function of the language: types of its arguments (of a method, the receiver first), of
// its result, and what it does with known values.
type builtin struct {
	method bool // called on the first argument
	args   []*Type
	result *Type
	do     func(f *frame, args []any) any
}

// special compiles a function whose types or truths are its own.
type special func(c *compiler, n *node, args []*node) *node

// global compiles f(…): a parameter or function of a package, has, or a function of the language.
func (c *compiler) global(n *node, name string, exprs []ast.Expr) *node {
	switch {
	case c.env.cat.Parameters[name] != nil:
		return c.parameter(n, c.env.cat.Parameters[name], exprs)
	case c.env.cat.Functions[name] != nil:
		return c.function(n, name, exprs)
	case name == "has":
		return c.has(n, exprs)
	case name == "byKey":
		return c.byKey(n, exprs)
	case unsupported[name]:
		c.fault(n.pos, CodeNotSupported, "%s is not supported yet", name)
		return c.faulty(n)
	}
	args, ok := c.args(exprs)
	if !ok {
		return c.faulty(n)
	}
	if sp := specialOf(name); sp != nil {
		return sp(c, n, args)
	}
	ways := builtins[name]
	if ways == nil {
		c.unknownFunction(n.pos, name)
		return c.faulty(n)
	}
	return c.apply(n, name, ways, args)
}

// member compiles x.f(…): the table of a parameter, a function of a list, a field of an object by its name, or a method.
func (c *compiler) member(n *node, name string, target ast.Expr, exprs []ast.Expr) *node {
	if p := c.tableOf(target, name); p != nil {
		n.start = c.src.offset(target)
		n.text = c.src.slice(n.start, n.end)
		return c.rows(n, p, exprs)
	}
	recv := c.expr(target)
	n.start, n.end = c.src.span(recv.start, n.end)
	n.text = c.src.slice(n.start, n.end)
	if recv.bad() {
		return c.faulty(n)
	}
	if fn, ok := listFunctions[name]; ok && recv.typ.elem() != nil {
		return c.listFunction(n, name, fn, recv, exprs)
	}
	if recv.typ.Fields[name].is(schema.Object) && len(exprs) == 1 {
		return c.fieldByName(n, recv, name, exprs[0])
	}
	return c.method(n, name, recv, exprs)
}

// tableOf is the parameter P of P.rows(…).
func (c *compiler) tableOf(target ast.Expr, name string) *schema.Parameter {
	if name != "rows" || target.Kind() != ast.IdentKind {
		return nil
	}
	return c.env.cat.Parameters[target.AsIdent()]
}

// method compiles x.f(…) for a function that is called on a value.
func (c *compiler) method(n *node, name string, recv *node, exprs []ast.Expr) *node {
	sp, ways := specialMethodOf(name, recv.typ), methods[name]
	if sp == nil && ways == nil && !recv.typ.is(AnyKind) {
		c.unknownMethod(n.pos, recv.typ, name)
		return c.faulty(n)
	}
	args, ok := c.args(exprs)
	if !ok {
		return c.faulty(n)
	}
	args = append([]*node{recv}, args...)
	switch {
	case sp != nil:
		return sp(c, n, args)
	case ways != nil:
		return c.apply(n, name, ways, args)
	}
	n.typ = Dyn
	n.eval = func(*frame) any { return Unknown{[]string{n.text}} }
	return n
}

// args compiles arguments; false after a fault.
func (c *compiler) args(exprs []ast.Expr) ([]*node, bool) {
	out := make([]*node, len(exprs))
	ok := true
	for i, e := range exprs {
		out[i] = c.expr(e)
		ok = ok && !out[i].bad()
	}
	return out, ok
}

// apply chooses the first way to call a function that accepts the arguments.
func (c *compiler) apply(n *node, name string, ways []builtin, args []*node) *node {
	for _, w := range ways {
		if len(w.args) != len(args) || !c.acceptsAll(args, w.args) {
			continue
		}
		for i := range args {
			args[i] = c.convert(args[i], w.args[i])
		}
		c.uses.turns = c.uses.turns || name == "turns"
		n.typ = w.result
		n.eval = strict(args, w.do)
		return traced(n)
	}
	c.fault(n.pos, CodeArgument, "%s does not take (%s)", name, typesOf(args)).Hint = "write " + ways[0].usage(name)
	return c.faulty(n)
}

func (c *compiler) acceptsAll(args []*node, want []*Type) bool {
	for i, a := range args {
		if !c.accepts(a, want[i]) {
			return false
		}
	}
	return true
}

// strict evaluates all arguments and applies do to known ones; what is unknown in any of them is unknown in the result.
func strict(args []*node, do func(*frame, []any) any) func(*frame) any {
	return func(f *frame) any {
		f.spend(1)
		vals := make([]any, len(args))
		var unclear Unknown
		for i, a := range args {
			vals[i] = a.read(f)
			switch v := vals[i].(type) {
			case Unknown:
				u, _ := unknown(v)
				unclear = unclear.and(u)
			case string:
				f.spend(len(v) / 64)
			}
		}
		if unclear.some() {
			return unclear
		}
		return do(f, vals)
	}
}

// has is true or false: whether x.y is known to be there; unknown where x is.
func (c *compiler) has(n *node, exprs []ast.Expr) *node {
	if len(exprs) != 1 || exprs[0].Kind() != ast.SelectKind {
		c.fault(n.pos, CodeArgument, "has wants a property of something: has(x.y)")
		return c.faulty(n)
	}
	arg := c.expr(exprs[0])
	if arg.bad() {
		return c.faulty(n)
	}
	n.typ = Bool
	get := arg.untraced()
	n.eval = func(f *frame) any {
		f.spend(1)
		v := get(f)
		if u, ok := unknown(v); ok {
			return u
		}
		return v != nil
	}
	return traced(n)
}

// fieldByName compiles x.f('name') as x.f.name, where x.f is an object.
func (c *compiler) fieldByName(n *node, recv *node, name string, e ast.Expr) *node {
	key := c.expr(e)
	if key.bad() {
		return c.faulty(n)
	}
	fields := recv.typ.Fields[name].Fields
	if key.literal == nil {
		c.fault(key.pos, CodeArgument, "%s wants a name in quotes", name)
		return c.faulty(n)
	}
	t := fields[*key.literal]
	if t == nil {
		known := slices.Collect(maps.Keys(fields))
		c.tell(schema.Faultf(key.pos, CodeItem, "%s has no %q", name, *key.literal).WithNearest(*key.literal, known))
		return c.faulty(n)
	}
	n.typ = t
	if recv.path != nil {
		n.path = append(slices.Clone(recv.path), name, *key.literal)
		c.follow(recv.path, n.path)
	}
	n.eval = unary(recv, func(f *frame, v any) any {
		if v = f.fieldValue(v, name, nil); v == nil {
			return nil
		}
		return f.fieldValue(v, *key.literal, nil)
	})
	return traced(n)
}
