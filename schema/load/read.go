package load

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/load/link"
	"mera/schema/load/naming"
	"mera/schema/load/shape"
	"mera/schema/load/source"
)

// Limits of a package (section 9 of the language). The engines have narrower ones for what they compile; maxParts only
// keeps a huge file from keeping the loader busy.
const (
	maxTold       = 200 // diagnostics of one file
	maxPackage    = 32 << 20
	maxFiles      = 2000
	maxProperties = 300
	maxParts      = 1000
	maxItems      = 10_000
	maxRows       = 100_000
)

// Read parses one package. fsys is the folder of the package, or the folder that holds it under its name. What could
// be read is returned even if there are faults, and never nil; places are prefixed by the package's name.
func Read(fsys fs.FS, name string) (*schema.Package, schema.Diagnostics) {
	return read(fsys, name, shape.Load)
}

func read(fsys fs.FS, name string, load func() (*shape.Shapes, error)) (*schema.Package, schema.Diagnostics) {
	r := &reader{pkg: &schema.Package{Name: name, Pos: schema.Pos{File: name + "/package.yaml"}}}
	shapes, err := load()
	if err != nil {
		r.fault(schema.Faultf(r.pkg.Pos, "internal", "the meta-schemas cannot be read: %v", err))
		return r.pkg, r.faults
	}
	r.shapes = shapes
	folder, err := folderOf(fsys, name)
	if err != nil {
		r.fault(schema.Faultf(r.pkg.Pos, "no-package", "there is no package.yaml: %v", err).WithHint("a package is a folder with package.yaml"))
		return r.pkg, r.faults
	}
	if !r.files(folder) {
		return r.pkg, r.faults
	}
	r.pkg.Digest = digest(r.pkg.Files)
	for _, file := range slices.Sorted(maps.Keys(r.pkg.Files)) {
		r.file(file)
	}
	return r.pkg, r.faults.Sorted().PerFile(maxTold)
}

// ReadAll reads every package of the embedded catalog: each folder with a package.yaml is one, and all are core.
func ReadAll(fsys fs.FS) ([]*schema.Package, schema.Diagnostics) {
	files, err := fs.Glob(fsys, "*/package.yaml")
	if err != nil {
		return nil, schema.Diagnostics{schema.Faultf(schema.Pos{}, "no-package", "the catalog cannot be read: %v", err)}
	}
	var pkgs []*schema.Package
	var faults schema.Diagnostics
	for _, file := range files {
		pkg, ds := Read(fsys, path.Dir(file))
		pkg.Core = true
		pkgs, faults = append(pkgs, pkg), append(faults, ds...)
	}
	return pkgs, faults
}

// Link joins packages into one catalog and reports every name that leads nowhere. The packages given are not changed,
// so they may be linked again in another company. The catalog is never nil; it is fit for use only if the diagnostics
// hold no fault. A fault belongs to the package that its place begins with.
func Link(pkgs []*schema.Package) (*schema.Catalog, schema.Diagnostics) {
	cat, ds := link.Packages(pkgs)
	return cat, ds.PerFile(maxTold)
}

func folderOf(fsys fs.FS, name string) (fs.FS, error) {
	if _, err := fs.Stat(fsys, "package.yaml"); err == nil {
		return fsys, nil
	}
	if _, err := fs.Stat(fsys, path.Join(name, "package.yaml")); err != nil {
		return nil, err
	}
	return fs.Sub(fsys, name)
}

// digest is the identity of a package: names and contents of its files, in order of names.
func digest(files map[string][]byte) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(sum, "%d %s %d ", len(name), name, len(files[name]))
		sum.Write(files[name])
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}

// reader fills one package.
type reader struct {
	pkg    *schema.Package
	shapes *shape.Shapes
	faults schema.Diagnostics
}

// fault reports; what has no place is not there, and the check of shapes has reported that already.
func (r *reader) fault(d schema.Diagnostic) {
	if d.Pos.File != "" {
		r.faults = append(r.faults, d)
	}
}

func (r *reader) faultf(pos schema.Pos, code, format string, args ...any) {
	r.fault(schema.Faultf(pos, code, format, args...))
}

