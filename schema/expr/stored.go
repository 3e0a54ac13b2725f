package expr

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mera/schema"
	"mera/schema/value"
)

// FromStored makes a value of what is stored (string, bool, json.Number, []any, map[string]any). Values stay as they
// are, so that a record may hold either. A nil type leaves anything as it is.
func FromStored(t *schema.Type, v any) (any, error) {
	if t == nil || v == nil {
		return v, nil
	}
	switch v := v.(type) {
	case Unknown, PartList, value.Money, value.Number, value.Date, value.Period, value.Duration, time.Time, Item, *Record, int64:
		return v, nil
	case bool:
		if t.Kind != schema.Boolean {
			return nil, mistyped(t, v)
		}
		return v, nil
	case int:
		return int64(v), nil
	case json.Number:
		return fromText(t, v.String())
	case string:
		if t.Kind == schema.Boolean || t.Kind == schema.Integer {
			return nil, mistyped(t, v)
		}
		return fromText(t, v)
	case []any:
		return listFromStored(t, v)
	case map[string]any:
		return objectFromStored(t, v)
	}
	return nil, mistyped(t, v)
}

func mistyped(t *schema.Type, v any) error { return fmt.Errorf("%v (%T) is no %s", v, v, t.Kind) }

func listFromStored(t *schema.Type, v []any) (any, error) {
	if t.Kind != schema.Array {
		return nil, mistyped(t, v)
	}
	out := make([]any, len(v))
	for i, it := range v {
		var err error
		if out[i], err = FromStored(t.Elem, it); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// objectFromStored types the fields of an object that the schema knows.
func objectFromStored(t *schema.Type, v map[string]any) (any, error) {
	if t.Kind == schema.Point {
		t = pointType()
	}
	if t.Kind != schema.Object {
		return nil, mistyped(t, v)
	}
	out := make(map[string]any, len(v))
	for k, it := range v {
		var ft *schema.Type
		if p := t.Field(k); p != nil {
			ft = p.Type
		}
		var err error
		if out[k], err = FromStored(ft, it); err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
	}
	return out, nil
}

func pointType() *schema.Type {
	number := &schema.Type{Kind: schema.Decimal}
	return &schema.Type{Kind: schema.Object, Fields: []*schema.Property{{Name: "lat", Type: number}, {Name: "lon", Type: number}}}
}

// Parse makes a value of canonical text, as packages and parameters write it: "true" is a bool here.
func Parse(t *schema.Type, text string) (any, error) {
	switch t.Kind {
	case schema.Boolean:
		return strconv.ParseBool(text)
	case schema.Integer:
		return strconv.ParseInt(text, 10, 64)
	}
	return fromText(t, text)
}

func fromText(t *schema.Type, s string) (any, error) {
	switch t.Kind {
	case schema.Integer:
		return strconv.ParseInt(s, 10, 64)
	case schema.Decimal, Number:
		return value.ParseNumber(s)
	case schema.Money:
		return value.ParseMoney(s)
	case schema.Date:
		return value.ParseDate(s)
	case schema.Month, schema.Quarter, schema.Year, Period:
		return ParsePeriod(s)
	case schema.DateTime:
		return time.Parse(time.RFC3339Nano, s)
	case schema.Duration:
		return value.ParseDuration(s)
	case schema.Item:
		return Item{t.Of, s}, nil
	case schema.Link:
		return &Record{Type: t.Of, ID: s}, nil
	case schema.Text, schema.Enum, schema.UUID, schema.Definition:
		return s, nil
	}
	return nil, mistyped(t, s)
}

// ParsePeriod reads 2019-07 (a month), 2019-Q3, 2019, or 2019-07-16..2019-08-31 with an end that may be left out.
func ParsePeriod(s string) (value.Period, error) {
	bad := fmt.Errorf("%q is no period: 2019-07, 2019-Q3, 2019 or 2019-07-16..2019-08-31", s)
	if from, to, ok := strings.Cut(s, ".."); ok {
		return parseRange(from, to, bad)
	}
	year, rest, _ := strings.Cut(s, "-")
	if len(year) != 4 {
		return value.Period{}, bad
	}
	if rest == "" {
		return parseRange(year+"-01-01", year+"-12-31", bad)
	}
	if q, ok := strings.CutPrefix(rest, "Q"); ok {
		n, err := strconv.Atoi(q)
		if err != nil || n < 1 || n > 4 {
			return value.Period{}, bad
		}
		rest = fmt.Sprintf("%02d", 3*n-2)
		from, err := value.ParseDate(year + "-" + rest + "-01")
		return from.Quarter(), err
	}
	from, err := value.ParseDate(s + "-01")
	if err != nil {
		return value.Period{}, bad
	}
	return value.Period{From: from, To: from.MonthEnd()}, nil
}

func parseRange(from, to string, bad error) (value.Period, error) {
	var p [2]value.Date
	for i, s := range []string{from, to} {
		if s == "" {
			continue
		}
		d, err := value.ParseDate(s)
		if err != nil {
			return value.Period{}, bad
		}
		p[i] = d
	}
	return value.NewPeriod(p[0], p[1]), nil
}

// ToStored makes the stored form of a value of a type; nil for an absent one. What is unknown, unrounded or of another
// kind is an error.
func ToStored(t *schema.Type, v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case Unknown, PartList:
		return nil, fmt.Errorf("a value that is not known cannot be stored")
	case []any:
		return listToStored(t, v)
	case map[string]any:
		return objectToStored(t, v)
	case bool:
		if t != nil && t.Kind != schema.Boolean {
			return nil, mistyped(t, v)
		}
		return v, nil
	case int64:
		return intToStored(t, v)
	}
	if t == nil {
		return canonical(v), nil
	}
	return scalarToStored(t, v)
}

func listToStored(t *schema.Type, v []any) (any, error) {
	var elem *schema.Type
	if t != nil {
		if t.Kind != schema.Array {
			return nil, mistyped(t, v)
		}
		elem = t.Elem
	}
	out := make([]any, 0, len(v))
	for _, it := range v {
		s, err := ToStored(elem, it)
		if err != nil {
			return nil, err
		}
		if s != nil {
			out = append(out, s)
		}
	}
	return out, nil
}

func objectToStored(t *schema.Type, v map[string]any) (any, error) {
	out := make(map[string]any, len(v))
	for k, it := range v {
		var ft *schema.Type
		if t != nil && t.Kind == schema.Point {
			t = pointType()
		}
		if t != nil {
			if p := t.Field(k); p != nil {
				ft = p.Type
			}
		}
		s, err := ToStored(ft, it)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
		if s != nil {
			out[k] = s
		}
	}
	return out, nil
}

func intToStored(t *schema.Type, v int64) (any, error) {
	if t == nil || t.Kind == schema.Integer {
		return json.Number(strconv.FormatInt(v, 10)), nil
	}
	return scalarToStored(t, value.NewNumber(v, 1))
}

func scalarToStored(t *schema.Type, v any) (any, error) {
	switch t.Kind {
	case schema.Decimal, schema.Money, schema.Integer:
		return numberToStored(t, v)
	case schema.Month, schema.Quarter, schema.Year:
		return periodToStored(t, v)
	}
	ok := false
	switch v := v.(type) {
	case string:
		ok = t.Kind == schema.Text || t.Kind == schema.Enum || t.Kind == schema.UUID || t.Kind == schema.Definition
		if t.Kind == schema.Item || t.Kind == schema.Link || t.Kind == schema.Date || t.Kind == schema.DateTime || t.Kind == schema.Duration {
			_, err := fromText(t, v)
			ok = err == nil
		}
		if v == "" {
			return nil, nil
		}
	case value.Date:
		ok = t.Kind == schema.Date
		if v == value.Forever || v.IsZero() {
			return nil, nil // an open end is absent
		}
	case time.Time:
		ok = t.Kind == schema.DateTime
	case value.Duration:
		ok = t.Kind == schema.Duration
	case Item:
		ok = t.Kind == schema.Item && t.Of == v.Classifier || t.Kind == schema.Text
	case *Record:
		ok = t.Kind == schema.Link || t.Kind == schema.UUID || t.Kind == schema.Text
	}
	if !ok {
		return nil, mistyped(t, v)
	}
	return canonical(v), nil
}

func numberToStored(t *schema.Type, v any) (any, error) {
	if s, ok := v.(string); ok {
		parsed, err := fromText(t, s)
		if err != nil {
			return nil, err
		}
		v = parsed
	}
	if !isNumber(v) {
		return nil, mistyped(t, v)
	}
	n := toNumber(v)
	switch t.Kind {
	case schema.Money:
		m, ok := kopecks(n)
		if !ok {
			return nil, fmt.Errorf("%s is not in whole kopecks", n)
		}
		return m.String(), nil
	case schema.Integer:
		if !n.IsInt() || !n.Rat().Num().IsInt64() {
			return nil, mistyped(t, v)
		}
		return json.Number(n.String()), nil
	}
	if t.Scale > 0 {
		n = n.Round(t.Scale, value.HalfUp)
	}
	if _, exact := n.Rat().FloatPrec(); !exact {
		return nil, fmt.Errorf("%s has no end as a decimal", n)
	}
	return n.String(), nil
}

// periodToStored writes a month, quarter or year by its first day.
func periodToStored(t *schema.Type, v any) (any, error) {
	if s, ok := v.(string); ok {
		p, err := ParsePeriod(s)
		if err != nil {
			return nil, err
		}
		v = p
	}
	p, ok := v.(value.Period)
	if !ok || p.From.IsZero() {
		return nil, mistyped(t, v)
	}
	switch t.Kind {
	case schema.Month:
		return fmt.Sprintf("%04d-%02d", p.From.Year, int(p.From.Month)), nil
	case schema.Quarter:
		return fmt.Sprintf("%04d-Q%d", p.From.Year, (int(p.From.Month)+2)/3), nil
	}
	return fmt.Sprintf("%04d", p.From.Year), nil
}
