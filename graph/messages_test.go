package graph

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every language words the same keys with the same parameters.
func TestLanguagesWordTheSame(t *testing.T) {
	t.Parallel()
	texts, err := readMessages()
	if err != nil {
		t.Fatal(err)
	}
	keys := func(lang string) (out []string) {
		for _, key := range slices.Sorted(maps.Keys(texts[lang])) {
			found := parameter.FindAllString(texts[lang][key], -1)
			slices.Sort(found)
			out = append(out, key+" "+strings.Join(slices.Compact(found), " "))
		}
		return out
	}
	for _, lang := range languages[1:] {
		if diff := cmp.Diff(keys(languages[0]), keys(lang)); diff != "" {
			t.Errorf("%s against %s (-want +got):\n%s", lang, languages[0], diff)
		}
	}
}

var parameter = regexp.MustCompile(`\{\d+\}`)

// Every refusal of a workflow is worded.
func TestEveryRefusalIsWorded(t *testing.T) {
	t.Parallel()
	texts, err := readMessages()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../workflows/*.go")
	if err != nil {
		t.Fatal(err)
	}
	refusal := regexp.MustCompile(`refuse\(\w+Code, "([a-z.-]+)"`)
	found := map[string]bool{}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range refusal.FindAllSubmatch(src, -1) {
			found[string(m[1])] = true
		}
	}
	if len(found) < 10 {
		t.Errorf("only %d refusals were found: has the form changed?", len(found))
	}
	for key := range found {
		if !texts.has(key) {
			t.Errorf("no text for %q", key)
		}
	}
}
