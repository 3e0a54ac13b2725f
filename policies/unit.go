package policies

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"mera/schema"
)

// unitSource is a unit with what the checks per type need of it.
type unitSource struct {
	*unit
	compiler    *ast.Compiler
	places      map[string]schema.Pos // where an attribute is read first
	rowRules    map[string]bool       // rules that read the row, by reference
	entryPlaces map[string]schema.Pos
}

// unit compiles the modules of one package by themselves: they see the library and nothing else. nil if it has no
// module or a fault.
func (c *compilation) unit(name string, policies []*schema.Policy) *unitSource {
	own := packageName(name)
	modules := map[string]*ast.Module{libFile: c.lib}
	checks := &checker{own: own, rules: map[ast.Var]int{}, trusted: name == basePackage || name == kernelPackage}
	faulty := false
	for _, p := range policies {
		if p.Test {
			continue
		}
		m, ds := parse(p.Pos.File, p.Source)
		c.ds = append(c.ds, ds...)
		if m == nil {
			faulty = true
			continue
		}
		checks.count(m)
		modules[p.Pos.File] = m
	}
	for _, file := range slices.Sorted(maps.Keys(modules)) {
		if file != libFile {
			checks.module(modules[file])
		}
	}
	c.ds = append(c.ds, checks.ds...)
	if faulty || checks.ds.Faulty() || len(modules) == 1 || c.lib == nil {
		return nil
	}
	comp := ast.NewCompiler().WithStrict(true).WithCapabilities(capabilities())
	if comp.Compile(modules); comp.Failed() {
		c.ds = append(c.ds, regoFaults("", comp.Errors)...)
		return nil
	}
	u := &unitSource{unit: &unit{name: own, entries: map[string]*entry{}}, compiler: comp, places: map[string]schema.Pos{}, entryPlaces: map[string]schema.Pos{}}
	for _, file := range slices.Sorted(maps.Keys(modules)) {
		if file != libFile {
			u.read(modules[file])
			c.readsOf(modules[file])
		}
	}
	u.rowRules = u.readers()
	c.ds = append(c.ds, u.unused(modules)...)
	if err := u.prepare(); err != nil {
		c.ds = append(c.ds, schema.Faultf(firstPlace(u.entryPlaces), "rego", "%s", err))
		return nil
	}
	c.set.units[name] = u.unit
	return u
}

// readsOf notes which parts of input a module reads; checker sees to it that each is read by its name.
func (c *compilation) readsOf(m *ast.Module) {
	ast.WalkRefs(m, func(ref ast.Ref) bool {
		if hasPrefix(ref, "input", "today") {
			c.set.reads["today"] = true
		}
		for _, part := range actorParts {
			if hasPrefix(ref, "input", "actor", part) {
				c.set.reads["actor."+part] = true
			}
		}
		return false
	})
}

// read notes the entry points of a module and where attributes are read.
func (u *unitSource) read(m *ast.Module) {
	for _, r := range m.Rules {
		if e := entryOf(r.Head.Ref()); e != "" {
			if _, known := u.entryPlaces[e]; !known {
				u.entryPlaces[e] = position(r.Location, schema.Pos{})
			}
		}
		ast.WalkTerms(r, func(t *ast.Term) bool {
			if isRow(t) {
				name := string(t.Value.(ast.Ref)[2].Value.(ast.String))
				if _, known := u.places[name]; !known {
					u.places[name] = position(t.Location, schema.Pos{})
				}
			}
			return false
		})
	}
}

func firstPlace(places map[string]schema.Pos) schema.Pos {
	for _, name := range slices.Sorted(maps.Keys(places)) {
		return places[name]
	}
	return schema.Pos{}
}

// readers are the rules that read the row, themselves or by others, by reference.
func (u *unitSource) readers() map[string]bool {
	out := map[string]bool{}
	done := map[*ast.Rule]bool{}
	var reads func(r *ast.Rule) bool
	reads = func(r *ast.Rule) bool {
		if known, seen := done[r]; seen {
			return known
		}
		done[r] = mentionsRow(r)
		for next := range u.compiler.Graph.Dependencies(r) {
			if below, ok := next.(*ast.Rule); ok && reads(below) {
				done[r] = true
			}
		}
		return done[r]
	}
	for file, m := range u.compiler.Modules {
		for _, r := range m.Rules {
			if file != libFile && reads(r) {
				out[m.Package.Path.Extend(r.Head.Ref()).String()] = true
			}
		}
	}
	return out
}

// unused warns of rules that no entry point reaches: a misspelt entry point among them.
func (u *unitSource) unused(modules map[string]*ast.Module) schema.Diagnostics {
	reached := map[*ast.Rule]bool{}
	var follow func(r *ast.Rule)
	follow = func(r *ast.Rule) {
		if reached[r] {
			return
		}
		reached[r] = true
		for next := range u.compiler.Graph.Dependencies(r) {
			if nr, ok := next.(*ast.Rule); ok {
				follow(nr)
			}
		}
	}
	var rules []*ast.Rule
	for file := range modules {
		if m := u.compiler.Modules[file]; m != nil && file != libFile {
			rules = append(rules, m.Rules...)
		}
	}
	for _, r := range rules {
		if entryOf(r.Head.Ref()) != "" {
			follow(r)
		}
	}
	var ds schema.Diagnostics
	for _, r := range rules {
		if reached[r] {
			continue
		}
		name := r.Head.Ref().String()
		d := schema.Lintf(position(r.Location, schema.Pos{}), "unused-rule", "no entry point uses %s", name)
		if near := schema.Nearest(name, []string{"read", "write", "deny"}); near != "" {
			d = d.WithHint("did you mean %q?", near)
		}
		ds = append(ds, d)
	}
	return ds
}

// prepare makes the entry points ready for both ways of use.
func (u *unitSource) prepare() error {
	ctx := context.Background()
	for name := range u.entryPlaces {
		query := rego.ParsedQuery(ast.NewBody(ast.NewExpr(ast.NewTerm(u.ref(name)))))
		plain, err := rego.New(rego.Compiler(u.compiler), query).PrepareForEval(ctx)
		if err != nil {
			return err
		}
		partial, err := rego.New(rego.Compiler(u.compiler), query).PrepareForPartial(ctx)
		if err != nil {
			return err
		}
		u.unit.entries[name] = &entry{plain: plain, partial: partial}
	}
	return nil
}

func (u *unitSource) ref(entry string) ast.Ref {
	ref := ast.Ref{ast.DefaultRootDocument}
	for _, step := range strings.Split(u.name+"."+entry, ".") {
		ref = append(ref, ast.StringTerm(step))
	}
	return ref
}
