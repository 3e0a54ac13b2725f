package printforms

import (
	"maps"
	"slices"
	"testing"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/load/loadtest"
)

// template compiles a print form about TThing; faults are lints only.
func template(t testing.TB, text string) *Template {
	t.Helper()
	return printForm(t, map[string]string{"printforms/t-paper.yaml": "{about: TThing, title: Бумага <1>, to: person}\n", "printforms/t-paper.html": text})
}

// printForm compiles the print form TPaper of files.
func printForm(t testing.TB, files map[string]string) (out *Template) {
	t.Helper()
	loadtest.Sound(t, files, func(cat *schema.Catalog) (ds schema.Diagnostics) {
		out, ds = Compile(cat.PrintForms["TPaper"], cat, expr.NewEnv(cat))
		return ds
	})
	return out
}

func TestFaults(t *testing.T) {
	t.Parallel()
	loadtest.Faults(t, func(cat *schema.Catalog) (ds schema.Diagnostics) {
		for _, name := range slices.Sorted(maps.Keys(cat.PrintForms)) {
			_, more := Compile(cat.PrintForms[name], cat, expr.NewEnv(cat))
			ds = append(ds, more...)
		}
		return ds
	})
}
