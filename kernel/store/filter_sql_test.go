package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/filter"
)

func indexed(name string, t *schema.Type) *schema.Property {
	return &schema.Property{Name: name, Index: true, Type: t}
}

func kind(k schema.Kind) *schema.Type { return &schema.Type{Kind: k} }

// filtered is a catalog with one type that has a property of every kind that filters know.
func filtered() *schema.Catalog {
	cat := schema.NewCatalog()
	cat.Classifiers["Territory"] = &schema.Classifier{Meta: schema.Meta{Name: "Territory"}, Items: []*schema.ClassifierItem{
		{Code: "ugra", Title: "Югра"}, {Code: "surgut", Title: "Сургут", Parent: "ugra"}, {Code: "uray", Title: "Урай", Parent: "ugra"}}}
	row := &schema.Type{Kind: schema.Object, Of: "PersonRows", Fields: []*schema.Property{
		{Name: "name", Type: kind(schema.Text)}, {Name: "n", Type: kind(schema.Integer)}}}
	name := indexed("lastName", kind(schema.Text))
	name.Fold = "name"
	secret := indexed("secret", kind(schema.Text))
	secret.Label = "health"
	bossOf := indexed("boss", &schema.Type{Kind: schema.Link, Of: "Person"})
	bossOf.Inverse = schema.Scalar{Text: "staff"}
	cat.Documents["Person"] = &schema.Document{
		Meta:  schema.Meta{Name: "Person"},
		Holds: &schema.Holds{From: schema.Scalar{Text: "from"}, To: schema.Scalar{Text: "to"}},
		Tree:  schema.Scalar{Text: "boss"},
		Properties: []*schema.Property{
			name, secret, indexed("from", kind(schema.Date)), indexed("to", kind(schema.Date)),
			indexed("code", kind(schema.Text)), indexed("sex", &schema.Type{Kind: schema.Enum, Enum: []string{"male", "female"}}),
			indexed("territory", &schema.Type{Kind: schema.Item, Of: "Territory"}), indexed("points", kind(schema.Integer)),
			indexed("amount", kind(schema.Money)), indexed("share", kind(schema.Decimal)), indexed("at", kind(schema.DateTime)),
			indexed("month", kind(schema.Month)), indexed("old", kind(schema.Boolean)),
			indexed("tags", &schema.Type{Kind: schema.Array, Elem: kind(schema.Text)}),
			bossOf, indexed("home", kind(schema.Point)),
			indexed("payout", &schema.Type{Kind: schema.Object, Of: "Payout", Fields: []*schema.Property{{Name: "bank", Type: kind(schema.Text)}}}),
			indexed("rows", &schema.Type{Kind: schema.Array, Elem: row}),
		},
	}
	return cat
}

// pools are the values that properties have and filters ask for.
var pools = map[string][]any{
	"lastName": {"Ёлкина", "елкин", "Петров", "Петров-Водкин", "петров водкин", "Я"},
	"secret":   {"a", "b"}, "code": {"a", "ab", "b", "Б", "'"}, "sex": {"male", "female"},
	"territory": {"ugra", "surgut", "uray", "gone"}, "points": {json.Number("-1"), json.Number("0"), json.Number("10"), json.Number("9")},
	"amount": {"0.00", "9.50", "10.00", "-3.00"}, "share": {"0.5", "1", "0.25"},
	"at": {"2019-01-01T00:00:00Z", "2019-07-16T12:00:00Z", "2020-01-01T00:00:00Z"}, "month": {"2019-01", "2019-07"},
	"from": {"2019-01-01", "2019-07-16"}, "to": {"2019-07-16", "2020-01-01"}, "old": {true, false},
}

var degrees = []any{"-72.5", "-9", "0", "10", "61.25", "73.4"}

func drawn(t *rapid.T, pool []any) any { return rapid.SampledFrom(pool).Draw(t, "value") }

