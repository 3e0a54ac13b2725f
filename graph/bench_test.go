package graph

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"
)

// card is the query of a person's card, three levels deep.
const card = `query($id: ID!) {person(id: $id) {lastName firstName birthDate territory {title} pensions(first: 20) {nodes {type {title} from to amount}} cases(first: 10) {id state ... on BenefitApplication {date}} awards {id measure amount accruals(first: 12) {from to amount}}}}`

// BenchmarkCard is the whole way of one query: HTTP, plan, PostgreSQL, answer. CPU is that of this process, with the
// client's part in it where the request comes over a connection.
func BenchmarkCard(b *testing.B) {
	w := newWorld(b)
	body := []byte(bodyOf(card, map[string]any{"id": anna}))
	b.Run("known plan", func(b *testing.B) { w.benchmark(b, func() []byte { return body }) })
	b.Run("known plan over HTTP", func(b *testing.B) { w.benchmarkHTTP(b, body) })
	b.Run("new plan", func(b *testing.B) {
		w.benchmark(b, func() []byte {
			w.server.current.Load().plans = newPlans()
			return body
		})
	})
	n := 0
	b.Run("new text", func(b *testing.B) {
		w.benchmark(b, func() []byte {
			n++
			return []byte(bodyOf(fmt.Sprintf("%s # %d", card, n), map[string]any{"id": anna}))
		})
	})
}

func (w *world) benchmark(b *testing.B, body func() []byte) {
	b.ReportAllocs()
	from, n := processor(), 0
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body()))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer clerk")
		rec := httptest.NewRecorder()
		w.http.ServeHTTP(rec, r)
		if rec.Code != http.StatusOK || bytes.Contains(rec.Body.Bytes(), []byte(`"errors"`)) {
			b.Fatal(rec.Body)
		}
		w.db.take()
		n++
	}
	b.ReportMetric(float64((processor()-from).Nanoseconds())/float64(n)/1000, "cpu-µs/op")
}

// benchmarkHTTP sends the body over one connection that stays open.
func (w *world) benchmarkHTTP(b *testing.B, body []byte) {
	s := httptest.NewServer(w.http)
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	request := fmt.Appendf(nil, "POST /graphql HTTP/1.1\r\nHost: mera\r\nContent-Type: application/json\r\nAuthorization: Bearer clerk\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	in := bufio.NewReader(conn)
	b.ReportAllocs()
	from, n := processor(), 0
	for b.Loop() {
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		res, err := http.ReadResponse(in, nil)
		if err != nil || res.StatusCode != http.StatusOK {
			b.Fatal(res, err)
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			b.Fatal(err)
		}
		w.db.take()
		n++
	}
	b.ReportMetric(float64((processor()-from).Nanoseconds())/float64(n)/1000, "cpu-µs/op")
}

// processor is the time that this process has spent on processors.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSwap is the cost of another release.
func BenchmarkSwap(b *testing.B) {
	cat, lists := small(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := newModel(cat, lists).load(); err != nil {
			b.Fatal(err)
		}
	}
}
