package query_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"mera/kernel"
	"mera/kernel/query"
	"mera/kernel/store"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/filter"
	"mera/schema/load"
	"mera/schema/value"
)

const base = `
-- package.yaml
{name: q, version: 1.0.0, title: Очередь, language: 1, roles: {operator: {title: Оператор}}}
-- README.md
x
-- CHANGELOG.md
x
-- classifiers/service.yaml
{title: Услуга, attributes: {letter: {type: string}}, items: {a: {title: А, letter: А}}}
-- documents/office.yaml
{title: Офис, schema: {properties: {title: {type: string, x-index: true}}}}
-- documents/person.yaml
{title: Человек, schema: {properties: {name: {type: string, x-index: true}}}}
-- documents/window.yaml
{title: Окно, card: Office, schema: {properties: {services: {type: array, maxItems: 9, items: {x-classifier: Service}}, secret: {type: string, x-label: health}}}}
-- documents/ticket.yaml
{title: Талон, card: Office, schema: {properties: {service: {x-classifier: Service, x-index: true}, urgent: {type: integer, x-index: true}, day: {format: date, x-index: true},
  sum: {format: money, x-index: true}, place: {properties: {row: {type: string}}}, person: {x-link: Person}, window: {x-link: Window}, tags: {type: array, maxItems: 3, x-index: true, items: {type: string}}}}}
-- workflows/ticket.yaml
{about: Ticket, states: {waiting: {next: [{event: call, by: operator, to: served}]}, served: {final: true}}}
`

