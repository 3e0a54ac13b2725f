package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// write is a document in the canonical shape. lines are those that it was read from: they tell where blank lines were.
func write(doc *yaml.Node, lines [][]byte) []byte {
	w := &writer{lines: lines}
	root := doc.Content[0]
	w.comment(doc.HeadComment, 0)
	if len(w.out) > 0 {
		w.line(0, "")
	}
	w.comment(root.HeadComment, 0)
	switch {
	case isBlock(root) && root.Kind == yaml.MappingNode:
		w.mapping(root, 0, "")
	case isBlock(root):
		w.sequence(root, 0, "")
	default:
		w.value(0, "", root, root.LineComment)
	}
	w.comment(root.FootComment, 0)
	if doc.FootComment != "" {
		w.line(0, "")
		w.comment(doc.FootComment, 0)
	}
	return append(bytes.TrimSpace(w.out), '\n')
}

// writer collects lines.
type writer struct {
	lines [][]byte
	out   []byte
}

func (w *writer) line(indent int, text string) {
	line := strings.TrimRight(strings.Repeat(" ", indent)+text, " ")
	w.out = append(append(w.out, line...), '\n')
}

// comment writes a comment on lines of its own; the blank lines inside stay.
func (w *writer) comment(text string, indent int) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		w.line(indent, strings.TrimSpace(line))
	}
}

// blank keeps a blank line that stood before an entry or its comment.
func (w *writer) blank(n *yaml.Node) {
	above := n.Line - 2
	if n.HeadComment != "" {
		above -= strings.Count(strings.Trim(n.HeadComment, "\n"), "\n") + 1
	}
	if len(w.out) == 0 || above < 0 || above >= len(w.lines) || len(bytes.TrimSpace(w.lines[above])) > 0 {
		return
	}
	if !bytes.HasSuffix(w.out, []byte("\n\n")) {
		w.line(0, "")
	}
}

// mapping writes entries on lines of their own. first is what stands before the first key on its line: "" or dashes.
func (w *writer) mapping(n *yaml.Node, indent int, first string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		at, before := indent, ""
		if i == 0 && first != "" {
			at, before = indent-len(first), first
		} else {
			w.blank(k)
		}
		w.comment(k.HeadComment, at)
		w.comment(v.HeadComment, at)
		w.entry(at, before, indent, k, v)
		w.comment(v.FootComment, indent)
		w.comment(k.FootComment, indent)
	}
}

func (w *writer) entry(at int, before string, indent int, k, v *yaml.Node) {
	head := before + scalarText(k, false) + ":"
	remark := join(k.LineComment, v.LineComment)
	switch {
	case isBlock(v) && v.Kind == yaml.MappingNode:
		w.line(at, join(head, remark))
		w.mapping(v, indent+2, "")
	case isBlock(v):
		w.line(at, join(head, remark))
		w.sequence(v, indent+2, "")
	default:
		w.value(at, head+" ", v, remark)
	}
}

// sequence writes items on lines of their own, each behind a dash.
func (w *writer) sequence(n *yaml.Node, indent int, first string) {
	for i, item := range n.Content {
		at, before := indent, "- "
		if i == 0 && first != "" {
			at, before = indent-len(first), first+"- "
		} else {
			w.blank(item)
		}
		w.comment(item.HeadComment, at)
		switch {
		case isBlock(item) && item.Kind == yaml.MappingNode:
			w.comment(item.LineComment, at)
			w.comment(item.Content[0].HeadComment, at)
			inner := *item.Content[0]
			inner.HeadComment = ""
			inline := *item
			inline.Content = append([]*yaml.Node{&inner}, item.Content[1:]...)
			w.mapping(&inline, at+len(before), before)
		case isBlock(item):
			w.comment(item.LineComment, at)
			w.sequence(item, at+len(before), before)
		default:
			w.value(at, before, item, item.LineComment)
		}
		w.comment(item.FootComment, indent)
	}
}

