package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"mera/cmd/internal/app"
)

// What a client sends wrongly as a request, not as data, is refused as a whole before anything is read or written.
func TestRequestsThatAreNoRequests(t *testing.T) {
	t.Parallel()
	s := setup(t)
	quote := func(q string) string { return `{"query": ` + strconv.Quote(q) + `}` }
	many := func(n int, each func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(each(i))
		}
		return b.String()
	}
	create := `mutation($x: PersonInput!) {createPerson(input: $x) {id}}`
	input := func(rest string) string {
		return `{"query": ` + strconv.Quote(create) + `, "variables": {"x": {"lastName": "Н", "firstName": "Н", "birthDate": "1990-01-01", "territory": "uray"` + rest + `}}}`
	}
	for what, c := range map[string]struct {
		body, code string
		http       int
	}{
		"kilobytes of zeros":    {input(`, "phone": "` + strings.Repeat(`\u0000`, 4096) + `"`), "INVALID", 0},
		"a zero in a query":     {quote(`mutation {createPerson(input: {lastName: "a\u0000b", firstName: "Н", birthDate: "1990-01-01"}) {id}}`), "INVALID", 0},
		"half a surrogate":      {input(`, "phone": "\ud800"`), "INVALID", http.StatusBadRequest},
		"the other half":        {input(`, "phone": "\ude00\ud83d"`), "INVALID", http.StatusBadRequest},
		"no UTF-8":              {input(`, "phone": "` + "\xff\xfe" + `"`), "INVALID", http.StatusBadRequest},
		"nesting of sixty":      {quote(`{people {nodes {` + strings.Repeat(`representatives {representatives {`, 30) + `id` + strings.Repeat(`}}`, 30) + `}}}`), "LIMIT", 0},
		"deep variables":        {`{"query": "{now}", "variables": {"a": ` + strings.Repeat(`[`, 60) + strings.Repeat(`]`, 60) + `}}`, "LIMIT", http.StatusRequestEntityTooLarge},
		"101 aliases":           {quote(`{people {nodes {` + many(101, func(i int) string { return fmt.Sprintf("a%d: id ", i) }) + `}}}`), "LIMIT", 0},
		"21 mutations at once":  {quote(`mutation {` + many(21, func(i int) string { return fmt.Sprintf(`m%d: setClock(by: "1 day") `, i) }) + `}`), "LIMIT", 0},
		"a key twice":           {`{"query": "{now}", "query": "{me {id}}"}`, "INVALID", http.StatusBadRequest},
		"a property twice":      {input(`, "lastName": "М"`), "INVALID", http.StatusBadRequest},
		"a key in another case": {`{"query": "{now}", "Query": "{me {id}}"}`, "INVALID", http.StatusBadRequest},
		"two megabytes":         {input(`, "phone": "` + strings.Repeat("1", 2<<20) + `"`), "LIMIT", http.StatusRequestEntityTooLarge},
		"a page of 100000":      {quote(`{people(first: 100000) {nodes {id}}}`), "LIMIT", 0},
		"pages in pages":        {quote(`{people(first: 200) {nodes {pensions(first: 200) {nodes {person {pensions(first: 200) {nodes {id}}}}}}}}`), "LIMIT", 0},
		"an unknown field":      {quote(`{people {nodes {lastNam}}}`), "INVALID", 0},
		"an unknown argument":   {quote(`{people(whare: {}) {totalCount}}`), "INVALID", 0},
		"an unknown input":      {input(`, "lastNam": "Н"`), "INVALID", 0},
		"a computed input":      {input(`, "fullName": "Н"`), "INVALID", 0},
		"an id in the input":    {input(`, "id": "` + nowhere + `"`), "INVALID", 0},
		"a version in it":       {input(`, "version": 7`), "INVALID", 0},
		"an unknown enum item":  {input(`, "sex": "other"`), "INVALID", 0},
		"a number for a text":   {input(`, "phone": 5`), "INVALID", 0},
		"a text for a list":     {input(`, "representatives": {"a": "b"}`), "INVALID", 0},
		"an unknown mutation":   {quote(`mutation {dropPerson(id: "x") {id}}`), "INVALID", 0},
		"a broken query":        {quote(`{people {`), "INVALID", 0},
		"no JSON":               {`people`, "INVALID", http.StatusBadRequest},
		"a batch":               {`[` + quote(`{now}`) + `]`, "INVALID", http.StatusBadRequest},
		"nothing":               {``, "INVALID", http.StatusBadRequest},
	} {
		var status int
		op := func() reply {
			r := s.post(near, strings.NewReader(c.body))
			status = r.Status
			return r
		}
		before := s.census()
		if r := op(); r.code() != c.code {
			t.Errorf("%s: want %s, got %+v", what, c.code, r.Errors)
		} else {
			s.plain(what, r)
		}
		if g := grown(t, before, s.census()); len(g) > 0 {
			t.Errorf("%s wrote %v", what, g)
		}
		if c.http != 0 && status != c.http {
			t.Errorf("%s: HTTP %d, want %d", what, status, c.http)
		}
	}
}

