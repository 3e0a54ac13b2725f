package command

import (
	_ "embed"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"mera/forms"
	"mera/kernel"
)

// Texts words what people read of the kernel: messages by key, field errors by code.
type Texts struct {
	Fields   forms.Messages
	Messages map[string]string // key → text with {0}, {1}
	Language string
}

//go:embed ru.yaml
var russian []byte

// ReadTexts reads the texts that this package carries.
func ReadTexts() (Texts, error) {
	t := Texts{Language: "ru"}
	if err := yaml.Unmarshal(russian, &t.Messages); err != nil {
		return t, fmt.Errorf("texts of commands: %w", err)
	}
	var err error
	t.Fields, err = forms.ReadMessages()
	return t, err
}

// Field words one wrong field.
func (t Texts) Field(f forms.FieldError) string {
	if text, own := t.Messages["field."+string(f.Code)]; own {
		return fillIn(text, f.Args)
	}
	return t.Fields.Text(t.Language, f)
}

// Message words a key; a key without a text is shown as it is.
func (t Texts) Message(key string, args ...string) string {
	text, known := t.Messages[key]
	if !known {
		return key
	}
	return fillIn(text, args)
}

func fillIn(text string, args []string) string {
	for i, a := range args {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%d}", i), a)
	}
	return text
}

func actorValue(w *work) map[string]any { return ActorView(w.actor) }

// ActorView is an actor as filters of lists see him.
func ActorView(a kernel.Actor) map[string]any {
	return map[string]any{"id": a.ID, "office": a.Office, "person": a.Person}
}
