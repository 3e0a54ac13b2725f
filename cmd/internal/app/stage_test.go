// Over 500 lines on purpose: the one stage of all tests of the whole program, so that a test reads without a second file.

package app_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"mera/catalog"
	"mera/cmd/internal/agencies"
	"mera/cmd/internal/app"
	"mera/kernel/store/storetest"
	"mera/schema"
)

// stage is the whole program in this process with a small town in it: two offices, their officials, two families.
// Tests speak to it by GraphQL over HTTP and in no other way.
type stage struct {
	t        testing.TB
	app      *app.App
	config   app.Config
	faults   schema.Diagnostics
	agencies *agencies.Simulator
	asked    *questions
	ids      map[string]string // of people and offices, by name
	roots    []string          // connections of Query, for census
	language string            // in which it asks; "": says nothing of it
}

// questions are the requests that the agencies got, by exchange.
type questions struct {
	mu   sync.Mutex
	last map[string]question
}

type question struct {
	ID, Exchange, ReplyTo, Token string
	Body                         map[string]any
}

// patience is how long a test waits for what has to come. It never decides: what does not come at all fails the test.
const patience = 2 * time.Minute

// today is the day on which every stage begins.
var today = time.Date(2019, time.July, 16, 9, 0, 0, 0, time.UTC)

// The identities of the stage. Near is Uray, far is the Sovetsky district.
const (
	nobody = ""       // without a token
	admin  = "admin"  // administrator and configurator
	kernel = "system" // sees everything; for counting only
	near   = "ivanova"
	head   = "sidorov"
	far    = "petrova"
	remote = "orlov" // head of the far office
	anna   = "anna"
	boris  = "boris"
	portal = "portal"
)

