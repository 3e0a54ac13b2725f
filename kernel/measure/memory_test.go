package measure_test

import (
	"cmp"
	"context"
	"slices"
	"testing"

	"mera/kernel/measure"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// memory is Facts and a world in memory, written apart from the runner of package tests, so that one checks the other.
type memory struct {
	*expr.StaticWorld
	cat      *schema.Catalog
	records  []*expr.Record
	missing  map[string]bool // requests that no answer covers
	brought  bool            // the citizen brought a document
	failing  error
	finds    int
	recorded []measure.FactQuery
}

func newMemory(cat *schema.Catalog, records ...*expr.Record) *memory {
	m := &memory{StaticWorld: expr.NewStaticWorld(cat), cat: cat, missing: map[string]bool{}}
	for _, r := range records {
		m.add(r)
	}
	return m
}

func (m *memory) add(r *expr.Record) {
	r.Version = 1
	m.records = append(m.records, r)
	m.Add(r)
}

func record(typ, id string, data map[string]any) *expr.Record {
	return &expr.Record{Type: typ, ID: id, Data: data}
}

// Find implements measure.Facts.
func (m *memory) Find(ctx context.Context, q measure.FactQuery) (measure.Known, error) {
	m.finds++
	m.recorded = append(m.recorded, q)
	var out measure.Known
	if m.failing != nil {
		return out, m.failing
	}
	for _, r := range m.records {
		link, _ := r.Data[q.Via].(string)
		if q.Via == "id" {
			link = r.ID
		}
		if r.Type != q.Type || !slices.Contains(q.Of, link) || q.Window != nil && !m.period(r).Touches(*q.Window) {
			continue
		}
		ok, err := q.Where.Match(ctx, r, m)
		if err != nil {
			return out, err
		}
		if ok {
			out.Records = append(out.Records, r)
		}
	}
	slices.SortStableFunc(out.Records, func(a, b *expr.Record) int {
		return cmp.Or(m.period(a).From.Compare(m.period(b).From), cmp.Compare(a.ID, b.ID))
	})
	for _, request := range q.Ask {
		if m.missing[request] && !(q.Citizen && m.brought) {
			out.Missing = append(out.Missing, request)
		}
	}
	return out, nil
}

func (m *memory) period(r *expr.Record) value.Period {
	p := value.Period{To: value.Forever}
	for _, name := range []string{"from", "month", "to"} {
		text, _ := r.Data[name].(string)
		if text == "" {
			continue
		}
		if name == "month" {
			p, _ = expr.ParsePeriod(text)
			continue
		}
		d, _ := value.ParseDate(text)
		if name == "from" {
			p.From = d
		} else {
			p.To = d
		}
	}
	return p
}

func date(t testing.TB, s string) value.Date {
	t.Helper()
	d, err := value.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
