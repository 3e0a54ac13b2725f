package policies

import (
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"mera/schema"
	"mera/schema/filter"
)

// Compile compiles the policies of packages and of base. A package with a fault has no rules in the Set, so its types
// are denied; tests are left to RunTests.
func Compile(pkgs []*schema.Package, cat *schema.Catalog) (*Set, schema.Diagnostics) {
	c := newCompilation(cat, house())
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
	c.flush()
	return c.set, c.ds.Sorted()
}

// house is base compiled, with the kernel's own types: once for the process, for it never changes.
var house = sync.OnceValue(func() *compilation {
	c := newCompilation(schema.NewCatalog(), nil)
	c.base()
	c.kernelTypes()
	c.flush()
	return c
})

// newCompilation begins with what another one made.
func newCompilation(cat *schema.Catalog, from *compilation) *compilation {
	c := &compilation{
		cat: cat, units: map[string]*unitSource{}, broken: map[string]bool{}, byType: map[schema.Diagnostic][]string{},
		set: &Set{cat: cat, types: map[string]*typePolicy{}, units: map[string]*unit{}, reads: map[string]bool{}, steps: maxSteps},
	}
	if from != nil {
		maps.Copy(c.units, from.units)
		maps.Copy(c.set.types, from.set.types)
		maps.Copy(c.set.units, from.set.units)
		maps.Copy(c.set.reads, from.set.reads)
		c.lib, c.set.lib, c.ds = from.lib, from.lib, slices.Clone(from.ds)
	}
	return c
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
	for entry, pos := range u.entryPlaces {
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
