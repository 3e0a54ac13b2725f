package measure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mera/schema"
)

// TestResult is the outcome of one case, or of one row of its table. Diff says what differs, "" where all agrees.
type TestResult struct {
	Name string
	Pos  schema.Pos // of the case, its row, or the fault in it
	Diff string
}

// Passed tells that the case agrees.
func (r TestResult) Passed() bool { return r.Diff == "" }

// RunTest plays a test of the measure without a database: each case is decided from its own records, and its slices
// are computed from the decision as it would be stored. Beside types with their records, `given` takes `answered`
// (request → the day of the answer, or the days it speaks of), `answers` (condition or fact → what a person said), and,
// where there are several, which `doc` and `beneficiary` the case is about; `attachments` on a record say that the
// citizen brought it. Columns of a table are patches of `given`, or let.X, pays.X, parameters.X, granted, refused,
// unclear; an empty cell expects nothing.
func (m *Measure) RunTest(t *schema.Test) []TestResult { return m.RunTestOver(t, nil) }

// RunTestOver is RunTest with accounts, over which `then` goes on after the decision of a case.
func (m *Measure) RunTestOver(t *schema.Test, accounts func() Accounts) []TestResult {
	base := newFixture(m.cat)
	var cases *schema.Node
	for _, e := range entriesOf(t.Root) {
		var err error
		switch e.Key.Text {
		case "parameters":
			err = put(base.parameters, e.Value)
		case "given":
			err = base.apply(e.Value)
		case "cases":
			cases = e.Value
		case "title", "description":
		default:
			err = faultAt(e.Key.Pos, "a test has parameters, given and cases, not %s", e.Key)
		}
		if err != nil {
			return []TestResult{faulty(t.Name, e.Key.Pos, err)}
		}
	}
	if cases == nil || cases.Kind != schema.MapNode {
		return []TestResult{faulty(t.Name, t.Pos, errors.New("the test has no cases"))}
	}
	var out []TestResult
	for _, e := range cases.Entries {
		out = append(out, m.runCase(base, e, accounts)...)
	}
	return out
}

func entriesOf(n *schema.Node) []schema.Entry {
	if n == nil {
		return nil
	}
	return n.Entries
}

func itemsOf(n *schema.Node) []*schema.Node {
	if n == nil {
		return nil
	}
	return n.Items
}

// faulty is the result of a case that could not be played.
func faulty(name string, pos schema.Pos, err error) TestResult {
	var fault *testFault
	if errors.As(err, &fault) {
		pos = fault.pos
	}
	return TestResult{Name: name, Pos: pos, Diff: err.Error()}
}

// runCase plays one case: once, or once for each row of its table.
func (m *Measure) runCase(base *fixture, e schema.Entry, accounts func() Accounts) []TestResult {
	c, err := readCase(e)
	if err != nil {
		return []TestResult{faulty(e.Key.Text, e.Key.Pos, err)}
	}
	if c.table == nil {
		return []TestResult{m.play(base, c, e.Key.Text, accounts)}
	}
	var out []TestResult
	for i, row := range c.rows {
		name := fmt.Sprintf("%s [%d]", e.Key.Text, i+1)
		one, err := c.row(row)
		if err != nil {
			out = append(out, faulty(name, row.Pos, err))
			continue
		}
		out = append(out, m.play(base, one, name, accounts))
	}
	return out
}

// testCase is a case as written: patches of the world, and what is expected.
type testCase struct {
	pos                       schema.Pos
	patches                   []schema.Entry // of given
	parameters                []schema.Entry
	granted, refused, unclear *schema.Node
	lets, pays                []schema.Entry
	then                      []*schema.Node
	table                     []*schema.Node
	rows                      []*schema.Node
}

func readCase(e schema.Entry) (*testCase, error) {
	c := &testCase{pos: e.Key.Pos}
	if e.Value == nil || e.Value.Kind != schema.MapNode {
		return nil, faultAt(e.Key.Pos, "a case is a map")
	}
	for _, k := range e.Value.Entries {
		if err := c.key(k.Key, k.Value); err != nil {
			return nil, err
		}
	}
	if (c.table == nil) != (c.rows == nil) {
		return nil, faultAt(c.pos, "table and rows go together")
	}
	return c, nil
}

