//go:build unix

package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// The role and the database that the cluster is made with. The role is the superuser of this private cluster; nobody
// but the owner of the socket's folder (and root) can reach it, so it has no password.
const (
	role     = "mera"
	database = "mera"
)

// startTimeout bounds one Start, the download of programs left aside.
const startTimeout = 60 * time.Second

// Config says where the cluster lives.
type Config struct {
	Dir string // the data folder; made when absent
	Bin string // folder with initdb and postgres; empty: looked for, see Find

	// Settings are added to postgresql.conf when the cluster is made. Later the file belongs to the administrator.
	Settings map[string]string

	Log *slog.Logger // one line per step that takes time or needs explaining; nil: silent
}

// Server is a running cluster. It is kept running: when the server's process dies, it is started again.
type Server struct {
	cluster cluster
	url     string
	log     *slog.Logger
	leave   context.CancelFunc // ends the watch
	left    chan struct{}

	mu      sync.Mutex    // guards what follows
	started *exec.Cmd     // nil when the server was adopted
	exited  chan struct{} // closed when started has ended
}

// Start makes the cluster if there is none and returns when it answers. A live server of the same folder is adopted.
func Start(ctx context.Context, c Config) (*Server, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("local database: %w", err)
	}
	c.Dir = dir
	s, err := start(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("local database in %s: %w", dir, err)
	}
	return s, nil
}

func start(ctx context.Context, c Config) (*Server, error) {
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return nil, err
	}
	owner, err := serverUser(c.Dir)
	if err != nil {
		return nil, err
	}
	cl := cluster{dir: c.Dir, data: filepath.Join(c.Dir, "data"), owner: owner}
	unlock, err := lock(ctx, cl.lockFile())
	if err != nil {
		return nil, err
	}
	defer unlock()
	if cl.socket, err = socketDir(c.Dir, owner); err != nil {
		return nil, err
	}
	if cl.bin, err = programs(ctx, c, cl.majorVersion()); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := cl.ensure(ctx, c); err != nil {
		return nil, err
	}
	s := &Server{cluster: cl, url: cl.url(database), log: c.Log, left: make(chan struct{})}
	if err := s.ensure(ctx); err != nil {
		return nil, err
	}
	watch, leave := context.WithCancel(context.WithoutCancel(ctx))
	s.leave = leave
	go s.watch(watch)
	if err := cl.ensureDatabase(ctx); err != nil {
		return nil, errors.Join(err, s.Stop(ctx))
	}
	return s, nil
}

// ensure adopts the server that runs or starts one. The caller holds the folder's lock.
func (s *Server) ensure(ctx context.Context) error {
	live, err := s.cluster.adopt(ctx)
	if err != nil {
		return err
	}
	if !live {
		return s.launch(ctx)
	}
	s.log.Info("using the database server that already runs", "data", s.cluster.data)
	s.mu.Lock()
	s.started = nil // another process has brought it back
	s.mu.Unlock()
	return nil
}

// watch looks every second whether the server's process is there and brings it back.
func (s *Server) watch(ctx context.Context) {
	defer close(s.left)
	for pause(ctx, time.Second) == nil {
		if s.cluster.alive() {
			continue
		}
		s.log.Warn("the database server has died and is started again", "data", s.cluster.data)
		if err := s.revive(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("the database server does not start", "error", err)
		}
	}
}

func (s *Server) revive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	unlock, err := lock(ctx, s.cluster.lockFile())
	if err != nil {
		return err
	}
	defer unlock()
	return s.ensure(ctx)
}

// URL is the address for pgx, for example "postgres://mera@/mera?host=%2Fvar%2Flib%2Fmera%2Frun&port=5432".
func (s *Server) URL() string { return s.url }

// Adopted tells that the server ran before Start, so Stop leaves it alone.
func (s *Server) Adopted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.started == nil
}

// Stop ends the server if this process started it: sessions are cut, the cluster is left in a clean state. An adopted
// server goes on.
func (s *Server) Stop(ctx context.Context) error {
	s.leave()
	<-s.left
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started == nil {
		return nil
	}
	select {
	case <-s.exited:
		return nil
	default:
	}
	if err := s.started.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop the local database: %w", err)
	}
	select {
	case <-s.exited:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop the local database: %w", ctx.Err())
	}
}

// launch starts the server and waits until it answers. After a postmaster was killed, its children may hold the shared
// memory for a moment, so a server that gives up at once is tried again.
func (s *Server) launch(ctx context.Context) error {
	var last error
	for try := 0; try < 10; try++ {
		if last = s.launchOnce(ctx); last == nil || !errors.Is(last, errEnded) {
			return last
		}
		if err := pause(ctx, 300*time.Millisecond); err != nil {
			return errors.Join(last, err)
		}
	}
	return last
}

var errEnded = errors.New("the server ended")

func (s *Server) launchOnce(ctx context.Context) error {
	cl := s.cluster
	log, err := os.OpenFile(cl.logFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	defer log.Close()
	from, err := log.Seek(0, 2)
	if err != nil {
		return err
	}
	cmd := cl.command("postgres", "-D", cl.data, "-k", cl.socket, "-p", port, "-c", "listen_addresses=")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr.Setsid = true // a Ctrl-C in our terminal is ours to handle
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended stands in its log
		close(exited)
	}()
	for {
		if cl.answers(ctx) {
			s.mu.Lock()
			s.started, s.exited = cmd, exited
			s.mu.Unlock()
			return nil
		}
		select {
		case <-exited:
			return fmt.Errorf("%w: %s", errEnded, cl.logTail(from))
		case <-ctx.Done():
			_ = cmd.Process.Signal(syscall.SIGQUIT)
			return fmt.Errorf("the server does not answer: %w: %s", ctx.Err(), cl.logTail(from))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// ensureDatabase makes the database of the product where it is missing.
func (cl cluster) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, cl.url("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var there bool
	err = conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", database).Scan(&there)
	if err != nil || there {
		return err
	}
	_, err = conn.Exec(ctx, "create database "+database)
	return err
}

func (cl cluster) url(db string) string {
	q := url.Values{"host": {cl.socket}, "port": {port}}
	return (&url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + db, RawQuery: q.Encode()}).String()
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
