package access

// Row is the row of a record.
var Row = row

// Cached is how many filters a gate keeps.
func Cached(g *Gate) int {
	g.classes.mu.RLock()
	defer g.classes.mu.RUnlock()
	n := 0
	for _, c := range g.classes.known {
		c.mu.RLock()
		n += len(c.filters)
		c.mu.RUnlock()
	}
	return n
}
