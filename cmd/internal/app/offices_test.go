package app_test

import (
	"fmt"
	"testing"

	"mera/cmd/internal/app"
)

// A case comes to the office that serves its territory as offices are now: at once where the office was written, and
// within a second through another server that has offices in memory.
func TestACaseComesToTheOfficeThatServesNow(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *app.Config) { c.Catalog = []string{"../bench/region/region-support"} })
	other := s.beside()
	n := 0
	office := func(at *stage) string {
		n++
		input := map[string]any{"applicant": s.ids[anna], "kind": "fuel", "basis": fmt.Sprint("N-", n), "channel": "office", "circumstances": "нет"}
		id := at.create(near, "RegionApplication", input)
		data := at.must(near, `query($id: ID!) {regionApplication(id: $id) {office {id}}}`, map[string]any{"id": id})
		return fmt.Sprint(dig(data, "regionApplication", "office", "id"))
	}
	for _, at := range []*stage{s, other} {
		if got := office(at); got != s.ids["nearOffice"] {
			t.Fatalf("before: %s", got)
		}
	}
	s.must(admin, `mutation($id: ID!) {updateOffice(id: $id, version: 1, patch: {duties: []}) {id}}`, map[string]any{"id": s.ids["nearOffice"]})
	s.office("newOffice", "uray", "011")
	if got := office(s); got != s.ids["newOffice"] {
		t.Errorf("after, where it was written: %s", got)
	}
	s.soon("an office", func() bool { return office(other) == s.ids["newOffice"] })
}
