package measure

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// fixture is the world of one test case, as written: records by name, answers, values of parameters.
type fixture struct {
	cat        *schema.Catalog
	records    []*given
	answered   map[string]*schema.Node // request → days
	answers    map[string]*schema.Node // condition or fact → what a person said
	words      map[string]*schema.Node // doc, beneficiary: which of several records the case is about
	parameters map[string]*schema.Node
}

// given is one entry of `given`: properties as written. A list or a range in a property that holds one value makes a
// record of each.
type given struct {
	typ, name  string
	pos        schema.Pos
	properties map[string]*schema.Node
}

// testFault is something wrong with a test itself.
type testFault struct {
	pos schema.Pos
	msg string
}

func (f *testFault) Error() string { return f.msg }

func faultAt(pos schema.Pos, format string, args ...any) error {
	return &testFault{pos, fmt.Sprintf(format, args...)}
}

func newFixture(cat *schema.Catalog) *fixture {
	none := func() map[string]*schema.Node { return map[string]*schema.Node{} }
	return &fixture{cat: cat, answered: none(), answers: none(), words: none(), parameters: none()}
}

func (f *fixture) clone() *fixture {
	out := newFixture(f.cat)
	for _, r := range f.records {
		c := *r
		c.properties = maps.Clone(r.properties)
		out.records = append(out.records, &c)
	}
	out.answered, out.answers = maps.Clone(f.answered), maps.Clone(f.answers)
	out.words, out.parameters = maps.Clone(f.words), maps.Clone(f.parameters)
	return out
}

func isNull(n *schema.Node) bool {
	return n == nil || n.Kind == schema.ScalarNode && n.Scalar.Null
}

// put copies entries into a map; a null removes.
func put(m map[string]*schema.Node, n *schema.Node) error {
	if n.Kind != schema.MapNode {
		return faultAt(n.Pos, "a map is wanted here")
	}
	for _, e := range n.Entries {
		if isNull(e.Value) {
			delete(m, e.Key.Text)
			continue
		}
		m[e.Key.Text] = e.Value
	}
	return nil
}

// apply adds a `given` map to the fixture: types with records; `answered`; `answers` of a person; `doc` and
// `beneficiary`; and, in the patch of a case, records by their names and single properties as record.property.
func (f *fixture) apply(n *schema.Node) error {
	if n.Kind != schema.MapNode {
		return faultAt(n.Pos, "given is a map of types and records")
	}
	for _, e := range n.Entries {
		if err := f.set(e.Key, e.Value); err != nil {
			return err
		}
	}
	return nil
}

func (f *fixture) set(key schema.Scalar, n *schema.Node) error {
	name, property, dotted := strings.Cut(key.Text, ".")
	switch {
	case key.Text == "answered":
		return put(f.answered, n)
	case key.Text == "answers":
		return put(f.answers, n)
	case key.Text == "doc" || key.Text == "beneficiary":
		f.words[key.Text] = n
		return nil
	case dotted && f.record(name) != nil:
		return put(f.record(name).properties, &schema.Node{Kind: schema.MapNode,
			Entries: []schema.Entry{{Key: schema.Scalar{Text: property}, Value: n}}})
	case dotted:
		return faultAt(key.Pos, "no record is called %s", name)
	case factType(f.cat, key.Text) != nil:
		return f.typeMap(key.Text, n)
	case f.record(key.Text) == nil:
		return faultAt(key.Pos, "%s is neither a document nor a record of this test", key)
	case isNull(n):
		f.records = slices.DeleteFunc(f.records, func(r *given) bool { return r.name == key.Text })
		return nil
	}
	return put(f.record(key.Text).properties, n)
}

func (f *fixture) typeMap(typ string, n *schema.Node) error {
	if isNull(n) {
		f.records = slices.DeleteFunc(f.records, func(r *given) bool { return r.typ == typ })
		return nil
	}
	if n.Kind != schema.MapNode {
		return faultAt(n.Pos, "under %s stand its records by name", typ)
	}
	for _, e := range n.Entries {
		if isNull(e.Value) {
			f.records = slices.DeleteFunc(f.records, func(r *given) bool { return r.name == e.Key.Text })
			continue
		}
		rec := f.record(e.Key.Text)
		if rec == nil {
			rec = &given{typ: typ, name: e.Key.Text, pos: e.Key.Pos, properties: map[string]*schema.Node{}}
			f.records = append(f.records, rec)
		}
		if rec.typ != typ {
			return faultAt(e.Key.Pos, "%s is the name of a %s already", rec.name, rec.typ)
		}
		if err := put(rec.properties, e.Value); err != nil {
			return err
		}
	}
	return nil
}

