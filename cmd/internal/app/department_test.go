package app_test

import (
	"fmt"
	"testing"

	"mera/cmd/internal/app"
)

// The department of a record is what its definition says, and what lies below has it from its card, also when the card
// goes to another department.
func TestADepartmentReadsWhatIsItsOwn(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *app.Config) { c.Catalog = []string{"testdata/matrix"} })
	if s.faults.Faulty() {
		t.Fatal(s.faults.Render(func(string) []byte { return nil }))
	}
	for _, department := range []string{"health", "school"} {
		s.actor(department, map[string]any{"kind": "staff", "roles": []string{"worker"}, "department": department, "territories": []string{"uray"}})
	}
	s.actor("loose", map[string]any{"kind": "staff", "roles": []string{"worker"}, "territories": []string{"uray"}})
	folder := s.create(portal, "UrayFolder", map[string]any{"person": s.ids["kolya"], "title": "п", "service": "health"})
	s.create(portal, "UrayPart", map[string]any{"folder": folder, "text": "л"})
	lost := s.create(portal, "UrayFolder", map[string]any{"person": s.ids["kolya"], "title": "ничья"})
	s.create(portal, "UrayPart", map[string]any{"folder": lost, "text": "ничей"})
	seen := func(who string) string {
		data := s.must(who, `{urayFolders {nodes {title}} urayParts {nodes {text}}}`, nil)
		return fmt.Sprint(dig(data, "urayFolders", "nodes"), dig(data, "urayParts", "nodes"))
	}
	want := func(what, of, none string) {
		t.Helper()
		if got := seen(of); got != "[map[title:п]] [map[text:л]]" {
			t.Errorf("%s: %s sees %s", what, of, got)
		}
		for _, other := range []string{none, "loose", near} {
			if got := seen(other); got != "[] []" {
				t.Errorf("%s: %s sees %s", what, other, got)
			}
		}
	}
	want("before", "health", "school")
	s.must(portal, updateOf("UrayFolder"), map[string]any{"id": folder, "version": 1, "patch": map[string]any{"service": "school"}})
	want("after", "school", "health")
}
