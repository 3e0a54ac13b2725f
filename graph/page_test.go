package graph

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"mera/kernel"
	"mera/kernel/store"
)

type pageOf struct {
	Edges []struct {
		Cursor string
		Node   struct{ ID, LastName string }
	}
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       string
	}
}

func (w *world) page(args string, vars map[string]any) pageOf {
	w.t.Helper()
	head := ""
	if vars != nil {
		head = "query($c: String) "
	}
	raw := w.data(head+`{p: people(`+args+`) {edges {cursor node {id lastName}} pageInfo {hasNextPage hasPreviousPage startCursor endCursor}}}`, vars)
	var out struct{ P pageOf }
	if err := json.Unmarshal([]byte(raw), &out); err != nil {
		w.t.Fatal(err)
	}
	return out.P
}

func (w *world) add(n int, lastName, firstName string) {
	w.t.Helper()
	data := map[string]any{"lastName": lastName, "birthDate": "1990-01-01"}
	if firstName != "" {
		data["firstName"] = firstName
	}
	err := w.db.Write(w.t.Context(), func(tx *store.Tx) error {
		return tx.SaveRecord(w.t.Context(), record("Person", uid(n), "", data), uid(9900+n), true)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// Rows that come in between two pages neither shift the pages nor bring a row twice: keys are equal, absent, in both
// directions, and the pages are read from either end.
func TestPagesAreStableUnderInserts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 12 {
		w.add(100+i, []string{"Аев", "Боев", "Ёжиков", "Яев"}[i%4], []string{"", "Иван", "Пётр"}[i%3])
	}
	next := 1000
	for _, order := range []string{"", "orderBy: [{lastName: ASC}],", "orderBy: [{firstName: DESC}],", "orderBy: [{firstName: ASC}, {lastName: DESC}],", "orderBy: [{createdAt: DESC}],"} {
		for _, back := range []bool{false, true} {
			t.Run(fmt.Sprint(order, back), func(t *testing.T) {
				w := *w
				w.t = t
				var want []string
				for _, e := range w.page(order+`first: 200`, nil).Edges {
					want = append(want, e.Node.ID)
				}
				got := w.walk(order, back, want, &next)
				if !slices.Equal(got, want) {
					t.Errorf("\n got %v\nwant %v", got, want)
				}
			})
		}
	}
}

// walk reads all pages of four, with rows coming in between, and returns the rows of want in the order met.
func (w *world) walk(order string, back bool, want []string, next *int) []string {
	var got []string
	cursor := any(nil)
	for range 60 {
		p := w.page(order+map[bool]string{false: "first: 4, after: $c", true: "last: 4, before: $c"}[back], map[string]any{"c": cursor})
		if p.PageInfo.StartCursor != p.Edges[0].Cursor || p.PageInfo.EndCursor != p.Edges[len(p.Edges)-1].Cursor {
			w.t.Fatalf("%+v", p)
		}
		if back {
			slices.Reverse(p.Edges)
		}
		for _, e := range p.Edges {
			if slices.Contains(want, e.Node.ID) {
				got = append(got, e.Node.ID)
			}
		}
		if more := map[bool]bool{false: p.PageInfo.HasNextPage, true: p.PageInfo.HasPreviousPage}[back]; !more {
			break
		}
		cursor = map[bool]string{false: p.PageInfo.EndCursor, true: p.PageInfo.StartCursor}[back]
		if *next < 1060 {
			w.add(*next, "Аев", "Иван")
			w.add(*next+1, "Яяев", "")
			w.add(*next+2, "Ёев", "Пётр")
			*next += 3
		}
	}
	if back {
		slices.Reverse(got)
	}
	return got
}

func TestCursorsThatDoNotFitAreNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.page(`orderBy: [{lastName: ASC}], first: 1`, nil).PageInfo.EndCursor
	for name, args := range map[string]string{
		"another order":     `orderBy: [{lastName: DESC}], after: $c`,
		"another order key": `orderBy: [{birthDate: ASC}], after: $c`,
	} {
		a := w.ask(`query($c: String) {people(`+args+`) {nodes {id}}}`, map[string]any{"c": mine})
		if a.code() != kernel.Invalid || a.Errors[0].Message != "Страница устарела. Начните список сначала" {
			t.Errorf("%s: %+v", name, a)
		}
	}
	for _, c := range []string{"x", "W10", "WyJ4IiwieSIsInoiXQ", mine + "AA", mine[:len(mine)-3], "eyJhIjoxfQ"} {
		a := w.ask(`query($c: String) {people(orderBy: [{lastName: ASC}], after: $c) {nodes {id}}}`, map[string]any{"c": c})
		if a.code() != kernel.Invalid {
			t.Errorf("%q: %+v", c, a)
		}
	}
	for args, want := range map[string]kernel.Code{
		"first: 201": kernel.Limit, "first: -1": kernel.Invalid, "first: 0": kernel.Invalid, "first: 1, last: 1": kernel.Invalid, "last: 1000000000": kernel.Limit,
		`orderBy: [{lastName: ASC, birthDate: ASC}]`: kernel.Invalid,
	} {
		w.db.take()
		if a := w.ask(`{people(`+args+`) {nodes {id}}}`, nil); a.code() != want || len(w.db.take()) > 0 {
			t.Errorf("%s: %+v", args, a)
		}
	}
}
