package forms

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// leaf binds a value that has no parts; nil when it is wrong.
func (b *binder) leaf(at string, t *schema.Type, given any) any {
	switch t.Kind {
	case schema.Boolean:
		if v, ok := given.(bool); ok {
			return v
		}
		return b.fail(at, WrongType, string(t.Kind))
	case schema.Point:
		return b.point(at, given)
	case answers:
		return b.answers(at, given)
	case expr.Period:
		return b.period(at, given)
	case schema.Integer, schema.Decimal, schema.Money, schema.Year:
		s, ok := digits(given)
		if !ok {
			return b.fail(at, WrongType, string(t.Kind))
		}
		return b.figure(at, t, s)
	}
	s, ok := given.(string)
	if !ok {
		return b.fail(at, WrongType, string(t.Kind))
	}
	if s, ok = b.clean(at, s); !ok {
		return nil
	}
	switch t.Kind {
	case schema.Text:
		return b.text(at, t, s)
	case schema.Enum:
		if !slices.Contains(t.Enum, s) {
			return b.fail(at, NotInEnum, nearest(s, t.Enum)...)
		}
		return s
	case schema.Item:
		if len(s) > 200 {
			return b.fail(at, TooLong, "200")
		}
		return s
	case schema.Link, schema.UUID:
		return b.id(at, s)
	case schema.Definition:
		return b.definition(at, t, s)
	default:
		return b.time(at, t, s)
	}
}

// digits is a number as text. GraphQL and JSON readers give numbers in several Go types; a float is taken only where
// it is exact.
func digits(given any) (string, bool) {
	switch v := given.(type) {
	case string:
		return strings.TrimSpace(v), len(v) <= 60
	case json.Number:
		return v.String(), len(v) <= 60
	case int:
		return strconv.Itoa(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		if math.Abs(v) >= 1<<53 || v != v {
			return "", false
		}
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}

func (b *binder) figure(at string, t *schema.Type, s string) any {
	n, err := value.ParseNumber(s)
	switch {
	case t.Kind == schema.Year:
		return b.time(at, t, s)
	case t.Kind == schema.Integer:
		i, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return b.fail(at, NotInteger)
		}
		return b.within(at, t, value.NewNumber(i, 1), json.Number(strconv.FormatInt(i, 10)))
	case t.Kind == schema.Money:
		m, err := value.ParseMoney(s)
		if err != nil {
			return b.fail(at, NotMoney)
		}
		return b.within(at, t, m.Number(), m.String())
	case err != nil:
		return b.fail(at, NotDecimal)
	case n.Round(t.Scale, value.HalfUp).Compare(n) != 0:
		return b.fail(at, Scale, strconv.Itoa(t.Scale))
	}
	return b.within(at, t, n, n.String())
}

func (b *binder) within(at string, t *schema.Type, n value.Number, stored any) any {
	if least, err := value.ParseNumber(t.Minimum); err == nil && n.Compare(least) < 0 {
		return b.fail(at, TooSmall, t.Minimum)
	}
	if most, err := value.ParseNumber(t.Maximum); err == nil && n.Compare(most) > 0 {
		return b.fail(at, TooLarge, t.Maximum)
	}
	return stored
}

// clean refuses what is no text and writes the rest in one way: composed letters, \n line ends, no blanks around.
func (b *binder) clean(at, s string) (string, bool) {
	if !utf8.ValidString(s) {
		b.fail(at, Encoding)
		return "", false
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if i := strings.IndexFunc(s, forbidden); i >= 0 {
		r, _ := utf8.DecodeRuneInString(s[i:])
		b.fail(at, Control, fmt.Sprintf("U+%04X", r))
		return "", false
	}
	return norm.NFC.String(strings.TrimSpace(s)), true
}

// forbidden are control characters but line ends and tabs, and those that make a text read otherwise than it is
// stored (marks of direction).
func forbidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 ||
		r == 0xFEFF
}

func (b *binder) text(at string, t *schema.Type, s string) any {
	if m := b.forms.masks[t.Named]; m != "" {
		var ok bool
		if s, ok = unmask(m, s); !ok {
			return b.fail(at, Mask, m)
		}
	}
	n := utf8.RuneCountInString(s)
	switch {
	case t.MaxLength != nil && n > *t.MaxLength:
		return b.fail(at, TooLong, strconv.Itoa(*t.MaxLength))
	case t.MinLength != nil && n < *t.MinLength:
		return b.fail(at, TooShort, strconv.Itoa(*t.MinLength))
	case t.Pattern != "" && !b.forms.matches(t.Pattern, s):
		return b.fail(at, Pattern, t.Pattern)
	case len(t.Enum) > 0 && !slices.Contains(t.Enum, s):
		return b.fail(at, NotInEnum, nearest(s, t.Enum)...)
	}
	return s
}

// unmask reads "112-233-445 95" typed under "NNN-NNN-NNN NN" as 11223344595. Only separators are dropped: a letter
// among the digits is a mistake. Digits of the mask itself (the 7 of "+7 (NNN)…") may be typed or left out.
func unmask(mask, s string) (string, bool) {
	var typed []rune
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			typed = append(typed, r)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return "", false
		}
	}
	places := strings.Map(func(r rune) rune {
		if r == 'N' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, mask)
	if len(typed) == strings.Count(places, "N") {
		return string(typed), true
	}
	if len(typed) != len(places) {
		return "", false
	}
	var out []rune
	for i, r := range typed {
		switch {
		case places[i] == 'N':
			out = append(out, r)
		case byte(r) != places[i]:
			return "", false
		}
	}
	return string(out), true
}

