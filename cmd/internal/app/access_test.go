package app_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A record of another territory is as if it were not there: whatever is asked about it, the answer is the same as for
// an id that nobody has.
func TestAnotherTerritoryIsAsIfItWereNotThere(t *testing.T) {
	t.Parallel()
	s := setup(t)
	pension := s.create(near, "Pension", map[string]any{"person": s.ids["kolya"], "type": "state-survivor", "from": "2017-06-06", "to": "2018-06-05"})
	app := s.decided()
	print := dig(s.must(near, `{prints {nodes {id}}}`, nil), "prints", "nodes", 0, "id").(string)
	ids := func(kind string) string {
		return dig(s.must(near, `{`+kind+` {nodes {id}}}`, nil), kind, "nodes", 0, "id").(string)
	}
	type request struct {
		query string
		vars  func(id string) map[string]any
		id    string
		code  string
		field string
	}
	byID := func(id string) map[string]any { return map[string]any{"id": id} }
	read := func(field, id string) request {
		return request{`query($id: ID!) {` + field + `(id: $id) {id}}`, byID, id, "NOT_FOUND", ""}
	}
	update := func(typ, id string, patch map[string]any) request {
		return request{updateOf(typ), func(id string) map[string]any { return map[string]any{"id": id, "version": 1, "patch": patch} }, id, "NOT_FOUND", ""}
	}
	attach := `mutation($id: ID!) {attach(type: "TYPE", id: $id, attachment: {name: "p.pdf", base64: "cGRm"}) {id}}`
	home := map[string]any{"region": "86", "from": "2019-01-01", "territory": "sovetsky"}
	kin := map[string]any{"person": s.ids["vera"], "type": "parent"}
	for what, c := range map[string]request{
		"read a person":      read("person", s.ids["kolya"]),
		"read a document":    read("pension", pension),
		"read a case":        read("survivorBenefitApplication", app),
		"read as Case":       read("case", app),
		"read as Node":       read("node", app),
		"read a print":       read("print", print),
		"read a decision":    read("decision", ids("decisions")),
		"read an award":      read("award", ids("awards")),
		"read a request":     read("request", ids("requests")),
		"read an event":      read("event", dig(s.must(kernel, `{events {nodes {id}}}`, nil), "events", "nodes", 0, "id").(string)),
		"read a version ago": {`query($id: ID!) {person(id: $id, knownAt: "2019-07-16T09:00:00Z") {id}}`, byID, s.ids["kolya"], "NOT_FOUND", ""},
		"update a person":    update("Person", s.ids["kolya"], map[string]any{"phone": "1"}),
		"move it to oneself": update("Person", s.ids["kolya"], map[string]any{"territory": "sovetsky"}),
		"update a document":  update("Pension", pension, map[string]any{"to": "2020-01-01"}),
		"update a case":      update("SurvivorBenefitApplication", app, map[string]any{"payout": map[string]any{"bank": "047102651", "account": "40817810000000000002"}}),
		"void":               {`mutation($id: ID!) {deletePerson(id: $id, version: 1, reason: "дубль") {id}}`, byID, s.ids["kolya"], "NOT_FOUND", ""},
		"fire":               {fire, func(id string) map[string]any { return map[string]any{"case": id, "event": "approve"} }, app, "NOT_FOUND", ""},
		"attach to a person": {strings.ReplaceAll(attach, "TYPE", "Person"), byID, s.ids["kolya"], "NOT_FOUND", ""},
		"attach to a case":   {strings.ReplaceAll(attach, "TYPE", "SurvivorBenefitApplication"), byID, app, "NOT_FOUND", ""},
		"form of a case":     {`query($id: ID) {form(type: "SurvivorBenefitApplication", id: $id)}`, byID, app, "NOT_FOUND", ""},
		"lay on its card": {createOf("Registration"), func(id string) map[string]any {
			return map[string]any{"input": with(home, map[string]any{"person": id})}
		}, s.ids["kolya"], "INVALID", "person link"},
		"link to it": {createOf("Kinship"), func(id string) map[string]any {
			return map[string]any{"input": with(kin, map[string]any{"relative": id})}
		}, s.ids["kolya"], "INVALID", "relative link"},
		"link in a list": {createOf("Person"), func(id string) map[string]any {
			return map[string]any{"input": map[string]any{"lastName": "Лесной", "firstName": "Ян", "birthDate": "2010-01-01", "territory": "sovetsky", "representatives": []any{s.ids[boris], id}}}
		}, s.ids[anna], "INVALID", "representatives.1 link"},
		"enter in its case": {createOf("Pension"), func(id string) map[string]any {
			return map[string]any{"case": id, "input": map[string]any{"person": s.ids["vera"], "type": "state-survivor", "from": "2019-06-06"}}
		}, app, "NOT_FOUND", ""},
	} {
		fields := []string{}
		if c.field != "" {
			fields = append(fields, c.field)
		}
		for _, who := range []string{far, remote, boris, nobody} {
			if who == boris || who == nobody {
				if c.code != "NOT_FOUND" || strings.HasPrefix(what, "enter") {
					continue // what such a person may make at all is another question
				}
			}
			name := fmt.Sprintf("%s: %s", who, what)
			s.refused(name, func() reply { return s.ask(who, c.query, c.vars(c.id)) }, c.code, fields...)
			here, gone := s.ask(who, c.query, c.vars(c.id)), s.ask(who, c.query, c.vars(nowhere))
			if d := cmp.Diff(masked(gone), masked(here)); d != "" {
				t.Errorf("%s: unlike an id that nobody has (-nobody's +hidden):\n%s", name, d)
			}
		}
	}
}

