package load_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
	"mera/schema/load"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden is one archive of testdata: a remark with directives, the files of packages, and what a reader is told.
type golden struct {
	remark string
	files  fstest.MapFS
	names  []string
	want   string
}

const told = "diagnostics"

// parseGolden reads the text archive: a remark, then files, each after a line `-- name --`.
func parseGolden(t *testing.T, path string) golden {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	g := golden{files: fstest.MapFS{}}
	name := ""
	for line := range strings.Lines(string(src)) {
		if n, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(n, " --\n") {
			name = strings.TrimSuffix(n, " --\n")
			if name != told {
				g.files[name] = &fstest.MapFile{}
				g.names = append(g.names, name)
			}
			continue
		}
		switch {
		case name == "":
			g.remark += line
		case name == told:
			g.want += line
		default:
			g.files[name].Data = append(g.files[name].Data, line...)
		}
	}
	return g
}

func (g golden) write(path, got string) error {
	var b strings.Builder
	b.WriteString(g.remark)
	for _, name := range g.names {
		b.WriteString("-- " + name + " --\n")
		b.Write(g.files[name].Data)
	}
	b.WriteString("-- " + told + " --\n" + got)
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// directive is the rest of a line of the remark that begins with a word.
func (g golden) directive(word string) []string {
	for line := range strings.Lines(g.remark) {
		if rest, ok := strings.CutPrefix(line, word+": "); ok {
			return strings.Fields(rest)
		}
	}
	return nil
}

// load reads and links the packages of an archive. A package without package.yaml gets one.
func (g golden) load() (*schema.Catalog, schema.Diagnostics) {
	names := g.directive("read")
	files := fstest.MapFS{}
	for name, f := range g.files {
		files[name] = f
		pkg, _, _ := strings.Cut(name, "/")
		if !slices.Contains(names, pkg) {
			names = append(names, pkg)
		}
	}
	var pkgs []*schema.Package
	var ds schema.Diagnostics
	for _, name := range slices.Sorted(slices.Values(names)) {
		if files[name+"/package.yaml"] == nil && g.directive("read") == nil {
			files[name+"/package.yaml"] = &fstest.MapFile{Data: []byte("{name: " + name + ", version: 1.0.0, language: 1}\n")}
		}
		pkg, faults := load.Read(files, name)
		pkg.Core = !slices.Contains(g.directive("foreign"), name)
		pkgs, ds = append(pkgs, pkg), append(ds, faults...)
	}
	cat, faults := load.Link(pkgs)
	return cat, append(ds, faults...).Sorted()
}

func (g golden) render(ds schema.Diagnostics) string {
	return ds.Render(func(file string) []byte {
		if f := g.files[file]; f != nil {
			return f.Data
		}
		return nil
	})
}

// TestGolden compares what authors are told with testdata: in codes one archive for each code, named by it; in more a
// package without faults that uses everything, and further ways to be wrong.
func TestGolden(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, path := range paths {
		isCode := strings.HasPrefix(path, "testdata/codes/")
		code := strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			g := parseGolden(t, path)
			_, ds := g.load()
			if got := g.render(ds); *update {
				if err := g.write(path, got); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(g.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if isCode && !slices.ContainsFunc(ds, func(d schema.Diagnostic) bool { return d.Code == code }) {
				t.Errorf("no diagnostic has the code %q", code)
			}
			for _, d := range ds {
				checkPlace(t, d)
				if _, ok := load.Codes[d.Code]; !ok {
					t.Errorf("the code %q is not in the table", d.Code)
				}
			}
		})
	}
}

// checkPlace wants a sentence without a final dot, and a place with a line.
func checkPlace(t *testing.T, d schema.Diagnostic) {
	t.Helper()
	wholeFile := []string{"no-package", "bad-file-name", "unknown-file", "unknown-folder", "not-supported-yet"}
	if d.Pos.File == "" || d.Pos.Line == 0 && !slices.Contains(wholeFile, d.Code) {
		t.Errorf("[%s] %s: no place", d.Code, d.Message)
	}
	if d.Message == "" || strings.HasSuffix(d.Message, ".") || strings.Contains(d.Message, "%!") || strings.Contains(d.Hint, "%!") {
		t.Errorf("[%s] badly worded: %q, %q", d.Code, d.Message, d.Hint)
	}
}

// big are packages that would be too long for an archive.
func big() map[string]fs.FS {
	pkg := func(name string, data string) fs.FS {
		return fstest.MapFS{"package.yaml": {Data: []byte("{name: p, version: 1.0.0, language: 1}")}, name: {Data: []byte(data)}}
	}
	return map[string]fs.FS{
		"too-large":         pkg("documents/x.yaml", "title: Х\n"+strings.Repeat("# и\n", 1<<19)),
		"too-long":          pkg("documents/x.yaml", "title: "+strings.Repeat("х", 1<<16)+"\nschema: {properties: {}}\n"),
		"package-too-large": pkg("formats/x.bin", strings.Repeat("x", 33<<20)),
		"too-many":          pkg("workflows/x.yaml", "about: X\nstates:\n"+states(1001)),
		"more-faults":       pkg("documents/x.yaml", "schema: {properties: {}}\n"+unknownKeys(300)),
		"not-utf8":          pkg("documents/x.yaml", "title: \xd5\nschema: {properties: {}}\n"),
		"unreadable":        broken{pkg("documents/x.yaml", "title: Х\n")},
	}
}

func unknownKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "unknown%d: x\n", i)
	}
	return b.String()
}

