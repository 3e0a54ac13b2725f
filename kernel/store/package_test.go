package store_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
)

func TestPackagesAndReleases(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	p := &store.Package{Name: "law-base", Version: "1.0.0", Digest: "sha256:1", Title: "Законы", Status: "installed", InstalledAt: noon, InstalledBy: "admin"}
	files := map[string][]byte{"package.yaml": []byte("name: law-base"), "empty.yaml": {}}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for range 2 {
			if err := tx.PutPackageFiles(ctx, p.Digest, files); err != nil {
				return err
			}
			if err := tx.PutPackage(ctx, p); err != nil {
				return err
			}
			p.Version = "1.1.0"
		}
		return nil
	})
	read(t, db, func(ctx context.Context, tx *store.Tx) error {
		all, err := tx.Packages(ctx)
		if diff := cmp.Diff([]*store.Package{p}, all); diff != "" || err != nil {
			t.Error(diff, err)
		}
		got, err := tx.PackageFiles(ctx, p.Digest)
		if diff := cmp.Diff(files, got); diff != "" || err != nil {
			t.Error(diff, err)
		}
		none, err := tx.CurrentRelease(ctx)
		if none != nil || err != nil {
			t.Errorf("release %v, %v", none, err)
		}
		return nil
	})
	for _, digest := range []string{"sha256:a", "sha256:b", "sha256:a"} { // there and back
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.PutRelease(ctx, &store.Release{Digest: digest, Packages: json.RawMessage(`{"law-base": "sha256:1"}`)})
		})
		read(t, db, func(ctx context.Context, tx *store.Tx) error {
			now, err := tx.CurrentRelease(ctx)
			if err != nil || now == nil || now.Digest != digest {
				t.Errorf("current %v, %v", now, err)
			}
			return nil
		})
	}
	read(t, db, func(ctx context.Context, tx *store.Tx) error {
		old, err := tx.Release(ctx, "sha256:b")
		if err != nil || old == nil || old.Current || !old.CreatedAt.Equal(noon) {
			t.Errorf("old release %v, %v", old, err)
		}
		return nil
	})
}

func TestTwoReleasesAtOnce(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	var wg sync.WaitGroup
	for _, digest := range []string{"a", "b", "c", "d"} {
		wg.Go(func() {
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				return tx.PutRelease(t.Context(), &store.Release{Digest: digest, Packages: json.RawMessage(`{}`)})
			})
			if err != nil && kernel.CodeOf(err) != kernel.Conflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := count(t, db, "select count(*) from release where current"); n != 1 {
		t.Errorf("%d current releases", n)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	type clock struct{ Shift string }
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		var c clock
		if found, err := tx.Setting(ctx, "clock", &c); found || err != nil {
			t.Errorf("%v %v", found, err)
		}
		for _, s := range []string{"1 day", "2 days"} {
			if err := tx.PutSetting(ctx, "clock", json.RawMessage(`{"Shift": "`+s+`"}`)); err != nil {
				return err
			}
		}
		if found, err := tx.Setting(ctx, "clock", &c); !found || c.Shift != "2 days" || err != nil {
			t.Errorf("%v %v %v", found, c, err)
		}
		return nil
	})
}

func TestEnqueueIsPartOfTheTransaction(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	jobs := []kernel.Job{
		{Kind: "send", Args: map[string]any{"request": "1"}}, {Kind: "wake"}, {Kind: "print", Args: struct{ N int }{3}, At: noon.AddDate(30, 0, 0)},
	}
	_ = db.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.Enqueue(t.Context(), jobs); err != nil {
			t.Error(err)
		}
		return kernel.Errorf(kernel.Invalid, "no")
	})
	if n := count(t, db, "select count(*) from river.river_job"); n != 0 {
		t.Errorf("%d jobs of a failed transaction", n)
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Enqueue(ctx, nil); err != nil {
			return err
		}
		return tx.Enqueue(ctx, jobs)
	})
	if n := count(t, db, `select count(*) from river.river_job where (kind, args::text, state::text) in
		(('send', '{"request": "1"}', 'available'), ('wake', '{}', 'available'), ('print', '{"N": 3}', 'scheduled'))`); n != 3 {
		t.Errorf("%d jobs as given", n)
	}
}
