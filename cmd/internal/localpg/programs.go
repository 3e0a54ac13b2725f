//go:build unix

package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first major version that the store is tested with.
const oldest = 15

// programs returns the folder with initdb and postgres: what Config names, what the machine has, else a download.
// A cluster that already has data needs the programs of its major version.
func programs(ctx context.Context, c Config, major string) (string, error) {
	if c.Bin != "" {
		v, err := versionOf(ctx, c.Bin)
		if err != nil {
			return "", fmt.Errorf("no PostgreSQL in %s: %w", c.Bin, err)
		}
		return c.Bin, fits(v, major)
	}
	bin, err := Find(ctx, major)
	if err == nil {
		return bin, nil
	}
	bin, fetchErr := fetch(ctx, c, major)
	if fetchErr != nil {
		return "", errors.Join(err, fetchErr)
	}
	return bin, nil
}

// Find looks for programs of PostgreSQL on the machine: in PATH, where pg_config points, in the folders of Linux
// distributions and Homebrew, the newest first. major, if given, is the only version that will do.
func Find(ctx context.Context, major string) (string, error) {
	var tried []string
	for _, dir := range candidates(ctx) {
		v, err := versionOf(ctx, dir)
		if err != nil {
			continue
		}
		if err := fits(v, major); err != nil {
			tried = append(tried, fmt.Sprintf("%s has version %d", dir, v))
			continue
		}
		return dir, nil
	}
	want := major
	if want == "" {
		want = strconv.Itoa(oldest) + " or newer"
	}
	if len(tried) > 0 {
		return "", fmt.Errorf("PostgreSQL %s not found (%s)", want, strings.Join(tried, ", "))
	}
	return "", fmt.Errorf("PostgreSQL %s not found", want)
}

func fits(version int, major string) error {
	switch {
	case major != "" && strconv.Itoa(version) != major:
		return fmt.Errorf("the data were written by PostgreSQL %s, the programs are %d", major, version)
	case version < oldest:
		return fmt.Errorf("PostgreSQL %d is too old, %d or newer is needed", version, oldest)
	}
	return nil
}

// candidates are folders that may hold the programs, best first. A program in PATH is often a link or a wrapper, so the
// folder it leads to is taken.
func candidates(ctx context.Context) []string {
	var dirs []string
	if p, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(p); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	var versioned []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/lib/postgresql*/bin", "/usr/pgsql-*/bin", "/opt/pgpro/*/bin",
		"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin", "/usr/local/pgsql/bin",
	} {
		found, _ := filepath.Glob(pattern) // the patterns are well-formed
		versioned = append(versioned, found...)
	}
	slices.SortFunc(versioned, func(a, b string) int { return numberIn(b) - numberIn(a) })
	return append(dirs, versioned...)
}

var digits = regexp.MustCompile(`\d+`)

func numberIn(s string) int {
	n, _ := strconv.Atoi(digits.FindString(s)) // none is 0
	return n
}

// versionOf asks the postgres of a folder for its major version, and checks that initdb is there.
func versionOf(ctx context.Context, dir string) (int, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return 0, err
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, err
	}
	v := numberIn(string(out))
	if v == 0 {
		return 0, fmt.Errorf("%q names no version", strings.TrimSpace(string(out)))
	}
	return v, nil
}
