package expr

import (
	"context"
	"maps"
	"slices"

	"mera/schema"
)

// Env compiles expressions over one catalog. It is built once and never changes; any number of goroutines may use it.
type Env struct {
	cat       *schema.Catalog
	functions map[string]*function
	computed  map[string]*Program // x-value by document and property
	summaries map[string]*Program // summary by document
	diags     schema.Diagnostics
}

// Scope is the names that an expression of a slot may read, with their types.
type Scope struct{ Vars map[string]*Type }

// NewEnv compiles the functions and the computed properties of a catalog; Diagnostics tells their faults.
func NewEnv(cat *schema.Catalog) *Env {
	if cat == nil {
		cat = schema.NewCatalog()
	}
	e := &Env{cat: cat, functions: map[string]*function{}, computed: map[string]*Program{}, summaries: map[string]*Program{}}
	for _, name := range slices.Sorted(maps.Keys(cat.Functions)) {
		e.compileFunction(name)
	}
	for _, name := range slices.Sorted(maps.Keys(cat.Documents)) {
		for _, p := range cat.Documents[name].Properties {
			e.compileComputed(name, p)
		}
		e.compileSummary(cat.Documents[name])
	}
	return e
}

// Diagnostics are the faults of functions and computed properties, which belong to no slot that is compiled later.
func (e *Env) Diagnostics() schema.Diagnostics { return e.diags.Sorted() }

// compileComputed compiles x-value of a property; it reads doc.
func (e *Env) compileComputed(document string, p *schema.Property) {
	if p.Value.IsZero() || p.Type == nil {
		return
	}
	doc := []local{{"doc", RecordOf(document), []string{"doc"}}}
	prog, diags := e.compile(p.Value, Scope{}, doc, FromSchema(p.Type))
	e.diags = append(e.diags, diags...)
	if prog != nil {
		e.computed[document+"."+p.Name] = prog
	}
}

// compileSummary compiles the line that names a record; it reads doc.
func (e *Env) compileSummary(d *schema.Document) {
	if d.Summary.IsZero() {
		return
	}
	prog, diags := e.compile(d.Summary, Scope{}, []local{{"doc", RecordOf(d.Name), []string{"doc"}}}, Text)
	e.diags = append(e.diags, diags...)
	if prog != nil {
		e.summaries[d.Name] = prog
	}
}

// Program is a compiled expression. It never changes and may be evaluated by any number of goroutines.
type Program struct {
	env    *Env
	typ    *Type
	root   *node
	locals int
	uses   *uses
	reads  []string // names of the scope, sorted
	cases  []caseOf // of a VALUE
	rule   bool     // a bool is wanted: absent is unclear
}

// whole is the program when all of it is compiled.
func (p *Program) whole() *Program {
	p.reads = slices.Sorted(maps.Keys(p.uses.reads))
	return p
}

// Compile compiles an expression in the scope of its slot. want is the type that the slot wants, nil for any. A program
// that has faults is nil.
func (e *Env) Compile(src schema.Scalar, s Scope, want *Type) (*Program, schema.Diagnostics) {
	return e.compile(src, s, nil, want)
}

func (e *Env) compile(src schema.Scalar, s Scope, locals []local, want *Type) (*Program, schema.Diagnostics) {
	uses := newUses()
	depth := len(locals)
	n, diags := e.node(src, s, locals, want, uses, &depth)
	if n == nil {
		return nil, diags.Sorted()
	}
	p := &Program{env: e, typ: n.typ, root: n, locals: depth, uses: uses, rule: want.is(schema.Boolean)}
	return p.whole(), diags.Sorted()
}

// node compiles one text; nil after a fault.
func (e *Env) node(src schema.Scalar, s Scope, locals []local, want *Type, uses *uses, depth *int) (*node, schema.Diagnostics) {
	tree, text, diags := parse(src)
	if diags.Faulty() {
		return nil, diags
	}
	c := &compiler{env: e, src: text, scope: s.Vars, locals: slices.Clone(locals), depth: depth, uses: uses}
	n := c.fit(c.expr(tree), want)
	if c.diags.Faulty() || n.bad() {
		return nil, c.diags
	}
	return n, c.diags
}

