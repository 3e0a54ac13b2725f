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
	safeTarget = regexp.MustCompile(`(?i)^(#[\w-]*|https://[^\s]+|mailto:[^\s]+|data:image/(png|jpeg|gif);base64,[a-z0-9+/=]+)$`)
)

// markup walks the HTML between the tags and variables of the template.
func (c *checker) markup(pieces []piece) {
	s := &scanner{c: c}
	for _, p := range pieces {
		switch p.kind {
		case markup:
			for i := p.start; i < p.end; i++ {
				s.read(i, c.src.bytes[i])
			}
		case variable:
			s.value(p.start)
		}
	}
	if s.state != inText {
		c.fault(s.start, "template-markup", "the HTML is not closed: < > or quotes are missing")
	}
}

type state int

const (
	inText  state = iota
	inName        // of an element
	inTag         // between attributes
	inAttr        // the name of an attribute
	inValue       // a quoted value
	inBare        // a value without quotes
	inStyle       // the text of <style>
	inComment
)

// scanner is where in the HTML a template is.
type scanner struct {
	c       *checker
	state   state
	start   int // where the state began
	element string
	attr    string
	quote   byte
	value_  string
	filled  bool // the value has a {{ }} in it
}

func (s *scanner) to(state state, at int) { s.state, s.start = state, at }

// value judges the place of a {{ }}.
func (s *scanner) value(at int) {
	switch s.state {
	case inText, inComment:
	case inValue:
		if s.filled = true; slices.Contains(loaded, s.attr) || strings.HasPrefix(s.attr, "on") {
			s.c.fault(at, "template-markup", "no value may stand in the attribute %q", s.attr)
		}
	case inStyle:
		s.c.fault(at, "template-markup", "no value may stand in <style>")
	default:
		s.c.fault(at, "template-markup", "a value inside < > must stand in the quotes of an attribute")
	}
}

// read moves on by one byte; what is not ASCII never changes the state.
func (s *scanner) read(at int, b byte) {
	switch s.state {
	case inText:
		if b == '<' {
			s.to(inName, at)
			s.element = ""
		}
	case inName:
		s.name(at, b)
	case inTag, inAttr:
		s.attribute(at, b)
	case inValue:
		if b == s.quote {
			s.judge()
			s.to(inTag, at)
			return
		}
		s.value_ += string(rune(b))
	case inBare:
		if blank(b) || b == '>' {
			s.judge()
			s.to(inTag, at)
			s.attribute(at, b)
			return
		}
		s.value_ += string(rune(b))
	case inStyle:
		s.value_ += string(rune(b))
		if text := s.value_; strings.HasSuffix(strings.ToLower(text), "</style>") {
			if cssLoads.MatchString(text) {
				s.c.fault(s.start, "template-markup", "styles load nothing: no @import, url() or \\")
			}
			s.to(inText, at)
		}
	case inComment:
		if s.value_ += string(rune(b)); strings.HasSuffix(s.value_, "-->") {
			s.to(inText, at)
		}
	}
}

func blank(b byte) bool {
	return b == ' ' || b == '\n' || b == '\t' || b == '\r' || b == '/' || b == '\f'
}

// name reads the name of an element after <.
func (s *scanner) name(at int, b byte) {
	switch {
	case s.element == "" && blank(b) && b != '/', s.element == "" && (isDigit(b) || b == '='):
		s.to(inText, at) // «a < b» is text
	case blank(b) && s.element != "", b == '>':
		if name := strings.ToLower(s.element); slices.Contains(refusedElements, name) {
			s.c.fault(s.start, "template-markup", "<%s> is not allowed: a print runs, loads and submits nothing, and its page is made around it", name)
		}
		if s.to(inTag, at); b == '>' {
			s.close(at)
		}
	default:
		if s.element += string(rune(b)); s.element == "!--" {
			s.value_ = ""
			s.to(inComment, at)
		} else if b == '<' || strings.HasPrefix(s.element, "?") {
			s.c.fault(s.start, "template-markup", "%q begins no element; write &lt;", "<")
			s.to(inText, at)
		}
	}
}

func (s *scanner) close(at int) {
	s.to(inText, at)
	if strings.EqualFold(s.element, "style") {
		s.value_ = ""
		s.to(inStyle, at)
	}
}

// attribute reads between the elements of a tag.
func (s *scanner) attribute(at int, b byte) {
	switch {
	case b == '>':
		s.judge()
		s.close(at)
	case blank(b):
		if s.state == inAttr {
			s.judge()
			s.to(inTag, at)
		}
	case b == '"' || b == '\'':
		if !strings.HasSuffix(s.attr, "=") {
			s.c.fault(at, "template-markup", "a quote is out of place in <%s>", s.element)
		}
		s.attr = strings.TrimSuffix(s.attr, "=")
		s.quote, s.value_, s.filled = b, "", false
		s.to(inValue, at)
	case s.state == inAttr && strings.HasSuffix(s.attr, "="):
		s.attr, s.value_, s.filled = strings.TrimSuffix(s.attr, "="), string(rune(b)), false
		s.to(inBare, at)
	case s.state == inTag:
		s.attr, s.value_ = strings.ToLower(string(rune(b))), ""
		s.to(inAttr, at)
	default:
		s.attr += strings.ToLower(string(rune(b)))
	}
}

// judge looks at a whole attribute.
func (s *scanner) judge() {
	attr, value := strings.TrimSuffix(s.attr, "="), strings.TrimSpace(s.value_)
	s.attr, s.value_ = "", ""
	switch {
	case strings.HasPrefix(attr, "on"):
		s.c.fault(s.start, "template-markup", "the attribute %q would run something", attr)
	case attr == "style" && cssLoads.MatchString(value):
		s.c.fault(s.start, "template-markup", "styles load nothing: no @import, url() or \\")
	case attr != "style" && slices.Contains(loaded, attr) && value != "" && !safeTarget.MatchString(value):
		s.c.fault(s.start, "template-markup", "the attribute %q may hold #place, https:, mailto: or an image as data:", attr)
	}
}
