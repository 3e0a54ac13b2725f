// Package packagetest runs the tests that lie beside the definitions of a package and need no database: those of
// measures, types, functions, parameters, checks of documents, workflows and policies. `mera test` calls it; scenarios are
// played by cmd/internal/scenario.
package packagetest

import (
	"context"
	"errors"
	"slices"

	"mera/kernel/measure"
	"mera/kernel/registry"
	"mera/schema"
)

// Result is one case of one test. Err is nil where it passed.
type Result struct {
	Place string
	Title string
	Err   error
}

// Run runs the unit tests of some packages of a release.
func Run(ctx context.Context, r *registry.Release, packages []string) []Result {
	var out []Result
	for _, p := range r.Catalog.Packages {
		if !slices.Contains(packages, p.Name) {
			continue
		}
		for _, t := range p.Tests {
			out = append(out, one(r, t)...)
		}
		for _, res := range r.Policies.RunTests(ctx, p) {
			out = append(out, Result{res.Pos.String(), res.Title, failure(res.Failure)})
		}
	}
	return out
}

func one(r *registry.Release, t *schema.Test) []Result {
	var out []Result
	switch t.Folder {
	case "measures":
		m := r.Measures[t.Name]
		if m == nil {
			return []Result{{t.Pos.String(), t.Name, errors.New("there is no such measure")}}
		}
		for _, res := range m.RunTestOver(t, newAccounts) {
			out = append(out, Result{res.Pos.String(), res.Name, failure(res.Diff)})
		}
	case "types":
		if r.Catalog.Types[t.Name] == nil {
			return []Result{{t.Pos.String(), t.Name, errors.New("there is no such type")}}
		}
		return typeTest(r.Forms, t)
	case "workflows":
		for _, w := range r.Catalog.Workflows {
			if w.Name != t.Name {
				continue
			}
			for _, res := range r.Machines[w.About.Text].RunTest(t) {
				out = append(out, Result{res.Pos.String(), res.Title, failure(res.Failure)})
			}
			return out
		}
		out = []Result{{t.Pos.String(), t.Name, errors.New("there is no such workflow")}}
	case "functions", "parameters", "documents":
		for _, res := range measure.RunTest(t, r.Catalog, r.Env) {
			out = append(out, Result{res.Pos.String(), res.Name, failure(res.Diff)})
		}
	default:
		out = []Result{{t.Pos.String(), t.Name, errors.New("tests of " + t.Folder + " are not supported yet")}}
	}
	return out
}

func failure(text string) error {
	if text == "" {
		return nil
	}
	return errors.New(text)
}