// files takes the files of the package into memory, within the limits; hidden files are left out.
func (r *reader) files(folder fs.FS) bool {
	r.pkg.Files = map[string][]byte{}
	total := 0
	err := fs.WalkDir(folder, ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file != "." && strings.HasPrefix(path.Base(file), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			r.fault(schema.Faultf(schema.Pos{File: r.pkg.Name + "/" + file}, "unknown-file", "this is a link or a device, not a file").
				WithHint("copy the file itself into the package"))
			return nil
		}
		src, err := readLimited(folder, file)
		if err != nil {
			return err
		}
		total += len(src)
		r.pkg.Files[file] = src
		if len(r.pkg.Files) > maxFiles || total > maxPackage {
			return errTooLarge
		}
		return nil
	})
	switch {
	case errors.Is(err, errTooLarge):
		r.fault(schema.Faultf(r.pkg.Pos, "package-too-large", "the package has more than %d files or %d MB", maxFiles, maxPackage>>20).
			WithHint("split it into several packages"))
	case err != nil:
		r.faultf(r.pkg.Pos, "unreadable", "the files of the package cannot be read: %v", err)
	}
	return err == nil
}

var errTooLarge = errors.New("package too large")

// readLimited reads no more of a file than the whole package may have.
func readLimited(folder fs.FS, name string) ([]byte, error) {
	f, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxPackage+1))
}

// file reads one file by where it lies.
func (r *reader) file(name string) {
	pos := schema.Pos{File: r.pkg.Name + "/" + name}
	folder, base, nested := strings.Cut(name, "/")
	ext := path.Ext(name)
	switch {
	case name == "package.yaml":
		r.definition(name, "package", func(n *schema.Node) { r.packageFile(n) })
	case !nested && slices.Contains([]string{".md", ".txt", ""}, ext):
	case !nested:
		r.fault(schema.Faultf(pos, "unknown-file", "the file lies beside package.yaml, where only README.md and CHANGELOG.md lie").
			WithHint("put it into the folder of its kind: %s", strings.Join(folders, ", ")))
	case folder == "overlays" || slices.Contains(laterFolders, folder):
		r.faultf(pos, "not-supported-yet", "the folder %q is not supported in this version yet", folder)
	case !slices.Contains(folders, folder):
		r.unknownFolder(pos, folder)
	case ext == ".yml":
		r.fault(schema.Faultf(pos, "unknown-file", "definitions end in .yaml").WithHint("rename the file to %s", strings.TrimSuffix(base, ext)+".yaml"))
	case folder == "policies":
		r.policy(pos, name, ext)
	case ext == ".yaml":
		r.yamlFile(pos, name, folder, strings.TrimSuffix(base, ext))
	case !slices.Contains(withData, folder):
		r.fault(schema.Faultf(pos, "unknown-file", "the folder %q holds only .yaml files", folder))
	}
}

// folders are the kinds of definitions of this version, laterFolders those of the language that come later; withData
// hold other files too: templates, CSV, samples.
var (
	folders = []string{"types", "documents", "classifiers", "parameters", "acts", "functions", "measures", "workflows", "lists",
		"forms", "printforms", "policies", "formats", "exchanges", "i18n", "scenarios"}
	laterFolders = []string{"accounts", "actions", "reports"}
	withData     = []string{"classifiers", "parameters", "printforms", "formats", "exchanges", "scenarios"}
)

func (r *reader) unknownFolder(pos schema.Pos, folder string) {
	r.fault(schema.Faultf(pos, "unknown-folder", "there is no kind of definition called %q", folder).WithNearest(folder, folders))
}

func (r *reader) policy(pos schema.Pos, name, ext string) {
	if ext != ".rego" {
		r.fault(schema.Faultf(pos, "unknown-file", "the folder \"policies\" holds only .rego files"))
		return
	}
	pos.Line, pos.Col = 1, 1
	test := strings.HasSuffix(name, "_test.rego")
	r.pkg.Policies = append(r.pkg.Policies, &schema.Policy{Package: r.pkg.Name, Pos: pos, Source: r.pkg.Files[name], Test: test})
}

