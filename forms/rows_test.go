package forms

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/schema/expr"
	"mera/schema/golden"
)

// surveyFiles are a survey whose questions are records, and an order whose lines are objects of the order itself.
var surveyFiles = map[string]string{
	"documents/t-survey.yaml": "{title: Опрос, schema: {properties: {name: {type: string}}}}\n",
	"documents/t-question.yaml": `title: Вопрос
card: {survey: TSurvey}
schema:
  properties:
    survey: {x-inverse: questions}
    text: {type: string}
    kind: {enum: [line, number, check, date]}
    must: {type: boolean}
`,
	"documents/t-reply.yaml": `title: Ответ
schema:
  properties:
    survey: {x-link: TSurvey, title: Опрос}
    answers: {type: array, maxItems: 9, x-key: [question], title: Ответы, items: {properties: {question: {x-link: TQuestion}, text: {type: string}}}}
`,
	"forms/t-reply.yaml": `about: TReply
for: [citizen]
pages: {what: {fields: [survey]}}
each: {rows: survey.questions, into: answers, key: question, widget: =row.kind, label: =row.text, required: =row.must}
`,
	"documents/t-order.yaml": `title: Заказ
schema:
  properties:
    lines: {type: array, maxItems: 9, x-key: [no], items: {properties: {no: {type: integer}, what: {type: string}}}}
    marks: {type: array, maxItems: 9, x-key: [no], items: {properties: {no: {type: integer}, mark: {type: integer}}}}
`,
	"forms/t-order.yaml": "{about: TOrder, each: {rows: lines, into: marks, key: no, label: =row.what, required: \"true\"}}\n",
}

// surveyWorld holds one survey of three questions and a question of another.
func surveyWorld(f *Forms) *expr.StaticWorld {
	w := expr.NewStaticWorld(f.cat)
	w.Add(&expr.Record{Type: "TSurvey", ID: "s", Data: map[string]any{"name": "опрос"}})
	for i, data := range []map[string]any{
		{"survey": "s", "text": "Сколько лет?", "kind": "number", "must": true},
		{"survey": "s", "text": "Довольны?", "kind": "check"},
		{"survey": "s"},
		{"survey": "other", "text": "Чужой"},
	} {
		w.Add(&expr.Record{Type: "TQuestion", ID: fmt.Sprintf("q%d", i+1), Data: data})
	}
	return w
}

func TestRowsAskedByRecords(t *testing.T) {
	t.Parallel()
	f := compiledOf(t, surveyFiles)
	ask := func(data map[string]any, roles ...string) []Row {
		got, err := f.Rows(t.Context(), surveyWorld(f), &expr.Record{Type: "TReply", Data: data}, "", roles)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	asked := ask(map[string]any{"survey": "s"}, "citizen")
	want := []Row{{"q1", "Сколько лет?", Number, true}, {"q2", "Довольны?", Check, false}, {"q3", "q3", Line, false}}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Error(diff)
	}
	if got := ask(nil, "citizen"); len(got) != 0 {
		t.Error("rows of no survey", got)
	}
	if got := ask(map[string]any{"survey": "s"}, "specialist"); len(got) != 0 {
		t.Error("rows for whom no form asks", got)
	}
	v := f.View("TReply", "", []string{"citizen"}, "ru", nil)
	golden.Equal(t, "testdata/rows.json", shown(t, v.WithRows(asked)))
	if v.Pages[1].Fields[0].Row != "" || len(v.Pages[1].Fields) != 1 {
		t.Error("the form itself was changed")
	}
	if locked := v.WithRows(asked).Edit(false, []string{"survey"}); !locked.Pages[1].Fields[0].ReadOnly {
		t.Error("answers are open in a state that does not open them")
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	f := compiledOf(t, surveyFiles)
	asked := []Row{{"q1", "Сколько лет?", Number, true}, {"q2", "Довольны?", Check, false}, {"q3", "q3", Line, false}}
	answers := func(pairs ...string) map[string]any {
		var list []any
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, map[string]any{"question": pairs[i], "text": pairs[i+1]})
		}
		return map[string]any{"answers": list}
	}
	for name, c := range map[string]struct {
		data, before map[string]any
		draft        bool
		want         []string
	}{
		"whole":                {answers("q1", "40", "q2", "true", "q3", "да"), nil, false, []string{}},
		"of their widgets":     {answers("q1", "сорок", "q2", "yes", "q3", "17"), nil, false, []string{"answers.0.text integer", "answers.1.text type boolean"}},
		"not asked":            {answers("q1", "40", "q4", "да"), nil, false, []string{"answers.1.question not-asked"}},
		"not asked any more":   {answers("q1", "40", "q4", "да"), answers("q4", "да"), false, []string{}},
		"not answered":         {answers("q2", "true"), nil, false, []string{"answers no-answer Сколько лет?"}},
		"nothing answered":     {map[string]any{}, nil, false, []string{"answers no-answer Сколько лет?"}},
		"draft":                {answers("q2", "true"), nil, true, []string{}},
		"draft of wrong types": {answers("q2", "да"), nil, true, []string{"answers.0.text type boolean"}},
		"not touched":          {answers("q4", "да"), answers("q4", "да"), false, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := f.Answers(asked, "TReply", "", []string{"citizen"}, c.data, c.before, c.draft)
			if diff := cmp.Diff(c.want, errorsOf(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := f.Answers(asked, "TReply", "", []string{"head"}, answers("q4", "да"), nil, false); got != nil {
		t.Error("judged for whom no form asks:", got)
	}
}

func TestRowsAskedByObjects(t *testing.T) {
	t.Parallel()
	f := compiledOf(t, surveyFiles)
	data, faults := f.Bind("TOrder", map[string]any{
		"lines": []any{map[string]any{"no": 1, "what": "хлеб"}, map[string]any{"no": 2}, map[string]any{"what": "без номера"}},
		"marks": []any{map[string]any{"no": 2, "mark": 5}, map[string]any{"no": 3, "mark": 5}},
	})
	if faults != nil {
		t.Fatal(faults)
	}
	asked, err := f.Rows(t.Context(), surveyWorld(f), &expr.Record{Type: "TOrder", Data: data}, "", nil)
	if diff := cmp.Diff([]Row{{"1", "хлеб", Line, true}, {"2", "2", Line, true}}, asked); diff != "" || err != nil {
		t.Error(diff, err)
	}
	want := []string{"marks.1.no not-asked", "marks no-answer хлеб"}
	if diff := cmp.Diff(want, errorsOf(f.Answers(asked, "TOrder", "", nil, data, nil, false))); diff != "" {
		t.Error(diff)
	}
	v := f.View("TOrder", "", nil, "ru", nil).WithRows(asked)
	if len(v.Pages) != 1 || len(v.Pages[0].Fields) != 2 || v.Pages[0].Fields[0].Widget != Number {
		t.Errorf("%+v", v.Pages)
	}
}
