package access

// Row is the row of a record.
var Row = row

// Cached is how many filters a gate keeps.
func Cached(g *Gate) int {
	g.cache.mu.RLock()
	defer g.cache.mu.RUnlock()
	return len(g.cache.filters)
}
