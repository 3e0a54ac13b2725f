package source

import (
	"bytes"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"mera/schema"
)

var lineOfError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntaxFault words an error of the YAML library for an author and finds the line, which the library tells only
// roughly (it names the beginning of the enclosing map).
func syntaxFault(file string, src []byte, err error) schema.Diagnostic {
	m := lineOfError.FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " "))
	if m == nil {
		m = []string{"", "", err.Error()}
	}
	reported, _ := strconv.Atoi(m[1])
	message, hint := wordSyntax(m[2])
	line := syntaxLine(src, max(reported, 1), m[2])
	return schema.Faultf(schema.Pos{File: file, Line: line, Col: indentOf(src, line)}, "yaml-syntax", "%s", message).WithHint("%s", hint)
}

// wordSyntax says what an author did to get a message of the YAML library.
func wordSyntax(message string) (text, hint string) {
	const quote = "quote the expression or the text"
	switch {
	case strings.Contains(message, "mapping values are not allowed"):
		return "there is a second \": \" in the line, so YAML reads it as a key", quote
	case strings.Contains(message, "did not find expected ',' or"):
		return "the braces or brackets that open here hold a text that YAML cannot read, or are not closed", quote + ", or close the brace"
	case strings.Contains(message, "did not find expected key"):
		return "text follows where the value has already ended, or the line is indented wrongly", quote + ", or align the line with its neighbours"
	case strings.Contains(message, "cannot start any token"), strings.Contains(message, "alphabetic or numeric"),
		strings.Contains(message, "comment or line break"):
		return "a text may not begin with this character", quote
	case strings.Contains(message, "unexpected end of stream"):
		return "a quotation mark that is opened here is never closed", "close it; a quotation mark inside quotes is written twice"
	case strings.Contains(message, "block sequence entries are not allowed"):
		return "a list item (- ) may not begin here", "begin the list on the next line, or quote the text"
	default:
		return fmt.Sprintf("this is not YAML: %s", message), "run the text through mera fmt line by line, or " + quote
	}
}

// maxSearch bounds the files in which the line of an error is searched for.
const maxSearch = 64 << 10

// syntaxLine is the first line whose addition makes the text fail in the same way. Braces fail from their first line
// on, so there the library's own line is the answer.
func syntaxLine(src []byte, reported int, message string) int {
	lines := bytes.SplitAfter(src, []byte("\n"))
	reported = min(reported, len(lines))
	fails := func(i int) bool {
		_, err := decode(yaml.NewDecoder(bytes.NewReader(bytes.Join(lines[:i+1], nil))))
		return err != nil && strings.Contains(err.Error(), message)
	}
	if len(src) > maxSearch {
		return reported
	}
	first := sort.Search(len(lines), fails) + 1
	if strings.Contains(message, "unexpected end of stream") {
		reported = 1 // the library tells the end; the beginning is what an author looks for
	}
	return min(max(first, reported), len(lines))
}

func indentOf(src []byte, line int) int {
	lines := bytes.Split(src, []byte("\n"))
	if line > len(lines) {
		return 1
	}
	return len(lines[line-1]) - len(bytes.TrimLeft(lines[line-1], " ")) + 1
}
