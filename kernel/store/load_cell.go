package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

const copyNull = `\N`

// appendCell writes a cell as COPY's text form has it. The cells are those of a single insert (cell.go), so that a
// loaded row and a written one are the same.
func appendCell(buf []byte, cell any) ([]byte, error) {
	switch c := cell.(type) {
	case *string:
		return appendText(buf, *c), nil
	case *textCell:
		if *c.p == "" {
			return append(buf, copyNull...), nil
		}
		return appendText(buf, *c.p), nil
	case *int:
		return strconv.AppendInt(buf, int64(*c), 10), nil
	case *bool:
		return strconv.AppendBool(buf, *c), nil
	case *time.Time:
		return c.UTC().AppendFormat(buf, copyTime), nil
	case *dayCell:
		if c.p.IsZero() || *c.p == c.null {
			return append(buf, copyNull...), nil
		}
		return append(buf, c.p.String()...), nil
	case *moneyCell:
		return strconv.AppendInt(buf, int64(*c.p), 10), nil
	case *rawCell:
		if len(*c.p) == 0 {
			return append(buf, copyNull...), nil
		}
		return appendText(buf, string(*c.p)), nil
	case *[]string:
		return appendTexts(buf, *c), nil
	case *objectCell:
		if data, ok := c.p.(*map[string]any); ok {
			return appendObject(buf, *data)
		}
		v, err := c.Value()
		if err != nil {
			return nil, err
		}
		return appendValue(buf, v)
	case driver.Valuer:
		v, err := c.Value()
		if err != nil {
			return nil, err
		}
		return appendValue(buf, v)
	}
	return appendValue(buf, reflect.Indirect(reflect.ValueOf(cell)).Interface())
}

const copyTime = "2006-01-02 15:04:05.999999Z"

func appendValue(buf []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(buf, copyNull...), nil
	case string:
		return appendText(buf, v), nil
	case int64:
		return strconv.AppendInt(buf, v, 10), nil
	case bool:
		return strconv.AppendBool(buf, v), nil
	case time.Time:
		return v.UTC().AppendFormat(buf, copyTime), nil
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.String {
		return appendText(buf, r.String()), nil
	}
	return nil, fmt.Errorf("%T cannot be loaded", v)
}

// appendText escapes what COPY reads in another way; most texts have nothing of it.
func appendText(buf []byte, s string) []byte {
	for i := range len(s) {
		switch s[i] {
		case '\\', '\t', '\n', '\r':
			return append(buf, escaped.Replace(s)...)
		}
	}
	return append(buf, s...)
}

// appendTexts writes an array: each element in quotes, in which a quote and a backslash stand behind a backslash.
func appendTexts(buf []byte, list []string) []byte {
	buf = append(buf, '{')
	for i, s := range list {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(buf, '"')
		for j := range len(s) {
			switch s[j] {
			case '"':
				buf = append(buf, `\\"`...) // COPY takes one backslash, the array the other
			case '\\':
				buf = append(buf, `\\\\`...)
			case '\t', '\n', '\r':
				buf = append(buf, escaped.Replace(s[j:j+1])...)
			default:
				buf = append(buf, s[j])
			}
		}
		buf = append(buf, '"')
	}
	return append(buf, '}')
}

// appendObject writes data as jsonb takes them. Most members are texts; the order of names is PostgreSQL's affair.
func appendObject(buf []byte, data map[string]any) ([]byte, error) {
	buf = append(buf, '{')
	first := true
	for name, v := range data {
		if !first {
			buf = append(buf, ',')
		}
		first = false
		buf = append(appendQuoted(buf, name), ':')
		if s, ok := v.(string); ok {
			buf = appendQuoted(buf, s)
			continue
		}
		b, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		buf = appendText(buf, string(b))
	}
	return append(buf, '}'), nil
}

// appendQuoted writes a JSON string behind COPY's escapes.
func appendQuoted(buf []byte, s string) []byte {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] == '"' || s[i] == '\\' {
			b, _ := json.Marshal(s) // a text always encodes
			return appendText(buf, string(b))
		}
	}
	buf = append(buf, '"')
	buf = append(buf, s...)
	return append(buf, '"')
}
