package app

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"mera/cmd/internal/connect/pdf"
	"mera/cmd/internal/localpg"
	"mera/graph"
	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/job"
	"mera/kernel/query"
	"mera/kernel/registry"
	"mera/kernel/store"
	"mera/schema"
)

// Config says what to start. The zero value of a field has the meaning that its comment gives.
type Config struct {
	Data        string            // folder of this installation: cluster, files, secret
	Database    string            // postgres://…; empty: a private cluster in Data
	Programs    string            // folder of PostgreSQL's programs; empty: found
	Listen      string            // host:port of GraphQL; port 0 is any
	Core        fs.FS             // core packages; nil: none
	Catalog     []string          // folders of further packages
	Channels    map[string]string // channel → address of its gateway
	Development bool              // GraphiQL, introspection and demo identities
	Sessions    int               // of PostgreSQL; 0: as store has it
	Connections int               // of clients, open at once; 0: maxConnections
	Limits      graph.Limits      // how much the server takes on; Running 0: two for each session
	SetClock    bool              // an administrator may set the clock
	Log         *slog.Logger      // nil: the default
}

// App is a running program.
type App struct {
	config  Config
	log     *slog.Logger
	cluster *localpg.Server
	db      *store.DB
	ids     ids
	road    *command.Road
	reg     *registry.Registry
	server  *graph.Server
	workers *job.Workers
	pdf     *pdf.Renderer
	http    *http.Server
	secret  []byte
	address string
	failed  chan error
	actors  *actors
	reads   *query.Reads
	watch   watch
	// swapping parts who puts another release or other data in place: the last to begin must be the last to end.
	swapping sync.Mutex
}

// ids makes UUIDv7.
type ids struct{}

// New is a new id.
func (ids) New() string { return uuid.Must(uuid.NewV7()).String() }

// numbers makes the numbers of requests. They stand in logs and answers and name nothing that is kept.
type numbers struct{}

// New is a new number.
func (numbers) New() string {
	var n [16]byte
	binary.BigEndian.PutUint64(n[:8], rand.Uint64())
	binary.BigEndian.PutUint64(n[8:], rand.Uint64())
	return hex.EncodeToString(n[:])
}

// Start starts everything in order; on an error what was started is stopped again. The diagnostics are those of the
// packages: broken ones are left out, and the program runs on without them.
func Start(ctx context.Context, c Config) (*App, schema.Diagnostics, error) {
	a := &App{config: c, log: c.Log, failed: make(chan error, 1), actors: newActors()}
	if a.log == nil {
		a.log = slog.Default()
	}
	ds, err := a.start(ctx)
	if err != nil {
		return nil, ds, errors.Join(err, a.Stop(context.WithoutCancel(ctx)))
	}
	return a, ds, nil
}

func (a *App) start(ctx context.Context) (schema.Diagnostics, error) {
	if err := os.MkdirAll(a.config.Data, 0o755); err != nil {
		return nil, err
	}
	var err error
	if a.secret, err = secretOf(a.config.Data); err != nil {
		return nil, err
	}
	found, err := ReadPackages(a.config.Core, a.config.Catalog)
	if err != nil {
		return nil, err
	}
	release, ds := Compile(found)
	if release == nil || len(release.Catalog.Packages) == 0 {
		return ds, errors.New("no package compiles")
	}
	if err := a.openDatabase(ctx); err != nil {
		return ds, err
	}
	if err := a.begin(ctx); err != nil {
		return ds, err
	}
	if err := a.build(ctx, release); err != nil {
		return ds, err
	}
	return ds, a.serve(ctx)
}

// openDatabase starts the private cluster where no database was given, and migrates.
func (a *App) openDatabase(ctx context.Context) error {
	url := a.config.Database
	if url == "" {
		cluster, err := localpg.Start(ctx, localpg.Config{Dir: filepath.Join(a.config.Data, "postgres"), Bin: a.config.Programs, Log: a.log})
		if err != nil {
			return fmt.Errorf("the embedded database: %w", err)
		}
		a.cluster = cluster
		url = cluster.URL()
	}
	clock := &command.Clock{Wall: kernel.WallClock{}, Settable: a.config.SetClock}
	db, err := store.Open(ctx, store.Config{URL: url, MaxConns: a.config.Sessions, Clock: clock, Log: a.log})
	if err != nil {
		return err
	}
	a.db = db
	if err := db.Migrate(ctx); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	blobs, err := store.NewBlobs(filepath.Join(a.config.Data, "files"))
	if err != nil {
		return err
	}
	texts, err := command.ReadTexts()
	if err != nil {
		return err
	}
	a.reg = &registry.Registry{}
	a.road = &command.Road{DB: db, Registry: a.reg, Gates: &command.Gates{Clock: clock}, Blobs: blobs, Clock: clock, IDs: a.ids, Texts: texts, Reload: a.reload}
	return a.restoreClock(ctx)
}

