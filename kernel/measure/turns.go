package measure

import (
	"regexp"
	"strings"

	"mera/schema"
	"mera/schema/expr"
)

// turns finds the calls of turns(person, n) in what is computed for each slice. With `part: days` a slice is cut on
// those days, so the calls are compiled once more, alone.
func (c *compiler) turns() {
	if c.m.pay.Part != partDays {
		return
	}
	for _, src := range c.sliceSources() {
		for _, call := range turnsCalls(src) {
			p, diags := c.env.Compile(call, expr.Scope{Vars: c.vars}, expr.DateT)
			if diags.Faulty() {
				c.fault(call.Pos, CodeUnsupported, "turns() of elements of a list, or in a function, does not cut slices yet").
					Hint = "give the person a name in `let` or `facts`"
				continue
			}
			c.m.turns = append(c.m.turns, p)
		}
	}
}

// sliceSources are the texts of all expressions that are evaluated for each slice, and of the functions they call.
func (c *compiler) sliceSources() []schema.Scalar {
	var out []schema.Scalar
	addValue := func(v schema.Value) {
		for _, k := range v.Cases {
			out = append(out, k.When, k.Is)
		}
	}
	for _, l := range c.def.Lets {
		if c.stages[l.Name] == stageSlice {
			addValue(l.Value)
		}
	}
	for _, w := range c.def.While {
		out = append(out, w.Rule, w.Of)
		for _, l := range w.Lets {
			addValue(l.Value)
		}
	}
	addValue(c.def.Amount)
	seen := map[string]bool{}
	for i := 0; i < len(out); i++ { // out grows by the functions that are called
		for _, name := range calledName.FindAllString(out[i].Text, -1) {
			f := c.cat.Functions[strings.TrimRight(name, "( ")]
			if f == nil || seen[f.Name] {
				continue
			}
			seen[f.Name] = true
			addValue(f.Is)
		}
	}
	return out
}

var calledName = regexp.MustCompile(`\b[A-Z][A-Za-z0-9]* *\(`)

// turnsCalls are the calls of turns in a text, each with its place.
func turnsCalls(src schema.Scalar) []schema.Scalar {
	var out []schema.Scalar
	for _, at := range turnsWord.FindAllStringIndex(src.Text, -1) {
		depth := 0
		for i := at[0]; i < len(src.Text); i++ {
			switch src.Text[i] {
			case '(':
				depth++
			case ')':
				depth--
			default:
				continue
			}
			if depth == 0 {
				pos := src.Pos
				pos.Col += len([]rune(src.Text[:at[0]]))
				out = append(out, schema.Scalar{Text: src.Text[at[0] : i+1], Pos: pos})
				break
			}
		}
	}
	return out
}

var turnsWord = regexp.MustCompile(`\bturns *\(`)
