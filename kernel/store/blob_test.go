package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// failing is an upload that breaks off.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the line is cut") }

// list names all files under a folder.
func list(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		out = append(out, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func spoil(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(file, []byte("hacked"), 0o640); err != nil {
		t.Fatal(err)
	}
}
