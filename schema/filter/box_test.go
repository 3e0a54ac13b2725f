package filter_test

import (
	"testing"

	"mera/schema/filter"
)

// A box that goes over the meridian where east meets west is two halves; any other is one.
func TestPointsInABox(t *testing.T) {
	t.Parallel()
	cat := linked(t)
	for where, want := range map[string]string{
		`{"home": {"within": {"south": 60, "north": 61.5, "west": 64, "east": 65}}}`:  `(home.lat gte "60" and home.lat lte "61.5" and home.lon gte "64" and home.lon lte "65")`,
		`{"home": {"within": {"south": 60, "north": 70, "west": 170, "east": -170}}}`: `(home.lat gte "60" and home.lat lte "70" and (home.lon gte "170" or home.lon lte "-170"))`,
	} {
		got, err := filter.FromJSON(cat, "Person", decode(t, where))
		if err != nil {
			t.Errorf("%s: %v", where, err)
		} else if got.String() != want {
			t.Errorf("%s:\ngot  %s\nwant %s", where, got, want)
		}
	}
}

// The labels of a filter are those of the properties that it reads, of the type that has them.
func TestLabelsOfAFilter(t *testing.T) {
	t.Parallel()
	cat := linked(t)
	got, err := filter.FromJSON(cat, "Pension", decode(t, `{"person": {"diagnosis": {"eq": "x"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if labels := got.Labels("Pension"); len(labels) != 1 || labels[0] != "Person.health" {
		t.Errorf("labels %v", labels)
	}
	if links := got.Links(); len(links) != 1 || links[0] != "Person" {
		t.Errorf("links %v", links)
	}
}
