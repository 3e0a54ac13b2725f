package measure

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"mera/schema/expr"
	"mera/schema/value"
)

// said is what a person answered.
func (f *fixture) said() (map[string]any, error) {
	out := map[string]any{}
	for name, n := range f.answers {
		if n.Text() != "true" && n.Text() != "false" {
			return nil, faultAt(n.Pos, "an answer is true or false")
		}
		out[name] = n.Text() == "true"
	}
	return out, nil
}

// testFacts finds the records of a fixture, and takes its answers for all that was asked.
type testFacts struct {
	fixture *fixture
	world   *expr.StaticWorld
	records []*expr.Record
	brought map[string]bool // ids of records that the citizen brought
	answers map[string]value.Period
}

// facts makes the records and the world of the fixture.
func (f *fixture) facts() (*testFacts, error) {
	records, err := f.build()
	if err != nil {
		return nil, err
	}
	t := &testFacts{fixture: f, world: expr.NewStaticWorld(f.cat), records: records, brought: map[string]bool{}, answers: map[string]value.Period{}}
	for _, rec := range records {
		t.world.Add(rec)
		given := f.record(rec.ID)
		t.brought[rec.ID] = given != nil && given.properties[attachmentsKey] != nil
	}
	for name, n := range f.answered {
		if RequestFlow(f.cat, name) == nil {
			return nil, faultAt(n.Pos, "there is no request %q", name)
		}
		if t.answers[name], err = daysNamed(n.Text()); err != nil {
			return nil, faultAt(n.Pos, "%v", err)
		}
	}
	return t, f.setParameters(t.world)
}

// document is the record of a type that a case is about: the only one, or the one of the name.
func (t *testFacts) document(typ, name string) (*expr.Record, error) {
	var found []*expr.Record
	for _, rec := range t.records {
		if rec.Type == typ && cmp.Or(name, rec.ID) == rec.ID {
			found = append(found, rec)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d records of %s: given says which one by doc", len(found), typ)
	}
	return found[0], nil
}

// Find implements Facts.
func (t *testFacts) Find(ctx context.Context, q FactQuery) (Known, error) {
	doc := factType(t.fixture.cat, q.Type)
	var out Known
	brought := false
	for _, rec := range t.records {
		if !t.fixture.cat.Is(rec.Type, q.Type) || !linked(rec, q) {
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
	id, _ := rec.Data[q.Via].(string)
	return slices.Contains(q.Of, id)
}