// Pos is where the program is written.
func (p *Program) Pos() schema.Pos {
	if len(p.cases) > 0 {
		return p.cases[0].is.pos
	}
	return p.root.pos
}

// Type is the type of the result.
func (p *Program) Type() *Type { return p.typ }

// Reads are the names of the scope that are read, sorted.
func (p *Program) Reads() []string { return slices.Clone(p.reads) }

// Vars are the names that are read with their values, for an Input. An error of value is returned as it is.
func (p *Program) Vars(value func(name string) (any, error)) (map[string]any, error) {
	vars := make(map[string]any, len(p.reads))
	for _, name := range p.reads {
		v, err := value(name)
		if err != nil {
			return nil, err
		}
		vars[name] = v
	}
	return vars, nil
}

// Turns tells that it calls turns, itself or in a function: evaluations tell Input.Turn of those days.
func (p *Program) Turns() bool { return p != nil && p.uses.turns }

// Parameters are the parameters that are read, also through functions, sorted.
func (p *Program) Parameters() []string { return slices.Sorted(maps.Keys(p.uses.parameters)) }

// Paths are the dotted paths that are read from names of the scope, also through elements of lists and arguments of
// functions, as far as the text shows them; sorted.
func (p *Program) Paths() [][]string {
	out := slices.Clone(p.uses.paths)
	slices.SortFunc(out, slices.Compare[[]string])
	return slices.CompactFunc(out, slices.Equal[[]string])
}

// Eval evaluates the program. The error is ErrCost, ErrOverflow, that of the context or of the world; all else that is
// wrong with the data is unclear.
func (p *Program) Eval(in Input) (Result, error) {
	r := &run{env: p.env, in: in, ctx: in.Ctx, limit: costLimit}
	if r.ctx == nil {
		r.ctx = context.Background()
	}
	if err := r.ctx.Err(); err != nil {
		return Result{}, err
	}
	if in.Cost != nil {
		r.limit = min(r.limit, *in.Cost)
	}
	if in.Trace {
		r.seen = map[Step]bool{}
	}
	f := &frame{run: r}
	if p.locals > 0 {
		f.locals = make([]any, p.locals)
	}
	res := p.result(f)
	if in.Cost != nil {
		*in.Cost -= min(r.spent, *in.Cost)
	}
	if r.err != nil {
		return Result{}, r.err
	}
	res.Trace = r.steps
	return res, nil
}

// result evaluates and says what is missing.
func (p *Program) result(f *frame) Result {
	res := Result{Case: -1}
	if p.cases != nil {
		res.Case, res.Value = choose(f, p.cases)
		if res.Case >= 0 {
			res.Law = p.cases[res.Case].law
		}
	} else {
		f.spend(1)
		res.Value = p.root.eval(f)
	}
	if res.Value == nil && p.rule {
		res.Value = Unknown{[]string{p.root.text}}
	}
	if f.in.Trace && f.err == nil {
		f.explain(Step{Text: p.text(res.Case), Value: f.display(res.Value), Law: res.Law})
	}
	if text, ok := res.Value.(filled); ok {
		res.Value, res.Unclear = text.text, text.missing.Names
		return res
	}
	missing := missingOf(res.Value)
	res.Unclear = missing.Names
	if _, none := res.Value.(Unknown); none {
		res.Value = nil
	}
	return res
}

// text is the source of what was evaluated.
func (p *Program) text(which int) string {
	if which >= 0 && which < len(p.cases) {
		return p.cases[which].is.text
	}
	return p.root.text
}

// missingOf is what is not known of a value, also of elements of a list.
func missingOf(v any) Unknown {
	if u, ok := unknown(v); ok {
		return u
	}
	var items []any
	var missing Unknown
	switch l := v.(type) {
	case []any:
		items = l
	case PartList:
		items, missing = parts(l)
	}
	for _, it := range items {
		missing = missing.and(missingOf(it))
	}
	return missing
}
