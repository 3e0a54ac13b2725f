package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"mera/cmd/internal/app"
	"mera/cmd/internal/localpg"
	"mera/kernel"
	"mera/kernel/registry"
	"mera/kernel/store"
	"mera/schema"
)

// settings of the cluster of a bench: the data lie in memory, what is committed is on the disk.
var settings = map[string]string{
	"shared_buffers": "'6GB'", "effective_cache_size": "'14GB'", "maintenance_work_mem": "'1GB'", "max_wal_size": "'16GB'",
	"checkpoint_timeout": "'30min'", "wal_level": "minimal", "max_wal_senders": "0", "synchronous_commit": "on", "fsync": "on",
	"max_parallel_workers_per_gather": "0", "shared_preload_libraries": "''",
}

// Installation is a data folder with a region in it.
type Installation struct {
	Data    string // folder, as of mera serve --data
	Catalog string // folder of the package
	Core    fs.FS
	Persons int
	Seed    uint64
	Say     io.Writer // progress
	cluster *localpg.Server
	release *registry.Release
}

// Open compiles the release that is served and starts the cluster of the folder, making it if need be.
func (in *Installation) Open(ctx context.Context) (err error) {
	if err := in.compile(); err != nil {
		return err
	}
	in.cluster, err = localpg.Start(ctx, localpg.Config{Dir: filepath.Join(in.Data, "postgres"), Settings: settings})
	return err
}

func (in *Installation) compile() error {
	if err := in.unpack(); err != nil {
		return err
	}
	found, err := app.ReadPackages(in.Core, []string{in.Catalog})
	if err != nil {
		return err
	}
	release, ds := app.Compile(found)
	if ds.Faulty() {
		return fmt.Errorf("packages: %s", ds.Render(func(string) []byte { return nil }))
	}
	in.release = release
	return nil
}

// unpack writes the package where a server can read it.
func (in *Installation) unpack() error {
	in.Catalog = filepath.Join(in.Data, "catalog", "region-support")
	if err := os.RemoveAll(in.Catalog); err != nil {
		return err
	}
	sub, err := fs.Sub(region, "region/region-support")
	if err != nil {
		return err
	}
	return os.CopyFS(in.Catalog, sub) // makes the folders, that of the data too
}

// Close stops the cluster if this process started it.
func (in *Installation) Close(ctx context.Context) error {
	if in.cluster == nil {
		return nil
	}
	return in.cluster.Stop(context.WithoutCancel(ctx))
}

// Region is the region of the installation.
func (in *Installation) Region() (*Region, error) {
	return NewRegion(in.release.Catalog, in.release.Digest, in.Persons, in.Seed)
}

// mark is the setting that says which region has been loaded whole.
const mark = "bench"

type loaded struct {
	Persons int    `json:"persons"`
	Seed    uint64 `json:"seed"`
}

// Fill loads the region where it is not there yet. Little lives while it is loaded and much is thrown away: the
// collector runs more seldom than it would.
func (in *Installation) Fill(ctx context.Context) error {
	defer debug.SetGCPercent(debug.SetGCPercent(1000))
	db, err := store.Open(ctx, store.Config{URL: in.cluster.URL()})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	var have loaded
	err = db.Read(ctx, func(t *store.Tx) error {
		_, err := t.Setting(ctx, mark, &have)
		return err
	})
	switch want := (loaded{in.Persons, in.Seed}); {
	case err != nil:
		return err
	case have == want:
		return nil
	case have != loaded{}:
		return fmt.Errorf("%s holds a region of %d persons, seed %d: take another folder or remove it", in.Data, have.Persons, have.Seed)
	}
	r, err := in.Region()
	if err != nil {
		return err
	}
	f := &filling{db: db, region: r, say: in.Say, began: time.Now(), indexes: store.IndexesOf(in.release.Catalog)}
	if err := f.all(ctx); err != nil {
		return err
	}
	text, err := json.Marshal(loaded{in.Persons, in.Seed})
	if err != nil {
		return err
	}
	return db.Write(ctx, func(t *store.Tx) error { return t.PutSetting(ctx, mark, text) })
}

// filling is one run of loading.
type filling struct {
	db      *store.DB
	region  *Region
	say     io.Writer
	began   time.Time
	indexes []store.Index
	loads   []kernel.Event // of the journal: what was loaded, one a type
}

