package app_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/cmd/internal/app"
)

// The database commits and the answer is lost: the client is told that it is not known, asks again with the same key,
// and gets the answer of the first time. Nothing is done twice, whatever the command.
func TestALostCommitIsNotRepeated(t *testing.T) {
	t.Parallel()
	var w *wire
	s := setup(t, func(c *app.Config) { w, c.Database = tap(t, c.Database) })
	s.answering()
	s.granted(1)
	s.wait("60 days")
	s.must(head, `mutation {accrue(until: "2019-08-31")}`, nil)
	app := s.create(anna, "SurvivorBenefitApplication", with(s.application(), map[string]any{"date": "2019-09-01"}))
	s.settle()
	for what, c := range map[string]struct {
		who, query string
		vars       map[string]any
		most       map[string]int64 // what one such command writes
	}{
		"create":       {near, createOf("Person"), map[string]any{"input": map[string]any{"lastName": "Новая", "firstName": "Ева", "birthDate": "1990-05-05", "territory": "uray"}}, map[string]int64{"people": 1, "events": 1}},
		"update":       {near, updateOf("Person"), map[string]any{"id": s.ids["kolya"], "version": 1, "patch": map[string]any{"phone": "1"}}, nil},
		"attach":       {near, attachTo[:len("mutation(")] + "$key: String, " + keyed(attachTo[len("mutation("):]), map[string]any{"type": "Person", "id": s.ids[anna], "a": attachment("a.pdf", []byte("x"))}, map[string]int64{"events": 1}},
		"run payments": {head, `mutation($key: String) {runPayments(from: "2019-07-01", to: "2019-08-31", date: "2019-09-14", key: $key) {id number total}}`, map[string]any{}, map[string]int64{"paymentLists": 1, "payments": 1, "events": 1}},
		"withdraw":     {anna, fire, map[string]any{"case": app, "event": "withdraw"}, nil},
	} {
		before := s.census()
		vars := with(c.vars, map[string]any{"key": "lost-" + what})
		w.lose("insert into answer")
		first := s.ask(c.who, c.query, vars)
		if first.code() != "UNAVAILABLE" {
			t.Errorf("%s: the answer was lost, and the client is told %+v", what, first)
		}
		s.worded(what, first)
		again := s.ask(c.who, c.query, vars)
		if len(again.Errors) > 0 {
			t.Errorf("%s again: %+v", what, again.Errors)
		}
		if d := cmp.Diff(again.Data, s.must(c.who, c.query, vars)); d != "" {
			t.Errorf("%s a third time, another answer:\n%s", what, d)
		}
		s.settle()
		if g := grown(t, before, s.census()); c.most != nil && cmp.Diff(c.most, g) != "" {
			t.Errorf("%s wrote (-want +got):\n%s", what, cmp.Diff(c.most, g))
		}
	}
}

// Without a key nobody can ask again, so the program must not either: what may have been done is not done anew.
func TestALostCommitWithoutAKey(t *testing.T) {
	t.Parallel()
	var w *wire
	s := setup(t, func(c *app.Config) { w, c.Database = tap(t, c.Database) })
	before := s.census()
	w.lose("insert into record ")
	r := s.ask(near, createOf("Person"), map[string]any{"input": map[string]any{"lastName": "Новая", "firstName": "Ева", "birthDate": "1990-05-05", "territory": "uray"}})
	if r.code() != "UNAVAILABLE" {
		t.Errorf("%+v", r)
	}
	if d := cmp.Diff(map[string]int64{"people": 1, "events": 1}, grown(t, before, s.census())); d != "" {
		t.Errorf("one lost answer (-want +got):\n%s", d)
	}
}

// keyed gives the attach mutation a key.
func keyed(query string) string {
	return query[:len(query)-len(") {id name sha256 size}}")] + ", key: $key) {id name sha256 size}}"
}
