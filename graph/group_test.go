package graph

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
	"mera/schema/filter"
)

// TestGroups counts and sums documents and rows of the kernel's, one statement each.
func TestGroups(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct{ query, want string }{
		"all": {`{pensionsAggregate {groups {count sum {amount} max {from}}}}`,
			`{"data":{"pensionsAggregate":{"groups":[{"count":4,"max":{"from":"2019-07-01"},"sum":{"amount":"11925.50"}}]}}}`},
		"by": {`{pensionsAggregate {__typename groups(by: [type]) {key {type {code title} from} count avg {amount}}}}`,
			`{"data":{"pensionsAggregate":{"__typename":"PensionAggregate","groups":[{"avg":{"amount":"1826.00"},"count":1,"key":{"from":null,"type":{"code":"age","title":"По старости"}}},{"avg":{"amount":null},"count":1,"key":{"from":null,"type":{"code":"gone","title":"gone"}}},{"avg":{"amount":"5049.75"},"count":2,"key":{"from":null,"type":{"code":"survivor","title":"По потере кормильца"}}}]}}}`},
		"part": {`{pensionsAggregate(where: {from: {gte: "2000-01-01"}}) {y: groups(by: [fromYear]) {key {fromYear} n: count} t: groups(by: [type, fromYear]) {key {type {title} year: fromYear}}}}`,
			`{"data":{"pensionsAggregate":{"t":[{"key":{"type":{"title":"По старости"},"year":"2019"}},{"key":{"type":{"title":"gone"},"year":"2018"}},{"key":{"type":{"title":"По потере кормильца"},"year":"2019"}}],"y":[{"key":{"fromYear":"2018"},"n":1},{"key":{"fromYear":"2019"},"n":3}]}}}`},
		"link": {`{pensionsAggregate {groups(by: [person]) {key {person} count}}}`,
			`{"data":{"pensionsAggregate":{"groups":[{"count":2,"key":{"person":"0190a1b2-c3d4-7e5f-8a9b-000000000001"}},{"count":2,"key":{"person":"0190a1b2-c3d4-7e5f-8a9b-000000000002"}}]}}}`},
		"kernel": {`{tasksAggregate {groups(by: [state]) {key {state} count}} awardsAggregate {groups(by: [status]) {count sum {amount}}}}`,
			`{"data":{"awardsAggregate":{"groups":[{"count":1,"sum":{"amount":"1826.00"}}]},"tasksAggregate":{"groups":[{"count":2,"key":{"state":"open"}}]}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				got, _ := json.Marshal(w.sent(t, bodyOf(c.query, nil), "clerk"))
				if string(got) != c.want {
					t.Errorf("%s", got)
				}
				if n := len(w.db.take()); n != 1 {
					t.Errorf("%d statements", n)
				}
			}
		})
	}
}

// TestGroupsKnowPolicies leaves out rows and values that are hidden.
func TestGroupsKnowPolicies(t *testing.T) {
	w := newWorld(t)
	w.gate.rows = map[string]*filter.Tree{"Pension": attribute("id", schema.UUID, filter.Eq, pension1)}
	got := w.sent(t, bodyOf(`{pensionsAggregate {groups {count}}}`, nil), "clerk")
	want := map[string]any{"data": map[string]any{"pensionsAggregate": map[string]any{"groups": []any{map[string]any{"count": 1.0}}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	w.gate.rows = map[string]*filter.Tree{"Person": attribute("id", schema.UUID, filter.Eq, kolya)}
	text, _ := json.Marshal(w.sent(t, bodyOf(`{pensionsAggregate {groups(by: [person]) {key {person} count}}}`, nil), "clerk"))
	if want := `{"data":{"pensionsAggregate":{"groups":[{"count":2,"key":{"person":"` + kolya + `"}},{"count":2,"key":{"person":null}}]}}}`; string(text) != want {
		t.Errorf("a link to what is hidden: %s", text)
	}
}

// TestOrderOverLinks orders by what lies behind a link, and pages through it.
func TestOrderOverLinks(t *testing.T) {
	w := newWorld(t)
	query := `query($after: String) {pensions(orderBy: [{person: {lastName: DESC}}, {from: ASC}], first: 1, after: $after) {nodes {id person {lastName}} pageInfo {hasNextPage endCursor}}}`
	var names, whole []any
	after := any(nil)
	for range 10 {
		page := w.sent(t, bodyOf(query, map[string]any{"after": after}), "clerk")
		set := page["data"].(map[string]any)["pensions"].(map[string]any)
		names = append(names, set["nodes"].([]any)...)
		info := set["pageInfo"].(map[string]any)
		if info["hasNextPage"] != true {
			break
		}
		after = info["endCursor"]
	}
	all := w.sent(t, bodyOf(`{pensions(orderBy: [{person: {lastName: DESC}}, {from: ASC}]) {nodes {id person {lastName}}}}`, nil), "clerk")
	whole = all["data"].(map[string]any)["pensions"].(map[string]any)["nodes"].([]any)
	if diff := cmp.Diff(whole, names); diff != "" || len(whole) < 3 {
		t.Error(whole, diff)
	}
}
