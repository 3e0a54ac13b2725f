package command

import (
	"maps"
	"slices"

	"mera/kernel"
)

// offer leaves word for a person of each measure with a tag that he does not have already. The word lies in the case
// that offers; the same key again leaves nothing more.
func offer(w *work, c Command) (Result, error) {
	r, err := w.lock(c.Type, c.ID)
	if err != nil {
		return Result{}, err
	}
	if err := w.gate.Check(w.ctx, w.actor, "notify", r, ""); err != nil {
		return Result{}, err
	}
	tag, person := text(c.Data, "tag"), text(c.Data, "person")
	var measures []string
	for _, name := range slices.Sorted(maps.Keys(w.live.Catalog.Measures)) {
		if slices.Contains(w.live.Catalog.Measures[name].Tags, tag) {
			measures = append(measures, name)
		}
	}
	held, err := w.tx.MeasuresHeld(w.ctx, measures, person, w.input(r).Today)
	if err != nil {
		return Result{}, err
	}
	for _, name := range measures {
		if slices.Contains(held, name) {
			continue
		}
		title, texts := w.spoken(w.message("measure-offered", w.measureTitle(name)))
		n := kernel.Notice{
			Scope: scopeOf(r), Party: person, Key: c.Reason + ":" + name, Channel: "portal", CreatedAt: w.now,
			Title: title, Texts: texts,
		}
		if err := w.leave(r, n, name); err != nil {
			return Result{}, err
		}
	}
	return done(r), nil
}
