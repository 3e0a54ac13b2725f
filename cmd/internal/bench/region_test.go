package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mera/catalog"
	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
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

// The same seed makes the same region, another one another.
func TestRegionIsItsSeed(t *testing.T) {
	t.Parallel()
	one, same, other := small(t, 1000), small(t, 1000), small(t, 1000)
	other.seed = 2
	if diff := cmp.Diff(slices.Collect(one.People()), slices.Collect(same.People())); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(slices.Collect(one.People()), slices.Collect(other.People())) {
		t.Error("two seeds make one region")
	}
}

// Names are as many and as uneven as in a region.
func TestSurnames(t *testing.T) {
	t.Parallel()
	r := small(t, 200_000)
	count := map[string]int{}
	most := 0
	for n := range r.persons {
		p := r.person(n)
		count[p.last]++
		most = max(most, count[p.last])
	}
	if len(count) < 50_000 || most < r.persons/500 || most > r.persons/20 {
		t.Errorf("%d surnames, one of them %d times", len(count), most)
	}
}

// SNILS differ and have their control sum.
func TestSnils(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		s := snils(rapid.IntRange(0, 1_000_000).Draw(t, "person"))
		sum := 0
		for i, weight := 0, 9; weight > 0; i, weight = i+1, weight-1 {
			sum += int(s[i]-'0') * weight
		}
		if len(s) != 11 || s[9:] != fmt.Sprintf("%02d", sum%101%100) {
			t.Errorf("%s", s)
		}
	})
	for n := range 100_000 {
		if s := snils(n); seen[s] {
			t.Fatalf("%s twice", s)
		} else {
			seen[s] = true
		}
	}
}

// Every adult applies in turn, and the number of an application is that of the round.
func TestApplicantsTakeTurns(t *testing.T) {
	t.Parallel()
	r := small(t, 1000)
	times := map[int]int{}
	for n := range r.Cases() {
		who, round := r.applicant(n)
		times[who]++
		if times[who] != round {
			t.Fatalf("application %d of person %d has the number %d", times[who], who, round)
		}
	}
	if len(times) != 700 {
		t.Errorf("%d applicants", len(times))
	}
}

// A name is misspelt, but for what is left of it to be found.
func TestMisspelt(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		const name = "Петрова Анна Ивановна"
		if got := misspelt(rnd, name); len(strings.Fields(got)) != 3 || len([]rune(got)) < len([]rune(name))-1 || len([]rune(got)) > len([]rune(name))+1 {
			t.Errorf("%s", got)
		}
	}
}

// What is loaded is what the program would have written: nothing contradicts itself, and an application that is then
// made by a command takes the next number.
func TestLoadedRegionIsWhole(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	r := small(t, 200)
	for range 2 { // the second time there are rows: it is refused
		f := &filling{db: db, region: r, say: io.Discard, indexes: store.IndexesOf(r.cat)}
		if err := f.all(t.Context()); err != nil {
			if kernel.CodeOf(errors.Unwrap(err)) != kernel.Conflict {
				t.Fatal(err)
			}
			break
		}
	}
	checks := []func(context.Context) ([]store.Break, error){db.VerifyLedger, db.VerifyVersions, func(ctx context.Context) ([]store.Break, error) { return db.VerifyJournal(ctx, nil) }}
	for _, check := range checks {
		breaks, err := check(t.Context())
		if err != nil || len(breaks) > 0 {
			t.Errorf("%v %v", breaks, err)
		}
	}
	if _, err := db.Pool().Exec(t.Context(), "update record set data = data || '{\"kind\": \"coal\"}' where type = 'RegionApplication'"); err != nil {
		t.Fatal(err)
	}
	if breaks, err := db.VerifyVersions(t.Context()); err != nil || fmt.Sprint(breaks) != "[RegionApplication: what was loaded is not what is there]" {
		t.Errorf("of applications that were changed: %v %v", breaks, err)
	}
	for table, want := range map[string]int{
		"record where type = 'Person'": 200, "record where type = 'RegionApplication'": 600, "award": 400, "accrual": 1000, "posting": 2000,
		"record where type = 'Kinship'": 120, "record_version": 0, "counter": 140,
		"pg_index i join pg_inherits h on h.inhrelid = i.indrelid where h.inhparent = 'record'::regclass and not i.indisvalid": 0,
		"pg_constraint where contype = 'f' and conrelid in ('award'::regclass, 'accrual'::regclass, 'schedule'::regclass)":     3,
	} {
		var n int
		if err := db.Pool().QueryRow(t.Context(), "select count(*) from "+table).Scan(&n); err != nil || n != want {
			t.Errorf("%s: %d, want %d %v", table, n, want, err)
		}
	}
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
