package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"mera/kernel"
)

// moving is a clock that a test moves.
type moving struct {
	mu sync.Mutex
	at time.Time
}

func (m *moving) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}

func (m *moving) wait(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = m.at.Add(d)
}

func TestTurns(t *testing.T) {
	t.Parallel()
	g := newGatehouse(Limits{Running: 2, Waiting: 1, Patience: 20 * time.Millisecond}.filled())
	first, err := g.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second, err := g.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.enter(t.Context()); kernel.CodeOf(err) != kernel.Unavailable || statusOf(err) != http.StatusServiceUnavailable {
		t.Errorf("a third one, who has waited long enough: %v", err)
	}
	g.patience = time.Minute
	waits := make(chan error)
	go func() {
		leave, err := g.enter(t.Context())
		if err == nil {
			defer leave()
		}
		waits <- err
	}()
	for !g.full() {
		time.Sleep(time.Millisecond)
	}
	if _, err := g.enter(t.Context()); kernel.CodeOf(err) != kernel.Unavailable {
		t.Errorf("nobody may wait behind him: %v", err)
	}
	first()
	if err := <-waits; err != nil {
		t.Errorf("whose turn has come: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	third, err := g.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.enter(gone); kernel.CodeOf(err) != kernel.Unavailable {
		t.Errorf("who has gone: %v", err)
	}
	second()
	third()
	if g.waiting.Load() != 0 || len(g.turns) != 0 {
		t.Errorf("%d wait and %d are inside", g.waiting.Load(), len(g.turns))
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	clock := &moving{at: noon}
	r := newRate(2, clock)
	for i := range 20 {
		if err := r.take(t.Context(), "a", 1); err != nil {
			t.Fatalf("%d of a burst: %v", i, err)
		}
	}
	err := r.take(t.Context(), "a", 3)
	var wait *waitError
	if !asWait(err, &wait) || wait.seconds() != 2 || statusOf(err) != http.StatusTooManyRequests {
		t.Errorf("three more: %v", err)
	}
	if err := r.take(t.Context(), "b", 20); err != nil {
		t.Errorf("another client: %v", err)
	}
	clock.wait(1500 * time.Millisecond)
	if err := r.take(t.Context(), "a", 3); err != nil {
		t.Errorf("three in time: %v", err)
	}
	clock.wait(-time.Hour) // a clock that is set back gives nothing and takes nothing
	if err := r.take(t.Context(), "a", 1); kernel.CodeOf(err) != kernel.Limit {
		t.Errorf("after that: %v", err)
	}
	if err := newRate(0, clock).take(t.Context(), "a", 1000); err != nil {
		t.Errorf("no limit: %v", err)
	}
}

func asWait(err error, into **waitError) bool { return errors.As(err, into) }

func TestAddress(t *testing.T) {
	t.Parallel()
	l := Limits{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
	for _, c := range []struct{ remote, forwarded, want string }{
		{"192.0.2.7:1", "", "192.0.2.7"},
		{"192.0.2.7:1", "198.51.100.1", "192.0.2.7"}, // no proxy of ours: he says what he likes
		{"10.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "203.0.113.9, 198.51.100.1, 10.0.0.2", "198.51.100.1"}, // what stands before was said by a stranger
		{"10.0.0.1:1", "nonsense", "10.0.0.1"},
		{"[::1]:1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"},
		{"[::ffff:192.0.2.7]:1", "", "192.0.2.7"},
		{"@", "", "@"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := l.address(r); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// Who asks too often is told when to come again; every verb of a mutation counts; machines and other people go on.
func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Limits.ActorRate, c.Limits.AddressRate = 1e-6, 1e-6 })
	body := `{"query": "{__typename}"}`
	for range maxVerbs - 4 {
		if a := w.post("clerk", body); a.Status != http.StatusOK {
			t.Fatalf("%+v", a)
		}
	}
	verbs := `{"query": "mutation {` + many(7, func(i int) string { return fmt.Sprintf(`m%d: accrue(until: \"2019-08-31\") `, i) }) + `}"}`
	if a := w.post("clerk", verbs); a.code() != kernel.Limit || len(w.cmds.got) > 0 {
		t.Errorf("seven verbs: %+v %v", a, w.cmds.got)
	}
	var last answer
	for range 4 {
		last = w.post("clerk", body)
	}
	if last.Status != http.StatusTooManyRequests || last.code() != kernel.Limit {
		t.Errorf("%+v", last)
	}
	if r := w.raw("clerk", body); r.Header().Get("Retry-After") == "" || !strings.Contains(r.Body.String(), `"retryAfter"`) {
		t.Errorf("%v %s", r.Header(), r.Body)
	}
	if a := w.post("anna", body); a.Status != http.StatusOK {
		t.Errorf("somebody else: %+v", a)
	}
	for range maxVerbs {
		last = w.post("", body)
	}
	if last.Status != http.StatusOK {
		t.Errorf("the public: %+v", last)
	}
	if last = w.post("", body); last.Status != http.StatusTooManyRequests {
		t.Errorf("the public, too often: %+v", last)
	}
}

func many(n int, each func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(each(i))
	}
	return b.String()
}

// raw is the answer as it was written.
func (w *world) raw(token, body string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, r)
	return rec
}

// When all turns are taken and nobody may wait, a request is sent away before anybody asks who it is; the server goes on
// telling that it lives, and works again as soon as it can.
func TestABusyServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) {
		c.Limits = Limits{Running: 1, Waiting: 1, Patience: 10 * time.Millisecond}
	})
	leave, err := w.server.config.gate.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := w.raw("stale", `{"query": "{me {id}}"}`)
	if r.Code != http.StatusServiceUnavailable || r.Header().Get("Retry-After") != "1" || !strings.Contains(r.Body.String(), `"UNAVAILABLE"`) {
		t.Errorf("%d %v %s", r.Code, r.Header(), r.Body)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if code, body := w.get(path, ""); code != http.StatusOK || body != "ok\n" {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	leave()
	if a := w.post("clerk", `{"query": "{me {id}}"}`); a.Status != http.StatusOK {
		t.Errorf("%+v", a)
	}
}

// Pages of other sites may not ask; our own, trusted ones and in development those of this machine may, and so may
// whatever is no browser.
func TestPagesOfOtherSites(t *testing.T) {
	t.Parallel()
	strict := newWorld(t, func(c *Config) { c.Limits.Origins = []string{"https://console.example.org"} })
	open := newWorld(t, func(c *Config) { c.Development = true })
	for _, c := range []struct {
		w       *world
		headers []string
		want    int
	}{
		{strict, nil, http.StatusOK},
		{strict, []string{"Origin", "http://example.com"}, http.StatusOK}, // the server's own
		{strict, []string{"Origin", "https://console.example.org"}, http.StatusOK},
		{strict, []string{"Origin", "https://evil.example"}, http.StatusForbidden},
		{strict, []string{"Origin", "null"}, http.StatusForbidden},
		{strict, []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{strict, []string{"Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		{strict, []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://example.com"}, http.StatusOK},
		{strict, []string{"Origin", "http://localhost:5173"}, http.StatusForbidden},
		{open, []string{"Origin", "http://localhost:5173"}, http.StatusOK},
		{open, []string{"Origin", "http://127.0.0.1:5173", "Sec-Fetch-Site", "cross-site"}, http.StatusOK},
		{open, []string{"Origin", "https://evil.example"}, http.StatusForbidden},
	} {
		if r := c.w.raw("clerk", `{"query": "{__typename}"}`, c.headers...); r.Code != c.want {
			t.Errorf("%v: %d %s", c.headers, r.Code, r.Body)
		}
	}
}

func TestAnOriginThatIsNone(t *testing.T) {
	t.Parallel()
	if _, err := NewServer(Config{Limits: Limits{Origins: []string{"console.example.org/path"}}}); err == nil {
		t.Error("taken")
	}
}
