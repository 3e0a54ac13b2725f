package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"mera/forms"
	"mera/kernel/exchange"
	"mera/kernel/measure"
	"mera/policies"
	"mera/printforms"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/load"
	"mera/workflows"
)

// Release is all installed packages compiled together. It never changes; decisions and calculations are pinned to
// its Digest.
type Release struct {
	Digest     string
	Catalog    *schema.Catalog
	Env        *expr.Env
	Documents  map[string]*Document
	Measures   map[string]*measure.Measure
	Machines   map[string]*workflows.Machine // by document
	Forms      *forms.Forms
	PrintForms map[string]*printforms.Template
	Policies   *policies.Set
	Exchanges  *exchange.Exchanges
	Broken     []Broken
}

// Broken is a package that was left out, and why.
type Broken struct {
	Name    string
	Version string
	Digest  string
	Faults  schema.Diagnostics
}

// Check finds the faults of a catalog that a room above compiles: lists, the names of GraphQL.
type Check func(cat *schema.Catalog, env *expr.Env) schema.Diagnostics

// Compile makes a release of the packages that compile. The diagnostics of all packages are returned, lints too;
// packages with faults are in Release.Broken. Diagnostics come from reading (read, by package name), from compiling,
// and from the checks of those rooms above that read the same catalog.
func Compile(pkgs []*schema.Package, read map[string]schema.Diagnostics, checks ...Check) (*Release, schema.Diagnostics) {
	var all schema.Diagnostics
	broken := map[string]schema.Diagnostics{}
	for name, ds := range read {
		all = append(all, ds...)
		if ds.Faulty() {
			broken[name] = ds
		}
	}
	for {
		sound, dropped := sound(pkgs, broken)
		all = append(all, dropped...)
		r, ds := compile(sound, checks)
		guilty := byPackage(ds, sound)
		if len(guilty) == 0 {
			all = append(all, ds...)
			r.Broken = describe(pkgs, broken)
			return r, all.Sorted()
		}
		for name, faults := range guilty {
			broken[name] = append(broken[name], faults...)
			all = append(all, faults...)
		}
	}
}

// sound drops the broken packages and those that require them; it records the latter as broken too and says so.
func sound(pkgs []*schema.Package, broken map[string]schema.Diagnostics) (left []*schema.Package, said schema.Diagnostics) {
	for changed := true; changed; {
		changed = false
		for _, p := range pkgs {
			if _, done := broken[p.Name]; done {
				continue
			}
			for _, req := range p.Requires {
				if _, bad := broken[req.Name.Text]; bad {
					why := schema.Faultf(req.Name.Pos, "required-package-broken", "package %s is required and does not compile", req.Name.Text)
					broken[p.Name] = schema.Diagnostics{why}
					said = append(said, why)
					changed = true
					break
				}
			}
		}
	}
	left = slices.DeleteFunc(slices.Clone(pkgs), func(p *schema.Package) bool {
		_, bad := broken[p.Name]
		return bad
	})
	return left, said
}

// byPackage groups faults by the package of their file. A fault without a package stops all: it is ours.
func byPackage(ds schema.Diagnostics, pkgs []*schema.Package) map[string]schema.Diagnostics {
	out := map[string]schema.Diagnostics{}
	for _, d := range ds {
		if d.Severity != schema.Fault {
			continue
		}
		name, _, _ := strings.Cut(d.Pos.File, "/")
		if !slices.ContainsFunc(pkgs, func(p *schema.Package) bool { return p.Name == name }) {
			for _, p := range pkgs {
				out[p.Name] = append(out[p.Name], d)
			}
			continue
		}
		out[name] = append(out[name], d)
	}
	return out
}

func describe(pkgs []*schema.Package, broken map[string]schema.Diagnostics) []Broken {
	var out []Broken
	for _, p := range pkgs {
		if ds, bad := broken[p.Name]; bad {
			out = append(out, Broken{Name: p.Name, Version: p.Version, Digest: p.Digest, Faults: ds.Sorted()})
		}
	}
	return out
}

func compile(pkgs []*schema.Package, checks []Check) (*Release, schema.Diagnostics) {
	cat, ds := load.Link(pkgs)
	if ds.Faulty() {
		return nil, ds
	}
	env := expr.NewEnv(cat)
	r := &Release{
		Digest: digest(pkgs), Catalog: cat, Env: env,
		Documents: map[string]*Document{}, Measures: map[string]*measure.Measure{},
		Machines: map[string]*workflows.Machine{}, PrintForms: map[string]*printforms.Template{},
	}
	add := func(more schema.Diagnostics) { ds = append(ds, more...) }
	add(env.Diagnostics())
	for _, d := range sorted(cat.Documents) {
		doc, more := compileDocument(cat, env, d)
		r.Documents[d.Name] = doc
		add(more)
	}
	for _, m := range sorted(cat.Measures) {
		compiled, more := measure.Compile(m, cat, env)
		r.Measures[m.Name] = compiled
		add(more)
	}
	for _, w := range sorted(cat.Workflows) {
		machine, more := workflows.Compile(w, cat, env)
		r.Machines[w.About.Text] = machine
		add(more)
	}
	for _, p := range sorted(cat.PrintForms) {
		t, more := printforms.Compile(p, cat, env)
		r.PrintForms[p.Name] = t
		add(more)
	}
	var more schema.Diagnostics
	r.Forms, more = forms.Compile(cat, env)
	add(more)
	r.Exchanges, more = exchange.Compile(cat, env)
	add(more)
	r.Policies, more = policies.Compile(cat.Packages, cat)
	add(more)
	for _, check := range checks {
		add(check(cat, env))
	}
	if !ds.Faulty() {
		add(labelFlows(r))
	}
	return r, ds
}

// digest names a set of packages: the same set has the same digest on every server.
func digest(pkgs []*schema.Package) string {
	lines := make([]string, len(pkgs))
	for i, p := range pkgs {
		lines[i] = fmt.Sprintf("%s@%s %s\n", p.Name, p.Version, p.Digest)
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func sorted[T any](m map[string]T) []T {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	out := make([]T, len(names))
	for i, name := range names {
		out[i] = m[name]
	}
	return out
}
