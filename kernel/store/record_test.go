package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/schema"
	"mera/schema/value"
)

func id(t testing.TB) string {
	t.Helper()
	u, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return u.String()
}

// person is a record without a card.
func person(t testing.TB, data map[string]any) *kernel.Record {
	me := id(t)
	return &kernel.Record{
		Type: "Person", ID: me, Version: 1, Root: me, Data: data, Author: "ivanova", Persons: []string{me},
		Access: map[string]any{"region": "86"}, CreatedAt: noon, CreatedBy: "ivanova", UpdatedAt: noon, UpdatedBy: "ivanova",
	}
}

func save(t *testing.T, db *store.DB, records ...*kernel.Record) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for _, r := range records {
			if err := tx.SaveRecord(ctx, r, id(t), r.Version == 1); err != nil {
				return err
			}
		}
		return nil
	})
}

func load(t *testing.T, db *store.DB, typ, id string) (r *kernel.Record) {
	t.Helper()
	read(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		r, err = tx.Record(ctx, typ, id)
		return err
	})
	return r
}

func TestRecordComesBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	full := &kernel.Record{
		Type: "PensionClaim", ID: id(t), Version: 1, Root: id(t), Card: id(t),
		Data: map[string]any{
			"amount": "1826.00", "children": json.Number("9007199254740993"), "urgent": true, "from": "2019-07-16",
			"tags": []any{"a", "b"}, "payout": map[string]any{"bank": "047102651"}, "kept": json.Number("1"),
		},
		Territory: "uray", Office: id(t), Department: "2", Author: "ivanova", Persons: []string{id(t), id(t)},
		Access: map[string]any{"region": "86"}, CreatedAt: noon, CreatedBy: "ivanova", UpdatedAt: noon.Add(time.Microsecond),
		UpdatedBy: "sidorov", Void: "ошибка", Title: "Заявление", Case: &kernel.Case{
			State: "asking", Final: true, Number: "1-п", Worker: "sidorov", Parent: id(t), ParentOf: "Application",
			Applicant: id(t), Due: value.Date{Year: 2019, Month: time.July, Day: 30}, Channel: "portal", Flow: json.RawMessage(`{"a": 1}`),
		},
	}
	bare := person(t, map[string]any{})
	bare.Access, bare.Persons = nil, nil
	save(t, db, full, bare)
	if diff := cmp.Diff(full, load(t, db, full.Type, full.ID)); diff != "" {
		t.Error(diff)
	}
	bare.Access, bare.Persons = map[string]any{}, []string{}
	if diff := cmp.Diff(bare, load(t, db, bare.Type, bare.ID)); diff != "" {
		t.Error(diff)
	}
	read(t, db, func(ctx context.Context, tx *store.Tx) error {
		found, err := tx.FindRecord(ctx, full.ID)
		if diff := cmp.Diff(full, found); diff != "" || err != nil {
			t.Error(diff, err)
		}
		for _, missing := range [][2]string{{"Person", id(t)}, {"Pension", full.ID}, {"no type'", full.ID}, {"Person", "no uuid"}} {
			if r, err := tx.Record(ctx, missing[0], missing[1]); r != nil || err != nil {
				t.Errorf("%v: %v %v", missing, r, err)
			}
		}
		for _, missing := range []string{id(t), "no uuid", ""} {
			if r, err := tx.FindRecord(ctx, missing); r != nil || err != nil {
				t.Errorf("%v %v", r, err)
			}
		}
		two, err := tx.RecordsByIDs(ctx, bare.Type, []string{bare.ID, full.ID})
		if len(two) != 1 || err != nil {
			t.Errorf("by ids %d, %v", len(two), err)
		}
		return nil
	})
}

// moving is a clock that a test moves.
type moving struct {
	sync.Mutex
	now time.Time
}

func (m *moving) Now() time.Time {
	m.Lock()
	defer m.Unlock()
	return m.now
}

func (m *moving) add(d time.Duration) {
	m.Lock()
	defer m.Unlock()
	m.now = m.now.Add(d)
}

