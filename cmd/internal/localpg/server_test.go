//go:build unix

package localpg

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestMain lets the test binary play a mera of its own: it starts the cluster of a folder, says so and waits to be
// told to stop, or killed.
func TestMain(m *testing.M) {
	dir := os.Getenv("LOCALPG_PLAY")
	if dir == "" {
		os.Exit(m.Run())
	}
	s, err := Start(context.Background(), Config{Dir: dir, Settings: quick})
	if err != nil {
		fmt.Println("ERROR", err)
		os.Exit(1)
	}
	fmt.Println(s.Adopted(), s.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := s.Stop(context.Background()); err != nil {
		fmt.Println("ERROR", err)
		os.Exit(1)
	}
	os.Exit(0)
}

var quick = map[string]string{"fsync": "off", "shared_buffers": "'8MB'"}

// folder is a fresh data folder into which another user may walk, with whatever runs in it killed at the end.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "localpg-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if pid, err := readPID(filepath.Join(dir, "data", "postmaster.pid")); err == nil && isPostgres(pid) {
			_ = syscall.Kill(pid, syscall.SIGQUIT)
			for isPostgres(pid) {
				time.Sleep(10 * time.Millisecond)
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func open(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(t.Context(), Config{Dir: dir, Settings: quick, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func ask(t *testing.T, url, query string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var s string
	if err := conn.QueryRow(t.Context(), query).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func pidOf(t *testing.T, dir string) int {
	t.Helper()
	pid, err := readPID(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil || pid == 0 {
		t.Fatalf("pid %d, %v", pid, err)
	}
	return pid
}

func TestStartStopStart(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := open(t, dir)
	if got := ask(t, s.URL(), "select current_database() || ' ' || lower('ЖЭК')"); got != "mera жэк" {
		t.Errorf("got %q", got)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid")); !os.IsNotExist(err) {
		t.Errorf("the server went on: %v", err)
	}
	if s = open(t, dir); s.Adopted() {
		t.Error("a stopped server was adopted")
	}
	if got := ask(t, s.URL(), "show timezone"); got != "UTC" {
		t.Errorf("timezone %q", got)
	}
}

func TestAdoptedServerGoesOn(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := open(t, dir)
	second := open(t, dir)
	if first.Adopted() || !second.Adopted() || first.URL() != second.URL() {
		t.Errorf("adopted %v %v, urls %s %s", first.Adopted(), second.Adopted(), first.URL(), second.URL())
	}
	if err := second.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	ask(t, first.URL(), "select 'alive'")
}

// TestKilledServerComesBack: who started the server and who adopted it both see it again.
func TestKilledServerComesBack(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first, second := open(t, dir), open(t, dir)
	pid := pidOf(t, dir)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for !first.cluster.answers(t.Context()) { // the test's own time limit ends it
		time.Sleep(20 * time.Millisecond)
	}
	ask(t, second.URL(), "select 'alive'")
	if pidOf(t, dir) == pid {
		t.Error("the server was not killed")
	}
}

// crash kills a server that nobody watches any more.
func crash(t *testing.T, s *Server, dir string) {
	t.Helper()
	s.leave()
	<-s.left
	if err := syscall.Kill(pidOf(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-s.exited
}

func TestKilledServerIsStartedAnew(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := open(t, dir)
	crash(t, s, dir)
	next := open(t, dir)
	if next.Adopted() {
		t.Error("a dead server was adopted")
	}
	ask(t, next.URL(), "select 'alive'")
}

func TestPidOfAnotherProgramIsStale(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := open(t, dir)
	pid := pidOf(t, dir)
	crash(t, s, dir)
	file := filepath.Join(dir, "data", "postmaster.pid")
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	mine := strings.Replace(string(old), fmt.Sprint(pid), fmt.Sprint(os.Getpid()), 1)
	if err := os.WriteFile(file, []byte(mine), 0o600); err != nil {
		t.Fatal(err)
	}
	ask(t, open(t, dir).URL(), "select 'alive'")
}

// play starts a mera of its own and returns what it says first.
func play(t *testing.T, dir string, as *syscall.Credential) (cmd *exec.Cmd, said string, stdin io.WriteCloser) {
	t.Helper()
	cmd = exec.Command(binary(t))
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "LOCALPG_PLAY="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, strings.TrimSpace(said), stdin
}

// binary is a copy of this test binary in a place that every user may enter.
func binary(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder(t), "play")
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestServerOutlivesAKilledMera(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cmd, said, _ := play(t, dir, nil)
	if !strings.HasPrefix(said, "false ") {
		t.Fatalf("said %q", said)
	}
	pid := pidOf(t, dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	s := open(t, dir)
	if !s.Adopted() || pidOf(t, dir) != pid {
		t.Errorf("adopted %v, pid %d, was %d", s.Adopted(), pidOf(t, dir), pid)
	}
	ask(t, s.URL(), "select 'alive'")
}

func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("the other tests run as an ordinary user")
	}
	dir := folder(t)
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	cmd, said, stdin := play(t, dir, &syscall.Credential{Uid: 65534, Gid: 65534})
	if !strings.HasPrefix(said, "false ") {
		t.Fatalf("said %q", said)
	}
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	type result struct {
		s   *Server
		err error
	}
	results := make(chan result)
	for range 4 {
		go func() {
			s, err := Start(t.Context(), Config{Dir: dir, Settings: quick})
			results <- result{s, err}
		}()
	}
	started := 0
	for range 4 {
		r := <-results
		if r.err != nil {
			t.Error(r.err)
		} else if !r.s.Adopted() {
			started++
		}
	}
	if started != 1 {
		t.Errorf("%d servers were started", started)
	}
}

func TestLongPath(t *testing.T) {
	t.Parallel()
	long := filepath.Join(folder(t), strings.Repeat("long-", 30))
	if err := os.Mkdir(long, 0o755); err != nil {
		t.Fatal(err)
	}
	s := open(t, long)
	t.Cleanup(func() { _ = os.RemoveAll(s.cluster.socket) })
	ask(t, s.URL(), "select 'alive'")
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestClosedParentIsNamed(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root starts the server as somebody else")
	}
	closed := filepath.Join(folder(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{Dir: filepath.Join(closed, "data")})
	if err == nil || !strings.Contains(err.Error(), "chmod o+x "+closed) {
		t.Errorf("got %v", err)
	}
}

func TestBrokenSettingIsReported(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Config{Dir: folder(t), Settings: map[string]string{"fsync": "off", "no_such_thing": "1"}})
	if err == nil || !strings.Contains(err.Error(), "no_such_thing") {
		t.Errorf("got %v", err)
	}
}
