//go:build unix

package localpg

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// owner is the user as whom the server runs when we are root, because PostgreSQL refuses to run as root. A nil owner
// is this process's own user.
type owner struct {
	name     string
	uid, gid uint32
}

// serverUser picks the user: the system's postgres, else nobody. It must be able to walk into the data folder.
func serverUser(dir string) (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("user %s: %w", name, err)
		}
		o := &owner{name: name, uid: uint32(uid), gid: uint32(gid)}
		return o, o.mayEnter(dir)
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as")
}

// mayEnter checks that every folder down to dir lets the owner pass.
func (o *owner) mayEnter(dir string) error {
	for d := dir; ; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		if err != nil {
			return err
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok && !o.passes(info.Mode().Perm(), st) {
			return fmt.Errorf("we are root, so the server runs as %s, and %s does not let it in: "+
				"choose another data folder or run chmod o+x %s", o.name, d, d)
		}
		if d == filepath.Dir(d) {
			return nil
		}
	}
}

func (o *owner) passes(mode os.FileMode, st *syscall.Stat_t) bool {
	switch {
	case st.Uid == o.uid:
		return mode&0o100 != 0
	case st.Gid == o.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

func (o *owner) own(path string) error {
	if o == nil {
		return nil
	}
	return os.Chown(path, int(o.uid), int(o.gid))
}

func (o *owner) credential() *syscall.Credential {
	if o == nil {
		return nil
	}
	return &syscall.Credential{Uid: o.uid, Gid: o.gid}
}

// maxSocketDir leaves room for "/.s.PGSQL.5432.lock" in the 108 (on some systems 104) bytes of a socket's address.
const maxSocketDir = 80

// socketDir makes the folder of the socket, closed to others: in the data folder, or, where that path is too long for
// a socket, in the temporary folder under a name made from the path.
func socketDir(dir string, o *owner) (string, error) {
	sock := filepath.Join(dir, "run")
	if len(sock) > maxSocketDir {
		sum := sha256.Sum256([]byte(dir))
		sock = filepath.Join(os.TempDir(), fmt.Sprintf("mera-%x", sum[:8]))
		if len(sock) > maxSocketDir {
			sock = filepath.Join("/tmp", filepath.Base(sock))
		}
	}
	if err := os.Mkdir(sock, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(sock)
	if err != nil {
		return "", err
	}
	want := uint32(os.Geteuid())
	if o != nil {
		want = o.uid
	}
	// In the temporary folder somebody else may have taken the name: his folder is refused, not used.
	if st, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || (ok && st.Uid != want && st.Uid != uint32(os.Geteuid())) {
		return "", fmt.Errorf("%s is not a folder of ours", sock)
	}
	if err := os.Chmod(sock, 0o700); err != nil {
		return "", err
	}
	return sock, o.own(sock)
}

// lock takes a file lock, so that two processes that start at once make one cluster. The system drops the lock of a
// process that dies.
func lock(ctx context.Context, file string) (unlock func(), err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(err, f.Close())
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return nil, errors.Join(fmt.Errorf("another process holds %s: %w", file, err), f.Close())
		}
	}
}
