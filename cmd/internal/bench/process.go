package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of CPU times in /proc on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// stat is what /proc tells of a process: its parent, its own CPU time and that of its children that have ended.
type stat struct {
	parent    int
	own, gone time.Duration
}

func readStat(pid int) (stat, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	_, rest, _ := strings.Cut(string(b), ") ") // the name may hold anything, but it ends here
	f := strings.Fields(rest)
	if len(f) < 15 {
		return stat{}, fmt.Errorf("/proc/%d/stat: %d fields", pid, len(f))
	}
	var n [15]int
	for i := 1; i < 15; i++ {
		n[i], _ = strconv.Atoi(f[i]) // what is no number is none of those below
	}
	return stat{n[1], time.Duration(n[11]+n[12]) * tick, time.Duration(n[13]+n[14]) * tick}, nil
}

// family is the CPU time of a process and its children, those included that have ended.
func family(pid int) (time.Duration, error) {
	top, err := readStat(pid)
	if err != nil {
		return 0, err
	}
	sum := top.own + top.gone
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, dir := range all {
		child, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if s, err := readStat(child); err == nil && s.parent == pid { // who has ended meanwhile is in gone
			sum += s.own
		}
	}
	return sum, nil
}

// resident is how much memory a process holds, in bytes.
func resident(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	f := strings.Fields(string(b))
	if len(f) < 2 {
		return 0, fmt.Errorf("/proc/%d/statm: %q", pid, b)
	}
	pages, err := strconv.ParseInt(f[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}

// ownCPU is the CPU time of this process.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// split is where the CPU of a run went.
type split struct {
	pg, server int // processes; 0: none
	atPG, atServer,
	atLoad time.Duration
}

func measureCPU(pg, server int) (s split, err error) {
	s = split{pg: pg, server: server, atLoad: ownCPU()}
	if s.atPG, err = family(pg); err != nil || server == 0 {
		return s, err
	}
	s.atServer, err = family(server)
	return s, err
}

// since gives a sample what was used since the measure was taken.
func (s split) since(into *sample) error {
	now, err := measureCPU(s.pg, s.server)
	if err != nil || into.Requests == 0 {
		return err
	}
	per := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(into.Requests) }
	into.PG, into.Server, into.Load = per(now.atPG-s.atPG), per(now.atServer-s.atServer), per(now.atLoad-s.atLoad)
	return nil
}
