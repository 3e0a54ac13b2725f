package query

import (
	"context"
	"encoding/json"
	"hash/maphash"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"mera/kernel"
	"mera/kernel/store"
)

// Journal keeps batches of reads.
type Journal interface {
	Write(ctx context.Context, write func(*store.Tx) error) error
}

// Reads is the journal of reads: who looked at which record or list, when, by which query. An operation is noted before
// its answer goes out, and written with others a moment later, so that no reader waits for the database. There is room
// for so many that wait; where the journal cannot keep up readers wait for it, and in the end are refused: nothing is
// read and not noted. Who asks the same again within a minute is noted once.
//
// A server that is stopped writes what is left. One that is killed loses what was read in its last moment (readEvery).
type Reads struct {
	journal Journal
	ids     kernel.IDs
	log     *slog.Logger
	queue   chan kernel.Look
	begun   chan struct{} // something was noted; nobody waits for the queue itself, or each read would wake him
	full    chan struct{} // there is enough for a batch
	stop    chan struct{} // closed: nothing is taken in any more
	done    chan struct{}
	close   sync.Once

	recent, older map[lookKey]bool // looks of this minute and the one before
	turned        time.Time
	seeds         [2]maphash.Seed
}

// Bounds of the journal of reads.
const (
	readQueue  = 8192 // looks that wait
	readBatch  = 4000 // rows of a batch
	readEvery  = 500 * time.Millisecond
	readAgain  = time.Minute // within which the same look is noted once
	readRecent = 100_000     // looks that are remembered for that
)

// NewReads starts the journal of reads.
func NewReads(journal Journal, ids kernel.IDs, log *slog.Logger) *Reads {
	r := &Reads{journal: journal, ids: ids, log: log, queue: make(chan kernel.Look, readQueue),
		begun: make(chan struct{}, 1), full: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		recent: map[lookKey]bool{}, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
	go r.run()
	return r
}

// Note takes a look in. It waits while the journal is behind; with an error the answer must not be given.
func (r *Reads) Note(ctx context.Context, look kernel.Look) error {
	if r == nil || len(look.Roots) == 0 {
		return nil
	}
	select {
	case <-r.stop:
		return kernel.Errorf(kernel.Unavailable, "database-unavailable")
	default:
	}
	select {
	case r.queue <- look:
	default:
		select {
		case r.queue <- look:
		case <-ctx.Done():
			return kernel.Errorf(kernel.Unavailable, "database-busy").Because(ctx.Err())
		}
	}
	tell(r.begun)
	if len(r.queue) >= readBatch {
		tell(r.full)
	}
	return nil
}

// tell leaves word, unless it was left already.
func tell(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Close writes what was noted. Who still reads is refused.
func (r *Reads) Close(ctx context.Context) error {
	if r == nil {
		return nil
	}
	r.close.Do(func() { close(r.stop) })
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *Reads) run() {
	defer close(r.done)
	for {
		select {
		case <-r.begun:
			r.gather()
		case <-r.stop:
			for len(r.queue) > 0 {
				r.write(r.taken())
			}
			return
		}
	}
}

// gather lets a batch come together and writes it, and those that have come meanwhile.
func (r *Reads) gather() {
	end := time.NewTimer(readEvery)
	defer end.Stop()
	select {
	case <-end.C:
	case <-r.full:
	case <-r.stop:
	}
	r.write(r.taken())
	for len(r.queue) >= readBatch {
		r.write(r.taken())
	}
	if len(r.queue) > 0 {
		tell(r.begun)
	}
}

// taken are the rows of what was noted, of one batch at most.
func (r *Reads) taken() []kernel.Reading {
	var rows []kernel.Reading
	for len(rows) < readBatch {
		select {
		case look := <-r.queue:
			rows = r.rows(rows, look)
		default:
			return rows
		}
	}
	return rows
}

// write keeps a batch. While the database is away it tries again: readers wait meanwhile.
func (r *Reads) write(rows []kernel.Reading) {
	if len(rows) == 0 {
		return
	}
	id := r.ids.New()
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := r.journal.Write(context.Background(), func(tx *store.Tx) error { return tx.PutReadings(context.Background(), id, rows) })
		switch code := kernel.CodeOf(err); {
		case err == nil, code == kernel.Conflict: // a commit whose answer was lost is in the database
			return
		case code != kernel.Unavailable:
			r.log.Error("reads cannot be journaled", "reads", len(rows), "error", err)
		}
		time.Sleep(wait)
	}
}

// rows adds what a look tells, unless it was told just now.
func (r *Reads) rows(rows []kernel.Reading, look kernel.Look) []kernel.Reading {
	if r.known(look) {
		return rows
	}
	var values map[string]any
	if slices.ContainsFunc(look.Roots, func(r kernel.LookRoot) bool { return r.Variable != "" }) {
		_ = json.Unmarshal(look.Variables, &values) // they were read as JSON before
	}
	for _, root := range look.Roots {
		id := root.Record
		if root.Variable != "" {
			id, _ = values[root.Variable].(string)
		}
		if uuid.Validate(id) != nil {
			id = ""
		}
		rows = append(rows, kernel.Reading{At: look.At, Actor: look.Actor.ID, Kind: look.Actor.Kind, Reason: look.Actor.Glass,
			Type: root.Type, Record: id, Query: look.Query, Variables: string(look.Variables)})
	}
	return rows
}

// known tells that the same actor has asked the same within the last minute, or the one before.
func (r *Reads) known(look kernel.Look) bool {
	switch passed := look.At.Sub(r.turned); {
	case passed < 0 || passed > 2*readAgain:
		r.recent, r.older, r.turned = map[lookKey]bool{}, nil, look.At
	case passed > readAgain || len(r.recent) >= readRecent:
		r.recent, r.older, r.turned = map[lookKey]bool{}, r.recent, look.At
	}
	key := r.key(look)
	if r.recent[key] || r.older[key] {
		return true
	}
	r.recent[key] = true
	return false
}

// lookKey stands for a look. With 128 bits no two looks of a day meet.
type lookKey [2]uint64

func (r *Reads) key(look kernel.Look) (key lookKey) {
	for i, seed := range r.seeds {
		var h maphash.Hash
		h.SetSeed(seed)
		for _, part := range []string{look.Actor.ID, look.Actor.Glass, look.Query} {
			_, _ = h.WriteString(part) // never fails
			_ = h.WriteByte(0)
		}
		_, _ = h.Write(look.Variables)
		key[i] = h.Sum64()
	}
	return key
}
