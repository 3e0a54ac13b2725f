package printforms

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/load/loadtest"
	"mera/schema/value"
)

const (
	annaID  = "0190a1b2-0000-7000-8000-000000000001"
	thingID = "0190a1b2-0000-7000-8000-000000000002"
)

// sources are a thing on Anna's card.
func sources(t testing.TB) Sources {
	cat, _, _ := loadtest.Catalog(t, nil)
	world := expr.NewStaticWorld(cat)
	world.Add(&expr.Record{Type: "Person", ID: annaID, Version: 1,
		Data: map[string]any{"lastName": "Петрова", "firstName": "Анна", "snils": "11223344595", "diagnosis": "тайна"}})
	world.Add(&expr.Record{Type: "Office", ID: "0190a1b2-0000-7000-8000-000000000003", Data: map[string]any{"title": "Урай"}})
	thing := &expr.Record{Type: "TThing", ID: thingID, Version: 2, Data: map[string]any{
		"person": annaID, "name": "Вещь <b>", "kind": "big", "live": true, "count": json.Number("21"), "rate": "0.22", "sum": "1826.00",
		"day": "2019-07-16", "month": "2019-07", "quarter": "2019-Q3", "year": "2019", "at": "2019-07-16T20:30:00Z", "term": "5 workdays",
		"color": "red", "colors": []any{"red", "green"}, "payout": map[string]any{"bank": "047", "snils": "11223344595"},
		"tags": []any{"а", "б"}, "rows": []any{
			map[string]any{"code": "к1", "kind": "big", "month": "2019-07", "color": "green", "sum": "10.00", "snils": "11223344595"},
			map[string]any{"code": "к2", "sum": "20.50"}},
	}, Kernel: map[string]any{"number": "1-п", "state": "open", "office": "0190a1b2-0000-7000-8000-000000000003", "final": false}}
	world.Add(thing)
	return Sources{Doc: thing, World: world, Today: value.Date{Year: 2019, Month: 8, Day: 1}, Zone: time.FixedZone("", 5*3600),
		Decision: &Decision{Number: "1-п", Date: value.Date{Year: 2019, Month: 7, Day: 20}, Result: "granted", Title: "Пособие", HasSum: true, Amount: 182600,
			Period: value.Period{From: value.Date{Year: 2019, Month: 7, Day: 1}, To: value.Forever}},
		Work:  map[string][]Work{"look": {{Done: true, By: "Иванова", At: time.Date(2019, 7, 16, 20, 0, 0, 0, time.UTC)}}, "ask": {{Choice: "да"}, {Late: true}}},
		Lists: map[string][]map[string]any{"others": {{"sum": "5.00", "name": "Петров"}}},
	}
}

