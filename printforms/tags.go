package printforms

import (
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
)

// tag checks {% … %}. Only these tags exist in print forms; all others of pongo2 are banned, because they read files,
// print unescaped or can end the process.
func (c *checker) tag(p piece) {
	t, ok := c.next("the name of a tag")
	if !ok {
		return
	}
	if n := len(c.blocks); n > 0 && c.blocks[n-1].name == "comment" && t.text != "endcomment" {
		return // pongo2 skips it too
	}
	switch t.text {
	case "if":
		c.expression()
		c.open(p, "if", false)
	case "elif":
		c.inside(t, "if")
		c.expression()
	case "else":
		c.inside(t, "if")
	case "for":
		c.loop(p)
	case "empty":
		c.inside(t, "for")
	case "with":
		c.with(p)
	case "set":
		c.set()
	case "comment":
		c.open(p, "comment", false)
	case "endif", "endfor", "endwith", "endcomment":
		c.close(t, strings.TrimPrefix(t.text, "end"))
	default:
		c.fault(t.start, "template-tag", "the tag %q is not allowed in a print form", t.text).
			Hint = "allowed: if elif else for empty with set comment"
		return
	}
	c.done()
}

func (c *checker) open(p piece, name string, scope bool) {
	c.blocks = append(c.blocks, block{name: name, start: p.start, scope: scope})
}

func (c *checker) inside(t token, name string) {
	if n := len(c.blocks); n == 0 || c.blocks[n-1].name != name {
		c.fault(t.start, "template-syntax", "%q stands outside of {%% %s %%}", t.text, name)
		c.stop()
	}
}

func (c *checker) close(t token, name string) {
	n := len(c.blocks)
	if n == 0 || c.blocks[n-1].name != name {
		c.fault(t.start, "template-syntax", "%q closes nothing that was opened", t.text)
		c.stop()
		return
	}
	if c.blocks[n-1].scope {
		c.scopes = c.scopes[:len(c.scopes)-1]
	}
	c.blocks = c.blocks[:n-1]
}

// loop checks {% for x in list %}.
func (c *checker) loop(p piece) {
	scope := map[string]binding{"forloop": {typ: loopType()}}
	c.open(p, "for", true)
	defer func() {
		c.scopes = append(c.scopes, scope)
		c.edits = append(c.edits, edit{p.end, p.end, "{{ " + tickName + "() }}"}) // each turn is counted
	}()
	name, ok := c.name("the name of a row")
	if !ok {
		return
	}
	scope[name.text] = binding{typ: expr.Dyn}
	if !c.match(word, "in") {
		c.fault(name.end, "template-syntax", "a loop is written {%% for row in list %%}")
		c.stop()
		return
	}
	list := c.factor()
	c.match(word, "reversed")
	switch {
	case list.typ == nil:
	case list.typ.Kind == expr.AnyKind:
	case list.typ.Kind != schema.Array:
		c.fault(list.start, "template-loop", "%s is no list", list.typ)
	case list.typ.Elem.Kind == schema.Link:
		c.fault(list.start, "template-loop", "a print form has no loops over links").
			Hint = "name a list in `lists` of the print form: it has columns, an order and a limit"
	default:
		scope[name.text] = binding{typ: list.typ.Elem}
	}
}

func loopType() *expr.Type {
	return expr.ObjectOf(map[string]*expr.Type{
		"Counter": expr.Int, "Counter0": expr.Int, "Revcounter": expr.Int, "Revcounter0": expr.Int,
		"First": expr.Bool, "Last": expr.Bool,
	})
}

// name reads a new name.
func (c *checker) name(what string) (token, bool) {
	t, ok := c.next(what)
	if !ok {
		c.stop()
		return t, false
	}
	if t.kind != word || c.bound(t.text) != nil && !c.own(t.text) || slices.Contains(reserved, t.text) || strings.Contains(t.text, "_") {
		c.fault(t.start, "template-syntax", "%q cannot be a new name", t.text)
		c.stop()
		return t, false
	}
	return t, true
}

// with checks {% with a=value b=value %}.
func (c *checker) with(p piece) {
	scope := map[string]binding{}
	for first := true; first || c.at < len(c.tokens); first = false {
		name, b, ok := c.assignment()
		if !ok {
			break
		}
		scope[name] = b
	}
	c.open(p, "with", true)
	c.scopes = append(c.scopes, scope)
}

// set checks {% set a = value %}: the name lives to the end of the loop or `with` around it.
func (c *checker) set() {
	if name, b, ok := c.assignment(); ok {
		c.scopes[len(c.scopes)-1][name] = b
	}
}

func (c *checker) assignment() (string, binding, bool) {
	name, ok := c.name("a name")
	if !ok {
		return "", binding{}, false
	}
	if !c.match(sign, "=") {
		c.fault(name.end, "template-syntax", "a value is given as name=value")
		c.stop()
		return "", binding{}, false
	}
	v := c.expression()
	if v.typ == nil {
		v.typ = expr.Dyn // told already: what follows is not judged
	}
	return name.text, binding{typ: v.typ, path: v.path}, true
}

// bound finds what a name stands for; nil for an unknown one.
func (c *checker) bound(name string) *binding {
	for i := len(c.scopes) - 1; i >= 0; i-- {
		if b, ok := c.scopes[i][name]; ok {
			return &b
		}
	}
	return nil
}

// own tells that a name was made by the template, so that it may be made anew.
func (c *checker) own(name string) bool {
	_, given := c.scopes[0][name]
	return !given
}
