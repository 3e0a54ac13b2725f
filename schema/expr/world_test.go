package expr

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
	"mera/schema/value"
)

func TestRowsInForce(t *testing.T) {
	t.Parallel()
	first, second := schema.Law{Act: scalar("a"), Article: scalar("1")}, schema.Law{Act: scalar("a"), Article: scalar("2")}
	p := &schema.Parameter{Meta: schema.Meta{Name: "P"}, Columns: []*schema.ParameterCol{{Name: "sum", Type: "money"}, {Name: "note", Type: "text"}, {Name: "count", Type: "integer"}},
		Keys: []*schema.ParameterKey{{Name: "k", Type: "text"}}}
	values := []*schema.ParameterValue{ // in any order
		{From: "2021-01-01", Times: scalar("1.05"), Law: second},
		{From: "2020-01-01", Law: first, Rows: [][]schema.Scalar{{scalar("a"), scalar("10.01"), scalar("x"), scalar("3")}}},
		{From: "2022-01-01", Times: scalar("2")},
	}
	for on, want := range map[string][]ParameterRow{
		"2019-12-31": nil,
		"2020-06-01": {{Keys: []string{"a"}, Values: []string{"10.01", "x", "3"}, Law: first}},
		"2021-01-01": {{Keys: []string{"a"}, Values: []string{"10.51", "x", "3"}, Law: second}},
		"2022-01-01": {{Keys: []string{"a"}, Values: []string{"21.02", "x", "6"}, Law: second}},
	} {
		got, err := RowsInForce(p, values, day(on))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(on, diff)
		}
	}
	if _, err := RowsInForce(p, []*schema.ParameterValue{{From: "2020-13-01"}}, day("2021-01-01")); err == nil {
		t.Error("a date that is none is taken")
	}
}

func TestStaticWorld(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	w := testWorld(cat)
	ctx := t.Context()
	if got := w.AddWorkdays(day("2019-06-11"), 3); got != day("2019-06-15") { // the 12th is a day off, Saturday the 15th works
		t.Error(got)
	}
	if got := w.AddWorkdays(day("2019-06-17"), -1); got != day("2019-06-15") {
		t.Error(got)
	}
	rows, err := w.Inverse(ctx, "Person", "kolya", "pensions")
	if err != nil || len(rows) != 1 || rows[0].ID != "sp" {
		t.Error(rows, err)
	}
	if _, err := w.Inverse(ctx, "Person", "kolya", "cats"); err == nil {
		t.Error("an inverse that is none is read")
	}
	w.Add(&Record{Type: "Pension", ID: "sp", Data: map[string]any{"person": &Record{Type: "Person", ID: "anna"}}})
	if rows, _ := w.Inverse(ctx, "Person", "kolya", "pensions"); len(rows) != 0 {
		t.Error("the former record is still there")
	}
	if rows, _ := w.Inverse(ctx, "Person", "anna", "pensions"); len(rows) != 2 {
		t.Error("a link that is a value is not followed")
	}
	if is, _ := w.Under(ctx, "Territory", "surgut", "uray"); is {
		t.Error("surgut lies under uray")
	}
	w.SetParameter("Amount", &schema.ParameterValue{From: "2000-01-01", Value: scalar("5.00")})
	if rows, err := w.Parameter(ctx, "Amount", day("2020-01-01")); err != nil || rows[0].Values[0] != "5.00" {
		t.Error(rows, err)
	}
	if id, err := w.ByKey(ctx, "Person", "snils", "none"); id != "" || err != nil {
		t.Error(id, err)
	}
	w.Add(&Record{Type: "Person", ID: "vera", Data: map[string]any{"snils": "11223344595"}})
	if id, err := w.ByKey(ctx, "Person", "snils", "11223344595"); id != "vera" || err != nil {
		t.Error(id, err)
	}
	if !w.IsWorkday(day("2019-06-11")) || w.IsWorkday(day("2019-06-16")) || w.IsWorkday(day("2019-06-12")) {
		t.Error("working days")
	}
}

