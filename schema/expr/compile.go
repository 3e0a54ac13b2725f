package expr

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"mera/schema"
	"mera/schema/value"
)

// node is a compiled part of an expression. A node without a type is faulty: its faults are told already, and what uses
// it stays silent.
type node struct {
	typ        *Type
	eval       func(*frame) any
	path       []string // from a name of the scope by dots, also through the elements of lists; nil otherwise
	text       string   // of the source, on one line
	start, end int      // offsets of the text
	pos        schema.Pos

	raw      func(*frame) any // eval without a line of the explanation; nil where they are the same
	literal  *string          // of a text literal
	number   *value.Number    // of a number literal
	branches []*node          // the value is that of one of these
	elems    []*node          // of a list literal
}

func (n *node) bad() bool { return n.typ == nil }

// read evaluates for use: what is absent is unknown by its path from a name of the scope, else by its text.
func (n *node) read(f *frame) any {
	v := n.eval(f)
	if v != nil {
		return v
	}
	if n.path != nil {
		return Unknown{[]string{strings.Join(n.path, ".")}}
	}
	return Unknown{[]string{n.text}}
}

// compiler compiles one expression.
type compiler struct {
	env    *Env
	src    *source
	scope  map[string]*Type
	locals []local
	depth  *int // the most locals alive at once
	uses   *uses
	diags  schema.Diagnostics
}

// local is a name that a list function or a function's argument opens.
type local struct {
	name string
	typ  *Type
	path []string
}

// uses is what an expression reads.
type uses struct {
	reads      map[string]bool
	parameters map[string]bool
	properties map[property]bool
	paths      [][]string
	turns      bool // it calls turns, itself or in a function
}

func newUses() *uses {
	return &uses{reads: map[string]bool{}, parameters: map[string]bool{}, properties: map[property]bool{}}
}

func (c *compiler) fault(pos schema.Pos, code, format string, args ...any) *schema.Diagnostic {
	c.diags = append(c.diags, schema.Faultf(pos, code, format, args...))
	return &c.diags[len(c.diags)-1]
}

// tell adds a diagnostic.
func (c *compiler) tell(d schema.Diagnostic) { c.diags = append(c.diags, d) }

// faulty is a node after a fault.
func (c *compiler) faulty(n *node) *node {
	n.typ, n.path = nil, nil
	n.eval = func(*frame) any { return nil }
	return n
}

// expr compiles an expression of the tree.
func (c *compiler) expr(e ast.Expr) *node {
	n := &node{start: c.src.offset(e)}
	n.pos = c.src.at(n.start)
	switch e.Kind() {
	case ast.LiteralKind:
		return c.constant(n, e)
	case ast.IdentKind:
		n.end = c.src.wordAfter(n.start)
		n.text = e.AsIdent()
		return c.name(n, e.AsIdent())
	case ast.SelectKind:
		return c.selection(n, e.AsSelect())
	case ast.CallKind:
		return c.call(n, e)
	case ast.ListKind:
		return c.list(n, e.AsList())
	}
	what := map[ast.ExprKind]string{ast.MapKind: "a map", ast.StructKind: "a construction of an object"}[e.Kind()]
	c.fault(n.pos, CodeNotLanguage, "%s is not part of the language", what)
	return c.faulty(n)
}

// constant compiles a literal. Decimals are read from the source, so that they are exact.
func (c *compiler) constant(n *node, e ast.Expr) *node {
	n.end = c.src.literalEnd(n.start)
	n.text = c.src.slice(n.start, n.end)
	var v any
	switch lit := e.AsLiteral().(type) {
	case types.Bool:
		n.typ, v = Bool, bool(lit)
	case types.Int:
		num := value.NewNumber(int64(lit), 1)
		n.typ, v, n.number = Int, int64(lit), &num
	case types.String:
		s := string(lit)
		n.typ, v, n.literal = Text, s, &s
	case types.Double:
		num, err := value.ParseNumber(n.text)
		if err != nil {
			c.fault(n.pos, CodeNotLanguage, "%s is not a decimal such as 0.22", n.text)
			return c.faulty(n)
		}
		n.typ, v, n.number = NumberT, num, &num
	case types.Null:
		c.fault(n.pos, CodeNotLanguage, "null is not part of the language").
			Hint = "what is not known is absent: ask with has(x.y)"
		return c.faulty(n)
	default:
		c.fault(n.pos, CodeNotLanguage, "%s is not part of the language", n.text)
		return c.faulty(n)
	}
	n.eval = func(*frame) any { return v }
	return n
}

