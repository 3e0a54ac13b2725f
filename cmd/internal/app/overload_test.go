package app_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"mera/cmd/internal/app"
	"mera/graph"
)

// hold keeps everybody from a table until it is let go.
func (s *stage) hold(table string) (letGo func()) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.config.Database)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := conn.Exec(s.t.Context(), "begin; lock table "+table+" in access exclusive mode"); err != nil {
		s.t.Fatal(err)
	}
	return func() {
		if err := conn.Close(s.t.Context()); err != nil {
			s.t.Error(err)
		}
	}
}

// When the database does not keep up, those who wait too long and those for whom there is no room are told to come again;
// nothing falls over, and it goes on as soon as it can.
func TestMoreThanTheDatabaseCanDo(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *app.Config) {
		c.Sessions, c.Limits = 8, graph.Limits{Running: 2, Waiting: 3, Patience: 200 * time.Millisecond}
	})
	body := quoted(`{people {nodes {id lastName pensions {nodes {amount: id}}}}}`)
	if r := s.post(near, strings.NewReader(body)); len(r.Errors) > 0 {
		t.Fatalf("%+v", r.Errors)
	}
	letGo := s.hold("record")
	type result struct {
		status int
		retry  string
		text   string
	}
	const clients = 30
	results := make(chan result, clients)
	token := s.app.Token(near)
	for range clients {
		go func() {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.app.URL()+"/graphql", strings.NewReader(body))
			if err != nil {
				results <- result{text: err.Error()}
				return
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer "+token)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				results <- result{text: err.Error()}
				return
			}
			defer res.Body.Close()
			raw, err := io.ReadAll(res.Body)
			if err != nil {
				raw = []byte(err.Error())
			}
			results <- result{res.StatusCode, res.Header.Get("Retry-After"), string(raw)}
		}()
	}
	for range clients - 2 { // two are inside and wait for the database, so the others are sent away or wait for ever
		r := <-results
		if r.status != http.StatusServiceUnavailable || r.retry != "1" || !strings.Contains(r.text, `"UNAVAILABLE"`) || !strings.Contains(r.text, `"retryAfter":1`) {
			t.Errorf("%+v", r)
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		s.soon(path, func() bool {
			status, _, _ := s.fetch("", path)
			return status == http.StatusOK
		})
	}
	letGo()
	for range 2 {
		if r := <-results; r.status != http.StatusOK || strings.Contains(r.text, `"errors"`) {
			t.Errorf("who was inside: %+v", r)
		}
	}
	for range 20 {
		if r := s.post(near, strings.NewReader(body)); r.Status != http.StatusOK || len(r.Errors) > 0 {
			t.Errorf("afterwards: %+v", r)
		}
	}
}

// Who sends slowly, or a head that is too long, or comes when there are too many, is cut.
func TestSlowAndTooMany(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *app.Config) { c.Connections = 6 })
	address := strings.TrimPrefix(s.app.URL(), "http://")
	dial := func(text string) net.Conn {
		t.Helper()
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		return c
	}
	answer := func(c net.Conn) (string, error) {
		t.Helper()
		if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(c)
		return string(raw), err
	}
	long := dial("GET /graphql HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("a", 64<<10))
	if text, _ := answer(long); !strings.HasPrefix(text, "HTTP/1.1 431") { // it may be reset in the middle
		t.Errorf("a long head: %.100q", text)
	}
	head := dial("GET /graphql HTTP/1.1\r\nHost: x\r\n")
	body := dial("POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
	if text, err := answer(head); err != nil && errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a slow head: %q %v", text, err)
	}
	if text, err := answer(body); err != nil || !strings.HasPrefix(text, "HTTP/1.1 400") {
		t.Errorf("a slow body: %q %v", text, err)
	}
	http.DefaultClient.CloseIdleConnections()
	var open []net.Conn
	sent := 0
	for range 12 {
		c := dial("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close() // a recorded answer
		switch {
		case res.StatusCode == http.StatusServiceUnavailable && res.Header.Get("Retry-After") != "":
			sent++
		case res.StatusCode != http.StatusOK:
			t.Error(res.Status)
		}
		open = append(open, c)
	}
	if sent < 6 {
		t.Errorf("%d of 12 were sent away", sent)
	}
	for _, c := range open {
		_ = c.Close() // they make room
	}
	s.soon("room", func() bool {
		res, err := http.Get(s.app.URL() + "/healthz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	t.Log(fmt.Sprint(sent, " of 12 were sent away"))
}
