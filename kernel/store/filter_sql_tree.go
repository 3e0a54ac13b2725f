package store

import (
	"fmt"

	"mera/schema"
	"mera/schema/filter"
)

// tree is `under` and `above`: in a classifier by the path that each item keeps, in a tree of documents by walking
// the links. The node itself counts.
func (b *builder) tree(x term, t *filter.Tree) (string, error) {
	if t.Type == nil {
		return "", fmt.Errorf("operator %q needs a classifier or a tree", t.Op)
	}
	list, err := b.textsArg(t.Value, x.repr.takes)
	if err != nil {
		return "", err
	}
	switch t.Type.Kind {
	case schema.Item:
		return b.classified(x, t, list), nil
	case schema.Link:
		return b.walked(x, t, list)
	}
	return "", fmt.Errorf("operator %q needs a classifier or a tree", t.Op)
}

// classified finds the codes first, as an array, so that an index on the value still serves.
func (b *builder) classified(x term, t *filter.Tree, list string) string {
	c := b.alias()
	of := quote(t.Type.Of)
	if t.Op == filter.Under {
		return fmt.Sprintf("%[1]s = any(array(select %[2]s.code from classifier_item %[2]s where %[2]s.classifier = %[3]s "+
			"and %[2]s.path && %[4]s) || %[4]s)", x.sql, c, of, list)
	}
	return fmt.Sprintf("%[1]s = any(array(select unnest(%[2]s.path) from classifier_item %[2]s where %[2]s.classifier = "+
		"%[3]s and %[2]s.code = any(%[4]s)) || %[4]s)", x.sql, c, of, list)
}

// walked goes along the parent links of a tree of documents, as far as the actor may see the documents. `union` ends a
// ring in the data.
func (b *builder) walked(x term, t *filter.Tree, list string) (string, error) {
	e, err := b.entity(t.Type.Of, nil)
	if err != nil {
		return "", err
	}
	property := t.Path[len(t.Path)-1].Tree
	node := row{entity: e, alias: b.alias()}
	parent, err := b.term(node, property)
	if err != nil {
		return "", err
	}
	seen, err := b.guard(node)
	if err != nil {
		return "", err
	}
	start, w := list+"::uuid[]", b.alias()
	step, from := node.alias+".id", parent.sql
	if t.Op == filter.Above {
		step, from = parent.sql, node.alias+".id"
	}
	return fmt.Sprintf("%s in (with recursive %[2]s(id) as (select unnest(%[3]s) union select %[4]s from %[2]s join %[5]s %[6]s "+
		"on %[7]s and %[8]s = %[2]s.id and %[9]s) select %[2]s.id from %[2]s)",
		x.sql, w, start, step, b.source(e), node.alias, b.present(node), from, seen), nil
}

// foldedSQL makes of a text what filter.Folded makes of it in Go: both sides of a comparison must meet.
func foldedSQL(fold, text string) string {
	lower := `lower(` + text + ` collate "und-x-icu")`
	switch fold {
	case "name":
		return `btrim(regexp_replace(translate(` + lower + `, '` + "\u0451" + `-''` + "\u2019\u2010\u2011" + `.', '` +
			"\u0435" + `      '), '\s+', ' ', 'g'))`
	case "search":
		return `btrim(regexp_replace(translate(` + lower + `, '` + "\u0451" + `', '` + "\u0435" + `'), '\s+', ' ', 'g'))`
	}
	return text
}
