package store_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/kernel/store"
	"mera/schema"
	"mera/schema/filter"
)

// ofAward is what a policy says of accruals: the territory of their award.
func ofAward() *filter.Tree {
	return &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: "award", Link: "Award"}, {Property: "territory", Row: true}},
		Op: filter.In, Value: []any{"uray"}, Type: &schema.Type{Kind: schema.Text}}
}

// The policy of the rows below a row that was found looks at that row, and does not find it again for each of them; by
// themselves they must.
func TestWhatIsAboveIsNotFoundAgain(t *testing.T) {
	t.Parallel()
	accruals := func(link string) *store.Set {
		return &store.Set{Alias: "accruals", Shape: store.List, Entity: "Accrual", Inverse: link, Fields: []*store.Field{{Alias: "id", Name: "id"}}}
	}
	guards := map[string]store.Guard{"Award": {Rows: filter.Everything()}, "Accrual": {Rows: ofAward()}}
	compile := func(root *store.Set) string {
		st, err := store.Selection{Catalog: &schema.Catalog{}, Guards: guards, Roots: []*store.Set{root}}.Compile()
		if err != nil {
			t.Fatal(err)
		}
		return st.Text
	}
	below := compile(&store.Set{Alias: "awards", Shape: store.List, Entity: "Award", Fields: []*store.Field{{Alias: "accruals", Name: "accruals", Set: accruals("award")}}})
	if strings.Contains(below, "exists") || !strings.Contains(below, "t1.territory = any(") {
		t.Error(below)
	}
	if alone := compile(accruals("")); !strings.Contains(alone, "exists (select from award") {
		t.Error(alone)
	}
}

// Of a page only what was asked for is read.
func TestPagesReadNoMoreThanIsAsked(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]struct{ with, without string }{
		"totalCount": {"count(*)", "limit"},
		"nodes":      {"limit 5", "row_number"},
		"pageInfo":   {"limit 6", "never"},
	} {
		st, err := store.Selection{Catalog: &schema.Catalog{}, Guards: map[string]store.Guard{"Award": {Rows: filter.Everything()}}, Roots: []*store.Set{{
			Alias: "x", Shape: store.Connection, Entity: "Award", Page: store.Page{First: 5},
			Fields: []*store.Field{{Alias: asked, Name: asked, Fields: []*store.Field{{Alias: "id", Name: map[string]string{"nodes": "id", "pageInfo": "hasNextPage"}[asked]}}}}}}}.Compile()
		if err != nil || !strings.Contains(st.Text, want.with) || strings.Contains(st.Text, want.without) {
			t.Errorf("%s: %s %v", asked, st.Text, err)
		}
	}
}

// A statement with open values is the same for all of them, takes those that fit and no others.
func TestOpenValues(t *testing.T) {
	t.Parallel()
	leaf := func(property string, k schema.Kind, op filter.Op, v any) *filter.Tree {
		typ := &schema.Type{Kind: k}
		if s, ok := v.(*filter.Slot); ok {
			v = s.Keep(typ)
		}
		return &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: property}}, Op: op, Type: typ, Value: v}
	}
	for name, c := range map[string]struct {
		where *filter.Tree
		good  any
		want  []any
		bad   any
	}{
		"sum":    {leaf("amount", schema.Money, filter.Gte, filter.NewSlot("v", "1.00")), "7.5", []any{"750"}, "seven"},
		"id":     {leaf("decision", schema.Link, filter.Eq, filter.NewSlot("v", "0190a1b2-c3d4-7e5f-8a9b-000000000001")), "0190A1B2-c3d4-7e5f-8a9b-000000000002", []any{"0190a1b2-c3d4-7e5f-8a9b-000000000002"}, "one"},
		"day":    {leaf("from", schema.Date, filter.Lt, filter.NewSlot("v", "2019-01-01")), "2020-02-29", []any{"2020-02-29"}, "2019-02-29"},
		"prefix": {leaf("purpose", schema.Text, filter.StartsWith, filter.NewSlot("v", "a")), "bc", []any{"bc", "bd"}, []string{"x"}},
		"list":   {leaf("status", schema.Text, filter.In, filter.NewSlot("v", []string{"a"})), []string{"b", "c"}, []any{[]string{"b", "c"}}, []string{}},
	} {
		st, err := store.Selection{Catalog: &schema.Catalog{}, Guards: map[string]store.Guard{"Award": {Rows: filter.Everything()}}, Roots: []*store.Set{{
			Alias: "x", Shape: store.List, Entity: "Award", Where: c.where, Fields: []*store.Field{{Alias: "id", Name: "id"}}}}}.Compile()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		bind := func(v any) ([]any, bool) { return st.Bind(func(string) (any, bool) { return v, true }) }
		if got, ok := bind(c.good); !ok || cmp.Diff(c.want, got) != "" {
			t.Errorf("%s: %v %t", name, got, ok)
		}
		if got, ok := bind(c.bad); ok {
			t.Errorf("%s took %v as %v", name, c.bad, got)
		}
	}
}

// An open value that the statement has no place for makes no statement: it would serve nobody else.
func TestAnOpenValueThatFitsNothing(t *testing.T) {
	t.Parallel()
	s := &store.Set{Alias: "x", Entity: "Award", ID: "no id", Slots: store.Slots{ID: filter.NewSlot("v", "no id").Keep(nil)},
		Fields: []*store.Field{{Alias: "id", Name: "id"}}}
	st, err := store.Selection{Catalog: &schema.Catalog{}, Guards: map[string]store.Guard{"Award": {Rows: filter.Everything()}}, Roots: []*store.Set{s}}.Compile()
	if err == nil {
		t.Error(st.Text)
	}
}
