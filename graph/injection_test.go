package graph

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mera/kernel"
	"mera/schema/filter"
)

// hostile are texts that mean something to SQL, JSON, LIKE, regular expressions or the driver.
var hostile = []string{`'`, `''`, `"`, `\`, `\'`, `'; drop table record; --`, `' or true --`, `$1`, `$999`, `%`, `_`, `{}`, `{"a":1}`, `[]`,
	`E'\x27'`, "\n", "\u2028", "\u202e", "🏠", "null", `\u0000`, `::text`, "/*", "--", "?", "@>", strings.Repeat("я", 5000), "\ufffd", "\x7f", "''||pg_sleep(9)||''"}

// places are arguments that take a text, as JSON with the text in place of TEXT.
var places = []struct{ query, vars string }{
	{`query($x: PersonWhere) {people(where: $x) {totalCount nodes {id}}}`, `{"x": {"lastName": {"eq": TEXT}}}`},
	{`query($x: PersonWhere) {people(where: $x) {nodes {id}}}`, `{"x": {"lastName": {"startsWith": TEXT}}}`},
	{`query($x: PersonWhere) {people(where: $x) {nodes {id}}}`, `{"x": {"lastName": {"contains": TEXT}, "territory": {"under": [TEXT]}, "payout": {"bank": {"in": [TEXT]}}}}`},
	{`query($x: PersonWhere) {people(where: $x) {nodes {id}}}`, `{"x": {"phones": {"has": TEXT}, "relatives": {"some": {"name": {"ne": TEXT}}}, "keys": {"snils": {"eq": TEXT}}}}`},
	{`query($x: PensionWhere) {pensions(where: $x) {nodes {id}}}`, `{"x": {"type": {"above": [TEXT]}, "createdBy": {"eq": TEXT}, "person": {"firstName": {"eq": TEXT}}}}`},
	{`query($x: CaseWhere) {cases(where: $x) {nodes {id}}}`, `{"x": {"state": {"in": [TEXT]}, "number": {"startsWith": TEXT}, "title": {"contains": TEXT}}}`},
	{`query($x: TaskWhere) {tasks(where: $x) {nodes {id}}}`, `{"x": {"title": {"eq": TEXT}, "role": {"in": [TEXT, "a"]}}}`},
	{`query($x: EventWhere) {events(where: $x) {nodes {id}}}`, `{"x": {"action": {"startsWith": TEXT}}}`},
	{`query($x: String!) {pensionsOfTerritory(territory: $x, day: "2019-07-10") {nodes {id}}}`, `{"x": TEXT}`},
	{`query($x: ID!) {actor(id: $x) {id}}`, `{"x": TEXT}`},
	{`query($x: ID!) {parameter(id: $x) {id}}`, `{"x": TEXT}`},
}

// broken are arguments that take something narrower than a text: nothing hostile gets as far as SQL.
var broken = []struct{ query, vars string }{
	{`query($x: ID!) {person(id: $x) {id}}`, `{"x": TEXT}`},
	{`query($x: String) {people(after: $x) {nodes {id}}}`, `{"x": TEXT}`},
	{`query($x: Date) {pensions(asOf: $x) {nodes {id}}}`, `{"x": TEXT}`},
	{`query($x: DateTime) {pensions(knownAt: $x) {nodes {id}}}`, `{"x": TEXT}`},
	{`query($x: PensionWhere) {pensions(where: $x) {nodes {id}}}`, `{"x": {"amount": {"eq": TEXT}}}`},
	{`query($x: PensionWhere) {pensions(where: $x) {nodes {id}}}`, `{"x": {"from": {"gte": TEXT}}}`},
	{`query($x: PensionWhere) {pensions(where: $x) {nodes {id}}}`, `{"x": {"points": {"eq": TEXT}}}`},
	{`query($x: PensionWhere) {pensions(where: $x) {nodes {id}}}`, `{"x": {"person": {"id": {"eq": TEXT}}}}`},
	{`query($x: PensionWhere) {pensions(where: $x) {nodes {id}}}`, `{"x": {"at": {"lt": TEXT}, "touches": {"from": TEXT}}}`},
	{`query($x: [String!]) {card(id: "0190a1b2-c3d4-7e5f-8a9b-000000000001", types: $x) {totalCount}}`, `{"x": [TEXT]}`},
	{`query($x: String!) {form(type: $x)}`, `{"x": TEXT}`},
	{`query($x: PersonWhere) {people(where: $x) {nodes {id}}}`, `{"x": {TEXT: {"eq": "a"}}}`},
	{`query($x: PersonWhere) {people(where: $x) {nodes {id}}}`, `{"x": {"keys": {TEXT: {"eq": "a"}}}}`},
	{`query($x: [PersonOrderBy!]) {people(orderBy: $x) {nodes {id}}}`, `{"x": [{TEXT: "ASC"}]}`},
}

