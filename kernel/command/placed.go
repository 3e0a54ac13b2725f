package command

import (
	"maps"
	"slices"
	"strings"

	"mera/kernel"
	"mera/schema"
)

// stand is where a record stands: what those below it have from it.
type stand struct {
	root, territory, department, office string
	access                              map[string]any
}

func standOf(r *kernel.Record) stand {
	return stand{r.Root, r.Territory, r.Department, r.Office, maps.Clone(r.Access)}
}

func (s stand) same(other stand) bool {
	return s.root == other.root && s.territory == other.territory && s.department == other.department && s.office == other.office &&
		(len(s.access) == 0 && len(other.access) == 0 || same(s.access, other.access))
}

// spread brings what stands below changed cards to where they stand now, and holds the cards of what this command
// writes as it has read them: nobody ever sees a record that is guarded as its card was before.
func (w *work) spread() error {
	for _, id := range slices.Clone(w.dirty) {
		r := w.records[id]
		if err := w.spreadFrom(r); err != nil {
			return err
		}
	}
	var held []string
	for _, id := range w.dirty {
		card := w.records[w.records[id].Card]
		if card == nil || slices.Contains(w.dirty, card.ID) || slices.Contains(held, card.ID) {
			continue
		}
		held = append(held, card.ID)
		if err := w.tx.Hold(w.ctx, card); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) spreadFrom(r *kernel.Record) error {
	was, known := w.stood[r.ID]
	if !known || r.Void != "" {
		return nil // nothing stands on what is new; what stands on what never was stays as it is
	}
	now := standOf(r)
	s := spreading{work: w, seen: map[string]bool{r.ID: true}}
	if r.Type == "Office" && was.territory != now.territory {
		err := s.pages(func(after string) ([]*kernel.Record, error) { return w.tx.InOffice(w.ctx, r.ID, after) })
		if err != nil {
			return err
		}
	}
	if was.same(now) && !w.readFromBelow(r.Type) {
		return nil
	}
	return s.below([]string{r.ID})
}

// spreading places what stands below one record anew, each record once.
type spreading struct {
	*work
	seen map[string]bool
}

func (s *spreading) below(cards []string) error {
	if len(cards) == 0 {
		return nil
	}
	return s.pages(func(after string) ([]*kernel.Record, error) { return s.tx.Below(s.ctx, cards, after) })
}

// pages places records anew, page by page, and after each page what lies on its records.
func (s *spreading) pages(next func(after string) ([]*kernel.Record, error)) error {
	for after := ""; ; {
		page, err := next(after)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].ID
		page = slices.DeleteFunc(page, func(r *kernel.Record) bool { return s.seen[r.ID] })
		if err := s.replace(page); err != nil {
			return err
		}
		ids := make([]string, len(page))
		for i, r := range page {
			ids[i] = r.ID
		}
		if err := s.below(ids); err != nil {
			return err
		}
	}
}

// replace places records anew. What this command writes anyway is written with its new place.
func (s *spreading) replace(page []*kernel.Record) error {
	var moved []*kernel.Record
	for _, r := range page {
		s.seen[r.ID] = true
		doc := s.live.Documents[r.Type]
		if doc == nil {
			continue // its package is not installed: nobody may read it
		}
		written := slices.Contains(s.dirty, r.ID)
		if written {
			r = s.records[r.ID]
		} else {
			s.records[r.ID] = r
		}
		was := standOf(r)
		if r.Void == "" {
			if err := s.place(doc, r); err != nil {
				return err
			}
		}
		if !written && !was.same(standOf(r)) {
			moved = append(moved, r)
		}
	}
	if len(moved) == 0 {
		return nil
	}
	return s.tx.Replace(s.ctx, moved)
}

// readFromBelow tells that something on the cards of a type has an attribute that reads the card's own properties.
func (w *work) readFromBelow(typ string) bool {
	for _, d := range w.live.Catalog.Documents {
		if d.Name == typ || !slices.Contains(w.live.Catalog.Chain(d.Name), typ) {
			continue
		}
		if slices.ContainsFunc(d.Access, func(a *schema.AccessAttribute) bool { return strings.Contains(a.Path.Text, ".") }) {
			return true
		}
	}
	return false
}
