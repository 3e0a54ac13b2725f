package policies

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"

	"mera/schema"
)

// TestResult is the outcome of one rule test_… of a *_test.rego.
type TestResult struct {
	Title   string
	Pos     schema.Pos
	Failure string // "" for a test that passed
	Asked   int    // how many times an entry point was asked, plainly and as a filter
}

// RunTests runs the tests of a package: each rule test_… must be true, and each entry point that it asks (with input
// as …) must give, as a filter on the row, the same answer as plainly.
func (s *Set) RunTests(ctx context.Context, pkg *schema.Package) []TestResult {
	return s.runTests(ctx, pkg.Name, pkg.Policies)
}

func (s *Set) runTests(ctx context.Context, name string, policies []*schema.Policy) []TestResult {
	u := s.units[name]
	h := &harness{set: s, unit: u, own: packageName(name)}
	modules := map[string]*ast.Module{}
	var tests []*ast.Module
	for _, p := range policies {
		m, ds := parse(p.Pos.File, p.Source)
		if m == nil || p.Test && u == nil {
			if p.Test {
				h.results = append(h.results, failed(p.Pos.File, p.Pos, "the policies of the package do not compile: "+message(ds)))
			}
			continue
		}
		modules[p.Pos.File] = m
		if p.Test {
			tests = append(tests, m)
		}
	}
	if len(tests) == 0 || u == nil {
		return h.results
	}
	if name != libPackage {
		modules[libFile] = s.lib
	}
	comp := ast.NewCompiler().WithCapabilities(capabilities())
	if comp.Compile(modules); comp.Failed() {
		d := regoFaults("", comp.Errors)[0]
		return append(h.results, failed(d.Pos.File, d.Pos, d.Message))
	}
	for _, m := range tests {
		for _, r := range m.Rules {
			if strings.HasPrefix(string(r.Head.Name), "test_") {
				h.run(ctx, comp, m, r)
			}
		}
	}
	slices.SortFunc(h.results, func(a, b TestResult) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line))
	})
	return h.results
}

func message(ds schema.Diagnostics) string {
	if len(ds) == 0 {
		return "see its diagnostics"
	}
	return ds[0].Message
}

func failed(title string, pos schema.Pos, failure string) TestResult {
	return TestResult{Title: title, Pos: pos, Failure: failure}
}

// testTime bounds one test.
const testTime = 10 * time.Second

// harness runs the tests of one unit.
type harness struct {
	set     *Set
	unit    *unit
	own     string
	results []TestResult
}

// recorder notes with which input each entry point was looked up, and the last expression that failed.
type recorder struct {
	unit   *unit
	asked  []asked
	failed *ast.Location
	file   string
}

type asked struct {
	entry string
	input *ast.Term
}

func (r *recorder) Enabled() bool               { return true }
func (r *recorder) Config() topdown.TraceConfig { return topdown.TraceConfig{} }

func (r *recorder) TraceEvent(e topdown.Event) {
	if e.Op == topdown.FailOp && e.Location != nil && e.Location.File == r.file {
		r.failed = e.Location
	}
	if e.Op != topdown.IndexOp || e.Ref == nil || e.Input() == nil {
		return
	}
	name, own := strings.CutPrefix(e.Ref.String(), "data."+r.unit.name+".")
	if own && r.unit.entries[name] != nil {
		r.asked = append(r.asked, asked{name, e.Input()})
	}
}

func (h *harness) run(ctx context.Context, comp *ast.Compiler, m *ast.Module, r *ast.Rule) {
	pos := position(r.Location, schema.Pos{})
	res := TestResult{Title: string(r.Head.Name), Pos: pos}
	rec := &recorder{unit: h.unit, file: pos.File}
	ctx, cancel := context.WithTimeout(ctx, testTime)
	defer cancel()
	query := ast.NewBody(ast.NewExpr(ast.NewTerm(m.Package.Path.Extend(r.Head.Ref()))))
	rs, err := rego.New(rego.Compiler(comp), rego.ParsedQuery(query), rego.QueryTracer(rec)).Eval(ctx)
	switch {
	case err != nil:
		res.Failure = firstLine(err.Error())
	case !rs.Allowed():
		res.Failure = "the test is not true"
		if rec.failed != nil {
			res.Failure = fmt.Sprintf("line %d is not true", rec.failed.Row)
		}
	default:
		res.Failure = h.compare(ctx, rec.asked)
	}
	res.Asked = len(rec.asked)
	h.results = append(h.results, res)
}

// compare holds the filters against the plain answers; the message is "" where they agree.
func (h *harness) compare(ctx context.Context, all []asked) string {
	for _, a := range all {
		if message := h.both(ctx, a); message != "" {
			return message
		}
	}
	return ""
}

func (h *harness) both(ctx context.Context, a asked) string {
	in, err := ast.JSON(a.input.Value)
	if err != nil {
		return err.Error()
	}
	known, _ := in.(map[string]any)
	typ, _ := known["type"].(string)
	policy := h.set.types[typ]
	if policy == nil || !slices.Contains(policy.units, h.unit) {
		return fmt.Sprintf("input.type %q is no type on which the package decides", typ)
	}
	row, _ := known["row"].(map[string]any)
	for name := range row {
		if _, ok := policy.attributes[name]; !ok {
			return fmt.Sprintf("%s has no attribute %q", typ, name)
		}
	}
	plain, err := h.set.plain(ctx, h.unit.entries[a.entry], a.input)
	if err != nil {
		return err.Error()
	}
	delete(known, "row")
	actor, _ := known["actor"].(map[string]any)
	known["actor"] = map[string]any(Actor(actor).class())
	v, err := ast.InterfaceToValue(known)
	if err != nil {
		return err.Error()
	}
	open, err := h.set.filterOf(ctx, h.unit.entries[a.entry], policy.attributes, ast.NewTerm(v))
	if err != nil {
		return err.Error()
	}
	bound := Bind(open, actor)
	filtered, err := bound.MatchRow(row)
	switch {
	case err != nil:
		return err.Error()
	case filtered != plain:
		return fmt.Sprintf("%s is %t plainly and %t as the filter %s", a.entry, plain, filtered, bound)
	}
	return ""
}