// A property or item that the schema does not have is named.
func TestUnknownInputIsNamed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for field, over := range map[string]map[string]any{
		"lastNam unknown-field": {"lastNam": "Н"}, "fullName unknown-field": {"fullName": "Н"}, "id unknown-field": {"id": nowhere},
		"version unknown-field": {"version": 7}, "sex value": {"sex": "other"}, "phone value": {"phone": map[string]any{"a": 1}},
		"attachments.0.name required": {"attachments": []any{map[string]any{"base64": "cGRm"}}},
	} {
		input := with(map[string]any{"lastName": "Н", "firstName": "Н", "birthDate": "1990-01-01", "territory": "uray"}, over)
		s.refused(field, func() reply { return s.ask(near, createOf("Person"), map[string]any{"input": input}) }, "INVALID", field)
	}
	s.refused("no id", func() reply { return s.ask(near, `query($id: ID!) {person(id: $id) {id}}`, nil) }, "INVALID", "id required")
}

// Texts that look like SQL, JSON, templates or scripts are texts: kept as they were given, and found again by them.
func TestTextsAreKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for i, text := range []string{
		`'; drop table record; --`, `' or '1'='1`, `" or ""="`, `$1`, `%`, `_`, `\`, `\'`, `{"a": 1}`, `[]`, `{{ doc.id }}`, `{% include "x" %}`, `<script>alert(1)</script>`, `=cmd|' /C calc'!A0`,
		`null`, `true`, `0x41`, `../../etc/passwd`, `Ёж`, `é`, `🏠`, `a''b`, `--`, `/* */`, `::uuid`, `E'\\x27'`, `pg_sleep(9)`, strings.Repeat("я", 100),
	} {
		id := s.create(near, "Person", map[string]any{"lastName": text, "firstName": "Имя", "birthDate": "1990-01-01", "territory": "uray"})
		data := s.must(near, `query($id: ID!, $text: String!) {person(id: $id) {lastName} people(where: {lastName: {eq: $text}}) {nodes {id}}}`, map[string]any{"id": id, "text": text})
		if got := dig(data, "person", "lastName"); got != text {
			t.Errorf("%d: %q came back as %q", i, text, got)
		}
		if found := fmt.Sprint(dig(data, "people", "nodes")); !strings.Contains(found, id) {
			t.Errorf("%d: %q is not found by itself: %s", i, text, found)
		}
	}
}

// A whole pair is a character, and an escaped backslash begins no escape.
func TestEscapesThatAreRight(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := s.post(admin, strings.NewReader(`{"query": "query($x: String!) {offices(where: {title: {eq: $x}}) {totalCount}}", "variables": {"x": "\ud83c\udfe0 \\ud83c"}}`))
	if len(r.Errors) > 0 || dig(r.Data, "offices", "totalCount") != json.Number("0") {
		t.Errorf("%+v", r)
	}
}

