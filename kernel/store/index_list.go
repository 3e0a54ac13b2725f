package store

import (
	"maps"
	"slices"
	"strings"

	"mera/schema"
)

// listIndexes are what the lists of a catalog ask for: of each type that a list is about, an index on what it compares
// with one value, then on its order, then on the id. The first page is read off it without sorting, however many rows
// pass the filter.
func listIndexes(cat *schema.Catalog) []Index {
	var out []Index
	for _, name := range slices.Sorted(maps.Keys(cat.Lists)) {
		l := cat.Lists[name]
		if len(l.Order) == 0 || len(l.Group) > 0 || len(l.Sum) > 0 || Kernel(l.About.Text) {
			continue
		}
		for _, typ := range EntityTypes(cat, l.About.Text) {
			if x, ok := listIndex(cat.Documents[typ], l); ok {
				out = append(out, x)
			}
		}
	}
	return out
}

// listIndex is the index of a list on one type; false where the list is ordered by what an index of the type cannot
// hold: by what lies behind a link, or by a value that not everybody sees.
func listIndex(d *schema.Document, l *schema.List) (Index, bool) {
	x := Index{Type: d.Name, Name: "list." + l.Name, method: "btree", where: "void is null"}
	for _, name := range slices.Sorted(maps.Keys(equals(l.Where))) {
		t, ok := indexed(d, name)
		switch is := equals(l.Where)[name]; {
		case !ok:
		case t.repr != asBool:
			x.exprs = append(x.exprs, t.sql)
		case is == "true":
			x.where += " and (" + t.sql + ")"
		case is == "false":
			x.where += " and not (" + t.sql + ")"
		}
	}
	last := false
	for _, o := range l.Order {
		t, ok := indexed(d, o.Path.Text)
		if !ok {
			return Index{}, false
		}
		x.exprs, x.desc = append(x.exprs, ordered(t)), append(x.desc, o.Desc)
		last = o.Desc
	}
	x.exprs, x.desc = append(x.exprs, "id"), append(x.desc, last)
	if !slices.Contains(x.desc, !last) {
		x.desc = nil // an index is also read backwards
	}
	return x, true
}

// ordered is a term as keys of an order are written.
func ordered(t term) string {
	if t.repr == asText {
		return inC(t.sql)
	}
	return t.sql
}

// indexed is a property, or a column of the kernel, as selections read it of every row; false where they read it of
// some rows only, or where it is no single value.
func indexed(d *schema.Document, name string) (term, bool) {
	if p := d.Property(name); p != nil {
		if p.Type == nil || p.Label != "" {
			return term{}, false
		}
		t := dataTerm("data", p)
		return t, t.repr != asJSON
	}
	c, ok := recordColumns[name]
	if !ok || strings.Contains(c.sql, " ") || c.repr == asUUIDs || c.repr == asTexts {
		return term{}, false
	}
	return term{sql: strings.TrimPrefix(c.sql, "$."), repr: c.repr}, true
}

// equals are the names that a filter compares with one value, a literal or an argument: {state: =status, final: false}.
func equals(where *schema.Node) map[string]string {
	out := map[string]string{}
	if where == nil {
		return out
	}
	for _, e := range where.Entries {
		value := e.Value
		if eq := value.Get("eq"); eq != nil {
			value = eq
		}
		if value != nil && value.Kind == schema.ScalarNode && !strings.Contains(e.Key.Text, ".") {
			out[e.Key.Text] = value.Scalar.Text
		}
	}
	return out
}
