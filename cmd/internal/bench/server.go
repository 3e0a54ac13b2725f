package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"mera/cmd/internal/app"
)

// server is the program that is measured, a process of its own.
type server struct {
	cmd      *exec.Cmd
	address  string
	profiles string            // address
	log      string            // file
	tokens   map[string]string // district → token of its specialist
}

// serve starts the server on the installation and waits until it answers. The rate of one actor is counted and never
// reached: a bench has a few specialists with the work of thousands.
func (o *Options) serve(ctx context.Context) (*server, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	profiles, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(o.Data, "server.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s := &server{address: address, profiles: profiles, log: log.Name(), tokens: map[string]string{}}
	s.cmd = exec.CommandContext(context.WithoutCancel(ctx), o.Server, "serve", "--data", o.Data, "--catalog", o.Catalog, "--listen", address, "--production",
		"--actor-rate", "1000000", "--profile", profiles)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if o.Soak {
		s.cmd.Env = append(os.Environ(), "GODEBUG=gctrace=1") // the live heap, see watch
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err := s.ready(ctx); err != nil {
		s.stop()
		return nil, fmt.Errorf("%w: see %s", err, log.Name())
	}
	r, err := o.Region()
	if err != nil {
		return nil, err
	}
	until := time.Now().Add(24 * time.Hour)
	for _, office := range r.offices {
		if s.tokens[office.territory], err = app.Token(o.Data, "specialist-"+office.territory, until); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// ready waits for the first answer: a first start on a new release builds indexes.
func (s *server) ready(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }()
	for range time.Tick(100 * time.Millisecond) {
		select {
		case err := <-ended:
			return errors.Join(errors.New("the server has ended"), err)
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/health", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			return res.Body.Close()
		}
	}
	return nil
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// stop ends the server and waits a little: its database is ended by whoever started that.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	for range 100 {
		if syscall.Kill(s.pid(), 0) != nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	_ = s.cmd.Process.Kill()
}

// postmaster is the process of the installation's cluster.
func (in *Installation) postmaster() (int, error) {
	b, err := os.ReadFile(filepath.Join(in.Data, "postgres", "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strconv.Atoi(strings.TrimSpace(line))
}