// compile compiles one list over the base.
func compile(t *testing.T, list string) (*query.Lists, *schema.Catalog, schema.Diagnostics) {
	t.Helper()
	fsys := fstest.MapFS{}
	for part := range strings.SplitSeq(base+"-- lists/next.yaml\n"+list+"\n", "-- ") {
		if name, text, ok := strings.Cut(part, "\n"); ok && name != "" {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	p, ds := load.Read(fsys, "q")
	p.Core = true
	cat, more := load.Link([]*schema.Package{p})
	if ds = append(ds, more...); ds.Faulty() {
		t.Fatalf("%s", ds.Render(func(string) []byte { return nil }))
	}
	lists, ds := query.CompileLists(cat, expr.NewEnv(cat))
	return lists, cat, ds
}

func TestFaultsOfLists(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		`{about: Ticket, columns: {a: service.letter, b: place.row, c: window.office.title, d: person.name, e: state, f: office.title}}`:                              "",
		`{about: Ticket, order: [-urgent, day, person.name, number]}`:                                                                                                 "",
		`{about: Ticket, group: [service, person, "month(day)"], sum: {n: "count()", s: "sum(sum)", m: "median(urgent)", x: "max(day)", d: "countDistinct(person)"}}`: "",
		`{about: Task, columns: {a: title, b: case.number}, where: {status: open}, order: [due]}`:                                                                     "",
		`{about: Ticket, columns: {a: tags}, order: [tags]}`:                                                                                                          "list-order",
		`{about: Ticket, order: [place]}`:                                              "list-order",
		`{about: Ticket, group: [service.letter], sum: {n: "count()"}}`:                "list-group",
		`{about: Ticket, group: [service], sum: {n: "sum(service)"}}`:                  "list-sum",
		`{about: Ticket, group: [service], sum: {n: "avg(day)"}}`:                      "list-sum",
		`{about: Ticket, group: [service], sum: {n: "count(day)"}}`:                    "list-sum",
		`{about: Ticket, group: [service], sum: {n: "spread(urgent)"}}`:                "list-sum",
		`{about: Ticket, group: [service], sum: {n: "sum()"}}`:                         "list-sum",
		`{about: Ticket, group: [service], sum: {n: "count()"}, order: [-n, service]}`: "",
		`{about: Ticket, group: [service], sum: {n: "count()"}, order: [urgent]}`:      "list-order",
		`{about: Ticket, columns: {a: "count(tickets)"}}`:                              "list-column",
		`{about: Person, facts: {tickets: {each: Ticket, where: {urgent: {gte: 1}}}}, columns: {n: "count(tickets)", s: "sum(tickets.sum)", o: "countDistinct(tickets.window.office)", d: "max(tickets.day)"}}`: "",
		`{about: Ticket, given: {days: Period}, facts: {others: {each: Ticket, of: person, where: {day: {in: =days}}}}, columns: {n: "count(others)"}}`:                                                         "",
		`{about: Ticket, facts: {tasks: {each: Task, via: case}}, columns: {n: "count(tasks)"}}`:                                                                                                                "",
		`{about: Ticket, facts: {windows: {each: Window}}}`:                                        "list-fact",
		`{about: Ticket, facts: {others: {each: Ticket, of: urgent}}}`:                             "list-fact",
		`{about: Person, facts: {tickets: {one: Ticket}}}`:                                         "list-fact",
		`{about: Person, facts: {tickets: {each: Ticket, at: today}}}`:                             "list-fact",
		`{about: Person, facts: {tickets: {each: Ticket, where: {place: {row: x}}}}}`:              "not-filterable",
		`{about: Person, facts: {tickets: {each: Ticket}}, columns: {n: "count(tickets.urgent)"}}`: "list-column",
		`{about: Person, facts: {tickets: {each: Ticket}}, columns: {n: "sum(tickets.service)"}}`:  "list-column",
		`{about: Person, facts: {tickets: {each: Ticket}}, columns: {n: "sum(tickets)"}}`:          "list-column",
		`{about: Person, facts: {tickets: {each: Ticket}}, columns: {n: "sum(tickets.nothing)"}}`:  "list-column",
		`{about: Task, columns: {a: nothing}}`:                                                     "list-column",
		`{about: Ticket, where: {place: {row: x}}}`:                                                "not-filterable",
		`{about: Ticket, given: {window: Window}, where: {service: {in: =window.servicez}}}`:       "unknown-property",
	} {
		t.Run(list, func(t *testing.T) {
			t.Parallel()
			lists, _, ds := compile(t, list)
			var codes []string
			for _, d := range ds {
				codes = append(codes, d.Code)
				if d.Pos.Line == 0 {
					t.Errorf("no place: %v", d)
				}
			}
			if want == "" {
				if len(ds) > 0 || lists.Get("Next") == nil {
					t.Errorf("%v", ds)
				}
				return
			}
			if len(codes) == 0 || codes[0] != want || lists.Get("Next") != nil {
				t.Errorf("%v, want %s", ds, want)
			}
		})
	}
}

// database answers the given record and remembers what it was asked.
type database struct {
	asked  []store.Selection
	answer string
}

func (d *database) SelectColumns(_ context.Context, s store.Selection) ([]json.RawMessage, error) {
	d.asked = append(d.asked, s)
	return []json.RawMessage{json.RawMessage(d.answer)}, nil
}

func (d *database) Run(context.Context, store.Statement, []any, bool, func(int, []byte)) error {
	return nil
}

func (d *database) Explain(context.Context, store.Selection) (string, error) { return "", nil }

type gate struct {
	fails error
	shows bool // labelled values of some rows
}

func (g gate) Filter(_ context.Context, _ kernel.Actor, typ string) (*filter.Tree, error) {
	return filter.Everything(), g.fails
}

func (g gate) Show(_ context.Context, _ kernel.Actor, _, _ string) (*filter.Tree, error) {
	if g.shows {
		return &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: "state", Row: true}}, Op: filter.Eq, Value: "x", Type: &schema.Type{Kind: schema.Text}}, g.fails
	}
	return filter.Nothing(), g.fails
}

var operator = kernel.Actor{Kind: kernel.Staff, ID: "o", Roles: []string{"operator"}, Person: "0190a1b2-c3d4-7e5f-8a9b-000000000001"}

const nextCall = `{about: Ticket, given: {window: Window, day: Date, days: Period, sum: {format: money}}, where: {service: {in: =window.services}, window: =window, day: =day, sum: {gte: =sum}, person: =actor.person}, order: [-urgent], by: [operator]}`