// value writes what fits on the line of its key, or a block scalar that begins there.
func (w *writer) value(at int, before string, v *yaml.Node, remark string) {
	if v.Kind != yaml.ScalarNode {
		w.line(at, join(before+flow(v), remark))
		return
	}
	if !isLiteral(v) {
		w.line(at, join(before+scalarText(v, false), remark))
		return
	}
	w.line(at, join(before+"|", remark))
	inner := at + len(before) - len(strings.TrimLeft(before, "- "))
	if key := strings.TrimLeft(before, "- "); key != "" || inner == 0 {
		inner += 2
	}
	for line := range strings.SplitSeq(strings.TrimRight(v.Value, "\n"), "\n") {
		if line == "" {
			w.out = append(w.out, '\n')
			continue
		}
		w.out = append(append(append(w.out, strings.Repeat(" ", inner)...), line...), '\n')
	}
}

// join puts parts on one line with a space between.
func join(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, strings.TrimRight(strings.ReplaceAll(p, "\n", " "), " "))
		}
	}
	return strings.Join(out, " ")
}

// isBlock tells that a collection is written on lines of its own: it was, or its braces ran over several lines.
func isBlock(n *yaml.Node) bool {
	if n.Kind == yaml.ScalarNode || len(n.Content) == 0 {
		return false
	}
	if n.Style&yaml.FlowStyle == 0 {
		return true
	}
	return spills(n, n.Line)
}

// spills tells that a part of a collection does not stand on a line, or carries a comment.
func spills(n *yaml.Node, line int) bool {
	for _, c := range n.Content {
		if c.Line != line || c.HeadComment+c.LineComment+c.FootComment != "" || spills(c, line) {
			return true
		}
	}
	return false
}

// flow writes a collection in braces or brackets.
func flow(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		var parts []string
		for i := 0; i+1 < len(n.Content); i += 2 {
			parts = append(parts, scalarText(n.Content[i], true)+": "+flow(n.Content[i+1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case yaml.SequenceNode:
		var parts []string
		for _, c := range n.Content {
			parts = append(parts, flow(c))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	default:
		return scalarText(n, true)
	}
}

// isLiteral tells that a scalar is written as a block: it was one, or has several lines that a block can hold.
func isLiteral(n *yaml.Node) bool {
	text := strings.TrimRight(n.Value, "\n")
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !printable(r) }) {
		return false
	}
	starts := text[0] != ' ' && text[0] != '\n'
	return starts && (n.Style&yaml.LiteralStyle != 0 || n.Style&yaml.FoldedStyle != 0 && strings.Contains(text, "\n"))
}

// scalarText writes a scalar on one line: plain if it was and may be, else in quotes.
func scalarText(n *yaml.Node, inFlow bool) string {
	text := n.Value
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		text = strings.TrimRight(text, "\n")
	}
	quoted := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0
	switch {
	case !quoted && (text == "" || text == "~"):
		return "null"
	case !quoted && isPlain(text, inFlow):
		return text
	case strings.ContainsAny(text, `"\`) && !strings.ContainsFunc(text, func(r rune) bool { return !printable(r) }):
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	default:
		return doubleQuoted(text)
	}
}

// isPlain asks the YAML library whether a text without quotes reads as itself.
func isPlain(text string, inFlow bool) bool {
	if strings.ContainsFunc(text, func(r rune) bool { return !printable(r) }) {
		return false
	}
	src := "k: " + text
	if inFlow {
		src = "{" + src + "}"
	}
	doc, err := decode(yaml.NewDecoder(strings.NewReader(src)))
	if err != nil || doc.Content[0].Kind != yaml.MappingNode || len(doc.Content[0].Content) != 2 {
		return false
	}
	got := doc.Content[0].Content[1]
	return got.Kind == yaml.ScalarNode && got.Style == 0 && got.Anchor == "" && got.Value == text
}

func printable(r rune) bool {
	return r == ' ' || unicode.IsPrint(r)
}

func doubleQuoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case printable(r) && r != utf8.RuneError:
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02X`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
