package command

import (
	"encoding/json"
	"maps"
	"slices"

	"mera/kernel"
	"mera/kernel/measure"
	"mera/kernel/registry"
	"mera/kernel/store"
)

// ahead asks in one round trip what the command will need, and whether its key was answered before: then it ends.
func (w *work) ahead(asks ...store.Ask) error {
	var kept json.RawMessage
	if w.cmd.Key != "" && !w.keyKnown {
		asks = append(asks, store.AnswerOf(&kept, w.actor.ID, w.cmd.Key, w.hash))
		w.keyKnown = true
	}
	if err := w.tx.Together(w.ctx, asks...); err != nil {
		return err
	}
	if kept != nil {
		return &answered{kept}
	}
	return nil
}

// foresee reads what the making of a record needs: what it links to, the office whose day it is and, for a document
// that is no case, whom it concerns.
func (w *work) foresee(doc *registry.Document, r *kernel.Record) error {
	var types, ids []string
	want := func(typ, id string) {
		def := w.live.Catalog.Documents[typ]
		if _, seen := w.records[id]; seen || id == "" || def == nil || def.Abstract {
			return
		}
		w.records[id] = nil // until it is found
		ids = append(ids, id)
		if !slices.Contains(types, typ) {
			types = append(types, typ)
		}
	}
	want("Office", w.actor.Office)
	for _, p := range doc.Def.Properties {
		for _, l := range linksIn(p.Type, p.Name, r.Data[p.Name]) {
			want(l.typ, l.id)
		}
	}
	var asks []store.Ask
	if ids != nil {
		asks = append(asks, store.RecordsOf(types, ids, func(r *kernel.Record) { w.records[r.ID] = r }))
	}
	if r.Case == nil {
		w.concerned = w.concern(w.persons(doc.Def, r), []string{r.Type})
		asks = append(asks, w.concerned.asks()...)
	}
	if w.cmd.Verb == "create" && w.numbered == nil {
		asks = append(asks, w.nextNumbers(doc, r)...)
	}
	return w.ahead(asks...)
}

// concern is whom a change of facts concerns: the open cases of some persons, and their awards by measures that read
// such facts.
type concern struct {
	persons, measures []string
	kinds             []string // of cases
	cases             []store.CaseRef
	awards            []string
}

func (w *work) concern(persons, types []string) *concern {
	measures := w.measures(func(m *measure.Measure) bool {
		return slices.Contains(types, personType) || slices.ContainsFunc(m.Types(), func(t string) bool { return slices.Contains(types, t) })
	})
	return &concern{persons: persons, measures: measures, kinds: slices.Collect(maps.Keys(w.live.Machines))}
}

func (c *concern) asks() []store.Ask {
	var asks []store.Ask
	if len(c.persons) > 0 {
		asks = append(asks, store.OpenCasesOf(&c.cases, c.kinds, c.persons))
		if len(c.measures) > 0 {
			asks = append(asks, store.AwardsOf(&c.awards, c.measures, c.persons))
		}
	}
	return asks
}

// same tells that two ask for the same.
func (c *concern) same(other *concern) bool {
	return other != nil && slices.Equal(c.persons, other.persons) && slices.Equal(c.measures, other.measures)
}
