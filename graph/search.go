package graph

import (
	"strconv"
	"unicode/utf8"

	"mera/kernel"
	"mera/kernel/search"
	"mera/kernel/store"
	"mera/schema"
)

// searchRoot adds the box in which everything is looked for.
func (m *model) searchRoot(q *typeDef) {
	m.root(q, schema.Pos{}, &fieldDef{name: "search", typ: "RecordConnection!",
		doc: "Records that meet all that was typed: parts of names, also misspelt, a date in a usual form, a number. " +
			"The best ones first, 500 at most.",
		args:   fields("text String! types [String!] first Int after String"),
		source: source{kind: fromRows, entity: "Record", shape: store.Connection, box: true}})
}

// searchable are the document types whose records are found by what they hold.
func searchable(cat *schema.Catalog) []string {
	var out []string
	for _, name := range store.EntityTypes(cat, "Record") {
		if search.Searchable(cat.Documents[name], cat.WorkflowOf(name) != nil) {
			out = append(out, name)
		}
	}
	return out
}

// box makes a set of what was typed into the box.
func (c *selecting) box(s *store.Set, a, open args) error {
	text := a.text("text")
	if n := utf8.RuneCountInString(text); n > search.MaxText {
		return kernel.Errorf(kernel.Limit, "limit-search-text", search.MaxText)
	}
	q := search.Parse(text)
	if len(q.Terms) > search.MaxTerms {
		return kernel.Errorf(kernel.Limit, "limit-search", search.MaxTerms)
	}
	s.Search, s.Slots.Search = &q, open.slot("text")
	if slot := s.Slots.Search; slot != nil {
		leaf, err := strconv.Atoi(slot.Name)
		if err != nil {
			return err
		}
		c.boxes = append(c.boxes, leaf)
	}
	if s.Only = a.texts("types"); len(s.Only) == 0 {
		s.Only = searchable(c.m.cat)
	}
	return nil
}
