package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// floor runs pgbench on the database of an installation: what PostgreSQL alone gives for the same rows as JSON.
type floor struct {
	pgbench string
	url     string
	folder  string // of the scripts
}

// texts is how many misspelt names the floor of the search draws from: pgbench has no texts of its own.
const texts = 20000

// newFloor writes the scripts. pgbench computes its arguments from the numbers of persons; the id of a person begins
// with the moment of his card, so the first id from that moment on is his.
func newFloor(ctx context.Context, in *Installation, r *Region, programs string) (*floor, error) {
	f := &floor{pgbench: filepath.Join(programs, "pgbench"), url: in.cluster.URL(), folder: filepath.Join(in.Data, "floor")}
	if _, err := os.Stat(f.pgbench); err != nil {
		return nil, fmt.Errorf("the floor needs pgbench: %w", err)
	}
	if err := os.MkdirAll(f.folder, 0o755); err != nil {
		return nil, err
	}
	codes := make([]string, len(r.leaves))
	for i, l := range r.leaves {
		codes[i] = l.code
	}
	vars := map[string]any{
		"Persons": r.persons, "Start": r.start.UnixMilli(), "Step": r.personAt(1).Sub(r.start).Milliseconds(), "Leaves": len(codes),
		"Codes": strings.Join(codes, ","), "Texts": min(texts, r.persons),
	}
	files, err := fs.Glob(region, "region/floor/*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		t, err := template.ParseFS(region, name)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := t.Execute(&b, vars); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(f.folder, filepath.Base(name)), b.Bytes(), 0o600); err != nil {
			return nil, err
		}
	}
	return f, f.setup(ctx, programs, r)
}

// setup gives the floor what it has not got from the program: an index on full names, misspelt names to search for.
func (f *floor) setup(ctx context.Context, programs string, r *Region) error {
	rnd := rand.New(rand.NewPCG(r.seed, 1))
	var b bytes.Buffer
	for n := range min(texts, r.persons) {
		p := r.person(rnd.IntN(r.persons))
		fmt.Fprintf(&b, "%d,%s,%s\n", n+1, misspelt(rnd, join(p.last, p.first, p.middle)), p.birth)
	}
	if err := os.WriteFile(filepath.Join(f.folder, "texts.csv"), b.Bytes(), 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(programs, "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-f", "setup.sql", f.url)
	cmd.Dir, cmd.Env = f.folder, append(os.Environ(), "PGOPTIONS=-c client_min_messages=warning")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("setup of the floor: %w: %s", err, out)
	}
	return nil
}

// run runs a script in closed loops, its statement prepared.
func (f *floor) run(ctx context.Context, script string, connections int, during time.Duration, pg int) (sample, error) {
	logs, err := os.MkdirTemp(f.folder, "log")
	if err != nil {
		return sample{}, err
	}
	defer os.RemoveAll(logs)
	cmd := exec.CommandContext(ctx, f.pgbench, "-n", "-M", "prepared", "-c", strconv.Itoa(connections), "-j", "1",
		"-T", strconv.Itoa(max(1, int(during.Seconds()))), "-l", "--log-prefix="+filepath.Join(logs, "t"),
		"-f", filepath.Join(f.folder, script+".sql"), f.url)
	before, err := measureCPU(pg, 0)
	if err != nil {
		return sample{}, err
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return sample{}, fmt.Errorf("pgbench %s: %w: %s", script, err, out)
	}
	var s sample
	took, wall, err := readLogs(logs)
	if err != nil {
		return s, err
	}
	s.times(took, wall)
	if s.Requests == 0 {
		return s, fmt.Errorf("pgbench %s did nothing: %s", script, out)
	}
	if err := before.since(&s); err != nil {
		return s, err
	}
	s.Load = float64((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Microseconds()) / float64(s.Requests)
	return s, nil
}

// readLogs reads the latencies of all transactions, and from the first to the last of them the time.
func readLogs(folder string) (took []time.Duration, wall time.Duration, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "t.*"))
	if err != nil {
		return nil, 0, err
	}
	var first, last time.Time
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return nil, 0, err
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			f := strings.Fields(lines.Text()) // client, transaction, latency, script, seconds, microseconds
			if len(f) < 6 {
				return nil, 0, fmt.Errorf("pgbench wrote %q", lines.Text())
			}
			micros, err := strconv.ParseInt(f[2], 10, 64)
			if err != nil {
				return nil, 0, err
			}
			d := time.Duration(micros) * time.Microsecond
			sec, _ := strconv.ParseInt(f[4], 10, 64) // the clock, written by pgbench itself
			usec, _ := strconv.ParseInt(f[5], 10, 64)
			at := time.Unix(sec, usec*1000)
			if begun := at.Add(-d); first.IsZero() || begun.Before(first) {
				first = begun
			}
			if at.After(last) {
				last = at
			}
			took = append(took, d)
		}
		if err := lines.Err(); err != nil {
			return nil, 0, err
		}
	}
	return took, last.Sub(first), nil
}
