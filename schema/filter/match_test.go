package filter_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/filter"
	"mera/schema/load/source"
	"mera/schema/value"
)

const (
	boris    = "0190a1b2-0000-7000-8000-000000000002"
	ministry = "0190a1b2-0000-7000-8000-00000000000b"
	nobody   = "0190a1b2-0000-7000-8000-0000000000ff"
	pension  = "0190a1b2-0000-7000-8000-0000000000d1"
)

func world(cat *schema.Catalog) *expr.StaticWorld {
	w := expr.NewStaticWorld(cat)
	w.Add(&expr.Record{Type: "Person", ID: anna, Data: map[string]any{"lastName": "Семёнова-Петрова", "territory": "surgut"}})
	w.Add(&expr.Record{Type: "Person", ID: boris, Data: map[string]any{"lastName": "Петров", "diagnosis": "z"}})
	w.Add(&expr.Record{Type: "Office", ID: ministry, Data: map[string]any{"name": "Департамент"}})
	w.Add(&expr.Record{Type: "Office", ID: hall, Data: map[string]any{"name": "Зал", "above": ministry}})
	return w
}

func annasPension() *expr.Record {
	return &expr.Record{
		Type: "Pension", ID: pension, Version: 3,
		Data: map[string]any{
			"person": anna, "type": "survivor", "from": "2024-01-15", "to": "2024-12-31", "month": "2024-07", "quarter": "2024-Q3",
			"year": "2024", "paidAt": "2024-07-05T06:00:00Z", "amount": "1826.00", "share": "0.25", "children": json.Number("3"),
			"urgent": false, "kind": "state", "term": "5 workdays", "tags": []any{"a", "b"}, "helpers": []any{boris},
			"payout": map[string]any{"bank": "047102651"}, "office": hall,
			"lines": []any{map[string]any{"code": "a", "sum": "5.00"}, map[string]any{"code": "b", "sum": "50.00"}},
		},
		Kernel: map[string]any{"createdBy": "ivanova", "keys": map[string]any{"sfr": "77"}},
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	cat := linked(t)
	w := world(cat)
	for where, want := range map[string]bool{
		`{}`:                                true,
		`{type: survivor, kind: state}`:     true,
		`{type: survivor, kind: insurance}`: false,
		`{type: {ne: survivor}}`:            false,
		`{type: [old-age, survivor]}`:       true,
		`{measure: {exists: false}, type: {exists: true}}`:      true,
		`{not: {type: survivor}}`:                               false,
		`{outside: ` + anna + `}`:                               false,
		`{outside: {ne: ` + anna + `}}`:                         true, // absent differs from everything
		`{not: {outside: ` + anna + `}}`:                        true,
		`{not: {outside: {ne: ` + anna + `}}}`:                  false,
		`{amount: {gt: 999, lte: 1826}}`:                        true, // by value: as text 999 is more
		`{amount: 1826}`:                                        true,
		`{share: 0.2500}`:                                       true,
		`{children: {gt: 2, lt: 10}}`:                           true,
		`{children: {lt: 3}}`:                                   false,
		`{urgent: false}`:                                       true,
		`{paidAt: {lt: "2024-07-05T09:00:01+03:00"}}`:           true,
		`{paidAt: {gte: "2024-07-05T06:00:00.000Z"}}`:           true,
		`{month: {gte: 2024-07}, quarter: {lt: 2024-Q4}}`:       true,
		`{term: 5 workdays}`:                                    true,
		`{tags: a}`:                                             true,
		`{tags: {has: c}}`:                                      false,
		`{tags: [c, b]}`:                                        true,
		`{tags: {none: [c]}}`:                                   true,
		`{tags: {none: [a]}}`:                                   false,
		`{helpers: {has: ` + boris + `}}`:                       true,
		`{lines: {some: {code: a, sum: {lt: 10}}}}`:             true,
		`{lines: {some: {code: b, sum: {lt: 10}}}}`:             false, // of one element
		`{lines: {none: {sum: {gt: 100}}}}`:                     true,
		`{lines: {exists: true}}`:                               true,
		`{payout: {bank: "047102651"}}`:                         true,
		`{person: ` + anna + `}`:                                true,
		`{person: {lastName: семенова петрова}}`:                true, // folded
		`{person: {lastName: {contains: НОВА}}}`:                true,
		`{person: {lastName: {startsWith: Петр}}}`:              false,
		`{person: {diagnosis: {exists: true}}}`:                 false,
		`{person: {territory: {under: ugra}}}`:                  true,
		`{person: {territory: {under: surgut}}}`:                true,
		`{person: {territory: {above: ugra}}}`:                  false,
		`{person: {territory: {above: surgut}}}`:                true,
		`{office: {under: ` + ministry + `}}`:                   true,
		`{office: {under: ` + hall + `}}`:                       true,
		`{office: {under: ` + nobody + `}}`:                     false,
		`{office: {name: Зал, above: {name: Департамент}}}`:     true,
		`{office: {above: {above: {name: x}}}}`:                 false, // nothing stands there
		`{office: {above: {above: {name: {ne: x}}}}}`:           true,
		`{holds: 2024-12-31}`:                                   true,
		`{holds: 2025-01-01}`:                                   false,
		`{touches: 2023..2024-01}`:                              true,
		`{touches: 2025}`:                                       false,
		`{keys: {sfr: "77"}}`:                                   true,
		`{keys: {mfc: {exists: true}}}`:                         false,
		`{id: ` + pension + `, version: 3, createdBy: ivanova}`: true,
	} {
		tree, ds := compile(t, cat, "Pension", where, nil)
		if len(ds) > 0 {
			t.Errorf("%s: %v", where, ds)
			continue
		}
		got, err := tree.Match(t.Context(), annasPension(), w)
		if err != nil || got != want {
			t.Errorf("%s: got %t, %v; want %t", where, got, err, want)
		}
	}
}

func TestOpenPeriods(t *testing.T) {
	t.Parallel()
	cat := linked(t)
	always := &expr.Record{Type: "Pension", ID: pension, Data: map[string]any{"type": "survivor"}}
	for _, where := range []string{`{holds: 1900-01-01}`, `{touches: 9999}`} {
		tree, _ := compile(t, cat, "Pension", where, nil)
		if ok, err := tree.Match(t.Context(), always, nil); !ok || err != nil {
			t.Errorf("%s does not match what has no ends: %v", where, err)
		}
	}
}

// Values of expressions match as their stored forms do.
func TestMatchValues(t *testing.T) {
	t.Parallel()
	cat := linked(t)
	rec := &expr.Record{Type: "Pension", ID: pension, Data: map[string]any{
		"type": expr.Item{Classifier: "PensionType", Code: "survivor"}, "from": value.Date{Year: 2024, Month: 1, Day: 15},
		"amount": value.Money(182600), "share": value.NewNumber(1, 4), "children": int64(3), "term": value.Duration{N: 5, Unit: value.Workdays},
		"person": &expr.Record{Type: "Person", ID: anna}, "office": &expr.Record{Type: "Office", ID: hall, Data: map[string]any{"name": "Зал"}},
		"tags": expr.PartList{Items: []any{"a"}},
	}}
	for _, where := range []string{
		`{type: survivor, from: 2024-01-15, amount: {gt: 1000}, share: 0.25, children: 3, term: 5 workdays, tags: a}`,
		`{person: ` + anna + `, office: {name: Зал}}`, `{person: {lastName: {contains: нова}}}`,
	} {
		tree, ds := compile(t, cat, "Pension", where, nil)
		if len(ds) > 0 {
			t.Fatal(ds)
		}
		if ok, err := tree.Match(t.Context(), rec, world(cat)); !ok || err != nil {
			t.Errorf("%s: %t, %v", where, ok, err)
		}
	}
}

// broken is a world that fails.
type broken struct{ *expr.StaticWorld }

var errBroken = errors.New("the base is away")

func (broken) Record(context.Context, string, string) (*expr.Record, error) { return nil, errBroken }
func (broken) Under(context.Context, string, string, string) (bool, error)  { return false, errBroken }

// What cannot be known matches nothing and says so: not even under a `not`.
func TestMatchFails(t *testing.T) {
	t.Parallel()
	cat := linked(t)
	for _, c := range []struct {
		where string
		world expr.World
	}{
		{`{not: {person: {lastName: x}}}`, broken{}},
		{`{not: {type: {under: old-age}}}`, broken{}},
		{`{not: {office: {under: ` + nobody + `}}}`, broken{}},
		{`{not: {person: {lastName: x}}}`, nil},
		{`{not: {type: {under: old-age}}}`, nil},
		{`{not: {person: =person}}`, nil},
		{`{not: {kind: [=word]}}`, nil},
		{`{not: {holds: =day}}`, nil},
	} {
		tree, ds := compile(t, cat, "Pension", c.where, given())
		if len(ds) > 0 {
			t.Fatal(ds)
		}
		if ok, err := tree.Match(t.Context(), annasPension(), c.world); ok || err == nil {
			t.Errorf("%s: %t, %v", c.where, ok, err)
		}
	}
}

func TestBind(t *testing.T) {
	t.Parallel()
	cat := linked(t)
	july := value.Period{From: value.Date{Year: 2024, Month: 7, Day: 1}, To: value.Date{Year: 2024, Month: 9, Day: 30}}
	for _, c := range []struct {
		where  string
		values map[string]any
		want   string
	}{
		{`{person: =person}`, map[string]any{"person": &expr.Record{ID: anna}}, `person eq "` + anna + `"`},
		{`{person: =person}`, map[string]any{"person": anna}, `person eq "` + anna + `"`},
		{`{person: =person}`, map[string]any{"person": "Петров"}, `none`},
		{`{person: =person}`, map[string]any{"person": nil}, `none`},
		{`{person: {ne: =person}}`, map[string]any{"person": nil}, `all`},
		{`{person: =person, urgent: true}`, map[string]any{}, `(person eq =person and urgent eq true)`},
		{`{not: {person: =person}}`, map[string]any{"person": (*expr.Record)(nil)}, `all`},
		{`{type: =types}`, map[string]any{"types": []any{expr.Item{Code: "a"}, nil, expr.Item{Code: "b"}}}, `type in ["a", "b"]`},
		{`{type: =types}`, map[string]any{"types": []any{}}, `none`},
		{`{tags: {none: [=word]}}`, map[string]any{"word": nil}, `all`},
		{`{kind: [state, =word]}`, map[string]any{"word": "insurance"}, `kind in ["state", "insurance"]`},
		{`{office: =offices}`, map[string]any{"offices": []any{hall, "x"}}, `office in ["` + hall + `"]`},
		{`{from: {in: =days}}`, map[string]any{"days": july}, `(from gte "2024-07-01" and from lte "2024-09-30")`},
		{`{month: =days}`, map[string]any{"days": july}, `(month gte "2024-07" and month lte "2024-09")`},
		{`{quarter: =days}`, map[string]any{"days": july}, `(quarter gte "2024-Q3" and quarter lte "2024-Q3")`},
		{`{year: =days}`, map[string]any{"days": value.NewPeriod(july.From, value.Date{})}, `year gte "2024"`},
		{`{paidAt: =days}`, map[string]any{"days": july}, `(paidAt gte "2024-07-01T00:00:00Z" and paidAt lt "2024-10-01T00:00:00Z")`},
		{`{from: {in: =days}}`, map[string]any{"days": value.NewPeriod(value.Date{}, value.Date{})}, `from exists true`},
		{`{month: {eq: =days}}`, map[string]any{"days": july}, `month eq "2024-07"`},
		{`{touches: =days}`, map[string]any{"days": july}, `holds touches 2024-07-01..2024-09-30`},
		{`{holds: =day}`, map[string]any{"day": july.From}, `holds holds "2024-07-01"`},
		{`{holds: =day}`, map[string]any{"day": value.Date{}}, `none`},
		{`{amount: {lt: =sum}, children: =number, urgent: =flag}`, map[string]any{"sum": value.Money(5), "number": int64(2), "flag": true},
			`(amount lt "0.05" and children eq 2 and urgent eq true)`},
		{`{lines: {some: {code: =word}}}`, map[string]any{"word": "a"}, `lines some [code eq "a"]`},
	} {
		tree, ds := compile(t, cat, "Pension", c.where, given())
		if len(ds) > 0 {
			t.Errorf("%s: %v", c.where, ds)
			continue
		}
		if got := tree.Bind(c.values).String(); got != c.want {
			t.Errorf("%s with %v:\ngot  %s\nwant %s", c.where, c.values, got, c.want)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	cat := linked(t)
	tree, ds := compile(t, cat, "Pension", `{office: =office.above, from: {gte: "=addDays(day, 1)"}, kind: {ne: =word}}`, given())
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	if n := len(tree.Params()); n != 3 {
		t.Errorf("%d parameters", n)
	}
	w := world(cat)
	rec, _ := w.Record(t.Context(), "Office", hall)
	got, err := tree.Resolve(expr.Input{Ctx: t.Context(), World: w, Vars: map[string]any{"office": rec, "day": value.Date{Year: 2024, Month: 2, Day: 28}}})
	if want := `(office eq "` + ministry + `" and from gte "2024-02-29")`; err != nil || got.String() != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

// The words and, or, not of a filter are those of logic on any record; nothing is ever unknown.
func TestLogic(t *testing.T) {
	t.Parallel()
	cat := linked(t)
	w := world(cat)
	leaves := []string{`{type: survivor}`, `{type: {ne: survivor}}`, `{kind: [state]}`, `{amount: {gt: 1000}}`, `{tags: {none: [a]}}`,
		`{outside: {ne: ` + anna + `}}`, `{person: {lastName: {contains: нова}}}`, `{holds: 2024-05-05}`, `{urgent: true}`, `{kind: {in: []}}`, `{}`}
	var trees []*filter.Tree
	for _, l := range leaves {
		tree, ds := compile(t, cat, "Pension", l, nil)
		if len(ds) > 0 {
			t.Fatal(ds)
		}
		trees = append(trees, tree)
	}
	rapid.Check(t, func(rt *rapid.T) {
		rec := annasPension()
		for name := range rec.Data {
			if rapid.Bool().Draw(rt, "without "+name) {
				delete(rec.Data, name)
			}
		}
		match := func(tree *filter.Tree) bool {
			ok, err := tree.Match(t.Context(), rec, w)
			if err != nil {
				rt.Fatal(err)
			}
			return ok
		}
		var build func(depth int) (*filter.Tree, bool)
		build = func(depth int) (*filter.Tree, bool) {
			if depth == 0 || rapid.IntRange(0, 3).Draw(rt, "shape") == 0 {
				leaf := rapid.SampledFrom(trees).Draw(rt, "leaf")
				return leaf, match(leaf)
			}
			if rapid.IntRange(0, 2).Draw(rt, "not") == 0 {
				k, v := build(depth - 1)
				return filter.Negate(k), !v
			}
			all := rapid.Bool().Draw(rt, "and")
			var kids []*filter.Tree
			want := all
			for range rapid.IntRange(0, 3).Draw(rt, "kids") {
				k, v := build(depth - 1)
				kids = append(kids, k)
				want = want && v || !all && (want || v)
			}
			if all {
				return filter.Conj(kids...), want
			}
			return filter.Disj(kids...), want
		}
		tree, want := build(4)
		if got := match(tree); got != want {
			rt.Fatalf("%s: got %t, want %t", tree, got, want)
		}
		normal(rt, tree, true)
	})
}

// normal holds a tree against the normal form that it promises.
func normal(t interface{ Fatalf(string, ...any) }, tree *filter.Tree, root bool) {
	if !root && (tree.Kind == filter.All || tree.Kind == filter.None) {
		t.Fatalf("%s below the root", tree)
	}
	seen := map[string]bool{}
	for _, k := range tree.Kids {
		if tree.Kind != filter.Leaf {
			if k.Kind == tree.Kind || seen[k.String()] {
				t.Fatalf("%s is not in normal form", tree)
			}
			normal(t, k, false)
		}
		seen[k.String()] = true
	}
	if n := len(tree.Kids); tree.Kind == filter.Not && n != 1 || (tree.Kind == filter.And || tree.Kind == filter.Or) && n < 2 {
		t.Fatalf("%s has %d kids", tree, n)
	}
}

// total holds that a tree can be printed, walked, bound and matched.
func total(t testing.TB, tree *filter.Tree) {
	if tree.String() == "" || tree.Leaves() > filter.MaxLeaves {
		t.Fatalf("%s has %d leaves", tree, tree.Leaves())
	}
	normal(t, tree, true)
	if tree.Bind(map[string]any{}).String() != tree.String() {
		t.Fatalf("%s changes when nothing is bound", tree)
	}
	_, err := tree.Match(context.Background(), annasPension(), broken{})
	if err != nil && !errors.Is(err, errBroken) && len(tree.Params()) == 0 {
		t.Fatalf("%s: %v", tree, err)
	}
}

func TestFolded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fold, text, want string }{
		{"name", "  Семёнова-Петрова  А.", "семенова петрова а"},
		{"search", "ул. Ёлочная,\t 5-б", "ул. елочная, 5-б"},
		{"", " Ё ", " Ё "},
	} {
		if got := filter.Folded(c.fold, c.text); got != c.want {
			t.Errorf("%q folded for %q: %q, want %q", c.text, c.fold, got, c.want)
		}
	}
}

// Whatever an author writes gives a tree or faults with places.
func FuzzCompile(f *testing.F) {
	cat := linked(f)
	for _, seed := range []string{`{type: survivor}`, `{or: [{person: =person}, {not: {holds: =day}}]}`, `{touches: 2024..}`,
		`{lines: {some: {code: [a, b]}}}`, `{keys: {a: b}, tags: {none: [c]}}`, `{office: {under: =office}, amount: {gt: =sum}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, ds := source.Parse("filter.yaml", []byte(text))
		if n == nil || ds.Faulty() {
			return
		}
		tree, ds := filter.Compile(cat, "Pension", n, given())
		if ds.Faulty() != (tree == nil) {
			t.Fatalf("tree %v with %v", tree, ds)
		}
		for _, d := range ds {
			if d.Pos.Line == 0 || d.Code == "" || d.Message == "" {
				t.Fatalf("a fault without place or text: %+v", d)
			}
		}
		if tree != nil {
			total(t, tree)
		}
	})
}
