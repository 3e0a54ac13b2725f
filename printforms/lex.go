package printforms

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"mera/schema"
)

// A template is cut here as pongo2 cuts it, but more strictly: what this lexer does not know is refused, so that
// nothing reaches pongo2 that was not checked.

type pieceKind int

const (
	markup   pieceKind = iota // HTML as written
	variable                  // {{ … }}
	tag                       // {% … %}
)

// piece is a part of a template between two offsets of its source.
type piece struct {
	kind       pieceKind
	start, end int
	tokens     []token
}

type tokenKind int

const (
	word tokenKind = iota
	text           // a quoted text, without its quotes
	digits
	sign
)

type token struct {
	kind       tokenKind
	text       string
	start, end int
}

// source is the text of a template with what its places are computed from.
type source struct {
	file    string
	bytes   []byte
	lines   []int // offsets at which lines start
	letters []int // letters before each block of bytes
}

const blockSize = 64 // bytes

func newSource(file string, b []byte) *source {
	s := &source{file: file, bytes: b, lines: []int{0}}
	count := 0
	for i, c := range b {
		if i%blockSize == 0 {
			s.letters = append(s.letters, count)
		}
		if utf8.RuneStart(c) {
			count++
		}
		if c == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	s.letters = append(s.letters, count)
	return s
}

// before counts the letters before an offset.
func (s *source) before(offset int) int {
	block := offset / blockSize
	n := s.letters[block]
	for _, c := range s.bytes[block*blockSize : offset] {
		if utf8.RuneStart(c) {
			n++
		}
	}
	return n
}

// pos is the place of an offset; columns count letters.
func (s *source) pos(offset int) schema.Pos {
	line, exact := slices.BinarySearch(s.lines, offset)
	if !exact {
		line--
	}
	return schema.Pos{File: s.file, Line: line + 1, Col: s.before(offset) - s.before(s.lines[line]) + 1}
}

// signs are longest first. Those that the parser has no use for are here to be refused by name.
var signs = []string{"==", "!=", ">=", "<=", "<>", "&&", "||", "(", ")", "<", ">", "|", ":", ".", ",", "=", "!",
	"+", "-", "*", "/", "%", "^", "[", "]"}

// cut cuts a template into pieces; false after a fault.
func (c *checker) cut() (out []piece, whole bool) {
	b, at := c.src.bytes, 0
	for at < len(b) {
		open := nextOpen(b, at)
		if open > at {
			out = append(out, piece{kind: markup, start: at, end: open})
		}
		if open == len(b) {
			break
		}
		p := piece{start: open}
		var ok bool
		switch b[open+1] {
		case '#':
			p.end, ok = c.comment(open)
			at = p.end
			if !ok {
				return out, false
			}
			continue
		case '{':
			p.kind = variable
			p.tokens, p.end, ok = c.words(open+2, "}}")
		default:
			p.kind = tag
			p.tokens, p.end, ok = c.words(open+2, "%}")
		}
		if !ok {
			return out, false
		}
		out = append(out, p)
		at = p.end
	}
	return out, true
}

func nextOpen(b []byte, at int) int {
	for i := at; i+1 < len(b); i++ {
		if b[i] == '{' && (b[i+1] == '{' || b[i+1] == '%' || b[i+1] == '#') {
			return i
		}
	}
	return len(b)
}

func (c *checker) comment(at int) (int, bool) {
	inside := c.src.bytes[at+2:]
	end := bytes.Index(inside, []byte("#}"))
	if end < 0 || bytes.IndexByte(inside[:end], '\n') >= 0 {
		c.fault(at, "template-syntax", "the comment {# is not closed on its line")
		return len(c.src.bytes), false
	}
	return at + end + 4, true
}

// words reads the inside of a tag or variable up to its close; a fault stops it.
func (c *checker) words(at int, end string) ([]token, int, bool) {
	b := c.src.bytes
	open := at - 2
	if at < len(b) && b[at] == '-' {
		at++
	}
	var out []token
	for at < len(b) && b[at] != '\n' {
		rest := string(b[at:min(at+3, len(b))])
		switch {
		case strings.HasPrefix(rest, end):
			return out, at + 2, true
		case rest == "-"+end:
			return out, at + 3, true
		case strings.ContainsAny(rest[:1], " \t\r"):
			at++
			continue
		}
		t, ok := c.token(at)
		if !ok {
			return nil, 0, false
		}
		if out = append(out, t); len(out) > maxTokens {
			c.fault(open, "template-depth", "more than %d words in one place", maxTokens)
			return nil, 0, false
		}
		at = t.end
	}
	c.fault(open, "template-syntax", "%s is not closed on its line by %s", string(b[open:open+2]), end)
	return nil, 0, false
}

func (c *checker) token(at int) (token, bool) {
	b := c.src.bytes
	switch first := b[at]; {
	case first == '"' || first == '\'':
		end := bytes.IndexByte(b[at+1:], first)
		line := bytes.IndexByte(b[at+1:], '\n')
		if end < 0 || line >= 0 && line < end {
			c.fault(at, "template-syntax", "the text is not closed")
			return token{}, false
		}
		inside := string(b[at+1 : at+1+end])
		if strings.Contains(inside, `\`) {
			c.fault(at, "template-syntax", `a text in a template has no \`)
			return token{}, false
		}
		return token{text, inside, at, at + end + 2}, true
	case isDigit(first):
		end := at
		for end < len(b) && isDigit(b[end]) {
			end++
		}
		return token{digits, string(b[at:end]), at, end}, true
	case isLetter(first):
		end := at
		for end < len(b) && (isLetter(b[end]) || isDigit(b[end])) {
			end++
		}
		return token{word, string(b[at:end]), at, end}, true
	}
	for _, s := range signs {
		if bytes.HasPrefix(b[at:], []byte(s)) {
			return token{sign, s, at, at + len(s)}, true
		}
	}
	r, _ := utf8.DecodeRune(b[at:])
	c.fault(at, "template-syntax", "the sign %q has no meaning here; names have latin letters and digits", r)
	return token{}, false
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' }
