package expr

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
	"mera/schema/value"
)

// eval evaluates an expression over names of its own; nil types are any value.
func eval(t *testing.T, cat *schema.Catalog, w World, text string, types map[string]*Type, vars map[string]any) (Result, error) {
	t.Helper()
	prog, diags := NewEnv(cat).Compile(scalar(text), Scope{types}, nil)
	if diags != nil {
		t.Fatalf("%s: %v", text, diags)
	}
	return prog.Eval(Input{Vars: vars, World: w})
}

// TestMovedByTerm: a term of a document moves a date by the calendar; hours and shorter do not move a date.
func TestMovedByTerm(t *testing.T) {
	t.Parallel()
	types := map[string]*Type{"asked": DateT, "now": TimestampT, "d": DurationT}
	cat := testCatalog()
	for _, tt := range []struct {
		text string
		term value.Duration
		want any // nil: unclear
	}{
		{"asked + d", value.Duration{N: 2, Unit: value.Weeks}, day("2019-02-14")},
		{"asked + d", value.Duration{N: 1, Unit: value.Months}, day("2019-02-28")},
		{"asked - d", value.Duration{N: 1, Unit: value.Years}, day("2018-01-31")},
		{"asked + d", value.Duration{N: 1, Unit: value.Workdays}, day("2019-02-01")},
		{"asked + d", value.Duration{N: 36, Unit: value.Hours}, nil},
		{"now + d", value.Duration{N: 45, Unit: value.Seconds}, time.Date(2019, 1, 31, 22, 0, 45, 0, time.UTC)},
		{"now - d", value.Duration{N: 90, Unit: value.Minutes}, time.Date(2019, 1, 31, 20, 30, 0, 0, time.UTC)},
		{"now + d", value.Duration{N: 1, Unit: value.Months}, time.Date(2019, 2, 28, 22, 0, 0, 0, time.UTC)},
		{"now + d", value.Duration{N: 1, Unit: "moons"}, nil},
	} {
		now := time.Date(2019, 1, 31, 22, 0, 0, 0, time.UTC)
		got, err := eval(t, cat, testWorld(cat), tt.text, types, map[string]any{"asked": day("2019-01-31"), "now": now, "d": tt.term})
		if err != nil || got.Known() != (tt.want != nil) || tt.want == nil && got.Unclear[0] != tt.term.String() {
			t.Errorf("%s by %s: %v, %v", tt.text, tt.term, got, err)
		}
		if diff := cmp.Diff(tt.want, got.Value, compareValues); diff != "" {
			t.Errorf("%s by %s: %s", tt.text, tt.term, diff)
		}
	}
}

// zonedWorld reads instants east of Greenwich, and knows codes of records.
type zonedWorld struct {
	*StaticWorld
	codes map[string]string
}

func (zonedWorld) Zone() *time.Location { return time.FixedZone("east", 5*3600) }

func (w zonedWorld) Code(_ context.Context, typ, id, system string) (string, error) {
	if system == "down" {
		return "", errBroken
	}
	return w.codes[typ+" "+id+" "+system], nil
}

// TestZone: an instant late in the evening of Greenwich lies on the next day of the region.
func TestZone(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	w := zonedWorld{testWorld(cat), nil}
	now := time.Date(2019, 1, 30, 22, 0, 0, 0, time.UTC)
	for text, want := range map[string]any{
		"date(now)":     day("2019-01-31"),
		"now + d":       time.Date(2019, 2, 27, 22, 0, 0, 0, time.UTC), // 31 January there, and so the last of February
		"text(now)":     "2019-01-30T22:00:00Z",
		"date(v)":       day("2019-01-31"),
		"[now, now][0]": now,
	} {
		got, err := eval(t, cat, w, text, map[string]*Type{"now": TimestampT, "d": DurationT, "v": Dyn},
			map[string]any{"now": now, "v": now, "d": value.Duration{N: 1, Unit: value.Months}})
		if diff := cmp.Diff(want, got.Value, compareValues); diff != "" || err != nil {
			t.Error(text, diff, err)
		}
	}
	env := NewEnv(cat)
	prog, diags := env.CompileTemplate(scalar("{now}"), Scope{map[string]*Type{"now": TimestampT}})
	if diags != nil {
		t.Fatal(diags)
	}
	if got, err := prog.Eval(Input{Vars: map[string]any{"now": now}, World: w}); err != nil || got.Value != "31.01.2019 03:00" {
		t.Error(got, err)
	}
}

