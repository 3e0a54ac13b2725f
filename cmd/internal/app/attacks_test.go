package app_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"mera/cmd/internal/app"
)

func repeat(n int, each func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(each(i))
	}
	return b.String()
}

func quoted(query string) string { return `{"query": ` + strconv.Quote(query) + `}` }

// known waits until the server has followed what the stage has changed and has an actor in memory.
func (s *stage) known(w *wire, who string) {
	s.t.Helper()
	w.quiet(s)
	s.must(who, `{me {id}}`, nil)
	if sent := w.of(func() { s.must(who, `{me {id}}`, nil) }); len(sent) > 0 {
		s.t.Fatalf("the server asks for the actor again and again:\n%s", show(sent))
	}
}

// Each of these is refused before anything is asked of the database (what it costs itself is measured in graph, where
// nothing runs beside it). The numbers are those of the list of
// attacks in the requirements.
func TestAttacksThatNeverReachTheDatabase(t *testing.T) {
	t.Parallel()
	var w *wire
	s := setup(t, func(c *app.Config) { w, c.Database = tap(t, c.Database) })
	s.known(w, near)
	deep := func(n int) string {
		return `{people {nodes {` + strings.Repeat(`representatives {`, n) + `id` + strings.Repeat(`}`, n) + `}}}`
	}
	vars := func(text string) string { return `{"query": "{now}", "variables": {"a": ` + text + `}}` }
	for what, c := range map[string]struct {
		body string
		code string
		http int
	}{
		"G28 depth of fifty":                {quoted(deep(50)), "LIMIT", 200},
		"G29 101 aliases":                   {quoted(`{people {nodes {` + repeat(101, func(i int) string { return fmt.Sprintf("a%d: id ", i) }) + `}}}`), "LIMIT", 200},
		"G30 500 times one field":           {quoted(`{people {nodes {` + strings.Repeat("id ", 500) + `}}}`), "LIMIT", 200},
		"G30 in fragments":                  {quoted(`{people {nodes {` + strings.Repeat("... {id} ", 500) + `}}}`), "LIMIT", 200},
		"G31 ten directives":                {quoted(`{__typename ` + strings.Repeat("@include(if: true) ", 10) + `}`), "LIMIT", 200},
		"G31 ten thousand directives":       {quoted(`{__typename ` + strings.Repeat("@a ", 10_000) + `}`), "LIMIT", 200},
		"G32 a batch of ten":                {`[` + strings.Repeat(quoted(`{now}`)+`,`, 9) + quoted(`{now}`) + `]`, "INVALID", 400},
		"G33 introspection in a ring":       {quoted(`{__schema {types {` + strings.Repeat(`fields {type {`, 15) + `name` + strings.Repeat(`}}`, 15) + `}}}`), "INVALID", 200},
		"G34 a fragment in itself":          {quoted(`{people {nodes {...A}}} fragment A on Person {representatives {...B}} fragment B on Person {representatives {...A}}`), "INVALID", 200},
		"G34 a fragment that is itself":     {quoted(`{people {nodes {...A}}} fragment A on Person {...A}`), "INVALID", 200},
		"G34 twice and twice again":         {quoted(`{people {nodes {...F0}}} ` + repeat(20, func(i int) string { return fmt.Sprintf("fragment F%d on Person {...F%d ...F%d} ", i, i+1, i+1) }) + `fragment F20 on Person {id}`), "LIMIT", 200},
		"G35 a page of a thousand millions": {quoted(`{people(first: 1000000000) {nodes {id}}}`), "LIMIT", 200},
		"G35 a number that is none":         {quoted(`{people(first: 99999999999999999999) {nodes {id}}}`), "INVALID", 200},
		"G35 pages in pages":                {quoted(`{people(first: 200) {nodes {pensions(first: 200) {nodes {person {pensions(first: 200) {nodes {id}}}}}}}}`), "LIMIT", 200},
		"G36 a query of a megabyte":         {quoted(`{people {nodes {id ` + strings.Repeat(" ", 1<<20) + `}}}`), "LIMIT", 413},
		"G36 16000 tokens":                  {quoted(`{people {nodes {` + strings.Repeat("id ", 16_000) + `}}}`), "LIMIT", 200},
		"G37 ten thousand levels":           {vars(strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)), "LIMIT", 413},
		"G37 fifty megabytes":               {vars(`"` + strings.Repeat("x", 50<<20) + `"`), "LIMIT", 413},
		"G37 a hundred thousand values":     {vars(`[` + strings.Repeat("1,", 100_000) + `1]`), "LIMIT", 413},
		"G41 a query of nonsense":           {quoted(`qwerty cop`), "INVALID", 200},
		"G44 an operation that is not here": {`{"query": "query A {people {totalCount}} mutation B {setClock(by: \"1 day\")}", "operationName": "C"}`, "INVALID", 200},
		"G44 which of two":                  {quoted(`query A {people {totalCount}} query B {people {totalCount}}`), "INVALID", 200},
		"G47 another hash":                  {`{"query": "{people {totalCount}}", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "00"}}}`, "INVALID", 200},
		"D51 a variable twice":              {`{"query": "{now}", "variables": {"a": 1, "a": 2}}`, "INVALID", 400},
	} {
		var r reply
		sent := w.of(func() { r = s.post(near, strings.NewReader(c.body)) })
		if r.code() != c.code || r.Status != c.http || r.Data != nil && len(r.Errors) == 0 {
			t.Errorf("%s: HTTP %d %q, want %d %s: %+v", what, r.Status, r.code(), c.http, c.code, r.Errors)
		}
		s.plain(what, r)
		if len(sent) > 0 {
			t.Errorf("%s: %v", what, sent)
		}
	}
}

