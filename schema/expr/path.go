package expr

import (
	"strings"

	"mera/schema"
)

// CompilePath compiles dots only: doc.children.territory. Lists on the way are spread, so that the result is one list;
// a path with an absent part is absent, and an absent part of an element leaves the element out.
func (e *Env) CompilePath(src schema.Scalar, s Scope) (*Program, schema.Diagnostics) {
	uses := newUses()
	c := &compiler{env: e, src: &source{text: src.Text, runes: []rune(src.Text), pos: src.Pos}, scope: s.Vars, depth: new(int), uses: uses}
	n := c.pathOf(src)
	if n.bad() {
		return nil, c.diags
	}
	p := &Program{env: e, typ: n.typ, root: n, uses: uses}
	return p.whole(), nil
}

func (c *compiler) pathOf(src schema.Scalar) *node {
	names := strings.Split(src.Text, ".")
	n := &node{text: names[0], pos: src.Pos}
	offset := 0
	for i, name := range names {
		pos := c.src.at(offset)
		if !isName(name) {
			c.fault(pos, CodePath, "a path is names with dots, such as doc.child.territory; %q is none", clip(src.Text))
			return c.faulty(n)
		}
		if i == 0 {
			n = c.name(n, name)
		} else {
			n = c.step(n, pos, name)
		}
		if n.bad() {
			return n
		}
		offset += len([]rune(name)) + 1
	}
	return n
}

func isName(s string) bool {
	for i, r := range s {
		if !isWord(r) || i == 0 && '0' <= r && r <= '9' {
			return false
		}
	}
	return s != ""
}

// step goes one dot on, from each element where it comes from a list.
func (c *compiler) step(from *node, pos schema.Pos, name string) *node {
	n := &node{text: from.text + "." + name, pos: pos}
	t, spread := from.typ, from.typ.is(List)
	if spread {
		t = t.Elem
	}
	fl := c.field(pos, t, name)
	if fl == nil {
		return c.faulty(n)
	}
	n.typ, n.path = fl.typ, append(append([]string{}, from.path...), name)
	c.follow(from.path, n.path)
	get := func(f *frame, v any) any {
		f.spend(1)
		if v == nil {
			return nil
		}
		if u, ok := unknown(v); ok {
			return u
		}
		return fl.read(f, v)
	}
	if !spread {
		n.eval = func(f *frame) any { return get(f, from.eval(f)) }
		return n
	}
	if !n.typ.is(List) {
		n.typ = ListOf(fl.typ)
	}
	n.eval = func(f *frame) any {
		list := from.eval(f)
		if list == nil {
			return nil
		}
		return f.spread(list, get)
	}
	return n
}

// spread reads a property of each element; elements without it are left out, lists are joined.
func (f *frame) spread(list any, get func(*frame, any) any) any {
	items, missing := parts(list)
	out := []any{}
	for _, it := range items {
		switch v := get(f, it).(type) {
		case nil:
		case Unknown:
			missing = missing.and(v)
		case []any, PartList:
			more, unclear := parts(v)
			f.spend(len(more))
			out, missing = append(out, more...), missing.and(unclear)
		default:
			out = append(out, v)
		}
		if f.err != nil {
			break
		}
	}
	return listOf(out, missing)
}