func someone(t *rapid.T, n int, others []string) map[string]any {
	data := map[string]any{}
	for _, p := range slices.Sorted(keysOf(pools)) {
		if rapid.Bool().Draw(t, "has "+p) {
			data[p] = drawn(t, pools[p])
		}
	}
	if rapid.Bool().Draw(t, "tags") {
		data["tags"] = rapid.SliceOfN(rapid.SampledFrom([]any{"x", "y", "z"}), 1, 3).Draw(t, "tags")
	}
	if rapid.Bool().Draw(t, "payout") {
		data["payout"] = map[string]any{"bank": drawn(t, []any{"1", "2"})}
	}
	if rapid.Bool().Draw(t, "home") {
		data["home"] = map[string]any{"lat": drawn(t, degrees), "lon": drawn(t, degrees)}
	}
	if rapid.Bool().Draw(t, "rows") {
		data["rows"] = []any{map[string]any{"name": drawn(t, []any{"x", "y"}), "n": drawn(t, pools["points"])}, map[string]any{"name": "z"}}
	}
	if n > 0 && rapid.Bool().Draw(t, "boss") {
		data["boss"] = rapid.SampledFrom(others).Draw(t, "boss")
	}
	return data
}

func keysOf[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// where draws a filter as GraphQL writes it.
func where(t *rapid.T, ids []string, depth int) map[string]any {
	out := map[string]any{}
	for range rapid.IntRange(1, 2).Draw(t, "conditions") {
		switch rapid.IntRange(0, 11).Draw(t, "shape") {
		case 0:
			if depth > 0 {
				out["not"] = where(t, ids, depth-1)
			}
		case 1:
			if depth > 0 {
				out["or"] = []any{where(t, ids, depth-1), where(t, ids, depth-1)}
			}
		case 2:
			if depth > 0 {
				out["boss"] = where(t, ids, depth-1)
			}
		case 3:
			out["boss"] = map[string]any{rapid.SampledFrom([]string{"eq", "ne"}).Draw(t, "op"): rapid.SampledFrom(ids).Draw(t, "boss")}
		case 4:
			out["rows"] = map[string]any{rapid.SampledFrom([]string{"some", "none"}).Draw(t, "op"): map[string]any{"name": "x", "n": map[string]any{"gte": 0}}}
		case 5:
			out["payout"] = map[string]any{"bank": map[string]any{rapid.SampledFrom([]string{"eq", "ne"}).Draw(t, "op"): "1"}}
		case 6:
			out["holds"] = drawn(t, []any{"2019-07-16", "2019-03-01", "2021-01-01"})
		case 7:
			out["tags"] = map[string]any{rapid.SampledFrom([]string{"some", "none"}).Draw(t, "op"): []any{"x", "y"}, "exists": true}
		case 10:
			out["home"] = map[string]any{"within": map[string]any{"south": drawn(t, degrees), "north": drawn(t, degrees),
				"west": drawn(t, degrees), "east": drawn(t, degrees)}}
		case 9:
			if depth > 0 {
				out["staff"] = map[string]any{rapid.SampledFrom([]string{"some", "none"}).Draw(t, "op"): where(t, ids, depth-1)}
			}
		case 8:
			out[rapid.SampledFrom([]string{"under", "above"}).Draw(t, "op")] = []any{rapid.SampledFrom(ids).Draw(t, "node")}
		default:
			p := rapid.SampledFrom(slices.Sorted(keysOf(pools))).Draw(t, "property")
			out[p] = comparison(t, p)
		}
	}
	return out
}

func comparison(t *rapid.T, property string) map[string]any {
	ops := []string{"eq", "ne", "exists"}
	switch property {
	case "lastName", "code", "secret":
		ops = append(ops, "in", "startsWith", "contains")
	case "territory":
		ops = append(ops, "in", "under", "above")
	case "sex":
		ops = append(ops, "in")
	case "old":
	default:
		ops = append(ops, "in", "gt", "gte", "lt", "lte")
	}
	op := rapid.SampledFrom(ops).Draw(t, "op")
	switch op {
	case "exists":
		return map[string]any{op: rapid.Bool().Draw(t, "exists")}
	case "in", "under", "above":
		return map[string]any{op: rapid.SliceOfN(rapid.SampledFrom(pools[property]), 1, 2).Draw(t, "values")}
	}
	return map[string]any{op: drawn(t, pools[property])}
}

// The same filter over the same records: SQL and memory agree, whatever the filter.
func TestFiltersInSQLAndInMemoryAgree(t *testing.T) {
	t.Parallel()
	cat := filtered()
	db := storetest.Open(t, atNoon)
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return tx.PutItems(ctx, "Territory", cat.Classifiers["Territory"].Items, "test")
	})
	world := expr.NewStaticWorld(cat)
	var ids []string
	rapid.Check(t, func(rt *rapid.T) {
		for len(ids) < 40 {
			r := person(t, someone(rt, len(ids), ids))
			ids = append(ids, r.ID)
			save(t, db, r)
			world.Add(&expr.Record{Type: "Person", ID: r.ID, Version: 1, Data: r.Data})
		}
		w := where(rt, ids, 2)
		tree, err := filter.FromJSON(cat, "Person", w)
		if err != nil {
			rt.Fatalf("%v: %v", w, err)
		}
		var want []string
		for _, r := range world.Records("Person") {
			ok, err := tree.Match(t.Context(), r, world)
			if err != nil {
				rt.Fatalf("%s: %v", tree, err)
			}
			if ok {
				want = append(want, r.ID)
			}
		}
		slices.Sort(want)
		got := found(t, db, cat, tree)
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatalf("%s (-memory +SQL):\n%s", tree, d)
		}
	})
}

