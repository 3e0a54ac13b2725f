package graph

import (
	"encoding/json"
	"strings"
	"testing"

	"mera/kernel"
	"mera/kernel/search"
	"mera/schema/filter"
)

const boxQuery = `query($text: String!, $types: [String!]) {search(text: $text, types: $types) {totalCount nodes {__typename id title
	... on Person {lastName pensions(first: 1) {totalCount}} ... on BenefitApplication {number applicant {firstName}}}}}`

// asked is what a search finds: the titles, or the code of the error.
func (w *world) asked(text string, types ...string) string {
	w.t.Helper()
	vars := map[string]any{"text": text}
	if types != nil {
		vars["types"] = types
	}
	a := w.ask(boxQuery, vars)
	if len(a.Errors) > 0 {
		return string(a.code())
	}
	var found struct {
		Search struct{ Nodes []struct{ Title string } }
	}
	if err := json.Unmarshal(a.Data, &found); err != nil {
		w.t.Fatalf("%v: %s", err, a.Data)
	}
	var out []string
	for _, n := range found.Search.Nodes {
		out = append(out, n.Title)
	}
	return strings.Join(out, ", ")
}

// TestSearch asks the box for everything that it knows, over and over, so that each query is answered by the plan of
// another one, too.
func TestSearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.db.EnsureSearch(t.Context(), w.cat); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		for text, want := range map[string]string{
			"Елкина": "Person 01", "ёлкина анна": "Person 01", "Еклина": "Person 01", "Анна Еклина": "Person 01", "Анна 03.02.1980": "Person 01",
			"Петров": "Person 02", "Птеров 11.05.2006": "Person 02", "112-233-445 95": "Person 01", "1-П": "BenefitApplication 31", "1-п": "BenefitApplication 31",
			"Петров Анна": "", "Яковлев 1950": "Person 03", "тайна": "", "": "", "Gtnhjd": "Person 02",
			strings.Repeat("а ", search.MaxTerms+1): "LIMIT", strings.Repeat("а", search.MaxText+1): "LIMIT",
		} {
			if got := w.asked(text); got != want {
				t.Errorf("%q: %q, want %q", text, got, want)
			}
		}
	}
	if got := w.asked("Петров", "BenefitApplication"); got != "" {
		t.Errorf("of another type: %q", got)
	}
	if got := w.asked("Петров", "Nobody"); got != "" {
		t.Errorf("of no type: %q", got)
	}
	want := `{"search":{"totalCount":1,"nodes":[{"__typename":"Person","id":"` + kolya + `","title":"Person 02","lastName":"Петров","pensions":{"totalCount":2}}]}}`
	if got := w.data(boxQuery, map[string]any{"text": "Петров"}); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// One search is one statement, and the second of a shape is answered by the plan of the first.
func TestASearchIsOneStatement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.db.EnsureSearch(t.Context(), w.cat); err != nil {
		t.Fatal(err)
	}
	w.asked("Елкина Анна")
	for text, known := range map[string]bool{"Птеров Николай": true, "Петров": false, "Петров 1950": false} {
		if got := w.known(bodyOf(boxQuery, map[string]any{"text": text}), "clerk"); got != known {
			t.Errorf("%q: a plan is known: %t", text, got)
		}
	}
	w.db.take()
	w.asked("Птеров Николай")
	w.asked("Петров 11.05.2006")
	if n := len(w.db.take()); n != 2 {
		t.Errorf("%d statements of two searches", n)
	}
}

func TestSearchUnderPolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.db.EnsureSearch(t.Context(), w.cat); err != nil {
		t.Fatal(err)
	}
	w.gate.rows = map[string]*filter.Tree{"Person": near("surgut")}
	for text, want := range map[string]string{"Петров": "", "Птеров": "", "Елкина": "Person 01", "1950": "", "тайна": ""} {
		if got := w.asked(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if a := w.ask(`{search(text: "Петров") {totalCount pageInfo {hasNextPage}}}`, nil); string(a.Data) != `{"search":{"totalCount":0,"pageInfo":{"hasNextPage":false}}}` {
		t.Errorf("what is hidden is counted: %s", a.Data)
	}
	if a := w.ask(`{search(text: "Елкина", after: "abc") {totalCount}}`, nil); a.code() != kernel.Invalid {
		t.Errorf("a cursor that is none: %s %v", a.Data, a.Errors)
	}
}
