package access

import (
	"sync"

	"mera/schema/filter"
)

// key is what an open filter depends on within one release.
type key struct{ class, typ, entry, today string }

// cache keeps open filters. It is emptied when it is full: classes of actors are few, so that happens when a day ends
// or territories change, and then the old entries are of no more use.
type cache struct {
	mu      sync.RWMutex
	filters map[key]*filter.Tree
}

const maxCached = 20_000

func newCache() *cache { return &cache{filters: map[key]*filter.Tree{}} }

func (c *cache) get(k key) (*filter.Tree, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	t, ok := c.filters[k]
	return t, ok
}

func (c *cache) put(k key, t *filter.Tree) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.filters) >= maxCached {
		clear(c.filters)
	}
	c.filters[k] = t
}
