package measure

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// RunTest plays tests of functions, parameters and documents, which need no measure. A case of the first two evaluates
// `call`, an expression over the records of the test by their names and `day`, and compares with `is`. A case of a
// document compares the checks that are false of its record with `fails`; `day` is today.
func RunTest(t *schema.Test, cat *schema.Catalog, env *expr.Env) []TestResult {
	base := newFixture(cat)
	var cases *schema.Node
	var today *schema.Node
	for _, e := range entriesOf(t.Root) {
		var err error
		switch e.Key.Text {
		case "parameters":
			err = put(base.parameters, e.Value)
		case "given":
			err = base.apply(e.Value)
		case "today":
			today = e.Value
		case "cases":
			cases = e.Value
		case "title", "description":
		default:
			err = faultAt(e.Key.Pos, "a test of %s has parameters, given, today and cases, not %s", t.Folder, e.Key)
		}
		if err != nil {
			return []TestResult{faulty(t.Name, e.Key.Pos, err)}
		}
	}
	var out []TestResult
	for _, e := range entriesOf(cases) {
		c := &call{test: t, cat: cat, env: env, entry: e, day: today}
		diff, err := c.run(base.clone())
		if err != nil {
			out = append(out, faulty(e.Key.Text, e.Key.Pos, err))
			continue
		}
		out = append(out, TestResult{Name: e.Key.Text, Pos: e.Key.Pos, Diff: strings.Join(diff, "\n")})
	}
	if len(out) == 0 {
		return []TestResult{faulty(t.Name, t.Pos, fmt.Errorf("the test has no cases"))}
	}
	return out
}

// call is a case of such a test.
type call struct {
	test      *schema.Test
	cat       *schema.Catalog
	env       *expr.Env
	entry     schema.Entry
	day       *schema.Node
	src       schema.Scalar
	is, fails *schema.Node
}

func (c *call) run(f *fixture) ([]string, error) {
	for _, k := range entriesOf(c.entry.Value) {
		var err error
		switch k.Key.Text {
		case "given":
			err = f.apply(k.Value)
		case "parameters":
			err = put(f.parameters, k.Value)
		case "day":
			c.day = k.Value
		case "call":
			c.src = k.Value.Scalar
		case "is":
			c.is = k.Value
		case "fails", "faults":
			c.fails = k.Value
		case "title", "description":
		default:
			err = faultAt(k.Key.Pos, "%s is not supported in tests of %s", k.Key, c.test.Folder)
		}
		if err != nil {
			return nil, err
		}
	}
	facts, err := f.facts()
	if err != nil {
		return nil, err
	}
	if c.test.Folder == "documents" {
		return c.checks(facts, f)
	}
	return c.evaluate(facts)
}

// date is the day of the case; absent if it has none.
func (c *call) date() (value.Date, error) {
	if isNull(c.day) {
		return value.Date{}, nil
	}
	d, err := value.ParseDate(c.day.Text())
	if err != nil {
		return d, faultAt(c.day.Pos, "%v", err)
	}
	return d, nil
}

func (c *call) evaluate(facts *testFacts) ([]string, error) {
	day, err := c.date()
	if err != nil {
		return nil, err
	}
	scope, vars := map[string]*expr.Type{}, map[string]any{}
	for _, rec := range facts.records {
		scope[rec.ID], vars[rec.ID] = expr.RecordOf(rec.Type), rec
	}
	if !day.IsZero() {
		scope["day"], vars["day"] = expr.DateT, day
	}
	p, diags := c.env.Compile(c.src, expr.Scope{Vars: scope}, nil)
	if diags.Faulty() {
		return nil, faultAt(diags[0].Pos, "%s", diags[0].Message)
	}
	res, err := p.Eval(expr.Input{Ctx: context.Background(), Vars: vars, Day: day, World: facts.world})
	if err != nil {
		return nil, err
	}
	stored, err := encode(res.Value)
	if err != nil {
		return nil, err
	}
	got := Named{Name: c.src.Text, Value: stored, Text: display(res.Value), Unclear: res.Unclear}
	same, err := sameLet(p.Type(), c.is, got)
	if err != nil || same {
		return nil, err
	}
	return mismatch(c.is.Text(), got.shown()), nil
}

// checks compares the names of the checks that are known to be false.
func (c *call) checks(facts *testFacts, f *fixture) ([]string, error) {
	day, err := c.date()
	if err != nil {
		return nil, err
	}
	rec, err := facts.document(c.test.Name, f.words["doc"].Text())
	if err != nil {
		return nil, faultAt(c.entry.Key.Pos, "%v", err)
	}
	scope := map[string]*expr.Type{"doc": expr.RecordOf(rec.Type), "today": expr.DateT, "actor": expr.Dyn, "now": expr.TimestampT}
	var failed, wanted []string
	for _, check := range c.cat.Documents[rec.Type].Checks {
		p, diags := c.env.Compile(check.Rule, expr.Scope{Vars: scope}, expr.Bool)
		if diags.Faulty() {
			return nil, faultAt(diags[0].Pos, "%s", diags[0].Message)
		}
		vars := map[string]any{"doc": rec}
		if !day.IsZero() {
			vars["today"] = day
		}
		res, err := p.Eval(expr.Input{Ctx: context.Background(), Vars: vars, Day: day, World: facts.world})
		if err != nil {
			return nil, err
		}
		if res.Known() && res.Value == false {
			failed = append(failed, check.Name)
		}
	}
	for _, n := range itemsOf(c.fails) {
		wanted = append(wanted, n.Text())
	}
	if slices.Equal(joined(failed), joined(wanted)) {
		return nil, nil
	}
	return mismatch("fails: "+strings.Join(wanted, ", "), "fails: "+strings.Join(failed, ", ")), nil
}
