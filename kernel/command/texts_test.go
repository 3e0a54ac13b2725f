package command_test

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/kernel/command"
)

var parameter = regexp.MustCompile(`\{\d+\}`)

// parameters are those of each text, by key.
func parameters[K ~string](texts map[K]string) map[K][]string {
	out := map[K][]string{}
	for key, text := range texts {
		found := parameter.FindAllString(text, -1)
		slices.Sort(found)
		out[key] = slices.Compact(found)
	}
	return out
}

// Every language words the same keys with the same parameters.
func TestLanguagesWordTheSame(t *testing.T) {
	t.Parallel()
	texts, err := command.ReadTexts()
	if err != nil {
		t.Fatal(err)
	}
	if len(texts.Messages) < 2 || len(texts.Fields) < 2 {
		t.Fatalf("languages: %v, of fields %d", slices.Collect(maps.Keys(texts.Messages)), len(texts.Fields))
	}
	for lang := range texts.Messages {
		if d := cmp.Diff(parameters(texts.Messages["ru"]), parameters(texts.Messages[lang])); d != "" {
			t.Errorf("messages of %s (-ru +%s):\n%s", lang, lang, d)
		}
	}
	for lang := range texts.Fields {
		if d := cmp.Diff(parameters(texts.Fields["ru"]), parameters(texts.Fields[lang])); d != "" {
			t.Errorf("field errors of %s (-ru +%s):\n%s", lang, lang, d)
		}
	}
}

// A dialect and a language without texts are worded as their base and as definitions.
func TestTextsOfOtherLanguages(t *testing.T) {
	t.Parallel()
	texts, err := command.ReadTexts()
	if err != nil {
		t.Fatal(err)
	}
	for lang, of := range map[string]string{"ru-plain": "ru", "en-plain": "en", "fr": "ru", "": "ru"} {
		if got, want := texts.Message(lang, "award-review", "x"), texts.Message(of, "award-review", "x"); got != want {
			t.Errorf("%q: %s, want %s", lang, got, want)
		}
	}
	if got := texts.Message("ru", "no-such-key"); got != "no-such-key" {
		t.Errorf("a key without a text is %q", got)
	}
}
