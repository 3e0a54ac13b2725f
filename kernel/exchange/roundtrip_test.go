package exchange

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mera/schema"
	"mera/schema/value"
)

// stored generates a value of a type in stored form; the types are those of testdata/base.txt.
func stored(t *rapid.T, name string, typ *schema.Type) any {
	draw := func(gen *rapid.Generator[int]) int { return gen.Draw(t, name) }
	switch typ.Kind {
	case schema.Boolean:
		return rapid.Bool().Draw(t, name)
	case schema.Integer:
		return json.Number(fmt.Sprint(draw(rapid.IntRange(0, 99))))
	case schema.Decimal:
		return value.NewNumber(int64(draw(rapid.IntRange(0, 9999))), 1000).String()
	case schema.Money:
		return fmt.Sprintf("%d.%02d", draw(rapid.IntRange(0, 99999)), draw(rapid.IntRange(0, 99)))
	case schema.Enum:
		return rapid.SampledFrom(typ.Enum).Draw(t, name)
	case schema.Date:
		return fmt.Sprintf("%04d-%02d-%02d", draw(rapid.IntRange(1900, 2100)), draw(rapid.IntRange(1, 12)), draw(rapid.IntRange(1, 28)))
	case schema.Month:
		return fmt.Sprintf("%04d-%02d", draw(rapid.IntRange(1900, 2100)), draw(rapid.IntRange(1, 12)))
	case schema.DateTime:
		return fmt.Sprintf("2019-07-%02dT%02d:00:00Z", draw(rapid.IntRange(1, 31)), draw(rapid.IntRange(0, 23)))
	case schema.UUID:
		return rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).Draw(t, name)
	case schema.Item:
		return rapid.SampledFrom([]string{"survivor", "old-age"}).Draw(t, name) // those that have a code
	case schema.Definition:
		return "TMilk"
	case schema.Array:
		out := []any{}
		for range draw(rapid.IntRange(0, *typ.MaxItems)) {
			out = append(out, stored(t, name, typ.Elem))
		}
		return out
	case schema.Object:
		return object(t, typ.Fields)
	}
	if typ.Named == "TSnils" {
		return fmt.Sprintf("%011d", draw(rapid.IntRange(100, 1_001_998))*100) // small numbers have no check digits
	}
	return rapid.StringMatching(`[а-яА-Я<>&"\\{}]{1,8}( [a-z0-9]{1,8})?`).Draw(t, name)
}

// object generates an object: required properties always, others sometimes. One that comes out empty gets a property,
// because an empty object is not stored.
func object(t *rapid.T, props []*schema.Property) map[string]any {
	out := map[string]any{}
	for _, p := range props {
		if p.Required || rapid.Bool().Draw(t, "has "+p.Name) {
			out[p.Name] = stored(t, p.Name, p.Type)
		}
	}
	if len(out) == 0 {
		out[props[0].Name] = stored(t, props[0].Name, props[0].Type)
	}
	return out
}

// What was printed reads back to what it was, both ways of a request.
func TestReadOfPrintIsTheSame(t *testing.T) {
	t.Parallel()
	f, in := setup(t)
	for _, format := range []*Format{f.Query(), f.Answer()} {
		rapid.Check(t, func(t *rapid.T) {
			record := object(t, format.doc.Properties)
			raw, err := format.Print(in.Ctx, in.World, record)
			if err != nil {
				t.Fatalf("%v: %v", record, err)
			}
			got, unknown, err := format.Read(in.Ctx, in.World, raw)
			if err != nil || unknown != nil {
				t.Fatalf("%s: %v, unknown %v", raw, err, unknown)
			}
			if diff := cmp.Diff(record, got); diff != "" {
				t.Fatalf("%s\n%s", raw, diff)
			}
			again, err := format.Print(in.Ctx, in.World, got)
			if err != nil || string(again) != string(raw) {
				t.Fatalf("printed again: %s, %v", again, err)
			}
		})
	}
}

// Every cut of a message is an error and no panic.
func TestCutMessages(t *testing.T) {
	t.Parallel()
	f, in := setup(t)
	whole := reply(`{"snils": "112-233-445 95", "list": {"pensions": [{"no": "1", "type": "GPK", "to": "2999-12-31"}]}}`)
	for i := range whole {
		in.Raw = whole[:i]
		if got, err := f.Parse(in); err == nil {
			t.Errorf("%s: %+v", in.Raw, got)
		}
	}
	in.Raw = whole
	if _, err := f.Parse(in); err != nil {
		t.Error(err)
	}
}

// FuzzParse: whatever comes, there is an answer or an error, and what was read prints.
func FuzzParse(f *testing.F) {
	flow, in := setup(f)
	f.Add([]byte(`{"body": {"snils": "112-233-445 95", "list": {"pensions": [{"no": "1", "type": "GPK"}]}}}`))
	f.Add([]byte(`{"rejected": "NO_DATA"}`))
	f.Add([]byte(`{"body": {"snils": 11223344595, "at": 1e999, "home": {"road": [[]]}, "alive": 0, "day": "32132019"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		in := in
		in.Raw = raw
		got, err := flow.Parse(in)
		if (got == nil) == (err == nil) {
			t.Fatalf("%s: %+v, %v", raw, got, err)
		}
		if got == nil || string(got.Body) == "null" {
			return
		}
		var record map[string]any
		if err := json.Unmarshal(got.Body, &record); err != nil {
			t.Fatal(err)
		}
		if _, err := flow.Answer().Print(in.Ctx, in.World, record); err != nil {
			t.Fatalf("%s was read as %s, which does not print: %v", raw, got.Body, err)
		}
	})
}
