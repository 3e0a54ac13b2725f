package command_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"mera/kernel/command"
	"mera/kernel/search"
	"mera/kernel/store"
	"mera/schema/filter"
)

// A record is found by what it holds from the moment it is written, and no longer than it holds it.
func TestWrittenRecordsAreFound(t *testing.T) {
	t.Parallel()
	s, _, person := passStage(t)
	cat := releaseOf(t, "testdata/crate").Catalog
	found := func(text string) string {
		t.Helper()
		q := search.Parse(text)
		guard := store.Guard{Rows: &filter.Tree{Kind: filter.All}}
		raw, err := s.db.Select(t.Context(), store.Selection{Catalog: cat, Guards: map[string]store.Guard{"Person": guard, "Pass": guard},
			Roots: []*store.Set{{Alias: "s", Shape: store.Connection, Entity: "Record", Only: []string{"Pass", "Person"}, Search: &q,
				Fields: []*store.Field{{Alias: "nodes", Name: "nodes", Fields: []*store.Field{{Alias: "id", Name: "id"}}}}}}})
		if err != nil {
			t.Fatal(err)
		}
		var out struct {
			S struct{ Nodes []struct{ ID string } }
		}
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err)
		}
		ids := ""
		for _, n := range out.S.Nodes {
			ids += n.ID
		}
		return ids
	}
	want(t, "the person", person, found("Олег"))
	want(t, "the person, misspelt", person, found("Олгег"))
	id := s.create("Pass", pass(person, "2019-07-01", "2019-07-31", "кедр 17-а"))
	want(t, "the pass", id, found("кедр"))
	want(t, "the pass by its number", id, found("17-А"))
	s.do(command.Command{Verb: "update", Type: "Pass", ID: id, Version: 1, Data: map[string]any{"code": "ольха"}})
	want(t, "the pass by its new code", id, found("ольха"))
	want(t, "the pass by its old code", "", found("кедр")+found("17-А"))
	s.do(command.Command{Verb: "void", Type: "Pass", ID: id, Version: 2, Reason: "ошибка"})
	want(t, "a void pass", "", found("ольха"))
	var left int
	if err := s.db.Pool().QueryRow(t.Context(), "select count(*) from search_record where id = $1", id).Scan(&left); err != nil {
		t.Fatal(err)
	}
	want(t, fmt.Sprintf("what is kept of the void pass %s", id), 0, left)
}
