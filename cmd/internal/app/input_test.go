package app_test

import (
	"strings"
	"testing"
)

// Whatever is wrong with what a person gives, he is told which field and why, and nothing is written.
func TestWrongInputIsNamedAndWritesNothing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	person := func(over map[string]any) map[string]any {
		return with(map[string]any{"lastName": "Иванов", "firstName": "Пётр", "birthDate": "1990-01-01", "territory": "uray"}, over)
	}
	pension := func(over map[string]any) map[string]any {
		return with(map[string]any{"person": s.ids["kolya"], "type": "state-survivor", "from": "2019-06-06"}, over)
	}
	application := func(over map[string]any) map[string]any { return with(s.application(), over) }
	for what, c := range map[string]struct {
		who, typ string
		input    map[string]any
		code     string
		fields   []string
	}{
		"wrong check sum of a SNILS":   {near, "Person", person(map[string]any{"snils": "112-233-445 96"}), "INVALID", []string{"snils check"}},
		"short SNILS":                  {near, "Person", person(map[string]any{"snils": "112"}), "INVALID", []string{"snils mask"}},
		"30 February":                  {near, "Person", person(map[string]any{"birthDate": "2019-02-30"}), "INVALID", []string{"birthDate date"}},
		"29 February of a common year": {near, "Pension", pension(map[string]any{"from": "2019-02-29"}), "INVALID", []string{"from date"}},
		"two-digit year":               {near, "Person", person(map[string]any{"birthDate": "90-01-01"}), "INVALID", []string{"birthDate date"}},
		"date as people write it":      {near, "Person", person(map[string]any{"birthDate": "01.02.1990"}), "INVALID", []string{"birthDate date"}},
		"born tomorrow":                {near, "Person", person(map[string]any{"birthDate": "2019-07-17"}), "INVALID", []string{"birthDate born"}},
		"dead before birth":            {near, "Person", person(map[string]any{"deathDate": "1980-01-01"}), "INVALID", []string{"deathDate life"}},
		"end before start":             {near, "Pension", pension(map[string]any{"to": "2019-06-05"}), "INVALID", []string{"to order"}},
		"unknown code":                 {near, "Pension", pension(map[string]any{"type": "no-such-type"}), "INVALID", []string{"type item"}},
		"unknown territory":            {near, "Person", person(map[string]any{"territory": "atlantis"}), "INVALID", []string{"territory item"}},
		"nothing given":                {near, "Person", map[string]any{}, "INVALID", []string{"birthDate required", "firstName required", "lastName required"}},
		"empty text":                   {near, "Person", person(map[string]any{"lastName": ""}), "INVALID", []string{"lastName required"}},
		"blank text":                   {near, "Person", person(map[string]any{"lastName": "   "}), "INVALID", []string{"lastName required"}},
		"text too long":                {near, "Person", person(map[string]any{"lastName": strings.Repeat("я", 101)}), "INVALID", []string{"lastName too-long"}},
		"money with three digits":      {near, "Pension", pension(map[string]any{"amount": "1.005"}), "INVALID", []string{"amount money"}},
		"money beyond all sums":        {near, "Pension", pension(map[string]any{"amount": "1e400"}), "INVALID", []string{"amount money"}},
		"the same SNILS":               {near, "Person", person(map[string]any{"snils": "112-233-445 95"}), "CONFLICT", nil},
		"application of tomorrow":      {anna, "SurvivorBenefitApplication", application(map[string]any{"date": "2019-07-17"}), "INVALID", []string{"date notFuture"}},
		"short bank code":              {anna, "SurvivorBenefitApplication", application(map[string]any{"payout": map[string]any{"bank": "0471", "account": "40817810000000000001"}}), "INVALID", []string{"payout.bank pattern"}},
		"payout without account":       {anna, "SurvivorBenefitApplication", application(map[string]any{"payout": map[string]any{"bank": "047102651"}}), "INVALID", []string{"payout.account required"}},
		"nobody's child":               {anna, "SurvivorBenefitApplication", application(map[string]any{"child": nowhere}), "INVALID", []string{"child link"}},
		"child that is no id":          {anna, "SurvivorBenefitApplication", application(map[string]any{"child": "kolya"}), "INVALID", []string{"child uuid"}},
		"child that is an office":      {anna, "SurvivorBenefitApplication", application(map[string]any{"child": s.ids["nearOffice"]}), "INVALID", []string{"child link"}},
		"representative who is nobody": {near, "Person", person(map[string]any{"representatives": []any{nowhere}}), "INVALID", []string{"representatives.0 link"}},
	} {
		s.refused(what, func() reply { return s.ask(c.who, createOf(c.typ), map[string]any{"input": c.input}) }, c.code, c.fields...)
	}
	s.refused("a change to a wrong value", func() reply {
		return s.ask(near, updateOf("Person"), map[string]any{"id": s.ids["kolya"], "version": 1, "patch": map[string]any{"snils": "11223344596"}})
	}, "INVALID", "snils check")
	s.refused("a change that takes away what is required", func() reply {
		return s.ask(near, updateOf("Person"), map[string]any{"id": s.ids["kolya"], "version": 1, "patch": map[string]any{"lastName": nil}})
	}, "INVALID", "lastName required")
	s.refused("void without a reason", func() reply {
		return s.ask(near, `mutation($id: ID!) {deletePerson(id: $id, version: 1, reason: "") {id}}`, map[string]any{"id": s.ids["kolya"]})
	}, "INVALID", "reason required")
}

// nowhere is an id that no record has.
const nowhere = "0190a1b2-c3d4-7e5f-8a9b-000000000000"

// with lays some properties over others.
func with(under, over map[string]any) map[string]any {
	out := map[string]any{}
	for _, m := range []map[string]any{under, over} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}
