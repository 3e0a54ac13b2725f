package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"mera/schema"
)

// Limits of one file (section 9 of the language).
const (
	MaxFile   = 1 << 20
	MaxScalar = 64 << 10
	MaxDepth  = 32
)

// Parse reads one document. file is the path that places are given in. What is faulty is left out of the node, so
// that the rest can still be checked; the node is nil if nothing could be read.
func Parse(file string, src []byte) (*schema.Node, schema.Diagnostics) {
	if d, bad := checkBytes(file, src); bad {
		return nil, schema.Diagnostics{d}
	}
	doc, ds := parseDocument(file, src)
	if doc == nil {
		return nil, ds
	}
	p := &parser{file: file, lines: bytes.Split(src, []byte("\n")), faults: ds}
	node := p.node(doc.Content[0], 1)
	return node, p.faults
}

// checkBytes refuses what no parser should see.
func checkBytes(file string, src []byte) (schema.Diagnostic, bool) {
	if len(src) > MaxFile {
		return schema.Faultf(schema.Pos{File: file}, "too-large", "the file has %d bytes, more than the %d allowed", len(src), MaxFile).
			WithHint("split it into several definitions or move the rows to a CSV file"), true
	}
	if !utf8.Valid(src) {
		return schema.Faultf(badUTF8(file, src), "not-utf8", "the file is not UTF-8 text").WithHint("save it in the UTF-8 encoding"), true
	}
	if i := bytes.IndexByte(src, '\t'); i >= 0 {
		return schema.Faultf(placeOf(file, src, i), "tab", "there is a tab here").WithHint("use spaces; two for each level"), true
	}
	return schema.Diagnostic{}, false
}

func badUTF8(file string, src []byte) schema.Pos {
	i := 0
	for i < len(src) {
		r, n := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		i += n
	}
	return placeOf(file, src, i)
}

func placeOf(file string, src []byte, offset int) schema.Pos {
	before := src[:offset]
	line := bytes.Count(before, []byte("\n"))
	start := bytes.LastIndexByte(before, '\n') + 1
	return schema.Pos{File: file, Line: line + 1, Col: utf8.RuneCount(before[start:]) + 1}
}

// parseDocument is the first document of the file: nil if the file is empty or broken.
func parseDocument(file string, src []byte) (*yaml.Node, schema.Diagnostics) {
	dec := yaml.NewDecoder(bytes.NewReader(src))
	doc, err := decode(dec)
	switch {
	case errors.Is(err, io.EOF):
		d := schema.Faultf(schema.Pos{File: file, Line: 1, Col: 1}, "empty-file", "the file says nothing")
		return nil, schema.Diagnostics{d}
	case err != nil:
		return nil, schema.Diagnostics{syntaxFault(file, src, err)}
	}
	if second, err := decode(dec); !errors.Is(err, io.EOF) {
		pos := schema.Pos{File: file, Line: 1, Col: 1}
		if err == nil {
			pos.Line, pos.Col = second.Line, second.Column
		}
		d := schema.Faultf(pos, "second-document", "a file holds one definition, and a second document begins here").
			WithHint("move it into a file of its own and remove the line ---")
		return doc, schema.Diagnostics{d}
	}
	return doc, nil
}