func TestOuterCodes(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	w := zonedWorld{testWorld(cat), map[string]string{"Person kolya asv": "77", "Measure Other asv": "12"}}
	types := map[string]*Type{"p": RecordOf("Person"), "m": {Kind: schema.Definition, Of: "Measure"}, "s": Text, "i": ItemOf("Territory")}
	vars := map[string]any{"p": &Record{Type: "Person", ID: "kolya"}, "m": "Other", "i": Item{"Territory", "nowhere"}}
	for text, want := range map[string]any{"code(p, 'asv')": "77", "code(m, 'asv')": "12", "code(p, 'other')": nil, "code(i, 'okato')": nil} {
		got, err := eval(t, cat, w, text, types, vars)
		if err != nil || got.Value != want || got.Known() != (want != nil) {
			t.Error(text, got, err)
		}
	}
	if got, err := eval(t, cat, w.StaticWorld, "code(p, 'asv')", types, vars); err != nil || got.Known() {
		t.Error("a world without codes knows one:", got, err)
	}
	if _, err := eval(t, cat, w, "code(p, 'down')", types, vars); !errors.Is(err, errBroken) {
		t.Error(err)
	}
}

// TestPropertiesOfUntyped: what is read of a value whose type was not known is found by the value.
func TestPropertiesOfUntyped(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	w := testWorld(cat)
	for _, tt := range []struct {
		v    any
		text string
		want any // nil: absent
	}{
		{map[string]any{"a": "b"}, "v.a", "b"}, {map[string]any{"a": "b"}, "v.c", nil},
		{&Record{Type: "Person", ID: "kolya"}, "v.lastName", "Петров"}, {&Record{Type: "Person", ID: "kolya"}, "v.cat", nil},
		{Item{"Territory", "surgut"}, "v.parent.title", "Югра"}, {Item{"Territory", "surgut"}, "v.cat", nil},
		{value.Period{From: day("2019-07-01"), To: day("2019-07-31")}, "v.days", int64(31)},
		{value.Period{To: day("2019-07-31")}, "v.from", nil}, {value.Period{}, "v.cat", nil}, {"text", "v.cat", nil},
		{day("2019-07-16"), "v + days(1)", day("2019-07-17")}, {"a", "v + 'b'", "ab"}, {"a", "v + 1", nil},
		{number("0.5"), "v + 1", number("1.5")}, {int64(4), "v % 3", int64(1)}, {int64(4), "v * v", int64(16)},
		{money("1.00"), "v * v", nil}, {true, "v + 1", nil}, {value.Duration{N: 1, Unit: value.Days}, "date('2019-07-16') + v", nil},
		{[]any{"a", "b"}, "words(v)", nil}, {"2019-07-16", "date(v)", day("2019-07-16")}, {day("2019-07-16"), "date(v)", day("2019-07-16")},
		{int64(7), "int(v)", int64(7)}, {"7", "int(v)", int64(7)},
	} {
		got, err := eval(t, cat, w, tt.text, map[string]*Type{"v": Dyn}, map[string]any{"v": tt.v})
		if tt.text == "date('2019-07-16') + v" {
			tt.want = day("2019-07-17")
		}
		if diff := cmp.Diff(tt.want, got.Value, compareValues); diff != "" || err != nil {
			t.Errorf("%s of %v: %s %v", tt.text, tt.v, diff, err)
		}
	}
}

// TestUntypedOfAnotherKindIsUnclear: it is no zero of the kind that was wanted.
func TestUntypedOfAnotherKindIsUnclear(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	for _, text := range []string{"round(v)", "round(v, 2)", "floor(v, 4)", "int(v)", "date(v)", "max(v, 7)", "v < 1", "addDays(asked, v) == asked"} {
		for _, v := range []any{"soon", true} {
			got, err := eval(t, cat, testWorld(cat), text, map[string]*Type{"v": Dyn, "asked": DateT}, map[string]any{"v": v, "asked": day("2019-07-16")})
			if err != nil || got.Known() {
				t.Errorf("%s of %v: %v, %v", text, v, got, err)
			}
		}
	}
}

