package expr

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"

	"mera/schema"
)

// builtin is one way to call a function of the language: types of its arguments (of a method, the receiver first), of
// its result, and what it does with known values.
type builtin struct {
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

// member compiles x.f(…): a method, a list function, the table of a parameter, or a field of an object by its name.
func (c *compiler) member(n *node, name string, target ast.Expr, exprs []ast.Expr) *node {
	if target.Kind() == ast.IdentKind && name == "rows" {
		if p := c.env.cat.Parameters[target.AsIdent()]; p != nil {
			n.start = c.src.offset(target)
			n.text = c.src.slice(n.start, n.end)
			return c.rows(n, p, exprs)
		}
	}
	recv := c.expr(target)
	n.start, n.end = c.src.span(recv.start, n.end)
	n.text = c.src.slice(n.start, n.end)
	if recv.bad() {
		return c.faulty(n)
	}
	if _, ok := listFunctions[name]; ok && recv.typ.elem() != nil {
		return c.listFunction(n, name, recv, exprs)
	}
	if fl := recv.typ.Fields[name]; fl != nil && fl.is(schema.Object) && len(exprs) == 1 {
		return c.fieldByName(n, recv, name, exprs[0])
	}
	if methods[name] == nil && name != "under" && name != "matches" && listUsage[name] == "" && !recv.typ.is(AnyKind) {
		c.unknownMethod(n.pos, recv.typ, name)
		return c.faulty(n)
	}
	args, ok := c.args(exprs)
	if !ok {
		return c.faulty(n)
	}
	args = append([]*node{recv}, args...)
	switch {
	case recv.typ.elem() != nil && slices.Contains([]string{"size", "first", "distinct", "flat"}, name):
		if len(exprs) > 0 {
			c.fault(n.pos, CodeArgument, "%s() takes nothing in its brackets", name)
			return c.faulty(n)
		}
		return c.plainList(n, name, recv)
	case name == "under" && recv.typ.is(schema.Item):
		return c.under(n, args)
	case name == "matches" && recv.typ.textual():
		return c.matches(n, args)
	}
	ways := methods[name]
	if ways == nil && recv.typ.is(AnyKind) {
		n.typ = Dyn
		n.eval = func(*frame) any { return Unknown{[]string{n.text}} }
		return n
	}
	if ways == nil {
		c.unknownMethod(n.pos, recv.typ, name)
		return c.faulty(n)
	}
	return c.apply(n, name, ways, args)
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
		n.typ = w.result
		n.eval = strict(args, w.do)
		return traced(n)
	}
	c.fault(n.pos, CodeArgument, "%s does not take (%s)", name, typesOf(args)).Hint = "write " + usageOf(name, ways)
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
	outer, inner := &field{recv.typ.Fields[name], nil}, *key.literal
	outer.read = func(f *frame, v any) any { return f.fieldValue(v, name, nil) }
	n.typ = t
	if recv.path != nil {
		n.path = append(slices.Clone(recv.path), name, inner)
		c.follow(recv.path, n.path)
	}
	n.eval = unary(recv, func(f *frame, v any) any {
		obj := outer.read(f, v)
		if obj == nil {
			return nil
		}
		return f.fieldValue(obj, inner, nil)
	})
	return traced(n)
}

func (c *compiler) unknownFunction(pos schema.Pos, name string) {
	d := schema.Faultf(pos, CodeFunction, "there is no function %q", name)
	known := slices.Concat(slices.Collect(maps.Keys(builtins)), slices.Collect(maps.Keys(specialUsage)),
		slices.Collect(maps.Keys(c.env.cat.Parameters)), slices.Collect(maps.Keys(c.env.cat.Functions)))
	near := schema.Nearest(name, slices.Sorted(slices.Values(known)))
	switch {
	case listUse(name) != "":
		d = d.WithHint("it is called on a list: list.%s", listUse(name))
	case methods[name] != nil:
		d = d.WithHint("write %s", usageOf(name, methods[name]))
	case near != "":
		d = d.WithHint("did you mean %s?", c.env.usage(near))
	}
	c.tell(d)
}

func (c *compiler) unknownMethod(pos schema.Pos, t *Type, name string) {
	d := schema.Faultf(pos, CodeFunction, "%s has no function %q", t, name)
	known := slices.Collect(maps.Keys(methods))
	if t.is(List) {
		known = slices.Collect(maps.Keys(listUsage))
	}
	if builtins[name] != nil || specialOf(name) != nil {
		d = d.WithHint("write %s", c.env.usage(name))
	} else {
		d = d.WithNearest(name, known)
	}
	c.tell(d)
}

func listUse(name string) string { return listUsage[name] }

// callable tells that a name is a function.
func (e *Env) callable(name string) bool {
	return builtins[name] != nil || specialOf(name) != nil || e.cat.Parameters[name] != nil || e.cat.Functions[name] != nil
}

// usage shows how a function is called.
func (e *Env) usage(name string) string {
	if p := e.cat.Parameters[name]; p != nil {
		return parameterUsage(p)
	}
	if fn := e.cat.Functions[name]; fn != nil {
		names := make([]string, len(fn.Args))
		for i, a := range fn.Args {
			names[i] = a.Name
		}
		return name + "(" + commas(names) + ")"
	}
	if u, ok := specialUsage[name]; ok {
		return u
	}
	return usageOf(name, builtins[name])
}

// usageOf shows all ways to call a function of the language.
func usageOf(name string, ways []builtin) string {
	var out []string
	for _, w := range ways {
		types := make([]string, len(w.args))
		for i, t := range w.args {
			types[i] = t.String()
		}
		if len(methods[name]) > 0 && &methods[name][0] == &ways[0] {
			out = append(out, fmt.Sprintf("%s.%s(%s)", types[0], name, commas(types[1:])))
			continue
		}
		out = append(out, fmt.Sprintf("%s(%s)", name, commas(types)))
	}
	return strings.Join(out, " or ")
}
