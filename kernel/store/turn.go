package store

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// turns lets some selections run at once, and looks at those that run: one that takes too long, or that nobody waits for
// any more, is stopped. One look at all of them is cheaper than a timer for each, and than asking to be told when its
// reader goes: most are done long before the first look.
type turns struct {
	free chan *atomic.Pointer[turn]
	all  []atomic.Pointer[turn]
	most time.Duration // that one may take
	stop context.CancelFunc
}

// lookEvery is the time between two looks.
const lookEvery = 100 * time.Millisecond

func newTurns(n int, most time.Duration) *turns {
	ctx, stop := context.WithCancel(context.Background())
	t := &turns{free: make(chan *atomic.Pointer[turn], n), all: make([]atomic.Pointer[turn], n), most: most, stop: stop}
	for i := range t.all {
		t.free <- &t.all[i]
	}
	go t.watch(ctx)
	return t
}

func (t *turns) watch(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for i := range t.all {
			if running := t.all[i].Load(); running != nil {
				running.look(t.most)
			}
		}
	}
}

// take waits for a turn, no longer than a selection may take.
func (t *turns) take(asked context.Context) (*turn, error) {
	var place *atomic.Pointer[turn]
	select {
	case place = <-t.free:
	default:
		end := time.NewTimer(t.most)
		defer end.Stop()
		select {
		case place = <-t.free:
		case <-asked.Done():
			return nil, asked.Err()
		case <-end.C:
			return nil, context.DeadlineExceeded
		}
	}
	own := &turn{Context: asked, place: place, done: make(chan struct{})}
	place.Store(own)
	return own, nil
}

// leave gives a turn back.
func (t *turns) leave(own *turn) {
	own.place.Store(nil)
	t.free <- own.place
}

// turn is the context of a selection that runs: it ends when a look finds that its reader has gone or its time is over.
type turn struct {
	context.Context // of its reader
	place           *atomic.Pointer[turn]
	done            chan struct{}

	mu    sync.Mutex
	looks int
	err   error
	after []*func() // what is to be done at the end
}

// look ends the context if that is due.
func (t *turn) look(most time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.looks++
	err := t.Context.Err()
	if err == nil && time.Duration(t.looks)*lookEvery > most {
		err = context.DeadlineExceeded
	}
	if err == nil || t.err != nil {
		return
	}
	t.err = err
	close(t.done)
	for _, f := range t.after {
		go (*f)()
	}
}

// Done is closed when the selection is to stop.
func (t *turn) Done() <-chan struct{} { return t.done }

// Err is why it is to stop.
func (t *turn) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// AfterFunc has a function called at the end, as context.AfterFunc wants it of contexts that are not its own: otherwise
// it would start a goroutine for each that waits.
func (t *turn) AfterFunc(f func()) (stop func() bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		go f()
		return func() bool { return false }
	}
	t.after = append(t.after, &f)
	return func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		i := slices.Index(t.after, &f)
		if i < 0 || t.err != nil {
			return false
		}
		t.after = slices.Delete(t.after, i, i+1)
		return true
	}
}
