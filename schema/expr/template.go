package expr

import (
	"strings"

	"mera/schema"
)

// CompileTemplate compiles text with {expressions}; {{ and }} are braces. The values are written for people: titles of
// items, 16.07.2019, 1 826,00. A template always has a text: what is absent or unknown in it is a dash, and what is
// unknown is named in Result.Unclear.
func (e *Env) CompileTemplate(src schema.Scalar, s Scope) (*Program, schema.Diagnostics) {
	parts, diags := cutTemplate(src)
	p := &Program{env: e, typ: Text, uses: newUses()}
	var pieces []piece
	for _, part := range parts {
		if !part.expression {
			pieces = append(pieces, piece{text: part.text})
			continue
		}
		n, more := e.node(schema.Scalar{Text: part.text, Pos: part.pos}, s, nil, nil, p.uses, &p.locals)
		diags = append(diags, more...)
		if n == nil {
			continue
		}
		for _, t := range []*Type{n.typ, n.typ.elem()} {
			if t.is(schema.Link) { // shown by its title
				p.uses.properties[property{t.Of, "title"}] = true
			}
		}
		show, ok := e.shower(n.typ)
		if !ok {
			diags = append(diags, schema.Faultf(part.pos, CodeType, "%s is %s, which has no text for people", clip(n.text), n.typ))
			continue
		}
		pieces = append(pieces, piece{node: n, show: show})
	}
	if diags.Faulty() {
		return nil, diags.Sorted()
	}
	p.root = &node{typ: Text, text: src.Text, pos: src.Pos, eval: func(f *frame) any { return f.fill(pieces) }}
	return p.whole(), diags.Sorted()
}

// piece is fixed text, or an expression with how it is shown.
type piece struct {
	text string
	node *node
	show func(*frame, any) string
}

// filled is the text of a template and what was missing in it.
type filled struct {
	text    string
	missing Unknown
}

func (f *frame) fill(pieces []piece) any {
	var b strings.Builder
	var missing Unknown
	for _, p := range pieces {
		if p.node == nil {
			b.WriteString(p.text)
			continue
		}
		v := p.node.eval(f)
		missing = missing.and(missingOf(v))
		b.WriteString(f.shown(v, p.show))
		if b.Len() > maxResult {
			return f.fail(ErrCost)
		}
		f.spend(b.Len() / 64)
	}
	return filled{b.String(), missing}
}

func (f *frame) shown(v any, show func(*frame, any) string) string {
	if _, none := unknown(v); none || v == nil {
		return dash
	}
	return show(f, v)
}

const dash = "—"

// templatePart is a piece of a template as written.
type templatePart struct {
	text       string
	expression bool
	pos        schema.Pos
}

// cutTemplate finds the expressions of a template. Braces inside of texts of an expression do not count.
func cutTemplate(src schema.Scalar) ([]templatePart, schema.Diagnostics) {
	s := &source{runes: []rune(src.Text), pos: src.Pos}
	var out []templatePart
	var text strings.Builder
	for i := 0; i < len(s.runes); i++ {
		r := s.runes[i]
		double := i+1 < len(s.runes) && s.runes[i+1] == r
		switch {
		case (r == '{' || r == '}') && double:
			text.WriteRune(r)
			i++
		case r == '}':
			return nil, schema.Diagnostics{schema.Faultf(s.at(i), CodeTemplate, "} closes nothing").WithHint("write }} for a brace")}
		case r == '{':
			end, ok := s.brace(i)
			if !ok {
				return nil, schema.Diagnostics{schema.Faultf(s.at(i), CodeTemplate, "{ is not closed").WithHint("write {{ for a brace")}
			}
			out = append(out, templatePart{text: text.String()},
				templatePart{text: string(s.runes[i+1 : end]), expression: true, pos: s.at(i + 1)})
			text.Reset()
			i = end
		default:
			text.WriteRune(r)
		}
	}
	return append(out, templatePart{text: text.String()}), nil
}

// brace is the offset of the brace that closes the one at i.
func (s *source) brace(i int) (int, bool) {
	for j := i + 1; j < len(s.runes); j++ {
		switch s.runes[j] {
		case '}':
			return j, true
		case '{':
			return 0, false
		case '\'', '"':
			j = quoted(s.runes, j) - 1
		}
	}
	return 0, false
}
