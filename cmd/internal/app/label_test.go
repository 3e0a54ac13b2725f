package app_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/cmd/internal/app"
)

// secret stands in a labelled property; whoever may not see the label must never get it, by any way.
const secret = "ТАЙНА-7f3a"

// notes is a stage with a package that has a labelled property to filter and order by: a doctor may see it, a clerk not.
func notes(t *testing.T) (s *stage, hidden string) {
	t.Helper()
	s = setup(t, func(c *app.Config) { c.Catalog = []string{"testdata/packages"} })
	if s.faults.Faulty() {
		t.Fatal(s.faults.Render(func(string) []byte { return nil }))
	}
	s.staff("doctor", "nearOffice", "uray", "specialist", "doctor")
	for i, text := range []string{"б", "а", "в"} {
		s.create("doctor", "UrayNote", map[string]any{"person": s.ids["kolya"], "text": text, "secret": fmt.Sprint(secret, i), "rank": 3 - i})
	}
	return s, s.create(near, "UrayNote", map[string]any{"person": s.ids["kolya"], "text": "открытая"})
}

// The doctor sees what is labelled, finds and orders by it: the same questions that the clerk asks in vain have answers.
func TestALabelledPropertyIsThereForWhoMaySeeIt(t *testing.T) {
	t.Parallel()
	s, _ := notes(t)
	data := s.must("doctor", `query($x: String!) {
		all: urayNotes(orderBy: [{rank: ASC}]) {nodes {text secret rank}}
		found: urayNotes(where: {secret: {eq: $x}}) {nodes {text}}}`, map[string]any{"x": secret + "1"})
	var order []string
	for _, n := range dig(data, "all", "nodes").([]any) {
		order = append(order, fmt.Sprint(dig(n, "text"), dig(n, "secret") != nil))
	}
	if got := strings.Join(order, " "); got != "вtrue аtrue бtrue открытаяfalse" {
		t.Errorf("the doctor's order is %s", got)
	}
	if got := fmt.Sprint(dig(data, "found", "nodes")); got != "[map[text:а]]" {
		t.Errorf("the doctor finds %s", got)
	}
}

// The clerk gets nothing of it: not by reading, filtering, ordering, paging, searching, in lists, history, forms or events.
func TestALabelledPropertyNeverLeaks(t *testing.T) {
	t.Parallel()
	s, _ := notes(t)
	first := dig(s.must("doctor", `query($x: String!) {urayNotes(where: {secret: {eq: $x}}) {nodes {id}}}`, map[string]any{"x": secret + "0"}), "urayNotes", "nodes", 0, "id")
	for what, q := range map[string]string{
		"one":       `query($id: ID!) {urayNote(id: $id) {id text secret rank title}}`,
		"all":       `{urayNotes {nodes {text secret rank title}}}`,
		"edges":     `{urayNotes {edges {cursor node {secret}}}}`,
		"node":      `query($id: ID!) {node(id: $id) {... on UrayNote {secret rank}}}`,
		"card":      `query($id: ID!) {card(id: $id) {nodes {title ... on UrayNote {secret}}}}`,
		"of person": `{people {nodes {urayNotes {nodes {secret rank}}}}}`,
		"history":   `{urayNotes {nodes {history {version data}}}}`,
		"list":      `{urayNotesList {nodes {text secret record {secret}}}}`,
		"ago":       `{urayNotes(knownAt: "2019-07-16T09:00:00Z") {nodes {secret}}}`,
		"form":      `query($id: ID!) {form(type: "UrayNote", id: $id)}`,
		"events":    `{events {nodes {before after note}}}`,
		"changed":   `mutation($id: ID!) {updateUrayNote(id: $id, version: 1, patch: {text: "новая"}) {secret rank}}`,
	} {
		r := s.ask(near, q, map[string]any{"id": first})
		if strings.Contains(fmt.Sprintf("%+v", r), secret) {
			t.Errorf("%s: the secret shows: %+v", what, r)
		}
		for _, e := range r.Errors {
			if e.Extensions.Code == "INTERNAL" {
				t.Errorf("%s: %+v", what, e)
			}
		}
	}
	// As an oracle: right and wrong guesses look the same.
	for _, guess := range []string{
		`where: {secret: {eq: $x}}`, `where: {secret: {startsWith: $x}}`, `where: {secret: {contains: $x}}`, `where: {secret: {in: [$x]}}`,
		`where: {not: {secret: {eq: $x}}}`, `where: {or: [{secret: {eq: $x}}, {text: {eq: "нет"}}]}`, `where: {secret: {ne: $x}}`, `where: {rank: {gte: 2}}`, `where: {rank: {lt: 2}}`,
	} {
		q := `query($x: String!) {urayNotes(` + guess + `) {totalCount nodes {id}} x: people(where: {lastName: {eq: $x}}) {totalCount}}`
		right, wrong := s.ask(near, q, map[string]any{"x": secret + "0"}), s.ask(near, q, map[string]any{"x": "мимо"})
		if d := cmp.Diff(masked(wrong), masked(right)); d != "" {
			t.Errorf("%s tells a right guess from a wrong one:\n%s", guess, d)
		}
	}
	for _, filter := range []string{`where: {rank: {gte: 2}}`, `where: {rank: {lt: 2}}`, `where: {secret: {exists: true}}`} {
		if r := s.ask(near, `{urayNotes(`+filter+`) {totalCount}}`, nil); r.code() == "" && dig(r.Data, "urayNotes", "totalCount") != json.Number("0") {
			t.Errorf("%s tells how many rows have what: %v", filter, r.Data)
		}
	}
	byID := dig(s.must(near, `{urayNotes {nodes {id}}}`, nil), "urayNotes", "nodes").([]any)
	for _, order := range []string{`orderBy: [{secret: ASC}]`, `orderBy: [{secret: DESC}]`, `orderBy: [{rank: ASC}]`, `orderBy: [{rank: DESC}]`} {
		got, _ := dig(s.ask(near, `{urayNotes(`+order+`) {nodes {id}}}`, nil).Data, "urayNotes", "nodes").([]any)
		want := slices.Clone(byID)
		if strings.Contains(order, "DESC") {
			slices.Reverse(want)
		}
		if got != nil && cmp.Diff(want, got) != "" {
			t.Errorf("%s tells the order of what is hidden", order)
		}
		if r := s.ask(near, `{urayNotes(`+order+`, first: 1) {pageInfo {endCursor}}}`, nil); strings.Contains(fmt.Sprint(decoded(r)), secret) {
			t.Errorf("%s: the cursor holds the secret: %v", order, r.Data)
		}
	}
}

