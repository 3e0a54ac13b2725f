package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"mera/kernel"
	"mera/kernel/query"
	"mera/kernel/store"
)

// compiling is a database that compiles statements and runs none.
type compiling struct{}

func (compiling) SelectColumns(_ context.Context, s store.Selection) ([]json.RawMessage, error) {
	st, err := s.Compile()
	if err != nil {
		return nil, kernel.Errorf(kernel.Invalid, "cursor").Because(err)
	}
	out := make([]json.RawMessage, len(st.Aliases))
	for i := range out {
		out[i] = null
	}
	return out, nil
}

func (compiling) Run(_ context.Context, st store.Statement, _ []any, _ bool, each func(int, []byte)) error {
	for i := range st.Aliases {
		each(i, null)
	}
	return nil
}

func (compiling) Explain(context.Context, store.Selection) (string, error) { return "", nil }

// FuzzRequest sends any bytes as a request: there is always an answer of GraphQL, and never a defect of ours.
func FuzzRequest(f *testing.F) {
	cat, lists := small(f)
	s, err := NewServer(Config{Auth: tokens{}, Commands: &commands{}, Views: views{}, Clock: stopped(noon), IDs: &sequence{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	if err := s.Swap(Release{Catalog: cat, Lists: lists, Reader: query.NewReader(compiling{}, &gate{}, cat)}); err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		`{"query": "{people(first: 2, orderBy: [{lastName: ASC}], where: {or: [{sex: {eq: male}}, {payout: {bank: {in: [\"a\"]}}}]}) {totalCount edges {cursor node {...on Person {id}}}}}"}`,
		`{"query": "query($x: PensionWhere) {pensions(where: $x, asOf: \"2019-07-16\") {nodes {person {lastName}}}}", "variables": {"x": {"amount": {"gte": 1.50}}}}`,
		`{"query": "mutation {createPerson(input: {lastName: \"a\", relatives: [{name: \"b\"}]}, key: \"k\") {id pensions {nodes {id}}}}"}`,
		`{"query": "{__schema {types {name fields {name args {name}}}} __type(name: \"Person\") {possibleTypes {name}}}"}`,
		`{"query": "query A {case(id: \"x\") {events {name} ... on BenefitApplication {people {id}}}} query B {me {id}}", "operationName": "A"}`,
		`{"query": "{byState(days: {from: \"2019-01-01\"}) {state applications} form(type: \"x\") now}", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "x"}}}`,
		`{"query": "fragment F on Person {pensions {nodes {...G}}} fragment G on Pension {person {lastName}} {node(id: \"x\") {...F}}"}`,
	} {
		f.Add([]byte(seed))
	}
	h := s.Handler()
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer clerk")
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		var a answer
		if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil {
			t.Fatalf("%v: %s", err, rec.Body)
		}
		if a.code() == kernel.Internal {
			t.Fatalf("%s", rec.Body)
		}
	})
}
