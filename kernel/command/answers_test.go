package command_test

import (
	"context"
	"slices"
	"testing"

	"mera/forms"
	"mera/kernel"
	"mera/kernel/command"
)

// A form asks what the questions of a survey ask, of those that the actor may read; its answers are held against them,
// in a draft as well, and nothing is sent while one that must be answered is not.
func TestAnswersToRowsOfData(t *testing.T) {
	t.Parallel()
	s := setup(t, "testdata/survey")
	s.office()
	anna := s.person("Анна", "1990-01-01", "")
	survey := s.create("Survey", map[string]any{"name": "О школе"})
	question := func(text, kind string, must, open bool) string {
		return s.create("Question", map[string]any{"survey": survey, "text": text, "kind": kind, "must": must, "open": open})
	}
	age := question("Сколько лет?", "number", true, true)
	liked := question("Нравится?", "check", false, true)
	secret := question("Для служебного пользования", "line", true, false)
	foreign := s.create("Question", map[string]any{"survey": s.create("Survey", map[string]any{"name": "Другой"}), "text": "Чужой", "open": true})
	citizen := kernel.Actor{Kind: "citizen", ID: "anna", Person: anna}

	asked := func(id string, data map[string]any) (out []any) {
		v, err := s.road.Form(context.Background(), citizen, "Reply", "", id, data, "ru")
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range v.(*forms.View).Pages {
			for _, f := range p.Fields {
				if p.Key != "" {
					out = append(out, f.Title+" "+string(f.Widget))
				}
			}
		}
		slices.SortFunc(out, func(a, b any) int { return len(a.(string)) - len(b.(string)) })
		return out
	}
	want(t, "asked before it is known of what", []any(nil), asked("", nil))
	want(t, "asked", []any{"Нравится? check", "Сколько лет? number"}, asked("", map[string]any{"survey": survey}))

	answer := func(pairs ...string) map[string]any {
		list := []any{}
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, map[string]any{"question": pairs[i], "text": pairs[i+1]})
		}
		return map[string]any{"answers": list}
	}
	s.as(citizen, func() {
		id := s.create("Reply", map[string]any{"person": anna, "survey": survey})
		wrong := func(path, code string, c command.Command) {
			t.Helper()
			c.Type, c.ID = "Reply", id
			e := s.fails(kernel.Invalid, c)
			if len(e.Fields) != 1 || e.Fields[0].Path != path || e.Fields[0].Code != code || e.Fields[0].Message == "" {
				t.Errorf("want %s %s, got %+v", path, code, e.Fields)
			}
		}
		want(t, "asked of a draft", 2, len(asked(id, nil)))
		wrong("answers.0.text", "integer", command.Command{Verb: "update", Data: answer(age, "сорок")})
		wrong("answers.1.question", "not-asked", command.Command{Verb: "update", Data: answer(liked, "true", foreign, "да")})
		wrong("answers.0.question", "link", command.Command{Verb: "update", Data: answer(secret, "да")})
		s.do(command.Command{Verb: "update", Type: "Reply", ID: id, Data: answer(liked, "true")})
		wrong("answers", "no-answer", command.Command{Verb: "fire", Event: "send"})
		want(t, "state", "filling", s.record("Reply", id).Case.State)
		s.do(command.Command{Verb: "update", Type: "Reply", ID: id, Data: answer(liked, "true", age, "40")})
		s.do(command.Command{Verb: "fire", Type: "Reply", ID: id, Event: "send"})
		wrong("answers", "no-answer", command.Command{Verb: "update", Data: answer(liked, "true")})
	})
}