// SQL in any argument that takes a text changes nothing and tells nothing.
func TestTextsThatLookLikeSQLInEveryArgument(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.decided()
	person := s.ids["kolya"]
	before := s.census()
	for _, text := range []string{`'; delete from record; --`, `' union select null, version() --`, `1) or (1=1`, `$$;select pg_sleep(86400)$$`, `"; drop schema public cascade; --`, `%' or 1=1 --`} {
		for _, q := range []string{
			`query($x: String!) {people(where: {lastName: {eq: $x}}) {totalCount nodes {id}}}`,
			`query($x: String!) {people(where: {lastName: {startsWith: $x}, firstName: {contains: $x}}) {totalCount}}`,
			`query($x: String!) {people(where: {territory: {under: [$x]}}) {totalCount}}`,
			`query($x: JSON) {people(where: {keys: {snils: {eq: $x}}}) {totalCount}}`,
			`query($x: String!) {cases(where: {state: {in: [$x]}, number: {eq: $x}, title: {contains: $x}}) {totalCount}}`,
			`query($x: String!) {tasks(where: {role: {in: [$x]}, title: {eq: $x}}) {totalCount}}`,
			`query($x: String!) {requests(where: {name: {eq: $x}, status: {eq: $x}}) {totalCount}}`,
			`query($x: ID!) {person(id: $x) {id}}`, `query($x: ID!) {node(id: $x) {id}}`, `query($x: ID!) {case(id: $x) {id}}`, `query($x: ID!) {actor(id: $x) {id}}`,
			`query($x: ID!) {parameter(id: $x) {id}}`, `query($x: ID!) {package(id: $x) {name}}`, `query($x: ID!) {card(id: $x) {totalCount}}`,
			`query($x: String) {people(after: $x) {totalCount}}`, `query($x: String!) {form(type: $x)}`, `query($x: String) {form(type: "Person", state: $x)}`,
			`query($x: ID) {form(type: "Person", id: $x)}`, `query($x: String!) {card(id: "` + person + `", types: [$x]) {totalCount}}`,
			`mutation($x: ID!) {fire(case: $x, event: "approve") {id}}`, `mutation($x: ID!) {deletePerson(id: $x, version: 1, reason: "x") {id}}`,
			`mutation($x: ID!) {takeNextCall(window: $x) {id}}`, `mutation($x: ID!) {updatePerson(id: $x, version: 1, patch: {phone: "1"}) {id}}`,
			`mutation($x: String!) {attach(type: $x, id: "` + person + `", attachment: {name: "a.pdf", base64: "cGRm"}) {id}}`,
			`mutation($x: String!) {setCounter(series: $x, next: 5)}`, `mutation($x: String!) {setParameter(name: $x, from: "2020-01-01", value: "1.00") {id}}`,
			`mutation($x: String!) {createActor(input: {id: "` + near + `x", kind: $x, name: $x}) {id}}`, `mutation($x: Duration) {setClock(by: $x)}`,
		} {
			r := s.ask(near, q, map[string]any{"x": text})
			for _, e := range r.Errors {
				e.Message = strings.ReplaceAll(e.Message, text, "…") // what he typed himself may be named
				s.worded(q+" "+text, reply{Errors: []fault{e}})
			}
			switch r.code() {
			case "", "INVALID", "NOT_FOUND", "DENIED":
			default:
				t.Errorf("%s with %q: %+v", q, text, r.Errors)
			}
			for name, v := range r.Data {
				if n := dig(v, "totalCount"); n != nil && n != json.Number("0") {
					t.Errorf("%s with %q found %v in %s", q, text, n, name)
				}
			}
		}
	}
	if g := grown(t, before, s.census()); len(g) > 0 {
		t.Errorf("SQL-like texts wrote %v", g)
	}
}

// Tokens that are not ours, or over, or of somebody who is gone, open nothing: not even what the public may see.
func TestTokens(t *testing.T) {
	t.Parallel()
	s := setup(t)
	other := start(t)
	over, err := app.Token(s.config.Data, near, time.Now().Add(-time.Second))
	if err != nil {
		t.Fatal(err)
	}
	good := s.app.Token(near)
	body, signature, _ := strings.Cut(good, ".")
	for what, token := range map[string]string{
		"garbage": "garbage", "over": over, "of another server": other.app.Token(near), "of nobody": s.app.Token("ghost"), "cut": good[:len(good)-2],
		"without signature": body, "with an empty one": body + ".", "with another body": "e30." + signature, "twice": good + "." + signature, "very long": strings.Repeat("a", 5000),
		"none of JWT": "eyJhbGciOiJub25lIn0." + body + ".",
	} {
		r := s.send(token, strings.NewReader(`{"query": "{me {id} now}"}`))
		if r.Status != http.StatusUnauthorized || r.code() != "UNAUTHENTICATED" || r.Data != nil {
			t.Errorf("token %s: HTTP %d %+v", what, r.Status, r)
		}
		s.worded(what, r)
	}
	if r := s.send(good, strings.NewReader(`{"query": "{me {id}}"}`)); dig(r.Data, "me", "id") != near {
		t.Errorf("a good token: %+v", r)
	}
}

// Outside development nobody reads the schema without a login, there is no GraphiQL, no demo identity, and the clock is
// nobody's to move.
func TestOutsideDevelopment(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *app.Config) { c.Development, c.SetClock = false, false })
	if r := s.ask(nobody, `{__schema {queryType {name}}}`, nil); r.code() != "UNAUTHENTICATED" {
		t.Errorf("introspection: %+v", r)
	}
	for path, want := range map[string]int{"/schema.graphql": 401, "/graphiql": 404, "/debug/pprof/": 404, "/healthz": 200} {
		if status, _, body := s.fetch("", path); status != want {
			t.Errorf("%s: HTTP %d %.100s, want %d", path, status, body, want)
		}
	}
	if r := s.ask(admin, `{me {id}}`, nil); r.code() != "UNAUTHENTICATED" {
		t.Errorf("the demo identity: %+v", r)
	}
	if r := s.ask(kernel, `mutation {setClock(by: "1 day")}`, nil); r.code() != "DENIED" {
		t.Errorf("the clock: %+v", r)
	}
}
