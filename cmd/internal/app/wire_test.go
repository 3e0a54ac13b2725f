package app_test

import (
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// wire stands between the program and PostgreSQL and notes every statement that goes over it, whoever sent it: what
// it counts is what the database has to do.
type wire struct {
	mu   sync.Mutex
	sent []statement
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
			open.Go(func() {
				_, _ = io.Copy(client, server)
				_ = client.Close()
			})
			open.Go(func() {
				if err := w.listen(client, server); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, net.ErrClosed) {
					t.Errorf("wire: %v", err)
				}
				_ = server.Close()
			})
		}
	})
	through := url.URL{Scheme: u.Scheme, User: u.User, Host: l.Addr().String(), Path: u.Path, RawQuery: "sslmode=disable"}
	return w, through.String()
}

// listen passes on what a client sends and reads along.
func (w *wire) listen(client io.Reader, server io.Writer) error {
	messages := pgproto3.NewBackend(io.TeeReader(client, server), nil)
	if _, err := messages.ReceiveStartupMessage(); err != nil {
		return err
	}
	prepared, bound := map[string]string{}, statement{}
	for {
		m, err := messages.Receive()
		if err != nil {
			return err
		}
		switch m := m.(type) {
		case *pgproto3.Parse:
			prepared[m.Name] = m.Query
		case *pgproto3.Bind:
			bound = statement{Text: prepared[m.PreparedStatement]}
			for _, p := range m.Parameters {
				bound.Args = append(bound.Args, string(p))
			}
		case *pgproto3.Execute:
			w.note(bound)
		case *pgproto3.Query:
			w.note(statement{Text: m.String})
		}
	}
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
		return strings.Contains(text, "river") || strings.Contains(text, "from timer") ||
			slices.ContainsFunc([]string{"begin", "commit", "rollback", "listen", "unlisten", "-- ping", ";"}, func(p string) bool { return strings.HasPrefix(text, p) }) || text == ""
	})
}