// TestListsAreBroughtElementByElement: one element of another kind is unknown, the others are what they are.
func TestListsAreBroughtElementByElement(t *testing.T) {
	t.Parallel()
	env := NewEnv(testCatalog())
	prog, diags := env.Compile(scalar("v"), Scope{map[string]*Type{"v": Dyn}}, ListOf(MoneyT))
	if diags != nil {
		t.Fatal(diags)
	}
	for _, tt := range []struct{ v, want any }{
		{[]any{int64(5), money("1.50")}, []any{money("5.00"), money("1.50")}},
		{[]any{"x", number("0.25")}, []any{Unknown{[]string{"element"}}, money("0.25")}},
		{[]any{Unknown{[]string{"income"}}}, []any{Unknown{[]string{"income"}}}},
		{PartList{[]any{int64(1)}, []string{"facts"}}, PartList{[]any{money("1.00")}, []string{"facts"}}},
		{int64(1), nil},
	} {
		got, err := prog.Eval(Input{Vars: map[string]any{"v": tt.v}})
		if diff := cmp.Diff(tt.want, got.Value); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	prog, diags = env.Compile(scalar("v"), Scope{map[string]*Type{"v": Dyn}}, ItemOf("Territory"))
	if diags != nil {
		t.Fatal(diags)
	}
	if got, err := prog.Eval(Input{Vars: map[string]any{"v": "surgut"}}); err != nil || got.Value != (Item{"Territory", "surgut"}) {
		t.Error(got, err)
	}
}

// TestAssignable: what fits where, by its type alone.
func TestAssignable(t *testing.T) {
	t.Parallel()
	c := &compiler{env: NewEnv(testCatalog())}
	ab, abc := EnumOf("a", "b"), EnumOf("a", "b", "c")
	one, two := ObjectOf(map[string]*Type{"a": Int}), ObjectOf(map[string]*Type{"a": Int, "b": Text})
	for _, tt := range []struct {
		from, to *Type
		want     bool
	}{
		{ab, abc, true}, {abc, ab, false}, {Text, ab, false}, {ab, Text, true}, {two, one, true}, {one, two, false},
		{ObjectOf(map[string]*Type{"a": NumberT}), one, false}, {one, &Type{Kind: schema.Object, Of: "Named"}, false},
		{ListOf(Int), ListOf(NumberT), true}, {ListOf(NumberT), ListOf(Int), false}, {MoneyT, NumberT, true}, {Int, MoneyT, false},
		{RecordOf("Claim"), RecordOf("Case"), true}, {RecordOf("Person"), RecordOf("Case"), false},
		{ClockT, DurationT, true}, {DurationT, ClockT, false}, {DaysT, WorkdaysT, false}, {Dyn, DateT, true},
	} {
		if got := c.assignable(tt.from, tt.to); got != tt.want {
			t.Errorf("%s to %s: %v", tt.from, tt.to, got)
		}
	}
}

// TestNamesOfDefinitions: a literal is checked against what the catalog has of the kind.
func TestNamesOfDefinitions(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	cat.Lists["Queue"], cat.PrintForms["Notice"], cat.Exchanges["Snils"] = &schema.List{}, &schema.PrintForm{}, &schema.Exchange{}
	env := NewEnv(cat)
	for kind, name := range map[string]string{
		"Measure": "SurvivorBenefit", "Document": "Pension", "Classifier": "Territory", "Parameter": "Amount", "List": "Queue",
		"Workflow": "Claim", "PrintForm": "Notice", "Exchange": "Snils",
	} {
		scope := Scope{map[string]*Type{"d": {Kind: schema.Definition, Of: kind}}}
		if _, diags := env.Compile(scalar("d == '"+name+"'"), scope, Bool); diags != nil {
			t.Errorf("%s %s: %v", kind, name, diags)
		}
		_, diags := env.Compile(scalar("d == '"+name+"x'"), scope, Bool)
		if len(diags) != 1 || diags[0].Code != CodeItem || !strings.Contains(diags[0].Hint, name) {
			t.Errorf("%s %sx: %v", kind, name, diags)
		}
	}
	if _, diags := env.Compile(scalar("d == 'any'"), Scope{map[string]*Type{"d": {Kind: schema.Definition, Of: "Role"}}}, Bool); diags != nil {
		t.Error("a kind that the catalog does not hold is checked:", diags)
	}
}

func TestParseType(t *testing.T) {
	t.Parallel()
	env := NewEnv(testCatalog())
	for text, want := range map[string]*Type{
		"date": DateT, "Month": PeriodT, "timestamp": TimestampT, "duration": DurationT, "decimal": NumberT, "money": MoneyT, "integer": Int,
		"string": Text, "boolean": Bool, "Person": RecordOf("Person"), "[ Person ]": ListOf(RecordOf("Person")), "Territory": ItemOf("Territory"),
		"[[int]]":       ListOf(ListOf(Int)),
		"PayoutDetails": {Kind: schema.Object, Of: "PayoutDetails"},
	} {
		if got, ok := env.ParseType(text); !ok || !got.equal(want) {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "Persn", "[Persn]", "[Person", "dates"} {
		if got, ok := env.ParseType(text); ok {
			t.Errorf("%q is a type: %s", text, got)
		}
	}
}

// TestFunctionsWithFaults: a function with types that are none is told with its place, and so is who calls it.
func TestFunctionsWithFaults(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	place := func(text string, line int) schema.Scalar {
		return schema.Scalar{Text: text, Pos: schema.Pos{File: "f.yaml", Line: line, Col: 1}}
	}
	cat.Functions["Broken"] = &schema.Function{Meta: schema.Meta{Name: "Broken"}, Args: []*schema.Arg{{Name: "p", Type: place("Persn", 3)}},
		Returns: place("numbr", 4), Is: schema.Value{Cases: []schema.Case{{Is: place("q + 1", 5)}}}}
	env := NewEnv(cat)
	var lines []int
	for _, d := range env.Diagnostics() {
		lines = append(lines, d.Pos.Line)
	}
	if slices.Sort(lines); !slices.Equal(lines, []int{3, 4, 5}) {
		t.Error(env.Diagnostics())
	}
	if _, diags := env.Compile(scalar("Broken(1)"), testScope(), nil); len(diags) != 1 || diags[0].Code != CodeFaulty {
		t.Error(diags)
	}
}

// TestBirthUnclear: without a birth date there is no age, and no world where none can be known.
func TestBirthUnclear(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	w := testWorld(cat)
	w.Add(&Record{Type: "Person", ID: "nobody"})
	types := map[string]*Type{"p": RecordOf("Person"), "asked": DateT}
	vars := func(p *Record) map[string]any { return map[string]any{"p": p, "asked": day("2019-07-16")} }
	unknownBirth := &Record{Type: "Person", ID: "x", Data: map[string]any{"birthDate": Unknown{[]string{"registry"}}}}
	empty := schema.NewCatalog()
	empty.Documents["Person"] = &schema.Document{Meta: schema.Meta{Name: "Person"}}
	for _, text := range []string{"age(p, asked)", "birthday(p, 18)"} {
		for _, tt := range []struct {
			cat  *schema.Catalog
			p    *Record
			want string
		}{{cat, &Record{Type: "Person", ID: "nobody"}, "birthDate"}, {cat, unknownBirth, "registry"}, {empty, unknownBirth, "birthDate"}} {
			got, err := eval(t, tt.cat, w, text, types, vars(tt.p))
			if err != nil || !cmp.Equal(got.Unclear, []string{tt.want}) {
				t.Error(text, got, err)
			}
		}
	}
}

// TestItems: dates, parents and attributes of items, typed by the schema of the classifier.
func TestItems(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	attr := func(key string, n *schema.Node) schema.Entry { return schema.Entry{Key: scalar(key), Value: n} }
	text := func(s string) *schema.Node { return &schema.Node{Scalar: scalar(s)} }
	kinds := cat.Classifiers["PensionType"]
	kinds.Attributes = append(kinds.Attributes, &schema.Property{Name: "ages", Type: &schema.Type{Kind: schema.Array, Elem: &schema.Type{Kind: schema.Integer}}})
	kinds.Items = append(kinds.Items, &schema.ClassifierItem{Code: "new", From: "2019-01-01", To: "soon", Attributes: []schema.Entry{
		attr("ages", &schema.Node{Kind: schema.ListNode, Items: []*schema.Node{text("18"), text("many"), text("23")}}), attr("urgent", text("very")), attr("survivor", nil)}})
	w := testWorld(cat)
	for source, want := range map[string]any{
		"t.from": day("2019-01-01"), "t.to": nil, "t.parent": nil, "t.title": nil, "t.ages": []any{int64(18), int64(23)},
		"t.urgent": nil, "t.survivor": nil, "t.code": "new", "gone.title": nil, "old.ages": nil,
	} {
		got, err := eval(t, cat, w, source, map[string]*Type{"t": ItemOf("PensionType"), "gone": ItemOf("PensionType"), "old": ItemOf("PensionType")},
			map[string]any{"t": Item{"PensionType", "new"}, "gone": Item{"PensionType", "gone"}, "old": Item{"PensionType", "old-age"}})
		if diff := cmp.Diff(want, got.Value); diff != "" || err != nil {
			t.Error(source, diff, err)
		}
	}
}

// TestObjectsAreEqualByFields: field by field, whatever the order.
func TestObjectsAreEqualByFields(t *testing.T) {
	t.Parallel()
	p := func(id string) *Record { return &Record{Type: "Person", ID: id} }
	for _, tt := range []struct {
		a, b map[string]any
		want bool
	}{
		{map[string]any{"x": int64(1), "p": p("a")}, map[string]any{"p": p("a"), "x": int64(1)}, true},
		{map[string]any{"x": int64(1)}, map[string]any{"x": money("1.00")}, true},
		{map[string]any{"p": p("a")}, map[string]any{"p": p("b")}, false},
		{map[string]any{"x": int64(1)}, map[string]any{"y": int64(1)}, false},
		{map[string]any{"x": int64(1)}, map[string]any{}, false},
		{map[string]any{"o": map[string]any{"l": []any{"a"}}}, map[string]any{"o": map[string]any{"l": []any{"a"}}}, true},
	} {
		for _, op := range []string{"==", "!="} {
			got, err := eval(t, nil, nil, "a "+op+" b", map[string]*Type{"a": Dyn, "b": Dyn}, map[string]any{"a": tt.a, "b": tt.b})
			if err != nil || got.Value != (tt.want == (op == "==")) {
				t.Errorf("%v %s %v: %v, %v", tt.a, op, tt.b, got, err)
			}
		}
	}
}

// TestShown: how values are written for people, and in the explanation.
func TestShown(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	cat.Classifiers["PensionType"].Items[1].Title = ""
	env, w := NewEnv(cat), testWorld(cat)
	scope := testScope()
	scope.Vars["any"], scope.Vars["items"], scope.Vars["far"] = Dyn, ListOf(ItemOf("PensionType")), RecordOf("Person")
	vars := testVars(w)
	vars["items"] = []any{Item{"PensionType", "state-survivor"}, Item{"PensionType", "old-age"}}
	vars["far"] = &Record{Type: "Person", ID: "0190"}
	for text, want := range map[string]string{
		"{slice}": "01.07.2019–31.07.2019", "{pensions[1].holds}": "01.01.2018–", "{items}": "Государственная по потере кормильца, old-age",
		"{doc.children}": "Петров Николай, Петрова Анна", "{unit}": "top", "{far}": "0190", "{-1234567}": "-1 234 567", "{[doc.channel]}": "Портал",
		"{minutes(5)}": "5 minutes", "{doc.note}": "—", "{any}": "Петров Николай",
	} {
		vars["any"] = w.byID["kolya"]
		prog, diags := env.CompileTemplate(scalar(text), scope)
		if diags != nil {
			t.Errorf("%s: %v", text, diags)
			continue
		}
		if got, err := prog.Eval(Input{Vars: vars, World: w}); err != nil || got.Value != want {
			t.Errorf("%s: %q, %v", text, got.Value, err)
		}
	}
	f := &frame{run: &run{env: env}}
	many := make([]any, 12)
	for i := range many {
		many[i] = int64(i)
	}
	for want, v := range map[string]any{
		"{a: 1, b: [x, —]}":                    map[string]any{"b": []any{"x", nil}, "a": int64(1)},
		"[1, ? facts, more]":                   PartList{[]any{int64(1)}, []string{"facts", "more"}},
		"[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 12]": many,
		"Сумма":                                filled{text: "Сумма"},
		"2019-07-01T00:00:00Z":                 time.Date(2019, 7, 1, 0, 0, 0, 0, time.UTC),
		"[Person kolya]":                       []any{w.byID["kolya"]},
	} {
		if got := f.display(v); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestFloorKeys: a table of steps by dates or words is read like one by numbers.
func TestFloorKeys(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	cat.Parameters["ByBirth"] = &schema.Parameter{Meta: schema.Meta{Name: "ByBirth"}, Type: "integer",
		Keys: []*schema.ParameterKey{{Name: "born", Type: "date", Match: "floor"}},
		Values: []*schema.ParameterValue{{From: "2019-01-01", Rows: [][]schema.Scalar{
			{scalar("2005-01-01"), scalar("2")}, {scalar("1990-01-01"), scalar("1")}, {scalar("2010-01-01"), scalar("3")}}}}}
	w := testWorld(cat)
	for text, want := range map[string]any{
		"ByBirth(asked, date('2006-05-11'))": int64(2), "ByBirth(asked, date('2010-01-01'))": int64(3), "ByBirth(asked, date('2004-12-31'))": int64(1),
		"ByBirth(asked, date('1989-12-31'))": nil, "ByBirth.rows(asked).map(r, r.value)": []any{int64(2), int64(1), int64(3)},
		"ByBirth.rows(asked)[0].born": day("2005-01-01"), "ByBirth.rows(date('2018-01-01'))": nil,
		"Standard(date('2024-08-01'), code, 'owner', 3)": money("4250.00"), "Standard(date('2024-08-01'), 'surgut', 'owner', 10)": money("4250.00"),
	} {
		got, err := eval(t, cat, w, text, map[string]*Type{"asked": DateT, "code": Text}, map[string]any{"asked": day("2019-07-16"), "code": "surgut"})
		if diff := cmp.Diff(want, got.Value); diff != "" || err != nil || got.Known() != (want != nil) {
			t.Error(text, diff, got.Unclear, err)
		}
	}
}

func TestFromSchema(t *testing.T) {
	t.Parallel()
	for want, typ := range map[string]*schema.Type{
		"any value": nil, "period": of2(schema.Quarter, ""), "text": of2(schema.UUID, ""), "object {lat, lon}": of2(schema.Point, ""),
		"list of one of a, b": {Kind: schema.Array, Elem: &schema.Type{Kind: schema.Enum, Enum: []string{"a", "b"}}}, "bool": of2(schema.Boolean, ""),
	} {
		if got := FromSchema(typ).String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := (*Type)(nil).String(); got != "nothing" {
		t.Error(got)
	}
	if !EnumOf("a", "b").equal(EnumOf("a", "b")) || EnumOf("a", "b").equal(EnumOf("b", "a")) {
		t.Error("enums are equal by their items in order")
	}
}

// TestLimits: sums and texts that outgrow their limits are errors, remainders and open periods have their own meaning.
func TestLimits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxResult-1)
	types := map[string]*Type{"m": MoneyT, "s": Text, "n": Int, "p": PeriodT, "l": ListOf(Text), "w": ListOf(Int), "part": ListOf(Text)}
	vars := map[string]any{"m": value.Money(-1 << 63), "s": long, "n": int64(7), "p": value.Period{To: value.Forever}, "l": []any{long, long}, "w": []any{int64(1)},
		"part": PartList{[]any{"a"}, []string{"more"}}}
	cat := testCatalog()
	for text, want := range map[string]error{
		"-m": ErrOverflow, "m + m": ErrOverflow, "s + s": ErrCost, "words(l)": ErrCost, "months(date('9999-12-01'), 0, 1)": ErrOverflow,
	} {
		if got, err := eval(t, cat, testWorld(cat), text, types, vars); !errors.Is(err, want) {
			t.Errorf("%s: %v, %v", text, got.Value, err)
		}
	}
	for text, want := range map[string]any{
		"n % -1": int64(0), "n % -4": int64(3), "[1.5, 2].sum(x, x)": number("3.5"), "workdays(p)": nil, "p.months()": nil, "covered(p, p)": number("0"),
		"words(part)": nil, "paragraphs(part)": nil, "weighted('1', [1, 2])": nil, "weighted('12', [n, 99999999999])": nil, "[0, 7][n]": nil,
		"part[0]": nil, "part.first()": nil, "part.distinct().exists(x, x == 'a')": true, "max(part.map(x, 1))": nil, "['b'] + part == ['c', 'd']": nil,
	} {
		got, err := eval(t, cat, testWorld(cat), text, types, vars)
		if diff := cmp.Diff(want, got.Value, compareValues); diff != "" || err != nil {
			t.Error(text, diff, got.Unclear, err)
		}
	}
}
