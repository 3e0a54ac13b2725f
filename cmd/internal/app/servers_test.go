package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mera/cmd/internal/app"
)

// beside starts a second server on the same database, with a folder and a secret of its own.
func (s *stage) beside(with ...func(*app.Config)) *stage {
	s.t.Helper()
	other := *s
	other.config.Data = s.t.TempDir()
	for _, change := range with {
		change(&other.config)
	}
	var err error
	if other.app, other.faults, err = app.Start(s.t.Context(), other.config); err != nil {
		s.t.Fatalf("%v\n%s", err, other.faults.Render(func(string) []byte { return nil }))
	}
	s.t.Cleanup(func() {
		if err := other.app.Stop(s.t.Context()); err != nil && s.t.Context().Err() == nil {
			s.t.Error(err)
		}
	})
	return &other
}

// soon waits until something is so and logs how long it took: a second is promised, but a busy machine has no second.
func (s *stage) soon(what string, so func() bool) {
	s.t.Helper()
	begin := time.Now()
	for !so() {
		if time.Since(begin) > patience {
			s.t.Fatalf("%s: not known to the other server after %s", what, time.Since(begin))
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Logf("%s: known to the other server after %s", what, time.Since(begin).Round(time.Millisecond))
}

// What is taken or given through one server counts on the other within a second, though it had the actor in memory.
func TestRightsAreTheSameOnEveryServer(t *testing.T) {
	t.Parallel()
	s := setup(t)
	other := s.beside()
	people := func(who string) string {
		return fmt.Sprint(dig(other.ask(who, `{people {totalCount}}`, nil).Data, "people", "totalCount"))
	}
	if got := people(near) + people(anna); got != "22" {
		t.Fatalf("before: %s", got)
	}
	s.staff(near, "nearOffice", "uray")
	s.soon("roles", func() bool { return people(near) == "0" })
	s.staff(near, "nearOffice", "uray", "specialist")
	s.soon("roles given back", func() bool { return people(near) == "2" })
	s.staff(near, "farOffice", "sovetsky", "specialist")
	reads := func(who, id string) bool {
		return other.ask(who, `query($id: ID!) {person(id: $id) {id}}`, map[string]any{"id": id}).code() == ""
	}
	s.soon("territory", func() bool { return !reads(near, s.ids["kolya"]) && reads(near, s.ids[boris]) })

	s.must(far, `mutation($id: ID!) {breakGlass(type: "Person", id: $id, reason: "ребёнок в опасности")}`, map[string]any{"id": s.ids["kolya"]})
	s.soon("broken glass", func() bool { return reads(far, s.ids["kolya"]) })
	if reads(far, s.ids[anna]) {
		t.Error("the glass was broken for one record only")
	}
	s.wait("2 hours")
	s.soon("the clock, and with it the end of the glass", func() bool { return !reads(far, s.ids["kolya"]) })

	s.actor(anna, map[string]any{"kind": "citizen", "person": s.ids[anna], "active": false})
	s.soon("a removed account", func() bool { return other.ask(anna, `{now}`, nil).code() == "UNAUTHENTICATED" })
	if r := s.ask(anna, `{now}`, nil); r.code() != "UNAUTHENTICATED" || r.Status != http.StatusUnauthorized {
		t.Errorf("the server that removed her answers %+v", r)
	}
}

// A value of a parameter that was set through one server is the one that the other computes with.
func TestDataAreTheSameOnEveryServer(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *app.Config) { c.Catalog = []string{"testdata/packages"} })
	other := s.beside()
	level := func() any {
		id := other.create(near, "UrayNote", map[string]any{"person": s.ids["kolya"], "text": "x"})
		return dig(other.must(near, `query($id: ID!) {urayNote(id: $id) {level}}`, map[string]any{"id": id}), "urayNote", "level")
	}
	if got := level(); got != json.Number("1") {
		t.Fatalf("before: %v", got)
	}
	s.must(admin, `mutation {setParameter(name: "UrayLevel", from: "2019-07-01", value: "7") {id}}`, nil)
	s.soon("a parameter", func() bool { return level() == json.Number("7") })
}

// A policy that one server installs is the policy of the other: rules, labels and the schema that is served.
func TestAReleaseIsTheSameOnEveryServer(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *app.Config) { c.Catalog = []string{"testdata/packages"} })
	id := s.create(near, "UrayNote", map[string]any{"person": s.ids["kolya"], "text": "видно"})
	seen := func(on *stage) bool {
		return on.ask(near, `query($id: ID!) {urayNote(id: $id) {text}}`, map[string]any{"id": id}).code() == ""
	}
	if !seen(s) {
		t.Fatal("the clerk does not see what he made")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/packages")); err != nil {
		t.Fatal(err)
	}
	rules := filepath.Join(dir, "uray-notes", "policies", "notes.rego")
	source, err := os.ReadFile(rules)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(rules, append(source, []byte("\ndeny if input.actor.kind == \"staff\"\n")...), 0o600); err != nil {
		t.Fatal(err)
	}
	other := s.beside(func(c *app.Config) { c.Catalog = []string{dir} })
	s.soon("a stricter policy", func() bool { return !seen(s) })
	if seen(other) {
		t.Error("the server that installed it is laxer")
	}
	digest := func(on *stage) any {
		return dig(on.must(near, `{releases(where: {current: {eq: true}}) {nodes {digest}}}`, nil), "releases", "nodes")
	}
	if d := cmp.Diff(digest(other), digest(s)); d != "" {
		t.Error(d)
	}
	back := s.beside()
	s.soon("the policy of before", func() bool { return seen(s) && seen(other) && seen(back) })
}

// A server that cannot reach the database knows nobody's rights: it refuses, with what it has in memory too.
func TestWithoutTheDatabaseNobodyHasRights(t *testing.T) {
	t.Parallel()
	s := setup(t)
	gate := newGate(t, s.config.Database)
	other := s.beside(func(c *app.Config) { c.Database = gate.address })
	ask := func() reply { return other.ask(near, `{__typename}`, nil) } // a question that needs no row
	if r := ask(); r.code() != "" {
		t.Fatalf("before: %+v", r)
	}
	gate.close()
	s.soon("the loss of the database", func() bool { return ask().code() == "UNAVAILABLE" })
	s.worded("without the database", ask())
	gate.open()
	s.soon("the database again", func() bool { return ask().code() == "" })
}

// gate lets connections to a database through while it is open.
type gate struct {
	address string        // of the database by way of the gate
	way     chan struct{} // a permit; taken away while the gate is closed
	lines   chan net.Conn
}

func newGate(t *testing.T, database string) *gate {
	t.Helper()
	l, dial, through := before(t, database)
	t.Cleanup(func() { _ = l.Close() })
	g := &gate{address: through, way: make(chan struct{}, 1), lines: make(chan net.Conn, 1000)}
	g.open()
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			g.pass(client, dial)
		}
	}()
	return g
}

func (g *gate) pass(client net.Conn, dial func() (net.Conn, error)) {
	select {
	case <-g.way:
		g.way <- struct{}{}
	default:
		_ = client.Close()
		return
	}
	server, err := dial()
	if err != nil {
		_ = client.Close()
		return
	}
	g.lines <- client
	for _, way := range [][2]net.Conn{{server, client}, {client, server}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			_ = way[0].Close()
		}()
	}
}

func (g *gate) open() { g.way <- struct{}{} }

// close shuts the gate and cuts what has passed it.
func (g *gate) close() {
	<-g.way
	for {
		select {
		case c := <-g.lines:
			_ = c.Close()
		default:
			return
		}
	}
}
