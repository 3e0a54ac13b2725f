package app_test

import (
	"strings"
	"testing"

	"mera/cmd/internal/app"
)

// What a mutation costs in round trips, counted on the wire: the time that a writer waits and holds a connection.
func TestRoundTripsOfACreate(t *testing.T) {
	t.Parallel()
	var w *wire
	s := setup(t, func(c *app.Config) { w, c.Database = tap(t, c.Database) })
	for what, c := range map[string]struct {
		who, typ string
		input    map[string]any
		most     int
	}{
		"a document on a card":        {near, "Study", map[string]any{"person": s.ids[anna], "school": "Колледж", "from": "2019-09-01"}, 99},
		"a card with a key":           {near, "Person", map[string]any{"lastName": "Новая", "firstName": "Ева", "birthDate": "1990-05-05", "territory": "uray"}, 99},
		"a document of a unique rule": {near, "Income", map[string]any{"person": s.ids[anna], "month": "2019-05", "payer": "Завод", "amount": "100.00"}, 99},
	} {
		create := func(key string) {
			s.must(c.who, createOf(c.typ), map[string]any{"input": c.input, "key": key})
		}
		create("first " + what)
		if c.typ == "Income" {
			c.input["month"] = "2019-06"
		}
		trips := w.tripsOf(func() { create("second " + what) })
		if len(trips) > c.most {
			t.Errorf("%s: %d round trips, at most %d wanted", what, len(trips), c.most)
		}
		for i, texts := range trips {
			t.Logf("%s: %d: %s", what, i+1, strings.Join(texts, "\n      | "))
		}
	}
}