// yamlFile reads a definition, a test, a scenario or texts.
func (r *reader) yamlFile(pos schema.Pos, file, folder, base string) {
	name, test := strings.CutSuffix(base, "_test")
	if !naming.IsKebab(name) {
		r.fault(schema.Faultf(pos, "bad-file-name", "the name of the file is the name of the definition, and %q is no name", base).
			WithHint("write small Latin letters and digits, words joined by -, such as family-member.yaml, and no folders below %q", folder))
		return
	}
	switch {
	case test:
		r.definition(file, "tests", func(n *schema.Node) {
			r.pkg.Tests = append(r.pkg.Tests, &schema.Test{Pos: n.Pos, Folder: folder, Name: naming.Pascal(name), Root: n})
		})
	case folder == "i18n":
		r.definition(file, folder, func(n *schema.Node) {
			r.pkg.Texts = append(r.pkg.Texts, &schema.Texts{Language: name, Root: n})
		})
	case folder == "scenarios":
		r.definition(file, folder, func(n *schema.Node) {
			r.pkg.Scenarios = append(r.pkg.Scenarios, &schema.Scenario{Package: r.pkg.Name, Name: name, Pos: n.Pos, Title: text(n, "title"), Root: n})
		})
	default:
		r.definition(file, folder, func(n *schema.Node) { r.kind(folder, name, n) })
	}
}

// definition parses and checks a YAML file and hands its node on.
func (r *reader) definition(file, kind string, use func(*schema.Node)) {
	n, faults := source.Parse(r.pkg.Name+"/"+file, r.pkg.Files[file])
	r.faults = append(r.faults, faults...)
	if n == nil {
		return
	}
	if n.Kind != schema.MapNode {
		r.fault(schema.Faultf(n.Pos, "wrong-type", "a definition is a map of keys, and this is not").WithHint("begin with a key such as title:"))
		return
	}
	r.faults = append(r.faults, r.shapes.Check(kind, n)...)
	if kind != "tests" && kind != "scenarios" {
		r.empty(n)
	}
	use(n)
}

// most refuses more parts of a kind than the language allows, and leaves out those that are too many, so that a huge
// file cannot keep the loader busy.
func most[T any](r *reader, parts []T, limit int, what string, pos schema.Pos) []T {
	if len(parts) <= limit {
		return parts
	}
	r.faultf(pos, "too-many", "there are %d %s, more than the %d allowed", len(parts), what, limit)
	return parts[:limit]
}

// empty refuses keys without a value, which only tests may have: there they take a property away.
func (r *reader) empty(n *schema.Node) {
	for _, e := range n.Entries {
		if e.Value.Kind == schema.ScalarNode && e.Value.Scalar.Text == "" {
			r.fault(schema.Faultf(e.Key.Pos, "missing-value", "%q has no value", e.Key.Text).WithHint("write one, or remove the key"))
		}
		r.empty(e.Value)
	}
	for _, it := range n.Items {
		if it.Kind == schema.ScalarNode && it.Scalar.Text == "" {
			r.fault(schema.Faultf(it.Pos, "missing-value", "an item of the list is empty").WithHint("write it, or remove it"))
		}
		r.empty(it)
	}
}

// kind decodes a definition of a folder.
func (r *reader) kind(folder, name string, n *schema.Node) {
	p, m := r.pkg, r.meta(name, n)
	switch folder {
	case "types":
		p.Types = append(p.Types, r.typeDef(m, n))
	case "documents":
		p.Documents = append(p.Documents, r.document(m, n))
	case "classifiers":
		p.Classifiers = append(p.Classifiers, r.classifier(m, n))
	case "parameters":
		x := r.parameter(m, n)
		if x.Type == "" && len(x.Columns) == 0 && len(x.Keys) == 0 { // linking tells if it adds to no parameter
			p.Rows = append(p.Rows, x)
			return
		}
		p.Parameters = append(p.Parameters, x)
	case "acts":
		m.Name = name
		p.Acts = append(p.Acts, r.act(m, n))
	case "functions":
		p.Functions = append(p.Functions, r.function(m, n))
	case "measures":
		p.Measures = append(p.Measures, r.measure(m, n))
	case "workflows":
		p.Workflows = append(p.Workflows, r.workflow(m, n))
	case "lists":
		p.Lists = append(p.Lists, r.list(m, n))
	case "forms":
		p.Forms = append(p.Forms, r.form(m, n))
	case "printforms":
		p.PrintForms = append(p.PrintForms, r.printForm(m, name, n))
	case "formats":
		p.Formats = append(p.Formats, r.format(m, n))
	case "exchanges":
		p.Exchanges = append(p.Exchanges, r.exchange(m, n))
	}
}

func (r *reader) meta(name string, n *schema.Node) schema.Meta {
	return schema.Meta{Package: r.pkg.Name, Name: naming.Pascal(name), Pos: n.Pos, Title: text(n, "title"),
		Description: text(n, "description"), Law: law(n)}
}
