package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

const (
	maxMessage = 1 << 20
	maxDepth   = 32
	maxRows    = 10_000
)

// problem makes an error of one problem.
func (x *Exchanges) problem(path, code string, args ...string) *Error {
	return &Error{Problems: []Problem{{path, code, args}}, texts: x.texts}
}

// decode reads JSON with exact numbers; a key that stands twice is refused, because readers disagree which one counts.
func (x *Exchanges) decode(raw []byte) (any, error) {
	if len(raw) > maxMessage {
		return nil, x.problem("", Large)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	v, err := x.value(d, "", 0)
	if err != nil {
		return nil, x.garbled(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, x.problem("", Garbled, "…")
	}
	return v, nil
}

func (x *Exchanges) garbled(err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	return x.problem("", Garbled, clip(err.Error()))
}

func (x *Exchanges) value(d *json.Decoder, path string, depth int) (any, error) {
	if depth > maxDepth {
		return nil, x.problem(clip(path), Deep)
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		return x.object(d, path, depth)
	case json.Delim('['):
		return x.array(d, path, depth)
	}
	return t, nil
}

func (x *Exchanges) object(d *json.Decoder, path string, depth int) (any, error) {
	out := map[string]any{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := t.(string)
		if _, twice := out[key]; twice {
			return nil, x.problem(clip(path), TwiceKey, clip(key))
		}
		if out[key], err = x.value(d, join(path, key), depth+1); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return out, err
}

func (x *Exchanges) array(d *json.Decoder, path string, depth int) (any, error) {
	out := []any{}
	for d.More() {
		v, err := x.value(d, path, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	_, err := d.Token()
	return out, err
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
