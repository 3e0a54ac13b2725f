package source

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"mera/schema"
)

// Format writes a file in the canonical shape: two spaces for each level, one blank line at most, double quotes where
// quotes are needed, no trailing spaces. Comments, blank lines between entries and the choice between {a: b} and lines
// stay with the author, except that braces which run over several lines become lines. Expressions that YAML would
// bend are quoted where their text is still whole.
//
// A file with faults comes back unchanged with its faults, and so does one whose meaning or comments the canonical
// shape would not keep. Formatting twice changes nothing more.
func Format(file string, src []byte) ([]byte, schema.Diagnostics) {
	if d, bad := checkBytes(file, src); bad {
		return src, schema.Diagnostics{d}
	}
	doc, faults := parseDocument(file, src)
	if len(faults) > 0 {
		return src, faults
	}
	p := &parser{file: file, lines: bytes.Split(src, []byte("\n"))}
	unbend(doc.Content[0], p.lines)
	meaning := p.node(doc.Content[0], 1)
	if len(p.faults) > 0 {
		return src, p.faults
	}
	out := settled(file, doc, p.lines)
	if out == nil || !keeps(file, src, out, meaning) {
		d := schema.Lintf(schema.Pos{File: file, Line: 1, Col: 1}, "not-formatted", "the canonical shape of this file would not keep all of it")
		return src, schema.Diagnostics{d.WithHint("simplify its comments and its quotation")}
	}
	return out, nil
}

// settled writes a document until writing changes nothing more: the YAML library gives a comment that has moved to
// another node, so it may move again. nil if it never settles.
func settled(file string, doc *yaml.Node, lines [][]byte) []byte {
	const most = 8
	var last []byte
	for range most {
		out := write(doc, lines)
		if bytes.Equal(out, last) {
			return out
		}
		var faults schema.Diagnostics
		if doc, faults = parseDocument(file, out); len(faults) > 0 {
			return nil
		}
		last, lines = out, bytes.Split(out, []byte("\n"))
	}
	return nil
}

// keeps tells that a text still says the same and has as many comments as the source: the YAML library loses one now
// and then.
func keeps(file string, src, out []byte, meaning *schema.Node) bool {
	node, faults := Parse(file, out)
	return len(faults) == 0 && same(node, meaning) && len(commentSign.FindAll(src, -1)) == len(commentSign.FindAll(out, -1))
}

// commentSign finds comments, and the same signs inside texts, which stay where they are.
var commentSign = regexp.MustCompile(`(?m)(^|\s)#`)

// same compares nodes without their places.
func same(a, b *schema.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == b.Kind && a.Scalar.Text == b.Scalar.Text && a.Scalar.Null == b.Scalar.Null &&
		slices.EqualFunc(a.Items, b.Items, same) &&
		slices.EqualFunc(a.Entries, b.Entries, func(x, y schema.Entry) bool {
			return x.Key.Text == y.Key.Text && same(x.Value, y.Value)
		})
}

// unbend mends what YAML bent where the text is still whole: a ! in front that became a tag, and a text in braces that
// was cut at a comma.
func unbend(n *yaml.Node, lines [][]byte) {
	if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0 {
		n.Content = rejoin(n.Content, lines)
	}
	for _, c := range n.Content {
		unbend(c, lines)
	}
	isTag := n.Kind == yaml.ScalarNode && n.Style == yaml.TaggedStyle && strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!")
	if isTag {
		n.Value, n.Tag, n.Style = strings.TrimRight(n.Tag+" "+n.Value, " "), "!!str", yaml.DoubleQuotedStyle
	}
}

// rejoin gives back to a value what follows it as keys without values, on the same line.
func rejoin(content []*yaml.Node, lines [][]byte) []*yaml.Node {
	var out []*yaml.Node
	for i := 0; i+1 < len(content); i += 2 {
		k, v := content[i], content[i+1]
		last := len(out) - 1
		if last < 0 || !isRest(k, v) || out[last].Kind != yaml.ScalarNode || out[last].Style != 0 || out[last].Line != k.Line {
			out = append(out, k, v)
			continue
		}
		value := out[last]
		line := []rune(string(lines[k.Line-1]))
		end := k.Column - 1 + len([]rune(k.Value))
		if end > len(line) || string(line[k.Column-1:end]) != k.Value {
			out = append(out, k, v)
			continue
		}
		value.Value, value.Tag = string(line[value.Column-1:end]), "!!str"
	}
	return out
}

// isRest tells that a key without a value is the rest of a text that was cut at a comma.
func isRest(k, v *yaml.Node) bool {
	return k.Kind == yaml.ScalarNode && k.Style == 0 && isEmpty(v) && !isWord(k.Value)
}
