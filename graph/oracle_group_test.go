package graph

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"mera/schema"
	"mera/schema/expr"
)

// aggregate is the answer of a field that groups rows.
func (n *naive) aggregate(rows []*expr.Record, f graphql.CollectedField, name string) any {
	out := map[string]any{}
	for _, x := range graphql.CollectFields(n.op, f.Selections, []string{name}) {
		if x.Name == "__typename" {
			out[x.Alias] = name
			continue
		}
		a, err := arguments(x.Field, n.op.Variables)
		if err != nil {
			n.t.Fatal(err)
		}
		out[x.Alias] = n.groups(rows, x, bare(n.model.types[name].field("groups").typ), a.texts("by"))
	}
	return out
}

// groups are the rows by their keys, in the order of the keys; what is absent comes last.
func (n *naive) groups(rows []*expr.Record, f graphql.CollectedField, name string, by []string) any {
	type group struct {
		key  []any
		rows []*expr.Record
	}
	var all []*group
	if len(by) == 0 {
		all = []*group{{rows: rows}}
	} else {
		for _, r := range rows {
			var key []any
			for _, k := range by {
				key = append(key, n.keyOf(r, name, k))
			}
			i := slices.IndexFunc(all, func(g *group) bool {
				return slices.EqualFunc(g.key, key, func(a, b any) bool { return compareKeys(a, b) == 0 })
			})
			if i < 0 {
				i, all = len(all), append(all, &group{key: key})
			}
			all[i].rows = append(all[i].rows, r)
		}
		slices.SortFunc(all, func(a, b *group) int { return slices.CompareFunc(a.key, b.key, compareKeys) })
	}
	out := []any{}
	for _, g := range all {
		out = append(out, n.group(g.rows, g.key, by, f, name))
	}
	return out
}

// keyOf is the value of a key of a row: of a field, or of a part of a date.
func (n *naive) keyOf(r *expr.Record, name, key string) any {
	k := n.model.types[bare(n.model.types[name].field("key").typ)].field(key).source.group
	v := n.valueOf(r, k.field)
	if k.link != "" && n.behind(r, k.field) == nil {
		return nil // he may not see it
	}
	if v == nil || k.part == "" {
		return v
	}
	text := v.(string)
	switch k.part {
	case "year":
		return text[:4]
	case "month":
		return text[:7]
	case "day":
		return text[:10]
	}
	return fmt.Sprintf("%s-Q%c", text[:4], "111222333444"[(text[5]-'0')*10+text[6]-'0'-1])
}

func compareKeys(a, b any) int {
	switch x := a.(type) {
	case nil:
		if b == nil {
			return 0
		}
		return 1
	case json.Number:
		if b != nil {
			return rat(x).Cmp(rat(b))
		}
	}
	if b == nil {
		return -1
	}
	x, y := fmt.Sprint(a), fmt.Sprint(b)
	if p, ok := new(big.Rat).SetString(x); ok {
		if q, ok := new(big.Rat).SetString(y); ok {
			return p.Cmp(q)
		}
	}
	return strings.Compare(x, y)
}

func (n *naive) group(rows []*expr.Record, key []any, by []string, f graphql.CollectedField, name string) any {
	out := map[string]any{}
	for _, x := range graphql.CollectFields(n.op, f.Selections, []string{name}) {
		switch x.Name {
		case "__typename":
			out[x.Alias] = name
		case "count":
			out[x.Alias] = json.Number(fmt.Sprint(len(rows)))
		default:
			out[x.Alias] = n.groupValues(rows, key, by, x, name)
		}
	}
	return out
}

// groupValues are the key of a group, or the values of one function.
func (n *naive) groupValues(rows []*expr.Record, key []any, by []string, f graphql.CollectedField, name string) any {
	t := bare(n.model.types[name].field(f.Name).typ)
	out := map[string]any{}
	for _, x := range graphql.CollectFields(n.op, f.Selections, []string{t}) {
		i := slices.Index(by, x.Name)
		switch {
		case x.Name == "__typename":
			out[x.Alias] = t
		case f.Name != "key":
			out[x.Alias] = n.computed(rows, f.Name, x.Name)
		case i < 0 || key[i] == nil:
			out[x.Alias] = nil
		default:
			out[x.Alias] = key[i]
			if of := n.cat.Classifiers[bare(n.model.types[t].field(x.Name).typ)]; of != nil {
				out[x.Alias] = n.item(of.Name, key[i].(string), x)
			}
		}
	}
	return out
}

// computed is one function over a property of rows: money with two digits, decimals exactly, averages rounded.
func (n *naive) computed(rows []*expr.Record, function, property string) any {
	var values []any
	var p *schema.Property
	for _, r := range rows {
		p = n.cat.Documents[r.Type].Property(property)
		if v := n.valueOf(r, property); v != nil {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return nil
	}
	switch function {
	case "min":
		return slices.MinFunc(values, compareKeys)
	case "max":
		return slices.MaxFunc(values, compareKeys)
	}
	sum := new(big.Rat)
	for _, v := range values {
		sum.Add(sum, rat(v))
	}
	if function == "avg" {
		return rounded(sum.Quo(sum, big.NewRat(int64(len(values)), 1)))
	}
	switch p.Type.Kind {
	case schema.Money:
		return rounded(sum)
	case schema.Integer:
		return json.Number(sum.Num().String())
	}
	digits, _ := sum.FloatPrec()
	return sum.FloatString(digits)
}

// rounded has two digits, halves away from zero, as PostgreSQL rounds.
func rounded(r *big.Rat) string { return r.FloatString(2) }
