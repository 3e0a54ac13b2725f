package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// decode reads JSON; numbers in untyped places stay exact.
func decode(b []byte, into any) error {
	if data, plain := into.(*map[string]any); plain {
		p := parser{text: string(b)}
		if m, err := p.whole(); err == nil {
			*data = m
			return nil
		} // which encoding/json reads all the same, or words the fault
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d.Decode(into)
}

// parser reads objects as PostgreSQL writes them: what it does not know it leaves to encoding/json. Texts of the result
// are parts of the text that is read.
type parser struct {
	text string
	at   int
}

var errStrange = errors.New("strange JSON")

// maxNested is how deep the parser goes.
const maxNested = 100

func (p *parser) whole() (map[string]any, error) {
	if !utf8.ValidString(p.text) {
		return nil, errStrange
	}
	v, err := p.value(0)
	p.space()
	m, isObject := v.(map[string]any)
	if err != nil || !isObject || p.at != len(p.text) {
		return nil, errStrange
	}
	return m, nil
}

func (p *parser) space() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\n') {
		p.at++
	}
}

func (p *parser) eat(c byte) bool {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) value(depth int) (any, error) {
	p.space()
	if p.at >= len(p.text) || depth > maxNested {
		return nil, errStrange
	}
	switch p.text[p.at] {
	case '{':
		return p.object(depth)
	case '[':
		return p.array(depth)
	case '"':
		return p.word()
	}
	end := strings.IndexAny(p.text[p.at:], ",]} \n")
	if end < 0 {
		return nil, errStrange
	}
	token := p.text[p.at : p.at+end]
	p.at += end
	switch token {
	case "null":
		return nil, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	if !json.Valid([]byte(token)) { // a number is what is left
		return nil, errStrange
	}
	return json.Number(token), nil
}

func (p *parser) object(depth int) (any, error) {
	p.at++
	m := make(map[string]any, 8)
	for first := true; !p.eat('}'); first = false {
		if !first && !p.eat(',') {
			return nil, errStrange
		}
		p.space()
		name, err := p.word()
		if err != nil || !p.eat(':') {
			return nil, errStrange
		}
		if m[name], err = p.value(depth + 1); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (p *parser) array(depth int) (any, error) {
	p.at++
	list := []any{}
	for !p.eat(']') {
		if len(list) > 0 && !p.eat(',') {
			return nil, errStrange
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// word reads a text.
func (p *parser) word() (string, error) {
	if p.at >= len(p.text) || p.text[p.at] != '"' {
		return "", errStrange
	}
	from, escaped := p.at, false
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c < ' ':
			return "", errStrange
		case c == '\\':
			escaped = true
			p.at++
		case c == '"':
			p.at++
			if !escaped {
				return p.text[from+1 : p.at-1], nil
			}
			var s string
			err := json.Unmarshal([]byte(p.text[from:p.at]), &s)
			return s, err
		}
	}
	return "", errStrange
}