// The operations of a form with files go through the same checks as a body.
func TestAttacksInAForm(t *testing.T) {
	t.Parallel()
	var w *wire
	s := setup(t, func(c *app.Config) { w, c.Database = tap(t, c.Database) })
	s.known(w, near)
	attach := `{"query": "mutation($f: Upload!) {attach(type: \"Person\", id: \"` + s.ids[anna] + `\", attachment: {name: \"a.pdf\", file: $f}) {id}}", "variables": {"f": null}}`
	form := func(operations, places string, files ...string) (string, io.Reader) {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		_ = m.WriteField("operations", operations)
		_ = m.WriteField("map", places)
		for _, f := range files {
			part, err := m.CreateFormFile(f, f+".pdf")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = part.Write([]byte("%PDF-1.4"))
		}
		_ = m.Close() // into memory
		return m.FormDataContentType(), &b
	}
	for what, c := range map[string]struct {
		operations, places string
		files              []string
		code               string
	}{
		"a key twice":             {strings.Replace(attach, `"variables"`, `"variables": {}, "variables"`, 1), `{"0": ["variables.f"]}`, []string{"0"}, "INVALID"},
		"deep variables":          {`{"query": "{now}", "variables": {"a": ` + strings.Repeat("[", 60) + strings.Repeat("]", 60) + `}}`, `{}`, nil, "LIMIT"},
		"two megabytes of them":   {`{"query": "{now}", "variables": {"a": "` + strings.Repeat("x", 2<<20) + `"}}`, `{}`, nil, "LIMIT"},
		"a file that is missing":  {attach, `{"0": ["variables.f"]}`, nil, "INVALID"},
		"a file without a place":  {attach, `{"0": ["variables.f"]}`, []string{"1"}, "INVALID"},
		"a place that is nowhere": {attach, `{"0": ["variables.f.g.h"]}`, []string{"0"}, "INVALID"},
		"a place out of a list":   {attach, `{"0": ["variables.99"]}`, []string{"0"}, "INVALID"},
		"files without end":       {attach, `{` + repeat(30, func(i int) string { return fmt.Sprintf(`"%d": ["variables.f"],`, i) }) + `"x": []}`, nil, "LIMIT"},
		"a batch":                 {`[` + attach + `]`, `{"0": ["variables.f"]}`, []string{"0"}, "INVALID"},
	} {
		var r reply
		sent := w.of(func() {
			media, body := form(c.operations, c.places, c.files...)
			r = s.sendAs(s.app.Token(near), media, body)
		})
		if r.code() != c.code || r.Status < 400 && r.Data != nil {
			t.Errorf("%s: HTTP %d %q, want %s: %+v", what, r.Status, r.code(), c.code, r.Errors)
		}
		s.plain(what, r)
		if len(sent) > 0 {
			t.Errorf("%s: %v", what, sent)
		}
	}
	media, body := form(attach, `{"0": ["variables.f"]}`, "0")
	if r := s.sendAs(s.app.Token(near), media, body); len(r.Errors) > 0 || dig(r.Data, "attach", "id") == nil {
		t.Errorf("a good form: %+v", r)
	}
}

