package link

import (
	"regexp"
	"slices"
	"strings"

	"mera/schema"
)

var codeText = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,79}$`)

func (l *linker) classifier(c *schema.Classifier) {
	l.law(c.Package, c.Law)
	if c.Owner != "package" && c.Owner != "region" {
		find(l, c.Package, l.cat.Exchanges, "exchange", schema.Scalar{Text: c.Owner, Pos: c.Pos})
	}
	for _, a := range c.Attributes {
		l.resolve(c.Package, a.Type)
	}
	seen := map[string]bool{}
	for _, it := range c.Items {
		if seen[it.Code] {
			l.faultf(it.Pos, "duplicate-name", "the code %q stands twice in %s", it.Code, c.Name)
		}
		seen[it.Code] = true
		l.item(c, it)
	}
	l.parentCycles(c)
}

// itemOf finds an item by its code; nil if there is none.
func (l *linker) itemOf(c *schema.Classifier, code string) *schema.ClassifierItem {
	if l.codes[c.Name] == nil {
		l.codes[c.Name] = make(map[string]*schema.ClassifierItem, len(c.Items))
		for _, it := range c.Items {
			l.codes[c.Name][it.Code] = it
		}
	}
	return l.codes[c.Name][code]
}

func codesOf(c *schema.Classifier) []string {
	out := make([]string, len(c.Items))
	for i, it := range c.Items {
		out[i] = it.Code
	}
	return out
}

func (l *linker) item(c *schema.Classifier, it *schema.ClassifierItem) {
	if !codeText.MatchString(it.Code) {
		l.fault(schema.Faultf(it.Pos, "bad-name", "%q cannot be a code", it.Code).WithHint("write Latin letters, digits, - and ., at most 80"))
	}
	for _, other := range []string{it.Parent, it.ReplacedBy} {
		if other != "" && l.itemOf(c, other) == nil {
			l.fault(schema.Faultf(it.Pos, "unknown-code", "the item %q names %q, which is not in %s", it.Code, other, c.Name).WithNearest(other, codesOf(c)))
		}
	}
	if it.From != "" && it.To != "" && it.To < it.From {
		l.faultf(it.Pos, "bad-value", "the item %q ends on %s, before it begins on %s", it.Code, it.To, it.From)
	}
	for _, a := range it.Attributes {
		l.attribute(c, a)
	}
}

// parentCycles follows the parents of each item; those that are known to lead to a root are not followed again.
func (l *linker) parentCycles(c *schema.Classifier) {
	done := map[string]bool{}
	for _, it := range c.Items {
		var path []string
		on := map[string]bool{}
		for up := it; up != nil && !done[up.Code]; up = l.itemOf(c, up.Parent) {
			if on[up.Code] {
				circle := append(path[slices.Index(path, up.Code):], up.Code)
				l.faultf(up.Pos, "cyclic-parent", "items are above each other in a circle: %s", strings.Join(circle, " → "))
				break
			}
			on[up.Code] = true
			path = append(path, up.Code)
		}
		for _, code := range path {
			done[code] = true
		}
	}
}

func (l *linker) attribute(c *schema.Classifier, e schema.Entry) {
	var known []string
	for _, a := range c.Attributes {
		if a.Name == e.Key.Text {
			l.constant(a.Type, e.Value.Scalar)
			return
		}
		known = append(known, a.Name)
	}
	known = append(known, "title", "from", "to", "parent", "codes", "replacedBy")
	l.fault(schema.Faultf(e.Key.Pos, "unknown-key", "items of %s have no attribute %q", c.Name, e.Key.Text).WithNearest(e.Key.Text, known))
}

// keyWords are the types of keys of parameters that are no classifiers; those of orderedKeys can be found by floor.
var (
	keyWords    = []string{"integer", "money", "decimal", "date", "text"}
	orderedKeys = []string{"integer", "money", "decimal", "date"}
)

func (l *linker) parameter(p *schema.Parameter) {
	l.law(p.Package, p.Law)
	for _, k := range p.Keys {
		l.parameterKey(p, k)
	}
	columns := p.CellTypes()
	for i, v := range p.Values {
		l.law(p.Package, v.Law)
		l.parameterValue(p, v, columns, i == 0)
	}
}

func (l *linker) parameterKey(p *schema.Parameter, k *schema.ParameterKey) {
	isWord := slices.Contains(keyWords, k.Type)
	if !isWord && k.Type != "" {
		find(l, p.Package, l.cat.Classifiers, "classifier", schema.Scalar{Text: k.Type, Pos: k.Pos})
	}
	switch {
	case k.Match == "floor" && !slices.Contains(orderedKeys, k.Type):
		l.fault(schema.Faultf(k.Pos, "wrong-target", "floor finds the last row not above, and %s has no order", k.Type).WithHint("use integer, money, decimal or date, or exact"))
	case k.Match == "tree" && isWord:
		l.fault(schema.Faultf(k.Pos, "wrong-target", "tree goes up the items of a classifier, and %s is none", k.Type).WithHint("use exact"))
	}
}

func (l *linker) parameterValue(p *schema.Parameter, v *schema.ParameterValue, columns []string, first bool) {
	keyed := len(p.Keys) > 0 || len(p.Columns) > 0
	switch {
	case !v.Value.IsZero() && keyed:
		l.fault(schema.Faultf(v.Value.Pos, "wrong-type", "%s has keys or columns, so its values are rows", p.Name).WithHint("write rows: [[keys…, value]]"))
	case !v.Value.IsZero():
		l.cell(columns[0], v.Value)
	case len(v.Rows) > 0 && !keyed:
		l.fault(schema.Faultf(v.Pos, "wrong-type", "%s has no keys, so its value is one", p.Name).WithHint("write value:"))
	case !v.Times.IsZero():
		l.cell("decimal", v.Times)
		if first {
			l.fault(schema.Faultf(v.Times.Pos, "bad-value", "there are no former values to multiply").WithHint("write value or rows for the first date"))
		}
	}
	seen := map[string]bool{}
	for _, row := range v.Rows {
		l.row(p, row, columns, seen)
	}
}

func (l *linker) row(p *schema.Parameter, row []schema.Scalar, columns []string, seen map[string]bool) {
	if want := len(p.Keys) + len(columns); len(row) != want {
		pos := p.Pos
		if len(row) > 0 {
			pos = row[0].Pos
		}
		l.fault(schema.Faultf(pos, "wrong-type", "the row has %d cells and must have %d", len(row), want).WithHint("first the keys, then the value or the columns"))
		return
	}
	var key []string
	for i, k := range p.Keys {
		key = append(key, row[i].Text)
		if slices.Contains(keyWords, k.Type) {
			l.cell(k.Type, row[i])
		} else {
			l.itemCode(k.Type, row[i])
		}
	}
	for i, c := range columns {
		l.cell(c, row[len(p.Keys)+i])
	}
	joined := strings.Join(key, "\x00")
	if len(key) > 0 && seen[joined] {
		l.faultf(row[0].Pos, "duplicate-name", "there are two rows for %s", strings.Join(key, ", "))
	}
	seen[joined] = true
}

func (l *linker) cell(kind string, s schema.Scalar) {
	if err := suitsWord(kind, s.Text); err != nil {
		l.faultf(s.Pos, "bad-value", "%v", err)
	}
}

// argumentWords are the types of arguments that are no definitions.
var argumentWords = []string{"date", "period", "Number", "Money", "text", "bool", "int"}

func (l *linker) function(f *schema.Function) {
	l.law(f.Package, f.Law)
	for _, a := range f.Args {
		l.argumentType(f.Package, a.Type)
	}
	if !f.Returns.IsZero() {
		l.argumentType(f.Package, f.Returns)
	}
	l.valueLaws(f.Package, f.Is)
}

func (l *linker) argumentType(pkg string, s schema.Scalar) {
	word := strings.TrimSuffix(strings.TrimPrefix(s.Text, "["), "]")
	switch {
	case slices.Contains(argumentWords, word):
	case l.cat.Documents[word] != nil:
		find(l, pkg, l.cat.Documents, "document", schema.Scalar{Text: word, Pos: s.Pos})
	case l.cat.Classifiers[word] != nil:
		find(l, pkg, l.cat.Classifiers, "classifier", schema.Scalar{Text: word, Pos: s.Pos})
	default:
		known := slices.Concat(argumentWords, l.visible(pkg, "document", keys(l.cat.Documents)), l.visible(pkg, "classifier", keys(l.cat.Classifiers)))
		l.fault(schema.Faultf(s.Pos, "unknown-name", "%q is no type of an argument", word).WithNearest(word, known))
	}
}

func keys[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

func (l *linker) valueLaws(pkg string, v schema.Value) {
	for _, c := range v.Cases {
		l.law(pkg, c.Law)
	}
}
