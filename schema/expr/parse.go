package expr

import (
	"regexp"
	"strings"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/parser"

	"mera/schema"
)

const (
	maxText  = 4096 // bytes of one expression
	maxDepth = 64   // brackets in brackets
)

// source is a parsed expression with what its places are computed from.
type source struct {
	text  string
	runes []rune
	pos   schema.Pos // of the first character
	info  *ast.SourceInfo
}

// parse reads an expression; a nil ast.Expr comes with faults.
func parse(src schema.Scalar) (ast.Expr, *source, schema.Diagnostics) {
	s := &source{text: src.Text, runes: []rune(src.Text), pos: src.Pos}
	switch {
	case strings.TrimSpace(src.Text) == "":
		return nil, s, schema.Diagnostics{schema.Faultf(src.Pos, CodeSyntax, "an expression is wanted")}
	case len(src.Text) > maxText:
		return nil, s, schema.Diagnostics{schema.Faultf(src.Pos, CodeTooLong, "an expression may have %d bytes, this one has %d", maxText, len(src.Text)).
			WithHint("move parts of it to `let` or to a function")}
	case bareDate.MatchString(strings.TrimSpace(src.Text)):
		return nil, s, schema.Diagnostics{schema.Faultf(src.Pos, CodeType, "%s is a subtraction here, not a date", strings.TrimSpace(src.Text)).
			WithHint("write date('%s')", strings.TrimSpace(src.Text))}
	}
	if at, deep := tooDeep(s.runes); deep {
		return nil, s, schema.Diagnostics{schema.Faultf(s.at(at), CodeTooDeep, "brackets are nested deeper than %d", maxDepth)}
	}
	p, err := parser.NewParser(parser.Macros(), parser.EnablePrattParser(true), parser.ErrorReportingLimit(5))
	if err != nil {
		return nil, s, schema.Diagnostics{schema.Faultf(src.Pos, CodeSyntax, "%v", err)}
	}
	tree, errs := p.Parse(common.NewTextSource(src.Text))
	if list := errs.GetErrors(); len(list) > 0 {
		return nil, s, schema.Diagnostics{s.syntax(list[0])} // what follows the first is most often its echo
	}
	s.info = tree.SourceInfo()
	return tree.Expr(), s, nil
}

var bareDate = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// syntax says what the parser found in words of the language.
func (s *source) syntax(e *common.Error) schema.Diagnostic {
	pos := s.place(e.Location.Line(), e.Location.Column())
	msg := strings.TrimPrefix(e.Message, "Syntax error: ")
	if word, ok := strings.CutPrefix(msg, "reserved identifier: "); ok {
		return schema.Faultf(pos, CodeReserved, "%q is a reserved word, not a name", word)
	}
	if word, ok := strings.CutPrefix(msg, "unsupported syntax "); ok {
		return schema.Faultf(pos, CodeNotLanguage, "%s is not part of the language", word)
	}
	if strings.Contains(msg, "recursion limit") {
		return schema.Faultf(s.pos, CodeTooDeep, "the expression is nested too deep").WithHint("move parts of it to `let` or to a function")
	}
	d := schema.Faultf(pos, CodeSyntax, "%s", plainSyntax(msg))
	if sign := otherSign[s.wordAt(e.Location.Line(), e.Location.Column())]; sign != "" {
		return d.WithHint("write %s", sign)
	}
	return d
}

// otherSign is how the language writes what other languages write.
var otherSign = map[string]string{"and": "&&", "or": "||", "not": "!", "=": "==", "<>": "!=", "in": "x in list", "is": "=="}

var mismatched = regexp.MustCompile(`^mismatched input (.+) expecting '(.+)'$`)

// plainSyntax words a message of the parser for an author.
func plainSyntax(msg string) string {
	if m := mismatched.FindStringSubmatch(msg); m != nil {
		if m[1] == "<EOF>" {
			return "the expression ends, and " + m[2] + " is wanted"
		}
		return m[2] + " is wanted before " + m[1]
	}
	switch msg {
	case "mismatched input '<EOF>' expecting expression":
		return "the expression ends where a value is wanted"
	case "unexpected token after expression":
		return "the expression could end here, or go on with an operator"
	case "unexpected token":
		return "a value is wanted here"
	case "expected identifier after '.'":
		return "a name is wanted after the dot"
	case "unterminated string literal":
		return "the quotation mark is never closed"
	case "invalid int literal":
		return "the number is too large"
	}
	return msg
}

