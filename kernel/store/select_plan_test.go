package store_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/schema"
	"mera/schema/filter"
)

// genericPlan is how PostgreSQL would run a statement whatever its parameters: the plan that a prepared statement keeps.
func genericPlan(t *testing.T, db *store.DB, st store.Statement) string {
	t.Helper()
	conn, err := db.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	defer conn.Exec(t.Context(), "deallocate q")
	args := make([]string, len(st.Args))
	for i, a := range st.Args {
		if list, ok := a.([]string); ok {
			args[i] = "array['" + strings.Join(list, "','") + "']"
		} else {
			args[i] = fmt.Sprintf("'%v'", a)
		}
	}
	for _, q := range []string{"set plan_cache_mode = force_generic_plan", "prepare q as " + st.Text} {
		if _, err := conn.Exec(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	q := "explain (costs off) execute q"
	if len(args) > 0 {
		q += "(" + strings.Join(args, ", ") + ")"
	}
	rows, err := conn.Query(t.Context(), q, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var b strings.Builder
	for rows.Next() {
		b.Write(rows.RawValues()[0])
		b.WriteByte('\n')
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return b.String()
}

// Reads of one type touch one partition and find their rows by an index, also with the plan that a prepared statement
// keeps for any parameters.
func TestPlansUsePartitionsAndIndexes(t *testing.T) {
	t.Parallel()
	cat := filtered()
	cat.Documents["Other"] = &schema.Document{Meta: schema.Meta{Name: "Other"}}
	db := storetest.Open(t)
	if err := db.EnsureIndexes(t.Context(), append(store.IndexesOf(cat), store.PropertyIndex("Other", indexed("x", kind(schema.Text))))); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`insert into record (type, id, version, root, data, author, created_at, created_by, updated_at, updated_by, since, event, territory)
		select 'Person', gen_random_uuid(), 1, gen_random_uuid(), jsonb_build_object('lastName', md5(i::text), 'code', md5(i::text),
			'territory', 't' || i % 500, 'points', i, 'amount', i || '.00', 'from', '2019-01-' || lpad((1 + i % 28)::text, 2, '0'),
			'boss', gen_random_uuid(), 'at', '2019-01-01T00:00:00Z', 'tags', jsonb_build_array(i::text)), 'a', now(), 'a', now(), 'a', now(), gen_random_uuid(), 't' || i % 500
		from generate_series(1, 20000) i`,
		`insert into classifier_item (classifier, code, title, path, source) select 'Territory', 't' || i, 't', array['t' || i, 'root' || i % 50], 's' from generate_series(1, 500) i`,
		"analyze",
	} {
		if _, err := db.Pool().Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	w := func(property string, k schema.Kind, op filter.Op, v any) *filter.Tree {
		return &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: property}}, Op: op, Value: v, Type: &schema.Type{Kind: k, Of: "Territory"}}
	}
	folded := w("lastName", schema.Text, filter.StartsWith, "abc")
	folded.Fold = "name"
	for name, c := range map[string]struct {
		set  store.Set
		want string // the index by which rows are found
	}{
		"by id":             {store.Set{Shape: store.One, ID: "0190a1b2-c3d4-7e5f-8a9b-000000000001"}, "record_person_.*_pkey"},
		"by a link":         {store.Set{Shape: store.List, Where: w("boss", schema.Link, filter.Eq, "0190a1b2-c3d4-7e5f-8a9b-000000000001")}, "ix_person_boss"},
		"by a text":         {store.Set{Shape: store.List, Where: w("code", schema.Text, filter.Eq, "x")}, "ix_person_code"},
		"by a prefix":       {store.Set{Shape: store.List, Where: w("code", schema.Text, filter.StartsWith, "x")}, "ix_person_code"},
		"by a folded name":  {store.Set{Shape: store.List, Where: folded}, "ix_person_lastname"},
		"by a number":       {store.Set{Shape: store.List, Where: w("points", schema.Integer, filter.Eq, "7")}, "ix_person_points"},
		"by a sum":          {store.Set{Shape: store.List, Where: w("amount", schema.Money, filter.Eq, "7.00")}, "ix_person_amount"},
		"by a list":         {store.Set{Shape: store.List, Where: w("code", schema.Text, filter.In, []any{"x", "y"})}, "ix_person_code"},
		"under a territory": {store.Set{Shape: store.List, Where: w("territory", schema.Item, filter.Under, "root7")}, "ix_person_territory"},
		"by a tag": {store.Set{Shape: store.List, Where: &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: "tags"}}, Op: filter.Has, Value: "7",
			Type: &schema.Type{Kind: schema.Array, Elem: kind(schema.Text)}}}, "ix_person_tags"},
		"in the order of an index": {store.Set{Shape: store.List, Page: store.Page{First: 20}, Order: []store.Order{{Path: []filter.Hop{{Property: "code"}}}}}, "ix_person_code"},
		"backwards":                {store.Set{Shape: store.List, Page: store.Page{First: 20}, Order: []store.Order{{Path: []filter.Hop{{Property: "points"}}, Desc: true}}}, "ix_person_points"},
		"a first page":             {store.Set{Shape: store.List, Page: store.Page{First: 20}}, "record_person_.*_pkey"},
	} {
		t.Run(name, func(t *testing.T) {
			c.set.Alias, c.set.Entity, c.set.Fields = "x", "Person", []*store.Field{{Alias: "id", Name: "id"}}
			st, err := store.Selection{Catalog: cat, Guards: map[string]store.Guard{"Person": {Rows: filter.Everything()}}, Roots: []*store.Set{&c.set}}.Compile()
			if err != nil {
				t.Fatal(err)
			}
			got := genericPlan(t, db, st)
			if !regexp.MustCompile("Index (Only )?Scan.*"+c.want).MatchString(got) || strings.Contains(got, "Seq Scan on record") {
				t.Errorf("%s\n%s", st.Text, got)
			}
			if strings.Contains(got, "record_other") {
				t.Errorf("another partition is read:\n%s", got)
			}
		})
	}

	t.Run("the first of many types", func(t *testing.T) {
		all := store.Guard{Rows: filter.Everything()}
		st, err := store.Selection{Catalog: cat, Guards: map[string]store.Guard{"Person": all, "Other": all}, Roots: []*store.Set{{
			Alias: "x", Shape: store.Connection, Entity: "Record", Page: store.Page{First: 20},
			Fields: []*store.Field{{Alias: "nodes", Name: "nodes", Fields: []*store.Field{{Alias: "id", Name: "id"}}}}}}}.Compile()
		if err != nil {
			t.Fatal(err)
		}
		if got := genericPlan(t, db, st); strings.Contains(got, "Seq Scan on record_person") || !strings.Contains(got, "pkey") {
			t.Errorf("%s\n%s", st.Text, got)
		}
	})
}
