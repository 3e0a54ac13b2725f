package measure_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/kernel/measure"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/golden"
	"mera/schema/value"
)

// survivor is the main job: a student of 18 whose pension ends in August.
func survivor(t *testing.T) (*measure.Measure, *memory, measure.Input) {
	t.Helper()
	_, cat := worldWith(t, map[string]string{"measures/aid.yaml": child})
	m, diags := measure.Compile(cat.Measures["Aid"], cat, expr.NewEnv(cat))
	if diags.Faulty() {
		t.Fatal(render(diags))
	}
	world := newMemory(cat,
		record("Person", "anna", map[string]any{"birthDate": "1980-02-03"}),
		record("Person", "kolya", map[string]any{"birthDate": "2001-06-06"}),
		record("Registration", "home", map[string]any{"person": "kolya", "region": "86", "from": "2010-01-01"}),
		record("Pension", "sp", map[string]any{"person": "kolya", "type": "survivor", "from": "2019-06-06", "to": "2019-08-31"}),
		record("Study", "school", map[string]any{"person": "kolya", "form": "fullTime", "from": "2018-09-01"}),
	)
	claim := record("Claim", "claim", map[string]any{"applicant": "anna", "child": "kolya", "date": "2019-07-16"})
	return m, world, measure.Input{Doc: claim, Facts: world, World: world}
}

func decideOne(t *testing.T, m *measure.Measure, in measure.Input) *measure.Decision {
	t.Helper()
	decisions, err := m.Decide(in)
	if err != nil {
		t.Fatal(err)
	}
	if len(decisions) != 1 {
		t.Fatalf("%d decisions", len(decisions))
	}
	return decisions[0]
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data) + "\n"
}

// The whole explanation of the main job, from condition to article.
func TestDecisionExplainsItself(t *testing.T) {
	t.Parallel()
	m, _, in := survivor(t)
	got := encoded(t, decideOne(t, m, in))
	golden.Equal(t, "testdata/survivor.golden.json", got)
}