func given(values map[string]any) query.Given {
	return query.Given{Values: values, Today: value.Date{Year: 2019, Month: 7, Day: 16}}
}

// A record that is given is read only if the filter looks into it, by the read road, with the actor's policy.
func TestAGivenRecordIsReadWithThePolicy(t *testing.T) {
	t.Parallel()
	lists, cat, ds := compile(t, nextCall)
	if ds.Faulty() {
		t.Fatal(ds)
	}
	window := "0190a1b2-c3d4-7e5f-8a9b-000000000009"
	args := map[string]any{"window": window, "day": "2019-07-16", "days": map[string]any{"from": "2019-01-01"}, "sum": json.Number("10.5")}
	db := &database{answer: `{"version": 1, "data.services": ["a"], "data.secret": null}`}
	s, err := query.NewReader(db, gate{}, cat).Set(t.Context(), operator, lists.Get("Next"), given(args))
	if err != nil {
		t.Fatal(err)
	}
	want := `(service in ["a"] and window eq "` + window + `" and day eq "2019-07-16" and sum gte "10.50" and person eq "` + operator.Person + `")`
	if d := cmp.Diff(want, s.Where.String()); d != "" {
		t.Error(d)
	}
	if len(db.asked) != 1 || db.asked[0].Roots[0].ID != window || db.asked[0].Guards["Window"].Rows == nil {
		t.Errorf("%+v", db.asked)
	}
	hidden := &database{answer: "null"}
	s, err = query.NewReader(hidden, gate{}, cat).Set(t.Context(), operator, lists.Get("Next"), given(args))
	if err != nil || s.Where.Kind != filter.None {
		t.Errorf("a record that is not there for the actor: %v %v", s.Where, err)
	}
}

