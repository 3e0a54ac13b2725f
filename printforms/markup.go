package printforms

import (
	"regexp"
	"slices"
	"strings"
)

// The HTML of a template is its author's, and authors are not trusted: nothing in it may run, load or submit. What a
// value prints is escaped by pongo2, which is right for text and for quoted attributes only; so values stand nowhere
// else, and in no attribute that is more than text.

// refusedElements run, load or submit something, or change how the rest is read.
var refusedElements = []string{"script", "iframe", "frame", "frameset", "object", "embed", "applet", "link", "base", "meta",
	"form", "input", "button", "textarea", "select", "svg", "math", "audio", "video", "source", "portal", "noscript", "template",
	"html", "head", "body", "title", "plaintext", "xmp", "noembed", "noframes"}

// loaded are attributes whose value is an address or a style.
var loaded = []string{"href", "src", "srcset", "srcdoc", "action", "formaction", "background", "poster", "data", "ping", "style",
	"xlink:href", "manifest", "longdesc", "cite", "lowsrc", "dynsrc", "codebase", "usemap", "profile"}

var (
	cssLoads   = regexp.MustCompile(`(?i)@import|expression\s*\(|url\s*\(|behavior\s*:|-moz-binding|\\`)
	linkTarget = regexp.MustCompile(`(?i)^(#[\w-]*|https://[^\s]+|mailto:[^\s]+)$`)
	dataImage  = regexp.MustCompile(`(?i)^data:image/(png|jpeg|gif);base64,[a-z0-9+/=]+$`)
)

// markup walks the HTML between the tags and variables of the template.
func (c *checker) markup(pieces []piece) {
	s := &scanner{c: c, src: c.src.bytes}
	for _, p := range pieces {
		switch p.kind {
		case markup:
			for i := p.start; i < p.end; i++ {
				s.read(i, c.src.bytes[i])
			}
		case variable:
			s.printed(p.start)
		}
	}
	if s.state != inText {
		s.fault(min(s.start, len(s.src)), "the HTML is not closed: < > or quotes are missing")
	}
}

type state int

const (
	inText   state = iota
	inName         // of an element
	inTag          // between attributes
	inAttr         // the name of an attribute
	inEquals       // after its =
	inValue        // a quoted value
	inBare         // a value without quotes
	inStyle        // the text of <style>
	inComment
)

// scanner is where in the HTML a template is.
type scanner struct {
	c       *checker
	src     []byte
	state   state
	start   int // where the state began
	element string
	attr    string
	quote   byte
}

func (s *scanner) to(state state, at int) { s.state, s.start = state, at }

// since is the source from the beginning of the state, in lower case.
func (s *scanner) since(end int) string { return strings.ToLower(string(s.src[s.start:end])) }

func (s *scanner) fault(at int, format string, args ...any) {
	s.c.fault(at, "template-markup", format, args...)
}

// printed judges the place of a {{ }}.
func (s *scanner) printed(at int) {
	switch s.state {
	case inText, inComment:
	case inValue:
		if slices.Contains(loaded, s.attr) || strings.HasPrefix(s.attr, "on") {
			s.fault(at, "no value may stand in the attribute %q", s.attr)
		}
	case inStyle:
		s.fault(at, "no value may stand in <style>")
	default:
		s.fault(at, "a value inside < > must stand in the quotes of an attribute")
	}
}

// read moves on by one byte; what is not ASCII never changes the state.
func (s *scanner) read(at int, b byte) {
	switch s.state {
	case inText:
		if b == '<' {
			s.to(inName, at+1)
		}
	case inName:
		s.name(at, b)
	case inTag:
		s.between(at, b)
	case inAttr:
		s.attribute(at, b)
	case inEquals:
		s.equals(at, b)
	case inValue:
		if b == s.quote {
			s.judge(s.since(at))
			s.to(inTag, at+1)
		}
	case inBare:
		if space(b) || b == '>' {
			s.judge(s.since(at))
			s.to(inTag, at)
			s.between(at, b)
		}
	case inStyle:
		if b == '>' && strings.HasSuffix(s.tail(at+1, len("</style>")), "</style>") {
			if cssLoads.MatchString(s.since(at)) {
				s.fault(s.start, "styles load nothing: no @import, url() or \\")
			}
			s.to(inText, at+1)
		}
	case inComment:
		if b == '>' && s.tail(at+1, len("-->")) == "-->" {
			s.to(inText, at+1)
		}
	}
}

// tail is the last n bytes of the state, in lower case.
func (s *scanner) tail(end, n int) string {
	return strings.ToLower(string(s.src[max(s.start, end-n):end]))
}

func space(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' || b == '\f' }

// name reads the name of an element after <.
func (s *scanner) name(at int, b byte) {
	first := at == s.start
	switch {
	case first && (space(b) || isDigit(b) || b == '='):
		s.to(inText, at) // «a < b» is text
	case b == '<' || first && b == '?':
		s.fault(s.start-1, "%q begins no element; write &lt;", "<")
		s.to(inText, at)
	case string(s.src[s.start:at+1]) == "!--":
		s.to(inComment, at+1)
	case space(b) || b == '>' || b == '/' && !first:
		s.element = s.since(at)
		if slices.Contains(refusedElements, s.element) {
			s.fault(s.start-1, "<%s> is not allowed: a print runs, loads and submits nothing, and its page is made around it", s.element)
		}
		s.to(inTag, at)
		s.between(at, b)
	}
}

// between reads what stands between the attributes of an element.
func (s *scanner) between(at int, b byte) {
	switch {
	case b == '>' && s.element == "style":
		s.to(inStyle, at+1)
	case b == '>':
		s.to(inText, at+1)
	case space(b) || b == '/':
	case b == '"' || b == '\'' || b == '=':
		s.fault(at, "%q is out of place in <%s>: write name=\"value\"", b, s.element)
	default:
		s.to(inAttr, at)
	}
}

// attribute reads the name of an attribute.
func (s *scanner) attribute(at int, b byte) {
	switch {
	case b == '=':
		s.attr = s.since(at)
		s.to(inEquals, at+1)
	case space(b) || b == '>' || b == '/':
		s.attr = s.since(at)
		s.judge("")
		s.to(inTag, at)
		s.between(at, b)
	}
}

// equals reads what comes after the = of an attribute.
func (s *scanner) equals(at int, b byte) {
	switch {
	case b == '"' || b == '\'':
		s.quote = b
		s.to(inValue, at+1)
	case b == '>':
		s.to(inTag, at)
		s.between(at, b)
	case !space(b):
		s.to(inBare, at)
	}
}

// judge looks at a whole attribute.
func (s *scanner) judge(value string) {
	value = strings.TrimSpace(value)
	switch {
	case strings.HasPrefix(s.attr, "on"):
		s.fault(s.start, "the attribute %q would run something", s.attr)
	case s.attr == "style" && cssLoads.MatchString(value):
		s.fault(s.start, "styles load nothing: no @import, url() or \\")
	case s.attr == "href":
		if !linkTarget.MatchString(value) {
			s.fault(s.start, "a link leads to #place, https: or mailto:")
		}
	case s.attr != "style" && slices.Contains(loaded, s.attr) && !dataImage.MatchString(value):
		s.fault(s.start, "the attribute %q may hold an image as data: only", s.attr)
	}
}
