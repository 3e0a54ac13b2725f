package policies

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"mera/schema"
	"mera/schema/filter"
)

// Compile compiles the policies of packages and of base. A package with a fault has no rules in the Set, so its types
// are denied; tests are left to RunTests.
func Compile(pkgs []*schema.Package, cat *schema.Catalog) (*Set, schema.Diagnostics) {
	c := &compilation{cat: cat, set: &Set{cat: cat, types: map[string]*typePolicy{}, units: map[string]*unit{}, time: maxTime}, units: map[string]*unitSource{}, broken: map[string]bool{}, byType: map[schema.Diagnostic][]string{}}
	c.base()
	for _, p := range pkgs {
		if p.Name == libPackage || p.Name == basePackage || p.Name == kernelPackage {
			c.ds = append(c.ds, schema.Faultf(p.Pos, "package-name", "the name %q is taken by the policies of the kernel", p.Name))
			continue
		}
		c.units[p.Name] = c.unit(p.Name, p.Policies)
		c.broken[p.Name] = c.units[p.Name] == nil && len(p.Policies) > 0
	}
	for _, p := range pkgs {
		c.typesOf(p, pkgs)
	}
	c.kernelTypes()
	c.flush()
	return c.set, c.ds.Sorted()
}

// compilation is the state of one Compile.
type compilation struct {
	cat   *schema.Catalog
	set   *Set
	lib   *ast.Module
	units map[string]*unitSource // by package
	// broken are packages whose policies have faults: that nobody may read their types is no news.
	broken map[string]bool
	byType map[schema.Diagnostic][]string // faults of several types, which are reported once
	ds     schema.Diagnostics
}

// unitSource is a unit with what the checks per type need of it.
type unitSource struct {
	*unit
	compiler *ast.Compiler
	places   map[string]schema.Pos // where an attribute is read first
	rowRules map[string]bool       // rules that read the row, by reference
	entries  map[string]schema.Pos
}

func (c *compilation) base() {
	modules, err := basePolicies()
	if err != nil {
		c.ds = append(c.ds, schema.Faultf(schema.Pos{File: "policies/base"}, "rego", "%s", err))
		return
	}
	for _, m := range modules {
		if m.Package == libPackage && !m.Test {
			var ds schema.Diagnostics
			c.lib, ds = parse(m.Pos.File, m.Source)
			c.set.lib = c.lib
			c.set.units[libPackage] = &unit{name: packageName(libPackage)}
			c.ds = append(c.ds, ds...)
		}
	}
	for _, name := range []string{basePackage, kernelPackage} {
		own := slices.DeleteFunc(slices.Clone(modules), func(m *schema.Policy) bool { return m.Package != name })
		c.units[name] = c.unit(name, own)
	}
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
	u := &unitSource{unit: &unit{name: own, entries: map[string]*entry{}}, compiler: comp, places: map[string]schema.Pos{}, entries: map[string]schema.Pos{}}
	for _, file := range slices.Sorted(maps.Keys(modules)) {
		if file != libFile {
			u.read(modules[file])
		}
	}
	u.rowRules = u.readers()
	c.ds = append(c.ds, u.unused(modules)...)
	if err := u.prepare(); err != nil {
		c.ds = append(c.ds, schema.Faultf(firstPlace(u.entries), "rego", "%s", err))
		return nil
	}
	c.set.units[name] = u.unit
	return u
}

