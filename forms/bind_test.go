package forms

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const anna = "0190a1b2-0000-7000-8000-000000000001"

func input(t testing.TB, text string) map[string]any {
	t.Helper()
	var in map[string]any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&in); err != nil {
		t.Fatal(err)
	}
	return in
}

// errorsOf are errors as "path code args".
func errorsOf(errs []FieldError) []string {
	out := []string{}
	for _, e := range errs {
		out = append(out, strings.TrimSpace(e.Path+" "+string(e.Code)+" "+strings.Join(e.Args, ",")))
	}
	return out
}

func TestBindEveryKind(t *testing.T) {
	t.Parallel()
	got, errs := example(t).Bind("TThing", input(t, `{
		"person": "0190A1B2-0000-7000-8000-000000000001", "name": "  Ёлка\r\nи  ", "kind": "small", "live": false,
		"count": 7, "rate": "0.220", "sum": 1826, "day": "2019-07-16", "month": "2019-07", "quarter": "2019-Q3",
		"year": 2019, "at": "2019-07-16T12:00:00.5+05:00", "term": "5 workdays", "outside": "`+anna+`",
		"place": {"lat": "61.25", "lon": 73.4}, "color": "red", "measure": "TMilk", "snils": "112-233-445 95",
		"phone": "+7 (912) 345-67-89", "payout": {"bank": "047102651", "account": ""}, "tags": ["a", "b"],
		"rows": [{"code": "x", "count": 1}, {"code": "y"}], "only": "yes"}`))
	if len(errs) > 0 {
		t.Fatal(errorsOf(errs))
	}
	want := map[string]any{
		"person": anna, "name": "Ёлка\nи", "kind": "small", "live": false,
		"count": json.Number("7"), "rate": "0.22", "sum": "1826.00", "day": "2019-07-16", "month": "2019-07", "quarter": "2019-Q3",
		"year": "2019", "at": "2019-07-16T07:00:00Z", "term": "5 workdays", "outside": anna,
		"place": map[string]any{"lat": "61.25", "lon": "73.4"}, "color": "red", "measure": "TMilk", "snils": "11223344595",
		"phone": "9123456789", "payout": map[string]any{"bank": "047102651"}, "tags": []any{"a", "b"},
		"rows": []any{map[string]any{"code": "x", "count": json.Number("1")}, map[string]any{"code": "y"}}, "only": "yes",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Each line of the table is an input and the errors that it gives.
func TestBindErrors(t *testing.T) {
	t.Parallel()
	f := example(t)
	const ok = `"person": "` + anna + `", "name": "вещь"`
	for in, want := range map[string][]string{
		`{}`:                                   {"person required", "name required"},
		`{` + ok + `}`:                         {},
		`{"person": "anna", "name": "вещь"}`:   {"person uuid"},
		`{` + ok + `, "naem": 1, "zzzzzz": 1}`: {"naem unknown name", "zzzzzz unknown"},
		`{` + ok + `, "name": "в"}`:            {"name too-short 2"},
		`{` + ok + `, "name": "вещьвещьвещь"}`:                                            {"name too-long 10"},
		`{` + ok + `, "name": 5}`:                                                         {"name type text"},
		`{` + ok + `, "name": "  "}`:                                                      {"name required"},
		`{` + ok + `, "name": null}`:                                                      {"name required"},
		`{` + ok + `, "name": "ab\u0000"}`:                                                {"name control U+0000"},
		`{` + ok + `, "name": "a\u202eb"}`:                                                {"name control U+202E"},
		`{` + ok + `, "kind": "bgi"}`:                                                     {"kind enum big"},
		`{` + ok + `, "live": "true"}`:                                                    {"live type boolean"},
		`{` + ok + `, "count": 1.5}`:                                                      {"count integer"},
		`{` + ok + `, "count": true}`:                                                     {"count type integer"},
		`{` + ok + `, "count": 99999999999999999999}`:                                     {"count integer"},
		`{` + ok + `, "rate": "0.1234"}`:                                                  {"rate scale 3"},
		`{` + ok + `, "rate": "1e3"}`:                                                     {"rate decimal"},
		`{` + ok + `, "sum": "1.005"}`:                                                    {"sum money"},
		`{` + ok + `, "sum": "-1"}`:                                                       {"sum minimum 0"},
		`{` + ok + `, "day": "2019-02-30"}`:                                               {"day date"},
		`{` + ok + `, "day": "0000-01-01"}`:                                               {"day date"},
		`{` + ok + `, "month": "2019-13"}`:                                                {"month month"},
		`{` + ok + `, "quarter": "2019-Q5"}`:                                              {"quarter quarter"},
		`{` + ok + `, "year": 19}`:                                                        {"year year"},
		`{` + ok + `, "at": "2019-07-16T12:00:00"}`:                                       {"at date-time"},
		`{` + ok + `, "term": "5"}`:                                                       {"term duration"},
		`{` + ok + `, "outside": "{` + anna + `}"}`:                                       {"outside uuid"},
		`{` + ok + `, "place": {"lat": 91, "lon": 0}}`:                                    {"place point"},
		`{` + ok + `, "place": {"lat": 1}}`:                                               {"place point"},
		`{` + ok + `, "color": {"code": "red"}}`:                                          {"color type item"},
		`{` + ok + `, "measure": "TMlik"}`:                                                {"measure definition TMlik,TMilk"},
		`{` + ok + `, "snils": "112-233-445 96"}`:                                         {"snils check СНИЛС"},
		`{` + ok + `, "snils": "112-233-445"}`:                                            {"snils mask NNN-NNN-NNN NN"},
		`{` + ok + `, "snils": "112-233-445 9б"}`:                                         {"snils mask NNN-NNN-NNN NN"},
		`{` + ok + `, "phone": "+8 (912) 345-67-89"}`:                                     {"phone mask +7 (NNN) NNN-NN-NN"},
		`{` + ok + `, "payout": {}}`:                                                      {"payout.bank required"},
		`{` + ok + `, "payout": []}`:                                                      {"payout type object"},
		`{` + ok + `, "payout": {"bank": "1", "acount": "2"}}`:                            {"payout.acount unknown account", "payout.bank pattern ^[0-9]{9}$"},
		`{` + ok + `, "tags": "a"}`:                                                       {"tags type array"},
		`{` + ok + `, "tags": ["a", "b", "c", "d"]}`:                                      {"tags too-many 3"},
		`{` + ok + `, "tags": ["a", "b", "a"]}`:                                           {"tags.2 not-unique 1"},
		`{` + ok + `, "tags": ["a", ""]}`:                                                 {"tags.1 null"},
		`{` + ok + `, "tags": ["a", 1, null]}`:                                            {"tags.1 type text", "tags.2 null"},
		`{` + ok + `, "rows": []}`:                                                        {"rows too-few 1"},
		`{` + ok + `, "rows": [{"code": "a"}, {"code": "b"}, {"code": "a", "count": 2}]}`: {"rows.2 same-key 1"},
		`{` + ok + `, "rows": [{"count": 0}]}`:                                            {"rows.0.code required", "rows.0.count minimum 1"},
		`{` + ok + `, "rows": [{"code": "a", "count": 10}, 7]}`:                           {"rows.0.count maximum 9", "rows.1 type object"},
		`{` + ok + `, "only": "no"}`:                                                      {"only const yes"},
		`{` + ok + `, "number": "1"}`:                                                     {"number read-only"},
		`{` + ok + `, "closed": "2019-01-01"}`:                                            {"closed read-only"},
		`{` + ok + `, "label": "x"}`:                                                      {"label computed"},
	} {
		got, errs := f.Bind("TThing", input(t, in))
		if diff := cmp.Diff(want, errorsOf(errs)); diff != "" {
			t.Errorf("%s\n%s", in, diff)
		}
		if (got == nil) != (len(want) > 0) {
			t.Errorf("%s: data %v beside errors %v", in, got, errs)
		}
	}
	if _, errs := f.Bind("Nothing", nil); len(errs) != 1 || errs[0].Code != NoDocument {
		t.Error(errs)
	}
}

func TestNumbersInEveryGoType(t *testing.T) {
	t.Parallel()
	f := example(t)
	for _, c := range []struct {
		given any
		want  any
	}{
		{7, json.Number("7")}, {int64(7), json.Number("7")}, {float64(7), json.Number("7")}, {json.Number("7"), json.Number("7")},
		{" 7 ", json.Number("7")}, {1e300, nil}, {[]any{}, nil}, {strings.Repeat("1", 100), nil},
	} {
		got, _ := f.Draft("TThing", map[string]any{"count": c.given})
		if got["count"] != c.want {
			t.Errorf("%v (%T): %v, want %v", c.given, c.given, got["count"], c.want)
		}
	}
	got, errs := f.Draft("TThing", map[string]any{"sum": 0.1, "rate": -0.5})
	if got["sum"] != "0.10" || got["rate"] != "-0.5" {
		t.Error(got, errs)
	}
}

func TestDefaultsAndDrafts(t *testing.T) {
	t.Parallel()
	f := example(t)
	got, errs := f.Draft("TThing", map[string]any{"name": "вещь"})
	if diff := cmp.Diff(map[string]any{"name": "вещь", "kind": "big"}, got); diff != "" || errs != nil {
		t.Error(diff, errs)
	}
	if got, errs = f.Draft("TThing", map[string]any{"name": "вещь", "kind": nil}); got["kind"] != nil {
		t.Error("an emptied property came back by its default", got, errs)
	}
}

func TestPatch(t *testing.T) {
	t.Parallel()
	f := example(t)
	before := map[string]any{"person": anna, "name": "вещь", "day": "2019-01-01", "label": "вещь", "live": true,
		"payout": map[string]any{"bank": "047102651", "account": "1"}, "tags": []any{"a"}}
	for in, want := range map[string]map[string]any{
		`{}`:                                {},
		`{"live": null, "name": "Вещь"}`:    {"live": nil, "name": "Вещь"},
		`{"live": "", "day": "2019-01-02"}`: {"live": nil, "day": "2019-01-02"},
		`{"payout": {"account": null}}`:     {"payout": map[string]any{"bank": "047102651"}},
		`{"payout": {"bank": "047102652"}}`: {"payout": map[string]any{"bank": "047102652", "account": "1"}},
		`{"payout": null, "tags": ["b"]}`:   {"payout": nil, "tags": []any{"b"}},
		`{"person": "` + anna + `"}`:        {"person": anna},
	} {
		got, errs := f.Patch("TThing", before, input(t, in))
		if diff := cmp.Diff(want, got); diff != "" || errs != nil {
			t.Errorf("%s: %v\n%s", in, errs, diff)
		}
	}
	for in, want := range map[string]string{
		`{"name": null}`:           "name required",
		`{"payout": {"bank": ""}}`: "payout.bank required",
		`{"label": "x"}`:           "label computed",
		`{"colour": "red"}`:        "colour unknown color",
		`{"person": "0190a1b2-0000-7000-8000-000000000002"}`: "person card-fixed",
	} {
		if _, errs := f.Patch("TThing", before, input(t, in)); len(errs) != 1 || errorsOf(errs)[0] != want {
			t.Errorf("%s: %v, want %s", in, errorsOf(errs), want)
		}
	}
	if got, errs := f.PatchDraft("TThing", before, map[string]any{"name": nil}); errs != nil || got["name"] != nil {
		t.Error(got, errs)
	}
	if got, errs := f.Patch("TThing", nil, map[string]any{"live": true}); errs != nil || len(got) != 1 {
		t.Error("a patch of nothing: ", got, errs)
	}
}

func TestBindEvent(t *testing.T) {
	t.Parallel()
	f := example(t)
	ask := []string{"ground", "closed", "reason", "answers"}
	got, errs := f.BindEvent("TThing", ask, input(t, `{"ground": "цена", "closed": "2019-01-01", "reason": "так", "answers": {"livesInUgra": true}}`))
	want := map[string]any{"ground": "цена", "closed": "2019-01-01", "reason": "так", "answers": map[string]any{"livesInUgra": true}}
	if diff := cmp.Diff(want, got); diff != "" || errs != nil {
		t.Error(diff, errs)
	}
	for in, want := range map[string][]string{
		`{}`: {"ground required", "closed required", "reason required"},
		`{"ground": "дороговато", "closed": "2019-01-01", "reason": "так"}`:                   {"ground too-long 5"},
		`{"ground": "цена", "closed": "2019-01-01", "reason": "так", "raeson": "x"}`:          {"raeson unknown reason"},
		`{"ground": "цена", "closed": "2019-01-01", "reason": "так", "answers": {"a": "да"}}`: {"answers.a type boolean"},
		`{"ground": "цена", "closed": "2019-01-01", "reason": "так", "answers": []}`:          {"answers type object"},
	} {
		if _, errs := f.BindEvent("TThing", ask, input(t, in)); !cmp.Equal(want, errorsOf(errs)) {
			t.Errorf("%s: %v, want %v", in, errorsOf(errs), want)
		}
	}
	if _, errs := f.BindEvent("Nothing", nil, nil); len(errs) != 1 {
		t.Error(errs)
	}
}

func TestValidateLetsMachinesWriteWhatPeopleMayNot(t *testing.T) {
	t.Parallel()
	f := example(t)
	if errs := f.Validate("TThing", map[string]any{"closed": "2019-01-01", "label": "x", "number": "1"}); errs != nil {
		t.Error(errs)
	}
	if errs := f.Validate("TThing", map[string]any{"closed": "2019-02-30"}); len(errs) != 1 {
		t.Error(errs)
	}
}

func TestBindGiven(t *testing.T) {
	t.Parallel()
	f := example(t)
	list := f.cat.Lists["TOfDays"]
	for in, want := range map[string]string{
		`{"days": "2019-07"}`: "2019-07-01..2019-07-31",
		`{"days": "2019-Q3"}`: "2019-07-01..2019-09-30",
		`{"days": {"from": "2019-07-16", "to": "2019-08-01"}}`: "2019-07-16..2019-08-01",
		`{"days": {"from": "2019-07-16"}}`:                     "2019-07-16..",
		`{"days": "2019-07-16..2019-07-15"}`:                   "",
		`{"days": 5}`:                                          "",
		`{"daze": "2019"}`:                                     "",
	} {
		got, errs := f.BindGiven(list, input(t, in))
		if text, _ := got["days"].(string); text != want || (errs != nil) != (want == "") {
			t.Errorf("%s: %v %v", in, got, errs)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	f := example(t)
	long := map[string]any{"person": anna, "name": "вещь", "note": strings.Repeat("я", 2000)}
	rows := []any{}
	for i := range 5 {
		rows = append(rows, map[string]any{"code": strings.Repeat(string(rune('a'+i)), 60_000)})
	}
	long["rows"] = rows
	if _, errs := f.Bind("TThing", long); len(errs) != 1 || errs[0].Code != TooBig {
		t.Errorf("%.300v", errs)
	}
	flood := map[string]any{}
	for i := range 1000 {
		flood[strings.Repeat("\x00", i)] = i
	}
	_, errs := f.Bind("TThing", flood)
	if len(errs) != maxErrors {
		t.Errorf("%d errors", len(errs))
	}
	for _, e := range errs {
		if len(e.Path) > 200 || strings.Contains(e.Path, "\x00") {
			t.Fatalf("an error echoes the flood: %q", e.Path)
		}
	}
}

// FuzzBind: whatever comes, there is data or there are errors, and what was bound binds again to itself.
func FuzzBind(f *testing.F) {
	forms := example(f)
	f.Add(`{"person": "` + anna + `", "name": "вещь", "tags": ["a"], "rows": [{"code": "x", "count": 1}]}`)
	f.Add(`{"place": {"lat": "1", "lon": 2}, "at": "2019-07-16T12:00:00Z", "snils": "112-233-445 95", "year": 2019}`)
	f.Add(`{"name": "\u0000\ud800", "payout": {"bank": {}}, "rows": [[[]]], "count": 1e999}`)
	f.Fuzz(func(t *testing.T, text string) {
		var in map[string]any
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if d.Decode(&in) != nil {
			return
		}
		forms.Bind("TThing", in)
		forms.BindEvent("TThing", []string{"ground", "answers"}, in)
		once, errs := forms.Draft("TThing", in)
		if (once == nil) != (len(errs) > 0) {
			t.Fatalf("data %v, errors %v", once, errs)
		}
		if once == nil {
			return
		}
		if errs := forms.Validate("TThing", once); errs != nil {
			t.Fatalf("%v does not bind again: %v", once, errs)
		}
		again, errs := forms.Draft("TThing", once)
		if errs != nil || !cmp.Equal(once, again) {
			t.Fatalf("%v became %v, %v", once, again, errs)
		}
	})
}