// start starts the program on a fresh database, empty of people.
func start(t testing.TB, with ...func(*app.Config)) *stage {
	t.Helper()
	s := &stage{t: t, agencies: &agencies.Simulator{}, asked: &questions{last: map[string]question{}}, ids: map[string]string{}}
	gateway := httptest.NewServer(s.asked.before(s.agencies))
	t.Cleanup(gateway.Close)
	s.config = app.Config{
		Data: t.TempDir(), Database: storetest.URL(t), Listen: "127.0.0.1:0", Core: catalog.FS, Development: true, SetClock: true,
		Channels: map[string]string{"agencies": gateway.URL}, Log: slog.New(slog.DiscardHandler),
	}
	for _, change := range with {
		change(&s.config)
	}
	var err error
	s.app, s.faults, err = app.Start(t.Context(), s.config)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.faults.Render(func(string) []byte { return nil }))
	}
	t.Cleanup(func() {
		if err := s.app.Stop(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	s.agencies.Behave(nil, agencies.Behaviour{Silent: true}, func() time.Time { return today })
	if s.config.SetClock {
		s.must(admin, `mutation($t: DateTime) {setClock(to: $t)}`, map[string]any{"t": today.Format(time.RFC3339)})
	}
	return s
}

// setup is a stage with people in it.
func setup(t testing.TB, with ...func(*app.Config)) *stage {
	t.Helper()
	s := start(t, with...)
	s.office("nearOffice", "uray", "010")
	s.office("farOffice", "sovetsky", "020")
	s.staff(near, "nearOffice", "uray", "specialist")
	s.staff(head, "nearOffice", "uray", "head")
	s.staff(far, "farOffice", "sovetsky", "specialist")
	s.staff(remote, "farOffice", "sovetsky", "head")
	s.actor(portal, map[string]any{"kind": "system"})
	s.person(anna, "Северова", "1980-02-03", "11223344595", "uray")
	s.person("kolya", "Северов", "2006-05-11", "08765430300", "uray", anna)
	s.person(boris, "Лесной", "1975-09-30", "", "sovetsky")
	s.person("vera", "Лесная", "2008-11-20", "", "sovetsky", boris)
	for _, citizen := range []string{anna, boris} {
		s.actor(citizen, map[string]any{"kind": "citizen", "person": s.ids[citizen]})
	}
	return s
}

func (s *stage) office(name, territory, payment string) {
	s.t.Helper()
	s.ids[name] = s.create(admin, "Office", map[string]any{
		"code": strings.ToLower(name), "title": "Управление " + name, "territory": territory, "duties": []any{"social-protection"}, "paymentCode": payment,
	})
}

func (s *stage) staff(id, office, territory string, roles ...string) {
	s.t.Helper()
	s.actor(id, map[string]any{"kind": "staff", "roles": roles, "office": s.ids[office], "territories": []string{territory}})
}

func (s *stage) actor(id string, input map[string]any) {
	s.t.Helper()
	input = maps.Clone(input)
	input["id"], input["name"] = id, id
	s.must(admin, `mutation($i: ActorInput!) {createActor(input: $i) {id}}`, map[string]any{"i": input})
}

func (s *stage) person(name, last, born, snils, territory string, representatives ...string) {
	s.t.Helper()
	input := map[string]any{"lastName": last, "firstName": "Имя" + name, "birthDate": born, "territory": territory}
	if snils != "" {
		input["snils"] = snils
	}
	if len(representatives) > 0 {
		var ids []any
		for _, r := range representatives {
			ids = append(ids, s.ids[r])
		}
		input["representatives"] = ids
	}
	s.ids[name] = s.create(portal, "Person", input)
}

// create makes a record and returns its id.
func (s *stage) create(who, typ string, input map[string]any) string {
	s.t.Helper()
	data := s.must(who, createOf(typ), map[string]any{"input": input})
	id, _ := dig(data, "create"+typ, "id").(string)
	if id == "" {
		s.t.Fatalf("%s made a %s and may not read it: %v", who, typ, data)
	}
	return id
}

func createOf(typ string) string {
	return fmt.Sprintf("mutation($input: %[1]sInput!, $key: String, $case: ID) {create%[1]s(input: $input, key: $key, case: $case) {id version}}", typ)
}

func updateOf(typ string) string {
	return fmt.Sprintf("mutation($id: ID!, $version: Int!, $patch: %[1]sPatch!, $key: String) {update%[1]s(id: $id, version: $version, patch: $patch, key: $key) {id version}}", typ)
}

const fire = `mutation($case: ID!, $event: String!, $data: JSON, $version: Int, $key: String) {
	fire(case: $case, event: $event, data: $data, version: $version, key: $key) {id state}}`

// application is what anna asks for kolya.
func (s *stage) application() map[string]any {
	return map[string]any{"applicant": s.ids[anna], "child": s.ids["kolya"], "date": "2019-07-16",
		"payout": map[string]any{"bank": "047102651", "account": "40817810000000000001"}}
}

// reply is an answer of the server.
type reply struct {
	Status int
	Data   map[string]any
	Errors []fault
}

type fault struct {
	Message    string
	Extensions struct {
		Code      string
		RequestID string `json:"requestId"`
		Fields    []struct{ Path, Code, Message string }
	}
}

// code is the code of the first error, "" if there is none.
func (r reply) code() string {
	if len(r.Errors) == 0 {
		return ""
	}
	return r.Errors[0].Extensions.Code
}

// fields are the wrong properties as «path code», in order.
func (r reply) fields() []string {
	out := []string{}
	for _, e := range r.Errors {
		for _, f := range e.Extensions.Fields {
			out = append(out, f.Path+" "+f.Code)
		}
	}
	slices.Sort(out)
	return out
}

// post sends a body as it is.
func (s *stage) post(who string, body io.Reader) reply {
	s.t.Helper()
	token := ""
	if who != nobody {
		token = s.app.Token(who)
	}
	return s.send(token, body)
}

func (s *stage) send(token string, body io.Reader) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.app.URL()+"/graphql", body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if s.language != "" {
		req.Header.Set("Accept-Language", s.language)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Error(err)
		return reply{}
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Error(err)
		return reply{}
	}
	r := reply{Status: res.StatusCode}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&r); err != nil {
		s.t.Errorf("%s: %v: %.300s", res.Status, err, raw)
	}
	return r
}

