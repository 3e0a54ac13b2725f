package app_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// wire stands between the program and PostgreSQL and notes every statement that goes over it, whoever sent it: what
// it counts is what the database has to do.
type wire struct {
	mu     sync.Mutex
	sent   []statement
	trips  []trip
	looks  int // of the server at what others have changed
	losing string
}

// trip is one round trip: what was sent before the client waited for the answer.
type trip struct {
	line  *line
	texts []string
}

type statement struct {
	Text string
	Args []string // as they were sent, text or binary
}

// before listens in front of a database: how to reach it, and the address to use instead of its own.
func before(t *testing.T, database string) (l net.Listener, dial func() (net.Conn, error), through string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	network, address := "tcp", u.Host
	if dir := u.Query().Get("host"); dir != "" {
		network, address = "unix", filepath.Join(dir, ".s.PGSQL."+u.Query().Get("port"))
	}
	l, err = net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	instead := url.URL{Scheme: u.Scheme, User: u.User, Host: l.Addr().String(), Path: u.Path, RawQuery: "sslmode=disable"}
	return l, func() (net.Conn, error) { return net.Dial(network, address) }, instead.String()
}

// tap makes a wire to a database and returns the address to use instead.
func tap(t *testing.T, database string) (*wire, string) {
	t.Helper()
	l, dial, through := before(t, database)
	w := &wire{}
	var open sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		open.Wait()
	})
	open.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := dial()
			if err != nil {
				t.Error(err)
				_ = client.Close()
				return
			}
			line := &line{wire: w, client: client, server: server}
			open.Go(line.back)
			open.Go(func() {
				if err := line.forth(); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, net.ErrClosed) {
					t.Errorf("wire: %v", err)
				}
				_ = server.Close()
			})
		}
	})
	return w, through
}

// line is one connection over the wire.
type line struct {
	wire           *wire
	client, server net.Conn
	cut            atomic.Bool // the next answer of the server is lost, and the line with it
}

// back passes on what the server answers.
func (l *line) back() {
	defer l.client.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := l.server.Read(buf)
		if err != nil || l.cut.Load() {
			return
		}
		if _, err := l.client.Write(buf[:n]); err != nil {
			return
		}
	}
}

// forth reads what the client sends and then passes it on: a request as a whole, once all of it is noted.
func (l *line) forth() error {
	var read bytes.Buffer
	messages := pgproto3.NewBackend(io.TeeReader(l.client, &read), nil)
	if _, err := messages.ReceiveStartupMessage(); err != nil {
		return err
	}
	prepared, bound, since, now := map[string]string{}, statement{}, []string{}, []string{}
	whole, begun := true, false
	run := func(s statement) {
		l.wire.note(s)
		now = append(now, s.Text)
		switch word(s.Text) {
		case "begin":
			begun = true
		case "commit", "rollback":
			begun = word(s.Text) == "rollback" && strings.Contains(s.Text, "to")
		}
		since = append(since, s.Text)
	}
	for {
		if whole {
			if _, err := read.WriteTo(l.server); err != nil {
				return err
			}
		}
		m, err := messages.Receive()
		if err != nil {
			return err
		}
		whole = true
		switch m := m.(type) {
		case *pgproto3.Describe, *pgproto3.Close:
			whole = false
		case *pgproto3.Parse:
			whole = false
			prepared[m.Name] = m.Query
		case *pgproto3.Bind:
			whole = false
			bound = statement{Text: prepared[m.PreparedStatement]}
			for _, p := range m.Parameters {
				bound.Args = append(bound.Args, string(p))
			}
		case *pgproto3.Execute:
			whole = false
			run(bound)
		case *pgproto3.Query:
			run(statement{Text: m.String})
		}
		if whole {
			l.wire.returns(l, now)
			now = nil
		}
		if whole && !begun { // what was sent together without BEGIN commits together
			l.cut.Store(l.wire.loses(since))
			since = nil
		}
	}
}

// word is the first word of a statement.
func word(text string) string { return strings.ToLower(strings.Fields(text + " x")[0]) }

// returns notes that the client waits for the answer to some statements; none were only prepared.
func (w *wire) returns(l *line, texts []string) {
	if len(texts) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trips = append(w.trips, trip{l, texts})
}

// tripsOf are the round trips of a request that makes a record, and of what it reads anew. Those of jobs that run beside
// it are left out: they are on another line, or in a transaction that makes no record; so is finding out who asks, which
// the server does anew after his rights have changed. What a session prepares for the first time costs one more,
// so whoever counts asks until each of them has.
func (w *wire) tripsOf(request func()) (out [][]string) {
	w.mu.Lock()
	w.trips = nil
	w.mu.Unlock()
	request()
	w.mu.Lock()
	defer w.mu.Unlock()
	has := func(part string) func(string) bool {
		return func(text string) bool { return strings.Contains(text, part) }
	}
	beside := func(text string) bool {
		return slices.ContainsFunc([]string{"river", "from actor", "from timer", "from revision", "into reading"}, func(part string) bool { return strings.Contains(text, part) })
	}
	makes := slices.IndexFunc(w.trips, func(t trip) bool { return slices.ContainsFunc(t.texts, has("insert into record ")) })
	var open [][]string
	for _, t := range w.trips {
		switch last := word(t.texts[len(t.texts)-1]); {
		case makes >= 0 && t.line == w.trips[makes].line:
			open = append(open, t.texts)
			if word(open[0][0]) == "begin" && last != "commit" && last != "rollback" {
				continue
			}
			if all := slices.Concat(open...); slices.ContainsFunc(all, has("insert into record ")) || !slices.ContainsFunc(all, beside) {
				out = append(out, open...)
			}
			open = nil
		case slices.ContainsFunc(t.texts, has("json_build_object")):
			out = append(out, t.texts)
		}
	}
	return out
}

// lose makes the wire lose the answer to the next commit of a transaction that sent a statement with this text.
func (w *wire) lose(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.losing = text
}

func (w *wire) loses(since []string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.losing == "" || !slices.ContainsFunc(since, func(s string) bool { return strings.Contains(s, w.losing) }) {
		return false
	}
	w.losing = ""
	return true
}

func (w *wire) note(s statement) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, s)
	if strings.Contains(s.Text, "from revision") {
		w.looks++
	}
}

// quiet waits until the server has done what is due and has followed everything that the stage has changed: a look that
// began after now has ended when the next one begins.
func (w *wire) quiet(s *stage) {
	s.t.Helper()
	s.settle()
	looks := func() int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.looks
	}
	begin := looks()
	s.soon("what has changed", func() bool { return looks() >= begin+2 })
}

// of is what a request cost: the statements sent while it ran, without those of the queue, the timers and the journal of
// reads, which go on beside it.
func (w *wire) of(request func()) []statement {
	w.mu.Lock()
	w.sent = nil
	w.mu.Unlock()
	request()
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.sent), func(s statement) bool {
		text := strings.ToLower(strings.TrimSpace(s.Text))
		sealed := strings.Contains(text, "insert into journal") && slices.Contains(s.Args, "read")
		return sealed || strings.Contains(text, "insert into reading") || strings.Contains(text, "river") || strings.Contains(text, "from timer") || strings.Contains(text, "from revision") ||
			slices.ContainsFunc([]string{"begin", "commit", "rollback", "listen", "unlisten", "-- ping", ";"}, func(p string) bool { return strings.HasPrefix(text, p) }) || text == ""
	})
}