func (b *binder) id(at, s string) any {
	id, err := uuid.Parse(s)
	if err != nil || len(s) != 36 {
		return b.fail(at, NotUUID)
	}
	return id.String()
}

func (b *binder) definition(at string, t *schema.Type, s string) any {
	known, listed := b.forms.definitions(t.Of)
	if !listed || slices.Contains(known, s) {
		return s
	}
	return b.fail(at, NoName, append([]string{clip(s)}, nearest(s, known)...)...)
}

// definitions are the names of a kind of definition; false for a kind that the catalog does not hold.
func (f *Forms) definitions(kind string) (names []string, listed bool) {
	c := f.cat
	switch kind {
	case "Measure":
		return slices.Sorted(maps.Keys(c.Measures)), true
	case "Document":
		return slices.Sorted(maps.Keys(c.Documents)), true
	case "Workflow":
		return slices.Sorted(maps.Keys(c.Workflows)), true
	case "Classifier":
		return slices.Sorted(maps.Keys(c.Classifiers)), true
	case "Parameter":
		return slices.Sorted(maps.Keys(c.Parameters)), true
	case "List":
		return slices.Sorted(maps.Keys(c.Lists)), true
	case "Form":
		return slices.Sorted(maps.Keys(c.Forms)), true
	case "PrintForm":
		return slices.Sorted(maps.Keys(c.PrintForms)), true
	case "Exchange":
		return slices.Sorted(maps.Keys(c.Exchanges)), true
	}
	return nil, false
}

var quarterText = regexp.MustCompile(`^\d{4}-Q[1-4]$`)

// time binds dates and spans of time.
func (b *binder) time(at string, t *schema.Type, s string) any {
	switch t.Kind {
	case schema.Date:
		if d, err := value.ParseDate(s); err == nil && d.Year > 0 {
			return d.String()
		}
		return b.fail(at, NotDate)
	case schema.Month:
		if d, err := value.ParseDate(s + "-01"); err == nil && d.Year > 0 {
			return s
		}
		return b.fail(at, NotMonth)
	case schema.Quarter:
		if quarterText.MatchString(s) && s[:4] != "0000" {
			return s
		}
		return b.fail(at, NotQuarter)
	case schema.Year:
		if d, err := value.ParseDate(s + "-01-01"); err == nil && d.Year > 0 {
			return s
		}
		return b.fail(at, NotYear)
	case schema.DateTime:
		if i, err := time.Parse(time.RFC3339, s); err == nil && i.UTC().Year() > 0 && i.UTC().Year() < 10000 {
			return i.UTC().Format(time.RFC3339)
		}
		return b.fail(at, NotDateTime)
	case schema.Duration:
		if d, err := value.ParseDuration(s); err == nil {
			return d.String()
		}
		return b.fail(at, NotDuration)
	}
	return b.fail(at, WrongType, string(t.Kind))
}

// period binds 2019-07, 2019-Q3, 2019, 2019-07-16..2019-08-31 or {from, to}; stored as the third, with an end that may
// be left out.
func (b *binder) period(at string, given any) any {
	s, _ := given.(string)
	if ends, ok := given.(map[string]any); ok {
		from, _ := ends["from"].(string)
		to, _ := ends["to"].(string)
		s = from + ".." + to
	}
	p, err := expr.ParsePeriod(strings.TrimSpace(s))
	if err != nil || p.From.IsZero() || p.Empty() {
		return b.fail(at, NotPeriod)
	}
	return p.String()
}

// point binds {lat, lon}; stored as two decimal texts.
func (b *binder) point(at string, given any) any {
	in, ok := given.(map[string]any)
	if !ok || len(in) != 2 {
		return b.fail(at, NotPoint)
	}
	out := map[string]any{}
	for name, most := range map[string]int64{"lat": 90, "lon": 180} {
		s, ok := digits(in[name])
		n, err := value.ParseNumber(s)
		limit := value.NewNumber(most, 1)
		if !ok || err != nil || n.Compare(limit) > 0 || value.NewNumber(0, 1).Sub(n).Compare(limit) > 0 {
			return b.fail(at, NotPoint)
		}
		out[name] = n.Round(7, value.HalfUp).String()
	}
	return out
}

func (b *binder) answers(at string, given any) any {
	in, ok := given.(map[string]any)
	if !ok || len(in) > 200 {
		return b.fail(at, WrongType, string(schema.Object))
	}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if _, ok := in[name].(bool); !ok || len(name) > 60 {
			return b.fail(join(at, clip(name)), WrongType, string(schema.Boolean))
		}
	}
	return in
}
