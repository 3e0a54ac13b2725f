package graph

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mera/kernel"
)

// fetch gets a file as somebody.
func (w *world) fetch(h http.Handler, method, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/files/1", nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

// A file is found in a turn, as an operation is, and sent without one: who takes his time keeps nobody waiting.
func TestAFileIsFoundInATurn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Limits = Limits{Running: 1, Waiting: 1, Patience: 10 * time.Millisecond} })
	inside := func() int { return len(w.server.config.gate.turns) }
	h := w.server.File(func(_ *http.Request, actor kernel.Actor) (http.HandlerFunc, error) {
		if inside() != 1 {
			t.Error("found without a turn")
		}
		if actor.Kind == kernel.Public {
			return nil, kernel.Errorf(kernel.NotFound, "not-found")
		}
		return func(w http.ResponseWriter, _ *http.Request) {
			if inside() != 0 {
				t.Error("sent in a turn")
			}
			_, _ = io.WriteString(w, actor.ID) // into memory
		}, nil
	})
	for _, c := range []struct {
		method, token string
		status        int
		says          string
	}{
		{http.MethodGet, "clerk", http.StatusOK, "ivanova"}, {http.MethodGet, "", http.StatusNotFound, `"NOT_FOUND"`}, {http.MethodGet, "stale", http.StatusUnauthorized, `"UNAUTHENTICATED"`},
		{http.MethodPost, "clerk", http.StatusMethodNotAllowed, `"INVALID"`}, {http.MethodHead, "clerk", http.StatusMethodNotAllowed, `"INVALID"`},
	} {
		r := w.fetch(h, c.method, c.token)
		if r.Code != c.status || !strings.Contains(r.Body.String(), c.says) || r.Header().Get("Cache-Control") != "no-store" || r.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s as %q: %d %v %s", c.method, c.token, r.Code, r.Header(), r.Body)
		}
	}
	leave, err := w.server.config.gate.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r := w.fetch(h, http.MethodGet, "clerk"); r.Code != http.StatusServiceUnavailable || r.Header().Get("Retry-After") != "1" {
		t.Errorf("without a turn: %d %s", r.Code, r.Body)
	}
	leave()
	if r := w.fetch(h, http.MethodGet, "clerk"); r.Code != http.StatusOK || inside() != 0 {
		t.Errorf("afterwards: %d %s", r.Code, r.Body)
	}
}

// Files count for the rate of who asks, together with his operations.
func TestFilesAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Limits.ActorRate, c.Limits.AddressRate = 1e-6, 1e-6 })
	h := w.server.File(func(*http.Request, kernel.Actor) (http.HandlerFunc, error) {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }, nil
	})
	for _, token := range []string{"clerk", ""} {
		for n := range maxVerbs {
			if r := w.fetch(h, http.MethodGet, token); r.Code != http.StatusOK {
				t.Fatalf("%q, for the %d. time: %d %s", token, n+1, r.Code, r.Body)
			}
		}
		if r := w.fetch(h, http.MethodGet, token); r.Code != http.StatusTooManyRequests || r.Header().Get("Retry-After") == "" {
			t.Errorf("%q, once more: %d %s", token, r.Code, r.Body)
		}
		if r := w.raw(token, `{"query": "{__typename}"}`); r.Code != http.StatusTooManyRequests {
			t.Errorf("%q, an operation: %d %s", token, r.Code, r.Body)
		}
	}
}

// The browser of a trusted site's page is told what the page may; of any other site, and of every site where none is
// named, it is told nothing and keeps the page from the answer.
func TestWhatBrowsersAreTold(t *testing.T) {
	t.Parallel()
	const console = "https://console.example.org"
	strict := newWorld(t)
	open := newWorld(t, func(c *Config) { c.Limits.Origins = []string{console} })
	for _, c := range []struct {
		w              *world
		method, origin string
		status         int
		allowed        bool
	}{
		{open, http.MethodOptions, console, http.StatusNoContent, true},
		{open, http.MethodGet, console, http.StatusOK, true},
		{open, http.MethodOptions, "https://evil.example", http.StatusMethodNotAllowed, false},
		{open, http.MethodOptions, console + ".evil.example", http.StatusMethodNotAllowed, false},
		{open, http.MethodOptions, "null", http.StatusMethodNotAllowed, false},
		{open, http.MethodGet, "https://evil.example", http.StatusOK, false},
		{open, http.MethodGet, "", http.StatusOK, false},
		{strict, http.MethodOptions, console, http.StatusMethodNotAllowed, false},
		{strict, http.MethodGet, console, http.StatusOK, false},
	} {
		files := c.w.server.File(func(*http.Request, kernel.Actor) (http.HandlerFunc, error) {
			return func(http.ResponseWriter, *http.Request) {}, nil
		})
		for path, h := range map[string]http.Handler{"/graphql?query={__typename}": c.w.http, "/files/1": files} {
			r := httptest.NewRequest(c.method, path, nil)
			if c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}
			if c.method == http.MethodOptions {
				r.Header.Set("Access-Control-Request-Method", http.MethodPost)
				r.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
			}
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			got := rec.Header()
			want := ""
			if c.allowed {
				want = c.origin
			}
			if rec.Code != c.status || got.Get("Access-Control-Allow-Origin") != want || got.Get("Vary") != "Origin" || got.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s %s from %q: %d %v %s", c.method, path, c.origin, rec.Code, got, rec.Body)
			}
			if c.allowed && c.method == http.MethodOptions && !strings.Contains(got.Get("Access-Control-Allow-Headers"), "Authorization") {
				t.Errorf("%s: %v", path, got)
			}
		}
	}
}