// body renders a template with the sources and returns what is inside <body>.
func body(t testing.TB, text string, change ...func(*Sources)) string {
	t.Helper()
	src := sources(t)
	for _, c := range change {
		c(&src)
	}
	form := template(t, text)
	data, err := form.Data(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	html, err := form.Render(data)
	if err != nil {
		t.Fatal(err)
	}
	_, inside, _ := strings.Cut(html, "<body>\n")
	return strings.ReplaceAll(strings.TrimSuffix(inside, pageTail), "\u00a0", "_")
}

func TestRender(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{{ doc.name }}`: "Вещь &lt;b&gt;",
		`{{ doc.name|upper }} {{ doc.name|capfirst }}`:                                                            "ВЕЩЬ &lt;B&gt; Вещь &lt;b&gt;",
		`{{ doc.sum }} {{ doc.sum|money }} {{ doc.sum|words }}`:                                                   "1826.00 1_826,00 одна тысяча восемьсот двадцать шесть рублей 00 копеек",
		`{{ doc.count }} {{ doc.count|words }} {{ doc.rate }}`:                                                    "21 двадцать один 0.22",
		`{{ doc.day|date }} {{ doc.day|date:"long" }}`:                                                            "16.07.2019 16 июля 2019 г.",
		`{{ doc.month|date }}, {{ doc.quarter|date }}, {{ doc.year|date }}`:                                       "июль 2019 г., 3 квартал 2019 г., 2019 год",
		`{{ doc.month.from|date }} {{ doc.month.to }} {{ doc.month.days }}`:                                       "01.07.2019 2019-07-31 31",
		`{{ doc.holds|date }} / {{ doc.holds.from }} / {{ doc.holds.to }}`:                                        "с 16.07.2019 / 2019-07-16 / ",
		`{{ doc.at|date }} {{ doc.at }}`:                                                                          "17.07.2019 2019-07-17T01:30:00+05:00",
		`{{ doc.term }}`:                                                                                          "5 рабочих дней",
		`{{ doc.kind }} {{ doc.kind.title }} {{ doc.kind.code }}`:                                                 "big большая big",
		`{{ doc.live|yesno:"да,нет" }}`:                                                                           "да",
		`{{ doc.color.title }} {{ doc.color.code }} {{ doc.color.weight }}`:                                       "Красный red 3",
		`{% for c in doc.colors %}{{ c.title }}{% if not forloop.Last %}, {% endif %}{% endfor %}`:                "Красный, Зелёный",
		`{{ doc.tags|join:"; " }} {{ doc.tags|length }}`:                                                          "а; б 2",
		`{{ doc.person.fullName }} {{ doc.person.fullName|decline:"dative" }} {{ doc.person.fullName|initials }}`: "Петрова Анна Петровой Анне Петрова_А.",
		`{{ doc.person.snils }} {{ doc.payout.snils }} {{ doc.payout.bank }}`:                                     "112-233-445 95 112-233-445 95 047",
		`{% for r in doc.rows %}{{ forloop.Counter }}.{{ r.code }} {{ r.kind.title }} {{ r.month.from }} {{ r.color.title }} {{ r.sum|money }} {{ r.snils }}|{% endfor %}`: "1.к1 большая 2019-07-01 Зелёный 10,00 112-233-445 95|2.к2    20,50 |",
		`{% for r in doc.rows reversed %}{{ r.code }}{% empty %}нет{% endfor %}`:                                                                                           "к2к1",
		`{% if doc.person %}{{ doc.person.lastName }}{% endif %}`:                                                                                                          "Петрова",
		`{% if doc.kind == "big" and doc.count > 20 %}да{% elif doc.live %}?{% else %}нет{% endif %}`:                                                                      "да",
		`{% if not (doc.kind != "small" or doc.count == 1) %}да{% else %}нет{% endif %}`:                                                                                   "нет",
		`{% if "а" in doc.tags %}да{% endif %}{% if doc.color.code == "red" %}!{% endif %}`:                                                                                "да!",
		`{% with p=doc.person n=doc.name %}{{ p.lastName }} {{ n }}{% endwith %}`:                                                                                          "Петрова Вещь &lt;b&gt;",
		`{% set p = doc.person %}{{ p.fullName }}{% set n = doc.count %}{{ n }}`:                                                                                           "Петрова Анна21",
		`a{# {{ nothing }} #}b{% comment %}{{ x.y }} {% endcomment %}c`:                                                                                                    "abc",
		`{{- doc.count -}} {%- if true %}x{% endif -%} y`:                                                                                                                  "21xy",
		`{{ case.number }} {{ case.state.title }} {{ case.office.title }}`:                                                                                                 "1-п Открыто Урай",
		`{{ decision.number }} {{ decision.date|date }} {{ decision.amount|money }} {{ decision.title }} {{ decision.period.from|date }} {{ decision.period.to|date }}{% if decision.granted %} да{% endif %}`: "1-п 20.07.2019 1_826,00 Пособие 01.07.2019  да",
		`{{ work.look.by }} {{ work.look.at|date }}{% for w in work.ask %} {{ w.choice|default:"-" }}{% if w.late %}!{% endif %}{% endfor %}`:                                                                  "Иванова 17.07.2019 да -!",
		`{{ today|date }}`: "01.08.2019",
		`<a href="https://x.ru" title="{{ doc.name }}">{{ doc.name|default:"нет" }}</a><br/>1 < 2`: `<a href="https://x.ru" title="Вещь &lt;b&gt;">Вещь &lt;b&gt;</a><br/>1 < 2`,
		`<style>td { color: red }</style><table><tr><td style="width: 5mm">x</td></tr></table>`:    `<style>td { color: red }</style><table><tr><td style="width: 5mm">x</td></tr></table>`,
	} {
		if got := body(t, text); got != want {
			t.Errorf("%s\n got %q\nwant %q", text, got, want)
		}
	}
}

func TestAbsentValuesPrintNothing(t *testing.T) {
	t.Parallel()
	const text = `[{{ doc.name }}{{ doc.sum|words }}{{ doc.sum|money }}{{ doc.day|date }}{{ doc.color.title }}{{ doc.person.fullName|decline:"dative" }}{{ decision.number }}{% for r in doc.rows %}x{% empty %}-{% endfor %}]`
	got := body(t, text, func(s *Sources) {
		s.Doc = &expr.Record{Type: "TThing", ID: thingID, Data: map[string]any{}}
		s.Decision, s.Work, s.Lists = nil, nil, nil
	})
	if got != "[-]" {
		t.Errorf("%q", got)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	html, err := template(t, "<h1>Я</h1>").Render(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<!DOCTYPE html>", `<html lang="ru">`, "<title>Бумага &lt;1&gt;</title>", "size: A4;", "default-src 'none'", "<h1>Я</h1>"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for paper, want := range map[string]string{"A4": "A4", "A5 landscape": "A5 landscape", "A6": "", "A4 portrait": ""} {
		if got := paperSize(paper); got != want {
			t.Errorf("%s: %q", paper, got)
		}
	}
}

func TestListsAndLabels(t *testing.T) {
	t.Parallel()
	form := printForm(t, map[string]string{
		"printforms/t-paper.yaml": "about: TThing\nlists: {others: {list: TAllOthers, given: {person: =doc.person, day: 2019-07-16}}}\n",
		"printforms/t-paper.html": `{{ doc.person.diagnosis }}{% for o in lists.others %}{{ o.name }} {{ o.sum|money }} {{ o.who }}{% endfor %}`,
	})
	src := sources(t)
	lists, err := form.Lists(t.Context(), src)
	want := []List{{Name: "others", List: "TAllOthers", Given: map[string]any{"person": annaID, "day": "2019-07-16"}}}
	if diff := cmp.Diff(want, lists); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if diff := cmp.Diff([]Label{{"Person", "health"}}, form.Labels()); diff != "" {
		t.Error(diff)
	}
	data, err := form.Data(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	html, err := form.Render(data)
	if err != nil || !strings.Contains(html, "тайнаПетров 5,00") {
		t.Error(err, html)
	}
	if !strings.HasPrefix(form.Digest(), "sha256:") || form.About != "TThing" {
		t.Errorf("%+v", form)
	}
}

// Data holds what the template names and nothing more.
func TestDataHoldsOnlyWhatIsRead(t *testing.T) {
	t.Parallel()
	data, err := template(t, "{{ doc.person.lastName }} {{ doc.kind.title }}").Data(t.Context(), sources(t))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"person": map[string]any{"lastName": "Петрова"}, "kind": "big", "kind__title": "большая", "kind__code": "big"}
	if diff := cmp.Diff(want, data["doc"]); diff != "" {
		t.Error(diff)
	}
}

// failing is a world without a database.
type failing struct{ expr.World }

var errWorld = errors.New("no database")

func (failing) Record(context.Context, string, string) (*expr.Record, error) { return nil, errWorld }

func (failing) Item(context.Context, string, string) (*schema.ClassifierItem, error) {
	return nil, errWorld
}

func TestFailureOfTheWorldIsTold(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"{{ doc.person.lastName }}", "{% for c in doc.colors %}{{ c.title }}{% endfor %}"} {
		src := sources(t)
		src.World = failing{}
		if _, err := template(t, text).Data(t.Context(), src); !errors.Is(err, errWorld) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRenderLimits(t *testing.T) {
	t.Parallel()
	many := make([]any, 1000)
	for i := range many {
		many[i] = map[string]any{"code": strings.Repeat("x", 10_000)}
	}
	data := map[string]any{"doc": map[string]any{"rows": many}}
	if _, err := template(t, "{% for r in doc.rows %}{{ r.code }}{% endfor %}").Render(data); !errors.Is(err, ErrTooLong) {
		t.Errorf("got %v", err)
	}
	const nested = "{% for a in doc.rows %}{% for b in doc.rows %}{% for c in doc.rows %}{% endfor %}{% endfor %}{% endfor %}"
	if _, err := template(t, nested).Render(data); !errors.Is(err, ErrTooSlow) {
		t.Errorf("got %v", err)
	}
}

// reader has a method that a template must not reach.
type reader struct{ Name string }

func (reader) Delete() string { return "deleted" }

func TestOnlyPlainDataReachTheTemplate(t *testing.T) {
	t.Parallel()
	deep := map[string]any{}
	for at, i := deep, 0; i < 100; i++ {
		next := map[string]any{}
		at["x"] = next
		at = next
	}
	got := plainData(map[string]any{
		"text": "t", "bool": true, "int": 1, "long": int64(2), "number": json.Number("3"), "big": json.Number("1.5"), "go": reader{},
		"func": func() string { return "!" }, "nil": nil, "open": "9999-12-31", "list": []any{1, reader{}}, "rows": []map[string]any{{"a": 1, "f": reader{}}},
	}, 0)
	want := map[string]any{"text": "t", "bool": true, "int": 1, "long": 2, "number": 3, "big": "1.5", "list": []any{1}, "rows": []any{map[string]any{"a": 1}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	raw, err := json.Marshal(plainData(deep, 0))
	if err != nil || strings.Count(string(raw), "x") > maxNested+1 {
		t.Errorf("%d levels", strings.Count(string(raw), "x"))
	}
}

func TestCite(t *testing.T) {
	t.Parallel()
	cat, _, _ := loadtest.Catalog(t, nil)
	law := schema.Law{Act: schema.Scalar{Text: "t-law"}, Article: schema.Scalar{Text: "4"}}
	if got, err := Cite(cat, law); err != nil || got != "Закон о поддержке семьи от 07.07.2004 № 45-оз, ст. 4" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Cite(cat, schema.Law{Act: schema.Scalar{Text: "x"}}); err == nil {
		t.Error("an act that is not there")
	}
}

func TestFiltersTakeAnything(t *testing.T) {
	t.Parallel()
	e, err := registered()
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string][3]string{ // money, words, date
		"":                       {"", "", ""},
		"abc":                    {"abc", "abc", "abc"},
		"-1234567.5":             {"−1\u00a0234\u00a0567,5", "минус один миллион двести тридцать четыре тысячи пятьсот шестьдесят семь рублей 50 копеек", "-1234567.5"},
		"-3":                     {"−3", "минус три", "-3"},
		"2019-13":                {"2019-13", "2019-13", "2019-13"},
		"2019-07-01..2019-07-15": {"2019-07-01..2019-07-15", "2019-07-01..2019-07-15", "с 01.07.2019 по 15.07.2019"},
	} {
		if got := [3]string{grouped(in), e.inWords(in), e.date(in, false)}; got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := e.duration(value.Duration{N: 2, Unit: "fortnights"}); got != "2 fortnight" && got != "2 fortnights" {
		t.Error(got)
	}
	for p, want := range map[value.Period]string{
		{From: value.Date{Year: 2019, Month: 1, Day: 1}, To: value.Date{Year: 2019, Month: 12, Day: 31}}: "2019",
		{From: value.Date{Year: 2019, Month: 2, Day: 1}, To: value.Date{Year: 2019, Month: 4, Day: 30}}:  "2019-02-01..2019-04-30",
	} {
		if got := periodText(p); got != want {
			t.Errorf("%v: %q", p, got)
		}
	}
}