func TestVersions(t *testing.T) {
	t.Parallel()
	clock := &moving{now: noon}
	db := storetest.Open(t, func(c *store.Config) { c.Clock = clock })
	r := person(t, map[string]any{"lastName": "Петрова"})
	save(t, db, r)
	for _, step := range []struct {
		after time.Duration
		name  string
	}{{time.Hour, "Иванова"}, {-30 * time.Minute, "Сидорова"}} { // the clock steps back once
		clock.add(step.after)
		r.Version++
		r.Data = map[string]any{"lastName": step.name}
		save(t, db, r)
	}
	at := func(when time.Time) string {
		var name string
		read(t, db, func(ctx context.Context, tx *store.Tx) error {
			r, err := tx.RecordAt(ctx, "Person", r.ID, when)
			if r != nil {
				name, _ = r.Data["lastName"].(string)
			}
			return err
		})
		return name
	}
	got := []string{at(noon.Add(-time.Second)), at(noon), at(noon.Add(59 * time.Minute)), at(noon.Add(time.Hour)), at(noon.AddDate(9, 0, 0))}
	if diff := cmp.Diff([]string{"", "Петрова", "Петрова", "Сидорова", "Сидорова"}, got); diff != "" {
		t.Error(diff)
	}
	read(t, db, func(ctx context.Context, tx *store.Tx) error {
		second, err := tx.Version(ctx, "Person", r.ID, 2)
		if err != nil || second == nil || second.Data["lastName"] != "Иванова" {
			t.Errorf("second version %v, %v", second, err)
		}
		return err
	})
	if n := count(t, db, "select count(*) from record_version where until < since"); n != 0 {
		t.Errorf("%d versions end before they begin", n)
	}
	if n := count(t, db, "select count(*) from record_version"); n != 2 {
		t.Errorf("%d past versions", n)
	}
}

func TestStaleVersionIsRefused(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	r := person(t, map[string]any{"n": json.Number("0")})
	save(t, db, r)
	stale, won := 0, 0
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			mine := *r
			mine.Version = 2
			mine.Data = map[string]any{"n": json.Number(fmt.Sprint(i))}
			err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.SaveRecord(t.Context(), &mine, id(t), false) })
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case kernel.CodeOf(err) == kernel.Stale:
				stale++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 || stale != 7 {
		t.Errorf("%d won, %d stale", won, stale)
	}
	if n := count(t, db, "select count(*) from record_known"); n != 2 {
		t.Errorf("%d versions", n)
	}
	r.Version = 1
	err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.SaveRecord(t.Context(), r, id(t), true) })
	if kernel.CodeOf(err) != kernel.Conflict {
		t.Errorf("a second record with one id: %v", err)
	}
}

// Who reads what was known at a moment finds one version, whatever is written meanwhile.
func TestOneVersionIsKnownAtEachMoment(t *testing.T) {
	t.Parallel()
	clock := &moving{now: noon}
	db := storetest.Open(t, func(c *store.Config) { c.Clock = clock })
	r := person(t, map[string]any{"n": json.Number("0")})
	save(t, db, r)
	var wg sync.WaitGroup
	var written atomic.Bool
	wg.Go(func() {
		defer written.Store(true)
		for v := 2; v <= 60; v++ {
			clock.add(time.Duration(v%5-1) * time.Second) // steps back, stands still and goes on
			r.Version = v
			err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.SaveRecord(t.Context(), r, id(t), false) })
			if err != nil {
				t.Error(err)
			}
		}
	})
	for !written.Load() {
		for _, at := range []time.Time{noon, clock.Now().Add(-time.Second), clock.Now(), clock.Now().AddDate(1, 0, 0)} {
			if at.Before(noon) {
				continue
			}
			var known, present int
			err := db.Pool().QueryRow(t.Context(), `select count(*) filter (where since <= $2 and (until is null or until > $2)),
				count(*) filter (where until is null) from record_known where type = 'Person' and id = $1`, r.ID, at).Scan(&known, &present)
			if err != nil || known != 1 || present != 1 {
				t.Errorf("%d versions known at %v, %d at present, %v", known, at, present, err)
			}
		}
	}
	wg.Wait()
	if n := count(t, db, "select count(*) from record_version"); n != 59 {
		t.Errorf("%d past versions", n)
	}
}