// A decision replays byte for byte, whatever a table did to its JSON meanwhile.
func TestDecisionReplays(t *testing.T) {
	t.Parallel()
	m, world, in := survivor(t)
	first := encoded(t, decideOne(t, m, in))
	slices.Reverse(world.records)
	for range 20 {
		if again := encoded(t, decideOne(t, m, in)); again != first {
			t.Fatalf("the same input gave another decision:\n%s", cmp.Diff(first, again))
		}
	}
	var shuffled map[string]any
	if err := json.Unmarshal([]byte(first), &shuffled); err != nil {
		t.Fatal(err)
	}
	var back measure.Decision
	if err := json.Unmarshal([]byte(encoded(t, shuffled)), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, encoded(t, &back)); diff != "" {
		t.Errorf("the stored decision is another one (-want +got):\n%s", diff)
	}
	owed, err := m.Slices(in, &back, date(t, "2020-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range owed {
		got = append(got, s.From.String()+".."+s.To.String()+" "+s.Amount.String()+" due "+s.Due.String())
	}
	want := []string{"2019-07-01..2019-07-31 1826.00 due 2019-07-31", "2019-08-01..2019-08-31 1826.00 due 2019-08-31"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("slices (-want +got):\n%s", diff)
	}
	if owed, err := m.Slices(in, &back, date(t, "2019-07-31")); err != nil || len(owed) != 1 {
		t.Errorf("%d slices until the end of July, %v", len(owed), err)
	}
}

func TestNeedsAndDecidable(t *testing.T) {
	t.Parallel()
	m, world, in := survivor(t)
	if ok, err := m.Decidable(in); !ok || err != nil {
		t.Errorf("decidable %v, %v", ok, err)
	}
	world.missing = map[string]bool{"RegistrationCheck": true, "PensionCheck": true}
	needs, err := m.Needs(in)
	if err != nil {
		t.Fatal(err)
	}
	asked := date(t, "2019-07-16")
	day := value.Period{From: asked, To: asked}
	want := []measure.Need{
		{Fact: "homes", Request: "RegistrationCheck", Type: "Person", Subject: "kolya", Asked: asked, Window: day},
		{Fact: "pensions", Request: "PensionCheck", Type: "Person", Subject: "kolya", Asked: asked, Window: day},
	}
	if diff := cmp.Diff(want, needs); diff != "" {
		t.Errorf("needs (-want +got):\n%s", diff)
	}
	if ok, err := m.Decidable(in); ok || err != nil {
		t.Errorf("without answers: decidable %v, %v", ok, err)
	}
	d := decideOne(t, m, in)
	if diff := cmp.Diff([]string{"PensionCheck"}, d.Missing); diff != "" || d.Result != measure.Unclear {
		t.Errorf("%s, missing (-want +got):\n%s", d.Result, diff) // the registration that is known decides its condition
	}
	world.brought = true
	if needs, err := m.Needs(in); err != nil || len(needs) != 0 {
		t.Errorf("with papers of the citizen: %v, %v", needs, err)
	}
	in.Doc = record("Claim", "claim", map[string]any{"applicant": "anna", "date": "2019-07-16"})
	if needs, err := m.Needs(in); err != nil || len(needs) != 0 {
		t.Errorf("nobody to ask about: %v, %v", needs, err)
	}
	if ok, err := m.Decidable(in); ok || err != nil {
		t.Errorf("nobody to decide about: %v, %v", ok, err)
	}
}

// Events of days that have not passed are not asked for; states of the first slice are.
func TestNeedsOfSlices(t *testing.T) {
	t.Parallel()
	_, cat := worldWith(t, map[string]string{"measures/aid.yaml": `
title: Доплата
about: Claim
beneficiary: doc.applicant
facts:
  pensions: {each: Pension, of: beneficiary, at: slice.from, ask: [PensionCheck]}
  meters: {each: Meter, of: beneficiary, over: slice, ask: [MeterCheck]}
period: {from: "monthStart(addMonths(asked, 1))"}
amount: "round(meters.sum(m, m.volume) * size(pensions), 2)"
pay: {every: month}
`})
	m, diags := measure.Compile(cat.Measures["Aid"], cat, expr.NewEnv(cat))
	if diags.Faulty() {
		t.Fatal(render(diags))
	}
	world := newMemory(cat, record("Person", "anna", map[string]any{"birthDate": "1980-02-03"}))
	world.missing = map[string]bool{"PensionCheck": true, "MeterCheck": true}
	in := measure.Input{Doc: record("Claim", "claim", map[string]any{"applicant": "anna"}), Created: date(t, "2024-03-10"), Facts: world, World: world}
	needs, err := m.Needs(in)
	if err != nil {
		t.Fatal(err)
	}
	april := date(t, "2024-04-01")
	want := []measure.Need{{Fact: "pensions", Request: "PensionCheck", Type: "Person", Subject: "anna", Asked: date(t, "2024-03-10"), Window: value.Period{From: april, To: april}}}
	if diff := cmp.Diff(want, needs); diff != "" {
		t.Errorf("needs (-want +got):\n%s", diff)
	}
	d := decideOne(t, m, in)
	if d.Result != measure.Granted || d.Slices[0].Status != measure.Waits || d.Amount != 0 {
		t.Errorf("%s, first slice %+v", d.Result, d.Slices[0])
	}
	if diff := cmp.Diff([]string{"MeterCheck", "PensionCheck"}, d.Slices[0].Missing); diff != "" {
		t.Errorf("the slice lacks (-want +got):\n%s", diff)
	}
}

// A right without money makes a document; its words are stored forms.
func TestGiftsAndPurpose(t *testing.T) {
	t.Parallel()
	_, cat := worldWith(t, map[string]string{"measures/aid.yaml": `
title: Удостоверение
about: Claim
asked: doc.date
beneficiary: doc.children
recipient: doc.applicant
purpose: {of: [doc.children, doc.note], per: year}
period: {from: asked, to: doc.end}
gives: {Certificate: {person: =beneficiary, from: =period.from, category: veteran, level: "3", free: "true", where: {town: =names.first(), flats: [7, "=size(names)", =noFlat]}, places: [Дом, "=names[1]"]}}
let: {names: "doc.children.map(c, c.name)", noFlat: [{when: "size(names) > 9", is: "1"}]}
`})
	m, diags := measure.Compile(cat.Measures["Aid"], cat, expr.NewEnv(cat))
	if diags.Faulty() {
		t.Fatal(render(diags))
	}
	world := newMemory(cat, record("Person", "anna", map[string]any{"birthDate": "1980-02-03", "name": "Анна"}),
		record("Person", "boris", map[string]any{"birthDate": "1980-02-03", "name": "Борис"}))
	claim := record("Claim", "claim", map[string]any{"applicant": "anna", "children": []any{"boris", "anna", "boris"}, "date": "2024-03-10", "note": "дом"})
	in := measure.Input{Doc: claim, Facts: world, World: world}
	all, err := m.Decide(in)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d decisions, %v", len(all), err)
	}
	in.Beneficiary = "anna"
	d := decideOne(t, m, in)
	want := []measure.Gift{{Document: "Certificate", Set: map[string]any{
		"person": "anna", "from": "2024-03-10", "category": "veteran", "level": json.Number("3"), "free": true, "where": map[string]any{"town": "Борис", "flats": []any{json.Number("7"), json.Number("3")}}, "places": []any{"Дом", "Анна"}}}}
	if diff := cmp.Diff(want, d.Gives); diff != "" {
		t.Errorf("gives (-want +got):\n%s", diff)
	}
	if want := (measure.Purpose{Name: "Aid", Key: "anna,boris|дом|2024", Per: "year", Conflict: "refuse"}); d.Purpose != want {
		t.Errorf("purpose %+v, want %+v", d.Purpose, want)
	}
	if d.Recipient != "anna" || d.Period != value.NewPeriod(date(t, "2024-03-10"), value.Date{}) {
		t.Errorf("recipient %s, period %s", d.Recipient, d.Period)
	}
	if owed, err := m.Slices(in, d, date(t, "2030-01-01")); err != nil || owed != nil {
		t.Errorf("slices of a right without money: %v, %v", owed, err)
	}
	in.Beneficiary = "vera"
	if none, err := m.Decide(in); err != nil || len(none) != 0 {
		t.Errorf("of somebody else: %v, %v", none, err)
	}
	in.Beneficiary, in.Doc = "anna", record("Claim", "claim", map[string]any{"applicant": "anna", "children": []any{"anna"}, "date": "2024-03-10"})
	if d := decideOne(t, m, in); d.Result != measure.Unclear || !slices.Equal(d.Unclear, []string{"doc.note"}) {
		t.Errorf("%s %v, want doc.note to be unclear", d.Result, d.Unclear)
	}
}

