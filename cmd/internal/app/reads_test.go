package app_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"mera/cmd/internal/app"
)

// seen waits until the journal of reads has n rows about a record, and lists «who type».
func (s *stage) seen(record string, n int) []string {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.config.Database)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(s.t.Context()))
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		rows, err := conn.Query(s.t.Context(), "select actor || ' ' || type from reading where record = $1 order by at, n", record)
		if err != nil {
			s.t.Fatal(err)
		}
		out, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			s.t.Fatal(err)
		}
		if len(out) >= n || time.Now().After(end) {
			return out
		}
	}
}

// Who reads a card, a paper or a list is in the journal of reads, whichever way the request went; who finds nothing is not.
func TestReadsAreJournaled(t *testing.T) {
	t.Parallel()
	s := setup(t)
	kolya := s.ids["kolya"]
	const q = `query($id: ID!) {person(id: $id) {lastName disabilities {nodes {diagnosis}}}}`
	for range 3 { // the second goes by the plan of the first; all three are one look
		s.must(near, q, map[string]any{"id": kolya})
	}
	s.must(near, q, map[string]any{"id": s.ids[anna]}) // by the plan
	s.must(near, fmt.Sprintf(`{person(id: %q) {lastName}}`, kolya), nil)
	s.must(head, `query($id: ID!) {a: person(id: $id) {lastName} b: person(id: $id) {firstName} parameters {nodes {id}}}`, map[string]any{"id": kolya})
	s.ask(far, q, map[string]any{"id": kolya})
	if got := s.seen(kolya, 4); !slices.Equal(got, []string{"ivanova Person", "ivanova Person", "sidorov Person", "sidorov Person"}) {
		t.Errorf("who read the child: %v", got)
	}
	if got := s.seen(s.ids[anna], 1); !slices.Equal(got, []string{"ivanova Person"}) {
		t.Errorf("who read the mother: %v", got)
	}
	s.must(near, `{people(first: 2) {nodes {lastName}}}`, nil)
	if err := s.app.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), s.config.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	var lists, parameters int
	if err := conn.QueryRow(t.Context(), `select count(*) filter (where r.record is null and o.text like '{people%'), count(*) filter (where r.type = 'Parameter')
		from reading r join operation o on o.digest = r.operation`).Scan(&lists, &parameters); err != nil {
		t.Fatal(err)
	}
	if lists != 1 || parameters != 0 {
		t.Errorf("%d lists, %d parameters", lists, parameters)
	}
	findings, err := app.Verify(t.Context(), s.config)
	if err != nil || len(findings) > 0 {
		t.Errorf("%v, %v", findings, err)
	}
}
