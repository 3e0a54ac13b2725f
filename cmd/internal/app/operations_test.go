package app_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/cmd/internal/app"
)

// operations are ways in which front ends read, by what is special in each.
var operations = map[string]string{
	"by id":                    `query($id: ID!) {survivorBenefitApplication(id: $id) {number state}}`,
	"a card":                   card,
	"node of any type":         `query($id: ID!) {node(id: $id) {id __typename ... on SurvivorBenefitApplication {number}}}`,
	"all on a card":            `query($kolya: ID!) {card(id: $kolya) {nodes {id __typename ... on Pension {from type {title}} ... on Registration {region}} totalCount}}`,
	"types of a card":          `query($kolya: ID!) {card(id: $kolya, types: ["Pension"]) {edges {cursor node {title}}}}`,
	"cases of any type":        `{cases(first: 5) {nodes {id state tasks {title} decisions {result} ... on SurvivorBenefitApplication {child {fullName}}}}}`,
	"a page":                   `{people(first: 2) {nodes {fullName} pageInfo {hasNextPage endCursor}}}`,
	"a page backwards":         `{people(last: 2) {edges {cursor node {fullName}} pageInfo {hasPreviousPage startCursor}}}`,
	"a total alone":            `{people {totalCount}}`,
	"a filter":                 `query($name: String!) {people(where: {lastName: {startsWith: $name}}) {nodes {fullName birthDate}}}`,
	"a filter as one variable": `query($where: PersonWhere) {people(where: $where, first: 5) {nodes {fullName} totalCount}}`,
	"and, or, not":             `{people(where: {or: [{lastName: {eq: "Северова"}}, {not: {birthDate: {lt: "1990-01-01"}}}], and: [{territory: {eq: "uray"}}]}) {nodes {fullName}}}`,
	"a filter over links":      `{pensions(where: {person: {lastName: {eq: "Северов"}, territory: {under: ["ugra"]}}}) {nodes {from}}}`,
	"a filter of a list below": `query($kolya: ID!) {person(id: $kolya) {pensions(where: {from: {gte: "2010-01-01"}}, orderBy: [{from: DESC}], first: 1) {nodes {from}}}}`,
	"an order":                 `{people(orderBy: [{birthDate: DESC}, {lastName: ASC}], first: 3) {nodes {fullName}}}`,
	"an order over links":      `{pensions(orderBy: [{person: {lastName: ASC}}, {from: DESC}]) {nodes {person {lastName} from}}}`,
	"links back":               `query($anna: ID!) {person(id: $anna) {cases {number} awards {amount accruals {from amount payment {list {number}}}} survivorApplications {nodes {number}}}}`,
	"links to and fro":         `query($kolya: ID!) {person(id: $kolya) {pensions {nodes {person {pensions {nodes {person {fullName}}}}}}}}`,
	"facts of a day":           `query($kolya: ID!) {person(id: $kolya, asOf: "2019-07-16") {pensions {nodes {from to}} registrations {nodes {region}}}}`,
	"what was known":           `query($kolya: ID!) {person(id: $kolya, knownAt: "2099-01-01T00:00:00Z") {fullName pensions {nodes {from}}}}`,
	"history":                  `query($kolya: ID!) {person(id: $kolya) {history {version by data} attachments {name} keys {system value}}}`,
	"aggregates":               `{pensionsAggregate {groups(by: [type]) {key {type {title}} count sum {amount} avg {amount} min {from} max {from}}}}`,
	"aggregates of a part":     `{survivorBenefitApplicationsAggregate(where: {date: {gte: "2000-01-01"}}) {byState: groups(by: [state]) {key {state} count} byYear: groups(by: [dateYear]) {key {dateYear} count}}}`,
	"aggregates of the kernel": `{awardsAggregate {groups(by: [status]) {key {status} count sum {amount}}} accrualsAggregate {groups {sum {amount}}}}`,
	"a list of a package":      `{applicationsByState(territory: "ugra") {state applications}}`,
	"tasks":                    `{tasks(where: {status: {eq: "open"}}, orderBy: [{due: ASC}]) {nodes {title case {id state}}}}`,
	"money":                    `{awards {nodes {amount debt owed schedule {from amount} accruals {amount due} payments {amount list {number}} beneficiary {fullName}}}}`,
	"papers":                   `{decisions {nodes {result reasons {text law {act article}}}} prints {nodes {form title}} requests {nodes {name status}}}`,
	"installed packages":       `{packages {nodes {name version status}} release: releases {nodes {digest}}}`,
	"classifiers":              `{classifiers(where: {classifier: {eq: "Territory"}}, first: 3) {nodes {code title}} parameters(first: 2) {nodes {name value}}}`,
	"fragments":                `query($kolya: ID!) {person(id: $kolya) {...Name ...Papers}} fragment Name on Person {fullName ...Born} fragment Born on Person {birthDate} fragment Papers on Person {pensions {nodes {...Paper}} registrations {nodes {...Paper}}} fragment Paper on Record {id version title}`,
	"aliases":                  `query($kolya: ID!, $anna: ID!) {child: person(id: $kolya) {name: fullName again: fullName} mother: person(id: $anna) {name: fullName} all: people {n: totalCount}}`,
	"left out":                 `query($yes: Boolean!, $no: Boolean!) {people(first: 2) {nodes {fullName @include(if: $yes) birthDate @include(if: $no) snils @skip(if: $yes)} totalCount @skip(if: $no)}}`,
	"many fields":              manyFields(),
	"many roots":               `{people {totalCount} pensions {totalCount} cases {totalCount} tasks {totalCount} awards {totalCount} offices {nodes {title territory {title}}} __typename}`,
	"a search":                 `{search(text: "северова", first: 5) {nodes {id title __typename} totalCount}}`,
}

// manyFields is more than an object of PostgreSQL's takes at once.
func manyFields() string {
	q := `{people(first: 2) {nodes {`
	for i := range 30 {
		for _, f := range []string{"fullName", "birthDate"} {
			q += f + string(rune('a'+i%26)) + string(rune('a'+i/26)) + ": " + f + " "
		}
	}
	return q + `}}}`
}

// Whatever a front end asks for is one statement: the first time, when its plan is made, and later, when it is known -
// to the same answer. Who asks costs none once he is known.
func TestEveryOperationIsOneStatement(t *testing.T) {
	t.Parallel()
	var w *wire
	s := setup(t, func(c *app.Config) { w, c.Database = tap(t, c.Database) })
	vars := map[string]any{"id": s.decided(), "kolya": s.ids["kolya"], "anna": s.ids[anna], "name": "Сев",
		"where": map[string]any{"lastName": map[string]any{"startsWith": "Л"}}, "yes": true, "no": false}
	s.known(w, near)
	if len(operations) < 30 {
		t.Fatalf("%d operations", len(operations))
	}
	for what, q := range operations {
		var first map[string]any
		for n := range 3 {
			var r reply
			sent := w.of(func() { r = s.ask(near, q, vars) })
			if len(r.Errors) > 0 {
				t.Errorf("%s: %+v", what, r.Errors)
				break
			}
			if len(sent) != 1 {
				t.Errorf("%s, for the %d. time: %d statements:\n%s", what, n+1, len(sent), show(sent))
			}
			if n == 0 {
				first = r.Data
			} else if diff := cmp.Diff(first, r.Data); diff != "" {
				t.Errorf("%s, for the %d. time: %s", what, n+1, diff)
			}
		}
	}
}