// literalEnd is the offset after the literal that begins at i.
func (s *source) literalEnd(i int) int {
	if i < len(s.runes) && s.runes[i] == '-' {
		i = s.skip(i + 1)
	}
	for j := i; j < len(s.runes); j++ {
		switch r := s.runes[j]; {
		case r == '\'' || r == '"':
			return quoted(s.runes, j)
		case (r == '+' || r == '-') && j > i && (s.runes[j-1] == 'e' || s.runes[j-1] == 'E'):
		case !isWord(r) && r != '.':
			return j
		}
	}
	return len(s.runes)
}

// name compiles a name of the scope or of an enclosing list function.
func (c *compiler) name(n *node, name string) *node {
	for i, l := range slices.Backward(c.locals) {
		if l.name == name {
			n.typ, n.path = l.typ, l.path
			n.eval = func(f *frame) any { return f.locals[i] }
			c.follow(nil, n.path)
			return n
		}
	}
	t, ok := c.scope[name]
	if !ok {
		c.unknownName(n.pos, name)
		return c.faulty(n)
	}
	if t == nil {
		t = Dyn // not resolved, which is told elsewhere
	}
	n.typ, n.path = t, []string{name}
	c.uses.reads[name] = true
	c.follow(nil, n.path)
	n.raw = func(f *frame) any { return f.variable(name, t) }
	n.eval = n.raw
	if t.is(schema.Link, List, schema.Object) {
		return n
	}
	return traced(n)
}

func (c *compiler) unknownName(pos schema.Pos, name string) {
	var known []string
	for k := range c.scope {
		known = append(known, k)
	}
	for _, l := range c.locals {
		known = append(known, l.name)
	}
	d := schema.Faultf(pos, CodeName, "there is no name %q here", name)
	if c.env.callable(name) {
		c.tell(d.WithHint("it is called with brackets: %s", c.env.usage(name)))
		return
	}
	c.tell(d.WithNearest(name, known))
}

// follow notes that a path is read, in place of the shorter one that it continues.
func (c *compiler) follow(from, to []string) {
	if to == nil {
		return
	}
	if last := len(c.uses.paths) - 1; last >= 0 && from != nil && slices.Equal(c.uses.paths[last], from) {
		c.uses.paths[last] = to
		return
	}
	c.uses.paths = append(c.uses.paths, to)
}

// list compiles a list literal; its elements are brought to one type.
func (c *compiler) list(n *node, e ast.ListExpr) *node {
	n.end = c.src.closing(n.start)
	n.text = c.src.slice(n.start, n.end)
	n.elems = make([]*node, e.Size())
	elem := Dyn
	for i, el := range e.Elements() {
		if n.elems[i] = c.expr(el); n.elems[i].bad() {
			return c.faulty(n)
		}
	}
	if len(n.elems) > 0 {
		var ok bool
		if elem, ok = c.common(n.elems); !ok {
			c.fault(n.pos, CodeType, "a list holds values of one type: %s", typesOf(n.elems))
			return c.faulty(n)
		}
	}
	n.typ = ListOf(elem)
	n.eval = func(f *frame) any {
		f.spend(len(n.elems))
		out := make([]any, len(n.elems))
		for i, el := range n.elems {
			out[i] = el.read(f)
		}
		return out
	}
	return c.convert(n, n.typ)
}

// call compiles an operator, a list function, a parameter, or a function.
func (c *compiler) call(n *node, e ast.Expr) *node {
	call := e.AsCall()
	name := call.FunctionName()
	if _, operator := operators.FindReverse(name); operator {
		return c.operator(n, name, call.Args())
	}
	open := n.start
	n.start = c.src.wordBefore(open)
	n.pos = c.src.at(n.start)
	n.end = c.src.closing(open)
	if !call.IsMemberFunction() {
		n.text = c.src.slice(n.start, n.end)
		return c.global(n, name, call.Args())
	}
	return c.member(n, name, call.Target(), call.Args())
}

// untraced evaluates a part of a path, which needs no line of its own.
func (n *node) untraced() func(*frame) any {
	if n.raw != nil {
		return n.raw
	}
	return n.eval
}

// typesOf names the types of nodes for a message.
func typesOf(nodes []*node) string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.typ.String()
	}
	return commas(names)
}
