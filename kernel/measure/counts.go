package measure

import (
	"maps"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
)

// Types of the kernel of which there are facts, and the property by which the amounts of measures are told apart.
const (
	awardType       = "Award"
	entitlementType = "Entitlement"
	countsProperty  = "counts"
)

// paid faults an expression of slices that reads the amount of awards: that is the amount of one day, while slices are
// computed on any.
func (c *compiler) paid(s slot, programs []*expr.Program) {
	for _, p := range programs {
		if p != nil && s.sliced && p.Touches(awardType, "amount") {
			c.fault(s.pos, CodeAwardAmount, "%s is computed for each slice, so it may not read the amount of an award", s.what).
				Hint = "read what is paid in the slice: {each: Entitlement, of: …, over: slice, where: {counts: TAG}}"
		}
	}
}

// counted faults a fact over amounts that, through the facts of other measures, are computed from this measure's own.
func (c *compiler) counted(def *schema.Fact) {
	if def.Type.Text != entitlementType {
		return
	}
	if trail := c.trail(def, map[string]bool{}); trail != nil {
		c.fault(def.Pos, CodeCounts, "%s would be computed from itself: %s", c.def.Name,
			strings.Join(append([]string{c.def.Name}, trail...), " counts ")).Hint = "say in where which tag, or which measure, it counts"
	}
}

// firstSteps are what each award pays on the first day that was asked about: an award whose amount changes within a slice
// pays one of its amounts for it, never their sum. A slice that is paid by days is cut at the change.
func firstSteps(records []*expr.Record) []*expr.Record {
	seen := map[any]bool{}
	return slices.DeleteFunc(slices.Clone(records), func(r *expr.Record) bool {
		award := r.Data["award"]
		known := award != nil && seen[award]
		seen[award] = true
		return known
	})
}

// trail leads from a fact over amounts back to the measure that is compiled; nil where no way leads there.
func (c *compiler) trail(fact *schema.Fact, seen map[string]bool) []string {
	for _, name := range slices.Sorted(maps.Keys(c.cat.Measures)) {
		m := c.cat.Measures[name]
		if seen[name] || !mayCount(fact.Where, m) {
			continue
		}
		if seen[name] = true; name == c.def.Name {
			return []string{name}
		}
		for _, f := range m.Facts {
			if f.Type.Text != entitlementType {
				continue
			}
			if way := c.trail(f, seen); way != nil {
				return append([]string{name}, way...)
			}
		}
	}
	return nil
}

// mayCount tells that a filter of amounts may let those of a measure pass, as far as its plain tags and names tell.
func mayCount(where *schema.Node, m *schema.Measure) bool {
	tags, names := plainTexts(where.Get(countsProperty)), plainTexts(where.Get("measure"))
	counts := func(tag string) bool {
		return slices.ContainsFunc(m.Counts, func(s schema.Scalar) bool { return s.Text == tag })
	}
	return (tags == nil || slices.ContainsFunc(tags, counts)) && (names == nil || slices.Contains(names, m.Name))
}

// plainTexts are the texts of the short form of a condition: one, or one of a list; nil where it is written otherwise.
func plainTexts(n *schema.Node) []string {
	switch {
	case n == nil || n.Kind == schema.MapNode:
		return nil
	case n.Kind == schema.ScalarNode:
		return []string{n.Text()}
	}
	out := make([]string, len(n.Items))
	for i, it := range n.Items {
		out[i] = it.Text()
	}
	return out
}
