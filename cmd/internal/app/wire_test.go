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

// tap makes a wire to a database and returns the address to use instead.
func tap(t *testing.T, database string) (*wire, string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	network, address := "tcp", u.Host
	if dir := u.Query().Get("host"); dir != "" {
		network, address = "unix", filepath.Join(dir, ".s.PGSQL."+u.Query().Get("port"))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
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
			server, err := net.Dial(network, address)
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
	through := url.URL{Scheme: u.Scheme, User: u.User, Host: l.Addr().String(), Path: u.Path, RawQuery: "sslmode=disable"}
	return w, through.String()
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

// tripsOf are the round trips of a request, transaction by transaction, without those of the queue and the timers. What
// is prepared for the first time costs one more: ask twice and count the second time.
func (w *wire) tripsOf(request func()) (out [][]string) {
	w.mu.Lock()
	w.trips = nil
	w.mu.Unlock()
	request()
	w.mu.Lock()
	defer w.mu.Unlock()
	beside := func(s string) bool {
		return strings.Contains(s, "river") || strings.Contains(s, "from timer") || strings.Contains(s, "from revision")
	}
	open := map[*line][][]string{}
	for _, t := range w.trips {
		open[t.line] = append(open[t.line], t.texts)
		last := t.texts[len(t.texts)-1]
		begun := word(open[t.line][0][0]) == "begin"
		if begun && word(last) != "commit" && word(last) != "rollback" {
			continue
		}
		if !slices.ContainsFunc(slices.Concat(open[t.line]...), beside) && word(last) != "--" && last != ";" {
			out = append(out, open[t.line]...)
		}
		delete(open, t.line)
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
}

// of is what a request cost: the statements sent while it ran, without those of the queue and the timers, which go on
// beside it.
func (w *wire) of(request func()) []statement {
	w.mu.Lock()
	w.sent = nil
	w.mu.Unlock()
	request()
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.sent), func(s statement) bool {
		text := strings.ToLower(strings.TrimSpace(s.Text))
		return strings.Contains(text, "river") || strings.Contains(text, "from timer") || strings.Contains(text, "from revision") ||
			slices.ContainsFunc([]string{"begin", "commit", "rollback", "listen", "unlisten", "-- ping", ";"}, func(p string) bool { return strings.HasPrefix(text, p) }) || text == ""
	})
}
