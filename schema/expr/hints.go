package expr

import (
	"fmt"
	"maps"
	"slices"

	"mera/schema"
)

// unknownFunction tells that f(…) is none, with the way out.
func (c *compiler) unknownFunction(pos schema.Pos, name string) {
	d := schema.Faultf(pos, CodeFunction, "there is no function %q", name)
	known := slices.Concat(slices.Collect(maps.Keys(builtins)), slices.Collect(maps.Keys(specialUsage)),
		slices.Collect(maps.Keys(c.env.cat.Parameters)), slices.Collect(maps.Keys(c.env.cat.Functions)))
	onList, isList := listFunctions[name]
	near := schema.Nearest(name, slices.Sorted(slices.Values(known)))
	switch {
	case isList:
		d = d.WithHint("it is called on a list: list.%s", onList.usage)
	case methods[name] != nil:
		d = d.WithHint("write %s", methods[name][0].usage(name))
	case near != "":
		d = d.WithHint("did you mean %s?", c.env.usage(near))
	}
	c.tell(d)
}

// unknownMethod tells that x.f(…) is none, with the way out.
func (c *compiler) unknownMethod(pos schema.Pos, t *Type, name string) {
	d := schema.Faultf(pos, CodeFunction, "%s has no function %q", t, name)
	if c.env.callable(name) {
		c.tell(d.WithHint("write %s", c.env.usage(name)))
		return
	}
	var known []string
	if t.is(List) {
		known = slices.Collect(maps.Keys(listFunctions))
	}
	for method, ways := range methods {
		if ways[0].args[0].Kind == t.Kind {
			known = append(known, method)
		}
	}
	c.tell(d.WithNearest(name, known))
}

// callable tells that a name is a function that is called with brackets behind it.
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
	return builtins[name][0].usage(name)
}

// usage shows a way to call a function of the language.
func (b builtin) usage(name string) string {
	types := make([]string, len(b.args))
	for i, t := range b.args {
		types[i] = t.String()
	}
	if b.method {
		return fmt.Sprintf("%s.%s(%s)", types[0], name, commas(types[1:]))
	}
	return fmt.Sprintf("%s(%s)", name, commas(types))
}