// sendAs sends a body of a media type.
func (s *stage) sendAs(token, media string, body io.Reader) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.app.URL()+"/graphql", body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", media)
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Error(err)
		return reply{}
	}
	defer res.Body.Close()
	r := reply{Status: res.StatusCode}
	if err := json.NewDecoder(res.Body).Decode(&r); err != nil {
		s.t.Errorf("%s: %v", res.Status, err)
	}
	return r
}

// G38, G39, G40: outside development the schema is for those who have the right, and nothing of it shows by itself: no
// suggestions, no page, no traces.
func TestTheSchemaIsNotForEverybody(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *app.Config) { c.Development, c.SetClock = false, false })
	born := s.create(kernel, "Person", map[string]any{"lastName": "Северова", "firstName": "Анна", "birthDate": "1980-02-03", "territory": "uray"})
	actor := func(id, kind string, roles ...string) {
		s.must(kernel, `mutation($i: ActorInput!) {createActor(input: $i) {id}}`, map[string]any{"i": map[string]any{"id": id, "name": id, "kind": kind, "roles": roles, "person": born, "territories": []string{"uray"}}})
	}
	actor(near, "staff", "specialist")
	actor("anna", "citizen")
	actor("ivan", "staff", "configurator")
	actor("olga", "staff", "administrator")
	for who, want := range map[string]struct {
		code string
		http int
	}{nobody: {"UNAUTHENTICATED", 401}, near: {"DENIED", 403}, "anna": {"DENIED", 403}, "ivan": {"", 200}, "olga": {"", 200}} {
		for _, q := range []string{`{__schema {queryType {name}}}`, `{__type(name: "Person") {name}}`, `{now a: __schema {types {name}}}`} {
			if r := s.ask(who, q, nil); r.code() != want.code {
				t.Errorf("%q: %s: %+v", who, q, r)
			}
		}
		token := ""
		if who != nobody {
			token = s.app.Token(who)
		}
		if status, _, _ := s.fetch(token, "/schema.graphql"); status != want.http {
			t.Errorf("%q: the schema as text: HTTP %d", who, status)
		}
		if r := s.ask(who, `{__typename}`, nil); r.code() != "" {
			t.Errorf("%q: %+v", who, r)
		}
	}
	for _, q := range []string{`{peopl {totalCount}}`, `{people {nodes {lastNam}}}`, `{people(wher: {}) {totalCount}}`, `{people(where: {lastNam: {eq: "x"}}) {totalCount}}`,
		`{people {nodes {... on Persn {id}}}}`, `mutation {createPersn(input: {}) {id}}`, `query($x: PersonWher) {people(where: $x) {totalCount}}`,
		`{people(orderBy: [{lastNam: ASC}]) {totalCount}}`, `{people(orderBy: [{lastName: UP}]) {totalCount}}`, `{people {nodes}}`, `{now {x}}`, `{now @nothing(if: true)}`, `subscription {change(type: "Person") {id}}`} {
		r := s.ask(near, q, nil)
		raw := fmt.Sprint(r.Errors)
		if r.code() != "INVALID" || strings.Contains(raw, "Did you mean") || strings.Contains(raw, "mean") {
			t.Errorf("%s: %s", q, raw)
		}
		s.plain(q, r)
	}
	res, err := http.Post(s.app.URL()+"/graphql", "application/json", strings.NewReader(quoted(`{__typename}`)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || string(body) != `{"data":{"__typename":"Query"}}` {
		t.Errorf("%v %s", err, body) // no extensions: no tracing
	}
}

// G42, G43, G46, G47: GET changes nothing, a page is continued only where it was begun, nesting costs no more statements,
// a persisted query is who it says.
func TestAttacksOnWhatIsKept(t *testing.T) {
	t.Parallel()
	var w *wire
	s := setup(t, func(c *app.Config) { w, c.Database = tap(t, c.Database) })
	get := func(values url.Values) (status int, body string) {
		token := s.app.Token(near)
		status, _, raw := s.fetch(token, "/graphql?"+values.Encode())
		return status, raw
	}
	before := s.census()
	if status, body := get(url.Values{"query": {`mutation {deletePerson(id: "` + s.ids[anna] + `", version: 1, reason: "x") {id}}`}}); status != http.StatusMethodNotAllowed {
		t.Errorf("G42: HTTP %d %s", status, body)
	}
	if g := grown(t, before, s.census()); len(g) > 0 {
		t.Errorf("G42 wrote %v", g)
	}
	cursor := fmt.Sprint(dig(s.must(near, `{people(first: 1, orderBy: [{lastName: ASC}]) {pageInfo {endCursor}}}`, nil), "people", "pageInfo", "endCursor"))
	for what, c := range map[string]string{"cut": cursor[:len(cursor)-3], "of nothing": "e30", "turned": turned(cursor), "long": strings.Repeat("A", 20_000), "a zero": "AAAA"} {
		r := s.ask(near, `query($c: String) {people(first: 1, after: $c, orderBy: [{lastName: ASC}]) {nodes {id}}}`, map[string]any{"c": c})
		if r.code() != "INVALID" {
			t.Errorf("G43 %s: %+v", what, r)
		}
		s.plain(what, r)
	}
	if r := s.ask(near, `query($c: String) {people(first: 1, after: $c, orderBy: [{birthDate: DESC}]) {nodes {id}}}`, map[string]any{"c": cursor}); r.code() != "INVALID" {
		t.Errorf("G43 of another order: %+v", r)
	}
	nested := `{people(first: 20) {nodes {representatives {representatives {id}} pensions {nodes {person {pensions {nodes {id}}}}} cases {id tasks {id}}}}}`
	s.must(near, nested, nil)
	s.known(w, near)
	if sent := w.of(func() { s.must(near, nested, nil) }); len(sent) > 1 {
		t.Errorf("G46: %d statements", len(sent))
	}
	text := `{me {id}}`
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
	persisted := func(query, hash string) url.Values {
		v := url.Values{"extensions": {`{"persistedQuery": {"version": 1, "sha256Hash": "` + hash + `"}}`}}
		if query != "" {
			v.Set("query", query)
		}
		return v
	}
	for _, c := range []struct{ query, hash, want string }{
		{"", hash, "PersistedQueryNotFound"},
		{`{me {name}}`, hash, "does not match"},
		{"", hash, "PersistedQueryNotFound"}, // the wrong text was not kept under it
		{text, hash, near},
		{"", hash, near},
		{"", "", "PersistedQueryNotFound"},
	} {
		if _, body := get(persisted(c.query, c.hash)); !strings.Contains(body, c.want) {
			t.Errorf("G47 %+v: %s", c, body)
		}
	}
}

// turned is a text with its letters the other way round.
func turned(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// G45: of a thousand subscriptions of one user twenty are open, and the server goes on.
func TestAThousandSubscriptions(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c, _, err := websocket.Dial(t.Context(), s.app.URL()+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	say := func(m map[string]any) {
		if err := wsjson.Write(t.Context(), c, m); err != nil {
			t.Fatal(err)
		}
	}
	say(map[string]any{"type": "connection_init", "payload": map[string]any{"Authorization": "Bearer " + s.app.Token(near)}})
	go func() {
		for i := range 1000 {
			m := map[string]any{"type": "subscribe", "id": fmt.Sprint(i), "payload": map[string]any{"query": `subscription {changes(type: "Person") {id}}`}}
			if wsjson.Write(t.Context(), c, m) != nil {
				return
			}
		}
	}()
	refused := map[string]bool{}
	for len(refused) < 980 {
		var m struct {
			ID, Type string
			Payload  json.RawMessage
		}
		if err := wsjson.Read(t.Context(), c, &m); err != nil {
			t.Fatalf("%d were refused: %v", len(refused), err)
		}
		if strings.Contains(string(m.Payload), `"LIMIT"`) {
			refused[m.ID] = true
		}
	}
	if r := s.ask(near, `{me {id}}`, nil); r.code() != "" {
		t.Errorf("%+v", r)
	}
}
