package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/schema/filter"
)

// sent is the answer to a body as it was sent, decoded.
func (w *world) sent(t *testing.T, body, token string) map[string]any {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader([]byte(body)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Request-Id", "same-number")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, r)
	var out map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		t.Fatalf("%v: %s", err, rec.Body)
	}
	return out
}

func bodyOf(query string, variables any) string {
	raw, _ := json.Marshal(map[string]any{"query": query, "variables": variables})
	return string(raw)
}

// known tells whether the plan of a body is known.
func (w *world) known(body string, token string) bool {
	r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	q := &request{actor: publicActor(), lang: languages[0]}
	if token != "" {
		q.actor, _ = tokens{}.Actor(r.Context(), token)
	}
	return w.server.find(r, q, []byte(body)) != nil
}

// TestPlansServeOtherValues asks a query twice with different values: the second time its plan is known, and the
// answer is that of the long way.
func TestPlansServeOtherValues(t *testing.T) {
	w := newWorld(t)
	person := `query($id: ID!) {person(id: $id) {id lastName pensions(first: 5) {nodes {id from}}}}`
	where := `query($w: PersonWhere, $n: Int) {people(where: $w, first: $n) {totalCount nodes {lastName}}}`
	since := `query($from: Date) {pensions(where: {from: {gte: $from}}) {nodes {id from}}}`
	for name, c := range map[string]struct {
		query  string
		values []any
		known  bool // the last one is served by the plan of the others
	}{
		"id":             {person, []any{map[string]any{"id": anna}, map[string]any{"id": boris}}, true},
		"no such":        {person, []any{map[string]any{"id": anna}, map[string]any{"id": uid(999)}}, true},
		"no id":          {person, []any{map[string]any{"id": anna}, map[string]any{"id": "anna"}}, false},
		"upper case":     {person, []any{map[string]any{"id": anna}, map[string]any{"id": "0190A1B2-C3D4-7E5F-8A9B-000000000003"}}, true},
		"where":          {where, []any{map[string]any{"w": map[string]any{"lastName": map[string]any{"eq": "Иванова"}}, "n": 3}, map[string]any{"w": map[string]any{"lastName": map[string]any{"eq": "ПЕТРОВ"}}, "n": 3}}, true},
		"other page":     {where, []any{map[string]any{"w": map[string]any{}, "n": 1}, map[string]any{"w": map[string]any{}, "n": 2}}, false},
		"no filter":      {where, []any{map[string]any{"w": map[string]any{"lastName": map[string]any{"eq": "а"}}}, map[string]any{}}, false},
		"many":           {where, []any{map[string]any{"w": map[string]any{"lastName": map[string]any{"in": []string{"а", "б"}}}}, map[string]any{"w": map[string]any{"lastName": map[string]any{"in": []string{"иванова"}}}}}, true},
		"date":           {since, []any{map[string]any{"from": "2019-01-01"}, map[string]any{"from": "2018-01-01"}}, true},
		"no date":        {since, []any{map[string]any{"from": "2019-01-01"}, map[string]any{"from": "2019-02-30"}}, false},
		"zero character": {where, []any{map[string]any{"w": map[string]any{"lastName": map[string]any{"eq": "а"}}}, map[string]any{"w": map[string]any{"lastName": map[string]any{"eq": "\x00"}}}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			fresh := newWorld(t)
			for _, v := range c.values {
				body := bodyOf(c.query, v)
				if diff := cmp.Diff(fresh.sentFresh(t, body), w.sent(t, body, "clerk")); diff != "" {
					t.Errorf("%s: %s", body, diff)
				}
			}
			if got := w.known(bodyOf(c.query, c.values[len(c.values)-1]), "clerk"); got != c.known && c.known {
				t.Errorf("known: %t", got)
			}
		})
	}
}

// sentFresh is the answer of a server that knows no plan.
func (w *world) sentFresh(t *testing.T, body string) map[string]any {
	t.Helper()
	w.server.current.Load().plans = newPlans()
	return w.sent(t, body, "clerk")
}

// TestPlansKnowTheirPolicy sees to it that a plan of one policy serves no other, nor a value of a label that is hidden.
func TestPlansKnowTheirPolicy(t *testing.T) {
	w := newWorld(t)
	body := bodyOf(`query($id: ID!) {person(id: $id) {lastName}}`, map[string]any{"id": anna})
	for range 3 {
		if w.sent(t, body, "clerk")["errors"] != nil {
			t.Fatal("hidden")
		}
	}
	if !w.known(body, "clerk") {
		t.Fatal("no plan")
	}
	w.gate.rows = map[string]*filter.Tree{"Person": filter.Nothing()}
	if got := w.sent(t, body, "clerk"); got["errors"] == nil {
		t.Fatalf("shown by an old plan: %v", got)
	}
}

