package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"syscall"

	"mera/kernel"
)

// Blobs keeps the bytes of attachments in a folder, each under its SHA-256, once however often it is attached. Nothing
// is ever changed or deleted.
type Blobs struct{ root *os.Root }

// NewBlobs opens the folder, which is made when absent.
func NewBlobs(dir string) (*Blobs, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("folder of attachments: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("folder of attachments: %w", err)
	}
	return &Blobs{root}, nil
}

// Close releases the folder.
func (b *Blobs) Close() error { return b.root.Close() }

// Put stores bytes and returns their SHA-256 in hex and their number. More than max bytes is LIMIT, a full disk
// UNAVAILABLE; then nothing is stored. The bytes are on the disk when Put returns.
func (b *Blobs) Put(from io.Reader, max int64) (sha string, size int64, err error) {
	part := "part-" + rand.Text()
	f, err := b.root.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return "", 0, blobError(err)
	}
	defer b.root.Remove(part) // after the rename there is nothing left to remove
	h := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, h), io.LimitReader(from, max+1))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", 0, blobError(err)
	}
	if size > max {
		return "", 0, kernel.Errorf(kernel.Limit, "file-too-large", max)
	}
	sha = hex.EncodeToString(h.Sum(nil))
	return sha, size, blobError(b.keep(part, sha))
}

// keep gives the bytes their name. The rename is whole or not at all; the folder is synced so that it stays.
func (b *Blobs) keep(part, sha string) error {
	name := blobName(sha)
	if _, err := b.root.Stat(name); err == nil {
		return nil
	}
	if err := b.root.MkdirAll(path.Dir(name), 0o750); err != nil {
		return err
	}
	if err := b.root.Rename(part, name); err != nil {
		return err
	}
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		if err := b.sync(dir); err != nil || dir == "." {
			return err
		}
	}
}

func (b *Blobs) sync(dir string) error {
	d, err := b.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

var shaForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// blobName spreads the files over folders: ab/cd/abcd….
func blobName(sha string) string { return path.Join(sha[:2], sha[2:4], sha) }

// Open reads the bytes under a SHA-256; NOT_FOUND if there are none.
func (b *Blobs) Open(sha string) (io.ReadSeekCloser, error) {
	if !shaForm.MatchString(sha) {
		return nil, kernel.Errorf(kernel.NotFound, "not-found")
	}
	f, err := b.root.Open(blobName(sha))
	if err != nil {
		return nil, blobError(err)
	}
	return f, nil
}

// Verify reads the bytes under a SHA-256 and tells whether they still have it.
func (b *Blobs) Verify(sha string) error {
	f, err := b.Open(sha)
	if err != nil {
		return err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return blobError(err)
	}
	if hex.EncodeToString(h.Sum(nil)) != sha {
		return kernel.Errorf(kernel.Internal, "file-changed", sha)
	}
	return nil
}

func blobError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return kernel.Errorf(kernel.Unavailable, "disk-full").Because(err)
	case errors.Is(err, fs.ErrNotExist):
		return kernel.Errorf(kernel.NotFound, "not-found").Because(err)
	default:
		return kernel.Errorf(kernel.Unavailable, "files-unavailable").Because(err)
	}
}