// decoded is the end cursor of a page of notes, as text.
func decoded(r reply) string {
	cursor, _ := dig(r.Data, "urayNotes", "pageInfo", "endCursor").(string)
	return base64Text(cursor)
}

// Nobody writes a labelled property without the right to it; nothing else of his request is written either.
func TestALabelledPropertyIsNotWrittenByOthers(t *testing.T) {
	t.Parallel()
	s, open := notes(t)
	note := func(over map[string]any) map[string]any {
		return map[string]any{"input": with(map[string]any{"person": s.ids["kolya"], "text": "ещё"}, over)}
	}
	s.refused("create with it", func() reply { return s.ask(near, createOf("UrayNote"), note(map[string]any{"secret": "моё"})) }, "DENIED", "secret denied")
	s.refused("create with the other", func() reply { return s.ask(near, createOf("UrayNote"), note(map[string]any{"rank": 1})) }, "DENIED", "rank denied")
	change := func(id any, patch map[string]any) func() reply {
		return func() reply {
			return s.ask(near, updateOf("UrayNote"), map[string]any{"id": id, "version": 1, "patch": patch})
		}
	}
	s.refused("write it", change(open, map[string]any{"secret": "моё", "text": "новый"}), "DENIED", "secret denied")
	hidden := dig(s.must("doctor", `query($x: String!) {urayNotes(where: {secret: {eq: $x}}) {nodes {id}}}`, map[string]any{"x": secret + "0"}), "urayNotes", "nodes", 0, "id")
	s.refused("take it away", change(hidden, map[string]any{"secret": nil}), "DENIED", "secret denied")
	// Guessing by writing: the same value is refused as any other.
	s.refused("write what it is", change(hidden, map[string]any{"secret": secret + "0"}), "DENIED", "secret denied")
	s.must(near, updateOf("UrayNote"), map[string]any{"id": hidden, "version": 1, "patch": map[string]any{"text": "новый"}})
	if got := dig(s.must("doctor", `query($id: ID!) {urayNote(id: $id) {text secret}}`, map[string]any{"id": hidden}), "urayNote"); fmt.Sprint(got) != "map[secret:"+secret+"0 text:новый]" {
		t.Errorf("after a clerk's change: %v", got)
	}
	// Health of the core packages: a citizen reads his own, nobody writes another's.
	s.refused("a citizen's diagnosis by a citizen", func() reply {
		return s.ask(anna, createOf("Disability"), map[string]any{"input": map[string]any{"person": s.ids[anna], "group": "first", "from": "2019-01-01", "diagnosis": "x"}})
	}, "DENIED") // he may make none at all, which tells nothing of its fields
}
