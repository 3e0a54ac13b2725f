package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// A soak is many clients at once for a while.
const (
	soakClients = 200
	soakTime    = 60 * time.Second
	soakParts   = 3
)

// soak loads the server with all workloads at once and tells of errors, tails and memory.
func (b *run) soak(ctx context.Context, all []*workload) error {
	if _, err := b.load(ctx, all, 16, 1, 5*time.Second); err != nil { // warm
		return err
	}
	var s sample
	var parts []memory
	both, inner := errgroup.WithContext(ctx)
	both.Go(func() (err error) {
		s, err = b.load(inner, all, soakClients, 2, soakTime)
		return err
	})
	both.Go(func() (err error) {
		parts, err = b.server.watch(inner, soakTime/soakParts)
		return err
	})
	if err := both.Wait(); err != nil {
		return err
	}
	fmt.Fprintf(b.Out, "%d clients for %v: %d requests, %.0f/s, %d errors, p50 %.1f ms, p99 %.1f ms\n",
		soakClients, soakTime, s.Requests, s.PerSecond, s.Errors, p50(s), p99(s))
	for i, m := range parts {
		fmt.Fprintf(b.Out, "third %d: memory at most %d MB, live heap at least %d, at most %d MB in %d collections\n",
			i+1, m.resident>>20, m.least(), m.most(), len(m.live))
	}
	fmt.Fprintf(b.Out, "memory is flat: %s\n", verdict(flat(parts)))
	if s.Errors > 0 {
		return errors.New("the first error: " + s.first)
	}
	return nil
}

// memory is what the server held during a part of a soak.
type memory struct {
	resident int64 // bytes, at most
	live     []int // MB that each collection has left, least first
}

func (m memory) least() int {
	if len(m.live) == 0 {
		return 0
	}
	return m.live[0]
}

func (m memory) most() int {
	if len(m.live) == 0 {
		return 0
	}
	return m.live[len(m.live)-1]
}

// flat tells that nothing piles up: what the collector leaves at least is in the last part what it was in the one
// before, but for a tenth and the megabytes to which it is rounded. In the first part caches fill. A part without a
// collection shows nothing.
func flat(parts []memory) bool {
	if slices.ContainsFunc(parts, func(m memory) bool { return len(m.live) == 0 }) || len(parts) < 2 {
		return false
	}
	before, last := parts[len(parts)-2].least(), parts[len(parts)-1].least()
	return last <= before+before/10+1
}

// watch looks at the server every half a second: how much memory it has, and what its collector says in the log.
func (s *server) watch(ctx context.Context, each time.Duration) ([]memory, error) {
	log, err := os.Open(s.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	if _, err := log.Seek(0, io.SeekEnd); err != nil {
		return nil, err
	}
	parts := make([]memory, soakParts)
	for i := range parts {
		for end := time.Now().Add(each); time.Now().Before(end); {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(min(500*time.Millisecond, each)):
			}
			now, err := resident(s.pid())
			if err != nil {
				return nil, err
			}
			parts[i].resident = max(parts[i].resident, now)
		}
		text, err := io.ReadAll(log)
		if err != nil {
			return nil, err
		}
		parts[i].live = collections(text)
	}
	return parts, nil
}

// traced is what the run time says of a collection when it is asked to (GODEBUG=gctrace=1): the heap when it began, when
// it ended, and what of it is live.
var traced = regexp.MustCompile(`(?m)^gc \d+ @.* \d+->\d+->(\d+) MB`)

// collections are the megabytes that each collection of a log has left, least first.
func collections(log []byte) []int {
	var out []int
	for _, m := range traced.FindAllSubmatch(log, -1) {
		n, _ := strconv.Atoi(string(m[1])) // a number, says the pattern
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}
