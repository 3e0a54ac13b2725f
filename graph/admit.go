package graph

import (
	"context"
	"math"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql/handler/lru"

	"mera/kernel"
)

// Limits are how much a server takes on at once and from one client. What one request may cost is fixed (limits.go):
// an installation has a size, a query that is too large is too large everywhere.
type Limits struct {
	Running       int            // operations that run at once; 0: 32
	Waiting       int            // requests that wait for their turn; beyond it they are sent away. 0: 1000
	Patience      time.Duration  // how long they wait; 0: five seconds
	ActorRate     float64        // operations a second of one actor; 0: as many as he likes
	AddressRate   float64        // operations a second of one address without a login; 0: as many as it likes
	Sockets       int            // open WebSockets of one actor on one server; 0: 20
	Subscriptions int            // open subscriptions of one actor on one server; 0: 20
	Proxies       []netip.Prefix // whose X-Forwarded-For is believed
	Origins       []string       // sites, https://host, whose pages may use the API beside the server's own
}

// filled puts what was left open.
func (l Limits) filled() Limits {
	for _, d := range []struct {
		value *int
		usual int
	}{{&l.Running, 32}, {&l.Waiting, 1000}, {&l.Sockets, 20}, {&l.Subscriptions, 20}} {
		if *d.value == 0 {
			*d.value = d.usual
		}
	}
	if l.Patience == 0 {
		l.Patience = 5 * time.Second
	}
	return l
}

// retryBusy is when a client that was sent away may try again.
const retryBusy = time.Second

// gatehouse lets in as many operations as may run at once. Others wait, in their order and not for long; when too many
// wait already, a request is sent away before it costs anything. Without it, a burst would fill the memory with requests
// that wait for a session of the database, and all of them would come too late.
type gatehouse struct {
	turns    chan struct{}
	waiting  atomic.Int64
	room     int64
	patience time.Duration
}

func newGatehouse(l Limits) *gatehouse {
	return &gatehouse{turns: make(chan struct{}, l.Running), room: int64(l.Waiting), patience: l.Patience}
}

func busy() error { return retryAfter(kernel.Errorf(kernel.Unavailable, "busy"), retryBusy) }

// full tells that a request would be sent away now.
func (g *gatehouse) full() bool { return g.waiting.Load() >= g.room }

// enter waits for a turn; leave gives it back.
func (g *gatehouse) enter(ctx context.Context) (leave func(), err error) {
	select {
	case g.turns <- struct{}{}:
		return g.leave, nil
	default:
	}
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > g.room {
		return nil, busy()
	}
	t := time.NewTimer(g.patience)
	defer t.Stop()
	select {
	case g.turns <- struct{}{}:
		return g.leave, nil
	case <-t.C:
		return nil, busy()
	case <-ctx.Done():
		return nil, busy()
	}
}

func (g *gatehouse) leave() { <-g.turns }

// rate counts the operations of each client: a bucket that fills at a rate and holds ten seconds' worth. Clients that
// were not seen for long are forgotten, and begin with a full bucket.
type rate struct {
	perSecond float64
	clock     kernel.Clock
	mu        sync.Mutex
	buckets   *lru.LRU[*bucket]
}

type bucket struct {
	tokens float64
	at     time.Time
}

// burst is how many seconds' worth a client may ask at once; at least the verbs of one mutation.
const burst = 10

// newRate is nil, which counts nothing, for a rate of zero.
func newRate(perSecond float64, clock kernel.Clock) *rate {
	if perSecond <= 0 {
		return nil
	}
	return &rate{perSecond: perSecond, clock: clock, buckets: lru.New[*bucket](100_000)}
}

// take counts n operations of a client, or refuses them.
func (r *rate) take(ctx context.Context, client string, n int) error {
	if r == nil || n <= 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now, most := r.clock.Now(), max(r.perSecond*burst, maxVerbs)
	b, ok := r.buckets.Get(ctx, client)
	if !ok {
		b = &bucket{tokens: most, at: now}
		r.buckets.Add(ctx, client, b)
	}
	b.tokens = min(most, b.tokens+r.perSecond*max(now.Sub(b.at).Seconds(), 0))
	b.at = now
	if missing := float64(n) - b.tokens; missing > 0 {
		return retryAfter(kernel.Errorf(kernel.Limit, "limit-rate"), time.Duration(missing/r.perSecond*float64(time.Second)))
	}
	b.tokens -= float64(n)
	return nil
}

// pace counts operations of who asks: an official or a citizen by himself, others by their address. Other machines have
// their own pace, which an installation agrees on with them.
func (s *Config) pace(ctx context.Context, r *request, n int) error {
	switch r.actor.Kind {
	case kernel.System:
		return nil
	case kernel.Public:
		return s.addresses.take(ctx, r.address, n)
	}
	return s.actors.take(ctx, r.actor.ID, n)
}

// waitError is an error that goes away by itself.
type waitError struct {
	err   *kernel.Error
	after time.Duration
}

func retryAfter(err *kernel.Error, after time.Duration) error { return &waitError{err, after} }

// Error is what went wrong.
func (e *waitError) Error() string { return e.err.Error() }

// Unwrap is the error of the kernel.
func (e *waitError) Unwrap() error { return e.err }

// seconds is how long to wait, in whole seconds and never none.
func (e *waitError) seconds() int { return max(1, int(math.Ceil(e.after.Seconds()))) }

// address is where a request comes from. What X-Forwarded-For says is believed from the right to the left as long as
// the one who says it is one of our proxies.
func (l *Limits) address(r *http.Request) string {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	at := from.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && l.proxy(at); i-- {
		said, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = said.Unmap()
	}
	if at.Is6() { // a house has a whole /64
		if p, err := at.Prefix(64); err == nil {
			return p.String()
		}
	}
	return at.String()
}

func (l *Limits) proxy(a netip.Addr) bool {
	for _, p := range l.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
