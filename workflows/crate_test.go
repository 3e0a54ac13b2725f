package workflows

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/workflows/definition"
)

const crate = `
now: "2024-03-01T08:00"
given:
  Person: {anna: {lastName: Петрова}, boris: {lastName: Борисов}}
  Office: {uray: {title: Урай}, surgut: {title: Сургут}}
  Crate:
    crate:
      person: anna
      name: ваза
      seenBy: boris
      seenIn: uray
      days: [2024-05-01, 2024-05-02]
      hours: ["2024-05-01T10:00:00Z"]
      tags: [x, y, x]
      rows: [{code: a, topic: housing, days: [2024-05-01]}, {code: b}]
decides: {CrateRight: granted}
`

func TestEachOpensOneForEachRow(t *testing.T) {
	t.Parallel()
	p, err := machine(t, "Crate").newPlay(node(t, crate), node(t, "{}"))
	if err != nil {
		t.Fatal(err)
	}
	type task struct{ name, item, role, party, worker string }
	var have []task
	out, err := p.m.Fire(p.input(staff("a"), nil), Trigger{Kind: Created})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range out.Open {
		have = append(have, task{o.Name, o.Item, o.Role, o.Party, o.Worker})
	}
	want := []task{
		{"count", `{"code":"a","days":"[2024-05-01]","topic":"housing"}`, "specialist", "", ""},
		{"count", `{"code":"b"}`, "specialist", "", ""},
		{"look", "2024-05-01", "", "boris", ""},
		{"look", "2024-05-02", "", "boris", ""},
		{"weigh", "2024-05-01T10:00:00Z", "head", "", "ваза"},
		{"label", "x", "", "uray", ""},
		{"label", "y", "", "uray", ""},
	}
	if diff := cmp.Diff(want, have, cmp.AllowUnexported(task{})); diff != "" {
		t.Error(diff)
	}
}

func TestATaskIsFinishedByWhoseItIs(t *testing.T) {
	t.Parallel()
	p := begin(t, "Crate", crate)
	for _, c := range []struct {
		by   Actor
		want *WorkRef
	}{
		{staff("s", "specialist"), &WorkRef{"count", `{"code":"a","days":"[2024-05-01]","topic":"housing"}`}},
		{Actor{ID: "b", Kind: "citizen", Person: "boris"}, &WorkRef{"look", "2024-05-01"}},
		{Actor{ID: "o", Kind: "staff", Office: "uray"}, &WorkRef{"label", "x"}},
	} {
		out, err := p.fireAs(c.by, "fill", filled(nil))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Done{{WorkRef: *c.want}}, out.Done); diff != "" {
			t.Errorf("%s: %s", c.by.ID, diff)
		}
	}
	_, err := p.fireAs(Actor{ID: "o", Kind: "staff", Office: "surgut"}, "fill", nil)
	if refusalOf(t, err).Code != DeniedCode {
		t.Errorf("another office: %v", err)
	}
}

// filled are the data of the event fill, right but for a patch.
func filled(patch map[string]any) map[string]any {
	data := map[string]any{
		"name": "ящик", "count": json.Number("3"), "weight": "1.50", "good": true, "size": "big", "topic": "roads",
		"days": []any{"2024-05-01"}, "tags": []any{"a"}, "where": map[string]any{"lat": "1", "lon": "2"},
		"place": map[string]any{"street": "Мира", "house": json.Number("1")}, "rows": []any{map[string]any{"code": "a"}}, "note": "да",
	}
	maps.Copy(data, patch)
	return data
}

func TestDataOfAnEvent(t *testing.T) {
	t.Parallel()
	p := begin(t, "Crate", crate)
	type values map[string]any
	for code, wrong := range map[string][]values{
		"": {nil},
		"type": {
			{"name": true}, {"name": json.Number("1")}, {"count": "3"}, {"count": true}, {"weight": "heavy"}, {"good": "true"}, {"good": json.Number("1")},
			{"days": "2024-05-01"}, {"days": []any{"soon"}}, {"where": "here"}, {"place": []any{}}, {"name": map[string]any{}}, {"rows": []any{"a"}},
			{"days": []any{"2024-02-30"}}, {"size": 3.5}, {"count": json.Number("1.5")},
		},
		"required": {{"name": ""}, {"note": nil}, {"place": map[string]any{"house": json.Number("1")}}},
		"short":    {{"name": "я"}, {"tags": []any{}}},
		"long":     {{"name": "ящикящикящик"}, {"tags": []any{"a", "b", "c", "d"}}, {"tags": []any{"abcdef"}}, {"note": "слишком"}},
		"pattern":  {{"name": "box"}},
		"small":    {{"count": json.Number("0")}, {"weight": "0.99"}},
		"large":    {{"count": json.Number("10")}},
		"enum":     {{"size": "huge"}},
		"item":     {{"topic": "moon"}, {"rows": []any{map[string]any{"topic": "moon"}}}},
		"unknown":  {{"place": map[string]any{"street": "Мира", "flat": "1"}}, {"seenBy": "boris"}, {"choice": "x"}},
	} {
		for _, patch := range wrong {
			_, err := p.fireAs(staff("s", "specialist"), "fill", filled(patch))
			if code == "" {
				if err != nil {
					t.Errorf("the right data: %v", err)
				}
				continue
			}
			if err == nil {
				if _, known := p.doc.Data[slices.Collect(maps.Keys(patch))[0]]; !known || code != "required" {
					t.Errorf("%v: no refusal, want %s", patch, code)
				}
				continue // what the document has already need not be given again
			}
			fields := refusalOf(t, err).Fields
			if len(fields) != 1 || fields[0].Code != code || patch[fields[0].Path] == nil && code != "required" {
				t.Errorf("%v: %v, want %s", patch, fields, code)
			}
		}
	}
}

