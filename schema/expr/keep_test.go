package expr

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
	"mera/schema/value"
)

func TestWorldOfRecords(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	w := testWorld(cat)
	ids := func(rows []*Record) (out []string) {
		for _, r := range rows {
			out = append(out, r.ID)
		}
		return out
	}
	all := w.Records("Person")
	if !slices.Equal(ids(all), []string{"anna", "boris", "kolya"}) || w.Records("Cat") != nil {
		t.Error(ids(all))
	}
	if all[0] = nil; w.Records("Person")[0] == nil {
		t.Error("the caller changes the world")
	}
	w.Add(&Record{Type: "Pension", ID: "joint", Data: map[string]any{"person": []any{"boris", "anna"}}})
	if rows, err := w.Inverse(t.Context(), "Person", "boris", "pensions"); err != nil || !slices.Equal(ids(rows), []string{"joint"}) {
		t.Error(ids(rows), err)
	}
	w.Add(&Record{Type: "Person", ID: "outside", Kernel: map[string]any{"keys": map[string]any{"passport": "7"}}})
	for key, want := range map[[3]string]string{
		{"Person", "passport", "7"}: "outside", {"Person", "passport", "8"}: "", {"Cat", "passport", "7"}: "", {"Person", "snils", "7"}: "",
	} {
		if id, err := w.ByKey(t.Context(), key[0], key[1], key[2]); err != nil || id != want {
			t.Error(key, id, err)
		}
	}
	if _, err := w.Parameter(t.Context(), "None", day("2019-01-01")); err == nil {
		t.Error("there is a parameter None")
	}
	if it, err := w.Item(t.Context(), "None", "x"); it != nil || err != nil {
		t.Error(it, err)
	}
	if is, err := w.Under(t.Context(), "Territory", "moon", "ugra"); is || err != nil {
		t.Error(is, err)
	}
	for _, bad := range []*schema.ParameterValue{{From: "2020-01-01", Times: scalar("twice")}, {From: "2020-01-01", Times: scalar("99999999999999999999")}} {
		w.SetParameter("Amount", &schema.ParameterValue{From: "2019-01-01", Value: scalar("5")}, bad)
		if rows, err := w.Parameter(t.Context(), "Amount", day("2020-02-01")); err == nil {
			t.Error(rows)
		}
	}
}

// TestStoredText: text that spells a number or a period is stored in its canonical form.
func TestStoredText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind    schema.Kind
		v, want any // nil: cannot be stored
	}{
		{schema.Money, "1826", "1826.00"}, {schema.Money, "much", nil}, {schema.Decimal, "0.50", "0.5"}, {schema.Integer, "12", json.Number("12")},
		{schema.Integer, "1.5", nil}, {schema.Decimal, true, nil}, {schema.Money, day("2019-07-16"), nil},
		{schema.Month, "2019-07", "2019-07"}, {schema.Quarter, "2019-Q3", "2019-Q3"}, {schema.Year, "2019", "2019"}, {schema.Year, "later", nil},
		{schema.Month, value.Period{From: day("2019-07-01"), To: day("2019-07-31")}, "2019-07"}, {schema.Month, value.Period{}, nil},
	} {
		got, err := ToStored(of2(tt.kind, ""), tt.v)
		if (err == nil) != (tt.want != nil) || !cmp.Equal(got, tt.want) {
			t.Errorf("%v as %s: %v, %v", tt.v, tt.kind, got, err)
		}
	}
	if got, err := ToStored(nil, Item{"A", "b"}); got != "b" || err != nil {
		t.Error(got, err)
	}
	if got, err := FromStored(nil, 7); got != 7 || err != nil {
		t.Error(got, err)
	}
	if got, err := FromStored(of2(schema.Integer, ""), 7); got != int64(7) || err != nil {
		t.Error(got, err)
	}
	list := &schema.Type{Kind: schema.Array, Elem: of2(schema.Money, "")}
	if got, err := FromStored(list, []any{"1.00", "much"}); err == nil {
		t.Error(got)
	}
	if got, err := ToStored(list, []any{money("1.00"), nil}); err != nil || !cmp.Equal(got, []any{"1.00"}) {
		t.Error(got, err)
	}
	if got, err := ToStored(list, []any{"much"}); err == nil {
		t.Error(got)
	}
	obj := &schema.Type{Kind: schema.Object, Fields: []*schema.Property{{Name: "sum", Type: of2(schema.Money, "")}}}
	if _, err := FromStored(obj, map[string]any{"sum": "much"}); err == nil || !strings.HasPrefix(err.Error(), "sum: ") {
		t.Error(err)
	}
	if _, err := ToStored(obj, map[string]any{"sum": number("0.001")}); err == nil || !strings.HasPrefix(err.Error(), "sum: ") {
		t.Error(err)
	}
}
