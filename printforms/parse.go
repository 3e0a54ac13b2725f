package printforms

import (
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
)

const (
	maxTokens = 200 // words in one {{ }} or {% %}
	maxDepth  = 20  // blocks and brackets inside each other
	maxFaults = 200 // that are told
	maxNeeds  = 500 // different paths of the document
)

// checker reads a template against what it may see. It finds the paths of the document that the template needs and
// the edits that make the template safe to run.
type checker struct {
	src    *source
	cat    *schema.Catalog
	env    *expr.Env
	about  *schema.Document
	scopes []map[string]binding // innermost last
	blocks []block
	faults schema.Diagnostics

	needs  []need // paths of doc and case, each once
	edits  []edit // in order of place
	labels []Label

	reasons bool // of the decision are printed

	tokens []token // of the piece that is read
	at     int     // the next token
	end    int     // offset where the piece ends
	depth  int
}

// binding is what a name stands for. path leads to it from doc or case; empty for anything else, such as the row of a
// loop.
type binding struct {
	typ  *expr.Type
	path []string
}

// block is an open {% %} with the tags that may go on or end it.
type block struct {
	name  string
	start int
	scope bool // it opened a scope
}

// edit replaces a part of the source.
type edit struct {
	start, end int
	text       string
}

// operand is a value as an expression of a template knows it.
type operand struct {
	typ   *expr.Type // nil: faulty, told already
	path  []string   // if it is a bare path of doc or case
	start int
	text  string // the literal, if it is one
	plain bool   // a path without filters
}

func (c *checker) fault(offset int, code, format string, args ...any) *schema.Diagnostic {
	if len(c.faults) >= maxFaults {
		return &schema.Diagnostic{}
	}
	c.faults = append(c.faults, schema.Faultf(c.src.pos(offset), code, format, args...))
	return &c.faults[len(c.faults)-1]
}

// check reads all pieces.
func (c *checker) check() {
	pieces, ok := c.cut()
	if !ok {
		return
	}
	for _, p := range pieces {
		c.tokens, c.at, c.end = p.tokens, 0, p.end
		switch p.kind {
		case variable:
			if n := len(c.blocks); n == 0 || c.blocks[n-1].name != "comment" {
				c.variable(p)
			}
		case tag:
			c.tag(p)
		}
		if len(c.blocks) > maxDepth {
			c.fault(p.start, "template-depth", "more than %d tags inside each other", maxDepth)
			return
		}
	}
	for _, b := range c.blocks {
		c.fault(b.start, "template-syntax", "{%% %s %%} is not closed by {%% end%s %%}", b.name, b.name)
	}
	c.markup(pieces)
}

// variable checks {{ … }}: a value that can be printed.
func (c *checker) variable(p piece) {
	if len(p.tokens) == 0 {
		c.fault(p.start, "template-syntax", "{{ }} prints nothing")
		return
	}
	v := c.expression()
	if !c.done() || v.typ == nil {
		return
	}
	switch v.typ.Kind {
	case schema.Link, schema.Item, schema.Object, schema.Array:
		d := c.fault(v.start, "template-value", "%s cannot be printed whole", v.typ)
		switch v.typ.Kind {
		case schema.Item:
			d.Hint = "write .title or .code"
		case schema.Array:
			d.Hint = "write a loop, or |join:\", \""
		default:
			d.Hint = "name one of its properties"
		}
	case schema.Date, expr.Period, expr.Timestamp, schema.Money, schema.Boolean, schema.Enum:
		if v.plain && v.text == "" {
			d := schema.Lintf(c.src.pos(v.start), "template-raw", "%s is printed as it is stored", v.typ)
			c.faults = append(c.faults, d.WithHint("%s", rawHint(v.typ.Kind)))
		}
	}
}

func rawHint(k schema.Kind) string {
	switch k {
	case schema.Money:
		return "write |money or |words"
	case schema.Enum:
		return "write .title"
	case schema.Boolean:
		return "write {% if … %} or |yesno"
	}
	return "write |date or |date:\"long\""
}

// done tells that the piece was read to its end, and says so if it was not.
func (c *checker) done() bool {
	if c.at < len(c.tokens) {
		if c.at >= 0 {
			t := c.tokens[c.at]
			c.fault(t.start, "template-syntax", "%q was not expected here", t.text)
		}
		return false
	}
	return true
}

// stop ends the reading of a piece after a fault.
func (c *checker) stop() operand {
	c.tokens, c.at = nil, 0
	return operand{}
}

// peek tells whether the next token is one of the signs or words.
func (c *checker) peek(kind tokenKind, texts ...string) bool {
	return c.at < len(c.tokens) && c.tokens[c.at].kind == kind && slices.Contains(texts, c.tokens[c.at].text)
}

func (c *checker) match(kind tokenKind, texts ...string) bool {
	if c.peek(kind, texts...) {
		c.at++
		return true
	}
	return false
}

// next is the next token; a fault at the end of the piece.
func (c *checker) next(what string) (token, bool) {
	if c.at >= len(c.tokens) {
		c.fault(c.end-2, "template-syntax", "%s is missing", what)
		return token{}, false
	}
	c.at++
	return c.tokens[c.at-1], true
}