func TestEffectsAreResolved(t *testing.T) {
	t.Parallel()
	p := begin(t, "Crate", crate)
	out, err := p.fireAs(Actor{ID: "ivanova", Kind: "staff", Roles: []string{"specialist"}, Person: "boris", Office: "surgut"}, "sign", nil)
	if err != nil {
		t.Fatal(err)
	}
	wantSet := map[string]any{
		"place": map[string]any{"street": "ваза", "house": json.Number("7")}, "tags": []any{"a", "ваза"}, "seenBy": "boris", "seenIn": "surgut",
		"topic": "housing", "good": true, "weight": "1.5", "size": nil, "why": "ivanova", "count": json.Number("1"),
	}
	if diff := cmp.Diff(wantSet, out.Set); diff != "" {
		t.Error(diff)
	}
	wantEffects := []Effect{
		{Verb: Create, Target: "CrateNote", Values: map[string]any{"crate": "crate", "day": "2024-05-01", "person": "boris"}},
		{Verb: Create, Target: "CrateNote", Values: map[string]any{"crate": "crate", "day": "2024-05-02", "person": "boris"}},
		{Verb: Notify, Target: "seenBy", Party: "boris"},
	}
	if diff := cmp.Diff(wantEffects, out.Effects); diff != "" {
		t.Error(diff)
	}
	if want := []string{"count", "look", "weigh", "label"}; !slices.Equal(out.Cancel, want) {
		t.Errorf("cancelled %v, want %v", out.Cancel, want)
	}
}

func TestNotifyOfNobodyIsLeftOut(t *testing.T) {
	t.Parallel()
	p := begin(t, "Crate", strings.Replace(crate, "seenBy: boris", "count: 1", 1))
	out, err := p.fireAs(staff("s", "specialist"), "sign", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range out.Effects {
		if e.Verb == Notify {
			t.Errorf("%+v", e)
		}
	}
}

func TestDecisionIsRead(t *testing.T) {
	t.Parallel()
	p := begin(t, "Crate", crate)
	p.steps(t, "[{wait: 3 minutes}, {fire: sign, by: specialist}]")
	events := func() []string {
		views, err := p.m.Events(p.input(staff("s", "specialist"), nil))
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, v := range views {
			out = append(out, v.Event)
		}
		return out
	}
	if diff := cmp.Diff([]string{"late"}, events()); diff != "" {
		t.Error(diff)
	}
	today := p.decision.Date
	p.decision.Number, p.decision.Amount, p.decision.Period.From, p.decision.Period.To = "1", 200, today, today
	if diff := cmp.Diff([]string{"close", "late"}, events()); diff != "" {
		t.Error(diff)
	}
	out, err := p.fireAs(staff("s", "specialist"), "close", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"amount": "2.00", "until": today.String()}, out.Set); diff != "" {
		t.Error(diff)
	}
	p.decision = &DecisionView{Result: definition.Refused, Reasons: []Reason{{Condition: "c", Title: "Есть", Text: "Нет"}}}
	if diff := cmp.Diff([]string{"refuse", "late"}, events()); diff != "" {
		t.Error(diff)
	}
	p.decision = nil
	if diff := cmp.Diff([]string{"late"}, events()); diff != "" {
		t.Error(diff)
	}
}

func TestRowLimit(t *testing.T) {
	t.Parallel()
	p := begin(t, "Crate", crate)
	days := make([]any, maxRows+1)
	for i := range days {
		days[i] = p.now.AddDate(0, 0, i).Format("2006-01-02")
	}
	p.doc.Data["days"] = days
	for _, trigger := range []Trigger{{Kind: Changed}, {Kind: Event, Name: "sign"}} {
		_, err := p.m.Fire(p.input(staff("s", "specialist"), nil), trigger)
		if r := refusalOf(t, err); r.Code != LimitCode || r.Message != "workflow.rows" {
			t.Errorf("%s: %v", trigger.Kind, r)
		}
	}
}