// TestDaysOffInRanges: a code that is a word may stand for several days.
func TestDaysOffInRanges(t *testing.T) {
	t.Parallel()
	cat := schema.NewCatalog()
	cat.Classifiers["DayOff"] = &schema.Classifier{Items: []*schema.ClassifierItem{{Code: "new-year", From: "2020-01-01", To: "2020-01-08"}, {Code: "broken"}}}
	w := NewStaticWorld(cat)
	if got := w.AddWorkdays(day("2019-12-31"), 1); got != day("2020-01-09") {
		t.Error(got)
	}
}

// TestLinksInARing: records that link to each other are compared by id and read step by step.
func TestLinksInARing(t *testing.T) {
	t.Parallel()
	got, err := evalText(t, "doc.applicant.spouse.spouse.spouse.spouse == doc.applicant && [doc.applicant.spouse] == [doc.applicant.spouse]")
	if err != nil || !got.True() {
		t.Error(got, err)
	}
}

// TestUntyped: names whose type is not known are judged when they are read.
func TestUntyped(t *testing.T) {
	t.Parallel()
	env := NewEnv(testCatalog())
	scope := Scope{map[string]*Type{"v": Dyn, "l": Dyn}}
	vars := map[string]any{"v": money("5.00"), "l": []any{int64(1), int64(2)}}
	for text, want := range map[string]any{
		"v + 1": number("6"), "v * 2": number("10"), "v > 3": true, "l.sum(x, x)": int64(3), "l.size()": int64(2), "size(l)": int64(2), "round(v, 2)": money("5.00"),
		"max(v, 7)": int64(7), "l.map(x, x + 1).exists(x, x == 3)": true, "v == 5": true, "3 in l": false, "l[0]": int64(1), "-v": number("-5"), "has(v.x)": false,
	} {
		prog, diags := env.Compile(scalar(text), scope, nil)
		if diags != nil {
			t.Errorf("%s: %v", text, diags)
			continue
		}
		got, err := prog.Eval(Input{Vars: vars})
		if diff := cmp.Diff(want, got.Value, compareValues); diff != "" || err != nil {
			t.Error(text, diff, got, err)
		}
	}
	for _, text := range []string{"v && true", "v - l", "monthStart(v) == date('2019-01-01')", "v.startsWith('x')", "v.foo(1) == 2", "v.x.y == 1"} {
		prog, diags := env.Compile(scalar(text), scope, nil)
		if diags != nil {
			t.Errorf("%s: %v", text, diags)
			continue
		}
		if got, err := prog.Eval(Input{Vars: vars}); err != nil || got.Known() {
			t.Error(text, got, err)
		}
	}
}

// TestExtends: a link to an abstract document takes the records of those that extend it.
func TestExtends(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	text := &schema.Type{Kind: schema.Text}
	cat.Documents["Application"] = &schema.Document{Meta: schema.Meta{Name: "Application"}, Abstract: true, Properties: []*schema.Property{{Name: "number", Type: text}}}
	cat.Documents["Aid"] = &schema.Document{Meta: schema.Meta{Name: "Aid"}, Extends: scalar("Application"), Properties: []*schema.Property{{Name: "number", Type: text}}}
	cat.Functions["NumberOf"] = &schema.Function{Meta: schema.Meta{Name: "NumberOf"}, Args: []*schema.Arg{{Name: "a", Type: scalar("Application")}},
		Is: schema.Value{Cases: []schema.Case{{Is: scalar("a.number")}}}}
	env := NewEnv(cat)
	scope := Scope{map[string]*Type{"aid": RecordOf("Aid"), "base": RecordOf("Application"), "claim": RecordOf("Claim"), "case": RecordOf("Case")}}
	aid := &Record{Type: "Aid", ID: "1", Data: map[string]any{"number": "5"}}
	claim := &Record{Type: "Claim", ID: "2", Data: map[string]any{}, Kernel: map[string]any{"state": "asking", "due": "2019-08-01", "office": "o"}}
	vars := map[string]any{"aid": aid, "base": aid, "claim": claim, "case": claim}
	for _, text := range []string{"NumberOf(aid) == '5'", "aid == base", "base.number == aid.number", "claim == case", "case.due > date('2019-07-31')", "case.office.id == 'o'"} {
		prog, diags := env.Compile(scalar(text), scope, Bool)
		if diags != nil {
			t.Errorf("%s: %v", text, diags)
			continue
		}
		if got, err := prog.Eval(Input{Vars: vars}); err != nil || !got.True() {
			t.Error(text, got, err)
		}
	}
	for _, text := range []string{"NumberOf(claim) == '5'", "claim == aid"} {
		if prog, diags := env.Compile(scalar(text), scope, Bool); prog != nil || !diags.Faulty() {
			t.Error(text, "compiles")
		}
	}
}

