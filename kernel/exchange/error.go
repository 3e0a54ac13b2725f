package exchange

import (
	_ "embed"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one thing that is wrong with a message. Path leads into the record ("pensions.0.from"), or is "" for the
// message as a whole.
type Problem struct {
	Path string
	Code string
	Args []string
}

// Codes of problems.
const (
	Garbled     = "garbled"      // no JSON; what was found
	NoEnvelope  = "no-envelope"  // neither a body nor a rejection
	NoObject    = "no-object"    // the body is no object
	TwiceKey    = "twice"        // a key stands twice; the key
	Deep        = "deep"         // nested too deep
	Large       = "large"        // larger than 1 MB
	WrongValue  = "value"        // the value, and what is needed
	WrongConst  = "constant"     // the value, and the only one allowed
	NotList     = "not-list"     //
	Listed      = "list"         // a list where one value is needed
	TooManyRows = "rows"         // most rows
	NoCode      = "no-code"      // a code that is unknown: the code, the classifier
	Uncoded     = "uncoded"      // an item that has no code in the system: item, system
	Missing     = "missing"      // a required property is absent
	Mismatch    = "check"        // the check of the type failed; the value
	Other       = "other"        // the answer is about something else
	Uncertain   = "uncertain"    // it cannot be told what it is about; what is missing
	Rejection   = "rejection"    // the code of a refusal
	StrangeCode = "strange-code" // a code of refusal that the exchange does not know
)

//go:embed ru.yaml
var textsFile []byte

// Error is a message that cannot be made or understood. Its text is for the person who looks at the request.
type Error struct {
	Problems []Problem
	texts    map[string]string
}

func (e *Error) Error() string {
	out := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		out[i] = word(e.texts, p)
	}
	return strings.Join(out, "; ")
}

func word(texts map[string]string, p Problem) string {
	pairs := []string{}
	for i, a := range p.Args {
		pairs = append(pairs, "{"+string(rune('0'+i))+"}", a)
	}
	text := strings.NewReplacer(pairs...).Replace(texts[p.Code])
	if p.Path != "" {
		return p.Path + ": " + text
	}
	return text
}

func readTexts() (map[string]string, error) {
	out := map[string]string{}
	return out, yaml.Unmarshal(textsFile, &out)
}

// clip keeps what is quoted from a message short.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
