package graph

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"mera/kernel"
	"mera/kernel/query"
	"mera/kernel/store"
)

func (w *world) get(path, token string) (int, string) {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

func TestGetting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := func(s string) string { return "/graphql?query=" + url.QueryEscape(s) }
	if code, body := w.get(q(`{me {id}}`), "clerk"); code != 200 || body != `{"data":{"me":{"id":"ivanova"}}}` {
		t.Error(code, body)
	}
	if code, body := w.get(q(`query($x: ID!) {actor(id: $x) {id}}`)+"&variables="+url.QueryEscape(`{"x": "a"}`), "clerk"); code != 200 || !strings.Contains(body, `"actor":null`) {
		t.Error(code, body)
	}
	if code, body := w.get(q(`mutation {accrue(until: "2019-08-31")}`), "clerk"); code != http.StatusMethodNotAllowed || len(w.cmds.got) > 0 {
		t.Error(code, body)
	}
	if code, body := w.get(q(`{`), "clerk"); code != http.StatusOK || !strings.Contains(body, `"INVALID"`) {
		t.Error(code, body)
	}
	if code, body := w.get("/graphql?query=x&variables=%5B%5D", "clerk"); code != http.StatusBadRequest {
		t.Error(code, body)
	}
}

func TestPersistedQueries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text := `{me {id}}`
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
	ext := "&extensions=" + url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"`+hash+`"}}`)
	if _, body := w.get("/graphql?"+ext[1:], "clerk"); !strings.Contains(body, "PersistedQueryNotFound") {
		t.Error(body)
	}
	if _, body := w.get("/graphql?query="+url.QueryEscape(`{me {name}}`)+ext, "clerk"); !strings.Contains(body, "hash does not match") {
		t.Error(body)
	}
	for range 2 {
		if code, body := w.get("/graphql?query="+url.QueryEscape(text)+ext, "clerk"); code != 200 || !strings.Contains(body, "ivanova") {
			t.Error(code, body)
		}
	}
	if code, body := w.get("/graphql?"+ext[1:], "clerk"); code != 200 || !strings.Contains(body, "ivanova") {
		t.Error(code, body)
	}
}

func TestWhoAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if a := w.post("", `{"query": "{me {id kind}}"}`); string(a.Data) != `{"me":{"id":"public","kind":"public"}}` {
		t.Errorf("%s", a.Data)
	}
	if a := w.post("stale", `{"query": "{me {id}}"}`); a.Status != http.StatusUnauthorized || a.code() != kernel.Unauthenticated {
		t.Errorf("%+v", a)
	}
	for token, want := range map[string]kernel.Code{"": kernel.Unauthenticated, "clerk": ""} {
		if a := w.post(token, `{"query": "{__schema {queryType {name}}}"}`); a.code() != want {
			t.Errorf("%q: %+v", token, a)
		}
	}
	if code, _ := w.get("/schema.graphql", ""); code != http.StatusUnauthorized {
		t.Error(code)
	}
	if code, body := w.get("/schema.graphql", "clerk"); code != 200 || !strings.HasPrefix(body, "schema {") {
		t.Error(code, body[:40])
	}
	if code, _ := w.get("/graphiql", "clerk"); code != http.StatusNotFound {
		t.Errorf("GraphiQL outside development: %d", code)
	}
	if code, body := w.get("/healthz", ""); code != 200 || body != "ok\n" {
		t.Error(code, body)
	}
	w.server.Close()
	if code, _ := w.get("/healthz", ""); code != http.StatusServiceUnavailable {
		t.Error(code)
	}
	if a := w.post("clerk", `{"query": "{me {id}}"}`); a.Status != http.StatusServiceUnavailable || a.code() != kernel.Unavailable {
		t.Errorf("%+v", a)
	}
}

func TestErrorsInTheLanguageOfTheClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query": "{x: person(id: \"a\") {id}}"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept-Language", "de, en-GB;q=0.8, ru;q=0.5")
	r.Header.Set("X-Request-Id", "console-12345")
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, r)
	if body := rec.Body.String(); !strings.Contains(body, `"There is no such record"`) || !strings.Contains(body, `"requestId":"console-12345"`) {
		t.Error(body)
	}
	texts, err := readMessages()
	if err != nil {
		t.Fatal(err)
	}
	for key := range texts["ru"] {
		if _, ok := texts["en"][key]; !ok {
			t.Errorf("en has no %s", key)
		}
	}
}

func TestIntrospectionIsWhatClientsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.data(`query($n: String!) {__type(name: $n) {kind name description fields(includeDeprecated: true) {name args {name type {name kind ofType {name}}} type {kind name ofType {kind name}}} interfaces {name} possibleTypes {name}}
		s: __schema {queryType {name __typename} mutationType {name} directives {name locations} __typename}}`, map[string]any{"n": "Payout"})
	for _, want := range []string{`"kind":"OBJECT","name":"Payout"`, `{"name":"bank","args":[],"type":{"kind":"SCALAR","name":"String","ofType":null}}`, `"interfaces":[],"possibleTypes":[]`,
		`"queryType":{"name":"Query","__typename":"__Type"}`, `"__typename":"__Schema"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

