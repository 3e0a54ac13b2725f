package app_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"mera/cmd/internal/app"
)

// BenchmarkCreateOverHTTP is the whole way of a mutation that makes an application: HTTP, policy, workflow, journal,
// commit. What it costs is the processor's time, with the client's part in it; the time from start to end is the disk's.
func BenchmarkCreateOverHTTP(b *testing.B) {
	s := setup(b, func(c *app.Config) {
		c.Catalog = []string{"../bench/region/region-support"}
		c.Limits.ActorRate = 1_000_000
	})
	s.settle()
	query := `mutation Apply($applicant: ID!, $kind: String!, $basis: String!) {createRegionApplication(input: {applicant: $applicant, kind: $kind, basis: $basis, channel: "office", circumstances: "R3"}) {id version}}`
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.app.URL(), "http://"))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	in, token := bufio.NewReader(conn), s.app.Token(near)
	b.ReportAllocs()
	from, n := processor(), 0
	for b.Loop() {
		n++
		body, err := json.Marshal(map[string]any{"query": query, "variables": map[string]any{"applicant": s.ids["kolya"], "kind": "fuel", "basis": fmt.Sprint("N-", n)}})
		if err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: mera\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", token, len(body), body)
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			b.Fatal(err)
		}
		answer, err := io.ReadAll(res.Body)
		if err != nil || bytes.Contains(answer, []byte(`"errors"`)) {
			b.Fatalf("%v: %s", err, answer)
		}
	}
	b.ReportMetric(float64((processor()-from).Microseconds())/float64(n), "cpu-µs/op")
}

// processor is the time that this process has spent on processors.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