// ask sends an operation.
func (s *stage) ask(who, query string, vars map[string]any) reply {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.post(who, bytes.NewReader(body))
}

// must is the data of an operation that has to succeed.
func (s *stage) must(who, query string, vars map[string]any) map[string]any {
	s.t.Helper()
	r := s.ask(who, query, vars)
	if len(r.Errors) > 0 {
		s.t.Fatalf("%s: %.200s: %+v", who, query, r.Errors)
	}
	return r.Data
}

// refused asserts that an operation fails with a code and exactly these fields («path code»), worded for people, and
// that nothing was written.
func (s *stage) refused(what string, op func() reply, code string, fields ...string) {
	s.t.Helper()
	before := s.census()
	r := op()
	if fields == nil {
		fields = []string{}
	}
	slices.Sort(fields)
	if r.code() != code || !slices.Equal(r.fields(), fields) {
		s.t.Errorf("%s: want %s %v, got %q %v: %+v %v", what, code, fields, r.code(), r.fields(), r.Errors, r.Data)
	}
	s.worded(what, r)
	if d := cmp.Diff(before, s.census()); d != "" {
		s.t.Errorf("%s: something was written (-before +after):\n%s", what, d)
	}
}

// worded asserts that every error of an answer reads as Russian text and tells nothing of the inside.
func (s *stage) worded(what string, r reply) {
	s.t.Helper()
	russian := func(text string) bool {
		return strings.ContainsFunc(text, func(c rune) bool { return unicode.Is(unicode.Cyrillic, c) })
	}
	for _, e := range r.Errors {
		if !russian(e.Message) {
			s.t.Errorf("%s: not worded: %q", what, e.Message)
		}
		for _, f := range e.Extensions.Fields {
			if !russian(f.Message) {
				s.t.Errorf("%s: field %s is not worded: %q", what, f.Path, f.Message)
			}
		}
	}
	s.plain(what, r)
}

// plain asserts that errors tell nothing of the inside and have a number; a query that is no GraphQL is explained to its
// programmer in English.
func (s *stage) plain(what string, r reply) {
	s.t.Helper()
	for _, e := range r.Errors {
		for _, word := range []string{"SQL", "pgx", "panic", "goroutine", ".go:", "select ", "Did you mean"} {
			if strings.Contains(e.Message, word) {
				s.t.Errorf("%s: the inside shows: %q", what, e.Message)
			}
		}
		if e.Extensions.RequestID == "" || e.Extensions.Code == "INTERNAL" {
			s.t.Errorf("%s: %+v", what, e)
		}
	}
}

// census counts every kind of row that there is, the journal among them.
func (s *stage) census() map[string]any {
	s.t.Helper()
	s.idle() // what went before may still be printed or sent
	if s.roots == nil {
		s.roots = s.connections()
	}
	out := map[string]any{}
	for part := range slices.Chunk(s.roots, 40) {
		var q strings.Builder
		q.WriteString("{")
		for _, name := range part {
			q.WriteString(name + " {totalCount} ")
		}
		q.WriteString("}")
		maps.Copy(out, s.must(kernel, q.String(), nil))
	}
	return out
}

// connections are the fields of Query that can be asked for without an argument.
func (s *stage) connections() []string {
	s.t.Helper()
	data := s.must(kernel, `{__schema {queryType {fields {name args {type {kind}} type {ofType {name}}}}}}`, nil)
	var out []string
	for _, f := range dig(data, "__schema", "queryType", "fields").([]any) {
		typ, _ := dig(f, "type", "ofType", "name").(string)
		bound := slices.ContainsFunc(dig(f, "args").([]any), func(a any) bool { return dig(a, "type", "kind") == "NON_NULL" })
		if strings.HasSuffix(typ, "Connection") && !bound {
			out = append(out, dig(f, "name").(string))
		}
	}
	if len(out) < 30 {
		s.t.Fatalf("only %d connections: %v", len(out), out)
	}
	return out
}