func (f *fixture) record(name string) *given {
	for _, r := range f.records {
		if r.name == name {
			return r
		}
	}
	return nil
}

// build makes the records of the fixture.
func (f *fixture) build() ([]*expr.Record, error) {
	var out []*expr.Record
	for _, g := range f.records {
		rows, err := f.rows(g)
		if err != nil {
			return nil, err
		}
		for i, data := range rows {
			rec := &expr.Record{Type: g.typ, ID: g.name, Version: 1, Data: data}
			if len(rows) > 1 {
				rec.ID = fmt.Sprintf("%s-%03d", g.name, i+1)
			}
			rec.Kernel = map[string]any{"id": rec.ID, "version": int64(1)}
			out = append(out, rec)
		}
	}
	return out, nil
}

// rows are the data of a given record, one for each element of its lists and ranges.
func (f *fixture) rows(g *given) ([]map[string]any, error) {
	doc := factType(f.cat, g.typ)
	rows := []map[string]any{{}}
	for _, p := range doc.Properties {
		n := g.properties[p.Name]
		if n == nil || p.Type == nil {
			continue
		}
		var next []map[string]any
		for _, one := range spread(p.Type, n) {
			v, err := f.stored(p.Type, one)
			if err != nil {
				return nil, err
			}
			for _, row := range rows {
				with := map[string]any{p.Name: v}
				for k, old := range row {
					with[k] = old
				}
				next = append(next, with)
			}
		}
		rows = next
	}
	for name, n := range g.properties {
		if doc.Property(name) == nil && name != attachmentsKey {
			return nil, faultAt(n.Pos, "%s has no property %s", g.typ, name)
		}
	}
	return rows, nil
}

// attachmentsKey on a given record says that the citizen brought it with an attachment.
const attachmentsKey = "attachments"

// spread gives one node for each value of a list or range that stands in a property of one value.
func spread(t *schema.Type, n *schema.Node) []*schema.Node {
	if n.Kind == schema.ListNode && t.Kind != schema.Array {
		return n.Items
	}
	from, to, isRange := strings.Cut(n.Text(), "..")
	if !isRange || t.Kind != schema.Month {
		return []*schema.Node{n}
	}
	window, err := daysNamed(from + ".." + to)
	if err != nil {
		return []*schema.Node{n}
	}
	var out []*schema.Node
	for _, m := range window.Months() {
		one := *n
		one.Scalar.Text = m.From.String()[:len("2024-01")]
		out = append(out, &one)
	}
	return out
}

// stored is the stored form of a node for a property. Names of records stand for links.
func (f *fixture) stored(t *schema.Type, n *schema.Node) (any, error) {
	switch {
	case t.Kind == schema.Array && n.Kind == schema.ListNode:
		out := make([]any, len(n.Items))
		for i, it := range n.Items {
			v, err := f.stored(t.Elem, it)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	case t.Kind == schema.Object && n.Kind == schema.MapNode:
		out := map[string]any{}
		for _, e := range n.Entries {
			p := t.Field(e.Key.Text)
			if p == nil {
				return nil, faultAt(e.Key.Pos, "there is no property %s here", e.Key)
			}
			v, err := f.stored(p.Type, e.Value)
			if err != nil {
				return nil, err
			}
			out[p.Name] = v
		}
		return out, nil
	case n.Kind != schema.ScalarNode:
		return nil, faultAt(n.Pos, "a single value is wanted here")
	case t.Kind == schema.Link:
		if f.record(n.Text()) == nil {
			return nil, faultAt(n.Pos, "no record is called %s", n.Text())
		}
		return n.Text(), nil
	}
	v, err := literal(t, n.Text())
	if err != nil {
		return nil, faultAt(n.Pos, "%v", err)
	}
	return v, nil
}

// daysNamed reads a window as tests write it: 2019-07-16, 2019-07,
// 2019-07..2019-08, 2019-07-01.., 2019.
func daysNamed(text string) (value.Period, error) {
	from, to, isRange := strings.Cut(text, "..")
	p, err := daysOfWord(from)
	if err != nil || !isRange {
		return p, err
	}
	if to == "" {
		p.To = value.Forever
		return p, nil
	}
	end, err := daysOfWord(to)
	p.To = end.To
	return p, err
}

func daysOfWord(text string) (value.Period, error) {
	switch len(text) {
	case len("2024"):
		d, err := value.ParseDate(text + "-01-01")
		return unitOf(d, everyYear), err
	case len("2024-01"):
		d, err := value.ParseDate(text + "-01")
		return unitOf(d, everyMonth), err
	}
	d, err := value.ParseDate(text)
	return value.Period{From: d, To: d}, err
}
