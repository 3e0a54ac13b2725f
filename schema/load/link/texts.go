package link

import (
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/load/naming"
	"mera/schema/load/source"
)

// textKeys are the keys whose values people read: all that translations may hold. What the definition does not say
// has no translation, but for titles and descriptions, in place of which people would read a name or nothing.
var (
	textKeys = []string{"title", "description", "message", "refuse", "question"}
	addable  = textKeys[:2]
)

// listKeys name an element of a list: an event among the moves of a state, a task in its work.
var listKeys = []string{"event", "task"}

// texts checks that a translation changes texts of definitions that exist.
func (l *linker) texts(p *schema.Package, t *schema.Texts) {
	for _, folder := range t.Root.Entries {
		if folder.Key.Text == "package" {
			l.patch(p, "package.yaml", folder.Value)
			continue
		}
		for _, def := range folder.Value.Entries {
			file, owner := l.fileOf(p, folder.Key.Text, def.Key)
			if owner != nil {
				l.patch(owner, file, def.Value)
			}
		}
	}
}

// location is where a definition is written.
type location struct {
	pkg  *schema.Package
	file string
}

// locations are the files of all definitions by folder and name; acts and scenarios go by their kebab-case names.
func locations(pkgs []*schema.Package) map[string]map[string]location {
	out := map[string]map[string]location{}
	for _, p := range pkgs {
		for file := range p.Files {
			folder, base, _ := strings.Cut(file, "/")
			base, isYAML := strings.CutSuffix(base, ".yaml")
			if !isYAML || strings.HasSuffix(base, "_test") {
				continue
			}
			if folder != "acts" && folder != "scenarios" {
				base = naming.Pascal(base)
			}
			if out[folder] == nil {
				out[folder] = map[string]location{}
			}
			out[folder][base] = location{p, file}
		}
	}
	return out
}

// fileOf finds the file of a definition that a translation names, and the package that it lies in; nil if there is
// none that the translating package may see.
func (l *linker) fileOf(p *schema.Package, folder string, name schema.Scalar) (string, *schema.Package) {
	if at, ok := l.files[folder][name.Text]; ok && l.sees[p.Name][at.pkg.Name] {
		return at.file, at.pkg
	}
	l.fault(schema.Faultf(name.Pos, "unknown-name", "there is nothing called %q in %s", name.Text, folder).WithNearest(name.Text, keys(l.files[folder])))
	return "", nil
}

func (l *linker) patch(owner *schema.Package, file string, patch *schema.Node) {
	original, _ := source.Parse(file, owner.Files[file])
	if original != nil {
		l.patchNode(original, patch)
	}
}

func (l *linker) patchNode(original, patch *schema.Node) {
	for _, e := range patch.Entries {
		key, below := e.Key.Text, part(original, e.Key.Text)
		switch {
		case slices.Contains(addable, key) && original.Kind == schema.MapNode && e.Value.Kind == schema.ScalarNode:
		case slices.Contains(textKeys, key) && below != nil && e.Value.Kind == schema.ScalarNode:
		case key == "x-titles" && below != nil:
			l.titles(below, e.Value)
		case below == nil:
			l.fault(schema.Faultf(e.Key.Pos, "unknown-key", "the definition has no %q here", key).WithNearest(key, parts(original)))
		case e.Value.Kind != schema.MapNode:
			l.fault(schema.Faultf(e.Key.Pos, "not-a-text", "%q is no text, and a translation changes only texts", key).WithHint("texts are %s", strings.Join(textKeys, ", ")))
		default:
			l.patchNode(below, e.Value)
		}
	}
}

// part is what a translation calls by a key: an entry of a map, or the element of a list that has the event or task.
func part(n *schema.Node, key string) *schema.Node {
	if n.Kind != schema.ListNode {
		return n.Get(key)
	}
	i := slices.IndexFunc(n.Items, func(item *schema.Node) bool { return partName(item) == key })
	if i < 0 {
		return nil
	}
	return n.Items[i]
}

func parts(n *schema.Node) (names []string) {
	for _, e := range n.Entries {
		names = append(names, e.Key.Text)
	}
	for _, item := range n.Items {
		names = append(names, partName(item))
	}
	return names
}

func partName(n *schema.Node) string {
	for _, key := range listKeys {
		if name := n.Get(key).Text(); name != "" {
			return name
		}
	}
	return ""
}

func (l *linker) titles(original, patch *schema.Node) {
	for _, e := range patch.Entries {
		if original.Get(e.Key.Text) == nil {
			l.faultf(e.Key.Pos, "unknown-key", "there is no word %q to translate", e.Key.Text)
		}
	}
}

// tested are the folders whose definitions have tests.
func tested(p *schema.Package, folder string) []string {
	var out []string
	for _, d := range definitions(p) {
		if d.kind+"s" == folder || d.kind == "print form" && folder == "printforms" {
			out = append(out, d.meta.Name)
		}
	}
	return out
}

// test checks what a test says of definitions: the one tested, and the types and properties of its documents.
func (l *linker) test(p *schema.Package, t *schema.Test) {
	if known := tested(p, t.Folder); !slices.Contains(known, t.Name) {
		l.fault(schema.Faultf(t.Pos, "unknown-name", "the test lies beside no definition called %q", t.Name).WithNearest(t.Name, known))
	}
	if t.Folder == "formats" || t.Folder == "exchanges" {
		return
	}
	given := t.Root.Get("given")
	if given == nil {
		return
	}
	for _, e := range given.Entries {
		if e.Key.Text == "answered" {
			continue
		}
		d := schema.KernelFact(e.Key.Text)
		if d == nil || t.Folder != "measures" {
			var ok bool
			if d, ok = l.documentNamed(p.Name, e.Key); !ok {
				continue
			}
		}
		for _, record := range e.Value.Entries {
			for _, property := range record.Value.Entries {
				if _, kernel := schema.KernelProperty(property.Key.Text, true); !kernel {
					l.property(d, property.Key)
				}
			}
		}
	}
}

func (l *linker) scenario(p *schema.Package, s *schema.Scenario) {
	packages := s.Root.Get("packages")
	if packages == nil {
		return
	}
	for _, item := range packages.Items {
		pkg := item.Scalar
		if !slices.ContainsFunc(l.cat.Packages, func(o *schema.Package) bool { return o.Name == pkg.Text }) {
			l.fault(schema.Faultf(pkg.Pos, "missing-package", "the scenario names the package %q, which is not installed", pkg.Text).WithNearest(pkg.Text, keys(l.sees)))
		}
	}
}
