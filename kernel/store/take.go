package store

import (
	"context"
	"strings"

	"mera/kernel"
	"mera/schema"
	"mera/schema/filter"
)

// TakeFirst loads and locks the first live record of a type that meets a filter, that the policy allows, that no other
// transaction holds and that is none of those taken before; nil if there is none. Rows that others hold are passed
// over: nobody waits and no two callers get the same one.
func (t *Tx) TakeFirst(
	ctx context.Context, cat *schema.Catalog, typ string, where, allowed *filter.Tree, order []schema.Order, taken ...string,
) (*kernel.Record, error) {
	query, args, err := firstQuery(cat, typ, where, allowed, order, taken)
	if err != nil {
		return nil, kernel.Errorf(kernel.Internal, "selection").Because(err)
	}
	r, err := find(ctx, t, (*recordRow).cells, query, args...)
	return r.record(), err
}

func firstQuery(cat *schema.Catalog, typ string, where, allowed *filter.Tree, order []schema.Order, taken []string) (string, []any, error) {
	b := &builder{catalog: cat, open: true}
	e, err := b.entity(typ, nil)
	if err != nil {
		return "", nil, err
	}
	r := row{entity: e, alias: b.alias()}
	cond, err := b.where(r, where)
	if err != nil {
		return "", nil, err
	}
	guard, err := b.guardOf(r, allowed)
	if err != nil {
		return "", nil, err
	}
	s := &Set{}
	for _, o := range order {
		s.Order = append(s.Order, Order{Path: hopsOf(cat, typ, o.Path.Text), Desc: o.Desc})
	}
	keys, err := b.keys(s, r)
	if err != nil {
		return "", nil, err
	}
	if len(taken) > 0 {
		cond = all(cond, r.alias+".id <> all("+b.arg(taken)+"::uuid[])")
	}
	query := "select " + recordList + " from record " + r.alias + " where " + all(b.present(r), r.live(), guard, cond) +
		" order by " + orderBy(keys, false) + " limit 1 for update of " + r.alias + " skip locked"
	return query, b.args, nil
}

// hopsOf resolves a path of properties against a document type: a link on the way leads to its type.
func hopsOf(cat *schema.Catalog, typ, path string) []filter.Hop {
	var out []filter.Hop
	doc := cat.Documents[typ]
	for name := range strings.SplitSeq(path, ".") {
		hop := filter.Hop{Property: name}
		if doc != nil {
			if p := doc.Property(name); p != nil && p.Type != nil && p.Type.Kind == schema.Link {
				hop.Link = p.Type.Of
			}
		}
		doc = cat.Documents[hop.Link]
		out = append(out, hop)
	}
	out[len(out)-1].Link = ""
	return out
}
