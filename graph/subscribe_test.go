package graph

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"mera/kernel"
	"mera/kernel/query"
	"mera/kernel/store"
	"mera/schema/filter"
)

// subscriber is a client who has opened one subscription and is listened to by now.
func (w *world) subscriber(srv *httptest.Server, token, text string) *websocket.Conn {
	w.t.Helper()
	c := dial(w.t, srv, token)
	hear(w.t, c, "connection_ack")
	say(w.t, c, map[string]any{"type": "subscribe", "id": "s", "payload": map[string]any{"query": text}})
	return c
}

// record is a record of the fixture, for touch to write again.
func (w *world) record(id string) *kernel.Record {
	for _, r := range records() {
		if r.ID == id {
			return r
		}
	}
	w.t.Fatalf("no record %s", id)
	return nil
}

// rule puts the filter of a type in place.
func (w *world) rule(typ string, f *filter.Tree) {
	w.gate.mu.Lock()
	defer w.gate.mu.Unlock()
	w.gate.rows = map[string]*filter.Tree{typ: f}
}

// What is not asked for, or may not be seen at the moment at which it is written, is not told.
func TestChangesUnderPolicyAndFilter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	all := w.subscriber(srv, "clerk", `subscription {changes(type: "Person") {type version record {id ... on Person {lastName diagnosis}}}}`)
	some := w.subscriber(srv, "clerk", `subscription {changes(type: "Person", where: {sex: {eq: "male"}}) {id a: state b: __typename}}`)
	one := w.subscriber(srv, "clerk", `subscription {changes(type: "Person", id: "`+boris+`") {id}}`)
	w.listening(3)
	a, k, b := w.record(anna), w.record(kolya), w.record(boris)
	w.touch(a, uid(9701))
	if got := hear(t, all, "next"); got != `{"data":{"changes":{"type":"Person","version":2,"record":{"id":"`+anna+`","lastName":"Ёлкина","diagnosis":null}}}}` {
		t.Error(got)
	}
	w.touch(k, uid(9702))
	if got := hear(t, some, "next"); got != `{"data":{"changes":{"id":"`+kolya+`","a":null,"b":"Change"}}}` {
		t.Errorf("the filter: %s", got)
	}
	hear(t, all, "next")
	w.rule("Person", near("surgut"))
	w.touch(k, uid(9703))
	w.touch(a, uid(9704))
	if got := hear(t, all, "next"); !strings.Contains(got, anna) || !strings.Contains(got, `"version":3`) {
		t.Errorf("what is hidden by now is told: %s", got)
	}
	w.rule("Person", filter.Everything())
	w.touch(b, uid(9705))
	if got := hear(t, one, "next"); !strings.Contains(got, boris) {
		t.Errorf("the only record: %s", got)
	}
}

func TestChangesThatCannotBeSubscribedTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	for text, want := range map[string]string{
		`subscription {changes(type: "Nothing") {id}}`:                                      `"path":"type"`,
		`subscription {changes(type: "Task") {id}}`:                                         `"path":"type"`,
		`subscription {changes(type: "Person", where: {nothing: {eq: 1}}) {id}}`:            `"path":"where.nothing"`,
		`subscription {changes(type: "Person") {id} b: changes(type: "Person") {id}}`:       `"INVALID"`,
		`subscription {changes(type: "Person") {record {id} b: record {c: id}} __typename}`: `"INVALID"`,
	} {
		c := w.subscriber(srv, "clerk", text)
		var m map[string]any
		if err := wsjson.Read(t.Context(), c, &m); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(m["type"]) + compact(t, encode(t, m["payload"])); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// The tasks that somebody may see are told at once, and again when they have changed.
func TestTheInbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	c := w.subscriber(srv, "clerk", `subscription {tasks(where: {status: {eq: "open"}}) {totalCount}}`)
	if got := hear(t, c, "next"); got != `{"data":{"tasks":{"totalCount": 2}}}` && got != `{"data":{"tasks":{"totalCount":2}}}` {
		t.Error(got)
	}
	err := w.db.Write(t.Context(), func(tx *store.Tx) error {
		task, err := tx.Task(t.Context(), task1)
		if err != nil {
			return err
		}
		task.Status = "done"
		if err := tx.PutTask(t.Context(), task); err != nil {
			return err
		}
		return tx.Append(t.Context(), kernel.Event{ID: uid(9710), At: noon, Actor: "ivanova", Kind: kernel.Staff, Action: "finish", Root: anna})
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := hear(t, c, "next"); !strings.Contains(strings.ReplaceAll(got, " ", ""), `"totalCount":1`) {
		t.Error(got)
	}
}

// A transaction that began long before others and commits after them is told all the same, by every server.
func TestWhatIsCommittedLateIsNotLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := httptest.NewServer(w.http)
	defer here.Close()
	other := w.another()
	there := httptest.NewServer(other.Handler())
	defer there.Close()
	text := `subscription {changes(type: "Person") {id version}}`
	clients := []*websocket.Conn{w.subscriber(here, "clerk", text), w.subscriber(there, "clerk", text)}
	w.listening(1)
	begun, commit, done := make(chan struct{}), make(chan struct{}), make(chan error)
	late := w.record(anna)
	late.Version++
	go func() {
		done <- w.db.Write(context.Background(), func(tx *store.Tx) error {
			if err := tx.SaveRecord(t.Context(), late, uid(9720), false); err != nil {
				return err
			}
			err := tx.Append(t.Context(), kernel.Event{ID: uid(9720), At: noon, Actor: "x", Kind: kernel.Staff, Action: "update", Type: late.Type, Record: late.ID, Root: late.Root, Version: late.Version})
			close(begun)
			<-commit
			return err
		})
	}()
	<-begun
	others := []*kernel.Record{w.record(kolya), w.record(boris)}
	go func() { // one of them may be in the chain that is held, and then comes after it
		for i, r := range others {
			w.touch(r, uid(9721+i))
		}
		done <- nil
	}()
	time.Sleep(100 * time.Millisecond) // several looks at the journal
	close(commit)
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range clients {
		heard := map[string]bool{}
		for len(heard) < 3 {
			got := hear(t, c, "next")
			for _, id := range []string{anna, kolya, boris} {
				if strings.Contains(got, id) {
					heard[id] = true
				}
			}
		}
		if !heard[anna] {
			t.Errorf("server %d: the late one is missing", i)
		}
	}
}

// another is a second server on the same database.
func (w *world) another() *Server {
	w.t.Helper()
	cat, lists := small(w.t)
	s, err := NewServer(Config{Auth: tokens{&atomic.Bool{}}, Commands: w.cmds, Views: views{}, Clock: stopped(noon), IDs: &sequence{}, Journal: w.db,
		Poll: 10 * time.Millisecond, Log: slog.New(slog.NewTextHandler(w.t.Output(), nil))})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(s.Close)
	if err := s.Swap(Release{Digest: "one", Catalog: cat, Lists: lists, Reader: query.NewReader(w.db, w.gate, cat)}); err != nil {
		w.t.Fatal(err)
	}
	first := w.server
	w.server = s
	w.listening(0)
	w.server = first
	return s
}

// Every record that is written while many write is told, each at its last version.
func TestNothingIsLostWhileManyWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	c := w.subscriber(srv, "clerk", `subscription {changes(type: "Office") {id version}}`)
	w.listening(1)
	const n = 60
	done := make(chan error, 6)
	for g := range 6 {
		go func() {
			for i := range n / 6 {
				id := uid(70_000 + g*1000 + i)
				err := w.db.Write(context.Background(), func(tx *store.Tx) error {
					r := record("Office", id, "", map[string]any{"title": id})
					if err := tx.SaveRecord(t.Context(), r, uid(71_000+g*1000+i), true); err != nil {
						return err
					}
					return tx.Append(t.Context(), kernel.Event{ID: uid(71_000 + g*1000 + i), At: noon, Actor: "x", Kind: kernel.Staff, Action: "create", Type: "Office", Record: id, Root: id, Version: 1})
				})
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	heard := map[string]int{}
	for len(heard) < n {
		var m struct {
			Payload struct {
				Data struct{ Changes struct{ ID string } }
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		err := wsjson.Read(ctx, c, &m)
		cancel()
		if err != nil {
			t.Fatalf("%d of %d: %v", len(heard), n, err)
		}
		heard[m.Payload.Data.Changes.ID]++
	}
	for range 6 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	for id, times := range heard {
		if times > 1 {
			t.Errorf("%s was told %d times", id, times)
		}
	}
}

// A token that is taken back ends an open subscription and its socket, though nothing is written.
func TestARevokedToken(t *testing.T) {
	t.Parallel()
	revoked := &atomic.Bool{}
	w := newWorld(t, func(c *Config) { c.Auth = guests{revoked} })
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	c := w.subscriber(srv, "guest", `subscription {changes(type: "Person") {id}}`)
	w.listening(1)
	revoked.Store(true)
	if got := hear(t, c, "next"); !strings.Contains(got, `"UNAUTHENTICATED"`) {
		t.Error(got)
	}
	w.closes(c, 4403)
	w.listening(0)
}

// guests are known until they are not any more.
type guests struct{ gone *atomic.Bool }

func (g guests) Actor(context.Context, string) (kernel.Actor, error) {
	if g.gone.Load() {
		return kernel.Actor{}, kernel.Errorf(kernel.Unauthenticated, "token-refused")
	}
	return kernel.Actor{Kind: kernel.Staff, ID: "guest"}, nil
}

// A listener who is too far behind is told so and not left in the dark; each record waits for him once.
func TestAListenerWhoIsBehind(t *testing.T) {
	t.Parallel()
	l := &listener{types: []string{"A"}, fresh: map[string]store.Written{}, knock: make(chan struct{}, 1)}
	for v := range 3 {
		l.hear([]store.Written{{Type: "A", ID: "x", Version: v + 1}, {Type: "B", ID: "y", Version: 1}, {Type: "A", ID: "z"}})
	}
	if got, err := l.take(10); err != nil || len(got) != 1 || got[0].Version != 3 {
		t.Errorf("%v %v", got, err)
	}
	if !l.knocked() || l.knocked() {
		t.Error("one knock for all of them")
	}
	var flood []store.Written
	for i := range watchBacklog + 1 {
		flood = append(flood, store.Written{Type: "A", ID: fmt.Sprint(i), Version: 1})
	}
	l.hear(flood[:10])
	if got, err := l.take(4); err != nil || len(got) != 4 || len(l.fresh) != 6 {
		t.Errorf("a part: %v %v, %d are left", got, err, len(l.fresh))
	}
	l.hear(flood)
	if _, err := l.take(10); kernel.CodeOf(err) != kernel.Limit {
		t.Errorf("behind: %v", err)
	}
}

// One client has so many subscriptions and sockets and no more; others have their own.
func TestSubscriptionsAndSocketsAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Limits.Subscriptions, c.Limits.Sockets = 3, 2 })
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	c := dial(t, srv, "clerk")
	hear(t, c, "connection_ack")
	for i := range 50 {
		say(t, c, map[string]any{"type": "subscribe", "id": fmt.Sprint(i), "payload": map[string]any{"query": `subscription {changes(type: "Person") {id}}`}})
	}
	refused := 0
	for refused < 47 {
		if got := hear(t, c, "next"); !strings.Contains(got, `"LIMIT"`) {
			t.Error(got)
		}
		refused++
	}
	w.listening(3)
	second := dial(t, srv, "clerk")
	hear(t, second, "connection_ack")
	w.closes(dial(t, srv, "clerk"), 4429)
	hear(t, dial(t, srv, "anna"), "connection_ack")
	second.CloseNow()
	_ = c.Close(websocket.StatusNormalClosure, "")
	w.listening(0)
	for end := time.Now().Add(patience); time.Now().Before(end); {
		w.server.config.sockets.mu.Lock()
		left := w.server.config.sockets.open["ivanova"]
		w.server.config.sockets.mu.Unlock()
		if left == 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("sockets are counted after they have gone")
}

// A stream of events ends with its generation, for its client to come back to the new schema.
func TestASwapEndsStreams(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.http)
	defer srv.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/graphql", strings.NewReader(`{"query": "subscription {changes(type: \"Person\") {id}}"}`))
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
	w.listening(1)
	w.server.EndStreams()
	buf := make([]byte, 4096)
	for err == nil {
		_, err = res.Body.Read(buf)
	}
	w.listening(0)
}
