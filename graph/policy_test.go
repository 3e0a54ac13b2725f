package graph

import (
	"regexp"
	"strings"
	"testing"

	"mera/kernel"
	"mera/kernel/store"
	"mera/schema"
	"mera/schema/filter"
)

// near is a policy by district: the rows of one territory.
func near(code string) *filter.Tree {
	return attribute("territory", schema.Item, filter.In, []any{code})
}

func TestHiddenRowsAreNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.gate.rows = map[string]*filter.Tree{"Person": near("surgut"), "Award": filter.Nothing(),
		"BenefitApplication": filter.Negate(attribute("final", schema.Boolean, filter.Eq, true))}
	for name, q := range map[string]struct{ query, want string }{
		"lists and counts":       {`{people {totalCount nodes {lastName}}}`, `{"people":{"totalCount":1,"nodes":[{"lastName":"Ёлкина"}]}}`},
		"links":                  {`{pension(id: "` + pension3 + `") {amount person {lastName} card {id}}}`, `{"pension":{"amount":"10000.00","person":null,"card":null}}`},
		"links of links":         {`{benefitApplication(id: "` + case1 + `") {child {id} people {id} applicant {firstName pensions {totalCount}}}}`, `{"benefitApplication":{"child":null,"people":[],"applicant":{"firstName":"Анна","pensions":{"totalCount":2}}}}`},
		"filters through links":  {`{pensions(where: {person: {lastName: {exists: true}}}) {totalCount} a: pensions(where: {not: {person: {lastName: {startsWith: "П"}}}}) {totalCount}}`, `{"pensions":{"totalCount":2},"a":{"totalCount":4}}`},
		"unions":                 {`{cases {totalCount nodes {id}} card(id: "` + kolya + `") {totalCount}}`, `{"cases":{"totalCount":2,"nodes":[{"id":"` + case1 + `"},{"id":"` + ask1 + `"}]},"card":{"totalCount":2}}`},
		"rows of the kernel":     {`{benefitApplication(id: "` + case1 + `") {awards {id} decision {result beneficiary {id} award {id}}} awards {totalCount}}`, `{"benefitApplication":{"awards":[],"decision":{"result":"granted","beneficiary":null,"award":null}},"awards":{"totalCount":0}}`},
		"lists of packages":      {`{pensionsOfTerritory(territory: "ugra", day: "2019-07-10") {totalCount nodes {person}}}`, `{"pensionsOfTerritory":{"totalCount":2,"nodes":[{"person":"Ёлкина"},{"person":"Ёлкина"}]}}`},
		"groups":                 {`{pensionsByKind {person {firstName} count}}`, `{"pensionsByKind":[{"person":{"firstName":"Анна"},"count":1},{"person":null,"count":1},{"person":{"firstName":"Анна"},"count":1},{"person":null,"count":1}]}`},
		"a public list":          {`{board(child: "` + kolya + `") {nodes {number name child people}}}`, `{"board":{"nodes":[{"number":"1-П","name":"Николай","child":"` + kolya + `","people":["` + boris + `","` + kolya + `"]}]}}`},
		"facts of the past":      {`{people(knownAt: "2019-07-16T12:00:00Z") {totalCount}}`, `{"people":{"totalCount":1}}`},
		"orders over many kinds": {`{cases(orderBy: [{due: DESC}, {id: ASC}]) {nodes {id}}}`, `{"cases":{"nodes":[{"id":"` + ask1 + `"},{"id":"` + case1 + `"}]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := *w
			w.t = t
			if got := w.data(q.query, nil); got != q.want {
				t.Errorf("\n got %s\nwant %s", got, q.want)
			}
		})
	}
}

func TestAHiddenRecordAndAMissingOneAreTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.gate.rows = map[string]*filter.Tree{"Person": near("surgut")}
	for _, q := range []string{`{x: person(id: "ID") {id}}`, `{x: node(id: "ID") {id __typename}}`} {
		hidden := w.ask(strings.ReplaceAll(q, "ID", kolya), nil)
		missing := w.ask(strings.ReplaceAll(q, "ID", uid(777)), nil)
		odd := w.ask(strings.ReplaceAll(q, "ID", "' or true --"), nil)
		for _, a := range []answer{hidden, missing, odd} {
			if string(a.Data) != `{"x":null}` || a.code() != kernel.NotFound || a.Errors[0].Message != "Запись не найдена" || a.Errors[0].Path[0] != "x" {
				t.Errorf("%s: %s %+v", q, a.Data, a.Errors)
			}
		}
	}
}

func TestAHiddenLabelIsNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, q := range map[string]struct{ query, hidden, shown string }{
		"values":            {`{person(id: "` + anna + `") {diagnosis payout {account}}}`, `{"person":{"diagnosis":null,"payout":{"account":null}}}`, `{"person":{"diagnosis":"тайна","payout":{"account":null}}}`},
		"eq":                {`{people(where: {diagnosis: {eq: "тайна"}}) {totalCount}}`, "DENIED diagnosis", `{"people":{"totalCount":1}}`},
		"startsWith":        {`{people(where: {diagnosis: {startsWith: "т"}}) {totalCount}}`, "DENIED diagnosis", `{"people":{"totalCount":1}}`},
		"exists":            {`{people(where: {diagnosis: {exists: true}}) {totalCount}}`, "DENIED diagnosis", `{"people":{"totalCount":1}}`},
		"ne":                {`{people(where: {diagnosis: {ne: "тайна"}}) {totalCount}}`, "DENIED diagnosis", `{"people":{"totalCount":2}}`},
		"not":               {`{people(where: {not: {diagnosis: {eq: "тайна"}}}) {totalCount}}`, "DENIED diagnosis", `{"people":{"totalCount":2}}`},
		"through a link":    {`{pensions(where: {person: {diagnosis: {eq: "тайна"}}}) {totalCount}}`, "DENIED person.diagnosis", `{"pensions":{"totalCount":2}}`},
		"order":             {`{people(orderBy: [{diagnosis: ASC}, {birthDate: ASC}]) {nodes {id}}}`, "DENIED diagnosis", `{"people":{"nodes":[{"id":"` + anna + `"},{"id":"` + boris + `"},{"id":"` + kolya + `"}]}}`},
		"old versions":      {`{person(id: "` + anna + `") {history {data}}}`, `"diagnosis"`, ""},
		"inside of unions":  {`{node(id: "` + case1 + `") {... on BenefitApplication {cause}}}`, `{"node":{"cause":null}}`, `{"node":{"cause":"тайна"}}`},
		"versions of cases": {`{cases {nodes {history {data}}}}`, `"cause"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := *w
			w.t = t
			hidden := w.refusal(q.query)
			w.gate.labels = map[string]*filter.Tree{"Person.health": near("surgut"), "BenefitApplication.health": filter.Everything()}
			shown := w.data(q.query, nil)
			w.gate.labels = nil
			if q.shown == "" {
				if strings.Contains(hidden, q.hidden) || !strings.Contains(shown, q.hidden) {
					t.Errorf("\nhidden %s\n shown %s", hidden, shown)
				}
				return
			}
			if hidden != q.hidden || shown != q.shown {
				t.Errorf("\nhidden %s\n shown %s", hidden, shown)
			}
		})
	}
}