func TestLockRecord(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	r := person(t, map[string]any{"n": json.Number("0")})
	save(t, db, r)
	var wg sync.WaitGroup
	for range 8 { // nobody is stale: each waits for the one before
		wg.Go(func() {
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				r, err := tx.LockRecord(t.Context(), "Person", r.ID)
				if err != nil {
					return err
				}
				n, _ := r.Data["n"].(json.Number).Int64()
				r.Version++
				r.Data["n"] = n + 1
				return tx.SaveRecord(t.Context(), r, id(t), false)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := load(t, db, "Person", r.ID); got.Data["n"] != json.Number("8") || got.Version != 9 {
		t.Errorf("n %v, version %d", got.Data["n"], got.Version)
	}
}

func pension(t *testing.T, of, typ, from string) *kernel.Record {
	r := person(t, map[string]any{"person": of, "type": typ, "from": from})
	r.Type, r.Root, r.Card = "Pension", of, of
	return r
}

func link(name string, many bool) *schema.Property {
	typ := &schema.Type{Kind: schema.Link, Of: "Person"}
	if many {
		typ = &schema.Type{Kind: schema.Array, Elem: typ}
	}
	return &schema.Property{Name: name, Type: typ}
}

func TestRecordsByLink(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	anna, kolya := person(t, nil), person(t, nil)
	first, second := pension(t, anna.ID, "a", "2019-01-01"), pension(t, kolya.ID, "b", "2019-02-01")
	voided := pension(t, anna.ID, "c", "2019-03-01")
	voided.Void = "mistake"
	first.Data["heirs"] = []any{kolya.ID, anna.ID}
	first.Data["payout"] = map[string]any{"to": kolya.ID}
	save(t, db, anna, kolya, first, second, voided)
	check := func(when string) {
		t.Helper()
		read(t, db, func(ctx context.Context, tx *store.Tx) error {
			for _, c := range []struct {
				property string
				ids      []string
				want     int
			}{
				{"person", []string{anna.ID}, 1}, {"person", []string{anna.ID, kolya.ID}, 2}, {"person", nil, 0},
				{"heirs", []string{anna.ID}, 1}, {"heirs", []string{id(t)}, 0}, {"payout.to", []string{kolya.ID}, 1},
				{"absent", []string{anna.ID}, 0}, {"bad name", []string{anna.ID}, 0},
			} {
				got, err := tx.RecordsByLink(ctx, "Pension", c.property, c.ids)
				if err != nil || len(got) != c.want {
					t.Errorf("%s: by %s %d records, want %d, %v", when, c.property, len(got), c.want, err)
				}
			}
			back, err := tx.Inverse(ctx, "Pension", "person", kolya.ID)
			if err != nil || len(back) != 1 || back[0].ID != second.ID {
				t.Errorf("%s: inverse %v %v", when, back, err)
			}
			return nil
		})
	}
	check("without indexes")
	err := db.EnsureIndexes(t.Context(), []store.Index{
		store.PropertyIndex("Pension", link("person", false)), store.PropertyIndex("Pension", link("heirs", true)),
		store.PropertyIndex("Pension", &schema.Property{Name: "payout"}, link("to", false)),
	})
	if err != nil {
		t.Fatal(err)
	}
	check("with indexes")
}

func TestOffices(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	uray, sovetsky := person(t, map[string]any{"duties": []any{"social-protection", "guardianship"}, "territory": "uray"}), person(t, map[string]any{})
	uray.Type, sovetsky.Type = "Office", "Office"
	save(t, db, uray, sovetsky)
	read(t, db, func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.Serving(ctx)
		want := []store.Serving{{Duty: "social-protection", Territory: "uray", Office: uray.ID}, {Duty: "guardianship", Territory: "uray", Office: uray.ID}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v, -want +got:\n%s", err, diff)
		}
		page, err := tx.Records(ctx, "Office", "", 1)
		if err != nil || len(page) != 1 {
			t.Fatalf("page %v, %v", page, err)
		}
		rest, err := tx.Records(ctx, "Office", page[0].ID, 10)
		if err != nil || len(rest) != 1 || rest[0].ID == page[0].ID {
			t.Errorf("rest %v, %v", rest, err)
		}
		return nil
	})
}
