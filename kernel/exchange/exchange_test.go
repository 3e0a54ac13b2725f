package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

const (
	annaID  = "0190a1b2-0000-7000-8000-000000000001"
	oldID   = "0190a1b2-0000-7000-8000-000000000002"
	snils   = "11223344595"
	printed = "112-233-445 95"
)

var asked = value.Date{Year: 2019, Month: 7, Day: 16}

// setup is the flow of TCheck with Anna in its world.
func setup(t testing.TB) (*Flow, ParseInput) {
	t.Helper()
	x, cat := exchanges(t, nil)
	f, err := x.Request("TCheck")
	if err != nil {
		t.Fatal(err)
	}
	world := expr.NewStaticWorld(cat)
	anna := &expr.Record{Type: "Person", ID: annaID, Version: 1, Data: map[string]any{"lastName": "Петрова", "snils": snils}}
	world.Add(anna)
	world.Add(&expr.Record{Type: "TPension", ID: oldID, Version: 1, Data: map[string]any{"person": annaID, "note": "старая"}})
	kase := &expr.Record{Type: "TPension", ID: oldID, Data: map[string]any{}, Kernel: map[string]any{"number": "7"}}
	return f, ParseInput{BuildInput: BuildInput{Ctx: t.Context(), Subject: anna, Case: kase, Asked: asked, World: world}}
}

func reply(body string) []byte {
	return []byte(`{"message": "m1", "request": "r1", "body": ` + body + `}`)
}

