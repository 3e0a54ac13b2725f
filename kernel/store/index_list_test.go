package store_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/schema"
	"mera/schema/filter"
)

// asks is a catalog with one kind of case and lists about it.
func asks(lists ...*schema.List) *schema.Catalog {
	d := &schema.Document{Meta: schema.Meta{Name: "Ask"}, Properties: []*schema.Property{
		link("applicant", false), property("territory", schema.Item), property("date", schema.Date), property("kind", schema.Item),
		{Name: "secret", Label: "means", Index: true, Type: &schema.Type{Kind: schema.Date}},
	}}
	cat := &schema.Catalog{Documents: map[string]*schema.Document{"Ask": d}, Lists: map[string]*schema.List{}}
	for _, l := range lists {
		cat.Lists[l.Name] = l
	}
	return cat
}

// listOf is a list: where is "name=value" by words, order names with a minus where they go down.
func listOf(name, where, order string) *schema.List {
	l := &schema.List{Meta: schema.Meta{Name: name}, About: schema.Scalar{Text: "Ask"}, Where: &schema.Node{Kind: schema.MapNode}}
	for w := range strings.FieldsSeq(where) {
		k, v, _ := strings.Cut(w, "=")
		l.Where.Entries = append(l.Where.Entries, schema.Entry{
			Key: schema.Scalar{Text: k}, Value: &schema.Node{Kind: schema.ScalarNode, Scalar: schema.Scalar{Text: v}}})
	}
	for o := range strings.FieldsSeq(order) {
		path, desc := strings.CutPrefix(o, "-")
		l.Order = append(l.Order, schema.Order{Path: schema.Scalar{Text: path}, Desc: desc})
	}
	return l
}

// The first page of a list comes off its index: nothing is sorted, whatever passes the filter.
func TestListsAreReadOffTheirIndexes(t *testing.T) {
	t.Parallel()
	cat := asks(listOf("ByState", "territory==territory state==status", "-date"), listOf("Open", "final=false", "opened"),
		listOf("Mixed", "kind==kind", "date -opened"))
	db := storetest.Open(t)
	if err := db.EnsureIndexes(t.Context(), store.IndexesOf(cat)); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`insert into record (type, id, version, root, data, author, created_at, created_by, updated_at, updated_by, since, event, territory, state, final)
		select 'Ask', gen_random_uuid(), 1, gen_random_uuid(), jsonb_build_object('territory', 't' || i % 20, 'kind', 'k' || i % 4,
			'date', (date '2020-01-01' + i / 20)::text), 'a', now() + i * interval '1 s', 'a', now(), 'a', now(), gen_random_uuid(), 't' || i % 20,
			case when i % 3 = 0 then 'granted' else 'open' end, i % 3 = 0
		from generate_series(1, 30000) i`, "analyze",
	} {
		if _, err := db.Pool().Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	leaf := func(property string, k schema.Kind, op filter.Op, v any) *filter.Tree {
		return &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: property}}, Op: op, Value: v, Type: &schema.Type{Kind: k}}
	}
	by := func(property string, desc bool) store.Order {
		return store.Order{Path: []filter.Hop{{Property: property}}, Desc: desc}
	}
	near := leaf("territory", schema.Text, filter.In, []any{"t1", "t2", "t3"}) // the policy reads the column
	near.Path[0].Row = true
	for name, c := range map[string]struct {
		where *filter.Tree
		order []store.Order
		want  string
	}{
		"by territory, state and year, the newest first": {
			&filter.Tree{Kind: filter.And, Kids: []*filter.Tree{
				leaf("territory", schema.Item, filter.Eq, "t1"), leaf("state", schema.Text, filter.Eq, "granted"),
				leaf("date", schema.Date, filter.Gte, "2020-06-01"), leaf("date", schema.Date, filter.Lte, "2021-06-01"),
			}}, []store.Order{by("date", true)}, "ix_ask_list_bystate",
		},
		"open ones, the oldest first": {leaf("final", schema.Boolean, filter.Eq, "false"), []store.Order{by("opened", false)}, "ix_ask_list_open"},
		"in two directions": {
			leaf("kind", schema.Item, filter.Eq, "k1"), []store.Order{by("date", false), by("opened", true)}, "ix_ask_list_mixed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			st, err := store.Selection{Catalog: cat, Guards: map[string]store.Guard{"Ask": {Rows: near}}, Roots: []*store.Set{{
				Alias: "x", Shape: store.Connection, Entity: "Ask", Page: store.Page{First: 20}, Where: c.where, Order: c.order,
				Fields: []*store.Field{{Alias: "nodes", Name: "nodes", Fields: []*store.Field{{Alias: "id", Name: "id"}}}}}}}.Compile()
			if err != nil {
				t.Fatal(err)
			}
			got := genericPlan(t, db, st)
			rows, _, _ := strings.Cut(got, "Limit")
			if strings.Contains(got, "Seq Scan on record") || !strings.Contains(got, c.want) || strings.Contains(strings.TrimPrefix(got, rows), "Sort Key") {
				t.Errorf("%s\n%s", st.Text, got)
			}
		})
	}
}

func TestListsThatNoIndexServes(t *testing.T) {
	t.Parallel()
	cat := asks(listOf("ByLink", "state==status", "applicant.lastName"), listOf("BySecret", "state==status", "secret"),
		listOf("Unordered", "state==status", ""))
	with, without := store.IndexesOf(cat), store.IndexesOf(asks())
	var names []string
	for _, x := range with[len(without):] {
		names = append(names, x.Name)
	}
	if diff := cmp.Diff([]string(nil), names); diff != "" {
		t.Error(diff)
	}
}

// An index that an administrator has added stays, whatever it is called.
func TestForeignIndexesStay(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	want := store.IndexesOf(asks(listOf("Open", "final=false", "opened")))
	if err := db.EnsureIndexes(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Pool().Exec(t.Context(), `do $$ begin execute format('create index ix_of_mine on %s (title)',
		(select inhrelid::regclass from pg_inherits where inhparent = 'record'::regclass and inhrelid::regclass::text like 'record_ask%')); end $$`); err != nil {
		t.Fatal(err)
	}
	if err := db.EnsureIndexes(t.Context(), want[:1]); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "select count(*) from pg_class where relname = 'ix_of_mine'"); n != 1 {
		t.Error("it was dropped")
	}
	if n := count(t, db, "select count(*) from pg_class where relname like 'ix\\_ask\\_list%'"); n != 0 {
		t.Error("an index that nobody asks for is still there")
	}
}
