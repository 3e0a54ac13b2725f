package app_test

import (
	"fmt"
	"strings"
	"testing"

	"mera/cmd/internal/app"
)

// What a mutation costs in round trips, counted on the wire: the time that a writer waits and holds a connection. One
// reads what the command needs, one writes; between them one for each lock: of unique rules and of a number. It is asked
// until it costs no more: each session prepares its statements once, and what the server knows by heart (which office
// serves what) it reads again after a change.
func TestRoundTripsOfACreate(t *testing.T) {
	t.Parallel()
	var w *wire
	s := setup(t, func(c *app.Config) {
		w, c.Database = tap(t, c.Database)
		c.Catalog = []string{"../bench/region/region-support"}
	})
	for what, c := range map[string]struct {
		typ   string
		input map[string]any
		want  int
	}{
		"a document on a card":                 {"Study", map[string]any{"person": s.ids[anna], "school": "Колледж", "from": "2019-09-01"}, 2},
		"a card with a key":                    {"Person", map[string]any{"lastName": "Новая", "firstName": "Ева", "birthDate": "1990-05-05", "territory": "uray"}, 2},
		"a document under a unique rule":       {"Income", map[string]any{"person": s.ids[anna], "month": "2019-05", "amount": "100.00"}, 3},
		"a numbered application that is moved": {"RegionApplication", map[string]any{"applicant": s.ids["kolya"], "kind": "fuel", "basis": "N-1", "channel": "office", "circumstances": "нет"}, 2},
	} {
		create := func(key string) {
			if c.typ == "Income" {
				c.input["payer"] = key
			}
			s.must(near, createOf(c.typ), map[string]any{"input": c.input, "key": key})
		}
		create("first " + what)
		var trips [][]string
		for try := 0; try < 40 && (try == 0 || len(trips) > c.want); try++ {
			w.quiet(s)
			trips = w.tripsOf(func() { create(fmt.Sprint("then ", try, what)) })
		}
		if len(trips) != c.want {
			t.Errorf("%s: %d round trips, want %d", what, len(trips), c.want)
			for i, texts := range trips {
				t.Logf("%d: %.1000s", i+1, strings.Join(texts, "\n  | "))
			}
		}
	}
}