func TestDayAsked(t *testing.T) {
	t.Parallel()
	_, cat := worldWith(t, map[string]string{"measures/aid.yaml": minimal})
	def := *cat.Measures["Aid"]
	world := newMemory(cat, record("Person", "anna", map[string]any{"birthDate": "1980-02-03"}))
	tests := map[string]struct {
		asked   string // of the definition
		data    map[string]any
		in      measure.Input
		want    string
		unclear string
	}{
		"the date of the document":     {data: map[string]any{"date": "2024-03-10"}, in: measure.Input{Created: date(t, "2024-03-12")}, want: "2024-03-10"},
		"a date that is read already":  {data: map[string]any{"date": date(t, "2024-03-10")}, want: "2024-03-10"},
		"the day on which it was made": {in: measure.Input{Created: date(t, "2024-03-12")}, want: "2024-03-12"},
		"nothing is known":             {unclear: "asked"},
		"as the definition says":       {asked: "doc.month.from", data: map[string]any{"month": "2024-05", "date": "2024-03-10"}, want: "2024-05-01"},
		"what the definition lacks":    {asked: "doc.month.from", data: map[string]any{"date": "2024-03-10"}, unclear: "doc.month.from"},
		"a date that is absent":        {asked: "doc.end", data: map[string]any{"date": "2024-03-10"}, unclear: "doc.end"},
		"as the caller says":           {asked: "doc.month.from", in: measure.Input{Asked: date(t, "2024-01-02")}, want: "2024-01-02"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			def := def
			def.Asked = schema.Scalar{Text: tt.asked}
			m, diags := measure.Compile(&def, cat, expr.NewEnv(cat))
			if diags.Faulty() {
				t.Fatal(render(diags))
			}
			in, data := tt.in, map[string]any{"applicant": "anna"}
			for k, v := range tt.data {
				data[k] = v
			}
			in.Doc, in.Facts, in.World = record("Claim", "claim", data), world, world
			d := decideOne(t, m, in)
			if d.Asked.String() != tt.want {
				t.Errorf("asked %s, want %s", d.Asked, tt.want)
			}
			if tt.unclear != "" && (d.Result != measure.Unclear || !slices.Contains(d.Unclear, tt.unclear)) {
				t.Errorf("%s %v, want %s to be unclear", d.Result, d.Unclear, tt.unclear)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("the base is away")
	limit := &measure.LimitError{}
	tests := map[string]struct {
		with  string // keys beside the minimal measure
		setUp func(*memory, *measure.Input)
		want  error
		as    any
	}{
		"a negative amount": {with: `amount: "ChildAmount(asked) - 5000"`, want: measure.ErrNegative},
		"more records than allowed": {with: `facts: {a: {each: Pension, of: beneficiary, at: asked, max: 1}}`, as: &limit,
			setUp: func(m *memory, _ *measure.Input) {
				for _, id := range []string{"p1", "p2"} {
					m.add(record("Pension", id, map[string]any{"person": "anna", "type": "survivor", "from": "2020-01-01"}))
				}
			}},
		"facts that cannot be read": {with: `facts: {a: {each: Pension, of: beneficiary, at: asked}}`, want: broken,
			setUp: func(m *memory, _ *measure.Input) { m.failing = broken }},
		"slice facts that cannot be read": {with: `facts: {a: {each: Pension, of: beneficiary, at: slice.from}}` + "\n" + `pay: {every: month, part: days}`, want: broken,
			setUp: func(m *memory, _ *measure.Input) { m.failing = broken }},
		"too dear": {with: `let: {a: "period(date('2000-01-01'), date('9000-01-01')).months().exists(x, period(date('2000-01-01'), date('9000-01-01')).months().exists(y, y.from > x.to && x.from > y.to))"}`, want: expr.ErrCost},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, cat := worldWith(t, map[string]string{"measures/aid.yaml": withKeys(tt.with)})
			m, diags := measure.Compile(cat.Measures["Aid"], cat, expr.NewEnv(cat))
			if diags.Faulty() {
				t.Fatal(render(diags))
			}
			world := newMemory(cat, record("Person", "anna", map[string]any{"birthDate": "1980-02-03"}))
			in := measure.Input{Doc: record("Claim", "claim", map[string]any{"applicant": "anna", "date": "2024-03-10"}), Facts: world, World: world}
			if tt.setUp != nil {
				tt.setUp(world, &in)
			}
			for verb, do := range map[string]func() error{
				"decide":    func() error { _, err := m.Decide(in); return err },
				"decidable": func() error { _, err := m.Decidable(in); return err },
				"needs":     func() error { _, err := m.Needs(in); return err },
			} {
				err := do()
				if tt.want != nil && !errors.Is(err, tt.want) || tt.as != nil && !errors.As(err, tt.as) {
					t.Errorf("%s: %v", verb, err)
				}
				if err != nil && !strings.Contains(err.Error(), "measure Aid") {
					t.Errorf("%s does not say which measure: %v", verb, err)
				}
			}
		})
	}
	m := must(t, minimal)
	if _, err := m.Decide(measure.Input{}); err == nil {
		t.Error("an input without a document is no error")
	}
	if _, err := m.Slices(measure.Input{}, &measure.Decision{Result: measure.Granted}, date(t, "2024-01-01")); err == nil {
		t.Error("slices without a world are no error")
	}
	if got := limit.Error(); got == "" {
		t.Error("a limit says nothing")
	}
}

func TestWhatTheCompilerInfers(t *testing.T) {
	t.Parallel()
	m := must(t, `
title: Помощь
about: Claim
beneficiary: doc.applicant
facts:
  homes: {each: Living, of: family, via: person, at: asked}
  owners: {each: Pension, of: homes.landlord, over: slice}
let:
  family: "[beneficiary]"
  last: "addMonths(period.from, 3)"
  rate: "CategoryAmount(slice.from, 'worker')"
amount: rate
pay: {every: month}
`)
	want := []measure.NameInfo{
		{Name: "family", Stage: "decision", Type: "list of Person"},
		{Name: "homes", Fact: true, Stage: "decision", Layer: 1, Type: "list of Living"},
		{Name: "owners", Fact: true, Stage: "slice", Layer: 2, Type: "list of Pension"},
		{Name: "last", Stage: "period", Type: "date"},
		{Name: "rate", Stage: "slice", Type: "Money"},
	}
	if diff := cmp.Diff(want, m.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if got := strings.Join(m.Types(), " ") + "; " + strings.Join(m.Parameters(), " "); got != "Claim Living Pension; CategoryAmount" {
		t.Errorf("reads %s", got)
	}
	if m.Name() != "Aid" || m.About() != "Claim" || m.Title() != "Помощь" {
		t.Errorf("%s %s %s", m.Name(), m.About(), m.Title())
	}
}
