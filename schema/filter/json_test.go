package filter_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"mera/schema/filter"
)

func decode(t testing.TB, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var out map[string]any
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

func TestFromJSON(t *testing.T) {
	t.Parallel()
	cat := linked(t)
	for where, want := range map[string]string{
		`{}`: `all`,
		`{"type": {"eq": "survivor"}, "amount": {"gte": 100}}`:                 `(amount gte "100.00" and type eq "survivor")`,
		`{"or": [{"urgent": {"eq": true}}, {"children": {"in": [1, 2]}}]}`:     `(urgent eq true or children in [1, 2])`,
		`{"person": {"lastName": {"startsWith": "=person"}}}`:                  `person.lastName startsWith "=person"`,
		`{"type": {"eq": "no-such-code"}}`:                                     `type eq "no-such-code"`,
		`{"touches": {"from": "2024-01-01", "to": "2024-02-01"}}`:              `holds touches 2024-01-01..2024-02-01`,
		`{"holds": "2024-01-01", "lines": {"some": {"code": {"eq": "a"}}}}`:    `(holds holds "2024-01-01" and lines some [code eq "a"])`,
		`{"not": {"person": {"exists": true}}, "keys": {"sfr": {"eq": "12"}}}`: `(keys.sfr eq "12" and not(person exists true))`,
		`{"person": {"id": {"in": ["` + anna + `"]}}}`:                         `person in ["` + anna + `"]`,
		`{"amount": {"eq": 0.1}}`:                                              `amount eq "0.10"`,
	} {
		got, err := filter.FromJSON(cat, "Pension", decode(t, where))
		if err != nil {
			t.Errorf("%s: %v", where, err)
		} else if got.String() != want {
			t.Errorf("%s:\ngot  %s\nwant %s", where, got, want)
		}
	}
	if got, err := filter.FromJSON(cat, "Pension", nil); err != nil || got.Kind != filter.All {
		t.Errorf("no filter: %v, %v", got, err)
	}
	if got, err := filter.FromJSON(cat, "Pension", map[string]any{"children": map[string]any{"gt": 2.0, "lt": int(7)}}); err != nil || got.Leaves() != 2 {
		t.Errorf("plain numbers: %v, %v", got, err)
	}
}

func TestFromJSONFaults(t *testing.T) {
	t.Parallel()
	cat := linked(t)
	for where, want := range map[string]string{
		`{"phone": {"eq": "1"}}`:                               `where.phone unknown-field`,
		`{"person": {"phone": {"eq": "1"}}}`:                   `where.person.phone not-filterable`,
		`{"person": {"lastName": {"like": "1"}}}`:              `where.person.lastName.like unknown-operator`,
		`{"or": [{"urgent": {"eq": true}}, {"urgent": null}]}`: `where.or.1.urgent no-null`,
		`{"amount": {"eq": 1e400}}`:                            `where.amount.eq wrong-value`,
		`{"children": {"eq": 9007199254740993.5}}`:             `where.children.eq wrong-value`,
		`{"tags": {"has": "a\u0000b"}}`:                        `where.tags.has wrong-value`,
		`{"keys": {"a b": {"eq": "1"}}}`:                       `where.keys.a b unknown-field`,
		`{"kind": {"eq": "none"}}`:                             `where.kind.eq wrong-value`,
		`{"children": {"in": [` + strings.TrimSuffix(strings.Repeat("1,", 1001), ",") + `]}}`: `where.children.in limit`,
		strings.Repeat(`{"not": `, 60) + `{}` + strings.Repeat("}", 60):                       `where` + strings.Repeat(".not", 37) + ` limit`,
	} {
		_, err := filter.FromJSON(cat, "Pension", decode(t, where))
		var e *filter.Error
		if !errors.As(err, &e) {
			t.Errorf("%.100s: %v", where, err)
		} else if got := e.Path + " " + e.Code; got != want {
			t.Errorf("%.100s:\ngot  %s (%s)\nwant %s", where, got, e, want)
		}
	}
}

// Whatever a client sends gives a tree or an *Error, and a tree that can be matched.
func FuzzFromJSON(f *testing.F) {
	cat := linked(f)
	for _, seed := range []string{`{}`, `{"type":{"eq":"survivor"}}`, `{"or":[{"person":{"lastName":{"contains":"a"}}}]}`,
		`{"lines":{"some":{"code":{"eq":"a"}}}}`, `{"touches":{"from":"2024-01-01"}}`, `{"not":{"keys":{"a":{"in":["b"]}}}}`,
		`{"holds":"2024-01-01","amount":{"lt":"5"}}`, `{"tags":["a"],"payout":{"bank":"x"},"office":{"under":"` + hall + `"}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var where map[string]any
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if d.Decode(&where) != nil {
			return
		}
		tree, err := filter.FromJSON(cat, "Pension", where)
		var e *filter.Error
		switch {
		case err != nil && !errors.As(err, &e):
			t.Fatalf("%T is no *Error: %v", err, err)
		case err == nil:
			total(t, tree)
		}
	})
}