// graphql-js reads the schema and finds nothing wrong with it, by its text and by introspection.
func TestGraphQLJSTakesTheSchema(t *testing.T) {
	t.Parallel()
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("npm is not installed")
	}
	dir := t.TempDir()
	install := exec.Command(npm, "install", "--silent", "--no-audit", "--no-fund", "graphql@16")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("npm cannot install graphql: %v %s", err, out)
	}
	w := newWorld(t)
	_, text := w.get("/schema.graphql", "clerk")
	script := `const {buildSchema, validateSchema, buildClientSchema, getIntrospectionQuery, printSchema, lexicographicSortSchema, validate, parse} = require('graphql');
const fs = require('fs');
const schema = buildSchema(fs.readFileSync('schema.graphql', 'utf8'));
const faults = validateSchema(schema);
if (faults.length) { console.log(faults.map(String).join('\n')); process.exit(1); }
if (process.argv[2] === 'query') { console.log(getIntrospectionQuery({descriptions: true})); process.exit(0); }
const client = buildClientSchema(JSON.parse(fs.readFileSync('introspection.json', 'utf8')));
const a = printSchema(lexicographicSortSchema(schema)), b = printSchema(lexicographicSortSchema(client));
if (a !== b) { const x = a.split('\n'), y = b.split('\n'), i = x.findIndex((l, n) => l !== y[n]); console.log('introspection and text differ\n', x.slice(i, i + 3), y.slice(i, i + 3)); process.exit(1); }
console.log('ok', Object.keys(schema.getTypeMap()).length);`
	node := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("node", append([]string{"-e", script, "--"}, args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	write := func(name, content string) {
		if err := os.WriteFile(dir+"/"+name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("schema.graphql", text)
	script = strings.Replace(script, "process.argv[2]", "process.argv[1]", 1)
	q := node("query")
	write("introspection.json", w.data(q, nil))
	if out := node("compare"); !strings.HasPrefix(out, "ok") {
		t.Error(out)
	}
}

func dial(t testing.TB, srv *httptest.Server, token string) *websocket.Conn {
	t.Helper()
	c, _, err := websocket.Dial(t.Context(), srv.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	say(t, c, map[string]any{"type": "connection_init", "payload": map[string]any{"Authorization": "Bearer " + token}})
	return c
}

func say(t testing.TB, c *websocket.Conn, v any) {
	t.Helper()
	if err := wsjson.Write(t.Context(), c, v); err != nil {
		t.Fatal(err)
	}
}

// patience is how long a test waits for what has to come. It never decides: what does not come at all fails the test.
const patience = 2 * time.Minute

// hear waits for a message of a type and returns its payload; pings and others are passed over.
func hear(t testing.TB, c *websocket.Conn, typ string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		var m struct {
			Type    string
			Payload json.RawMessage
		}
		if err := wsjson.Read(ctx, c, &m); err != nil {
			t.Fatalf("waiting for %s: %v", typ, err)
		}
		if m.Type == typ {
			return string(m.Payload)
		}
	}
}

func (w *world) touch(r *kernel.Record, event string) {
	w.t.Helper()
	r.Version++
	r.UpdatedAt = noon
	if err := w.db.Write(w.t.Context(), func(tx *store.Tx) error {
		if err := tx.SaveRecord(w.t.Context(), r, event, false); err != nil {
			return err
		}
		return tx.Append(w.t.Context(), kernel.Event{ID: event, At: noon, Actor: "ivanova", Kind: kernel.Staff, Action: "update", Type: r.Type, Record: r.ID, Root: r.Root, Version: r.Version})
	}); err != nil {
		w.t.Fatal(err)
	}
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	c := dial(t, srv, "clerk")
	hear(t, c, "connection_ack")
	say(t, c, map[string]any{"type": "subscribe", "id": "1", "payload": map[string]any{"query": `subscription {board(child: "` + kolya + `") {nodes {name number}}}`}})
	if got := hear(t, c, "next"); !strings.Contains(got, `"number": "1-П"`) && !strings.Contains(got, `"number":"1-П"`) {
		t.Error(got)
	}
	var app *kernel.Record
	for _, r := range records() {
		if r.ID == case1 {
			app = r
		}
	}
	app.Data["number"] = "2-П"
	w.touch(app, uid(9801))
	if got := hear(t, c, "next"); !strings.Contains(got, `2-П`) {
		t.Error(got)
	}
	say(t, c, map[string]any{"type": "complete", "id": "1"})
	w.listening(0)
	say(t, c, map[string]any{"type": "subscribe", "id": "2", "payload": map[string]any{"query": `subscription {changes(type: "BenefitApplication") {id version state __typename}}`}})
	w.listening(1)
	w.touch(app, uid(9802))
	if got := hear(t, c, "next"); got != `{"data":{"changes":{"id":"`+case1+`","version":3,"state":"open","__typename":"Change"}}}` {
		t.Error(got)
	}
	say(t, c, map[string]any{"type": "subscribe", "id": "3", "payload": map[string]any{"query": `subscription {changes(type: "Nothing") {id}}`}})
	if got := hear(t, c, "next"); !strings.Contains(got, `"INVALID"`) {
		t.Error(got)
	}
}

func TestSubscriptionsAreCountedByActor(t *testing.T) {
	t.Parallel()
	s := newCounts(20)
	for range 20 {
		if !s.take("a") {
			t.Fatal("refused too early")
		}
	}
	if s.take("a") || !s.take("b") {
		t.Error("the limit is of one actor")
	}
	s.leave("a")
	if !s.take("a") {
		t.Error("one that left makes room")
	}
}

func TestASwapClosesWebSockets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	c := dial(t, srv, "clerk")
	hear(t, c, "connection_ack")
	cat, lists := small(t)
	delete(cat.Documents, "Wide")
	if err := w.server.Swap(Release{Digest: "two", Catalog: cat, Lists: lists, Reader: query.NewReader(w.db, w.gate, cat)}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		if _, _, err := c.Read(ctx); err != nil {
			if ctx.Err() != nil {
				t.Fatal("the connection stayed open")
			}
			break
		}
	}
	if a := w.ask(`{wides {totalCount}}`, nil); a.code() != kernel.Invalid {
		t.Errorf("the old schema answers: %+v", a)
	}
	if got := w.data(`{people {totalCount}}`, nil); got != `{"people":{"totalCount":3}}` {
		t.Error(got)
	}
}

func TestAWebSocketWithABadTokenIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	c := dial(t, srv, "stale")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		var m struct{ Type string }
		if err := wsjson.Read(ctx, c, &m); err != nil {
			if ctx.Err() != nil {
				t.Fatal("the connection stayed open")
			}
			return
		}
		if m.Type == "connection_ack" {
			t.Fatal("acknowledged")
		}
	}
}

func TestNoOperationBeginsWithoutItsToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	c := dial(t, srv, "once")
	hear(t, c, "connection_ack")
	say(t, c, map[string]any{"type": "subscribe", "id": "1", "payload": map[string]any{"query": `subscription {board(child: "` + kolya + `") {nodes {name}}}`}})
	w.closes(c, 4403)
}

func TestServerSentEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+"/graphql", strings.NewReader(`{"query": "subscription {board(child: \"`+kolya+`\") {nodes {name}}}"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	buf := make([]byte, 4096)
	text := ""
	for !strings.Contains(text, "Николай") {
		n, err := res.Body.Read(buf)
		text += string(buf[:n])
		if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	if !strings.Contains(text, "event: next") {
		t.Error(text)
	}
}

func TestMethodsAndBodiesThatAreNotTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		method, media string
		want          int
	}{
		{http.MethodPost, "text/plain", http.StatusUnsupportedMediaType},
		{http.MethodPost, "application/x-www-form-urlencoded", http.StatusUnsupportedMediaType},
		{http.MethodPost, "", http.StatusUnsupportedMediaType},
		{http.MethodPut, "application/json", http.StatusMethodNotAllowed},
		{http.MethodOptions, "", http.StatusMethodNotAllowed},
		{http.MethodPost, "application/json; charset=utf-8", http.StatusOK},
	} {
		r := httptest.NewRequest(c.method, "/graphql", strings.NewReader(`{"query": "{__typename}"}`))
		r.Header.Set("Content-Type", c.media)
		rec := httptest.NewRecorder()
		w.http.ServeHTTP(rec, r)
		if rec.Code != c.want || rec.Header().Get("Cache-Control") != "no-store" || rec.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s %s: %d %s", c.method, c.media, rec.Code, rec.Body)
		}
	}
}

// listening waits until so many subscriptions listen to the journal.
func (w *world) listening(n int) {
	w.t.Helper()
	watch := w.server.config.watch
	for end := time.Now().Add(patience); time.Now().Before(end); {
		watch.mu.Lock()
		now := len(watch.listeners)
		watch.mu.Unlock()
		if now == n {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.t.Fatalf("%d subscriptions never listened", n)
}

// closes reads until the server closes the socket, which it must do with this code.
func (w *world) closes(c *websocket.Conn, code websocket.StatusCode) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	for {
		if _, _, err := c.Read(ctx); err != nil {
			if got := websocket.CloseStatus(err); got != code {
				w.t.Errorf("closed with %d (%v), want %d", got, err, code)
			}
			return
		}
	}
}
