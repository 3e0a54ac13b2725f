package exchange

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/schema/expr"
)

// talk is an exchange about two records, whose answer does things with cases.
const talk = `channel: agencies
flows:
  ask:
    send: TQuery
    source: {person: Person, friend: Person, old: TPension}
    format: TQueryJson
    answer:
      record: TAnswer
      format: TAnswerJson
      clear: friend.lastName == 'Борисов'
      steps:
        begun: {start: TWalk, set: {note: new}}
        gone: {fire: end, of: =begun}
        here: {fire: end}
        other: {fire: end, of: =friend.tWalks.first()}
        look: {task: Посмотреть ответ}
        never: {send: TTalk.tell, when: "has(friend.snils)"}
        told: {send: TTalk.tell}
  tell: {send: TQuery, source: {person: Person}, format: TQueryJson}
`

func talking(t *testing.T) (*Flow, ParseInput) {
	t.Helper()
	x, cat := exchanges(t, map[string]string{
		"exchanges/t-talk.yaml": talk,
		"documents/t-walk.yaml": "{title: Прогулка, card: Person, schema: {properties: {note: {type: string, maxLength: 9, title: Заметка}}}}\n",
		"workflows/t-walk.yaml": "{about: TWalk, states: {open: {next: [{event: end, by: system, to: closed}]}, closed: {final: true}}}\n",
	})
	f, err := x.Request("TTalk.ask")
	if err != nil {
		t.Fatal(err)
	}
	world := expr.NewStaticWorld(cat)
	anna := &expr.Record{Type: "Person", ID: annaID, Version: 1, Data: map[string]any{"lastName": "Петрова", "snils": snils}}
	friend := &expr.Record{Type: "Person", ID: "f", Version: 1, Data: map[string]any{"lastName": "Борисов"}}
	world.Add(anna)
	world.Add(friend)
	in := BuildInput{Ctx: t.Context(), Subject: anna, Others: map[string]*expr.Record{"friend": friend}, Asked: asked, World: world}
	return f, ParseInput{BuildInput: in, Raw: reply(`{"snils": "` + snils + `"}`)}
}

// The acts of an answer are resolved in their order; one whose case is not there is left out.
func TestActs(t *testing.T) {
	t.Parallel()
	f, in := talking(t)
	if diff := cmp.Diff([]Source{{"friend", "Person"}, {"old", "TPension"}}, f.Others()); diff != "" {
		t.Error(diff)
	}
	got, err := f.Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	want := []Intent{
		{Verb: "start", Step: "begun", Type: "TWalk", Set: map[string]any{"note": "new"}},
		{Verb: "fire", Step: "gone", Target: "end", Of: "step:begun", Set: map[string]any{}},
		{Verb: "fire", Step: "here", Target: "end", Set: map[string]any{}},
		{Verb: "task", Step: "look", Target: "Посмотреть ответ", Set: map[string]any{}},
		{Verb: "send", Step: "told", Target: "TTalk.tell", Set: map[string]any{}},
	}
	if diff := cmp.Diff(want, got.Intents); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"TWalk"}, f.Writes()); diff != "" {
		t.Error(diff)
	}
	in.Others = nil
	if got, err = f.Parse(in); err != nil || got.Status != Unclear || len(got.Intents) != 0 {
		t.Errorf("nobody to hold the answer against: %+v %v", got, err)
	}
}
