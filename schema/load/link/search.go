package link

import (
	"slices"

	"mera/schema"
)

// unsearched are the kinds of values that nobody types into a search box: what is stored of them are codes, ids and
// truths.
var unsearched = []schema.Kind{schema.Boolean, schema.Link, schema.Item, schema.Enum, schema.Definition, schema.Object, schema.Point,
	schema.Duration}

// searched refuses x-search where no record would ever be found by it.
func (l *linker) searched(d *schema.Document, p *schema.Property) {
	if p.Type == nil {
		return
	}
	of := p.Type
	if of.Kind == schema.Array && of.Elem != nil {
		of = of.Elem
	}
	for _, f := range of.Fields {
		if f.Search && of.Named == "" {
			l.fault(schema.Faultf(f.SearchAt, "useless-keyword", "the search box finds records by their own properties, not by those of %q", p.Name).
				WithHint("remove x-search"))
		}
	}
	if !p.Search || p.Pos.File != d.Pos.File { // an inherited property is told where it is written
		return
	}
	switch {
	case d.Record:
		l.fault(schema.Faultf(p.SearchAt, "useless-keyword", "records of formats are not searched").WithHint("remove x-search"))
	case slices.Contains(unsearched, of.Kind):
		l.fault(schema.Faultf(p.SearchAt, "useless-keyword", "x-search means nothing for a value of type %s: nobody types one into the search box", of.Kind).
			WithHint("remove it; a filter (x-index) finds such records"))
	}
}
