package expr

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mera/schema"
	"mera/schema/value"
)

func of2(k schema.Kind, name string) *schema.Type { return &schema.Type{Kind: k, Of: name} }

// TestStored: what is stored becomes a value, and the value the same stored form.
func TestStored(t *testing.T) {
	t.Parallel()
	payout := &schema.Type{Kind: schema.Object, Fields: []*schema.Property{
		{Name: "sum", Type: of2(schema.Money, "")}, {Name: "to", Type: of2(schema.Link, "Person")}, {Name: "days", Type: &schema.Type{Kind: schema.Array, Elem: of2(schema.Date, "")}}}}
	tests := []struct {
		typ    *schema.Type
		stored any
		value  any
	}{
		{of2(schema.Text, ""), "ёж", "ёж"},
		{of2(schema.Boolean, ""), true, true},
		{of2(schema.Integer, ""), json.Number("9223372036854775807"), int64(9223372036854775807)},
		{&schema.Type{Kind: schema.Decimal, Scale: 4}, "0.2500", number("0.25")},
		{of2(schema.Money, ""), "1826.00", money("1826.00")},
		{of2(schema.Money, ""), "-0.05", money("-0.05")},
		{of2(schema.Date, ""), "2019-07-16", day("2019-07-16")},
		{of2(schema.Month, ""), "2019-07", value.Period{From: day("2019-07-01"), To: day("2019-07-31")}},
		{of2(schema.Quarter, ""), "2019-Q3", value.Period{From: day("2019-07-01"), To: day("2019-09-30")}},
		{of2(schema.Year, ""), "2019", value.Period{From: day("2019-01-01"), To: day("2019-12-31")}},
		{of2(schema.DateTime, ""), "2019-07-16T09:00:00Z", time.Date(2019, 7, 16, 9, 0, 0, 0, time.UTC)},
		{of2(schema.Duration, ""), "5 workdays", value.Duration{N: 5, Unit: value.Workdays}},
		{of2(schema.Item, "Territory"), "surgut", Item{"Territory", "surgut"}},
		{of2(schema.Link, "Person"), "kolya", &Record{Type: "Person", ID: "kolya"}},
		{of2(schema.Definition, "Measure"), "SurvivorBenefit", "SurvivorBenefit"},
		{&schema.Type{Kind: schema.Enum, Enum: []string{"a"}}, "a", "a"},
		{&schema.Type{Kind: schema.Array, Elem: of2(schema.Integer, "")}, []any{json.Number("1"), json.Number("2")}, []any{int64(1), int64(2)}},
		{of2(schema.Point, ""), map[string]any{"lat": "61.25", "lon": "73.4"}, map[string]any{"lat": number("61.25"), "lon": number("73.4")}},
		{payout, map[string]any{"sum": "5.00", "to": "anna", "days": []any{"2019-07-16"}},
			map[string]any{"sum": money("5.00"), "to": &Record{Type: "Person", ID: "anna"}, "days": []any{day("2019-07-16")}}},
	}
	for _, tt := range tests {
		got, err := FromStored(tt.typ, tt.stored)
		if err != nil {
			t.Errorf("%v: %v", tt.stored, err)
			continue
		}
		if diff := cmp.Diff(tt.value, got, compareValues); diff != "" {
			t.Error(diff)
		}
		again, err := FromStored(tt.typ, got)
		if diff := cmp.Diff(got, again, compareValues); diff != "" || err != nil {
			t.Error("a value does not stay a value", diff, err)
		}
		back, err := ToStored(tt.typ, got)
		if err != nil {
			t.Errorf("%v: %v", got, err)
		}
		want := tt.stored
		if want == "0.2500" {
			want = "0.25" // canonical
		}
		if diff := cmp.Diff(want, back); diff != "" {
			t.Error(diff)
		}
	}
}

func TestNotStorable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typ *schema.Type
		v   any
	}{
		{of2(schema.Money, ""), number("0.001")}, {of2(schema.Integer, ""), number("0.5")}, {of2(schema.Decimal, ""), value.NewNumber(1, 3)},
		{of2(schema.Text, ""), Unknown{[]string{"x"}}}, {of2(schema.Array, ""), PartList{}}, {of2(schema.Date, ""), "16.07.2019"}, {of2(schema.Date, ""), int64(1)},
		{of2(schema.Boolean, ""), "true"}, {of2(schema.Text, ""), true}, {of2(schema.Item, "A"), Item{"B", "x"}}, {of2(schema.Month, ""), day("2019-07-16")},
		{of2(schema.Text, ""), []any{"a"}}, {of2(schema.Duration, ""), "soon"},
	} {
		if got, err := ToStored(tt.typ, tt.v); err == nil {
			t.Errorf("%v is stored as %s: %v", tt.v, tt.typ.Kind, got)
		}
	}
	for _, tt := range []struct {
		typ *schema.Type
		v   any
	}{
		{of2(schema.Money, ""), "1.001"}, {of2(schema.Integer, ""), "12"}, {of2(schema.Integer, ""), json.Number("1.5")}, {of2(schema.Date, ""), "2019-02-30"},
		{of2(schema.Boolean, ""), "true"}, {of2(schema.Text, ""), true}, {of2(schema.Quarter, ""), "2019-Q5"}, {of2(schema.Year, ""), "19"}, {of2(schema.Month, ""), "2019-13"},
		{of2(schema.Text, ""), []any{}}, {of2(schema.Text, ""), map[string]any{}}, {of2(schema.Object, ""), "x"}, {of2(schema.Text, ""), 1.5},
	} {
		if got, err := FromStored(tt.typ, tt.v); err == nil {
			t.Errorf("%v is read as %s: %v", tt.v, tt.typ.Kind, got)
		}
	}
}

// TestAbsentStaysAbsent: nothing stored is null or empty.
func TestAbsentStaysAbsent(t *testing.T) {
	t.Parallel()
	for _, v := range []any{nil, "", value.Forever, value.Date{}} {
		if got, err := ToStored(of2(schema.Date, ""), v); err != nil || got != nil {
			t.Errorf("%v: %v, %v", v, got, err)
		}
	}
	obj := &schema.Type{Kind: schema.Object, Fields: []*schema.Property{{Name: "a", Type: of2(schema.Text, "")}}}
	if got, err := ToStored(obj, map[string]any{"a": nil}); err != nil || len(got.(map[string]any)) != 0 {
		t.Error(got, err)
	}
}

// TestMoneyRoundTrip: any sum survives storage.
func TestMoneyRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := value.Money(rapid.Int64().Draw(t, "kopecks"))
		stored, err := ToStored(of2(schema.Money, ""), m)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := FromStored(of2(schema.Money, ""), stored); err != nil || back != m {
			t.Fatal(stored, back, err)
		}
	})
}

func TestParsePeriod(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2019-07-16..2019-08-31": "2019-07-16..2019-08-31", "2019-07-16..": "2019-07-16..", "..2019-07-16": "..2019-07-16",
		"2019-02": "2019-02-01..2019-02-28", "2019-Q1": "2019-01-01..2019-03-31", "2019": "2019-01-01..2019-12-31",
	} {
		if got, err := ParsePeriod(text); err != nil || got.String() != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "19", "2019-7", "2019-Q0", "2019-07-32..", "x..y", "2019-00"} {
		if got, err := ParsePeriod(text); err == nil {
			t.Errorf("%q is %s", text, got)
		}
	}
}
