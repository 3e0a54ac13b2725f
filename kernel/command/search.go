package command

import (
	"mera/kernel"
	"mera/kernel/search"
)

// saveSearch keeps what a record is found by in step with it. A record that was never true is not found.
func (w *work) saveSearch(r *kernel.Record) error {
	def := w.live.Catalog.Documents[r.Type]
	switch {
	case !search.Searchable(def, r.Case != nil):
		return nil
	case r.Void != "":
		return w.tx.DropSearch(w.ctx, r.ID)
	}
	number := ""
	if r.Case != nil {
		number = r.Case.Number
	}
	return w.tx.SaveSearch(w.ctx, r.Type, r.ID, search.KeysOf(def, r.Data, number))
}
