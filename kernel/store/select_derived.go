package store

import (
	"fmt"
	"strings"

	"mera/schema"
)

// What the kernel keeps of a decision, a request or a print may have been made of labelled values. Such a row keeps
// the labels and the records that it was made of (kernel.Derived), and the columns that tell of them are there only for
// whom the labelled values of every one of these records show, as they stand now.

// derives adds to a table the columns that are derived, with what stands in their place where they do not show.
func derives(t *table, hidden map[string]string) *table {
	t.derived = hidden
	return t
}

// Derives tells that rows of an entity may have been made of labelled values, so that whoever reads them is held
// against the labels of LabelledTypes.
func Derives(entity string) bool { return Kernel(entity) && kernelTables[entity].derived != nil }

// LabelledTypes are the document types that have a labelled property, sorted.
func LabelledTypes(cat *schema.Catalog) []string {
	var out []string
	for _, t := range EntityTypes(cat, entityRecord) {
		if len(Labels(cat.Documents[t])) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// derived is a column of a row that may have been made of labelled values.
func (b *builder) derived(r row, name, sql string) (string, error) {
	hidden, is := r.table.derived[name]
	if b.policy || !is {
		return sql, nil
	}
	open := b.open
	b.open = false // a list that is public shows no more of it than anybody sees
	defer func() { b.open = open }()
	var known, shown []string
	for _, t := range LabelledTypes(b.catalog) {
		for _, label := range Labels(b.catalog.Documents[t]) {
			cond, err := b.sourcesShow(r, t, label)
			if err != nil {
				return "", err
			}
			known, shown = append(known, t+"."+label), append(shown, cond)
		}
	}
	// A label that no installed type has hides what it is on.
	cond := fmt.Sprintf("%[1]s.labels <@ %[2]s::text[]", r.alias, textArray(known))
	return fmt.Sprintf("(case when %s.labels = '{}' or %s then %s else %s end)", r.alias, strings.Join(append([]string{cond}, shown...), " and "), sql, hidden), nil
}

// sourcesShow is true where a row was not made of a label of a type, or where that shows of all its sources. A label
// without a source is of something that nobody can judge.
func (b *builder) sourcesShow(r row, typ, label string) (string, error) {
	s := b.as(row{alias: b.alias()}, typ)
	read, err := b.guard(s)
	if err != nil {
		return "", err
	}
	show, err := b.shown(s, label)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("(not %s = any(%s.labels) or coalesce((select bool_and(coalesce((%s) and (%s), false)) from record %s where %s and %[5]s.id = any(%[2]s.sources)), false))",
		quote(typ+"."+label), r.alias, read, show, s.alias, s.typeIs()), nil
}
