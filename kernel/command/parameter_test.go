package command_test

import (
	"context"
	"strings"
	"testing"

	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/registry"
	"mera/kernel/store"
	"mera/schema/value"
)

// A region sets rows of a parameter with keys: each key is of its type and each code there, the other rows stay, the
// same keys of one day are replaced, and what awards were computed from is computed anew.
func TestSetParameterRows(t *testing.T) {
	t.Parallel()
	s := setup(t, "testdata/tariff")
	set := func(name, from string, keys []any, v any, law ...any) command.Command {
		c := command.Command{Verb: "setParameter", Data: map[string]any{"name": name, "from": from, "keys": keys, "value": v}}
		if law != nil {
			c.Data["law"] = law[0]
		}
		return c
	}
	order := map[string]any{"act": "rent-order", "article": "2"}
	s.as(staff("config", "", "configurator"), func() {
		s.do(set("RentNorm", "2020-01-01", []any{"uray", "3"}, "35", order))
		s.do(set("RentNorm", "2020-01-01", []any{"sovetsky", "1"}, "12.50"))
		s.do(set("RentNorm", "2020-01-01", []any{"sovetsky", "1"}, "13.00"))
		s.do(set("RentTable", "2020-01-01", []any{"2015-01-01"}, map[string]any{"sum": "20.00", "share": "40"}))
		for name, c := range map[string]struct {
			path, code string
			command    command.Command
		}{
			"no keys":        {"keys", "parameter-keys", set("RentNorm", "2020-01-01", nil, "1.00")},
			"too many keys":  {"keys", "parameter-keys", set("RentNorm", "2020-01-01", []any{"uray", "1", "2"}, "1.00")},
			"unknown code":   {"keys.0", "item", set("RentNorm", "2020-01-01", []any{"urai", "1"}, "1.00")},
			"wrong key":      {"keys.1", "type", set("RentNorm", "2020-01-01", []any{"uray", "big"}, "1.00")},
			"wrong value":    {"value", "type", set("RentNorm", "2020-01-01", []any{"uray", "1"}, "much")},
			"no value":       {"value", "type", set("RentNorm", "2020-01-01", []any{"uray", "1"}, nil)},
			"no columns":     {"value", "type", set("RentTable", "2020-01-01", []any{"2015-01-01"}, "20.00")},
			"missing column": {"value.share", "required", set("RentTable", "2020-01-01", []any{"2015-01-01"}, map[string]any{"sum": "20.00"})},
			"unknown column": {"value.part", "unknown", set("RentTable", "2020-01-01", []any{"2015-01-01"}, map[string]any{"sum": "20.00", "share": "4", "part": "1"})},
			"wrong column":   {"value.sum", "type", set("RentTable", "2020-01-01", []any{"2015-01-01"}, map[string]any{"sum": "x", "share": "4"})},
			"wrong date":     {"keys.0", "type", set("RentTable", "2020-01-01", []any{"2015-02-30"}, map[string]any{"sum": "1", "share": "4"})},
			"unknown act":    {"law.act", "definition", set("RentNorm", "2020-01-01", []any{"uray", "1"}, "1.00", map[string]any{"act": "rent"})},
			"no article":     {"law.article", "definition", set("RentNorm", "2020-01-01", []any{"uray", "1"}, "1.00", map[string]any{"act": "rent-order", "article": "9"})},
		} {
			e := s.fails(kernel.Invalid, c.command)
			if len(e.Fields) != 1 || e.Fields[0].Path != c.path || e.Fields[0].Code != c.code || e.Fields[0].Message == "" {
				t.Errorf("%s: want %s %s, got %+v", name, c.path, c.code, e.Fields)
			}
		}
	})
	want(t, "rows before", "uray 1=10.00 uray 3=30.00", s.inForce("RentNorm", "2019-12-31"))
	want(t, "rows", "uray 1=10.00 uray 3=35.00 (rent-order 2) region sovetsky 1=13.00 region", s.inForce("RentNorm", "2020-01-01"))
	want(t, "columns", "2010-01-01=10.00 50 2015-01-01=20.00 40 region", s.inForce("RentTable", "2020-01-01"))
	s.in(func(ctx context.Context, tx *store.Tx) error {
		values, err := tx.ParameterValuesFrom(ctx, "RentNorm", value.Date{Year: 2020, Month: 1, Day: 1}, "region")
		want(t, "values kept", 2, len(values))
		return err
	})
	replans := 0
	for _, j := range s.jobs() {
		if j.kind == "replan" {
			replans++
			s.run(j)
		}
	}
	if replans == 0 {
		t.Error("nothing is planned anew")
	}
	release := releaseOf(t, "testdata/tariff")
	s.road.Registry.Swap(release, registry.NewData(release.Catalog, nil, nil)) // a server that has not read the data since
	s.road.Reload = func(context.Context) error { return nil }
	s.as(kernel.SystemActor(), func() {
		s.fails(kernel.Unavailable, command.Command{Verb: "replan", Data: map[string]any{"parameter": "RentNorm", "from": "2020-01-01"}})
	})
}

// inForce are the rows of a parameter on a day, as this server knows them.
func (s *stage) inForce(name, on string) string {
	s.t.Helper()
	day, err := value.ParseDate(on)
	if err != nil {
		s.t.Fatal(err)
	}
	rows, err := s.road.Registry.Live().Data.World.Parameter(context.Background(), name, day)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		text := strings.Join(r.Keys, " ") + "=" + strings.Join(r.Values, " ")
		if !r.Law.IsZero() {
			text += " (" + r.Law.Act.Text + " " + r.Law.Article.Text + ")"
		}
		out = append(out, strings.TrimSpace(text+" "+r.Source))
	}
	return strings.Join(out, " ")
}
