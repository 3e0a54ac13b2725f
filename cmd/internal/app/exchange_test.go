package app_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"mera/cmd/internal/agencies"
	"mera/cmd/internal/app"
)

// An answer whose exchange may not write what is labelled is kept and left to a person, with the reason: nothing is tried
// again and again.
func TestAnAnswerThatMayNotBeWrittenGoesToAPerson(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/derived")); err != nil {
		t.Fatal(err)
	}
	rules := filepath.Join(dir, "uray-notes", "policies", "notes.rego")
	source, err := os.ReadFile(rules)
	if err != nil {
		t.Fatal(err)
	}
	strict := strings.Replace(string(source), "edit.secret if input.actor.kind == \"system\"\n", "", 1)
	if err := os.WriteFile(rules, []byte(strict), 0o600); err != nil || strict == string(source) {
		t.Fatal(err, "the rule is not there")
	}
	s := setup(t, func(c *app.Config) { c.Catalog = []string{dir} })
	s.staff("doctor", "nearOffice", "uray", "specialist", "doctor")
	s.answering(map[string]agencies.Behaviour{"UrayClaimCheck": {Answer: map[string]any{"text": "ответ", "found": secret, "day": "2019-07-16"}}})
	claim := s.create(near, "UrayClaim", map[string]any{"applicant": s.ids[anna]})
	s.settle()
	const q = `query($id: ID!) {urayClaim(id: $id) {state requests {status} tasks {id title status}} urayNotes {totalCount}}`
	told := func() any { return dig(s.must(near, q, map[string]any{"id": claim}), "urayClaim") }
	title := fmt.Sprint(dig(told(), "tasks", 0, "title"))
	if !strings.Contains(title, "secret") || !strings.Contains(title, "Нет права") || strings.Contains(title, secret) {
		t.Errorf("the task says %q", title)
	}
	if got := fmt.Sprint(dig(told(), "requests"), dig(told(), "tasks", 0, "status"), dig(s.must(near, `{urayNotes {totalCount}}`, nil), "urayNotes", "totalCount")); got != "[map[status:unclear]]open0" {
		t.Errorf("after the answer: %s", got)
	}
	var tries, waiting int
	conn, err := pgx.Connect(t.Context(), s.config.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if err := conn.QueryRow(t.Context(), `select max(attempt), count(*) filter (where state <> 'completed') from river.river_job where kind = 'apply'`).Scan(&tries, &waiting); err != nil {
		t.Fatal(err)
	}
	if tries != 1 || waiting != 0 {
		t.Errorf("the answer was tried %d times, %d jobs are left", tries, waiting)
	}
	s.must(near, `mutation($id: ID!) {finishTask(task: $id) {status}}`, map[string]any{"id": dig(told(), "tasks", 0, "id")})
}