// Nobody moves a record to where he could not write it.
func TestARecordIsNotGivenAway(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.refused("a person to another district", func() reply {
		return s.ask(near, updateOf("Person"), map[string]any{"id": s.ids["kolya"], "version": 1, "patch": map[string]any{"territory": "sovetsky"}})
	}, "DENIED")
	s.refused("a new person of another district", func() reply {
		return s.ask(near, createOf("Person"), map[string]any{"input": map[string]any{"lastName": "Н", "firstName": "Н", "birthDate": "1990-01-01", "territory": "sovetsky"}})
	}, "DENIED")
}

// decided is an application of anna that was granted, printed and noticed without an official.
func (s *stage) decided() string {
	s.t.Helper()
	s.answering()
	id := s.create(anna, "SurvivorBenefitApplication", s.application())
	s.settle()
	if state := dig(s.must(anna, `query($id: ID!) {case(id: $id) {state}}`, map[string]any{"id": id}), "case", "state"); state != "granted" {
		s.t.Fatalf("the application is %v", state)
	}
	return id
}

// masked is an answer without what differs by nature.
func masked(r reply) reply {
	r.Errors = slices.Clone(r.Errors)
	for i := range r.Errors {
		r.Errors[i].Extensions.RequestID = ""
	}
	return r
}

// Lists, counts, links and histories show only what may be read.
func TestListsCountOnlyWhatMayBeRead(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.decided()
	all := []string{"people", "cases", "survivorBenefitApplications", "tasks", "requests", "decisions", "awards", "prints", "pensions", "registrations", "events"}
	for who, want := range map[string]string{
		far: `people 2`, boris: `people 2`, nobody: ``, admin: ``, remote: `people 2`,
		anna: `people 2, cases 1, survivorBenefitApplications 1, decisions 1, awards 1, prints 1`,
		near: `people 2, cases 1, survivorBenefitApplications 1, requests 5, decisions 1, awards 1, prints 1, pensions 1, registrations 1`,
	} {
		var q strings.Builder
		for _, name := range all {
			fmt.Fprintf(&q, "%s {totalCount nodes {id}} ", name)
		}
		data := s.must(who, "{"+q.String()+"}", nil)
		var got []string
		for _, name := range all {
			n := dig(data, name, "totalCount")
			if rows := len(dig(data, name, "nodes").([]any)); n != json.Number(fmt.Sprint(rows)) {
				t.Errorf("%s: %s counts %v and lists %d", who, name, n, rows)
			}
			if n != json.Number("0") {
				got = append(got, fmt.Sprint(name, " ", n))
			}
		}
		if d := cmp.Diff(want, strings.Join(got, ", ")); d != "" {
			t.Errorf("%q sees (-want +got):\n%s", who, d)
		}
	}
	hidden := s.must(far, `query($k: ID!) {
		people(where: {representatives: {has: $k}}) {totalCount}
		cases(where: {applicant: {lastName: {eq: "Северова"}}}) {totalCount}
		card(id: $k) {totalCount}
		history: people(where: {lastName: {startsWith: "Север"}}) {totalCount nodes {history {version}}}}`, map[string]any{"k": s.ids[anna]})
	for _, name := range []string{"people", "cases", "card", "history"} {
		if n := dig(hidden, name, "totalCount"); n != json.Number("0") {
			t.Errorf("%s: %v rows by way of what is hidden", name, n)
		}
	}
}

// An official who is himself the applicant, or whose child it is about, may look and not touch.
func TestNobodyWorksOnHisOwnCase(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.actor("herself", map[string]any{"kind": "staff", "roles": []string{"specialist", "head"}, "office": s.ids["nearOffice"], "territories": []string{"uray"}, "person": s.ids[anna]})
	id := s.create(anna, "SurvivorBenefitApplication", s.application())
	s.settle()
	s.wait("8 days")
	s.must("herself", `query($id: ID!) {case(id: $id) {state}}`, map[string]any{"id": id})
	version := dig(s.must(near, `query($id: ID!) {case(id: $id) {version}}`, map[string]any{"id": id}), "case", "version")
	payout := map[string]any{"payout": map[string]any{"bank": "047102651", "account": "40817810000000000009"}}
	for what, op := range map[string]func() reply{
		"fire": func() reply { return s.ask("herself", fire, map[string]any{"case": id, "event": "submit"}) },
		"update": func() reply {
			return s.ask("herself", updateOf("SurvivorBenefitApplication"), map[string]any{"id": id, "version": version, "patch": payout})
		},
		"attach": func() reply {
			return s.ask("herself", attachTo, map[string]any{"type": "SurvivorBenefitApplication", "id": id, "a": with(attachment("a.pdf", []byte("x")), map[string]any{"slot": "pensionProof"})})
		},
		"her own card": func() reply {
			return s.ask("herself", updateOf("Person"), map[string]any{"id": s.ids[anna], "version": 1, "patch": map[string]any{"phone": "1"}})
		},
		"her child's card": func() reply {
			return s.ask("herself", updateOf("Person"), map[string]any{"id": s.ids["kolya"], "version": 1, "patch": map[string]any{"phone": "1"}})
		},
		"a pension of her own": func() reply {
			return s.ask("herself", createOf("Pension"), map[string]any{"input": map[string]any{"person": s.ids[anna], "type": "state-survivor", "from": "2019-01-01"}})
		},
	} {
		s.refused(what, op, "DENIED")
	}
	s.must(near, fire, map[string]any{"case": id, "event": "submit"}) // a colleague may
}

