//go:build unix

package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// port is part of the socket's name only: nothing listens on the network.
const port = "5432"

// settings of a new cluster: a small server for one office, safe on power loss.
var settings = map[string]string{
	"max_connections":           "100",
	"shared_buffers":            "'256MB'",
	"effective_cache_size":      "'1GB'",
	"max_wal_size":              "'2GB'",
	"max_locks_per_transaction": "256", // a look-up by id alone locks every partition of record
	"jit":                       "off", // statements are many and short
	"random_page_cost":          "1.1",
	"unix_socket_permissions":   "0700",
	"timezone":                  "'UTC'",
	"log_timezone":              "'UTC'",
	"lc_messages":               "'C'",
	"log_line_prefix":           "'%m [%p] '",
}

// cluster is the place of a cluster and the programs that run it.
type cluster struct {
	dir    string // the data folder of mera
	data   string // PGDATA
	socket string
	bin    string
	owner  *owner // nil: this process's own user
}

func (cl cluster) logFile() string  { return filepath.Join(cl.dir, "postgres.log") }
func (cl cluster) lockFile() string { return filepath.Join(cl.dir, "localpg.lock") }
func (cl cluster) pidFile() string  { return filepath.Join(cl.data, "postmaster.pid") }

// alive tells that the process that the cluster's pid file names is a server.
func (cl cluster) alive() bool {
	pid, err := readPID(cl.pidFile())
	return err == nil && isPostgres(pid)
}

// majorVersion is the version that wrote the data, "15"; empty where there is none yet.
func (cl cluster) majorVersion() string {
	b, err := os.ReadFile(filepath.Join(cl.data, "PG_VERSION"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// ensure makes the cluster where there is none. It is made aside and renamed: a kill leaves none or a whole one.
func (cl cluster) ensure(ctx context.Context, c Config) error {
	if cl.majorVersion() != "" {
		return nil
	}
	c.Log.Info("making a database cluster", "data", cl.data, "programs", cl.bin)
	made := cl.data + ".new"
	if err := os.RemoveAll(made); err != nil {
		return err
	}
	if err := os.Mkdir(made, 0o700); err != nil {
		return err
	}
	if err := cl.owner.own(made); err != nil {
		return err
	}
	ctype := "C.UTF-8"
	if runtime.GOOS == "darwin" {
		ctype = "UTF-8"
	}
	args := []string{"-D", made, "-U", role, "-A", "trust", "-E", "UTF8", "--locale=C", "--lc-ctype=" + ctype}
	if c.Settings["fsync"] == "off" {
		args = append(args, "--no-sync")
	}
	out, err := runFor(ctx, cl.command("initdb", args...))
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	if err := writeSettings(filepath.Join(made, "postgresql.conf"), c.Settings); err != nil {
		return err
	}
	return os.Rename(made, cl.data)
}

func writeSettings(file string, more map[string]string) error {
	all := maps.Clone(settings)
	maps.Copy(all, more)
	var b strings.Builder
	b.WriteString("\n# Set by mera when the cluster was made; yours to change.\n")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%s = %s\n", name, all[name])
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(b.String())
	return errors.Join(err, f.Close())
}

// adopt waits for a server of this cluster that already lives; false when there is none. A pid file whose process is
// gone or is another program is stale: a live cluster has a postgres behind it.
func (cl cluster) adopt(ctx context.Context) (bool, error) {
	file := cl.pidFile()
	for {
		pid, err := readPID(file)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return false, nil
		case err != nil:
			return false, err
		case !isPostgres(pid):
			if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
				return false, fmt.Errorf("stale %s: %w", file, err)
			}
			return false, nil
		case cl.answers(ctx):
			return true, nil
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return false, fmt.Errorf("process %d holds the cluster but does not answer: %w", pid, err)
		}
	}
}

// readPID reads the process that holds the cluster. A file that is being written reads as no process.
func readPID(file string) (int, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return 0, nil
	}
	return pid, nil
}

// isPostgres tells that the process lives and, where the system lets us look, that it is a postgres.
func isPostgres(pid int) bool {
	if pid == 0 {
		return false
	}
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return true // no /proc here: the pid file is all we know
	}
	name := strings.TrimSpace(string(comm))
	return name == "postgres" || name == "postmaster"
}

// answers tells that a server accepts sessions on the socket and that it is this cluster's, not one with a like name.
func (cl cluster) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, cl.url("postgres"))
	if err != nil {
		return false
	}
	defer conn.Close(ctx)
	var data string
	if err := conn.QueryRow(ctx, "show data_directory").Scan(&data); err != nil {
		return false
	}
	return sameFile(data, cl.data)
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// logTail is what the server wrote since an offset, at most the last two kilobytes.
func (cl cluster) logTail(from int64) string {
	f, err := os.Open(cl.logFile())
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil {
		from = max(from, info.Size()-2048)
	}
	b, err := io.ReadAll(io.NewSectionReader(f, from, 2048))
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(b))
}

// command prepares a program of PostgreSQL: as the cluster's owner, without settings of libpq from the environment.
func (cl cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(cl.bin, name), args...) //nolint:noctx // the server outlives whoever started it
	cmd.Dir = cl.dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(kv string) bool {
		return strings.HasPrefix(kv, "PG") || strings.HasPrefix(kv, "LC_") || strings.HasPrefix(kv, "LANG")
	})
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cl.owner.credential()}
	return cmd
}

// runFor runs a command to its end and kills it when the context ends.
func runFor(ctx context.Context, cmd *exec.Cmd) (string, error) {
	stop := context.AfterFunc(ctx, func() {
		if cmd.Process != nil {
			_ = cmd.Process.Kill()
		}
	})
	defer stop()
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return strings.TrimSpace(string(out)), err
}
