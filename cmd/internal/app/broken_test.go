package app_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/cmd/internal/app"
)

// A package with a fault, and what needs it, are left out and named with the place; everything else works on.
func TestABrokenPackageIsLeftOut(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *app.Config) { c.Catalog = []string{"testdata/packages", "testdata/broken"} })
	said := s.faults.Render(func(string) []byte { return nil })
	if !strings.Contains(said, "uray-broken") || !strings.Contains(said, "uray-thing.yaml:") || !strings.Contains(said, "uray-after") {
		t.Errorf("what is said at the start:\n%s", said)
	}
	status, faults := map[string]any{}, map[string]string{}
	for _, p := range dig(s.must(near, `{packages(first: 100) {nodes {name status faults}}}`, nil), "packages", "nodes").([]any) {
		name := dig(p, "name").(string)
		status[name] = dig(p, "status")
		if f := dig(p, "faults"); f != nil {
			raw, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			faults[name] = string(raw)
		}
	}
	want := map[string]any{"uray-broken": "broken", "uray-after": "broken"}
	for _, name := range []string{"electronic-queue", "law-base", "one-window", "population-register", "thematic-registers", "ugra-child-benefits", "uray-notes"} {
		want[name] = "installed"
	}
	if d := cmp.Diff(want, status); d != "" {
		t.Errorf("packages (-want +got):\n%s", d)
	}
	if f := faults["uray-broken"]; !strings.Contains(f, "uray-thing.yaml") || !strings.Contains(f, `4`) {
		t.Errorf("faults of the broken package: %s", f)
	}
	if f := faults["uray-after"]; !strings.Contains(f, "uray-broken") {
		t.Errorf("faults of what needs it: %s", f)
	}
	s.create(near, "UrayNote", map[string]any{"person": s.ids["kolya"], "text": "работает"})
	s.decided()
}

// A package that is broken by an update takes its own types away, not its data: mended, everything is there again.
func TestABrokenUpdateLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/packages")); err != nil {
		t.Fatal(err)
	}
	s := setup(t, func(c *app.Config) { c.Catalog = []string{dir} })
	id := s.create(near, "UrayNote", map[string]any{"person": s.ids["kolya"], "text": "до поломки"})
	file := filepath.Join(dir, "uray-notes", "documents", "uray-note.yaml")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	status := func() string {
		return fmt.Sprint(dig(s.must(near, `{packages(where: {name: {eq: "uray-notes"}}) {nodes {status version}}}`, nil), "packages", "nodes"))
	}

	if err := os.WriteFile(file, []byte(strings.Replace(string(good), "card: Person", "card: [Person", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	s.restart()
	if got := status(); got != "[map[status:broken version:1.0.0]]" {
		t.Errorf("with a fault: %s", got)
	}
	if r := s.ask(near, `{urayNotes {totalCount}}`, nil); r.code() != "INVALID" {
		t.Errorf("a type that is not installed: %+v", r)
	}
	people := s.must(near, `{people {totalCount} node(id: "`+s.ids["kolya"]+`") {id}}`, nil)
	if dig(people, "people", "totalCount") != json.Number("2") {
		t.Errorf("%v", people)
	}
	for what, q := range map[string]string{
		"the card":    `query($p: ID!) {card(id: $p, first: 50) {nodes {id title}}}`,
		"its id":      `query($id: ID!) {node(id: $id) {id}}`,
		"the journal": `{events(first: 200) {totalCount nodes {type after}}}`,
	} {
		if r := s.ask(kernel, q, map[string]any{"p": s.ids["kolya"], "id": id}); r.code() != "" && r.code() != "NOT_FOUND" {
			t.Errorf("%s with a record of a broken package: %+v", what, r)
		}
	}

	if err := os.WriteFile(file, good, 0o644); err != nil {
		t.Fatal(err)
	}
	s.restart()
	if got := status(); got != "[map[status:installed version:1.0.0]]" {
		t.Errorf("mended: %s", got)
	}
	if got := dig(s.must(near, `query($id: ID!) {urayNote(id: $id) {text}}`, map[string]any{"id": id}), "urayNote", "text"); got != "до поломки" {
		t.Errorf("after all that the note is %v", got)
	}
}
