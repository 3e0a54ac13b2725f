package pdf

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fake writes a program of a name known to the package into a folder.
func fake(t *testing.T, name, script string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// in finds programs in a folder only.
func in(dir string) func(string) (string, error) {
	return func(name string) (string, error) {
		path := filepath.Join(dir, name)
		_, err := os.Stat(path)
		return path, err
	}
}

const page = "<!DOCTYPE html><html><body><h1>Решение № 1-п</h1></body></html>"

func TestNoProgramIsUnavailable(t *testing.T) {
	t.Parallel()
	r := Find(t.Context(), Config{Look: in(t.TempDir())})
	if _, err := r.PDF(t.Context(), page); !errors.Is(err, ErrUnavailable) || r.Program() != "" {
		t.Errorf("%v, program %q", err, r.Program())
	}
}

func TestFinderPrefersTheFirst(t *testing.T) {
	t.Parallel()
	dir := fake(t, "soffice", "exit 0")
	if got := Find(t.Context(), Config{Look: in(dir)}).Program(); filepath.Base(got) != "soffice" {
		t.Errorf("found %q", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "weasyprint"), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := Find(t.Context(), Config{Look: in(dir)}).Program(); filepath.Base(got) != "weasyprint" {
		t.Errorf("found %q", got)
	}
	named := Find(t.Context(), Config{Program: "/opt/chromium/chromium", Look: in(dir)})
	if named.Program() != "/opt/chromium/chromium" || named.kind.name != "chromium" {
		t.Errorf("named %q as %q", named.Program(), named.kind.name)
	}
	if got := Find(t.Context(), Config{Program: "/opt/unknown", Look: in(dir)}).Program(); got != "" {
		t.Errorf("found %q", got)
	}
}

func TestProgramGetsThePageAndNothingElse(t *testing.T) {
	t.Parallel()
	dir := fake(t, "weasyprint", `printf '%%PDF-1.7\n' > page.pdf; cat page.html >> page.pdf; echo >> page.pdf; env | cut -d= -f1 | sort | tr '\n' ' ' >> page.pdf; echo >> page.pdf; pwd >> page.pdf`)
	r := Find(t.Context(), Config{Look: in(dir)})
	out, err := r.PDF(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 4 || lines[1] != page {
		t.Fatalf("%s", out)
	}
	for _, name := range strings.Fields(lines[2]) {
		if !strings.Contains(" PATH HOME TMPDIR LANG SOURCE_DATE_EPOCH PWD OLDPWD SHLVL _ ", " "+name+" ") {
			t.Errorf("the child sees %s", name)
		}
	}
	if _, err := os.Stat(lines[3]); !os.IsNotExist(err) {
		t.Errorf("the folder %s is still there: %v", lines[3], err)
	}
}

func TestTimeoutEndsTheProgramAndItsChildren(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "pid")
	dir := fake(t, "weasyprint", `sleep 600 & echo $! > `+mark+`; wait`)
	var pid []byte
	for timeout := 300 * time.Millisecond; len(pid) == 0; timeout *= 2 { // until there is time enough for it to begin
		r := Find(t.Context(), Config{Look: in(dir), Timeout: timeout})
		if _, err := r.PDF(t.Context(), page); !errors.Is(err, ErrTimeout) {
			t.Errorf("got %v", err)
		}
		var err error
		if pid, err = os.ReadFile(mark); err != nil && timeout > time.Minute {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); { // the kernel reaps it when it likes
		stat, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %s is still alive", pid)
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r := Find(ctx, Config{Look: in(fake(t, "weasyprint", "sleep 600"))})
	cancel()
	if _, err := r.PDF(ctx, page); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, page, want string }{
		"says why":     {"echo no font >&2; exit 3", page, "exit status 3: no font"},
		"no file":      {"exit 0", page, "made no file"},
		"no PDF":       {"echo hello > page.pdf", page, "is no PDF"},
		"page too big": {"exit 0", strings.Repeat("x", maxPage+1), "too large"},
		"pdf too big":  {"printf '%%PDF-' > page.pdf; truncate -s 60M page.pdf", page, "too large"},
		"long words":   {"yes | head -c 100000 >&2; exit 1", page, "y\ny"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Find(t.Context(), Config{Look: in(fake(t, "weasyprint", c.script))})
			_, err := r.PDF(t.Context(), c.page)
			if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > maxSaid+200 {
				t.Errorf("got %.300v, want %q", err, c.want)
			}
		})
	}
}

// The network of an isolated child has not even a loopback that is up.
func TestIsolated(t *testing.T) {
	t.Parallel()
	r := Find(t.Context(), Config{Look: in(fake(t, "weasyprint", `printf '%%PDF-\n' > page.pdf; cat /proc/net/route >> page.pdf`))})
	if !r.Isolated() {
		t.Skip("this machine allows no network namespaces")
	}
	out, err := r.PDF(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSpace(string(out)), "\n"); len(got) > 2 {
		t.Errorf("the child has routes:\n%s", out)
	}
}

func TestArgumentsOfEachKind(t *testing.T) {
	t.Parallel()
	for _, k := range kinds() {
		args := strings.Join(k.args("/d"), " ")
		if !strings.Contains(args, "page.html") {
			t.Errorf("%s: %s names no page", k.name, args)
		}
	}
}

func TestRealProgram(t *testing.T) {
	t.Parallel()
	r := Find(t.Context(), Config{})
	if r.Program() == "" {
		t.Skip("SKIPPED: no weasyprint, chromium or libreoffice on this machine")
	}
	out, err := r.PDF(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(out, []byte("%PDF-")) {
		t.Errorf("%.20q", out)
	}
}
