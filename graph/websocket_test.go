package graph

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func encode(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Who does not keep to the protocol is closed with the code that it has for that.
func TestSocketsAreClosedForAReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	const begin = `{"type": "connection_init", "payload": {"Authorization": "Bearer clerk"}}`
	const open = `{"type": "subscribe", "id": "1", "payload": {"query": "subscription {changes(type: \"Person\") {id}}"}}`
	for what, c := range map[string]struct {
		say  []string
		code websocket.StatusCode
	}{
		"no JSON":                {[]string{`{`}, 4400},
		"no object":              {[]string{`[]`}, 4400},
		"an unknown message":     {[]string{begin, `{"type": "start"}`}, 4400},
		"a message of ours":      {[]string{begin, `{"type": "next", "id": "1"}`}, 4400},
		"without a number":       {[]string{begin, `{"type": "subscribe", "payload": {"query": "{now}"}}`}, 4400},
		"a key twice":            {[]string{begin, `{"type": "ping", "type": "pong"}`}, 4400},
		"too deep":               {[]string{begin, `{"type": "ping", "payload": {"a": ` + strings.Repeat("[", 60) + strings.Repeat("]", 60) + `}}`}, 4400},
		"before the login":       {[]string{open}, 4401},
		"a bad token":            {[]string{`{"type": "connection_init", "payload": {"authorization": "Bearer stale"}}`}, 4403},
		"a number that is taken": {[]string{begin, open, open}, 4409},
		"a second login":         {[]string{begin, begin}, 4429},
		"too large":              {[]string{`{"type": "ping", "payload": {"a": "` + strings.Repeat("x", maxBody) + `"}}`}, websocket.StatusMessageTooBig},
	} {
		conn, _, err := websocket.Dial(t.Context(), srv.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{subprotocol}})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range c.say {
			if err := conn.Write(t.Context(), websocket.MessageText, []byte(m)); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		w := *w
		w.t = t
		t.Log(what)
		w.closes(conn, c.code)
		_ = conn.CloseNow()
	}
}

func TestSocketsThatAreNotOpened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	conn, _, err := websocket.Dial(t.Context(), srv.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	w.closes(conn, 4406)
	_, res, err := websocket.Dial(t.Context(), srv.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{subprotocol},
		HTTPHeader: http.Header{"Origin": {"https://evil.example"}}})
	if err == nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("a page of another site: %v %v", res, err)
	}
}

func TestASilentSocket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.config.wsInit = 30 * time.Millisecond
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	conn, _, err := websocket.Dial(t.Context(), srv.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{subprotocol}})
	if err != nil {
		t.Fatal(err)
	}
	w.closes(conn, 4408)
}

func TestOperationsOverASocket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	c := dial(t, srv, "clerk")
	hear(t, c, "connection_ack")
	say(t, c, map[string]any{"type": "ping", "payload": map[string]any{"a": 1}})
	if got := hear(t, c, "pong"); got != `{"a":1}` {
		t.Error(got)
	}
	ask := func(q string) {
		say(t, c, map[string]any{"type": "subscribe", "id": "q", "payload": map[string]any{"query": q}})
	}
	ask(`{me {id}}`)
	if got := hear(t, c, "next"); got != `{"data":{"me":{"id":"ivanova"}}}` {
		t.Error(got)
	}
	hear(t, c, "complete")
	ask(`{me {nothing}}`)
	if got := hear(t, c, "error"); !strings.Contains(got, `"INVALID"`) || !strings.HasPrefix(got, "[") {
		t.Error(got)
	}
	ask(`mutation {accrue(until: "2019-08-31")}`)
	hear(t, c, "next")
	hear(t, c, "complete")
	if len(w.cmds.got) != 1 {
		t.Errorf("%v", w.cmds.got)
	}
	say(t, c, map[string]any{"type": "subscribe", "id": "v", "payload": map[string]any{"query": `{me {id}}`, "variables": []any{}}})
	if got := hear(t, c, "error"); !strings.Contains(got, `"INVALID"`) {
		t.Error(got)
	}
}

// A client who does not read is dropped, and what he held is free again.
func TestASlowClientIsDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.config.wsWrite = 5 * time.Second // long enough for what a client does take
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	c := dial(t, srv, "clerk")
	hear(t, c, "connection_ack")
	for i := range 4000 { // each answer is some hundred kilobytes, and nobody takes them
		m := encode(t, map[string]any{"type": "subscribe", "id": string(rune('a'+i%26)) + time.Duration(i).String(), "payload": map[string]any{"query": `{__schema {types {name description fields {name description}}}}`}})
		if err := c.Write(t.Context(), websocket.MessageText, m); err != nil {
			break
		}
	}
	for end := time.Now().Add(patience); time.Now().Before(end); {
		w.server.config.sockets.mu.Lock()
		left := len(w.server.config.sockets.open)
		w.server.config.sockets.mu.Unlock()
		if left == 0 && len(w.server.config.gate.turns) == 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("he is still there")
}

func TestASwapTellsToComeBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	c := dial(t, srv, "clerk")
	hear(t, c, "connection_ack")
	w.server.EndStreams()
	w.closes(c, websocket.StatusServiceRestart)
}
