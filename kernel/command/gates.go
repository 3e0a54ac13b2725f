package command

import (
	"slices"
	"sync"

	"mera/kernel"
	"mera/kernel/access"
	"mera/kernel/registry"
	"mera/schema"
	"mera/schema/value"
)

// Gates makes the gate of a release and its data once, and keeps it while they are the present ones.
type Gates struct {
	Clock kernel.Clock

	mu   sync.Mutex
	live *registry.Live
	gate *access.Gate
}

// Of is the gate of a release and its data. Data that differ in no territory leave it as it is, with all that it keeps.
func (g *Gates) Of(live *registry.Live) *access.Gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.live == live {
		return g.gate
	}
	if g.live == nil || g.live.Release != live.Release || !slices.EqualFunc(territories(g.live), territories(live), sameParent) {
		g.gate = access.New(live.Policies, &surroundings{access.NewTerritories(territories(live)), g.Clock})
	}
	g.live = live
	return g.gate
}

// sameParent tells that two items stand at the same place of the tree, which is all that a gate knows of them.
func sameParent(a, b *schema.ClassifierItem) bool { return a.Code == b.Code && a.Parent == b.Parent }

func territories(live *registry.Live) []*schema.ClassifierItem {
	c := live.Data.Classifiers["Territory"]
	if c == nil {
		return nil
	}
	return c.Items
}

// surroundings are what a gate must know of the installation.
type surroundings struct {
	*access.Territories
	clock kernel.Clock
}

// Today is the day of the installation's clock, in UTC.
func (s *surroundings) Today() value.Date { return value.DateOf(s.clock.Now()) }