// all loads side by side what does not rest upon another: PostgreSQL reads rows while the next are made up, and indexes
// are built while another table is filled.
func (f *filling) all(ctx context.Context) error {
	f.loads = f.region.loads()
	if err := f.frame(ctx); err != nil {
		return err
	}
	r := f.region
	err := beside(ctx,
		func(ctx context.Context) error {
			if err := f.step("money", func() error { return f.db.LoadMoney(ctx, r.Money()) }); err != nil {
				return err
			}
			if err := f.step("keys", func() error { return f.db.LoadKeys(ctx, r.Keys()) }); err != nil {
				return err
			}
			return f.step("counters", func() error { return f.db.LoadCounters(ctx, r.Counters()) })
		},
		func(ctx context.Context) error { return f.records(ctx, Paper{"RegionApplication", r.Applications()}) },
		func(ctx context.Context) error {
			return f.records(ctx, append([]Paper{{"Person", r.People()}}, r.Papers()...)...)
		})
	if err != nil {
		return err
	}
	if err := f.tell(ctx); err != nil {
		return err
	}
	if err := f.step("indexes of other types", func() error { return f.db.EnsureIndexes(ctx, f.indexes) }); err != nil {
		return err
	}
	return beside(ctx,
		func(ctx context.Context) error {
			return f.step("search", func() error { return f.db.EnsureSearch(ctx, r.cat) })
		},
		func(ctx context.Context) error {
			return f.step("analyze", func() error { return f.db.Analyze(ctx) })
		})
}

func beside(ctx context.Context, roads ...func(context.Context) error) error {
	all, ctx := errgroup.WithContext(ctx)
	for _, road := range roads {
		all.Go(func() error { return road(ctx) })
	}
	return all.Wait()
}

// frame writes what the data hang on: territories, staff, offices.
func (f *filling) frame(ctx context.Context) error {
	r := f.region
	err := f.db.Write(ctx, func(t *store.Tx) error {
		for _, c := range r.cat.Classifiers {
			if err := t.PutItems(ctx, c.Name, c.Items, "package"); err != nil {
				return err
			}
		}
		for _, x := range r.territories {
			if err := t.PutItem(ctx, "Territory", &schema.ClassifierItem{Code: x.code, Title: x.title, Parent: x.parent}, "region"); err != nil {
				return err
			}
		}
		for _, a := range r.Staff() {
			if err := t.PutActor(ctx, &a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.records(ctx, Paper{"Office", r.Offices()})
}

// Staff is one specialist and one head for each office.
func (r *Region) Staff() []kernel.Actor {
	out := []kernel.Actor{kernel.SystemActor()}
	for _, o := range r.offices {
		for _, role := range []string{"specialist", "head"} {
			id := role + "-" + o.territory
			out = append(out, kernel.Actor{
				Kind: kernel.Staff, ID: id, Name: id, Roles: []string{role}, Office: o.id, Territories: []string{o.territory}, Duties: []string{},
			})
		}
	}
	return out
}

func (f *filling) records(ctx context.Context, papers ...Paper) error {
	for _, p := range papers {
		err := f.step(p.Type, func() (err error) {
			e := &f.loads[slices.IndexFunc(f.loads, func(e kernel.Event) bool { return e.Type == p.Type })]
			e.After, err = f.db.LoadRecords(ctx, p.Type, e.ID, f.indexes, p.Rows)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// loads are the journal's entries about the loading of each type, to which the records refer.
func (r *Region) loads() []kernel.Event {
	types := []string{"Office", "Person", "RegionApplication"}
	for _, p := range r.Papers() {
		types = append(types, p.Type)
	}
	out := make([]kernel.Event, len(types))
	for i, typ := range types {
		out[i] = kernel.Event{
			ID: r.id(ofEvent, i, r.start), Actor: clerk, Kind: kernel.System, Action: store.LoadAction, Type: typ, Release: r.release,
		}
	}
	return out
}

// tell writes into the journal what was loaded.
func (f *filling) tell(ctx context.Context) error {
	return f.db.Write(ctx, func(t *store.Tx) error {
		for i := range f.loads {
			f.loads[i].At = t.Now()
		}
		return t.Append(ctx, f.loads...)
	})
}

func (f *filling) step(name string, do func() error) error {
	began := time.Now()
	if err := do(); err != nil {
		return fmt.Errorf("loading %s: %w", name, err)
	}
	fmt.Fprintf(f.say, "%6.1f s  %s (%.1f s)\n", time.Since(f.began).Seconds(), name, time.Since(began).Seconds())
	return nil
}
