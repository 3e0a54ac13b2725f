package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/cmd/internal/app"
)

// card is what an official's screen of an application asks for.
const card = `query($id: ID!) {survivorBenefitApplication(id: $id) {
	number date state due title version
	applicant {fullName snils territory {code title} representatives {id}
		pensions(orderBy: [{from: DESC}]) {nodes {type {code title} from to amount person {fullName registrations {nodes {region from person {shortName}}}}}}}
	child {fullName birthDate
		pensions {totalCount nodes {type {title} from history {version data}}}
		registrations {nodes {region territory {title parent {title}}}}
		survivorApplications {nodes {number state applicant {fullName cases {number state}}}}}
	requests {name status asked answer}
	decisions {result number reasons {text law {act article}} award {amount accruals {from to amount payment {list {number}}}}}
	tasks {title role due status}
	prints {form title sha256}
	office {title territory {title}}
	history {version}
	attachments {name size}}}`

// One operation is one statement beside the one that finds out who asks, however much it asks for; and the policy is
// inside that statement, not after it.
func TestOneOperationIsOneStatement(t *testing.T) {
	t.Parallel()
	var w *wire
	s := setup(t, func(c *app.Config) { w, c.Database = tap(t, c.Database) })
	id := s.decided()
	for range 12 {
		s.create(near, "Person", map[string]any{"lastName": "Первый", "firstName": "Имя", "birthDate": "1990-01-01", "territory": "uray"})
	}
	w.quiet(s)
	for what, q := range map[string]string{
		"a card":         card,
		"lists in lists": `query {people(first: 10) {totalCount nodes {fullName pensions {nodes {person {fullName registrations {nodes {region}}}}} awards {amount accruals {amount}} cases {number tasks {title}}}}}`,
		"many roots":     `query {people {totalCount} pensions {totalCount} cases {nodes {number state}} tasks {nodes {title case {id}}} awards {nodes {amount}} applicationsByState(territory: "ugra") {state applications} packages {nodes {name}}}`,
		"a single field": `query($id: ID!) {case(id: $id) {state}}`,
	} {
		texts := map[string]string{}
		for who, territory := range map[string]string{near: "uray", far: "sovetsky"} {
			var r reply
			sent := w.of(func() { r = s.ask(who, q, map[string]any{"id": id}) })
			if c := r.code(); c != "" && !(who == far && c == "NOT_FOUND") {
				t.Fatalf("%s for %s: %+v", what, who, r.Errors)
			}
			if len(sent) == 2 && strings.Contains(sent[0].Text, "from actor") {
				sent = sent[1:] // he was not known yet
			}
			if len(sent) != 1 {
				t.Errorf("%s for %s took %d statements:\n%s", what, who, len(sent), show(sent))
				continue
			}
			all := sent[0]
			texts[who] = all.Text
			if !strings.Contains(all.Text, "territory") || !slices.ContainsFunc(all.Args, func(a string) bool { return strings.Contains(a, territory) }) {
				t.Errorf("%s for %s: the policy is not in the statement:\n%s", what, who, show(sent))
			}
			if strings.Contains(all.Text, territory) {
				t.Errorf("%s for %s: the territory stands in the text, not among the arguments", what, who)
			}
		}
		if texts[near] != texts[far] {
			t.Errorf("%s: two clerks of one class have two statements, so no plan serves both", what)
		}
	}
}

// Computed roots cost none at all.
func TestWhatIsNotInTheDatabaseCostsNoStatement(t *testing.T) {
	t.Parallel()
	var w *wire
	s := start(t, func(c *app.Config) { w, c.Database = tap(t, c.Database) })
	w.quiet(s)
	sent := w.of(func() { s.must(admin, `{me {id roles} now __schema {queryType {name}} __typename}`, nil) })
	if len(sent) > 1 || len(sent) == 1 && !strings.Contains(sent[0].Text, "from actor") {
		t.Errorf("%d statements:\n%s", len(sent), show(sent))
	}
}

// A request that is refused by its shape costs none beside who asks.
func TestARefusedRequestReachesNoTable(t *testing.T) {
	t.Parallel()
	var w *wire
	s := start(t, func(c *app.Config) { w, c.Database = tap(t, c.Database) })
	w.quiet(s)
	for what, q := range map[string]string{
		"page": `{people(first: 100000) {nodes {id}}}`, "filter": `{people(where: {birthDate: {eq: "2019-02-30"}}) {totalCount}}`, "cursor": `{people(after: "x") {nodes {id}}}`,
		"field": `{people {nodes {nothing}}}`, "cost": `{people(first: 200) {nodes {pensions(first: 200) {nodes {person {pensions(first: 200) {nodes {id}}}}}}}}`,
	} {
		var r reply
		if sent := w.of(func() { r = s.ask(admin, q, nil) }); len(sent) > 1 || r.code() == "" {
			t.Errorf("%s: %q, %d statements:\n%s", what, r.code(), len(sent), show(sent))
		}
	}
}

func show(list []statement) string {
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "- %.1500s\n  %.300q\n", s.Text, s.Args)
	}
	return b.String()
}

// Pages stay in step while rows are added before and after the place: nothing twice, nothing left out, forwards and back.
func TestPagesAreStableWhileRowsAreAdded(t *testing.T) {
	t.Parallel()
	s := setup(t)
	var want []string
	for i := range 20 {
		name := fmt.Sprintf("Стр%02d", i*5)
		s.create(near, "Person", map[string]any{"lastName": name, "firstName": "Имя", "birthDate": "1990-01-01", "territory": "uray"})
		want = append(want, name)
	}
	for _, c := range []struct{ order, size, after, cursor, more string }{
		{"ASC", "first", "after", "endCursor", "hasNextPage"}, {"DESC", "first", "after", "endCursor", "hasNextPage"},
		{"ASC", "last", "before", "startCursor", "hasPreviousPage"}, {"DESC", "last", "before", "startCursor", "hasPreviousPage"},
	} {
		q := fmt.Sprintf(`query($c: String) {people(where: {lastName: {startsWith: "Стр"}}, orderBy: [{lastName: %s}], %s: 3, %s: $c) {
			nodes {lastName} pageInfo {endCursor startCursor hasNextPage hasPreviousPage}}}`, c.order, c.size, c.after)
		var got []string
		var cursor any
		for page := range 60 {
			data := dig(s.must(near, q, map[string]any{"c": cursor}), "people")
			var names []string
			for _, n := range dig(data, "nodes").([]any) {
				names = append(names, dig(n, "lastName").(string))
			}
			if c.size == "last" {
				slices.Reverse(names)
			}
			got = append(got, names...)
			if dig(data, "pageInfo", c.more) != true {
				break
			}
			cursor = dig(data, "pageInfo", c.cursor)
			for _, at := range []int{page % 100, 99 - page%100} { // one somewhere behind, one somewhere ahead
				name := fmt.Sprintf("Стр%02d+%s%s", at, c.order, c.size)
				s.create(near, "Person", map[string]any{"lastName": name, "firstName": "Имя", "birthDate": "1990-01-01", "territory": "uray"})
			}
		}
		seen := map[string]int{}
		for _, name := range got {
			if seen[name]++; seen[name] > 1 {
				t.Errorf("%v: %s came twice", c, name)
			}
		}
		old := slices.DeleteFunc(slices.Clone(got), func(name string) bool { return strings.Contains(name, "+") })
		right := slices.Clone(want)
		if (c.order == "DESC") != (c.size == "last") {
			slices.Reverse(right)
		}
		if d := cmp.Diff(right, old); d != "" {
			t.Errorf("%v (-want +got):\n%s", c, d)
		}
	}
}
