package command

import (
	"cmp"
	"slices"
	"sync/atomic"

	"mera/kernel"
	"mera/kernel/registry"
	"mera/kernel/store"
	"mera/schema"
)

// series is what counts numbers apart.
type series struct{ name, per string }

// nextNumbers asks for the numbers that the making of a record will probably take. They are taken with the writing, so
// that a counter is held no longer than the commit lasts; whoever finds that another was first begins again and
// takes his place in the queue (contend). A record knows little of itself yet: a guess at the series that turns out to
// be wrong is not used.
func (w *work) nextNumbers(doc *registry.Document, r *kernel.Record) []store.Ask {
	w.numbered = map[series]*int64{}
	var asks []store.Ask
	for _, n := range doc.Numbers {
		if !slices.Contains(doc.NumberedAtOnce(), n.Property) || w.road.queued(n.Series) || !plainly(doc.Def, n.Def) {
			continue
		}
		per, err := n.Per(w.input(r), cmp.Or(r.Office, w.actor.Office))
		if err != nil {
			continue // its turn comes
		}
		s := series{n.Series, per}
		if w.numbered[s] == nil {
			w.numbered[s] = new(int64)
			asks = append(asks, store.NextNumberOf(w.numbered[s], n.Series, per))
		}
	}
	return asks
}

// plainly tells that a number is counted by properties of its record, by years and by offices.
func plainly(def *schema.Document, n *schema.Number) bool {
	return !slices.ContainsFunc(n.Per, func(per schema.Scalar) bool {
		return per.Text != "year" && per.Text != "office" && def.Property(per.Text) == nil
	})
}

// nextNumber takes the next number of a series.
func (w *work) nextNumber(s series) (int64, error) {
	n := w.numbered[s]
	if n == nil {
		return w.tx.NextNumber(w.ctx, s.name, s.per)
	}
	delete(w.numbered, s)
	return *n, w.tx.TakeNumber(w.ctx, s.name, s.per, *n)
}

// contendedFor is how many numbers of a series are waited for in line after two have wanted one at the same time.
const contendedFor = 1000

// contend notes that two have wanted the same number of a series.
func (r *Road) contend(series string) {
	left := new(atomic.Int64)
	left.Store(contendedFor)
	r.contended.Store(series, left)
}

// queued tells that the next number of a series is to be waited for in line.
func (r *Road) queued(series string) bool {
	left, ok := r.contended.Load(series)
	return ok && left.(*atomic.Int64).Add(-1) >= 0
}