// found are the ids of people that pass, all labels shown.
func found(t *testing.T, db *store.DB, cat *schema.Catalog, tree *filter.Tree) []string {
	t.Helper()
	all := filter.Everything()
	raw, err := db.Select(t.Context(), store.Selection{Catalog: cat,
		Guards: map[string]store.Guard{"Person": {Rows: all, Labels: map[string]*filter.Tree{"health": all}}},
		Roots: []*store.Set{{Alias: "x", Shape: store.List, Entity: "Person", Where: tree, Page: store.Page{First: 200},
			Fields: []*store.Field{{Alias: "id", Name: "id"}}}}})
	if err != nil {
		t.Fatalf("%s: %v", tree, err)
	}
	var out struct{ X []struct{ ID string } }
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range out.X {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	return ids
}

// What policies ask of rows: attributes, two of them compared, and denials that hold where an attribute is absent.
func TestFiltersOfPolicies(t *testing.T) {
	t.Parallel()
	cat := filtered()
	db := storetest.Open(t, atNoon)
	near, far, nowhere := person(t, map[string]any{"territory": "surgut"}), person(t, map[string]any{"territory": "uray"}), person(t, map[string]any{})
	near.Territory, far.Territory = "surgut", "uray"
	nowhere.Access = map[string]any{}
	near.Access = map[string]any{"region": "86", "levels": []any{"a", "b"}, "secrecy": json.Number("10"), "closed": true}
	far.Access = map[string]any{"region": "72", "secrecy": json.Number("9")}
	save(t, db, near, far, nowhere)
	row := func(name string, k schema.Kind, op filter.Op, v any) *filter.Tree {
		return &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: name, Row: true}}, Op: op, Value: v, Type: kind(k)}
	}
	array := func(name string, k schema.Kind, v any) *filter.Tree {
		l := row(name, schema.Array, filter.Has, v)
		l.Type.Elem = kind(k)
		return l
	}
	for name, c := range map[string]struct {
		tree *filter.Tree
		want []string
	}{
		"in":                         {row("territory", schema.Item, filter.In, []any{"surgut", "ugra"}), []string{near.ID}},
		"not of an absent attribute": {filter.Negate(row("territory", schema.Item, filter.Eq, "surgut")), []string{far.ID, nowhere.ID}},
		"ne of an absent attribute":  {row("territory", schema.Item, filter.Ne, "surgut"), []string{far.ID, nowhere.ID}},
		"persons":                    {array("persons", schema.Link, near.ID), []string{near.ID}},
		"persons of nobody":          {array("persons", schema.Link, ""), nil},
		"an access attribute":        {row("region", schema.Text, filter.Eq, "86"), []string{near.ID}},
		"a number, not a text":       {row("secrecy", schema.Integer, filter.Gt, json.Number("9")), []string{near.ID}},
		"a set of the type's own":    {array("levels", schema.Text, "b"), []string{near.ID}},
		"a flag":                     {row("closed", schema.Boolean, filter.Eq, true), []string{near.ID}},
		"author":                     {row("author", schema.Text, filter.Eq, "ivanova"), []string{near.ID, far.ID, nowhere.ID}},
		"two attributes":             {row("author", schema.Text, filter.Differs, filter.Ref{Attribute: "region"}), []string{near.ID, far.ID}},
		"the same attribute":         {row("territory", schema.Item, filter.Same, filter.Ref{Attribute: "territory"}), []string{near.ID, far.ID}},
		"the day":                    {row("created", schema.Date, filter.Lte, "2019-07-16"), []string{near.ID, far.ID, nowhere.ID}},
		"the state of no case":       {row("state", schema.Text, filter.Exists, true), nil},
		"an id that is none":         {row("office", schema.Link, filter.Eq, "sentinel"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			slices.Sort(c.want)
			all := store.Selection{Catalog: cat, Guards: map[string]store.Guard{"Person": {Rows: c.tree}},
				Roots: []*store.Set{{Alias: "x", Shape: store.List, Entity: "Person", Fields: []*store.Field{{Alias: "id", Name: "id"}}}}}
			raw, err := db.Select(t.Context(), all)
			if err != nil {
				t.Fatal(err)
			}
			var out struct{ X []struct{ ID string } }
			if err := json.Unmarshal(raw, &out); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range out.X {
				got = append(got, r.ID)
			}
			slices.Sort(got)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAFilterThatIsNotBoundIsAnError(t *testing.T) {
	t.Parallel()
	cat := filtered()
	leaf := &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: "code"}}, Op: filter.Eq, Type: kind(schema.Text), Value: filter.Param{Name: "x"}}
	for name, tree := range map[string]*filter.Tree{
		"a parameter":   leaf,
		"no property":   {Kind: filter.Leaf, Path: []filter.Hop{{Property: "nothing"}}, Op: filter.Eq, Type: kind(schema.Text), Value: "x"},
		"no operator":   {Kind: filter.Leaf, Path: []filter.Hop{{Property: "code"}}, Op: filter.Within, Type: kind(schema.Text), Value: "x"},
		"a strange one": {Kind: filter.Leaf, Path: []filter.Hop{{Property: "code"}}, Op: filter.Eq, Type: kind(schema.Text), Value: 1.5},
	} {
		_, err := store.Selection{Catalog: cat, Guards: map[string]store.Guard{"Person": {Rows: filter.Everything()}},
			Roots: []*store.Set{{Alias: "x", Entity: "Person", Where: tree}}}.Compile()
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	db := storetest.Open(t)
	_, err := db.Select(t.Context(), store.Selection{Catalog: cat, Guards: map[string]store.Guard{"Person": {Rows: leaf}},
		Roots: []*store.Set{{Alias: "x", Shape: store.List, Entity: "Person"}}})
	var own *kernel.Error
	if !errors.As(err, &own) || own.Code != kernel.Internal {
		t.Errorf("%v", err)
	}
}
