package forms

import (
	"embed"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Code says what is wrong with a field. Codes are stable; the text that a person reads is Messages.Text.
type Code string

// Codes of field errors, with their arguments.
const (
	Required    Code = "required"
	Unknown     Code = "unknown"        // the nearest known name, or nothing
	ReadOnly    Code = "read-only"      // given by the system
	Computed    Code = "computed"       // x-value
	CardFixed   Code = "card-fixed"     // a record stays on its card
	WrongType   Code = "type"           // what was expected: a kind of schema.Kind
	Null        Code = "null"           // an element of a list is empty
	Encoding    Code = "encoding"       // no UTF-8
	Control     Code = "control"        // the forbidden character as U+0000
	TooLong     Code = "too-long"       // most characters
	TooShort    Code = "too-short"      // least characters
	Pattern     Code = "pattern"        // the pattern
	Mask        Code = "mask"           // the mask
	Checked     Code = "check"          // title of the type whose check failed
	NotInEnum   Code = "enum"           // the nearest item, or nothing
	NotConst    Code = "const"          // the only value allowed
	TooSmall    Code = "minimum"        // the least
	TooLarge    Code = "maximum"        // the most
	NotInteger  Code = "integer"        //
	NotDecimal  Code = "decimal"        //
	Scale       Code = "scale"          // most digits after the point
	NotMoney    Code = "money"          //
	NotDate     Code = "date"           //
	NotMonth    Code = "month"          //
	NotQuarter  Code = "quarter"        //
	NotYear     Code = "year"           //
	NotDateTime Code = "date-time"      //
	NotDuration Code = "duration"       //
	NotPeriod   Code = "period"         //
	NotUUID     Code = "uuid"           //
	NotPoint    Code = "point"          //
	NoName      Code = "definition"     // kind of definition; the nearest name, or nothing
	NoItem      Code = "item"           // title of the classifier; the nearest code, or nothing
	ItemEnded   Code = "item-ended"     // title of the item; first and last day
	TooMany     Code = "too-many"       // most items
	TooFew      Code = "too-few"        // least items
	NotUnique   Code = "not-unique"     // number of the equal item, from 1
	SameKey     Code = "same-key"       // number of the row with the same key, from 1
	TooDeep     Code = "depth"          // most levels
	TooBig      Code = "size"           // most bytes
	NoDocument  Code = "document"       // name of the type: there is no such document
	Unclear     Code = "check-unclear"  // title of the type whose check could not be judged
	NotAsked    Code = "not-asked"      // an answer to no row that the form asks about
	NoKeys      Code = "parameter-keys" // names of the keys of a parameter, or nothing
	NoAnswer    Code = "no-answer"      // the label of the row that must be answered
)

// FieldError is one thing that is wrong with a record. Path leads to it by names and numbers from 0, with dots:
// "children.0.name"; "" is the record as a whole. Args fill the text of the code.
type FieldError struct {
	Path string
	Code Code
	Args []string
}

func (e FieldError) Error() string {
	s := e.Path + ": " + string(e.Code)
	if len(e.Args) > 0 {
		s += " " + strings.Join(e.Args, ", ")
	}
	return s
}

//go:embed messages.yaml
var messageFile embed.FS

// Messages are the texts of field errors by language and code. {0}, {1} stand for arguments; a text with an argument
// that is not there ends before the bracket that holds it.
type Messages map[string]map[Code]string

// ReadMessages reads the catalog of messages that this package carries.
func ReadMessages() (Messages, error) {
	raw, err := messageFile.ReadFile("messages.yaml")
	if err != nil {
		return nil, fmt.Errorf("messages of forms: %w", err)
	}
	var m Messages
	if err := yaml.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("messages of forms: %w", err)
	}
	return m, nil
}

// Text words an error in a language; in Russian where the language is not known, by its code where the code is not.
func (m Messages) Text(lang string, e FieldError) string {
	texts, ok := m[lang]
	if !ok {
		texts = m["ru"]
	}
	text, ok := texts[e.Code]
	if !ok {
		return string(e.Code)
	}
	for i, a := range e.Args {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%d}", i), a)
	}
	if i := strings.IndexByte(text, '['); i >= 0 { // "[: maybe {0}]" is said only when there is an argument
		if strings.Contains(text[i:], "{") {
			return text[:i]
		}
		text = strings.NewReplacer("[", "", "]", "").Replace(text)
	}
	return text
}
