package command

import (
	"fmt"
	"slices"

	"mera/kernel"
	"mera/kernel/measure"
	"mera/schema"
	"mera/schema/expr"
)

// touched plans what the changes of this command mean for others: open cases of the same persons look at their
// triggers again, awards whose measures read such records are computed anew. It is wider than the truth - by person
// and type - because the jobs find out by themselves that nothing is different.
func (w *work) touched() error {
	persons, types := w.changedFacts()
	if len(persons) == 0 {
		return nil
	}
	c := w.concern(persons, types)
	if c.same(w.concerned) {
		c = w.concerned
	} else if err := w.tx.Together(w.ctx, c.asks()...); err != nil {
		return err
	}
	for _, of := range c.cases {
		if seen, moved := w.looked[of.ID]; !moved || seen < w.changes {
			w.job("wake", WakeArgs{Type: of.Type, Case: of.ID})
		}
	}
	for _, id := range c.awards {
		w.job("recalculate", RecalculateArgs{Award: id})
	}
	return nil
}

// personType is the document type that every measure may read of its beneficiary.
const personType = "Person"

// changedFacts are the types of the changed records that are no cases, and the persons of whom they speak or spoke. A
// file is a change too: a paper stands for the answer of an agency.
func (w *work) changedFacts() (persons, types []string) {
	add := func(list []string, more ...string) []string {
		for _, v := range more {
			if !slices.Contains(list, v) {
				list = append(list, v)
			}
		}
		return list
	}
	changed := slices.Clone(w.attached)
	for _, id := range w.dirty {
		changed = append(changed, w.records[id])
	}
	for _, r := range changed {
		def := w.live.Catalog.Documents[r.Type]
		if r.Case != nil || def == nil {
			continue
		}
		types = add(types, r.Type)
		persons = add(persons, r.Persons...)
		if before := w.before[r.ID]; before != nil {
			persons = add(persons, w.persons(def, &kernel.Record{Type: r.Type, ID: r.ID, Data: before})...)
		}
	}
	if paid := w.paidFacts(); paid != nil {
		types, persons = add(types, paid...), add(persons, w.paidTo...)
	}
	return persons, types
}

// measures are the names of the installed measures that pass.
func (w *work) measures(pass func(*measure.Measure) bool) []string {
	var out []string
	for name, m := range w.live.Measures {
		if pass(m) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// replanChunk is how many awards one command plans a recalculation for.
const replanChunk = 500

// replan leaves a recalculation for the awards that a new value of a parameter touches: a chunk, and the rest to
// another job.
func replan(w *work, c Command) (Result, error) {
	if err := w.gate.CheckKernel(w.ctx, w.actor, "recalculate"); err != nil {
		return Result{}, err
	}
	if err := w.knows(c.Data); err != nil {
		return Result{}, err
	}
	from, err := dateArgument(c.Data, "from")
	if err != nil {
		return Result{}, err
	}
	args := ReplanArgs{Parameter: text(c.Data, "parameter"), From: from.String(), After: text(c.Data, "after")}
	measures := w.measures(func(m *measure.Measure) bool { return slices.Contains(m.Parameters(), args.Parameter) })
	if len(measures) == 0 {
		return Result{}, nil
	}
	ids, err := w.tx.AwardsSince(w.ctx, measures, from, args.After, replanChunk)
	if err != nil {
		return Result{}, err
	}
	for _, id := range ids {
		w.job("recalculate", RecalculateArgs{Award: id, Parameter: args.Parameter, From: args.From})
	}
	if len(ids) == replanChunk {
		args.After = ids[len(ids)-1]
		w.job("replan", args)
	}
	return Result{Data: map[string]any{"planned": int64(len(ids))}}, nil
}

// staleData is the error of a server that has not read the region's data since they were changed.
type staleData struct{ parameter string }

func (s *staleData) Error() string { return "the values of " + s.parameter + " have changed" }

// knows refuses to work on a change of a parameter that this server has not read yet.
func (w *work) knows(data map[string]any) error {
	name, from := text(data, "parameter"), text(data, "from")
	def := w.live.Catalog.Parameters[name]
	if def == nil {
		return nil
	}
	day, err := dateArgument(map[string]any{"from": from}, "from")
	if err != nil {
		return err
	}
	stored, err := w.tx.ParameterValuesFrom(w.ctx, name, day, regional)
	if err != nil || len(stored) == 0 {
		return err
	}
	known, err := w.world.Parameter(w.ctx, name, day)
	if err != nil {
		return err
	}
	for _, p := range stored {
		v, err := StoredValue(p)
		if err != nil {
			return fmt.Errorf("value of %s: %w", name, err)
		}
		rows, err := expr.RowsInForce(def, []*schema.ParameterValue{v}, day)
		if err != nil {
			return err
		}
		same := func(r expr.ParameterRow) bool {
			return slices.Equal(r.Keys, rows[0].Keys) && slices.Equal(r.Values, rows[0].Values)
		}
		if !slices.ContainsFunc(known, same) {
			return &staleData{name}
		}
	}
	return nil
}

// regional is the source of the values that a region sets.
const regional = "region"
