package graph

import "testing"

func TestPreferredLanguage(t *testing.T) {
	t.Parallel()
	spoken := []string{"ru", "en", "ru-plain"}
	for header, want := range map[string]string{
		"":                           "ru",
		"en":                         "en",
		"EN-gb":                      "en",
		"de, fr;q=0.9":               "ru",
		"de;q=1, en;q=0.2":           "en",
		"ru-RU,ru;q=0.9,en-US;q=0.8": "ru",
		"en;q=0.5, ru;q=0.8":         "ru",
		"ru-plain, ru;q=0.5":         "ru-plain",
		"ru-plain-RU":                "ru-plain",
		"en;q=0":                     "ru",
		"en;q=x":                     "ru",
		" en ; q=0.7 , ru;q=0.6":     "en",
		"*":                          "ru",
		",,;;q=,\x00":                "ru",
		"enough":                     "ru",
		"-":                          "ru",
	} {
		if got := preferred(header, spoken); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}
