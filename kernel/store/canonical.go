package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
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
