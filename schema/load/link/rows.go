package link

import (
	"slices"
	"strings"

	"mera/schema"
)

// addRows joins the rows that a package adds to a parameter of a package that it requires. It changes none: a row with
// the keys of another one is a fault, whatever their dates, so that no order of packages decides what holds.
func (l *linker) addRows(pkg *schema.Package, x *schema.Parameter) {
	base := l.cat.Parameters[x.Name]
	if base == nil {
		l.fault(schema.Faultf(x.Pos, "one-of", "the parameter has none of type, columns").
			WithHint("write one of them; a file without them adds rows to the parameter of that name in a required package"))
		return
	}
	if !l.sees[pkg.Name][base.Package] {
		l.fault(schema.Faultf(x.Pos, "not-required", "the parameter %q belongs to the package %q, which %q does not require", x.Name, base.Package, pkg.Name).
			WithHint("add %s to requires in package.yaml", base.Package))
		return
	}
	if len(base.Keys) == 0 {
		l.fault(schema.Faultf(x.Pos, "wrong-target", "%s has no keys, so it has one value and takes no rows", x.Name).
			WithHint("a new value of it is data of the region: setParameter"))
		return
	}
	joined := *base
	joined.Values = slices.Clone(base.Values)
	held := rowKeys(base)
	for _, v := range x.Values {
		l.law(pkg.Name, v.Law)
		if len(v.Rows) == 0 {
			l.faultf(v.Pos, "wrong-type", "a package adds rows to a parameter of another one, and this is none")
			continue
		}
		l.parameterValue(base, v, base.CellTypes(), false)
		for _, row := range v.Rows {
			if len(row) < len(base.Keys) {
				continue
			}
			if at, taken := held[keyOf(base, row)]; taken && len(row) > 0 {
				l.fault(schema.Faultf(row[0].Pos, "duplicate-name", "there is a row for %s already at %s", strings.ReplaceAll(keyOf(base, row), "\x00", ", "), at).
					WithHint("a package adds rows, it changes none of another package"))
			}
		}
		own := *v
		own.Adds = pkg.Name
		joined.Values = append(joined.Values, &own)
	}
	slices.SortStableFunc(joined.Values, func(a, b *schema.ParameterValue) int { return strings.Compare(a.From, b.From) })
	l.cat.Parameters[x.Name] = &joined
}

// rowKeys are the keys of all rows of a parameter, with the place of the first of each.
func rowKeys(p *schema.Parameter) map[string]schema.Pos {
	out := map[string]schema.Pos{}
	for _, v := range p.Values {
		for _, row := range v.Rows {
			if key := keyOf(p, row); len(row) > 0 && out[key] == (schema.Pos{}) {
				out[key] = row[0].Pos
			}
		}
	}
	return out
}

// keyOf joins the keys of a row.
func keyOf(p *schema.Parameter, row []schema.Scalar) string {
	var texts []string
	for _, c := range row[:min(len(p.Keys), len(row))] {
		texts = append(texts, c.Text)
	}
	return strings.Join(texts, "\x00")
}
