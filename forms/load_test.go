package forms

import (
	"testing"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/load/loadtest"
)

// compiledOf compiles the forms of files that have no faults.
func compiledOf(t testing.TB, files map[string]string) (out *Forms) {
	t.Helper()
	loadtest.Sound(t, files, func(cat *schema.Catalog) (ds schema.Diagnostics) {
		out, ds = Compile(cat, expr.NewEnv(cat))
		return ds
	})
	return out
}

func example(t testing.TB) *Forms { return compiledOf(t, nil) }

func TestFaults(t *testing.T) {
	t.Parallel()
	loadtest.Faults(t, func(cat *schema.Catalog) schema.Diagnostics {
		_, ds := Compile(cat, expr.NewEnv(cat))
		return ds
	})
}
