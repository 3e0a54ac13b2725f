package app_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/catalog"
	"mera/cmd/internal/app"
)

// sealed is a stage on which an application may be sealed: then its package denies it to all officials but keepers.
func sealed(t *testing.T) *stage {
	t.Helper()
	dir := t.TempDir()
	core, err := fs.Sub(catalog.FS, "ugra-child-benefits")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "ugra-child-benefits"), core); err != nil {
		t.Fatal(err)
	}
	edit := func(file, old, text string) {
		t.Helper()
		path := filepath.Join(dir, "ugra-child-benefits", file)
		source, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(source), old) {
			t.Fatalf("%s has no %q: %v", file, old, err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(source), old, text, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit("package.yaml", "roles:\n", "roles:\n  keeper: {title: Хранитель}\n")
	edit("documents/survivor-benefit-application.yaml", "schema:\n", "access: {sealed: sealed}\nschema:\n")
	edit("documents/survivor-benefit-application.yaml", "  properties:\n", "  properties:\n    sealed: {type: boolean, title: Под замком}\n")
	edit("policies/benefits.rego", "read if own\n", "read if own\n\ndeny if {\n\tinput.type == \"SurvivorBenefitApplication\"\n\tinput.row.sealed == true\n\tinput.actor.kind == \"staff\"\n\tnot \"keeper\" in input.actor.roles\n}\n")
	s := setup(t, func(c *app.Config) { c.Catalog = []string{dir} })
	if s.faults.Faulty() {
		t.Fatal(s.faults.Render(func(string) []byte { return nil }))
	}
	s.staff("keeper", "nearOffice", "uray", "specialist", "keeper")
	s.staff("headkeeper", "nearOffice", "uray", "head", "keeper")
	s.staff("auditor", "nearOffice", "uray", "auditor")
	s.staff("auditkeeper", "nearOffice", "uray", "auditor", "keeper")
	return s
}

// A case that its package denies takes with it all that the kernel keeps of it - tasks, requests, decisions, awards,
// accruals, payments, prints, entries of the journal, files - by every way; who is not denied sees all of it.
func TestADeniedCaseTakesItsPapersWithIt(t *testing.T) {
	t.Parallel()
	s := sealed(t)
	s.answering()
	id := s.create(anna, "SurvivorBenefitApplication", with(s.application(), map[string]any{"sealed": true}))
	s.settle()
	s.must("headkeeper", `mutation {accrue(until: "2019-07-31")}`, nil)
	s.settle()
	s.must("headkeeper", `mutation {runPayments(from: "2019-07-01", to: "2019-07-31", date: "2019-07-20") {id}}`, nil)
	s.settle()

	papers := []string{"cases", "survivorBenefitApplications", "requests", "decisions", "awards", "accruals", "payments", "prints"}
	count := func(who string, kinds []string) string {
		var q strings.Builder
		for _, k := range kinds {
			fmt.Fprintf(&q, "%s {totalCount nodes {id}} ", k)
		}
		data := s.must(who, "{"+q.String()+"}", nil)
		var seen []string
		for _, k := range kinds {
			n := dig(data, k, "totalCount")
			if rows := len(dig(data, k, "nodes").([]any)); n != json.Number(fmt.Sprint(rows)) {
				t.Errorf("%s: %s counts %v and lists %d", who, k, n, rows)
			}
			if n != json.Number("0") {
				seen = append(seen, k)
			}
		}
		return strings.Join(seen, " ")
	}
	all := strings.Join(papers, " ")
	for who, want := range map[string]string{near: "", head: "", far: "", boris: "", "keeper": all, "headkeeper": all, anna: strings.Replace(all, "requests ", "", 1)} {
		if d := cmp.Diff(want, count(who, papers)); d != "" {
			t.Errorf("%s sees (-want +got):\n%s", who, d)
		}
	}
	events := func(who string) any {
		return dig(s.must(who, `query($id: ID!) {events(where: {record: {eq: $id}}) {totalCount}}`, map[string]any{"id": id}), "events", "totalCount")
	}
	if got, of := events("auditor"), events("auditkeeper"); got != json.Number("0") || of == json.Number("0") {
		t.Errorf("entries of the journal: the auditor sees %v, the auditor and keeper %v", got, of)
	}
	if n := dig(s.must("auditor", `{events(where: {type: {eq: "Person"}}) {totalCount}}`, nil), "events", "totalCount"); n == json.Number("0") {
		t.Error("the auditor sees no entry at all")
	}
	s.deniedByID(id, papers)
}

// deniedByID asks for each paper of a case by its id, by node, by its file and through links: near gets what he gets
// for an id that nobody has, keeper gets it.
func (s *stage) deniedByID(id string, papers []string) {
	s.t.Helper()
	ids := map[string]string{"case": id}
	for _, kind := range papers[2:] {
		ids[strings.TrimSuffix(kind, "s")] = dig(s.must("keeper", `{`+kind+` {nodes {id}}}`, nil), kind, "nodes", 0, "id").(string)
	}
	for kind, id := range ids {
		fields := []string{kind}
		if kind == "case" {
			fields = append(fields, "node")
		}
		for _, field := range fields {
			q := `query($id: ID!) {x: ` + field + `(id: $id) {id}}`
			if r := s.ask("keeper", q, map[string]any{"id": id}); dig(r.Data, "x", "id") != id {
				s.t.Errorf("keeper, %s of %s: %+v", field, kind, r)
			}
			here, gone := s.ask(near, q, map[string]any{"id": id}), s.ask(near, q, map[string]any{"id": nowhere})
			if d := cmp.Diff(masked(gone), masked(here)); d != "" {
				s.t.Errorf("%s of %s is unlike an id that nobody has (-nobody's +hidden):\n%s", field, kind, d)
			}
		}
	}
	for who, want := range map[string]int{near: 404, "keeper": 200} {
		if status, _, _ := s.fetch(s.app.Token(who), "/prints/"+ids["print"]+".html"); status != want {
			s.t.Errorf("%s gets the print: HTTP %d, want %d", who, status, want)
		}
	}
	ways := `query($id: ID!) {
		person(id: $id) {id}
		awards(where: {beneficiary: {id: {eq: $id}}}) {nodes {id decision {id} case {id} accruals {id}}}
		accruals(where: {award: {beneficiary: {id: {eq: $id}}}}) {totalCount}
		ofAward: payments(where: {award: {measure: {eq: "SurvivorBenefit"}}}) {totalCount}
		paymentLists {nodes {payments {id}}}}`
	for who, want := range map[string]bool{near: false, "keeper": true} {
		r := s.ask(who, ways, map[string]any{"id": s.ids["kolya"]})
		if len(r.Errors) > 0 {
			s.t.Fatalf("%s: %+v", who, r.Errors)
		}
		got := fmt.Sprint(r.Data)
		for _, kind := range []string{"award", "decision", "case", "accrual"} {
			if strings.Contains(got, ids[kind]) != want {
				s.t.Errorf("%s comes to the %s over links: %t, want %t: %s", who, kind, !want, want, got)
			}
		}
	}
}