// read notes the entry points of a module and where attributes are read.
func (u *unitSource) read(m *ast.Module) {
	for _, r := range m.Rules {
		if e := entryOf(r.Head.Ref()); e != "" {
			if _, known := u.entries[e]; !known {
				u.entries[e] = position(r.Location, schema.Pos{})
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
	for name := range u.entries {
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

// typesOf gives each document of a package its policy: base, the package, the packages that overlay the document.
func (c *compilation) typesOf(p *schema.Package, pkgs []*schema.Package) {
	labels := map[string]bool{}
	for _, d := range p.Documents {
		linked := c.cat.Documents[d.Name]
		if linked == nil || linked.Record {
			continue
		}
		as, ds := attributesOf(c.cat, d.Name)
		c.ds = append(c.ds, ds...)
		t := &typePolicy{attributes: as, labels: labelsOf(linked.Properties)}
		for _, label := range t.labels {
			labels[label] = true
		}
		owners := []string{basePackage, p.Name}
		for _, other := range pkgs {
			if other.Name != p.Name && overlays(other, p.Name, d.Name) {
				owners = append(owners, other.Name)
			}
		}
		c.compose(d.Name, d.Pos, t, owners)
	}
	c.unknownLabels(p.Name, labels)
}

// compose holds the units of a type against its attributes and keeps the type's policy.
func (c *compilation) compose(typ string, pos schema.Pos, t *typePolicy, owners []string) {
	readable := false
	for _, owner := range owners {
		u := c.units[owner]
		if u == nil {
			continue
		}
		if !c.residuals(u, typ, t.attributes) {
			c.broken[owner] = true
			continue // a rule that would fail open on this type is not asked
		}
		t.units = append(t.units, u.unit)
		readable = readable || owner != basePackage && u.unit.entries["read"] != nil
	}
	c.set.types[typ] = t
	if !readable && pos.File != "" && !slices.ContainsFunc(owners, func(o string) bool { return c.broken[o] }) {
		c.ds = append(c.ds, schema.Lintf(pos, "no-read", "no policy lets anybody read %s", typ).
			WithHint("write policies/<name>.rego with a rule read"))
	}
}

// overlays tells that a package has an overlay of a document of another package: the right to decide on it.
func overlays(p *schema.Package, owner, document string) bool {
	for file := range p.Files {
		if folder, name := path.Split(file); folder == "overlays/"+owner+"/documents/" && pascal(strings.TrimSuffix(name, ".yaml")) == document {
			return true
		}
	}
	return false
}

// pascal is the name of the definition in a file: survivor-benefit is SurvivorBenefit.
func pascal(kebab string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(kebab, "-") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// labelsOf are the labels of properties, inside objects too, sorted.
func labelsOf(props []*schema.Property) []string {
	found := map[string]bool{}
	var walk func([]*schema.Property)
	walk = func(props []*schema.Property) {
		for _, p := range props {
			if p.Label != "" {
				found[p.Label] = true
			}
			if t := p.Type; t != nil {
				if t.Kind == schema.Array && t.Elem != nil {
					t = t.Elem
				}
				walk(t.Fields)
			}
		}
	}
	walk(props)
	return slices.Sorted(maps.Keys(found))
}

// unknownLabels finds show and edit of labels that no type has: misspelt, they would hide for ever.
func (c *compilation) unknownLabels(name string, labels map[string]bool) {
	u := c.units[name]
	if u == nil {
		return
	}
	for entry, pos := range u.entries {
		_, label, labelled := strings.Cut(entry, ".")
		if !labelled || labels[label] || c.overlaidLabel(name, label) {
			continue
		}
		d := schema.Faultf(pos, "unknown-label", "no property of the package's types has the label %q", label)
		if near := schema.Nearest(label, slices.Sorted(maps.Keys(labels))); near != "" {
			d = d.WithHint("did you mean %q?", near)
		}
		c.ds = append(c.ds, d)
	}
}

// overlaidLabel tells that a document that the package overlays has the label.
func (c *compilation) overlaidLabel(name, label string) bool {
	for _, p := range c.cat.Packages {
		if p.Name != name {
			continue
		}
		for _, d := range c.cat.Documents {
			if overlays(p, d.Package, d.Name) && slices.Contains(labelsOf(d.Properties), label) {
				return true
			}
		}
	}
	return false
}

// kernelTypes gives the kernel's own types theirs.
func (c *compilation) kernelTypes() {
	for _, name := range filter.KernelTypes() {
		c.compose(name, schema.Pos{}, &typePolicy{attributes: kernelAttributes(name)}, []string{basePackage, kernelPackage})
	}
	c.compose(Server, schema.Pos{}, &typePolicy{}, []string{basePackage, kernelPackage})
}

// Server is the type of actions that are about no record: install, createActor, setClock, setCounter, setParameter,
// accrue, runPayments.
const Server = "Server"
