package printforms

import (
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
)

// rule says what a filter takes and gives.
type rule struct {
	takes  []schema.Kind // nil: any
	gives  *expr.Type    // nil: what it took
	args   []string      // allowed literals of the argument; nil: any text
	needed bool          // the argument must be there
	none   bool          // there is no argument
}

var (
	sums  = []schema.Kind{schema.Money, expr.Number, schema.Integer}
	days  = []schema.Kind{schema.Date, expr.Period, expr.Timestamp}
	texts = []schema.Kind{schema.Text, schema.Enum, schema.UUID, schema.Definition}
)

// rules are all filters of print forms: the five of this package and those of pongo2 that are harmless.
var rules = map[string]rule{
	"money":    {takes: sums, gives: expr.Text, none: true},
	"words":    {takes: sums, gives: expr.Text, none: true},
	"date":     {takes: days, gives: expr.Text, args: []string{"long"}},
	"decline":  {takes: texts, gives: expr.Text, args: cases, needed: true},
	"initials": {takes: texts, gives: expr.Text, none: true},

	"default":  {needed: true},
	"upper":    {takes: texts, gives: expr.Text, none: true},
	"lower":    {takes: texts, gives: expr.Text, none: true},
	"capfirst": {takes: texts, gives: expr.Text, none: true},
	"length":   {takes: append([]schema.Kind{schema.Array}, texts...), gives: expr.Int, none: true},
	"join":     {takes: []schema.Kind{schema.Array}, gives: expr.Text, needed: true},
	"yesno":    {takes: []schema.Kind{schema.Boolean}, gives: expr.Text, needed: true},
}

// filter checks one |name:argument.
func (c *checker) filter(v operand) operand {
	name, ok := c.next("the name of a filter")
	if !ok {
		return c.stop()
	}
	r, known := rules[name.text]
	if !known {
		c.fault(name.start, "template-filter", "a print form has no filter %q", name.text).
			Hint = "filters: " + strings.Join(sortedKeys(rules), ", ")
		return c.stop()
	}
	if !c.argument(name, r) {
		return c.stop()
	}
	if !c.fits(v.typ, name.text, r) {
		c.fault(name.start, "template-filter", "%s cannot take %s", name.text, v.typ)
		return c.stop()
	}
	out := operand{typ: v.typ, start: v.start}
	if r.gives != nil {
		out.typ = r.gives
	}
	return out
}

func (c *checker) fits(t *expr.Type, name string, r rule) bool {
	switch {
	case t.Kind == expr.AnyKind || r.takes == nil && t.Kind != schema.Array && t.Kind != schema.Link && t.Kind != schema.Object:
		return true
	case name == "join" && t.Kind == schema.Array:
		return textual(t.Elem)
	}
	return slices.Contains(r.takes, t.Kind)
}

func (c *checker) argument(name token, r rule) bool {
	if !c.match(sign, ":") {
		if r.needed {
			c.fault(name.end, "template-filter", "%s needs an argument: %s:%q", name.text, name.text, example(r))
		}
		return !r.needed
	}
	arg, ok := c.next("the argument of " + name.text)
	switch {
	case !ok:
		return false
	case r.none:
		c.fault(arg.start, "template-filter", "%s takes no argument", name.text)
		return false
	case arg.kind != text:
		c.fault(arg.start, "template-filter", "the argument of a filter is a text in quotes")
		return false
	case r.args != nil && !slices.Contains(r.args, arg.text):
		c.fault(arg.start, "template-filter", "%s has no %q", name.text, arg.text).Hint = "one of: " + strings.Join(r.args, ", ")
		return false
	}
	return true
}

func example(r rule) string {
	if len(r.args) > 0 {
		return r.args[0]
	}
	return "…"
}