// wordAt is the word or sign at a line (from 1) and column (from 0).
func (s *source) wordAt(line, col int) string {
	i := 0
	for ; line > 1 && i < len(s.runes); i++ {
		if s.runes[i] == '\n' {
			line--
		}
	}
	i += col
	if i >= len(s.runes) {
		return ""
	}
	if end := s.wordAfter(i); end > i {
		return string(s.runes[i:end])
	}
	return strings.TrimSpace(string(s.runes[i:min(i+2, len(s.runes))]))
}

// place is the position of a line (from 1) and column (from 0) of the text. All lines of a block scalar begin in the
// column of the first.
func (s *source) place(line, col int) schema.Pos {
	p := s.pos
	if p.Line == 0 {
		return p
	}
	p.Line += max(line-1, 0)
	p.Col += max(col, 0)
	return p
}

// at is the position of a character by its offset.
func (s *source) at(offset int) schema.Pos {
	line, col := 1, 0
	for _, r := range s.runes[:min(max(offset, 0), len(s.runes))] {
		col++
		if r == '\n' {
			line, col = line+1, 0
		}
	}
	return s.place(line, col)
}

// offset is where CEL puts a node: its first character, the operator, the dot or the opening bracket.
func (s *source) offset(e ast.Expr) int {
	if r, ok := s.info.GetOffsetRange(e.ID()); ok {
		return min(max(int(r.Start), 0), len(s.runes))
	}
	return 0
}

// skip moves over white space.
func (s *source) skip(i int) int {
	for i < len(s.runes) && isSpace(s.runes[i]) {
		i++
	}
	return i
}

// word is the offset before which a name ends: the beginning of the name in front of a bracket.
func (s *source) wordBefore(i int) int {
	for i > 0 && isSpace(s.runes[i-1]) {
		i--
	}
	for i > 0 && isWord(s.runes[i-1]) {
		i--
	}
	return i
}

// wordAfter is the offset after the name that begins at i.
func (s *source) wordAfter(i int) int {
	for i < len(s.runes) && isWord(s.runes[i]) {
		i++
	}
	return i
}

func isSpace(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' }

func isWord(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// closing is the offset after the bracket that closes the one at i.
func (s *source) closing(i int) int {
	depth := 0
	for j := i; j < len(s.runes); j++ {
		switch s.runes[j] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				return j + 1
			}
		case '\'', '"':
			j = quoted(s.runes, j) - 1
		}
	}
	return len(s.runes)
}

// quoted is the offset after the text literal that begins at i.
func quoted(runes []rune, i int) int {
	for j := i + 1; j < len(runes); j++ {
		switch runes[j] {
		case '\\':
			j++
		case runes[i]:
			return j + 1
		}
	}
	return len(runes)
}

// span widens [start, end) so that its brackets match: the operands of «(a + b) * c» lie inside brackets of their own.
func (s *source) span(start, end int) (int, int) {
	depth, least := 0, 0
	for i := start; i < end; i++ {
		switch s.runes[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
			least = min(least, depth)
		case '\'', '"':
			i = quoted(s.runes, i) - 1
		}
	}
	for open := -least; open > 0 && start > 0; {
		start--
		if s.runes[start] == '(' {
			open--
		}
	}
	for open := depth - least; open > 0 && end < len(s.runes); end++ {
		if s.runes[end] == ')' {
			open--
		}
	}
	return start, end
}

// slice is the text between two offsets on one line.
func (s *source) slice(start, end int) string {
	start = min(max(start, 0), len(s.runes))
	end = min(max(end, start), len(s.runes))
	return strings.Join(strings.Fields(string(s.runes[start:end])), " ")
}

// tooDeep looks for brackets and operators that would make the parser recurse too deep, before it does.
func tooDeep(runes []rune) (int, bool) {
	depth := 0
	for i := 0; i < len(runes); i++ {
		switch runes[i] {
		case '(', '[', '{':
			if depth++; depth > maxDepth {
				return i, true
			}
		case ')', ']', '}':
			depth--
		case '\'', '"':
			i = quoted(runes, i) - 1
		}
	}
	return 0, false
}