// TestMonthsHold: a fact of a month holds from its first day to its last.
func TestMonthsHold(t *testing.T) {
	t.Parallel()
	env := NewEnv(testCatalog())
	prog, diags := env.Compile(scalar("incomes.filter(i, i.holds.touches(slice)).sum(i, i.amount)"), testScope(), MoneyT)
	if diags != nil {
		t.Fatal(diags)
	}
	income := func(month, sum string) any {
		return &Record{Type: "Income", ID: month, Data: map[string]any{"month": month, "amount": sum}}
	}
	got, err := prog.Eval(Input{Vars: map[string]any{
		"incomes": []any{income("2019-06", "1.00"), income("2019-07", "2.00"), income("2019-08", "4.00")},
		"slice":   value.Period{From: day("2019-07-31"), To: day("2019-08-15")},
	}})
	if err != nil || got.Value != money("6.00") {
		t.Error(got, err)
	}
}

func TestByKey(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	env, w := NewEnv(cat), testWorld(cat)
	w.Add(&Record{Type: "Person", ID: "vera", Data: map[string]any{"snils": "11223344595"}})
	prog, diags := env.Compile(scalar("byKey(Person, 'snils', '112' + '23344595').id"), testScope(), nil)
	if diags != nil {
		t.Fatal(diags)
	}
	if got, err := prog.Eval(Input{World: w}); err != nil || got.Value != "vera" {
		t.Error(got, err)
	}
}

// Rows that others add stand until the table sets their keys anew; times multiplies them too; of one day the added row
// holds.
func TestRowsAddedByOthers(t *testing.T) {
	t.Parallel()
	p := &schema.Parameter{Meta: schema.Meta{Name: "Norm"}, Type: "money", Keys: []*schema.ParameterKey{{Name: "place", Type: "text", Match: "exact"}}}
	row := func(key, v string) []schema.Scalar { return []schema.Scalar{{Text: key}, {Text: v}} }
	values := []*schema.ParameterValue{
		{From: "2019-01-01", Rows: [][]schema.Scalar{row("a", "1"), row("b", "2")}},
		{From: "2019-02-01", Rows: [][]schema.Scalar{row("c", "3")}, Adds: "other"},
		{From: "2019-03-01", Rows: [][]schema.Scalar{row("a", "10")}, Adds: "region"},
		{From: "2019-04-01", Times: schema.Scalar{Text: "2"}},
		{From: "2019-05-01", Rows: [][]schema.Scalar{row("a", "5")}},
		{From: "2019-05-01", Rows: [][]schema.Scalar{row("b", "6")}, Adds: "region"},
	}
	for on, want := range map[string]string{
		"2019-01-31": "a=1.00 b=2.00", "2019-02-01": "a=1.00 b=2.00 c=3.00 other", "2019-03-01": "a=10.00 region b=2.00 c=3.00 other",
		"2019-04-01": "a=20.00 region b=4.00 c=6.00 other", "2019-05-01": "a=5.00 c=6.00 other b=6.00 region", "2018-12-31": "",
	} {
		rows, err := RowsInForce(p, values, day(on))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, strings.TrimSpace(r.Keys[0]+"="+r.Values[0]+" "+r.Source))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s, want %s", on, strings.Join(got, " "), want)
		}
	}
}
