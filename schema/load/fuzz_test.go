package load_test

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"mera/schema"
	"mera/schema/load"
)

// strange reads and links the example with one package changed: nothing may panic, and whatever is reported has a
// known code, a place and a sentence.
type strange struct {
	pkgs  []*schema.Package // of the example
	files map[string]fstest.MapFS
}

func newStrange(t testing.TB) *strange {
	s := &strange{files: map[string]fstest.MapFS{}}
	s.pkgs, _ = example(t)
	for _, p := range s.pkgs {
		s.files[p.Name] = fstest.MapFS{}
		for name, src := range p.Files {
			s.files[p.Name][name] = &fstest.MapFile{Data: src}
		}
	}
	return s
}

// rest are the packages of the example, that of a file first and without the file.
func (s *strange) rest(pkg, file string) []*schema.Package {
	files := maps.Clone(s.files[pkg])
	if file != "package.yaml" {
		delete(files, file)
	}
	p, _ := load.Read(files, pkg)
	out := []*schema.Package{p}
	for _, o := range s.pkgs {
		if o.Name != pkg {
			out = append(out, o)
		}
	}
	return out
}

// check reads a file with a text and links it with the rest.
func (s *strange) check(t *testing.T, rest []*schema.Package, file string, src []byte) {
	t.Helper()
	name := rest[0].Name
	files := fstest.MapFS{"package.yaml": s.files[name]["package.yaml"], file: {Data: src}}
	for name, f := range s.files[name] {
		if path.Ext(name) == ".html" {
			files[name] = f
		}
	}
	changed, ds := load.Read(files, name)
	pkgs := slices.Clone(rest)
	pkgs[0] = merged(rest[0], changed)
	_, more := load.Link(pkgs)
	for _, d := range append(ds, more...) {
		if _, ok := load.Codes[d.Code]; !ok || d.Pos.File == "" || d.Message == "" || strings.Contains(d.Message+d.Hint, "%!") {
			t.Fatalf("bad diagnostic: %+v", d)
		}
	}
}

// merged has the definitions of both packages.
func merged(a, b *schema.Package) *schema.Package {
	out := *a
	out.Core, out.Requires = true, nil
	v := reflect.ValueOf(&out).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice {
			f.Set(reflect.AppendSlice(f.Slice3(0, f.Len(), f.Len()), reflect.ValueOf(*b).Field(i)))
		}
	}
	return &out
}

// TestStrangeNodes puts a text, a list or a map in the place of each value of the example that is something else, one
// after the other, and takes away each entry.
func TestStrangeNodes(t *testing.T) {
	t.Parallel()
	s := newStrange(t)
	for pkg, files := range s.files {
		for file, f := range files {
			if path.Ext(file) == ".yaml" {
				s.mutate(t, pkg, file, f.Data)
			}
		}
	}
}

func (s *strange) mutate(t *testing.T, pkg, file string, src []byte) {
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		t.Fatal(err)
	}
	rest := s.rest(pkg, file)
	try := func() {
		out, err := yaml.Marshal(&doc)
		if err != nil {
			t.Fatal(err)
		}
		s.check(t, rest, file, out)
	}
	others := map[yaml.Kind]string{yaml.ScalarNode: "x", yaml.SequenceNode: "[x, [y], {z: 1}]", yaml.MappingNode: "{x: [y], z: {w: 1}}"}
	for _, n := range values(&doc) {
		was := *n
		for kind, text := range others {
			if kind == was.Kind {
				continue
			}
			var other yaml.Node
			if err := yaml.Unmarshal([]byte(text), &other); err != nil {
				t.Fatal(err)
			}
			*n = *other.Content[0]
			try()
		}
		n.Kind, n.Tag, n.Value, n.Style, n.Content = was.Kind, was.Tag, was.Value, was.Style, was.Content
		for i := 0; n.Kind == yaml.MappingNode && i < len(was.Content); i += 2 {
			n.Content = slices.Delete(slices.Clone(was.Content), i, i+2)
			try()
		}
		*n = was
	}
}

// values are all nodes below a document but keys.
func values(n *yaml.Node) []*yaml.Node {
	var out []*yaml.Node
	for i, c := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			out = append(append(out, c), values(c)...)
		}
	}
	return out
}

func FuzzRead(f *testing.F) {
	s := newStrange(f)
	const pkg = "ugra-child-benefits"
	folders := []string{"types", "documents", "classifiers", "parameters", "acts", "functions", "measures", "workflows", "lists", "forms",
		"printforms", "formats", "exchanges", "i18n", "scenarios"}
	base := os.DirFS("testdata/example")
	paths, err := fs.Glob(base, "*/*/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range paths {
		src, err := fs.ReadFile(base, p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(slices.Index(folders, path.Base(path.Dir(p)))), src)
	}
	rest := s.rest(pkg, "")
	f.Fuzz(func(t *testing.T, folder uint8, src []byte) {
		s.check(t, rest, folders[int(folder)%len(folders)]+"/strange.yaml", src)
	})
}

func FuzzFormat(f *testing.F) {
	f.Add([]byte("a: {b: c}\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		out, ds := load.Format(src)
		if ds.Faulty() && string(out) != string(src) {
			t.Fatalf("a faulty file was changed: %q", out)
		}
	})
}
