package app_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mera/cmd/internal/app"
)

// install makes a folder with packages of npm, or skips: without them there is nobody to judge.
func install(t *testing.T, packages ...string) (dir string) {
	t.Helper()
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("npm is not installed: nothing here can judge the server")
	}
	dir = t.TempDir()
	cmd := exec.Command(npm, append([]string{"install", "--silent", "--no-audit", "--no-fund"}, packages...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("npm cannot install %v: %v %s", packages, err, out)
	}
	return dir
}

// audits runs those of graphql-http, the reference implementation of GraphQL over HTTP.
const audits = `
import {auditServer} from 'graphql-http';
const results = await auditServer({url: process.argv[2]});
console.log(JSON.stringify(results.map(({id, name, status, reason}) => ({id, name, status, reason: reason ?? ''}))));
process.exit(0);
`

// Whatever GraphQL over HTTP demands or recommends, the server does.
func TestAuditsOfGraphQLOverHTTP(t *testing.T) {
	t.Parallel()
	dir := install(t, "graphql@16", "graphql-http@1")
	s := start(t)
	if err := os.WriteFile(filepath.Join(dir, "audit.mjs"), []byte(audits), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "audit.mjs", s.app.URL()+"/graphql")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	var results []struct{ ID, Name, Status, Reason string }
	if err := json.Unmarshal(out, &results); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	passed, all := map[string]int{}, map[string]int{}
	for _, r := range results {
		level, _, _ := strings.Cut(r.Name, " ")
		all[level]++
		if r.Status == "ok" {
			passed[level]++
			continue
		}
		t.Errorf("%s %s: %s", r.ID, r.Name, r.Reason)
	}
	for _, level := range []string{"MUST", "SHOULD", "MAY"} {
		t.Logf("%-6s %d of %d", level, passed[level], all[level])
	}
	if all["MUST"] < 10 || len(results) < 50 {
		t.Errorf("only %d audits ran: have they changed?", len(results))
	}
}

// subscriber is a client as front ends are: graphql-ws, which comes back by itself.
const subscriber = `
import {createClient} from 'graphql-ws';
import WebSocket from 'ws';
const [url, token] = process.argv.slice(2);
const say = (...parts) => console.log(parts.join(' '));
const client = createClient({
  url, webSocketImpl: WebSocket, connectionParams: {Authorization: 'Bearer ' + token}, retryAttempts: 20, retryWait: () => new Promise(r => setTimeout(r, 100)),
  keepAlive: 500,
  on: {connected: () => say('connected'), closed: e => say('closed', e.code, e.reason), pong: received => { if (received) say('pong'); }},
});
client.subscribe({query: 'subscription($where: JSON) {changes(type: "Person", where: $where) {id version title record {... on Person {firstName}}}}', variables: {where: {lastName: {startsWith: "Ёл"}}}}, {
  next: v => say('next', JSON.stringify(v)),
  error: e => { say('error', JSON.stringify(e instanceof Error ? e.message : e.code ?? e)); process.exit(0); },
  complete: () => say('complete'),
});
`

// lines are what a program says, as it says it.
type lines struct {
	t    *testing.T
	from chan string
}

// until waits for a line that begins so.
func (l lines) until(begin string) string {
	l.t.Helper()
	line, ok := l.within(begin, patience)
	if !ok {
		l.t.Fatalf("the client never said %s", begin)
	}
	return line
}

// within waits for such a line and no longer than a while.
func (l lines) within(begin string, while time.Duration) (string, bool) {
	over := time.After(while)
	for {
		select {
		case line, more := <-l.from:
			if !more {
				return "", false
			}
			l.t.Log(line)
			if strings.HasPrefix(line, begin) {
				return line, true
			}
		case <-over:
			return "", false
		}
	}
}

// talk starts a program of node.
func talk(t *testing.T, dir, script string, args ...string) lines {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "client.mjs"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{"client.mjs"}, args...)...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	l := lines{t, make(chan string, 1000)}
	go func() {
		defer close(l.from)
		for text := bufio.NewScanner(out); text.Scan(); {
			l.from <- text.Text()
		}
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait() // killed with the test, or gone by itself
	}()
	return l
}

// graphql-ws hears of a record as it is written, by whichever server; is told to come back when another release is in
// place, and does; and is sent away when its user may not be here any more.
func TestTheClientOfFrontEnds(t *testing.T) {
	t.Parallel()
	dir := install(t, "graphql@16", "graphql-ws@6", "ws@8")
	s := setup(t)
	client := talk(t, dir, subscriber, "ws"+strings.TrimPrefix(s.app.URL(), "http")+"/graphql", s.app.Token(near))
	client.until("connected")
	born, asked := 0, map[string]bool{}
	write := func(on *stage, last, territory string) string {
		born++
		return on.create(portal, "Person", map[string]any{"lastName": last, "firstName": fmt.Sprint("Имя", born), "birthDate": "1990-01-01", "territory": territory})
	}
	heard := func(on *stage) {
		t.Helper()
		for end := time.Now().Add(patience); time.Now().Before(end); { // until he listens: nothing tells him, or us, when his subscription has begun
			write(on, "Ёлкина", "sovetsky") // may not be read by him
			write(on, "Другова", "uray")    // is not asked for
			asked[write(on, "Ёлкин", "uray")] = true
			if line, ok := client.within("next", 3*time.Second); ok {
				var told struct {
					Data struct {
						Changes struct {
							ID     string
							Record struct{ FirstName string }
						}
					}
				}
				if err := json.Unmarshal([]byte(strings.TrimPrefix(line, "next ")), &told); err != nil || !asked[told.Data.Changes.ID] || told.Data.Changes.Record.FirstName == "" {
					t.Errorf("%v: %s is none of %v", err, line, asked)
				}
				return
			}
		}
		t.Fatal("he hears nothing")
	}
	heard(s)
	client.until("pong")
	other := s.beside(func(c *app.Config) { c.Catalog = []string{"testdata/packages"} }) // another release for both
	if line := client.until("closed"); !strings.HasPrefix(line, "closed 1012") {
		t.Error(line)
	}
	client.until("connected")
	heard(other)
	s.actor(near, map[string]any{"kind": "staff", "roles": []string{"specialist"}, "office": s.ids["nearOffice"], "territories": []string{"uray"}, "active": false})
	if line := client.until("closed"); !strings.HasPrefix(line, "closed 4403") {
		t.Error(line)
	}
	client.until("error")
}
