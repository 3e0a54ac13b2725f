package link

import (
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/load/semver"
)

// order puts each package after those that it requires and reports missing, unsuitable and circular ones. Packages of
// one rank come by name, so the order does not depend on that of the argument.
func (l *linker) order(pkgs []*schema.Package) []*schema.Package {
	byName := map[string]*schema.Package{}
	var all []string
	for _, p := range pkgs {
		if byName[p.Name] != nil {
			l.faultf(p.Pos, "duplicate-name", "there are two packages called %q", p.Name)
			continue
		}
		byName[p.Name] = p
		all = append(all, p.Name)
	}
	slices.Sort(all)
	for _, name := range all {
		l.requires(byName[name], byName, all)
	}
	o := &ordering{l: l, byName: byName, done: map[string]bool{}}
	for _, name := range all {
		o.visit(name, nil)
	}
	return o.out
}

func (l *linker) requires(p *schema.Package, byName map[string]*schema.Package, all []string) {
	for _, q := range p.Requires {
		needed := byName[q.Name.Text]
		if needed == nil {
			l.fault(schema.Faultf(q.Name.Pos, "missing-package", "the package %q is required and not installed", q.Name.Text).WithNearest(q.Name.Text, slices.Clone(all)))
			continue
		}
		want, ok := semver.ParseRange(q.Range.Text)
		have, known := semver.Parse(needed.Version)
		if ok && known && !want.Includes(have) {
			l.fault(schema.Faultf(q.Range.Pos, "wrong-version", "%s %s is required, and version %s is installed", q.Name.Text, q.Range.Text, needed.Version).
				WithHint("install a version that fits, or widen the range"))
		}
	}
}

// ordering walks the requirements depth first.
type ordering struct {
	l      *linker
	byName map[string]*schema.Package
	done   map[string]bool
	out    []*schema.Package
}

func (o *ordering) visit(name string, path []string) {
	p := o.byName[name]
	if p == nil || o.done[name] {
		return
	}
	if i := slices.Index(path, name); i >= 0 {
		o.l.fault(schema.Faultf(p.Pos, "cyclic-requires", "packages require each other in a circle: %s", strings.Join(append(path[i:], name), " → ")).
			WithHint("move what both need into a third package"))
		return
	}
	sees := map[string]bool{name: true}
	path = append(slices.Clone(path), name)
	for _, q := range p.Requires {
		o.visit(q.Name.Text, path)
		for other := range o.l.sees[q.Name.Text] {
			sees[other] = true
		}
	}
	if !o.done[name] {
		o.done[name] = true
		o.l.sees[name] = sees
		o.out = append(o.out, p)
	}
}
