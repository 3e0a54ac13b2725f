package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// canonical writes JSON in one form: keys in order, no spaces, numbers as PostgreSQL's jsonb gives them back. The form
// of what was read from jsonb is the form of what was written, so hashes of it can be taken again. nil stays nil.
func canonical(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	v, err := plain(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// form writes a value of Go in the form that canonical gives its JSON.
func form(v any) ([]byte, error) {
	b, ok, err := formOf(make([]byte, 0, 512), v)
	if err != nil || ok {
		return b, err
	}
	if b, err = json.Marshal(v); err != nil {
		return nil, err
	}
	return canonical(b)
}

// formOf writes what records are made of; false where it does not know a type.
func formOf(b []byte, v any) (out []byte, known bool, err error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), true, nil
	case bool:
		return strconv.AppendBool(b, v), true, nil
	case string:
		return formText(b, v)
	case json.Number:
		if v, err = plainNumber(v); err != nil || !json.Valid([]byte(v)) {
			return nil, false, err
		}
		return append(b, v...), true, nil
	case []any:
		return formList(b, v)
	case map[string]any:
		return formObject(b, v)
	}
	return nil, false, nil
}

func formList(b []byte, list []any) (out []byte, known bool, err error) {
	if list == nil {
		return append(b, "null"...), true, nil
	}
	b = append(b, '[')
	for i, e := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if b, known, err = formOf(b, e); err != nil || !known {
			return nil, false, err
		}
	}
	return append(b, ']'), true, nil
}

func formObject(b []byte, m map[string]any) (out []byte, known bool, err error) {
	if m == nil {
		return append(b, "null"...), true, nil
	}
	var space [24]string
	names := space[:0]
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		if b, known, err = formText(b, name); err != nil || !known {
			return nil, false, err
		}
		if b, known, err = formOf(append(b, ':'), m[name]); err != nil || !known {
			return nil, false, err
		}
	}
	return append(b, '}'), true, nil
}

// formText writes a text; one that is not plain as encoding/json does.
func formText(b []byte, s string) (out []byte, known bool, err error) {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == 0xE2 { // which begins U+2028
			plain = false
		}
	}
	switch {
	case !utf8.ValidString(s): // is mended, and may have another place then
		return nil, false, nil
	case plain:
		return append(append(append(b, '"'), s...), '"'), true, nil
	}
	if err := noZero(s); err != nil {
		return nil, false, err
	}
	w := bytes.NewBuffer(b)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	err = e.Encode(s)
	return bytes.TrimRight(w.Bytes(), "\n"), true, err
}

// plain refuses what jsonb would change or refuse: numbers with an exponent and the zero character.
func plain(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		return plainNumber(v)
	case string:
		return v, noZero(v)
	case []any:
		for i, e := range v {
			var err error
			if v[i], err = plain(e); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for k, e := range v {
			if err := noZero(k); err != nil {
				return nil, err
			}
			var err error
			if v[k], err = plain(e); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

func plainNumber(n json.Number) (json.Number, error) {
	if strings.ContainsAny(string(n), "eE") {
		return "", fmt.Errorf("number %s has an exponent", n)
	}
	if strings.Trim(string(n), "-0.") == "" { // jsonb has no negative zero
		return json.Number(strings.TrimPrefix(string(n), "-")), nil
	}
	return n, nil
}

func noZero(s string) error {
	if strings.ContainsRune(s, 0) {
		return errors.New("a text holds the zero character")
	}
	return nil
}
