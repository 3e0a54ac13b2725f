package store

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"mera/schema"
	"mera/schema/value"
)

// ParameterValue is a value of a parameter from a day. Keys is "" or the canonical text of the parameter's keys; Source
// is «package», «region» or whoever else brought it.
type ParameterValue struct {
	Name      string
	From      value.Date
	Keys      string
	Value     json.RawMessage
	Law       json.RawMessage // act and article; nil: none
	Source    string
	CreatedAt time.Time
}

const parameterList = "name, date_from, keys, value, law, source, created_at"

const selectParameterValue = "select " + parameterList + " from parameter_value"

func (p *ParameterValue) cells() []any {
	return []any{&p.Name, day(&p.From), &p.Keys, raw(&p.Value), raw(&p.Law), &p.Source, &p.CreatedAt}
}

// PutParameterValue writes a value of a parameter from a day; that of the same day, keys and source is replaced. The
// time of it is that of the transaction.
func (t *Tx) PutParameterValue(ctx context.Context, p ParameterValue) error {
	p.CreatedAt = t.now
	b := &pgx.Batch{}
	b.Queue(upsert("parameter_value", parameterList, "name, date_from, keys, source"), p.cells()...)
	b.Queue(revise + "'data'")
	return t.send(ctx, b, nil)
}

// SeedParameterValues makes values the only ones of a source.
func (t *Tx) SeedParameterValues(ctx context.Context, source string, values []ParameterValue) error {
	b := &pgx.Batch{}
	b.Queue("delete from parameter_value where source = $1", source)
	for _, p := range values {
		p.Source, p.CreatedAt = source, t.now
		b.Queue(insert("parameter_value", parameterList), p.cells()...)
	}
	return t.send(ctx, b, nil)
}

// ParameterValues lists the values of a source by name, day and keys.
func (t *Tx) ParameterValues(ctx context.Context, source string) ([]*ParameterValue, error) {
	return list(ctx, t, (*ParameterValue).cells, selectParameterValue+` where source = $1
		order by name, date_from, keys`, source)
}

// item is a classifier's item as a row.
type item struct {
	classifier, code, title, parent string
	path                            []string
	from, to                        value.Date
	codes                           map[string]string
	attributes                      map[string]string
	source                          string
}

const itemList = "classifier, code, title, parent, path, date_from, date_to, codes, attributes, source"

const selectItem = "select " + itemList + " from classifier_item"

func (x *item) cells() []any {
	return []any{&x.classifier, &x.code, &x.title, text(&x.parent), &x.path, day(&x.from), day(&x.to), object(&x.codes, "{}"),
		object(&x.attributes, "{}"), &x.source}
}

// PutItems makes items the only ones of a classifier from a source. Items of another source with the same code stay as
// they are: what a region has changed, a package's next version leaves alone.
func (t *Tx) PutItems(ctx context.Context, classifier string, items []*schema.ClassifierItem, source string) error {
	parents := map[string]string{}
	codes := make([]string, len(items))
	for i, it := range items {
		parents[it.Code], codes[i] = it.Parent, it.Code
	}
	b := &pgx.Batch{}
	b.Queue("delete from classifier_item where classifier = $1 and source = $2 and code <> all($3)", classifier, source, codes)
	for _, it := range items {
		row := rowOf(classifier, it, source)
		row.path = pathTo(it.Code, parents)
		b.Queue(upsert("classifier_item", itemList, "classifier, code")+" where classifier_item.source = excluded.source",
			values(row.cells())...)
	}
	return t.send(ctx, b, nil)
}

// PutItem writes one item of a classifier, in the place of any other with its code. Its parent must be there.
func (t *Tx) PutItem(ctx context.Context, classifier string, it *schema.ClassifierItem, source string) error {
	row := rowOf(classifier, it, source)
	var above []string
	err := t.tx.QueryRow(ctx, "select coalesce((select path from classifier_item where classifier = $1 and code = $2), '{}')",
		classifier, it.Parent).Scan(&above)
	if err != nil {
		return translate(err)
	}
	row.path = append(above, it.Code)
	b := &pgx.Batch{}
	b.Queue(upsert("classifier_item", itemList, "classifier, code"), values(row.cells())...)
	b.Queue(revise + "'data'")
	return t.send(ctx, b, nil)
}

func rowOf(classifier string, it *schema.ClassifierItem, source string) *item {
	row := &item{classifier: classifier, code: it.Code, title: it.Title, parent: it.Parent, codes: it.Codes, source: source,
		attributes: map[string]string{}}
	row.from, _ = value.ParseDate(it.From) // "" is absent; what is not a date the loader has refused
	row.to, _ = value.ParseDate(it.To)
	for _, a := range it.Attributes {
		row.attributes[a.Key.Text] = a.Value.Text()
	}
	if it.ReplacedBy != "" {
		row.attributes[replacedBy] = it.ReplacedBy
	}
	return row
}

// replacedBy is kept among the attributes: no attribute can have this name.
const replacedBy = "replacedBy"

// pathTo is the item with all above it, the highest first. A circle, which the loader refuses, ends where it closes.
func pathTo(code string, parents map[string]string) []string {
	var up []string
	seen := map[string]bool{}
	for at := code; at != "" && !seen[at]; at = parents[at] {
		seen[at] = true
		up = append([]string{at}, up...)
	}
	return up
}

// Items reads the items of a source by classifier, each in the order of codes.
func (t *Tx) Items(ctx context.Context, source string) (map[string][]*schema.ClassifierItem, error) {
	rows, err := list(ctx, t, (*item).cells, selectItem+" where source = $1 order by classifier, code", source)
	if err != nil {
		return nil, err
	}
	out := map[string][]*schema.ClassifierItem{}
	for _, r := range rows {
		it := &schema.ClassifierItem{Code: r.code, Title: r.title, From: r.from.String(), To: r.to.String(), Parent: r.parent,
			Codes: r.codes, ReplacedBy: r.attributes[replacedBy]}
		delete(r.attributes, replacedBy)
		it.Attributes = entries(r.attributes)
		out[r.classifier] = append(out[r.classifier], it)
	}
	return out, nil
}

// entries are attributes as a package would write them, by name.
func entries(attributes map[string]string) []schema.Entry {
	var out []schema.Entry
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		node := &schema.Node{Kind: schema.ScalarNode, Scalar: schema.Scalar{Text: attributes[name]}}
		out = append(out, schema.Entry{Key: schema.Scalar{Text: name}, Value: node})
	}
	return out
}
