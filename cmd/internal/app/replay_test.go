package app_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A key makes a repeated request harmless: one effect, the first answer again. Another request with it is a conflict.
func TestTheSameKeyFiftyTimesAtOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for what, c := range map[string]struct {
		who, query string
		vars       map[string]any
	}{
		"create":      {near, createOf("Person"), map[string]any{"key": "new-person", "input": map[string]any{"lastName": "Новая", "firstName": "Ева", "birthDate": "1990-05-05", "territory": "uray"}}},
		"update":      {near, updateOf("Person"), map[string]any{"key": "new-phone", "id": s.ids["kolya"], "version": 1, "patch": map[string]any{"phone": "+7 900 000-00-00"}}},
		"application": {anna, createOf("SurvivorBenefitApplication"), map[string]any{"key": "app", "input": s.application()}},
		"attach": {near, `mutation($id: ID!, $key: String) {attach(type: "Person", id: $id, key: $key, attachment: {name: "p.pdf", base64: "cGRm"}) {id sha256}}`,
			map[string]any{"key": "file", "id": s.ids["kolya"]}},
	} {
		before := s.census()
		answers := make([]reply, 50)
		together(len(answers), func(i int) { answers[i] = s.ask(c.who, c.query, c.vars) })
		after := s.census()
		for i, a := range answers {
			if len(a.Errors) > 0 {
				t.Fatalf("%s: answer %d: %+v", what, i, a.Errors)
			}
			if d := cmp.Diff(answers[0].Data, a.Data); d != "" {
				t.Errorf("%s: answer %d differs:\n%s", what, i, d)
			}
		}
		if again := s.ask(c.who, c.query, c.vars); cmp.Diff(answers[0].Data, again.Data) != "" {
			t.Errorf("%s: asked again, another answer: %+v", what, again)
		}
		if grown := grown(t, before, after); what != "application" && grown["events"] != 1 || grown["people"] > 1 || grown["survivorBenefitApplications"] > 1 || grown["attachments"] > 1 {
			t.Errorf("%s: fifty requests made %v", what, grown)
		}
		other := with(c.vars, nil)
		switch what {
		case "update":
			other["patch"] = map[string]any{"phone": "+7 900 000-00-01"}
		case "attach":
			other["id"] = s.ids[anna]
		default:
			other["input"] = with(c.vars["input"].(map[string]any), map[string]any{"lastName": "Другая", "externalNumber": "2"})
			delete(other["input"].(map[string]any), map[string]string{"create": "externalNumber", "application": "lastName"}[what])
		}
		s.refused(what+" with other data", func() reply { return s.ask(c.who, c.query, other) }, "CONFLICT")
	}
}

// Each actor has keys of his own: one cannot take another's answer, nor block his request.
func TestKeysOfDifferentActorsAreDifferent(t *testing.T) {
	t.Parallel()
	s := setup(t)
	vars := func(last, territory string) map[string]any {
		return map[string]any{"key": "1", "input": map[string]any{"lastName": last, "firstName": "Ева", "birthDate": "1990-05-05", "territory": territory}}
	}
	one := s.must(near, createOf("Person"), vars("Первая", "uray"))
	two := s.must(far, createOf("Person"), vars("Вторая", "sovetsky"))
	if a, b := dig(one, "createPerson", "id"), dig(two, "createPerson", "id"); a == b || a == nil || b == nil {
		t.Errorf("%v and %v", a, b)
	}
}

// A request that failed leaves its key free: put right, it may be sent with the same key.
func TestAFailedRequestDoesNotUseUpItsKey(t *testing.T) {
	t.Parallel()
	s := setup(t)
	vars := func(born string) map[string]any {
		return map[string]any{"key": "1", "input": map[string]any{"lastName": "Новая", "firstName": "Ева", "birthDate": born, "territory": "uray"}}
	}
	s.refused("a date that is none", func() reply { return s.ask(near, createOf("Person"), vars("1990-02-30")) }, "INVALID", "birthDate date")
	s.must(near, createOf("Person"), vars("1990-02-28"))
}

// A version that is no longer the last is refused, whatever is done with it.
func TestStaleVersion(t *testing.T) {
	t.Parallel()
	s := setup(t)
	person := s.ids["kolya"]
	update := func(version int, phone string) reply {
		return s.ask(near, updateOf("Person"), map[string]any{"id": person, "version": version, "patch": map[string]any{"phone": phone}})
	}
	if r := update(1, "1"); len(r.Errors) > 0 {
		t.Fatal(r.Errors)
	}
	s.refused("update of version 1", func() reply { return update(1, "2") }, "STALE")
	s.refused("update of version 3", func() reply { return update(3, "2") }, "STALE")
	s.refused("update of no version", func() reply { return update(0, "2") }, "INVALID", "version minimum")
	s.refused("void of version 1", func() reply {
		return s.ask(near, `mutation($id: ID!) {deletePerson(id: $id, version: 1, reason: "дубль") {id}}`, map[string]any{"id": person})
	}, "STALE")
	app := s.create(anna, "SurvivorBenefitApplication", s.application())
	s.refused("event on version 7", func() reply {
		return s.ask(anna, fire, map[string]any{"case": app, "event": "withdraw", "version": 7})
	}, "STALE")
	s.must(anna, fire, map[string]any{"case": app, "event": "withdraw"})
	for _, who := range []string{portal, anna, near} {
		s.refused(who+": event of a case that has ended", func() reply {
			return s.ask(who, fire, map[string]any{"case": app, "event": "withdraw"})
		}, "STALE")
	}
	s.refused("update of an ended case in a version ago", func() reply {
		return s.ask(near, updateOf("SurvivorBenefitApplication"), map[string]any{"id": app, "version": 1, "patch": map[string]any{"externalNumber": "1"}})
	}, "STALE")
	s.refused("update of an ended case", func() reply {
		return s.ask(near, updateOf("SurvivorBenefitApplication"), map[string]any{"id": app, "version": 2, "patch": map[string]any{"externalNumber": "1"}})
	}, "DENIED")
}

// Two clerks change one document at the same time: one of them wins, the other is told, nothing is lost.
func TestTwoClerksChangeOneDocument(t *testing.T) {
	t.Parallel()
	s := setup(t)
	person := s.ids["kolya"]
	for round := 1; round <= 20; round++ {
		answers := make([]reply, 2)
		together(2, func(i int) {
			answers[i] = s.ask([]string{near, head}[i], updateOf("Person"), map[string]any{
				"id": person, "version": round, "patch": map[string]any{[]string{"phone", "middleName"}[i]: fmt.Sprint("Значение ", round)}})
		})
		codes := answers[0].code() + answers[1].code()
		if codes != "STALE" {
			t.Fatalf("round %d: %+v", round, answers)
		}
	}
	history := dig(s.must(near, `query($id: ID!) {person(id: $id) {version history(first: 100) {version}}}`, map[string]any{"id": person}), "person")
	if v, n := dig(history, "version"), len(dig(history, "history").([]any)); v != json.Number("21") || n != 21 {
		t.Errorf("version %v, %d versions kept", v, n)
	}
}
