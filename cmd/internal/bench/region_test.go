package bench

import (
	"testing"

	"mera/catalog"
)

// small is an installation that is compiled, not started.
func small(t testing.TB, persons int) *Region {
	t.Helper()
	in := &Installation{Data: t.TempDir(), Core: catalog.FS, Persons: persons, Seed: 1}
	if err := in.compile(); err != nil {
		t.Fatal(err)
	}
	r, err := in.Region()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func BenchmarkApplication(b *testing.B) {
	r := small(b, 10000)
	kinds := r.kinds()
	for b.Loop() {
		r.application(b.N%r.Cases(), kinds)
	}
}

func BenchmarkPerson(b *testing.B) {
	r := small(b, 10000)
	for b.Loop() {
		r.person(b.N % r.persons)
	}
}
