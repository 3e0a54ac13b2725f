package graph

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkCard is the whole way of one query: HTTP, cached parse, selection, SQL, PostgreSQL.
func BenchmarkCard(b *testing.B) {
	w := newWorld(b)
	body := []byte(`{"query": "query($id: ID!) {person(id: $id) {lastName firstName birthDate territory {title} pensions(first: 20) {nodes {type {title} from to amount}} cases {id state ... on BenefitApplication {date}}}}", "variables": {"id": "` + anna + `"}}`)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		w.http.ServeHTTP(rec, r)
		if rec.Code != http.StatusOK {
			b.Fatal(rec.Body)
		}
		w.db.take()
	}
}

// BenchmarkSwap is the cost of another release.
func BenchmarkSwap(b *testing.B) {
	cat, lists := small(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := newModel(cat, lists).load(); err != nil {
			b.Fatal(err)
		}
	}
}