// What is taken from somebody is gone with his next request: his token says who he is, not what he may.
func TestARoleThatIsTakenAwayIsGoneAtOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	token := s.app.Token(near)
	ask := func() reply { return s.send(token, strings.NewReader(`{"query": "{people {totalCount}}"}`)) }
	if got := dig(ask().Data, "people", "totalCount"); got != json.Number("2") {
		t.Fatalf("before: %v", got)
	}
	s.staff(near, "farOffice", "sovetsky", "specialist")
	if got := dig(ask().Data, "people", "totalCount"); got != json.Number("2") {
		t.Errorf("moved to the far office: %v", got)
	}
	s.refused("what she read before", func() reply {
		return s.ask(near, `query($id: ID!) {person(id: $id) {id}}`, map[string]any{"id": s.ids["kolya"]})
	}, "NOT_FOUND")
	s.staff(near, "nearOffice", "uray")
	if got := dig(ask().Data, "people", "totalCount"); got != json.Number("0") {
		t.Errorf("without a role: %v", got)
	}
	s.refused("a role that no package has", func() reply {
		return s.ask(admin, `mutation($i: ActorInput!) {createActor(input: $i) {id}}`, map[string]any{"i": map[string]any{"id": "x", "kind": "staff", "name": "x", "roles": []any{"emperor"}}})
	}, "INVALID", "roles definition")
	s.refused("an office that is none", func() reply {
		return s.ask(admin, `mutation($i: ActorInput!) {createActor(input: $i) {id}}`, map[string]any{"i": map[string]any{"id": "x", "kind": "staff", "name": "x", "office": nowhere}})
	}, "INVALID", "office link")
	s.refused("an actor called system", func() reply {
		return s.ask(admin, `mutation($i: ActorInput!) {createActor(input: $i) {id}}`, map[string]any{"i": map[string]any{"id": "system", "kind": "staff", "name": "x"}})
	}, "INVALID", "id pattern")
	s.refused("an exchange by hand", func() reply {
		return s.ask(admin, `mutation($i: ActorInput!) {createActor(input: $i) {id}}`, map[string]any{"i": map[string]any{"id": "exchange:PensionCheck", "kind": "system", "name": "x"}})
	}, "INVALID", "id pattern")
}

// Who has no token, or one that is not ours, gets nothing at all.
func TestWithoutAToken(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, typ := range []string{"Person", "SurvivorBenefitApplication", "Office", "Ticket"} {
		input := map[string]any{"Person": map[string]any{"lastName": "Н", "firstName": "Н", "birthDate": "1990-01-01", "territory": "uray"},
			"SurvivorBenefitApplication": s.application(), "Ticket": map[string]any{"office": s.ids["nearOffice"], "service": "benefits"},
			"Office": map[string]any{"code": "x", "title": "x", "territory": "uray"}}[typ].(map[string]any)
		before := s.census()
		r := s.ask(nobody, createOf(typ), map[string]any{"input": input})
		if c := r.code(); c != "DENIED" && c != "INVALID" {
			t.Errorf("nobody made a %s: %+v", typ, r)
		}
		if d := cmp.Diff(before, s.census()); d != "" {
			t.Errorf("nobody wrote a %s:\n%s", typ, d)
		}
	}
	for what, q := range map[string]string{
		"accrue":      `mutation {accrue(until: "2019-08-31")}`,
		"pay":         `mutation {runPayments(from: "2019-01-01", to: "2019-12-31", date: "2019-12-31") {id}}`,
		"clock":       `mutation {setClock(by: "1 day")}`,
		"counter":     `mutation {setCounter(series: "x", next: 1)}`,
		"parameter":   `mutation {setParameter(name: "SurvivorBenefitAmount", from: "2020-01-01", value: "99999.00") {id}}`,
		"actor":       `mutation {createActor(input: {id: "me", kind: "staff", name: "Я", roles: ["administrator"]}) {id}}`,
		"jobs":        `{pendingJobs}`,
		"take a call": `mutation {takeNextCall(window: "` + nowhere + `") {id}}`,
	} {
		for _, who := range []string{nobody, boris, far} {
			s.refused(who+": "+what, func() reply { return s.ask(who, q, nil) }, "DENIED")
		}
	}
}