// refusal is the answer of a query, or the code and the fields of its refusal.
func (w *world) refusal(q string) string {
	w.t.Helper()
	a := w.ask(q, nil)
	if len(a.Errors) == 0 {
		return compact(w.t, a.Data)
	}
	out := string(a.Errors[0].Extensions.Code)
	for _, f := range a.Errors[0].Extensions.Fields {
		out += " " + f.Path
	}
	return out
}

func TestTheJournalShowsNoLabelledValue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	err := w.db.Write(t.Context(), func(tx *store.Tx) error {
		return tx.Append(t.Context(), kernel.Event{ID: uid(8001), At: noon, Actor: "ivanova", Kind: kernel.Staff, Action: "update", Type: "Person",
			Record: anna, Root: anna, Version: 2, Before: []byte(`{"lastName":"Ёлкина"}`), After: []byte(`{"lastName":"Ёлкина","diagnosis":"тайна","payout":{"account":"1"}}`)})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.gate.labels = map[string]*filter.Tree{"Person.health": filter.Everything()}
	got := w.data(`{events(where: {record: {eq: "`+anna+`"}}) {nodes {actor action version before after}}}`, nil)
	want := `{"events":{"nodes":[{"actor":"ivanova","action":"update","version":2,"before":{"lastName":"Ёлкина"},"after":{"lastName":"Ёлкина"}}]}}`
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// Every place where a type is read or filtered by has its policy in the one statement.
func TestThePolicyIsPartOfTheStatement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.gate.rows = map[string]*filter.Tree{"Person": near("surgut")}
	w.data(`{people(where: {snils: {exists: true}}) {totalCount nodes {pensions(where: {person: {firstName: {eq: "x"}}}) {nodes {person {id}}}}}
		cases(where: {applicant: {lastName: {eq: "x"}}}) {nodes {applicant {id}}} a: node(id: "`+anna+`") {id}}`, nil)
	st := w.db.take()
	if len(st) != 1 {
		t.Fatalf("%d statements", len(st))
	}
	reads := regexp.MustCompile(`(t\d+)\.type = 'Person'`).FindAllStringSubmatch(st[0].Text, -1)
	if len(reads) < 7 {
		t.Errorf("only %d reads of people", len(reads))
	}
	for _, r := range reads {
		if !strings.Contains(st[0].Text, r[1]+".territory = any(") {
			t.Errorf("%s is read without the policy in\n%s", r[1], st[0].Text)
		}
	}
}

func TestATypeWithoutAPolicyHasNoRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := store.Selection{Catalog: w.cat, Roots: []*store.Set{{Alias: "x", Shape: store.List, Entity: "Person", Fields: []*store.Field{{Alias: "id", Name: "id"}}}}}
	raw, err := w.db.Select(t.Context(), s)
	if err != nil || compact(t, raw) != `{"x":[]}` {
		t.Errorf("%s %v", raw, err)
	}
}

func TestWhoMayNotAskForAList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := `{"query": "{pensionsOfTerritory(territory: \"ugra\", day: \"2019-07-10\") {totalCount}}"}`
	if a := w.post("anna", q); a.code() != kernel.Denied {
		t.Errorf("a citizen: %+v", a)
	}
	if a := w.post("", q); a.code() != kernel.Denied {
		t.Errorf("nobody: %+v", a)
	}
	if a := w.ask(`{board(child: "`+kolya+`") {nodes {child {snils}}}}`, nil); a.code() != kernel.Invalid {
		t.Errorf("a public list leads to a record: %+v", a)
	}
	if a := w.post("", `{"query": "{board(child: \"`+kolya+`\") {nodes {name}}}"}`); a.code() != "" {
		t.Errorf("a public list: %+v", a)
	}
}
