package measure

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// constant is a parameter that has one value on all days, under every key that it ever had.
func constant(p *schema.Parameter, worth schema.Scalar) *schema.ParameterValue {
	out := &schema.ParameterValue{From: "0001-01-01", Law: p.Law}
	if len(p.Keys) == 0 {
		out.Value = worth
		return out
	}
	seen := map[string]bool{}
	for _, v := range p.Values {
		for _, row := range v.Rows {
			keys := slices.Clone(row[:min(len(p.Keys), len(row))])
			var id strings.Builder
			for _, k := range keys {
				id.WriteString(k.Text + "\x00")
			}
			if !seen[id.String()] {
				seen[id.String()] = true
				out.Rows = append(out.Rows, append(keys, worth))
			}
		}
	}
	return out
}

// testFacts finds the records of a fixture, and takes its answers for all that was asked.
type testFacts struct {
	fixture *fixture
	world   *expr.StaticWorld
	records []*expr.Record
	brought map[string]bool // ids of records that the citizen brought
	answers map[string]value.Period
}

// Find implements Facts.
func (t *testFacts) Find(ctx context.Context, q FactQuery) (Known, error) {
	doc := t.fixture.cat.Documents[q.Type]
	var out Known
	brought := false
	for _, rec := range t.records {
		if rec.Type != q.Type || !linked(rec, q) {
			continue
		}
		if q.Window != nil && !holdsOf(doc, rec).Touches(*q.Window) {
			continue
		}
		ok, err := q.Where.Match(ctx, rec, t.world)
		if err != nil {
			return out, err
		}
		if ok {
			out.Records = append(out.Records, rec)
		}
		brought = brought || t.brought[rec.ID]
	}
	slices.SortFunc(out.Records, func(a, b *expr.Record) int {
		return cmp.Or(holdsOf(doc, a).From.Compare(holdsOf(doc, b).From), cmp.Compare(a.ID, b.ID))
	})
	if q.Citizen && brought {
		return out, nil
	}
	if q.Citizen && len(q.Ask) == 0 {
		out.Missing = []string{citizenWord}
	}
	for _, request := range q.Ask {
		flow := RequestFlow(t.fixture.cat, request)
		answered, ok := t.answers[request]
		if !ok || !Covers(CoverOf(flow, q.Type), answered, Freshness(flow, q.Fresh), q.Window, t.world) {
			out.Missing = append(out.Missing, request)
		}
	}
	return out, nil
}

// linked tells whether a record's link leads to one of those that are asked about.
func linked(rec *expr.Record, q FactQuery) bool {
	if q.Via == viaSelf {
		return slices.Contains(q.Of, rec.ID)
	}
	switch v := rec.Data[q.Via].(type) {
	case string:
		return slices.Contains(q.Of, v)
	case []any:
		return slices.ContainsFunc(v, func(it any) bool {
			id, ok := it.(string)
			return ok && slices.Contains(q.Of, id)
		})
	}
	return false
}
