package exchange

import (
	"testing"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/load/loadtest"
)

// exchanges compiles files that have no faults.
func exchanges(t testing.TB, files map[string]string) (out *Exchanges, of *schema.Catalog) {
	t.Helper()
	loadtest.Sound(t, files, func(cat *schema.Catalog) (ds schema.Diagnostics) {
		of = cat
		out, ds = Compile(cat, expr.NewEnv(cat))
		return ds
	})
	return out, of
}

func TestFaults(t *testing.T) {
	t.Parallel()
	loadtest.Faults(t, func(cat *schema.Catalog) schema.Diagnostics {
		_, ds := Compile(cat, expr.NewEnv(cat))
		return ds
	})
}