func fillIn(t interface{ Fatal(...any) }, template, text string) map[string]any {
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	var vars map[string]any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(template, "TEXT", string(quoted))), &vars); err != nil {
		t.Fatal(err)
	}
	return vars
}

// Whatever the text, the statement is the one that a harmless text makes: the text is a parameter.
func TestNoTextOfAClientBecomesSQL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, p := range places {
		w.db.take()
		if a := w.ask(p.query, fillIn(t, p.vars, "обычный")); a.code() != "" && a.code() != kernel.NotFound {
			t.Fatalf("%s: %+v", p.query, a.Errors)
		}
		plain := w.db.take()[0].Text
		check := func(t interface{ Errorf(string, ...any) }, text string) {
			a := w.ask(p.query, fillIn(w.t, p.vars, text))
			if a.code() != "" && a.code() != kernel.NotFound {
				t.Errorf("%q in %s: %+v", text, p.vars, a.Errors)
				return
			}
			st := w.db.take()
			if len(st) != 1 || st[0].Text != plain {
				t.Errorf("%q in %s changed the statement:\n%s\n%s", text, p.vars, st[0].Text, plain)
			}
			if !slices.ContainsFunc(st[0].Args, func(v any) bool { return holds(v, text) }) {
				t.Errorf("%q in %s is no parameter: %v", text, p.vars, st[0].Args)
			}
		}
		for _, h := range hostile {
			if h != "" {
				check(t, h)
			}
		}
		if t.Failed() {
			continue
		}
		rapid.Check(t, func(t *rapid.T) {
			text := rapid.StringN(1, 40, -1).Filter(func(s string) bool { return !strings.ContainsRune(s, 0) }).Draw(t, "text")
			check(t, text)
		})
	}
}

// holds tells that a parameter is a text, or has it, folded or not.
func holds(v any, text string) bool {
	folded := func(s string) bool { return s == text || s == filter.Folded("name", text) }
	switch v := v.(type) {
	case string:
		var list []string
		if json.Unmarshal([]byte(v), &list) == nil && slices.Contains(list, text) {
			return true
		}
		return folded(v)
	case []string:
		return slices.ContainsFunc(v, folded)
	}
	return false
}

// What is not a text is read in Go first: nothing of it reaches the server, and no error is one of the database.
func TestHostileValuesOfOtherTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, p := range broken {
		for _, h := range hostile {
			w.db.take()
			a := w.ask(p.query, fillIn(t, p.vars, h))
			if c := a.code(); c == kernel.Internal || c == kernel.Unavailable {
				t.Errorf("%q in %s: %+v", h, p.query+p.vars, a.Errors)
			}
			for _, e := range a.Errors {
				if strings.Contains(e.Message, "База данных") || strings.Contains(e.Message, "SQL") {
					t.Errorf("%q in %s reached the database: %+v", h, p.query+p.vars, a.Errors)
				}
			}
			for _, st := range w.db.take() {
				if strings.Contains(st.Text, h) && len(h) > 8 {
					t.Errorf("%q in %s stands in %s", h, p.query+p.vars, st.Text)
				}
			}
		}
	}
}
