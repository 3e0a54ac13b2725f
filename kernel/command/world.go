package command

import (
	"cmp"
	"context"
	"slices"

	"mera/kernel"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// world answers what expressions ask beyond the values handed in: records through the transaction (with what the
// command has changed and not yet written), parameters and classifiers from the present data.
type world struct {
	*expr.StaticWorld
	work *work
}

// Record loads a live record.
func (w *world) Record(_ context.Context, typ, id string) (*expr.Record, error) {
	cat := w.work.live.Catalog
	if cat.Documents[typ] == nil && isKernelType(typ) {
		return w.work.kernelRecord(typ, id)
	}
	if d := cat.Documents[typ]; d == nil || d.Abstract {
		typ = "" // of an interface the id is enough
	}
	r, err := w.work.record(typ, id)
	if err != nil || r == nil || r.Void != "" {
		return nil, err
	}
	return view(r), nil
}

// Inverse lists the records that link to one, in the order (holds.from, id).
func (w *world) Inverse(_ context.Context, typ, id, inverse string) ([]*expr.Record, error) {
	for _, inv := range w.work.live.Catalog.Inverses(typ) {
		if inv.Name == inverse {
			found, err := w.work.linked(inv.From, inv.Link, []string{id})
			if err != nil {
				return nil, err
			}
			out := make([]*expr.Record, len(found))
			for i, r := range found {
				out[i] = view(r)
			}
			return out, nil
		}
	}
	return nil, nil
}

// ByKey finds a record by its identity in an outside system; "" if there is none.
func (w *world) ByKey(_ context.Context, typ, system, key string) (string, error) {
	found, id, err := w.work.tx.ByKey(w.work.ctx, system, key)
	if err != nil || found != typ {
		return "", err
	}
	return id, nil
}

// Serving is the office that has a duty of a name and serves a territory: its own territory, else the nearest one above.
func (w *world) Serving(_ context.Context, name, territory string) (string, error) {
	serving, err := w.work.serving()
	if err != nil {
		return "", err
	}
	for at := territory; at != ""; {
		if office := serving[duty{name, at}]; office != "" {
			return office, nil
		}
		item, err := w.Item(w.work.ctx, "Territory", at)
		if err != nil || item == nil {
			return "", err
		}
		at = item.Parent
	}
	return "", nil
}

// linked lists live records of a type that link to any of ids by a property, with those that this command made or
// changed and has not written yet.
func (w *work) linked(typ, property string, ids []string) ([]*kernel.Record, error) {
	stored, err := w.tx.RecordsByLink(w.ctx, typ, property, ids)
	if err != nil {
		return nil, err
	}
	var out []*kernel.Record
	for _, r := range stored {
		if known, seen := w.records[r.ID]; seen {
			r = known
		} else {
			w.records[r.ID] = r
		}
		if links(r, property, ids) && r.Void == "" {
			out = append(out, r)
		}
	}
	for _, id := range w.dirty {
		r := w.records[id]
		if r.Type == typ && r.Void == "" && links(r, property, ids) && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	inOrder(w.live.Catalog.Documents[typ], out)
	return out, nil
}

// linkedBehind lists the records of all types that extend an abstract one, in one order.
func (w *work) linkedBehind(abstract *schema.Document, property string, ids []string) ([]*kernel.Record, error) {
	var out []*kernel.Record
	for _, typ := range w.live.Catalog.Extending(abstract.Name) {
		found, err := w.linked(typ, property, ids)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	inOrder(abstract, out)
	return out, nil
}

// inOrder sorts records of a type by (holds.from, id).
func inOrder(def *schema.Document, records []*kernel.Record) {
	slices.SortStableFunc(records, func(a, b *kernel.Record) int {
		return cmp.Or(cmp.Compare(holdsFrom(def, a), holdsFrom(def, b)), cmp.Compare(a.ID, b.ID))
	})
}

func links(r *kernel.Record, property string, ids []string) bool {
	switch v := r.Data[property].(type) {
	case string:
		return slices.Contains(ids, v)
	case []any:
		return slices.ContainsFunc(v, func(e any) bool {
			s, ok := e.(string)
			return ok && slices.Contains(ids, s)
		})
	}
	return false
}

func holdsFrom(def *schema.Document, r *kernel.Record) string {
	if def == nil || def.Holds == nil {
		return ""
	}
	s, _ := r.Data[def.Holds.From.Text].(string)
	return s
}

// holds is the period on which a record holds; ok is false for a type without one.
func holds(def *schema.Document, r *kernel.Record) (p value.Period, ok bool) {
	if def == nil || def.Holds == nil {
		return value.Period{}, false
	}
	from, _ := value.ParseDate(holdsFrom(def, r))
	text, _ := r.Data[def.Holds.To.Text].(string)
	to, _ := value.ParseDate(text)
	return value.NewPeriod(from, to), true
}
