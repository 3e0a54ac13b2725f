package command

import (
	"slices"

	"mera/kernel"
	"mera/kernel/registry"
	"mera/schema"
	"mera/schema/value"
)

// uniques holds the record against its type's unique rules; the rule's row is locked, so two commands cannot both
// find nothing.
func (w *work) uniques(doc *registry.Document, r *kernel.Record) error {
	for _, u := range doc.Uniques() {
		of := uniqueOf(u, r)
		if of == nil {
			continue
		}
		others, err := w.tx.Agreeing(w.ctx, r.Type+"."+u.Def.Name, r.Type, of, r.ID)
		if err != nil {
			return err
		}
		for _, other := range w.asChanged(others, r) {
			clash, err := w.clashes(doc, u, r, other)
			if err != nil {
				return err
			}
			if clash && !u.Def.Warn {
				said := w.live.Catalog.Text(w.cmd.Language, u.Def.Message, doc.Def.TextKeys("unique", u.Def.Name, "message")...)
				return &kernel.Error{Code: kernel.Conflict, Message: said, Fields: []kernel.FieldError{{Path: u.Def.Of[0].Text, Code: u.Def.Name, Message: said}}}
			}
		}
	}
	return nil
}

// uniqueOf are the values in which a record must agree with no other; nil: a part is absent and agrees with nothing.
func uniqueOf(u registry.Unique, r *kernel.Record) map[string]any {
	of := make(map[string]any, len(u.Def.Of))
	for _, p := range u.Def.Of {
		v, has := r.Data[p.Text]
		if !has {
			return nil
		}
		of[p.Text] = v
	}
	return of
}

// asChanged adds to records found in the database what this command has made or changed and not yet written: of one
// type with a record, itself left out.
func (w *work) asChanged(found []*kernel.Record, r *kernel.Record) []*kernel.Record {
	var out []*kernel.Record
	for _, other := range found {
		if !slices.Contains(w.dirty, other.ID) {
			out = append(out, other)
		}
	}
	for _, id := range w.dirty {
		if other := w.records[id]; other.Type == r.Type && id != r.ID {
			out = append(out, other)
		}
	}
	return out
}

func (w *work) clashes(doc *registry.Document, u registry.Unique, r, other *kernel.Record) (bool, error) {
	if other.Void != "" || !same(uniqueOf(u, r), uniqueOf(u, other)) {
		return false, nil
	}
	if len(u.Def.During) == 1 {
		mine, _ := holds(doc.Def, r)
		theirs, _ := holds(doc.Def, other)
		if !mine.Touches(theirs) {
			return false, nil
		}
	}
	if len(u.Def.During) == 2 && !overlap(u.Def.During, r, other) {
		return false, nil
	}
	if u.Where == nil {
		return true, nil
	}
	for _, side := range []*kernel.Record{r, other} {
		in, err := u.Where.Match(w.ctx, view(side), w.world)
		if err != nil || !in {
			return false, err
		}
	}
	return true, nil
}

// overlap compares two properties of dates or instants as stored: both are ordered as text.
func overlap(during []schema.Scalar, a, b *kernel.Record) bool {
	start := func(r *kernel.Record) string { s, _ := r.Data[during[0].Text].(string); return s }
	end := func(r *kernel.Record) string {
		if s, ok := r.Data[during[1].Text].(string); ok {
			return s
		}
		return value.Forever.String()
	}
	return start(a) <= end(b) && start(b) <= end(a)
}