// expression reads comparisons joined by and, or.
func (c *checker) expression() operand {
	if c.depth++; c.depth > maxDepth {
		c.fault(c.end-2, "template-depth", "more than %d brackets inside each other", maxDepth)
		return c.stop()
	}
	defer func() { c.depth-- }()
	left := c.comparison()
	joined := ""
	for c.peek(word, "and", "or") || c.peek(sign, "&&", "||") {
		op := c.tokens[c.at]
		kind := strings.NewReplacer("&&", "and", "||", "or").Replace(op.text)
		if joined != "" && kind != joined {
			c.fault(op.start, "template-syntax", "and, or stand side by side: write brackets")
			return c.stop()
		}
		joined = kind
		c.at++
		c.comparison()
		left = operand{typ: expr.Bool, start: left.start}
	}
	return left
}

func (c *checker) comparison() operand {
	negated := c.match(word, "not") || c.match(sign, "!")
	left := c.factor()
	if c.peek(sign, "+", "-", "*", "/", "%", "^") {
		c.fault(c.tokens[c.at].start, "template-arithmetic", "a template does not calculate").
			Hint = "give it a value that is ready: a computed property (x-value) or a column of a list"
		return c.stop()
	}
	if c.peek(sign, "==", "!=", "<>", "<", ">", "<=", ">=") || c.peek(word, "in") {
		op := c.tokens[c.at]
		if negated {
			c.fault(op.start, "template-syntax", "not before a comparison: write not (…)")
			return c.stop()
		}
		c.at++
		right := c.factor()
		c.compare(op, left, right)
		return operand{typ: expr.Bool, start: left.start}
	}
	if negated {
		return operand{typ: expr.Bool, start: left.start}
	}
	return left
}

// compare checks that two values can be compared as pongo2 compares them: by their stored text.
func (c *checker) compare(op token, left, right operand) {
	if left.typ == nil || right.typ == nil {
		return
	}
	switch op.text {
	case "in":
		if right.typ.Kind != schema.Array && !textual(right.typ) {
			c.fault(right.start, "template-compare", "%s holds nothing that could be in it", right.typ)
		}
		return
	case "==", "!=", "<>":
		if comparable(left.typ) && comparable(right.typ) && textual(left.typ) == textual(right.typ) {
			c.known(left, right)
			c.known(right, left)
			return
		}
	default:
		if left.typ.Kind == schema.Integer && right.typ.Kind == schema.Integer {
			return
		}
	}
	c.fault(op.start, "template-compare", "%s and %s cannot be compared by %s here", left.typ, right.typ, op.text).
		Hint = "let the document compute it (x-value) and ask {% if doc.… %}"
}

// known refuses a literal that the other side can never be.
func (c *checker) known(literal, other operand) {
	if literal.text == "" {
		return
	}
	var codes []string
	switch classifier := c.cat.Classifiers[other.typ.Of]; {
	case other.typ.Kind == schema.Enum:
		codes = other.typ.Enum
	case classifier != nil && other.typ.Kind == schema.Text && classifier.Owner == "package":
		for _, item := range classifier.Items {
			codes = append(codes, item.Code)
		}
	}
	if len(codes) > 0 && !slices.Contains(codes, literal.text) {
		c.fault(literal.start, "template-code", "%q is none of: %s", literal.text, strings.Join(codes, ", "))
	}
}

func comparable(t *expr.Type) bool {
	return textual(t) || t.Kind == schema.Integer || t.Kind == schema.Boolean || t.Kind == expr.AnyKind
}

func textual(t *expr.Type) bool {
	switch t.Kind {
	case schema.Text, schema.Enum, schema.UUID, schema.Definition, expr.AnyKind:
		return true
	}
	return false
}

// factor reads a bracket, a literal or a path, with filters.
func (c *checker) factor() operand {
	if c.match(sign, "(") {
		v := c.expression()
		if c.tokens != nil && !c.match(sign, ")") {
			c.fault(c.end-2, "template-syntax", ") is missing")
			return c.stop()
		}
		return v
	}
	t, ok := c.next("a value")
	if !ok {
		return c.stop()
	}
	v := operand{start: t.start, text: t.text}
	switch {
	case t.kind == text:
		v.typ = expr.Text
	case t.kind == digits:
		v.typ = expr.Int
	case t.kind == word && (t.text == "true" || t.text == "false"):
		v.typ = expr.Bool
	case t.kind == word && !slices.Contains(reserved, t.text):
		v = c.path(t)
	default:
		c.fault(t.start, "template-syntax", "%q was not expected here", t.text)
		return c.stop()
	}
	for v.typ != nil && c.match(sign, "|") {
		v = c.filter(v)
	}
	return v
}

// reserved are words of pongo2 that are no names.
var reserved = []string{"in", "and", "or", "not", "as", "export", "nil", "true", "false"}

// path reads name.name.name and resolves it.
func (c *checker) path(first token) operand {
	segments := []token{first}
	for c.match(sign, ".") {
		t, ok := c.next("a name after the dot")
		if !ok {
			return c.stop()
		}
		if t.kind != word {
			c.fault(t.start, "template-syntax", "%q is no name of a property", t.text)
			return c.stop()
		}
		segments = append(segments, t)
	}
	if c.peek(sign, "(", "[") {
		c.fault(c.tokens[c.at].start, "template-syntax", "a template calls no functions and takes no elements by number")
		return c.stop()
	}
	return c.resolve(segments)
}
