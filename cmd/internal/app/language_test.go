package app_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/cmd/internal/agencies"
)

// One case is read in the language of whoever asks: the same query, the same plan, other words. What has no words in a
// language is read in Russian.
func TestACaseIsReadInTheLanguageOfTheRequest(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.answering(map[string]agencies.Behaviour{"PensionCheck": {Rejected: "NO_DATA"}})
	id := s.create(anna, "SurvivorBenefitApplication", s.application())
	s.settle()
	const q = `query($id: ID!) {case(id: $id) {typeTitle stateTitle
		decision {measureTitle reasons {title text law {title articleTitle number date}} conditions {name title}}
		requests(where: {name: {eq: "PensionCheck"}}) {title} prints {title} notices {title} applicant {territory {title}}}}`
	reason := func(title, text, act, article string) []any {
		return []any{map[string]any{"title": title, "text": text, "law": map[string]any{
			"title": act, "articleTitle": article, "number": "45-оз", "date": "2004-07-07"}}}
	}
	const act = "О поддержке семьи, материнства, отцовства и детства в Ханты-Мансийском автономном округе – Югре"
	const article = "Ежемесячное социальное пособие на детей, потерявших кормильца"
	for lang, want := range map[string]struct {
		typ, state, measure, request, paper string
		reasons                             []any
		condition                           string
	}{
		"": {"Заявление о пособии на ребёнка, потерявшего кормильца", "Отказано", "Ежемесячное социальное пособие на детей, потерявших кормильца",
			"ПФР. Сведения о факте получения пенсии", "Решение",
			reason("Ребёнок получает пенсию по случаю потери кормильца", "Не подтверждено получение пенсии по случаю потери кормильца", act, article),
			"Ребёнок проживает в округе"},
		"en-GB, ru;q=0.5": {"Application for the benefit for a child who lost the breadwinner", "Refused", "Monthly social benefit for children who lost the breadwinner",
			"Pension fund. Receipt of a pension", "Decision",
			reason("The child receives a survivor's pension", "The receipt of a survivor's pension is not confirmed",
				"On the Support of Family, Motherhood, Fatherhood and Childhood in Khanty-Mansi Autonomous Okrug – Yugra",
				"Monthly social benefit for children who lost the breadwinner"),
			"The child lives in the region"},
		"ru-plain": {"Заявление на пособие ребёнку, у которого умер родитель", "В пособии отказано", "Ежемесячное пособие ребёнку, у которого умер родитель",
			"ПФР. Сведения о факте получения пенсии", "Решение",
			reason("Ребёнку платят пенсию за умершего родителя",
				"Социальный фонд ответил, что ребёнку не платят пенсию за умершего родителя. Если платят, возьмите справку в фонде и приложите её к новому заявлению.",
				act, article),
			"Ребёнок прописан в Югре"},
	} {
		s.language = lang
		for range 3 { // made, planned, found by its bytes
			got := dig(s.must(near, q, map[string]any{"id": id}), "case")
			if d := cmp.Diff([]any{want.typ, want.state, want.measure, want.request, want.paper, want.reasons, want.condition}, []any{
				dig(got, "typeTitle"), dig(got, "stateTitle"), dig(got, "decision", "measureTitle"), dig(got, "requests", 0, "title"),
				dig(got, "prints", 0, "title"), dig(got, "decision", "reasons"), dig(got, "decision", "conditions", 0, "title")}); d != "" {
				t.Errorf("%q (-want +got):\n%s", lang, d)
			}
		}
	}
	s.language = ""
}

// What is wrong is said in the language of whoever did it: errors of the kernel, of fields, and checks of packages.
func TestErrorsAreWordedInTheLanguageOfTheRequest(t *testing.T) {
	t.Parallel()
	s := setup(t)
	const create = `mutation($in: PensionInput!) {createPension(input: $in) {id}}`
	input := map[string]any{"person": s.ids[anna], "type": "old-age", "from": "2019-06-06", "to": "2019-01-01"}
	for lang, want := range map[string]string{
		"":   "Дата окончания раньше даты начала",
		"en": "The end is before the beginning",
	} {
		s.language = lang
		r := s.ask(near, create, map[string]any{"in": input})
		found := false
		for _, e := range r.Errors {
			for _, f := range e.Extensions.Fields {
				found = found || f.Message == want
			}
		}
		if !found {
			t.Errorf("%q: %q is not said: %+v", lang, want, r.Errors)
		}
	}
	s.language = ""
}
