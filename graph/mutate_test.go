package graph

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mera/kernel"
	"mera/schema/filter"
)

func TestMutationsBecomeCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct {
		query  string
		vars   map[string]any
		result Result
		want   Command
		data   string
	}{
		"create": {
			query: `mutation {createPension(key: "k1", case: "` + case1 + `", input: {person: "` + anna + `", type: "age", from: "2019-07-01", amount: "10.10", share: 1.10, points: 3, note: null,
				attachments: [{slot: "other", name: "a.pdf", base64: "aGk="}]}) {id type {title}}}`,
			result: Result{Type: "Pension", ID: pension1, Version: 1},
			want: Command{Verb: "create", Type: "Pension", Case: case1, Key: "k1", Data: map[string]any{"person": anna, "type": "age", "from": "2019-07-01",
				"amount": "10.10", "share": json.Number("1.10"), "points": json.Number("3"), "note": nil},
				Files: []File{{Slot: "other", Name: "a.pdf", Content: []byte("hi")}}},
			data: `{"createPension":{"id":"` + pension1 + `","type":{"title":"По старости"}}}`,
		},
		"create by variables": {
			query: `mutation($in: PersonInput!) {createPerson(input: $in) {lastName}}`,
			vars: map[string]any{"in": map[string]any{"lastName": "Ёлкина", "birthDate": "1980-02-03", "sex": "female", "payout": map[string]any{"bank": "047102651"},
				"relatives": []any{map[string]any{"name": "Мария", "role": "mother"}}}},
			result: Result{Type: "Person", ID: anna},
			want: Command{Verb: "create", Type: "Person", Data: map[string]any{"lastName": "Ёлкина", "birthDate": "1980-02-03", "sex": "female",
				"payout": map[string]any{"bank": "047102651"}, "relatives": []any{map[string]any{"name": "Мария", "role": "mother"}}}},
			data: `{"createPerson":{"lastName":"Ёлкина"}}`,
		},
		"update": {
			query:  `mutation {updatePerson(id: "` + anna + `", version: 3, patch: {sex: null, firstName: "Анна"}) {firstName}}`,
			result: Result{Type: "Person", ID: anna},
			want:   Command{Verb: "update", Type: "Person", ID: anna, Version: 3, Data: map[string]any{"sex": nil, "firstName": "Анна"}},
			data:   `{"updatePerson":{"firstName":"Анна"}}`,
		},
		"void": {
			query:  `mutation {deletePension(id: "` + pension1 + `", version: 1, reason: "Ошибка") {id}}`,
			result: Result{Type: "Pension", ID: pension1},
			want:   Command{Verb: "void", Type: "Pension", ID: pension1, Version: 1, Reason: "Ошибка", Brief: true},
			data:   `{"deletePension":{"id":"` + pension1 + `"}}`,
		},
		"fire": {
			query:  `mutation {fire(case: "` + case1 + `", event: "approve", data: {reason: "так", sum: 1.50}, version: 2, key: "k", at: "2019-07-16T10:00:00+05:00") {__typename state tasks {title} ... on BenefitApplication {date}}}`,
			result: Result{Type: "BenefitApplication", ID: case1},
			want: Command{Verb: "fire", ID: case1, Event: "approve", Version: 2, Key: "k", At: time.Date(2019, 7, 16, 5, 0, 0, 0, time.UTC),
				Data: map[string]any{"reason": "так", "sum": json.Number("1.50")}},
			data: `{"fire":{"__typename":"BenefitApplication","state":"open","tasks":[{"title":"Проверить 1"},{"title":"Проверить 2"}],"date":"2019-07-16"}}`,
		},
		"take": {
			query:  `mutation {takeBoard(child: "` + kolya + `", key: "k") {id}}`,
			result: Result{Type: "BenefitApplication", ID: case1},
			want:   Command{Verb: "take", List: "Board", Key: "k", Given: map[string]any{"child": kolya}},
			data:   `{"takeBoard":{"id":"` + case1 + `"}}`,
		},
		"take of an empty list": {
			query: `mutation {takeBoard(child: "` + kolya + `") {id}}`,
			want:  Command{Verb: "take", List: "Board", Given: map[string]any{"child": kolya}},
			data:  `{"takeBoard":null}`,
		},
		"recalculate": {
			query:  `mutation {recalculate(award: "` + award1 + `") {id amount}}`,
			result: Result{Type: "Award", ID: award1},
			want:   Command{Verb: "recalculate", ID: award1},
			data:   `{"recalculate":{"id":"` + award1 + `","amount":"1826.00"}}`,
		},
		"accrue": {
			query:  `mutation {accrue(until: "2019-08-31", key: "k")}`,
			result: Result{Data: map[string]any{"accruals": 2}},
			want:   Command{Verb: "accrue", Key: "k", Data: map[string]any{"until": "2019-08-31"}},
			data:   `{"accrue":{"accruals":2}}`,
		},
		"attach": {
			query:  `mutation {attach(type: "Person", id: "` + anna + `", attachment: {slot: "passport", name: "p.pdf", base64: "aGk="}) {id name size}}`,
			result: Result{Type: "Attachment", ID: uid(99), Data: map[string]any{"name": "p.pdf", "size": 2}},
			want:   Command{Verb: "attach", Type: "Person", ID: anna, Files: []File{{Slot: "passport", Name: "p.pdf", Content: []byte("hi")}}},
			data:   `{"attach":{"id":"` + uid(99) + `","name":"p.pdf","size":2}}`,
		},
		"set a parameter": {
			query: `mutation {setParameter(name: "Sum", from: "2019-01-01", keys: ["a"], value: "1826.00") {name}}`,
			want:  Command{Verb: "setParameter", Data: map[string]any{"name": "Sum", "from": "2019-01-01", "keys": []any{"a"}, "value": "1826.00"}},
			data:  `{"setParameter":null}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := *w
			w.t = t
			c.want.Language = languages[0]
			for _, again := range []bool{false, true} { // the second time it goes the short way
				w.cmds.got, w.cmds.result, w.cmds.err = nil, c.result, nil
				w.db.take()
				if known := w.known(bodyOf(c.query, c.vars), "clerk"); known != again {
					t.Errorf("known: %t, again: %t", known, again)
				}
				if got := w.data(c.query, c.vars); got != c.data {
					t.Errorf("again %t:\n got %s\nwant %s", again, got, c.data)
				}
				if len(w.cmds.got) != 1 {
					t.Fatalf("again %t: %d commands", again, len(w.cmds.got))
				}
				if d := cmp.Diff(c.want, w.cmds.got[0]); d != "" {
					t.Error(d)
				}
				if n := len(w.db.take()); n > 1 {
					t.Errorf("again %t: %d statements", again, n)
				}
			}
		})
	}
}

func TestErrorsOfCommandsAreWorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cmds.err = &kernel.Error{Code: kernel.Invalid, Message: "Пенсия этого вида уже внесена",
		Fields: []kernel.FieldError{{Path: "from", Code: "required"}, {Path: "to", Code: "order", Message: "Дата окончания раньше даты начала"}}}
	a := w.ask(`mutation {a: deletePension(id: "`+pension1+`", version: 1, reason: "x") {id} b: deletePension(id: "`+pension2+`", version: 1, reason: "x") {id}}`, nil)
	if string(a.Data) != `{"a":null,"b":null}` || len(a.Errors) != 2 || len(w.cmds.got) != 2 {
		t.Fatalf("%s %+v", a.Data, a.Errors)
	}
	e := a.Errors[1]
	want := []kernel.FieldError{{Path: "from", Code: "required", Message: "Обязательно"}, {Path: "to", Code: "order", Message: "Дата окончания раньше даты начала"}}
	if e.Message != "Пенсия этого вида уже внесена" || e.Path[0] != "b" || e.Extensions.RequestID == "" {
		t.Errorf("%+v", e)
	}
	if d := cmp.Diff(want, e.Extensions.Fields); d != "" {
		t.Error(d)
	}
	w.cmds.err = fmt.Errorf("password=secret")
	a = w.ask(`mutation {accrue(until: "2019-08-31")}`, nil)
	if a.code() != kernel.Internal || string(a.Data) != "null" || a.Errors[0].Message != "Внутренняя ошибка сервера. Сообщите номер запроса администратору" {
		t.Errorf("%s %+v", a.Data, a.Errors)
	}
}

// What cannot be read is refused before it is written; what may not be read afterwards is null, for it was written.
func TestNothingIsWrittenForASelectionThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.ask(`mutation {updatePerson(id: "`+anna+`", version: 1, patch: {}) {pensions(first: 500) {nodes {id}}}}`, nil)
	if a.code() != kernel.Limit || len(w.cmds.got) > 0 {
		t.Errorf("%+v %v", a, w.cmds.got)
	}
	w.gate.rows = map[string]*filter.Tree{"Person": filter.Nothing()}
	w.cmds.result = Result{Type: "Person", ID: anna}
	a = w.ask(`mutation {updatePerson(id: "`+anna+`", version: 1, patch: {}) {id}}`, nil)
	if string(a.Data) != `{"updatePerson":null}` || len(a.Errors) > 0 || len(w.cmds.got) != 1 {
		t.Errorf("%+v %v", a, w.cmds.got)
	}
}

func TestFilesComeAsPartsOfTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cmds.result = Result{Type: "Attachment", ID: uid(99)}
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for _, f := range [][2]string{
		{"operations", `{"query": "mutation($f: Upload!) {attach(type: \"Person\", id: \"` + anna + `\", attachment: {slot: \"passport\", name: \"p.pdf\", file: $f}) {id}}", "variables": {"f": null}}`},
		{"map", `{"0": ["variables.f"]}`},
	} {
		if err := m.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := m.CreateFormFile("0", "p.pdf")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(part, "%PDF")
	m.Close()
	r := httptest.NewRequest(http.MethodPost, "/graphql", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Authorization", "Bearer clerk")
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, r)
	if len(w.cmds.got) != 1 || string(w.cmds.got[0].Files[0].Content) != "%PDF" || w.cmds.got[0].Files[0].Media != "application/octet-stream" {
		t.Errorf("%s %+v", rec.Body, w.cmds.got)
	}
}

// A mutation that was met before takes the short way with other texts, and says of all of them what the long way says.
func TestKnownMutationsTakeOtherTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const create = `mutation($in: PersonInput!, $key: String, $with: Boolean = true) {one: createPerson(input: $in, key: $key) {id} createPerson(input: $in) @include(if: $with) {id lastName}}`
	person := func(last string) map[string]any {
		return map[string]any{"lastName": last, "birthDate": "1980-02-03", "sex": "female", "relatives": map[string]any{"name": "Мария", "role": "mother"}}
	}
	changed := func(name string, to any) map[string]any {
		p := person("Ёлкина")
		p[name] = to
		return p
	}
	for name, c := range map[string]struct {
		vars    any
		failure error
		known   bool
		raw     string // in place of the vars
	}{
		"other texts":            {vars: map[string]any{"in": person("Лесная"), "key": "k2"}, known: true},
		"texts with escapes":     {vars: map[string]any{"in": person("Лес\"\\\nная"), "key": "k2"}, known: true},
		"an error of a command":  {vars: map[string]any{"in": person("Лесная"), "key": "k2"}, failure: kernel.Errorf(kernel.Conflict, "key-taken", "a", "b"), known: true},
		"a defect":               {vars: map[string]any{"in": person("Лесная"), "key": "k2"}, failure: fmt.Errorf("password=secret"), known: true},
		"no such sex":            {vars: map[string]any{"in": changed("sex", "none"), "key": "k"}},
		"a zero character":       {vars: map[string]any{"in": person("a\x00"), "key": "k"}},
		"half a pair":            {raw: `{"in":{"birthDate":"1980-02-03","lastName":"\ud800","relatives":{"name":"М","role":"mother"},"sex":"female"},"key":"k"}`},
		"a wrong escape":         {raw: `{"in":{"birthDate":"1980-02-03","lastName":"\q","relatives":{"name":"М","role":"mother"},"sex":"female"},"key":"k"}`},
		"another shape":          {vars: map[string]any{"in": changed("lastName", nil), "key": "k"}},
		"a key that nobody has":  {vars: map[string]any{"in": changed("height", "1"), "key": "k"}},
		"a variable of no shape": {vars: map[string]any{"in": person("Лесная"), "key": "k", "with": false}},
	} {
		t.Run(name, func(t *testing.T) {
			w := *w
			w.t = t
			w.cmds.result, w.cmds.err = Result{Type: "Person", ID: anna, Version: 1, Readable: true}, nil
			body := bodyOf(create, c.vars)
			if c.raw != "" {
				body = strings.Replace(bodyOf(create, "VARS"), `"VARS"`, c.raw, 1)
			}
			first := bodyOf(create, map[string]any{"in": person("Ёлкина"), "key": "k1"})
			tell := func() (map[string]any, []Command) {
				w.cmds.got, w.cmds.err = nil, c.failure
				return w.sent(t, body, "clerk"), w.cmds.got
			}
			w.server.current.Load().plans = newPlans()
			want, asked := tell()
			w.server.current.Load().plans, w.cmds.err = newPlans(), nil
			w.sent(t, first, "clerk")
			if known := w.known(body, "clerk"); known != c.known {
				t.Errorf("known: %t", known)
			}
			got, commands := tell()
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(asked, commands); d != "" {
				t.Error(d)
			}
		})
	}
}