func (a *App) restoreClock(ctx context.Context) error {
	if !a.config.SetClock {
		return nil
	}
	return a.db.Read(ctx, func(tx *store.Tx) error {
		var at time.Time
		found, err := tx.Setting(ctx, command.ClockSetting, &at)
		if err == nil && found {
			a.road.Clock.Set(at)
		}
		return err
	})
}

// build makes the release the present one and everything that reads it.
func (a *App) build(ctx context.Context, r *registry.Release) error {
	if err := a.install(ctx, r); err != nil {
		return fmt.Errorf("installation: %w", err)
	}
	data, err := a.data(ctx, r)
	if err != nil {
		return err
	}
	a.reg.Swap(r, data)
	if err := a.identities(ctx); err != nil {
		return err
	}
	limits := a.config.Limits
	if limits.Running == 0 {
		limits.Running = 2 * int(a.db.Pool().Config().MaxConns)
	}
	a.reads = query.NewReads(a.db, a.ids, a.log)
	a.server, err = graph.NewServer(graph.Config{
		Auth: a, Commands: commands{a.road, a.actors}, Views: views{a.road, a.db}, Clock: a.road.Clock, IDs: numbers{}, Development: a.config.Development,
		Log: a.log, Ready: a.db.Alive, Journal: a.db, Reads: a.reads, Limits: limits,
	})
	if err != nil {
		return err
	}
	return a.publish()
}

// publish serves the present release.
func (a *App) publish() error {
	live := a.reg.Live()
	lists, ds := query.CompileLists(live.Catalog, live.Env)
	if ds.Faulty() {
		return fmt.Errorf("lists: %s", ds.Render(func(string) []byte { return nil }))
	}
	reader := query.NewReader(a.db, a.road.Gates.Of(live), live.Catalog)
	return a.server.Swap(graph.Release{Digest: live.Digest, Catalog: live.Catalog, Lists: lists, Reader: reader})
}

// reload reads the region's data again: they were changed, here or by another server.
func (a *App) reload(ctx context.Context) error {
	a.swapping.Lock()
	defer a.swapping.Unlock()
	live := a.reg.Live()
	data, err := a.data(ctx, live.Release)
	if err != nil {
		return err
	}
	gate := a.road.Gates.Of(live)
	a.reg.Swap(live.Release, data)
	if a.road.Gates.Of(a.reg.Live()) == gate {
		return nil // readers know nothing of the data but the tree of territories
	}
	return a.publish()
}

// serve listens, binds the channels and starts the workers.
func (a *App) serve(ctx context.Context) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", a.config.Listen)
	if err != nil {
		return err
	}
	a.address = l.Addr().String()
	a.look(ctx)
	mux := http.NewServeMux()
	mux.Handle("/", a.server.Handler())
	a.pdf = pdf.Find(ctx, pdf.Config{})
	a.files(mux)
	connectors, err := a.channels(mux)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	a.workers, err = job.Start(ctx, job.Config{DB: a.db, Road: a.road, Connectors: connectors, Server: a.serverName(), Log: a.log})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	a.http = a.httpServer(ctx, mux)
	go func() {
		if err := a.http.Serve(&bounded{Listener: l, most: int64(cmp.Or(a.config.Connections, maxConnections))}); err != nil && !errors.Is(err, http.ErrServerClosed) {
			a.failed <- err
		}
	}()
	return nil
}

// URL is the address of the running server.
func (a *App) URL() string { return "http://" + a.address }

// Failed tells when the server can no longer serve.
func (a *App) Failed() <-chan error { return a.failed }

// Token makes a token for an actor of this server.
func (a *App) Token(actor string) string { return sign(a.secret, actor, a.wall().Add(24*time.Hour)) }

func (a *App) wall() time.Time { return kernel.WallClock{}.Now() }

// Stop ends requests, then jobs, then the database, each with a little patience.
func (a *App) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var errs []error
	if a.http != nil {
		errs = append(errs, a.http.Shutdown(ctx))
	}
	if a.workers != nil {
		errs = append(errs, a.workers.Stop(ctx))
	}
	if a.server != nil {
		a.server.Close()
	}
	if a.watch.stop != nil {
		a.watch.stop()
		a.watch.done.Wait()
	}
	errs = append(errs, a.reads.Close(ctx))
	if a.db != nil {
		a.db.Close()
	}
	if a.cluster != nil {
		errs = append(errs, a.cluster.Stop(ctx))
	}
	return errors.Join(errs...)
}
