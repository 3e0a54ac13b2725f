package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing/fstest"
	"time"

	"mera/kernel/store"
	"mera/schema"
	"mera/schema/load"
)

// What one server changes, all others must know within a second: who may act, the region's data, the release. A server
// looks at the revisions of these several times a second; no word from the other is needed, and none can be lost.
//
// A request never acts on what is older than freshness: where the last look is too long ago, it looks itself, and
// where it cannot - the database is away, a new release does not compile here - it is refused.
const (
	lookEvery = 250 * time.Millisecond
	freshness = time.Second
	lookTime  = 10 * time.Second // one look; a release that has to be compiled takes the time that it takes
)

// watch is what a server has seen of the revisions.
type watch struct {
	mu   sync.Mutex // one look at a time
	seen store.Revisions
	last atomic.Pointer[time.Time] // when the last look that succeeded began
	stop context.CancelFunc
	done sync.WaitGroup
}

// begin notes where the revisions stand, before anything that they tell of is read.
func (a *App) begin(ctx context.Context) error {
	at := a.wall()
	seen, err := a.revisions(ctx)
	a.watch.seen = seen
	a.watch.last.Store(&at)
	return err
}

func (a *App) revisions(ctx context.Context) (r store.Revisions, err error) {
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		r, err = tx.Revisions(ctx)
		return err
	})
	return r, err
}

// look watches until the program stops.
func (a *App) look(ctx context.Context) {
	ctx, a.watch.stop = context.WithCancel(context.WithoutCancel(ctx))
	a.watch.done.Go(func() {
		failing := false
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(lookEvery):
			}
			err := a.lookNow(ctx, lookEvery/2)
			if err != nil && ctx.Err() == nil && !failing {
				a.log.Error("changes by other servers cannot be followed; requests are refused", "error", err)
			}
			failing = err != nil
		}
	})
}

// current makes sure that this server knows what was changed until a second ago.
func (a *App) current(ctx context.Context) error { return a.lookNow(ctx, freshness) }

// lookNow looks at the revisions unless somebody has done so since, and follows what has changed.
func (a *App) lookNow(ctx context.Context, since time.Duration) error {
	fresh := func() bool { return a.wall().Sub(*a.watch.last.Load()) < since }
	if fresh() {
		return nil
	}
	a.watch.mu.Lock()
	defer a.watch.mu.Unlock()
	if fresh() {
		return nil
	}
	at := a.wall()
	short, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	now, err := a.revisions(short)
	if err != nil {
		return err
	}
	if err := a.follow(context.WithoutCancel(ctx), now); err != nil { // whoever asked may go; others wait for the same
		return err
	}
	a.watch.last.Store(&at)
	return nil
}

// follow reads again what has changed. What has been followed is not followed again, though the next may fail.
func (a *App) follow(ctx context.Context, now store.Revisions) error {
	seen := &a.watch.seen
	if now.Actors != seen.Actors {
		var changed []string
		err := a.db.Read(ctx, func(tx *store.Tx) (err error) {
			changed, err = tx.ActorsSince(ctx, seen.Actors)
			return err
		})
		if err != nil {
			return err
		}
		a.actors.forget(changed...)
		seen.Actors = now.Actors
	}
	if now.Offices != seen.Offices {
		a.road.ForgetOffices()
		seen.Offices = now.Offices
	}
	for _, k := range []struct {
		seen *int64
		now  int64
		read func(context.Context) error
	}{{&seen.Settings, now.Settings, a.restoreClock}, {&seen.Release, now.Release, a.takeRelease}, {&seen.Data, now.Data, a.reload}} {
		if *k.seen == k.now {
			continue
		}
		if err := k.read(ctx); err != nil {
			return err
		}
		*k.seen = k.now
	}
	return nil
}

// takeRelease makes the current release of the database the one of this server, if another server has installed it:
// its packages come from the database too.
func (a *App) takeRelease(ctx context.Context) error {
	found, digest, err := a.installed(ctx)
	if err != nil || digest == "" || digest == a.reg.Live().Digest {
		return err
	}
	release, ds := Compile(found)
	if release == nil || release.Digest != digest {
		return fmt.Errorf("the release %s that another server has installed does not compile here: %s", digest, ds.Render(func(string) []byte { return nil }))
	}
	a.swapping.Lock()
	defer a.swapping.Unlock()
	data, err := a.data(ctx, release)
	if err != nil {
		return err
	}
	a.reg.Swap(release, data)
	a.log.Info("release of another server", "digest", digest)
	return a.publish()
}

// installed are the packages of the current release as the database keeps them.
func (a *App) installed(ctx context.Context) (found []Found, digest string, err error) {
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		found = nil
		current, err := tx.CurrentRelease(ctx)
		if err != nil || current == nil {
			return err
		}
		digest = current.Digest
		if digest == a.reg.Live().Digest {
			return nil
		}
		var versions map[string]string
		if err := json.Unmarshal(current.Packages, &versions); err != nil {
			return fmt.Errorf("packages of release %s: %w", digest, err)
		}
		core, err := corePackages(ctx, tx)
		if err != nil {
			return err
		}
		for name, version := range versions {
			_, of, _ := strings.Cut(version, " ")
			p, ds, err := keptPackage(ctx, tx, name, of)
			if err != nil {
				return err
			}
			p.Core = core[name]
			found = append(found, Found{p, ds})
		}
		return nil
	})
	return found, digest, err
}

func corePackages(ctx context.Context, tx *store.Tx) (map[string]bool, error) {
	rows, err := tx.Packages(ctx)
	core := map[string]bool{}
	for _, p := range rows {
		core[p.Name] = p.Core
	}
	return core, err
}

// keptPackage is a package as it was installed.
func keptPackage(ctx context.Context, tx *store.Tx, name, digest string) (*schema.Package, schema.Diagnostics, error) {
	files, err := tx.PackageFiles(ctx, digest)
	if err != nil {
		return nil, nil, err
	}
	folder := fstest.MapFS{} // a map as a folder
	for path, content := range files {
		folder[path] = &fstest.MapFile{Data: content}
	}
	p, ds := load.Read(folder, name)
	return p, ds, nil
}