func (c *testCase) key(key schema.Scalar, n *schema.Node) error {
	if isNull(n) { // a cell of a table that expects nothing
		n = nil
	}
	switch key.Text {
	case "given":
		c.patches = append(c.patches, entriesOf(n)...)
	case "parameters":
		c.parameters = append(c.parameters, entriesOf(n)...)
	case "granted":
		c.granted = n
	case "refused":
		c.refused = n
	case "unclear":
		c.unclear = n
	case "let":
		c.lets = append(c.lets, entriesOf(n)...)
	case "pays":
		c.pays = append(c.pays, entriesOf(n)...)
	case "table":
		c.table = itemsOf(n)
	case "rows":
		c.rows = itemsOf(n)
	case "title", "description", "law":
	case "then":
		if n != nil && (n.Kind != schema.ListNode || len(n.Items) == 0) {
			return faultAt(n.Pos, "then is a list of steps")
		}
		c.then = itemsOf(n)
	default:
		return faultAt(key.Pos, "a case has no %s: given, parameters, granted, refused, unclear, let, pays, then, table, rows", key)
	}
	return nil
}

// row is the case with the values of one row: a column names an expectation, or what it patches.
func (c *testCase) row(row *schema.Node) (*testCase, error) {
	if len(row.Items) != len(c.table) {
		return nil, faultAt(row.Pos, "the row has %d values, the table %d columns", len(row.Items), len(c.table))
	}
	one := *c
	one.pos = row.Pos
	one.patches, one.lets, one.pays = slices.Clone(c.patches), slices.Clone(c.lets), slices.Clone(c.pays)
	one.parameters = slices.Clone(c.parameters)
	for i, col := range c.table {
		head, rest, dotted := strings.Cut(col.Text(), ".")
		entry := schema.Entry{Key: schema.Scalar{Text: rest, Pos: row.Items[i].Pos}, Value: row.Items[i]}
		switch {
		case isNull(row.Items[i]) && (head == "let" || head == "pays"): // a cell that expects nothing
		case dotted && head == "let":
			one.lets = append(one.lets, entry)
		case dotted && head == "pays":
			one.pays = append(one.pays, entry)
		case dotted && head == "parameters":
			one.parameters = append(one.parameters, entry)
		case !dotted:
			if err := one.key(schema.Scalar{Text: head, Pos: col.Pos}, row.Items[i]); err != nil {
				return nil, err
			}
		default:
			entry.Key.Text = col.Text()
			one.patches = append(one.patches, entry)
		}
	}
	return &one, nil
}

// play decides a case and compares.
func (m *Measure) play(base *fixture, c *testCase, name string, accounts func() Accounts) TestResult {
	diff, err := m.compare(base, c, accounts)
	if err != nil {
		return faulty(name, c.pos, err)
	}
	return TestResult{Name: name, Pos: c.pos, Diff: strings.Join(diff, "\n")}
}

func (m *Measure) compare(base *fixture, c *testCase, accounts func() Accounts) ([]string, error) {
	in, err := m.world(base, c)
	if err != nil {
		return nil, err
	}
	decisions, err := m.Decide(in)
	if err != nil {
		return nil, err
	}
	if len(decisions) == 0 {
		return nil, faultAt(c.pos, "there is no such beneficiary")
	}
	var out []string
	for _, d := range decisions {
		diff, err := m.differences(in, c, d)
		if err != nil {
			return nil, err
		}
		if len(diff) > 0 && len(decisions) > 1 {
			out = append(out, "of "+d.Beneficiary+":")
		}
		out = append(out, diff...)
	}
	if len(out) > 0 || c.then == nil {
		return out, nil
	}
	return m.goOn(base, c, decisions, accounts)
}

// world makes the input of a case.
func (m *Measure) world(base *fixture, c *testCase) (Input, error) {
	f := base.clone()
	if err := f.apply(&schema.Node{Kind: schema.MapNode, Pos: c.pos, Entries: c.patches}); err != nil {
		return Input{}, err
	}
	if err := put(f.parameters, &schema.Node{Kind: schema.MapNode, Entries: c.parameters}); err != nil {
		return Input{}, err
	}
	facts, err := f.facts()
	if err != nil {
		return Input{}, err
	}
	in := Input{Ctx: context.Background(), Facts: facts, World: facts.world, Beneficiary: f.words["beneficiary"].Text()}
	if in.Answers, err = f.said(); err != nil {
		return in, err
	}
	in.Doc, err = facts.document(m.def.About.Text, f.words["doc"].Text())
	if err != nil {
		err = faultAt(c.pos, "%v", err)
	}
	return in, err
}
