package graph

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"mera/kernel"
	"mera/kernel/store"
)

// Journal tells what was written, by whichever server: kernel/store.
type Journal interface {
	JournalEnd(ctx context.Context) (store.Position, error)
	WrittenSince(ctx context.Context, since store.Position, limit int) ([]store.Written, store.Position, error)
}

// Bounds of a watch: how much of a chain one look takes, and how many records a listener may be behind.
const (
	watchLook    = 500
	watchBacklog = 10_000
)

// watch reads the journal for all subscriptions of a server: one look at each poll, whatever their number, and none
// while nobody listens. The journal tells of every server's writes, in an order in which nothing comes late.
type watch struct {
	journal Journal
	poll    time.Duration
	log     *slog.Logger

	mu        sync.Mutex
	listeners map[*listener]bool
	stop      context.CancelFunc // ends the reading; nil: nobody reads
}

// listener is one subscription's ear. Records that were written are in fresh until it takes them, each once; anything
// that was written at all is a knock.
type listener struct {
	types []string // of the records that it wants to know; none: knocks are enough
	id    string   // of the only record; "": all

	mu     sync.Mutex
	fresh  map[string]store.Written
	behind bool // it took too long, and does not know any more what it has missed
	knock  chan struct{}
}

// listen begins to listen: what is written from now on is heard. hush ends it.
func (w *watch) listen(ctx context.Context, types []string, id string) (l *listener, hush func(), err error) {
	l = &listener{types: types, id: id, fresh: map[string]store.Written{}, knock: make(chan struct{}, 1)}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stop == nil {
		at, err := w.journal.JournalEnd(ctx)
		if err != nil {
			return nil, nil, err
		}
		reading, stop := context.WithCancel(context.Background())
		w.stop = stop
		go w.read(reading, at)
	}
	w.listeners[l] = true
	return l, func() { w.hush(l) }, nil
}

func (w *watch) hush(l *listener) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.listeners, l)
	if len(w.listeners) == 0 && w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

// read looks at the journal until nobody listens. A look that fails is made again from the same place.
func (w *watch) read(ctx context.Context, at store.Position) {
	for sleep(ctx, w.poll) {
		for more := true; more && ctx.Err() == nil; {
			found, end, err := w.journal.WrittenSince(ctx, at, watchLook)
			if err != nil {
				if ctx.Err() == nil {
					w.log.WarnContext(ctx, "the journal is not read", slog.Any("error", err))
				}
				break
			}
			at, more = end, len(found) >= watchLook
			w.tell(found)
		}
	}
}

func (w *watch) tell(found []store.Written) {
	if len(found) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for l := range w.listeners {
		l.hear(found)
	}
}

func (l *listener) hear(found []store.Written) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range found {
		if f.Version > 0 && slices.Contains(l.types, f.Type) && (l.id == "" || l.id == f.ID) {
			l.fresh[f.ID] = f
		}
	}
	if len(l.fresh) > watchBacklog {
		l.fresh, l.behind = map[string]store.Written{}, true
	}
	select {
	case l.knock <- struct{}{}:
	default: // it has not yet answered the last one
	}
}

// take gives what was heard since the last time, some of it where it is much.
func (l *listener) take(most int) ([]store.Written, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.behind {
		return nil, kernel.Errorf(kernel.Limit, "limit-behind", watchBacklog)
	}
	out := make([]store.Written, 0, min(most, len(l.fresh)))
	for id, f := range l.fresh {
		if len(out) == most {
			break
		}
		out = append(out, f)
		delete(l.fresh, id)
	}
	return out, nil
}

// knocked tells, once, that something was written.
func (l *listener) knocked() bool {
	select {
	case <-l.knock:
		return true
	default:
		return false
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