// TestTextsOfBodies reads bodies that only look alike.
func TestTextsOfBodies(t *testing.T) {
	for raw, want := range map[string]string{
		`{"query":"{a}","variables":{"id":"x","n":5}}`:                               "{\"id\"\x01\"n\"5} x",
		` { "variables" : {"l":["a", "b"] } , "query" : "{a}" } `:                    "{\"l\"\x02} \"a\", \"b\"",
		`{"query":"{a}","variables":{"l":["a",1,""]}}`:                               "{\"l\"[\x01,1,\"\",]} a",
		`{"query":"{a}","variables":{"w":{"a":{"eq":"x"}}}}`:                         "{\"w\"{\"a\"{\"eq\"\x01}}} x",
		`{"query":"{a}","variables":null,"extensions":{}}`:                           "",
		`{"query":"{a}","query":"{b}"}`:                                              "no",
		`{"query":"{a}","variables":{"a":1,"a":2}}`:                                  "no",
		`{"query":"{a}","variables":{"a.b":"c"}}`:                                    "no",
		`{"query":"{a}","variables":{"a":tru}}`:                                      "no",
		`{"query":"{a}","variables":{"\u0061":1}}`:                                   "no",
		`{"query":"{a}","extensions":{"persistedQuery":{"v":"x"}}}`:                  "",
		`{"extensions":{"persistedQuery":{"sha256Hash":"x"}},"variables":{"a":"b"}}`: "{\"a\"\x01} b",
		`{"variables":{"a":"b"}}`:                                                    "no",
		`{"extensions":{"a":1,"a":2}}`:                                               "no",
		`{"Query":"{a}"}`:                                                            "no",
		`{"query":"{a}"} {}`:                                                         "no",
		`{"query":"{a}","variables":{"a":"b}`:                                        "no",
		"{\"query\":\"{a}\",\"variables\":{\"a\":\"b\x01\"}}":                        "no",
		"{\"query\":\"{a}\",\"variables\":{\"a\":\"b\xff\"}}":                        "no",
		`[{"query":"{a}"}]`:                                                          "no",
	} {
		var b body
		got := "no"
		if b.read([]byte(raw), true) {
			got = string(b.shape)
			for _, l := range b.leaves {
				got += " " + string(l.raw)
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}

// TestPlansAreBounded fills the cache by what a caller can vary.
func TestPlansAreBounded(t *testing.T) {
	p := newPlans()
	for i := range 3 * maxPlans {
		p.put(fmt.Appendf(nil, "%d", i), i, 1000)
	}
	if len(p.entries) > maxPlans || p.order.Len() != len(p.entries) {
		t.Errorf("%d plans", len(p.entries))
	}
	p.put([]byte("wide"), 0, maxPlanBytes-1)
	if p.bytes > maxPlanBytes {
		t.Errorf("%d bytes", p.bytes)
	}
	if p.get([]byte("0")) != nil || p.order.Len() != len(p.entries) {
		t.Error("the oldest stayed")
	}
}

// TestPersistedQueriesHavePlans asks by the hash of a query: who knows it by heart does not send it, and waits no longer.
func TestPersistedQueriesHavePlans(t *testing.T) {
	w := newWorld(t)
	query := `query($id: ID!) {person(id: $id) {lastName}}`
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(query)))
	ask := func(body map[string]any) (string, map[string]any) {
		body["variables"] = map[string]any{"id": anna}
		body["extensions"] = map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}
		raw, _ := json.Marshal(body)
		return string(raw), w.sent(t, string(raw), "clerk")
	}
	if _, got := ask(map[string]any{}); got["errors"] == nil {
		t.Fatal("a query that nobody sent is known")
	}
	_, first := ask(map[string]any{"query": query})
	_, second := ask(map[string]any{})
	body, third := ask(map[string]any{})
	if diff := cmp.Diff(first, second) + cmp.Diff(first, third); diff != "" || first["data"] == nil {
		t.Error(first, diff)
	}
	if !w.known(body, "clerk") {
		t.Error("no plan")
	}
	hash = fmt.Sprintf("%x", sha256.Sum256([]byte("another")))
	if _, got := ask(map[string]any{"query": query}); got["errors"] == nil {
		t.Error("a hash of another query was taken")
	}
}

// TestAKnownPlanIsNoStream asks for a stream of events what is answered from a plan otherwise.
func TestAKnownPlanIsNoStream(t *testing.T) {
	w := newWorld(t)
	body := bodyOf(`{people {totalCount}}`, nil)
	w.sent(t, body, "clerk")
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader([]byte(body)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Authorization", "Bearer clerk")
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, r)
	if got := rec.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/event-stream") || !strings.Contains(rec.Body.String(), "event: next") {
		t.Errorf("%s: %s", got, rec.Body)
	}
}
