package bench

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A soak is many clients at once for a while.
const (
	soakClients = 200
	soakTime    = 60 * time.Second
)

// soak loads the server with all workloads at once and tells of errors, tails and memory.
func (b *run) soak(ctx context.Context, all []*workload) error {
	if _, err := b.load(ctx, all, 16, 1, 5*time.Second); err != nil { // warm
		return err
	}
	before, err := resident(b.server.pid())
	if err != nil {
		return err
	}
	s, err := b.load(ctx, all, soakClients, 2, soakTime)
	if err != nil {
		return err
	}
	after, err := resident(b.server.pid())
	if err != nil {
		return err
	}
	fmt.Fprintf(b.Out, "%d clients for %v: %d requests, %.0f/s, %d errors, p50 %.1f ms, p99 %.1f ms, memory %d → %d MB\n",
		soakClients, soakTime, s.Requests, s.PerSecond, s.Errors, p50(s), p99(s), before>>20, after>>20)
	if s.Errors > 0 {
		return errors.New("the first error: " + s.first)
	}
	return nil
}