func states(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  s%d: {final: true}\n", i)
	}
	return b.String()
}

// broken is a folder one of whose files cannot be opened.
type broken struct{ fs.FS }

func (b broken) Open(name string) (fs.File, error) {
	if name == "documents/x.yaml" {
		return nil, fs.ErrPermission
	}
	return b.FS.Open(name)
}

func TestBig(t *testing.T) {
	t.Parallel()
	for code, fsys := range big() {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			_, ds := load.Read(fsys, "p")
			if i := slices.IndexFunc(ds, func(d schema.Diagnostic) bool { return d.Code == code }); i < 0 || code != "more-faults" && len(ds) != 1 {
				t.Errorf("got %v, want one %s", ds[:min(len(ds), 5)], code)
			}
			if len(ds) > 250 {
				t.Errorf("%d diagnostics are more than anybody reads", len(ds))
			}
		})
	}
}

// TestHuge reads files that are as large as allowed and wrong everywhere: what is told stays short, and the work stays
// in proportion to the file (else this test never ends).
func TestHuge(t *testing.T) {
	t.Parallel()
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"aliases":    "a: &a [x]\n" + many(50_000, "b%d: *a\n"),
		"enum":       "schema: {properties: {a: {enum: [" + many(90_000, "w%d, ") + "]}}}",
		"keys":       many(80_000, "k%d: 1\n"),
		"required":   "schema:\n  required: [" + many(50_000, "r%d, ") + "]\n  properties:\n" + many(10_000, "    p%d: {type: string}\n"),
		"properties": "schema: {properties: {" + many(50_000, "p%d: {b: 1}, ") + "}}",
		"items":      "items: {" + many(30_000, "i%d: {parent: nobody}, ") + "}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := "documents"
			if name == "items" {
				folder = "classifiers"
			}
			p, ds := load.Read(fstest.MapFS{"package.yaml": {Data: []byte("{name: p, version: 1.0.0, language: 1}")}, folder + "/x.yaml": {Data: []byte(text)}}, "p")
			p.Core = true
			_, more := load.Link([]*schema.Package{p})
			if len(ds) == 0 || len(ds) > 201 || len(more) > 201 {
				t.Errorf("%d and %d diagnostics", len(ds), len(more))
			}
		})
	}
}

// TestCodes wants every code that the loader can give in the table, and every code of the table shown by a test.
func TestCodes(t *testing.T) {
	t.Parallel()
	elsewhere := []string{"internal", "not-formatted"} // TestBrokenMetaSchemas; source.TestFormatKeeps
	large := big()
	for code, about := range load.Codes {
		if about == "" || strings.HasSuffix(about, ".") {
			t.Errorf("%s: badly explained: %q", code, about)
		}
		_, isBig := large[code]
		if _, err := os.Stat("testdata/codes/" + code + ".txtar"); err != nil && !isBig && !slices.Contains(elsewhere, code) {
			t.Errorf("%s: no test shows it", code)
		}
	}
	for _, code := range writtenCodes(t) {
		if _, ok := load.Codes[code]; !ok {
			t.Errorf("%s: not in the table", code)
		}
	}
}

var writtenCode = regexp.MustCompile(`(?:Faultf|Lintf)\([^"\n]*, "([a-z0-9-]+)",|faultf\([^"\n]*, "([a-z0-9-]+)",`)

// writtenCodes are the codes in the sources of the loader.
func writtenCodes(t *testing.T) []string {
	var out []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range writtenCode.FindAllStringSubmatch(string(src), -1) {
			out = append(out, m[1]+m[2])
		}
		return err
	})
	if err != nil || len(out) < 50 {
		t.Fatalf("found %d codes in the sources: %v", len(out), err)
	}
	return out
}
