package app

import (
	"sync"
	"time"

	"mera/kernel"
)

// actors keeps who a token belongs to and what he may be asked as, so that a request costs no statement for it. The
// watch takes out who was changed; what it does not take out is as it stands in the database.
type actors struct {
	mu     sync.RWMutex
	tokens map[string]claims
	known  map[string]knownActor
	turns  int64 // how often something was taken out
}

type knownActor struct {
	kernel.Actor
	until time.Time // when the glass that he has broken is whole again
}

// maxKept bounds both maps; a full one is emptied.
const maxKept = 50_000

func newActors() *actors {
	return &actors{tokens: map[string]claims{}, known: map[string]knownActor{}}
}

// token is what a token says that was verified before.
func (c *actors) token(token string) (claims, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	said, ok := c.tokens[token]
	return said, ok
}

func (c *actors) keepToken(token string, said claims) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.tokens) >= maxKept {
		clear(c.tokens)
	}
	c.tokens[token] = said
}

// get is an actor as he may act at a time. turn is for keep.
func (c *actors) get(id string, now time.Time) (a kernel.Actor, ok bool, turn int64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	known, ok := c.known[id]
	if ok && known.Glass != "" && !now.Before(known.until) {
		known.Glass, known.Opened = "", ""
	}
	return known.Actor, ok, c.turns
}

// keep keeps an actor who was read after the turn, unless somebody was changed since: it may have been he.
func (c *actors) keep(a kernel.Actor, until time.Time, turn int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.turns != turn {
		return
	}
	if len(c.known) >= maxKept {
		clear(c.known)
	}
	c.known[a.ID] = knownActor{a, until}
}

// forget takes actors out.
func (c *actors) forget(ids ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns++
	for _, id := range ids {
		delete(c.known, id)
	}
}
