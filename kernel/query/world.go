package query

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"mera/kernel"
	"mera/kernel/store"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// reading is the world of the filters of lists: records that were given, read only when a filter looks into them and
// only as far as the actor may see them.
type reading struct {
	reader *Reader
	actor  kernel.Actor
	looked *bool
}

// errNarrow is met only by a filter that needs more of the world than a list has.
var errNarrow = errors.New("filters of lists read records and nothing else of the world")

// Record reads one record without what the actor may not see; nil if it is not there for him.
func (w reading) Record(ctx context.Context, typ, id string) (*expr.Record, error) {
	if w.looked != nil {
		*w.looked = true
	}
	d := w.reader.cat.Documents[typ]
	if d == nil {
		return nil, nil
	}
	s := &store.Set{Alias: "r", Entity: typ, ID: id, Fields: []*store.Field{{Alias: "version", Name: "version"}}}
	for _, p := range d.Properties {
		if p.Type != nil {
			s.Fields = append(s.Fields, &store.Field{Alias: "data." + p.Name, Name: p.Name})
		}
	}
	columns, err := w.reader.Read(ctx, w.actor, s)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(columns[0]))
	dec.UseNumber()
	var row map[string]any
	if err := dec.Decode(&row); err != nil || row == nil {
		return nil, err
	}
	rec := &expr.Record{Type: typ, ID: id, Data: map[string]any{}}
	for _, p := range d.Properties {
		if v := row["data."+p.Name]; v != nil {
			rec.Data[p.Name] = v
		}
	}
	return rec, nil
}

func (reading) Inverse(context.Context, string, string, string) ([]*expr.Record, error) {
	return nil, errNarrow
}

func (reading) Parameter(context.Context, string, value.Date) ([]expr.ParameterRow, error) {
	return nil, errNarrow
}

func (reading) Item(context.Context, string, string) (*schema.ClassifierItem, error) {
	return nil, errNarrow
}

func (reading) Under(context.Context, string, string, string) (bool, error) {
	return false, errNarrow
}

func (reading) Serving(context.Context, string, string) (string, error) { return "", errNarrow }

func (reading) AddWorkdays(day value.Date, n int) value.Date { return day.AddDays(n) }

func (reading) IsWorkday(value.Date) bool { return true }