// dig follows names through maps, and numbers through lists.
func dig(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

// settle lets the agencies answer and waits until no job of the server is due.
func (s *stage) settle() {
	s.t.Helper()
	end := time.Now().Add(patience)
	for quiet := 0; quiet < 2; {
		left := s.agencies.Deliver(s.t.Context())
		due := fmt.Sprint(s.must(admin, `{pendingJobs}`, nil)["pendingJobs"])
		if left == 0 && due == "0" {
			quiet++
			continue
		}
		quiet = 0
		if time.Now().After(end) {
			s.t.Fatalf("the server is still busy: %s jobs, %d answers", due, left)
		}
		time.Sleep(15 * time.Millisecond)
	}
}

// idle waits until no job is due.
func (s *stage) idle() {
	s.t.Helper()
	for end := time.Now().Add(patience); fmt.Sprint(s.must(admin, `{pendingJobs}`, nil)["pendingJobs"]) != "0"; {
		if time.Now().After(end) {
			s.t.Fatal("the server is still busy")
		}
		time.Sleep(15 * time.Millisecond)
	}
}

// wait moves the clock by a duration and settles.
func (s *stage) wait(by string) {
	s.t.Helper()
	s.must(admin, `mutation($d: Duration) {setClock(by: $d)}`, map[string]any{"d": by})
	s.settle()
}

// before notes what the agencies are asked.
func (q *questions) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		var one question
		if err == nil && json.Unmarshal(raw, &one) == nil {
			q.mu.Lock()
			q.last[one.Exchange] = one
			q.mu.Unlock()
		}
		r.Body = io.NopCloser(bytes.NewReader(raw))
		next.ServeHTTP(w, r)
	})
}

// of is the last question to an exchange.
func (q *questions) of(exchange string) question {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.last[exchange]
}

// together calls a function n times at once.
func together(n int, do func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			do(i)
		})
	}
	done.Wait()
}

// grown tells which counts of a census have changed, and by how much.
func grown(t *testing.T, before, after map[string]any) map[string]int64 {
	t.Helper()
	count := func(m map[string]any, name string) int64 {
		n, err := dig(m, name, "totalCount").(json.Number).Int64()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	out := map[string]int64{}
	for name := range after {
		if d := count(after, name) - count(before, name); d != 0 {
			out[name] = d
		}
	}
	return out
}

// answering makes the agencies confirm what anna's application needs.
func (s *stage) answering(with ...map[string]agencies.Behaviour) {
	manners := map[string]agencies.Behaviour{
		"RegistrationCheck": {Answer: map[string]any{"registrations": []any{map[string]any{"id": "mvd-1", "region": "86", "from": "2010-01-01"}}}},
		"PensionCheck":      {Answer: map[string]any{"pensions": []any{map[string]any{"id": "sfr-1", "number": "5", "type": "GPK", "from": "2019-06-06", "to": "2019-08-31"}}}},
		"PaymentsInPeriod":  {Answer: map[string]any{"payments": []any{}}},
	}
	for _, w := range with {
		maps.Copy(manners, w)
	}
	s.agencies.Behave(manners, agencies.Behaviour{}, s.now)
}

// now is the server's clock.
func (s *stage) now() time.Time {
	data := s.must(admin, `{now}`, nil)
	text, _ := data["now"].(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		s.t.Error(err)
	}
	return at
}

// base64Text is what an opaque text says to who decodes it.
func base64Text(s string) string {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		return s
	}
	return string(raw)
}

// restart stops the program and starts it again on the same folder and database.
func (s *stage) restart() {
	s.t.Helper()
	if err := s.app.Stop(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	var err error
	if s.app, s.faults, err = app.Start(s.t.Context(), s.config); err != nil {
		s.t.Fatal(err)
	}
}
