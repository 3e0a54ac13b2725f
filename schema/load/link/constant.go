package link

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"mera/schema"
	"mera/schema/load/naming"
	"mera/schema/value"
)

// constants checks the literal values of a property's schema: default, const and the unit.
func (l *linker) constants(p *schema.Property) {
	if p.Type == nil {
		return
	}
	if !p.Unit.IsZero() {
		l.itemCode("Unit", p.Unit)
	}
	for _, n := range []*schema.Node{p.Default, p.Type.Const} {
		if n != nil && n.Kind == schema.ScalarNode {
			l.constant(p.Type, n.Scalar)
		}
	}
}

// constant checks that a literal suits a type.
func (l *linker) constant(t *schema.Type, s schema.Scalar) {
	if t == nil || s.Null {
		return
	}
	switch t.Kind {
	case schema.Item:
		l.itemCode(t.Of, s)
		return
	case schema.Definition:
		if !l.defines(t.Of, s.Text) {
			l.faultf(s.Pos, "unknown-name", "there is no %s %q", naming.Lower(t.Of), s.Text)
		}
		return
	}
	if err := suits(t, s.Text); err != nil {
		d := schema.Faultf(s.Pos, "bad-value", "%v", err)
		if t.Kind == schema.Enum {
			d = d.WithNearest(s.Text, slices.Clone(t.Enum))
		}
		l.fault(d)
	}
}

// defines tells that there is a definition of a kind of x-definition.
func (l *linker) defines(kind, name string) bool {
	c := l.cat
	switch kind {
	case "Measure":
		return c.Measures[name] != nil
	case "Document":
		return c.Documents[name] != nil
	case "Classifier":
		return c.Classifiers[name] != nil
	case "Parameter":
		return c.Parameters[name] != nil
	case "Workflow":
		return c.Workflows[name] != nil
	case "List":
		return c.Lists[name] != nil
	case "Form":
		return c.Forms[name] != nil
	case "PrintForm":
		return c.PrintForms[name] != nil
	case "Exchange":
		return c.Exchanges[name] != nil
	case "Function":
		return c.Functions[name] != nil
	case "Act":
		return c.Acts[name] != nil
	}
	return false
}

// itemCode checks a literal code. Items of a classifier that the region keeps may come as data later, so there an
// unknown code is only a lint.
func (l *linker) itemCode(classifier string, s schema.Scalar) {
	c := l.cat.Classifiers[classifier]
	if c == nil && classifier == "Unit" {
		l.faultf(s.Pos, "unknown-name", "there is no classifier Unit that could hold %q", s.Text)
	}
	if c == nil || l.itemOf(c, s.Text) != nil {
		return
	}
	d := schema.Faultf(s.Pos, "unknown-code", "the classifier %s has no item %q", classifier, s.Text)
	if c.Owner != "package" {
		d.Severity = schema.Lint
	}
	l.fault(d.WithNearest(s.Text, codesOf(c)))
}

// suits tells why a literal is no value of a type.
func suits(t *schema.Type, s string) error {
	switch t.Kind {
	case schema.Text:
		return suitsText(t, s)
	case schema.Enum:
		if !slices.Contains(t.Enum, s) {
			return fmt.Errorf("%q is not in enum", s)
		}
	case schema.Boolean:
		if s != "true" && s != "false" {
			return fmt.Errorf("%q is neither true nor false", s)
		}
	case schema.Array, schema.Object, schema.Point, schema.Link:
		return fmt.Errorf("%q cannot be a value of type %s", s, t.Kind)
	case schema.Decimal:
		return suitsDecimal(t, s)
	default:
		return suitsWord(string(t.Kind), s)
	}
	return nil
}

func suitsText(t *schema.Type, s string) error {
	n := utf8.RuneCountInString(s)
	switch {
	case t.MaxLength != nil && n > *t.MaxLength:
		return fmt.Errorf("%q has %d letters, more than maxLength %d", s, n, *t.MaxLength)
	case t.MinLength != nil && n < *t.MinLength:
		return fmt.Errorf("%q has %d letters, less than minLength %d", s, n, *t.MinLength)
	}
	if re, err := regexp.Compile(t.Pattern); err == nil && t.Pattern != "" && !re.MatchString(s) {
		return fmt.Errorf("%q does not match the pattern %s", s, t.Pattern)
	}
	return nil
}

func suitsDecimal(t *schema.Type, s string) error {
	if _, err := value.ParseNumber(s); err != nil {
		return err
	}
	if _, digits, _ := strings.Cut(s, "."); len(digits) > t.Scale {
		return fmt.Errorf("%q has %d digits after the point, more than x-scale %d", s, len(digits), t.Scale)
	}
	return nil
}

var (
	quarterText = regexp.MustCompile(`^[0-9]{4}-Q[1-4]$`)
	yearText    = regexp.MustCompile(`^[0-9]{4}$`)
	uuidText    = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// suitsWord tells why a literal is no value of a type that one word names, also of a column of a parameter.
func suitsWord(kind, s string) error {
	var err error
	ok := true
	switch kind {
	case "integer":
		_, err = strconv.ParseInt(s, 10, 64)
		ok, err = err == nil, nil
	case "percent", "decimal":
		_, err = value.ParseNumber(s)
	case "money":
		_, err = value.ParseMoney(s)
	case "date":
		_, err = value.ParseDate(s)
	case "duration":
		_, err = value.ParseDuration(s)
	case "date-time":
		_, err = time.Parse(time.RFC3339, s)
		ok, err = err == nil, nil
	case "month":
		_, err = value.ParseDate(s + "-01")
		ok, err = err == nil, nil
	case "quarter":
		ok = quarterText.MatchString(s)
	case "year":
		ok = yearText.MatchString(s)
	case "uuid":
		ok = uuidText.MatchString(s)
	}
	if !ok {
		return fmt.Errorf("%q is no value of type %s", s, kind)
	}
	return err
}
