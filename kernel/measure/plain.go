package measure

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// encode is the stored form of a value: as section 2 of the language stores properties, a ratio without an exact
// decimal as "1/3", a record as a reference, what is not known within a list or an object as {"unclear": names}.
// A value that is not known at all, and an absent one, have no stored form: Named tells them.
func encode(v any) (Plain, error) {
	switch v.(type) {
	case nil, expr.Unknown:
		return nil, nil
	}
	tree, err := plain(v)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	var out Plain
	err = out.UnmarshalJSON(data)
	return out, err
}

func plain(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string, int64, value.Money, value.Date, value.Period:
		return v, nil
	case value.Number:
		return v.String(), nil
	case value.Duration:
		return v.String(), nil
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano), nil
	case expr.Item:
		return v.Code, nil
	case *expr.Record:
		return Ref{Type: v.Type, ID: v.ID, Version: v.Version}, nil
	case expr.Unknown:
		return unclear{v.Names}, nil
	case more:
		return v, nil
	case expr.PartList:
		return plain(append(slices.Clone(v.Items), more{v.Unknown}))
	case []any:
		out := make([]any, len(v))
		for i, it := range v {
			p, err := plain(it)
			if err != nil {
				return nil, err
			}
			out[i] = p
		}
		return out, nil
	case map[string]any:
		out := map[string]any{}
		for k, it := range v {
			p, err := plain(it)
			if err != nil {
				return nil, err
			}
			out[k] = p
		}
		return out, nil
	}
	return nil, fmt.Errorf("a value of %T cannot be kept in a decision", v)
}

// unclear stands in a list or an object for a value that is not known; more ends a list that may have more elements.
type (
	unclear struct {
		Names []string `json:"unclear"`
	}
	more struct {
		Names []string `json:"more"`
	}
)

// decode reads what encode wrote, by the type of the name.
func decode(t *expr.Type, p Plain) (any, error) {
	raw, err := p.decode()
	if err != nil {
		return nil, err
	}
	return typed(t, raw)
}

func typed(t *expr.Type, raw any) (any, error) {
	switch raw := raw.(type) {
	case nil:
		return nil, nil
	case bool:
		return raw, nil
	case json.Number:
		return raw.Int64()
	case string:
		return typedText(t, raw)
	case []any:
		return typedList(t, raw)
	case map[string]any:
		return typedMap(t, raw)
	}
	return nil, fmt.Errorf("%T is no stored value", raw)
}

func typedText(t *expr.Type, s string) (any, error) {
	switch t.Kind {
	case expr.Number:
		return ratio(s)
	case schema.Money:
		return value.ParseMoney(s)
	case schema.Date:
		return value.ParseDate(s)
	case schema.Duration:
		return value.ParseDuration(s)
	case expr.Timestamp:
		return time.Parse(time.RFC3339Nano, s)
	case schema.Item:
		return expr.Item{Classifier: t.Of, Code: s}, nil
	}
	return s, nil
}

// ratio reads a number as value.Number writes it.
func ratio(s string) (value.Number, error) {
	num, den, fraction := strings.Cut(s, "/")
	n, err := value.ParseNumber(num)
	if err != nil || !fraction {
		return n, err
	}
	d, err := value.ParseNumber(den)
	if err != nil {
		return n, err
	}
	q, ok := n.Div(d)
	if !ok {
		return n, fmt.Errorf("%q is no number", s)
	}
	return q, nil
}

func typedList(t *expr.Type, raw []any) (any, error) {
	elem := expr.Dyn
	if t.Kind == expr.List {
		elem = t.Elem
	}
	out := make([]any, 0, len(raw))
	for _, it := range raw {
		if names, ok := marked(it, "more"); ok {
			return expr.PartList{Items: out, Unknown: names}, nil
		}
		v, err := typed(elem, it)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func typedMap(t *expr.Type, raw map[string]any) (any, error) {
	if names, ok := marked(raw, "unclear"); ok {
		return expr.Unknown{Names: names}, nil
	}
	switch t.Kind {
	case expr.Period:
		from, err := optionalDate(raw["from"])
		if err != nil {
			return nil, err
		}
		to, err := optionalDate(raw["to"])
		return value.NewPeriod(from, to), err
	case schema.Link:
		id, _ := raw["id"].(string)
		typ, _ := raw["type"].(string)
		number, _ := raw["version"].(json.Number)
		version, err := strconv.Atoi(cmp.Or(number.String(), "0"))
		return &expr.Record{Type: typ, ID: id, Version: version}, err // a reference: its data are read when they are wanted
	}
	out := map[string]any{}
	for k, it := range raw {
		field := expr.Dyn
		if f := t.Fields[k]; f != nil {
			field = f
		}
		v, err := typed(field, it)
		if err != nil {
			return nil, err
		}
		out[k] = v
	}
	return out, nil
}

func optionalDate(raw any) (value.Date, error) {
	s, _ := raw.(string)
	if s == "" {
		return value.Date{}, nil
	}
	return value.ParseDate(s)
}

// marked are the names under the only key of a map, if it is the key of a mark.
func marked(raw any, key string) ([]string, bool) {
	m, ok := raw.(map[string]any)
	list, isList := m[key].([]any)
	if !ok || !isList || len(m) != 1 {
		return nil, false
	}
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = fmt.Sprint(n)
	}
	return out, true
}

// display is a value as the account of a decision shows it: in its stored form, a record by its id.
func display(v any) string {
	switch v := v.(type) {
	case nil, expr.Unknown:
		return ""
	case expr.Item:
		return v.Code
	case *expr.Record:
		return v.ID
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case expr.PartList:
		return display(append(slices.Clone(v.Items), "…"))
	case []any:
		texts := make([]string, len(v))
		for i, it := range v {
			texts[i] = display(it)
		}
		return strings.Join(texts, ", ")
	case map[string]any:
		var texts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			texts = append(texts, k+": "+display(v[k]))
		}
		return strings.Join(texts, ", ")
	}
	return fmt.Sprint(v)
}
