package access

import (
	"context"
	"slices"

	"mera/policies"
	"mera/schema"
	"mera/schema/filter"
)

// Papers of cases - tasks, requests, decisions, awards, accruals, prints - have no rules of packages: the base rules let
// whoever is near read them. But who may not read a case, by the rules and denials of its package, must not read its
// papers either. So the filter of a paper is that of the base rules and that of its case.

// paper is the filter of a kernel type for a class, with that of the cases behind its rows.
func (g *Gate) paper(ctx context.Context, c *class, e entry, own *filter.Tree) (*filter.Tree, error) {
	d := filter.KernelType(e.typ)
	switch {
	case d == nil || own.Kind == filter.None || e.label != "" || e.action != "" || e.typ == caseType:
		return own, nil
	case e.typ == "Event":
		return g.entries(ctx, c, own)
	}
	way := wayToCase(d)
	if way == nil {
		return own, nil
	}
	var groups grouping
	for _, typ := range g.set.Cases() {
		o, err := g.open(ctx, c, entry{typ: typ})
		if err != nil {
			return nil, err
		}
		groups.add(typ, ofCase(e.typ, way, o.tree))
	}
	return filter.Conj(own, groups.tree(append(slices.Clone(way[:len(way)-1]), filter.Hop{Property: "caseType"}))), nil
}

const caseType = "Case"

// wayToCase leads from a row of a kernel type to its case: directly, or over its award. nil if it has none.
func wayToCase(d *schema.Document) []filter.Hop {
	toCase := filter.Hop{Property: "case", Link: caseType}
	switch {
	case d.Property("case") != nil:
		return []filter.Hop{toCase}
	case d.Property("award") != nil:
		return []filter.Hop{{Property: "award", Link: "Award"}, toCase}
	}
	return nil
}

// ofCase is a filter of cases put to the papers of a type. What papers keep of their case - territory, office, persons,
// author - is read from themselves, the rest from the case.
func ofCase(typ string, way []filter.Hop, t *filter.Tree) *filter.Tree {
	return relocated(t, func(leaf *filter.Tree) []filter.Hop {
		if leaf.Op != filter.Same && leaf.Op != filter.Differs {
			if kept := policies.Kept(typ, leaf.Path[0].Property); kept != nil {
				return kept
			}
		}
		return append(slices.Clone(way), leaf.Path...)
	})
}

// entries hides from the journal what is denied: an entry about a record that the actor is denied is not there. That he
// may read the record is not asked, for auditors read the journal and no records.
func (g *Gate) entries(ctx context.Context, c *class, own *filter.Tree) (*filter.Tree, error) {
	record := filter.Hop{Property: "record", Link: "Record"}
	var denied grouping
	for _, typ := range g.set.Types() {
		t, err := g.set.OpenDeny(ctx, c.actor, typ, c.today)
		if err != nil {
			return nil, failure(err)
		}
		denied.add(typ, relocated(t, func(leaf *filter.Tree) []filter.Hop { return append([]filter.Hop{record}, leaf.Path...) }))
	}
	return filter.Conj(own, filter.Negate(denied.tree([]filter.Hop{{Property: "type"}}))), nil
}

// relocated is a filter whose leaves are found by another path.
func relocated(t *filter.Tree, path func(leaf *filter.Tree) []filter.Hop) *filter.Tree {
	kids := make([]*filter.Tree, len(t.Kids))
	for i, k := range t.Kids {
		kids[i] = relocated(k, path)
	}
	switch t.Kind {
	case filter.And:
		return filter.Conj(kids...)
	case filter.Or:
		return filter.Disj(kids...)
	case filter.Not:
		return filter.Negate(kids[0])
	case filter.Leaf:
		out := *t
		out.Path = path(t)
		return &out
	}
	return t
}

// grouping joins the filters of several types: types with equal filters are asked together.
type grouping struct {
	trees []*filter.Tree
	types [][]any
}

func (g *grouping) add(typ string, t *filter.Tree) {
	text := t.String()
	i := slices.IndexFunc(g.trees, func(known *filter.Tree) bool { return known.String() == text })
	if i < 0 {
		g.trees, g.types = append(g.trees, t), append(g.types, nil)
		i = len(g.trees) - 1
	}
	g.types[i] = append(g.types[i], typ)
}

// tree is true of the rows of a type that its filter lets through; path leads to the name of the type. One filter for
// all types needs no look at the type.
func (g *grouping) tree(path []filter.Hop) *filter.Tree {
	if len(g.trees) == 1 {
		return g.trees[0]
	}
	var kids []*filter.Tree
	for i, t := range g.trees {
		of := &filter.Tree{Kind: filter.Leaf, Path: path, Type: &schema.Type{Kind: schema.Text}, Op: filter.In, Value: g.types[i]}
		kids = append(kids, filter.Conj(of, t))
	}
	return filter.Disj(kids...)
}
