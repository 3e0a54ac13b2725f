package measure

import (
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// setParameters gives the world the values that the test sets: one value for all days and keys; rows for all days; or a
// map of dates with a value or rows each.
func (f *fixture) setParameters(world *expr.StaticWorld) error {
	for name, n := range f.parameters {
		p := f.cat.Parameters[name]
		if p == nil {
			return faultAt(n.Pos, "there is no parameter %s", name)
		}
		values, err := f.parameterValues(p, n)
		if err != nil {
			return err
		}
		world.SetParameter(name, values...)
	}
	return nil
}

func (f *fixture) parameterValues(p *schema.Parameter, n *schema.Node) ([]*schema.ParameterValue, error) {
	if n.Kind != schema.MapNode {
		v, err := f.parameterValue(p, n)
		return []*schema.ParameterValue{v}, err
	}
	var out []*schema.ParameterValue
	for _, e := range n.Entries {
		if _, err := value.ParseDate(e.Key.Text); err != nil {
			return nil, faultAt(e.Key.Pos, "values of %s stand under the dates from which they hold: %v", p.Name, err)
		}
		v, err := f.parameterValue(p, e.Value)
		if err != nil {
			return nil, err
		}
		v.From = e.Key.Text
		out = append(out, v)
	}
	return out, nil
}

// parameterValue is one value, or a list of rows.
func (f *fixture) parameterValue(p *schema.Parameter, n *schema.Node) (*schema.ParameterValue, error) {
	switch {
	case n.Kind == schema.ScalarNode && len(p.Columns) == 0:
		if fault := expr.CheckRow(&schema.Parameter{Type: p.Type}, []string{n.Text()}, f.hasItem); fault != nil {
			return nil, faultAt(n.Pos, "%v", fault)
		}
		return constant(p, n.Scalar), nil
	case n.Kind != schema.ListNode:
		return nil, faultAt(n.Pos, "%s is a table: write its rows, [[keys…, values…], …]", p.Name)
	case len(p.Keys) == 0 && len(p.Columns) == 0:
		return nil, faultAt(n.Pos, "%s has no keys, so its value is one", p.Name)
	}
	out := &schema.ParameterValue{From: "0001-01-01", Law: p.Law}
	for _, row := range n.Items {
		cells, err := f.cells(p, row)
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, cells)
	}
	return out, nil
}

func (f *fixture) cells(p *schema.Parameter, row *schema.Node) ([]schema.Scalar, error) {
	var texts []string
	var out []schema.Scalar
	for _, it := range row.Items {
		texts, out = append(texts, it.Text()), append(out, it.Scalar)
	}
	if fault := expr.CheckRow(p, texts, f.hasItem); fault != nil {
		pos := row.Pos
		if fault.Cell >= 0 {
			pos = row.Items[fault.Cell].Pos
		}
		return nil, faultAt(pos, "%v", fault)
	}
	return out, nil
}

// hasItem takes any code of a classifier that a region may add to.
func (f *fixture) hasItem(classifier, code string) bool {
	c := f.cat.Classifiers[classifier]
	return c != nil && (c.Owner != "package" || c.Item(code) != nil)
}

// constant is a parameter that has one value on all days, under every key that it ever had.
func constant(p *schema.Parameter, worth schema.Scalar) *schema.ParameterValue {
	out := &schema.ParameterValue{From: "0001-01-01", Law: p.Law}
	if len(p.Keys) == 0 {
		out.Value = worth
		return out
	}
	seen := map[string]bool{}
	for _, v := range p.Values {
		for _, row := range v.Rows {
			keys := slices.Clone(row[:min(len(p.Keys), len(row))])
			var id strings.Builder
			for _, k := range keys {
				id.WriteString(k.Text + "\x00")
			}
			if !seen[id.String()] {
				seen[id.String()] = true
				out.Rows = append(out.Rows, append(keys, worth))
			}
		}
	}
	return out
}
