package policies

import (
	"context"
	"slices"

	"mera/schema"
)

// BaseTests runs the tests of base.
func BaseTests(ctx context.Context, s *Set) []TestResult {
	all, err := basePolicies()
	if err != nil {
		return []TestResult{{Failure: err.Error()}}
	}
	var out []TestResult
	for _, name := range []string{libPackage, basePackage, kernelPackage} {
		own := slices.DeleteFunc(slices.Clone(all), func(p *schema.Policy) bool { return p.Package != name })
		out = append(out, s.runTests(ctx, name, own)...)
	}
	return out
}
