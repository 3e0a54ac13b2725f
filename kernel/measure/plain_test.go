package measure

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

var exact = cmp.Comparer(func(a, b value.Number) bool { return a.Compare(b) == 0 })

// What a decision keeps, slices read back as it was.
func TestPlain(t *testing.T) {
	t.Parallel()
	anna := &expr.Record{Type: "Person", ID: "anna", Version: 3}
	object := expr.ObjectOf(map[string]*expr.Type{"who": expr.RecordOf("Person"), "sum": expr.MoneyT})
	tests := map[string]struct {
		typ    *expr.Type
		v      any
		stored string
		shown  string
		want   any // where it differs from v
	}{
		"absent":      {expr.Text, nil, "", "", nil},
		"not known":   {expr.Text, expr.Unknown{Names: []string{"a"}}, "", "", nil},
		"bool":        {expr.Bool, true, `true`, "true", nil},
		"text":        {expr.Text, "a <b>", `"a \u003cb\u003e"`, "a <b>", nil},
		"int":         {expr.Int, int64(9007199254740993), `9007199254740993`, "9007199254740993", nil},
		"number":      {expr.NumberT, value.NewNumber(1, 4), `"0.25"`, "0.25", nil},
		"fraction":    {expr.NumberT, value.NewNumber(-5, 6), `"-5/6"`, "-5/6", nil},
		"money":       {expr.MoneyT, value.Money(182600), `"1826.00"`, "1826.00", nil},
		"date":        {expr.DateT, value.Date{Year: 2019, Month: 7, Day: 16}, `"2019-07-16"`, "2019-07-16", nil},
		"period":      {expr.PeriodT, value.Period{From: value.Date{Year: 2019, Month: 7, Day: 1}, To: value.Date{Year: 2019, Month: 7, Day: 31}}, `{"from":"2019-07-01","to":"2019-07-31"}`, "2019-07-01..2019-07-31", nil},
		"open period": {expr.PeriodT, value.Period{To: value.Forever}, `{}`, "..", nil},
		"duration":    {expr.DurationT, value.Duration{N: 5, Unit: value.Workdays}, `"5 workdays"`, "5 workdays", nil},
		"instant":     {expr.TimestampT, time.Date(2019, 7, 16, 10, 0, 0, 5, time.UTC), `"2019-07-16T10:00:00.000000005Z"`, "2019-07-16T10:00:00Z", nil},
		"item":        {expr.ItemOf("Category"), expr.Item{Classifier: "Category", Code: "veteran"}, `"veteran"`, "veteran", nil},
		"record":      {expr.RecordOf("Person"), anna, `{"id":"anna","type":"Person","version":3}`, "anna", &expr.Record{Type: "Person", ID: "anna", Version: 3}},
		"list":        {expr.ListOf(expr.MoneyT), []any{value.Money(1), expr.Unknown{Names: []string{"x"}}, nil}, `["0.01",{"unclear":["x"]},null]`, "0.01, , ", nil},
		"part":        {expr.ListOf(expr.Int), expr.PartList{Items: []any{int64(1)}, Unknown: []string{"x"}}, `[1,{"more":["x"]}]`, "1, …", nil},
		"object":      {object, map[string]any{"who": anna, "sum": value.Money(5)}, `{"sum":"0.05","who":{"id":"anna","type":"Person","version":3}}`, "sum: 0.05, who: anna", nil},
		"anything":    {expr.Dyn, []any{"a", map[string]any{"b": int64(1)}}, `["a",{"b":1}]`, "a, b: 1", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := encode(tt.v)
			if err != nil {
				t.Fatal(err)
			}
			if string(p) != tt.stored {
				t.Errorf("stored %s, want %s", p, tt.stored)
			}
			if got := display(tt.v); got != tt.shown {
				t.Errorf("shown %q, want %q", got, tt.shown)
			}
			back, err := decode(tt.typ, p)
			if err != nil {
				t.Fatal(err)
			}
			want := tt.v
			if _, unknown := want.(expr.Unknown); unknown {
				want = nil // Named.Unclear tells
			}
			if diff := cmp.Diff(want, back, exact); diff != "" {
				t.Errorf("read back (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlainRefuses(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{"a channel": make(chan int), "in a list": []any{make(chan int)}, "in an object": map[string]any{"a": make(chan int)}} {
		if _, err := encode(v); err == nil {
			t.Errorf("%s was kept", name)
		}
	}
	for text, typ := range map[string]*expr.Type{
		`{`: expr.Text, `"1/0"`: expr.NumberT, `"a/2"`: expr.NumberT, `"1/b"`: expr.NumberT, `["x"]`: expr.ListOf(expr.MoneyT), `{"from":"x"}`: expr.PeriodT,
		`{"a":"x"}`: expr.ObjectOf(map[string]*expr.Type{"a": expr.DateT}), `1.5`: expr.Int,
	} {
		if v, err := decode(typ, Plain(text)); err == nil {
			t.Errorf("%s was read as %v", text, v)
		}
	}
	var p Plain
	if err := json.Unmarshal([]byte(`null`), &p); err != nil || !p.IsZero() {
		t.Errorf("null reads as %s, %v", p, err)
	}
	if err := p.UnmarshalJSON([]byte(`{`)); err == nil {
		t.Error("half a map was read")
	}
	if data, err := json.Marshal(struct{ P Plain }{}); err != nil || string(data) != `{"P":null}` {
		t.Errorf("%s, %v", data, err)
	}
	var g Gift
	if err := json.Unmarshal([]byte(`{"document":"X","set":{"n":12345678901234567890}}`), &g); err != nil || g.Set["n"] != json.Number("12345678901234567890") {
		t.Errorf("%v, %v", g, err)
	}
}

// An answer covers exactly the days that the language says.
func TestCovers(t *testing.T) {
	t.Parallel()
	calendar := expr.NewStaticWorld(schema.NewCatalog())
	july := value.Period{From: value.Date{Year: 2024, Month: 7, Day: 1}, To: value.Date{Year: 2024, Month: 7, Day: 31}}
	on := func(day string) *value.Period {
		d, err := value.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		return &value.Period{From: d, To: d}
	}
	tests := map[string]struct {
		how, fresh string
		window     *value.Period
		want       bool
	}{
		"nothing is said of the type":    {"", "", on("2024-07-10"), false},
		"a type without a period":        {UntilTold, "", nil, true},
		"a day long ago":                 {UntilTold, "", on("2001-01-01"), true},
		"the day of the answer":          {UntilTold, "", on("2024-07-31"), true},
		"the day after, no longer fresh": {UntilTold, "", on("2024-08-01"), false},
		"days":                           {UntilTold, "3 days", on("2024-08-03"), true},
		"days, over":                     {UntilTold, "3 days", on("2024-08-04"), false},
		"workdays":                       {UntilTold, "3 workdays", on("2024-08-05"), true},
		"workdays, over":                 {UntilTold, "3 workdays", on("2024-08-06"), false},
		"weeks":                          {UntilTold, "1 week", on("2024-08-07"), true},
		"a month":                        {UntilTold, "1 month", on("2024-08-31"), true},
		"years":                          {UntilTold, "2 years", on("2026-07-31"), true},
		"hours are this very day":        {UntilTold, "5 hours", on("2024-08-01"), false},
		"events inside":                  {ForPeriod, "1 year", on("2024-07-10"), true},
		"events before":                  {ForPeriod, "1 year", on("2024-06-30"), false},
		"events after":                   {ForPeriod, "1 year", on("2024-08-01"), false},
	}
	for name, tt := range tests {
		fresh := Freshness(&schema.Flow{Fresh: schema.Scalar{Text: tt.fresh}}, value.Duration{})
		if got := Covers(tt.how, july, fresh, tt.window, calendar); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	week := value.Duration{N: 1, Unit: value.Weeks}
	if got := Freshness(&schema.Flow{Fresh: schema.Scalar{Text: "3 days"}}, week); got != week {
		t.Errorf("the fact's own freshness gives way: %v", got)
	}
}

func TestRequestFlow(t *testing.T) {
	t.Parallel()
	cat := schema.NewCatalog()
	answered := func(name string) *schema.Flow { return &schema.Flow{Name: name, Answer: &schema.Answer{}} }
	cat.Exchanges["One"] = &schema.Exchange{Flows: []*schema.Flow{{Name: "out"}, answered("ask")}}
	cat.Exchanges["Two"] = &schema.Exchange{Flows: []*schema.Flow{answered("ask"), answered("tell")}}
	for request, want := range map[string]string{"One": "ask", "One.ask": "ask", "One.out": "", "Two": "", "Two.tell": "tell", "None": ""} {
		got := ""
		if flow := RequestFlow(cat, request); flow != nil {
			got = flow.Name
		}
		if got != want {
			t.Errorf("%s leads to %q, want %q", request, got, want)
		}
	}
}

// Ratios survive storage exactly.
func TestRatio(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := value.NewNumber(rapid.Int64().Draw(t, "num"), rapid.Int64Range(1, 1<<40).Draw(t, "den"))
		got, err := ratio(n.String())
		if err != nil || got.Compare(n) != 0 {
			t.Fatalf("%s reads as %s, %v", n, got, err)
		}
	})
	if _, err := ratio(""); err == nil || errors.Is(err, ErrNegative) {
		t.Error("nothing is a number")
	}
}