// decode shields from a panic of the YAML library: a bad file must never stop the server.
func decode(dec *yaml.Decoder) (doc *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	doc = &yaml.Node{}
	if err := dec.Decode(doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 {
		return nil, io.EOF
	}
	return doc, nil
}

// parser turns nodes of the YAML library into nodes of the language.
type parser struct {
	file   string
	lines  [][]byte
	faults schema.Diagnostics
}

func (p *parser) fault(d schema.Diagnostic) { p.faults = append(p.faults, d) }

func (p *parser) pos(n *yaml.Node) schema.Pos {
	return schema.Pos{File: p.file, Line: n.Line, Col: n.Column}
}

func (p *parser) node(n *yaml.Node, depth int) *schema.Node {
	pos := p.pos(n)
	if !p.allowed(n, depth) || n.Kind == yaml.AliasNode {
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		return &schema.Node{Kind: schema.MapNode, Pos: pos, Entries: p.entries(n, depth)}
	case yaml.SequenceNode:
		list := &schema.Node{Kind: schema.ListNode, Pos: pos}
		for _, c := range n.Content {
			if item := p.node(c, depth+1); item != nil {
				list.Items = append(list.Items, item)
			}
		}
		return list
	default:
		return &schema.Node{Kind: schema.ScalarNode, Pos: pos, Scalar: p.scalar(n)}
	}
}

// allowed reports what YAML can do and the language does not want. It tells whether the node can be looked at further.
func (p *parser) allowed(n *yaml.Node, depth int) bool {
	p.marks(n)
	pos := p.pos(n)
	switch {
	case depth > MaxDepth && n.Kind != yaml.ScalarNode:
		p.fault(schema.Faultf(pos, "too-deep", "maps and lists are nested deeper than %d levels", MaxDepth))
	case len(n.Value) > MaxScalar:
		p.fault(schema.Faultf(pos, "too-long", "the text has %d bytes, more than the %d allowed", len(n.Value), MaxScalar))
	default:
		return true
	}
	return false
}

// marks reports aliases, anchors and tags.
func (p *parser) marks(n *yaml.Node) {
	pos := p.pos(n)
	switch {
	case n.Kind == yaml.AliasNode:
		p.fault(schema.Faultf(pos, "alias", "*%s is a YAML alias, and definitions have none", n.Value).
			WithHint("write the value out; if this is an expression or a text, quote it"))
	case n.Anchor != "":
		p.fault(schema.Faultf(pos, "anchor", "&%s is a YAML anchor, and definitions have none", n.Anchor).
			WithHint("remove it and write repeated values out; if this is an expression or a text, quote it"))
	case n.Style&yaml.TaggedStyle != 0 && strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!"):
		p.fault(schema.Faultf(pos, "tag", "YAML reads %q as a tag because of the ! in front", n.Tag).
			WithHint("quote the expression"))
	case n.Style&yaml.TaggedStyle != 0:
		p.fault(schema.Faultf(pos, "tag", "%s is a YAML tag, and definitions have none", n.Tag).
			WithHint("remove it: every value is read by the place where it stands"))
	}
}

func (p *parser) entries(n *yaml.Node, depth int) []schema.Entry {
	seen := map[string]int{}
	var out []schema.Entry
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if !p.key(n, k, v) || !p.allowed(k, depth) {
			continue
		}
		if line, twice := seen[k.Value]; twice {
			p.fault(schema.Faultf(p.pos(k), "duplicate-key", "the key %q is written twice; first on line %d", k.Value, line).
				WithHint("keep one of the two"))
			continue
		}
		seen[k.Value] = k.Line
		if value := p.node(v, depth+1); value != nil {
			out = append(out, schema.Entry{Key: p.scalar(k), Value: value})
		}
	}
	return out
}

// key refuses keys that are no words, most often the rest of an expression that YAML cut at a comma.
func (p *parser) key(parent, k, v *yaml.Node) bool {
	const quote = "quote the expression or the text"
	flow := parent.Style&yaml.FlowStyle != 0
	switch {
	case k.Kind == yaml.AliasNode:
		return true // refused as an alias
	case k.Kind != yaml.ScalarNode:
		p.fault(schema.Faultf(p.pos(k), "bent-expression", "YAML reads this as a map whose key is itself a map or a list").WithHint(quote))
	case k.Tag == "!!merge" || k.Value == "<<":
		p.fault(schema.Faultf(p.pos(k), "merge-key", "<< is a YAML merge key, and definitions have none").WithHint("write the keys out"))
	case flow && isEmpty(v) && !isWord(k.Value):
		p.fault(schema.Faultf(p.pos(k), "bent-expression", "YAML ended the text before %q, at a comma inside the braces", k.Value).WithHint(quote))
	default:
		return true
	}
	return false
}

func isEmpty(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Style == 0 && n.Value == "" }

// isWord tells that a text could be a key that an author meant: one word, or a dotted path.
func isWord(s string) bool {
	return s != "" && !strings.ContainsAny(s, " ()[]{}<>!&|?+*/'\"\n")
}

// scalar keeps the text as written. Its place is that of the first letter of the text, so that an expression can
// count columns from it.
func (p *parser) scalar(n *yaml.Node) schema.Scalar {
	s := schema.Scalar{Text: n.Value, Pos: p.pos(n)}
	switch {
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		s.Pos.Col++
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		s.Text = strings.TrimRight(s.Text, "\n")
		s.Pos.Line, s.Pos.Col = p.blockStart(n.Line)
	case n.Style&yaml.TaggedStyle != 0:
		s.Text = strings.TrimRight(n.Tag+" "+n.Value, " ") // reported; the text as it was meant
	case n.Value == "" || n.Value == "null" || n.Value == "~":
		s.Text, s.Null = "", true
	}
	return s
}

// blockStart is the place of the first line of a block scalar whose indicator stands on a line. The column is that of
// its first letter, which may come after blank lines.
func (p *parser) blockStart(line int) (int, int) {
	for _, text := range p.lines[min(line, len(p.lines)):] {
		if rest := bytes.TrimLeft(text, " "); len(bytes.TrimSpace(rest)) > 0 {
			return line + 1, len(text) - len(rest) + 1
		}
	}
	return line, 1
}
