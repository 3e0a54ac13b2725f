package store_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/schema"
	"mera/schema/filter"
)

func TestParameterValues(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	value := func(name, from, keys, v, source string) *store.ParameterValue {
		return &store.ParameterValue{Name: name, From: date(t, from), Keys: keys, Value: json.RawMessage(v), Source: source, CreatedAt: noon}
	}
	seed := []store.ParameterValue{*value("Wage", "2019-01-01", "", `"11280.00"`, "package"), *value("Norm", "2019-01-01", "surgut", `{"rows": [1.10]}`, "package")}
	seed[1].Law = json.RawMessage(`{"act": "x"}`)
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for range 2 {
			if err := tx.SeedParameterValues(ctx, "package", seed); err != nil {
				return err
			}
		}
		for _, v := range []string{`"1.00"`, `"12130.00"`} {
			if err := tx.PutParameterValue(ctx, *value("Wage", "2019-01-01", "", v, "region")); err != nil {
				return err
			}
		}
		got, err := tx.ParameterValues(ctx, "package")
		same(t, []*store.ParameterValue{&seed[1], &seed[0]}, got, err)
		got, err = tx.ParameterValues(ctx, "region")
		same(t, []*store.ParameterValue{value("Wage", "2019-01-01", "", `"12130.00"`, "region")}, got, err)
		return nil
	})
}

func TestClassifierItems(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	works := []schema.Entry{{Key: schema.Scalar{Text: "works"}, Value: &schema.Node{Kind: schema.ScalarNode, Scalar: schema.Scalar{Text: "true"}}}}
	ugra := &schema.ClassifierItem{Code: "86", Title: "Югра"}
	uray := &schema.ClassifierItem{Code: "uray", Title: "Урай", Parent: "86", From: "2019-01-01", To: "2020-12-31", ReplacedBy: "86",
		Codes: map[string]string{"oktmo": "71878000"}, Attributes: works}
	centre := &schema.ClassifierItem{Code: "centre", Title: "Центр", Parent: "uray"}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for range 2 {
			if err := tx.PutItems(ctx, "Territory", []*schema.ClassifierItem{ugra, uray}, "package"); err != nil {
				return err
			}
		}
		if err := tx.PutItem(ctx, "Territory", centre, "region"); err != nil {
			return err
		}
		got, err := tx.Items(ctx, "package")
		same(t, map[string][]*schema.ClassifierItem{"Territory": {ugra, uray}}, got, err)
		if n := len(got["Territory"][0].Attributes); n != 0 {
			t.Errorf("%d attributes", n)
		}
		got, err = tx.Items(ctx, "region")
		same(t, map[string][]*schema.ClassifierItem{"Territory": {centre}}, got, err)

		named := *uray // the region renames it, the package's next version leaves it so
		named.Title = "город Урай"
		if err := tx.PutItem(ctx, "Territory", &named, "region"); err != nil {
			return err
		}
		if err := tx.PutItems(ctx, "Territory", []*schema.ClassifierItem{uray}, "package"); err != nil {
			return err
		}
		got, err = tx.Items(ctx, "region")
		same(t, map[string][]*schema.ClassifierItem{"Territory": {centre, &named}}, got, err)
		got, err = tx.Items(ctx, "package")
		same(t, map[string][]*schema.ClassifierItem{}, got, err)
		return nil
	})
	if n := count(t, db, "select count(*) from classifier_item where path = '{86,uray,centre}'"); n != 1 {
		t.Errorf("%d items know their way up", n)
	}
}

func tickets() *schema.Catalog {
	d := &schema.Document{Properties: []*schema.Property{property("service", schema.Text), property("turn", schema.Integer), link("person", false)}}
	d.Name = "Ticket"
	p := &schema.Document{Properties: []*schema.Property{property("lastName", schema.Text)}}
	p.Name = "Person"
	return &schema.Catalog{Documents: map[string]*schema.Document{"Ticket": d, "Person": p}}
}

// TestTakeFirst: four windows take from a queue of ten at once; each ticket is taken once.
func TestTakeFirst(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	cat := tickets()
	anna := person(t, map[string]any{"lastName": "А"})
	save(t, db, anna)
	for i := range 10 {
		r := person(t, map[string]any{"service": "s", "turn": 10 - i, "person": anna.ID})
		r.Type, r.Case = "Ticket", &kernel.Case{State: "waiting"}
		save(t, db, r)
	}
	where := &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: "state"}}, Op: filter.Eq, Value: "waiting"}
	all := &filter.Tree{Kind: filter.All}
	order := []schema.Order{{Path: schema.Scalar{Text: "person.lastName"}}, {Path: schema.Scalar{Text: "turn"}}}
	var mu sync.Mutex
	taken := map[string]bool{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3 {
				err := db.Write(t.Context(), func(tx *store.Tx) error {
					r, err := tx.TakeFirst(t.Context(), cat, "Ticket", where, all, order)
					if err != nil || r == nil {
						return err
					}
					mu.Lock()
					if taken[r.ID] {
						t.Errorf("%s was taken twice", r.ID)
					}
					taken[r.ID] = true
					mu.Unlock()
					r.Version++
					r.Case.State = "called"
					return tx.SaveRecord(t.Context(), r, id(t), false)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if len(taken) != 10 {
		t.Errorf("%d tickets were taken", len(taken))
	}
	first := person(t, map[string]any{"service": "s", "turn": 0})
	first.Type, first.Case = "Ticket", &kernel.Case{State: "waiting"}
	save(t, db, first)
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		denied, err := tx.TakeFirst(ctx, cat, "Ticket", where, &filter.Tree{Kind: filter.None}, nil)
		same(t, (*kernel.Record)(nil), denied, err)
		got, err := tx.TakeFirst(ctx, cat, "Ticket", where, all, order)
		if err != nil || got == nil || got.ID != first.ID {
			t.Errorf("got %v, %v", got, err)
		}
		return nil
	})
}

func TestReleaseJobs(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return tx.Enqueue(ctx, []kernel.Job{{Kind: "send"}, {Kind: "send"}, {Kind: "send"}})
	})
	if _, err := db.Pool().Exec(t.Context(), `update river.river_job set state = 'running', attempt = 1, attempted_at = now(),
		attempted_by = case when id % 3 = 0 then '{other}'::text[] else '{other,me}'::text[] end`); err != nil {
		t.Fatal(err)
	}
	if err := db.ReleaseJobs(t.Context(), "me"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "select count(*) from river.river_job where state = 'available' and attempt = 0"); n != 2 {
		t.Errorf("%d jobs were given back", n)
	}
}
