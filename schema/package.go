package schema

// Package is one catalog package: all its definitions as written, before they are linked with those of the packages
// that it requires.
type Package struct {
	Name     string
	Pos      Pos
	Version  string // semver
	Title    string
	Prefix   string // compulsory outside the embedded catalog
	Core     bool   // of the embedded catalog, so that it needs no prefix; set by the caller of load.Read
	Requires []Requirement
	Roles    []*Role

	Types       []*TypeDef
	Documents   []*Document
	Classifiers []*Classifier
	Parameters  []*Parameter
	Rows        []*Parameter // rows for parameters of other packages: name and values only
	Acts        []*Act
	Functions   []*Function
	Measures    []*Measure
	Workflows   []*Workflow
	Lists       []*List
	Forms       []*Form
	PrintForms  []*PrintForm
	Policies    []*Policy
	Formats     []*Format
	Exchanges   []*Exchange
	Texts       []*Texts
	Tests       []*Test
	Scenarios   []*Scenario

	Files  map[string][]byte // every file of the package by its path inside it
	Digest string            // "sha256:…" over names and contents of Files, in order of names
}

// Requirement names a package that must be installed too, with a semver range such as "^1".
type Requirement struct {
	Name  Scalar
	Range Scalar
}

// Role is a duty that policies, tasks and events name.
type Role struct {
	Name  string
	Title string
	Pos   Pos
}

// Law cites an article of an act. Both must resolve.
type Law struct {
	Act     Scalar
	Article Scalar
}

// IsZero tells that no law was cited.
func (l Law) IsZero() bool { return l.Act.IsZero() }

// Meta is what every definition has: its name, its place, the texts that people read and the law behind it.
type Meta struct {
	Package     string
	Name        string // PascalCase, from the file's name (acts keep their kebab-case)
	Pos         Pos    // of the file's first key
	Title       string
	Description string
	Law         Law
}

// Case is one entry of a VALUE: the first case whose From is not after the date of the slot and whose When is true.
type Case struct {
	From Scalar // date
	When Scalar // expression
	Is   Scalar // expression
	Law  Law
}

// Value is a VALUE of the language: one expression, written alone as a single case, or a list of cases.
type Value struct {
	Pos   Pos
	Cases []Case
}

// IsZero tells that the value was not written.
func (v Value) IsZero() bool { return len(v.Cases) == 0 }

// ValueMap is a map of `where`, `set`, `given`, `key` or `source`: a scalar is a literal, and a leading "=" makes it
// an expression. Nested maps and lists are kept as written.
type ValueMap struct {
	Pos     Pos
	Entries []Entry
}

// Number is `x-number` of a property or `number` of a workflow.
type Number struct {
	Pos    Pos
	Per    []Scalar // property paths, or the words office and year
	Format Scalar   // template over n, year, office and the properties: "{n:03}-x"
	Series Scalar   // shared by types; empty: the type and property
	At     Scalar   // a state: given on its first entry
	Gaps   bool     // cached blocks, so numbers may be skipped
}

// Texts is one file of i18n: folder → name → merge patch that holds texts only.
type Texts struct {
	Language string
	Root     *Node
}

// Test is one `*_test.yaml` beside a definition.
type Test struct {
	Pos    Pos
	Folder string // measures, workflows, functions, parameters, documents, formats, exchanges
	Name   string // of the definition, PascalCase
	Root   *Node
}

// Scenario is one story that is played through public GraphQL.
type Scenario struct {
	Package string
	Name    string // kebab-case: the file's name
	Pos     Pos
	Title   string
	Root    *Node
}

// Policy is one Rego module of a package. Test modules are marked.
type Policy struct {
	Package string
	Pos     Pos
	Source  []byte
	Test    bool
}

// Act is a legal act that `law` cites.
type Act struct {
	Meta
	Number   string
	Date     string
	URL      string
	Articles []*Article
}

// Article is one article (point, part) of an act.
type Article struct {
	Name     string
	Pos      Pos
	Title    string
	From, To string // dates
}