func TestArgumentsOfLists(t *testing.T) {
	t.Parallel()
	lists, cat, _ := compile(t, nextCall)
	good := func() map[string]any {
		return map[string]any{"window": "0190a1b2-c3d4-7e5f-8a9b-000000000009", "day": "2019-07-16", "days": map[string]any{}, "sum": "1.00"}
	}
	r := query.NewReader(&database{answer: "null"}, gate{}, cat)
	for name, c := range map[string]struct {
		actor  kernel.Actor
		change func(m map[string]any)
		code   kernel.Code
		path   string
	}{
		"right":            {operator, func(map[string]any) {}, "", ""},
		"of the system":    {kernel.SystemActor(), func(map[string]any) {}, "", ""},
		"not for him":      {kernel.Actor{Kind: kernel.Citizen}, func(map[string]any) {}, kernel.Denied, ""},
		"missing":          {operator, func(m map[string]any) { delete(m, "day") }, kernel.Invalid, "day"},
		"no day":           {operator, func(m map[string]any) { m["day"] = "2019-02-30" }, kernel.Invalid, "day"},
		"no period":        {operator, func(m map[string]any) { m["days"] = "2019" }, kernel.Invalid, "days"},
		"no end of period": {operator, func(m map[string]any) { m["days"] = map[string]any{"to": "x"} }, kernel.Invalid, "days.to"},
		"no sum":           {operator, func(m map[string]any) { m["sum"] = "much" }, kernel.Invalid, "sum"},
	} {
		args := good()
		c.change(args)
		_, err := r.Set(t.Context(), c.actor, lists.Get("Next"), given(args))
		var own *kernel.Error
		if kernel.CodeOf(err) != c.code || errors.As(err, &own) && c.path != "" && own.Fields[0].Path != c.path {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A policy that fails lets nobody read.
func TestAPolicyThatFails(t *testing.T) {
	t.Parallel()
	_, cat, _ := compile(t, nextCall)
	db := &database{answer: "{}"}
	r := query.NewReader(db, gate{fails: fmt.Errorf("timeout")}, cat)
	if _, err := r.Read(t.Context(), operator, &store.Set{Alias: "x", Entity: "Ticket"}); err == nil || len(db.asked) > 0 {
		t.Errorf("%v %v", err, db.asked)
	}
}

// Guards are there for every type that is read, filtered or ordered by, also below what has no policy of its own.
func TestGuardsOfEveryTypeThatIsTouched(t *testing.T) {
	t.Parallel()
	_, cat, _ := compile(t, nextCall)
	hop := func(path ...string) []filter.Hop {
		return []filter.Hop{{Property: path[0], Link: path[1]}, {Property: path[2]}}
	}
	s, err := query.NewReader(&database{}, gate{}, cat).Selection(t.Context(), operator, &store.Set{Alias: "x", Shape: store.List, Entity: "Ticket",
		Where: &filter.Tree{Kind: filter.Leaf, Path: hop("person", "Person", "name"), Op: filter.Exists, Value: true, Type: &schema.Type{Kind: schema.Text}},
		Order: []store.Order{{Path: hop("window", "Window", "createdAt")}},
		Fields: []*store.Field{{Alias: "a", Set: &store.Set{Shape: store.List, Entity: "Attachment", Inverse: "record", Fields: []*store.Field{
			{Alias: "b", Name: "x", Fields: []*store.Field{{Alias: "c", Set: &store.Set{Entity: "Task"}}}}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for typ := range s.Guards {
		got = append(got, typ)
	}
	if want := 4; len(got) != want {
		t.Errorf("guards of %v", got)
	}
	if _, ok := s.Guards["Window"].Labels["health"]; !ok {
		t.Error("no mask of the label")
	}
}

// Who may see a labelled property of no record does not filter, order, group or count by it, wherever that stands; who
// may see it of some record does.
func TestAClosedPropertyIsRefused(t *testing.T) {
	t.Parallel()
	_, cat, _ := compile(t, nextCall)
	secret := []filter.Hop{{Property: "window", Link: "Window"}, {Property: "secret"}}
	leaf := &filter.Tree{Kind: filter.Leaf, Path: secret, Op: filter.Eq, Value: "x", Type: &schema.Type{Kind: schema.Text}}
	below := func(s store.Set) *store.Set {
		s.Entity, s.Inverse, s.Shape = "Ticket", "person", store.List
		return &store.Set{Alias: "x", Entity: "Person", Shape: store.List, Fields: []*store.Field{{Alias: "a", Fields: []*store.Field{{Alias: "b", Set: &s}}}}}
	}
	for name, s := range map[string]*store.Set{
		"where": {Where: leaf}, "where not": {Where: filter.Negate(leaf)},
		"where or": {Where: filter.Disj(leaf, &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: "day"}}, Op: filter.Exists, Value: true, Type: &schema.Type{Kind: schema.Date}})},
		"order":    {Order: []store.Order{{Path: secret}}}, "group": {Shape: store.Grouped, Groups: []store.Group{{Name: "k", Path: secret}}},
		"aggregate": {Shape: store.Grouped, Aggregates: []store.Aggregate{{Name: "m", Function: "max", Path: secret}}},
		"fact":      {Shape: store.Flat, Aggregates: []store.Aggregate{{Name: "m", Function: "max", Path: secret}}},
	} {
		s.Alias, s.Entity = "x", "Ticket"
		for where, set := range map[string]*store.Set{name: s, name + " below": below(*s)} {
			if s.Shape == store.Grouped && set != s {
				continue
			}
			_, err := query.NewReader(&database{}, gate{}, cat).Selection(t.Context(), operator, set)
			var refusal *kernel.Error
			if !errors.As(err, &refusal) || refusal.Code != kernel.Denied || len(refusal.Fields) != 1 || refusal.Fields[0].Path != "window.secret" {
				t.Errorf("%s: %v", where, err)
			}
			if _, err := query.NewReader(&database{}, gate{shows: true}, cat).Selection(t.Context(), operator, set); err != nil {
				t.Errorf("%s, of some records: %v", where, err)
			}
		}
		s.Open = true
		if _, err := query.NewReader(&database{}, gate{}, cat).Selection(t.Context(), operator, s); err != nil {
			t.Errorf("%s of a public list: %v", name, err)
		}
	}
}