func TestFlowSaysWhatItIs(t *testing.T) {
	t.Parallel()
	f, _ := setup(t)
	got := []string{f.Exchange(), f.Name(), f.Title(), f.Channel(), f.Subject(), f.Fresh().String(), f.Wait().String(), strings.Join(f.Writes(), " ")}
	want := []string{"TCheck", "ask", "Сведения о пенсии", "agencies", "Person", "30 days", "5 workdays", "Person TPension"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := f.all.Request("Nothing"); err == nil {
		t.Error("a request that is not there")
	}
	if f.all.Format("TQueryJson") != f.Query() || f.Answer().name != "TAnswerJson" {
		t.Error("formats are mixed up")
	}
}

func TestBuild(t *testing.T) {
	t.Parallel()
	f, in := setup(t)
	build := in.BuildInput
	body, err := f.Build(build)
	const want = `{"service":"pension","person":{"snils":"112-233-445 95","lastName":"Петрова"},"day":"16.07.2019",` +
		`"from":"2019-04-01","to":"2019-06-30","kind":"NONE","number":"7"}`
	if string(body) != want || err != nil {
		t.Errorf("%s\n%v", body, err)
	}
	build.Case = nil
	if body, err = f.Build(build); err != nil || strings.Contains(string(body), "number") {
		t.Errorf("without a case: %s, %v", body, err)
	}
	build.Subject = &expr.Record{Type: "Person", ID: annaID, Data: map[string]any{"lastName": "Петрова"}}
	_, err = f.Build(build)
	var bad *Error
	if !errors.As(err, &bad) || bad.Error() != "snils: Нет обязательного значения" {
		t.Errorf("without a required property: %v", err)
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	f, in := setup(t)
	in.Raw = reply(`{"snils": "` + printed + `", "day": "03021980", "unknown": 1, "keeper": {"snils": "112-233-445 95", "lastName": "Петрова"},
		"list": {"pensions": [{"no": "1", "type": "GPK", "from": "2019-06-06", "to": "2999-12-31", "amount": "1826.5"}, {"no": "2", "type": "SPS"}], "more": 2}}`)
	got, err := f.Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	want := &Answer{
		Status: Answered, Warnings: []string{"list.more", "unknown"},
		Covers: []Covered{
			{Type: "TPension", How: "period", From: value.Date{Year: 2019, Month: 4, Day: 1}, To: value.Date{Year: 2019, Month: 6, Day: 30}},
			{Type: "Person", How: "untilTold"}},
		Body: json.RawMessage(`{"day":"1980-02-03","keeper":{"lastName":"Петрова","snils":"11223344595"},"pensions":[` +
			`{"amount":"1826.50","from":"2019-06-06","number":"1","type":"survivor"},{"number":"2","type":"old-age"}],"snils":"11223344595"}`),
		Intents: []Intent{
			{Verb: "match", Step: "keeper", Type: "Person", Key: map[string]string{"snils": snils}, None: "create", Many: "ask",
				Set: map[string]any{"lastName": "Петрова", "snils": snils}},
			{Verb: "update", Step: "pension", Type: "TPension", Key: map[string]string{"tPension": "1"}, Of: annaID, None: "create", Set: map[string]any{
				"type": "survivor", "from": "2019-06-06", "amount": "1826.50", "note": "СМЭВ", "payer": Made("keeper"), "count": json.Number("5"),
				"told": map[string]any{"by": "1", "payers": []any{Made("keeper")}}}},
			{Verb: "update", Step: "pension", Type: "TPension", Key: map[string]string{"tPension": "2"}, Of: annaID, None: "create", Set: map[string]any{
				"type": "old-age", "note": "СМЭВ", "payer": Made("keeper"), "count": json.Number("5"),
				"told": map[string]any{"by": "2", "payers": []any{Made("keeper")}}}},
			{Verb: "update", Step: "card", Type: "Person", ID: annaID, Set: map[string]any{"birthDate": "1980-02-03"}},
			{Verb: "void", Step: "old", Type: "TPension", ID: oldID, Set: map[string]any{}, Reason: "Ответ 7"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// An answer that says nothing of a step leaves the step out.
func TestStepsThatDoNotApply(t *testing.T) {
	t.Parallel()
	f, in := setup(t)
	in.Raw = reply(`{"snils": "` + snils + `"}`)
	in.World = expr.NewStaticWorld(f.all.cat)
	got, err := f.Parse(in)
	if err != nil || got.Status != Answered || len(got.Intents) != 0 || len(got.Covers) != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	f, in := setup(t)
	for raw, want := range map[string][2]string{
		`{"rejected": "NO_DATA"}`:                   {None, "Отказ: NO_DATA"},
		`{"rejected": "ACCESS_DENIED", "body": {}}`: {Failed, "Отказ: ACCESS_DENIED"},
		`{"rejected": "WAIT"}`:                      {Unclear, "Отказ: WAIT"},
		`{"rejected": "FIRE"}`:                      {Unclear, "Отказ с неизвестным кодом FIRE"},
		`{"body": {"snils": "001-001-998 00"}}`:     {Unclear, "Ответ о другом человеке или предмете"},
		`{"body": {"snils": "112-233-445 95"}}`:     {Answered, ""},
	} {
		in.Raw = []byte(raw)
		got, err := f.Parse(in)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if got.Status != want[0] || got.Note != want[1] {
			t.Errorf("%s: %s %q, want %v", raw, got.Status, got.Note, want)
		}
		if (got.Status == Unclear || got.Status == Failed) && (got.Covers != nil || got.Intents != nil) {
			t.Errorf("%s: an answer that says nothing writes %+v", raw, got)
		}
	}
	in.Raw, in.Subject = reply(`{"snils": "112-233-445 95"}`), &expr.Record{Type: "Person", ID: annaID, Data: map[string]any{}}
	if got, err := f.Parse(in); err != nil || got.Status != Unclear || !strings.HasPrefix(got.Note, "Неясно, о ком ответ") {
		t.Errorf("%+v, %v", got, err)
	}
}

// A period that was asked for stays known by its day when the subject has lost what the request needs.
func TestCoversWithoutTheRequest(t *testing.T) {
	t.Parallel()
	f, in := setup(t)
	in.Raw, in.Subject = []byte(`{"rejected": "NO_DATA"}`), &expr.Record{Type: "Person", ID: annaID, Data: map[string]any{}}
	got, err := f.Parse(in)
	if err != nil || got.Covers[0].From != asked || got.Covers[0].To != asked {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	f, in := setup(t)
	for raw, want := range map[string]string{
		``:                                       "Ответ не читается",
		`{"body": {"snils"`:                      "Ответ не читается",
		`{"body": {}} x`:                         "Ответ не читается",
		`[]`:                                     "В ответе нет ни сведений, ни отказа",
		`{"rejected": ""}`:                       "В ответе нет ни сведений, ни отказа",
		`{"body": "<xml/>"}`:                     "Ответ не того вида, нужен объект",
		`{"body": null}`:                         "Ответ не того вида",
		`{"body": {"snils": "1", "snils": "2"}}`: "body: Поле snils повторяется",
		`{"body": {}}`:                           "snils: Нет обязательного значения",
		strings.Repeat(" ", maxMessage+1):        "больше 1 МБ",
		`{"body": ` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`: "Слишком глубокая вложенность",
	} {
		in.Raw = []byte(raw)
		_, err := f.Parse(in)
		var bad *Error
		if !errors.As(err, &bad) || !strings.Contains(bad.Error(), want) {
			t.Errorf("%.60s: %v, want %q", raw, err, want)
		}
	}
	for field, want := range map[string]string{
		`"snils": "112-233-445 96"`: "snils: Неверное значение «11223344596»",
		`"snils": "112"`:            "snils: Значение «112» не подходит, нужно: ^[0-9]{11}$",
		`"snils": ["1"]`:            "snils: Список вместо одного значения",
		`"snils": {"a": 1}`:         "snils: Значение",
		`"alive": "maybe"`:          "alive: Значение «maybe» не подходит, нужно: true, false",
		`"count": 1.5`:              "count: Значение «1.5» не подходит, нужно: integer",
		`"count": 100`:              "count: Значение «100» не подходит, нужно: ≤ 99",
		`"count": -1`:               "нужно: ≥ 0",
		`"rate": "x"`:               "нужно: decimal",
		`"total": "1,005"`:          "нужно: money",
		`"kind": "huge"`:            "нужно: big, small",
		`"note": "очень, очень длинный текст"`: "нужно: ≤ 20",
		`"note": "a\u0000b"`:        "нужно: text",
		`"at": "вчера"`:             "нужно: date-time",
		`"month": "2019-13"`:        "нужно: month",
		`"day": "30022019"`:         "нужно: date",
		`"outside": "x"`:            "нужно: uuid",
		`"measure": "M2"`:           "Кода «M2» нет в справочнике Measure",
		`"measure": 1.5e400`:        "Кода",
		`"home": 5`:                 "home: Значение «5» не подходит, нужно: object",
		`"tags": "a"`:               "tags: Нужен список",
		`"tags": ["a","b","c","d"]`: "tags: Больше 3 строк",
		`"list": []`:                "list: Значение",
		`"list": {"pensions": [{"no": "1"}, {"type": "XXX"}, 7]}`: "pensions.1.type: Кода «XXX» нет в справочнике TPensionType; pensions.1.number: Нет обязательного значения; pensions.2: Значение",
	} {
		body := `{"snils": "` + snils + `", ` + field + `}`
		if strings.HasPrefix(field, `"snils"`) {
			body = `{` + field + `}`
		}
		in.Raw = reply(body)
		_, err := f.Parse(in)
		var bad *Error
		if !errors.As(err, &bad) || !strings.Contains(bad.Error(), want) {
			t.Errorf("%s: %v, want %q", field, err, want)
		}
	}
}

// Reading is lenient in spelling.
func TestLenient(t *testing.T) {
	t.Parallel()
	f, in := setup(t)
	body := `{"snils": " 11223344595 ", "alive": "1", "count": "7", "rate": "0,22", "total": "1 826,50", "note": "", "kind": null,
		"at": "2019-07-16T12:00:00+05:00", "month": "2019-07-01", "day": "2019-07-16+05:00", "outside": "0190A1B2-0000-7000-8000-000000000001",
		"measure": "M1", "home": {"town": "Урай", "road": "Мира"}, "tags": ["a", null, "b"], "list": {"pensions": []}}`
	got, unknown, err := f.Answer().Read(in.Ctx, in.World, []byte(body))
	want := map[string]any{"snils": snils, "alive": true, "count": json.Number("7"), "rate": "0.22", "total": "1826.50",
		"at": "2019-07-16T07:00:00Z", "month": "2019-07", "day": "2019-07-16", "outside": annaID, "measure": "TMilk",
		"home": map[string]any{"city": "Урай", "street": map[string]any{"name": "Мира"}}, "tags": []any{"a", "b"}, "pensions": []any{}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || unknown != nil {
		t.Error(diff, err, unknown)
	}
}

// failing is a world without a database.
type failing struct{ expr.World }

var errWorld = errors.New("no database")

func (failing) Item(context.Context, string, string) (*schema.ClassifierItem, error) {
	return nil, errWorld
}

func (failing) ItemByCode(context.Context, string, string, string) (string, error) {
	return "", errWorld
}

func (failing) Inverse(context.Context, string, string, string) ([]*expr.Record, error) {
	return nil, errWorld
}

// regional knows codes that the package does not.
type regional struct{ expr.World }

func (regional) ItemByCode(_ context.Context, _, _, code string) (string, error) {
	if code == "REG" {
		return "local", nil
	}
	return "", nil
}

func TestCodesOfTheWorld(t *testing.T) {
	t.Parallel()
	f, in := setup(t)
	in.Raw = reply(`{"snils": "` + snils + `", "list": {"pensions": [{"no": "1", "type": "REG"}]}}`)
	in.World = regional{in.World}
	got, err := f.Parse(in)
	if err != nil || !strings.Contains(string(got.Body), `"type":"local"`) {
		t.Errorf("%+v, %v", got, err)
	}
	in.World = failing{in.World}
	if _, err := f.Parse(in); !errors.Is(err, errWorld) {
		t.Errorf("a failure of the world: %v", err)
	}
	in.Raw = reply(`{"snils": "` + snils + `"}`)
	if _, err := f.Parse(in); !errors.Is(err, errWorld) {
		t.Errorf("a failure of the world in a step: %v", err)
	}
	if _, err := f.Query().Print(in.Ctx, in.World, map[string]any{"type": "survivor"}); !errors.Is(err, errWorld) {
		t.Errorf("a failure of the world in printing: %v", err)
	}
}

func TestPrintNeedsCodes(t *testing.T) {
	t.Parallel()
	f, in := setup(t)
	_, err := f.Query().Print(in.Ctx, in.World, map[string]any{"type": "local"})
	if err == nil || err.Error() != "type: У значения «local» нет кода в системе sfr" {
		t.Error(err)
	}
	_, err = f.Answer().Print(in.Ctx, in.World, map[string]any{"measure": "Nothing"})
	if err == nil || !strings.Contains(err.Error(), "нет кода") {
		t.Error(err)
	}
	_, _, err = f.Query().Read(in.Ctx, in.World, []byte(`{"service": "milk"}`))
	if err == nil || !strings.Contains(err.Error(), "service: Значение «milk», а допустимо только «pension»") {
		t.Error(err)
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	texts, err := readTexts()
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{Garbled, NoEnvelope, NoObject, TwiceKey, Deep, Large, WrongValue, WrongConst, NotList, Listed, TooManyRows,
		NoCode, Uncoded, Missing, Mismatch, Other, Uncertain, Rejection, StrangeCode} {
		if texts[code] == "" {
			t.Errorf("%q has no text", code)
		}
	}
}
