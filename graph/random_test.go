package graph

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"mera/kernel"
	"mera/schema/filter"
)

var queries = flag.Int("queries", 400, "how many random queries to ask")

// drawing writes random queries that the schema allows.
type drawing struct {
	*rand.Rand
	schema *ast.Schema
	budget int
	n      int
}

func (d *drawing) selection(def *ast.Definition, depth int) string {
	var b strings.Builder
	b.WriteByte('{')
	wrote := false
	if def.Kind == ast.Interface && (d.IntN(2) == 0) {
		if of := d.schema.GetPossibleTypes(def); len(of) > 0 {
			typ := oneOf(d, of)
			fmt.Fprintf(&b, "... on %s %s ", typ.Name, d.selection(typ, depth))
			wrote = true
		}
	}
	for range 1 + d.IntN(4) {
		f := oneOf(d, def.Fields)
		if strings.HasPrefix(f.Name, "__") || f.Name == "events" && f.Type.Name() == "CaseEvent" || d.budget < 0 {
			continue
		}
		d.budget--
		below := d.schema.Types[f.Type.Name()]
		if len(below.Fields) > 0 && depth == 0 {
			continue
		}
		d.n++
		fmt.Fprintf(&b, "a%d: %s%s", d.n, f.Name, d.arguments(f))
		if len(below.Fields) > 0 {
			b.WriteString(d.selection(below, depth-1))
		}
		b.WriteByte(' ')
		wrote = true
	}
	if !wrote {
		b.WriteString("__typename")
	}
	b.WriteByte('}')
	return b.String()
}

func (d *drawing) arguments(f *ast.FieldDefinition) string {
	var out []string
	paging := oneOf(d, []string{"first", "last", ""})
	for _, a := range f.Arguments {
		name := a.Name
		switch {
		case name == "after" || name == "before" || name == "first" && paging != name || name == "last" && paging != name:
			continue
		case name == "first" || name == "last":
			out = append(out, fmt.Sprintf("%s: %d", name, (1+d.IntN(3))))
			continue
		case !a.Type.NonNull && (0+d.IntN(4)) > 0:
			continue
		}
		if v := d.value(a.Type, a.Name, 3); v != "" {
			out = append(out, name+": "+v)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "(" + strings.Join(out, ", ") + ")"
}

func (d *drawing) value(t *ast.Type, name string, depth int) string {
	if t.Elem != nil {
		v := d.value(t.Elem, name, depth)
		if v == "" {
			return ""
		}
		return "[" + v + "]"
	}
	def := d.schema.Types[t.NamedType]
	switch def.Kind {
	case ast.Enum:
		return oneOf(d, def.EnumValues).Name
	case ast.InputObject:
		if depth == 0 {
			return ""
		}
		f := oneOf(d, def.Fields)
		v := d.value(f.Type, f.Name, depth-1)
		if v == "" {
			return "{}"
		}
		return "{" + f.Name + ": " + v + "}"
	}
	switch t.NamedType {
	case "Int", "Long":
		return fmt.Sprint((-3 + d.IntN(5004)))
	case "Boolean":
		return fmt.Sprint((d.IntN(2) == 0))
	case "ID":
		return `"` + oneOf(d, []string{anna, kolya, pension1, case1, task1, award1, region, "none"}) + `"`
	case "Date":
		return `"2019-07-16"`
	case "DateTime":
		return `"2019-07-16T12:00:00Z"`
	case "Money", "Decimal":
		return `"10.00"`
	case "Month":
		return `"2019-07"`
	case "Quarter":
		return `"2019-Q3"`
	case "Year":
		return `"2019"`
	case "JSON":
		return `{snils: {eq: "11223344595"}}`
	case "String":
		return `"` + oneOf(d, []string{"surgut", "age", "open", "Pension", "ё"}) + `"`
	}
	return ""
}

func oneOf[T any](d *drawing, list []T) T { return list[d.IntN(len(list))] }

// Whatever is asked for, with whatever policy: the database takes the statement, there is one of it, and the answer
// has no null where the schema has none.
func TestRandomQueries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for seed := range uint64(*queries) {
		d := &drawing{Rand: rand.New(rand.NewPCG(seed, 1)), schema: w.server.current.Load().schema, budget: 40}
		w.gate.rows, w.gate.labels = nil, nil
		if d.IntN(2) == 0 {
			w.gate.rows = map[string]*filter.Tree{"Person": near("surgut"), "Task": filter.Nothing(), "BenefitApplication": filter.Negate(near("uray"))}
			w.gate.labels = map[string]*filter.Tree{"Person.health": near("surgut"), "Person.bank": filter.Everything(), "BenefitApplication.health": near("surgut")}
		}
		q := d.selection(d.schema.Query, 5)
		w.db.take()
		a := w.ask(q, nil)
		if n := len(w.db.take()); n > 1 {
			t.Fatalf("%s: %d statements", q, n)
		}
		for _, e := range a.Errors {
			if c := e.Extensions.Code; c != kernel.NotFound && c != kernel.Limit && c != kernel.Invalid && c != kernel.Denied {
				t.Fatalf("seed %d: %s: %+v", seed, q, e)
			}
		}
		if len(a.Errors) > 0 {
			continue
		}
		var data map[string]any
		if err := json.Unmarshal(a.Data, &data); err != nil {
			t.Fatal(err)
		}
		complete(t, parsed(t, d.schema, q).SelectionSet, data, q)
	}
}

func parsed(t *testing.T, s *ast.Schema, q string) *ast.OperationDefinition {
	doc, errs := gqlparser.LoadQueryWithRules(s, q, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	return doc.Operations[0]
}

// complete checks that an answer has each field that was asked for, and no null where the type has none.
func complete(t *testing.T, set ast.SelectionSet, v map[string]any, q string) {
	for _, sel := range set {
		f, ok := sel.(*ast.Field)
		if !ok {
			continue // of a fragment only where the type is the record's
		}
		x, there := v[f.Alias]
		if !there {
			t.Fatalf("no %s (%s) in %v of %s", f.Alias, f.Name, v, q)
		}
		if x == nil && f.Definition.Type.NonNull {
			t.Fatalf("%s (%s) is null in %v of %s", f.Alias, f.Name, v, q)
		}
		items, isList := x.([]any)
		if isList != (f.Definition.Type.Elem != nil) && x != nil && f.Definition.Type.Name() != "JSON" {
			t.Fatalf("%s (%s) is %v, the schema says %s, in %s", f.Alias, f.Name, x, f.Definition.Type, q)
		}
		if m, ok := x.(map[string]any); ok && len(f.SelectionSet) > 0 {
			complete(t, f.SelectionSet, m, q)
		}
		for _, item := range items {
			if m, ok := item.(map[string]any); ok && len(f.SelectionSet) > 0 {
				complete(t, f.SelectionSet, m, q)
			}
		}
	}
}
