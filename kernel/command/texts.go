package command

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"mera/forms"
	"mera/kernel"
	"mera/schema"
)

// Texts words what people read of the kernel: messages by key, field errors by code.
type Texts struct {
	Fields   forms.Messages
	Messages map[string]map[string]string // language → key → text with {0}, {1}
}

//go:embed messages/*.yaml
var messageFiles embed.FS

// ReadTexts reads the texts that this package carries.
func ReadTexts() (Texts, error) {
	t := Texts{Messages: map[string]map[string]string{}}
	files, err := messageFiles.ReadDir("messages")
	if err != nil {
		return t, fmt.Errorf("texts of commands: %w", err)
	}
	for _, f := range files {
		raw, err := messageFiles.ReadFile("messages/" + f.Name())
		if err != nil {
			return t, fmt.Errorf("texts of commands: %w", err)
		}
		texts := map[string]string{}
		if err := yaml.Unmarshal(raw, &texts); err != nil {
			return t, fmt.Errorf("texts of commands: %s: %w", f.Name(), err)
		}
		t.Messages[strings.TrimSuffix(f.Name(), ".yaml")] = texts
	}
	t.Fields, err = forms.ReadMessages()
	return t, err
}

// Field words one wrong field.
func (t Texts) Field(lang string, f forms.FieldError) string {
	if text, own := t.of(lang)["field."+string(f.Code)]; own {
		return fillIn(text, f.Args)
	}
	return t.Fields.Text(lang, f)
}

// Message words a key; a key without a text is shown as it is.
func (t Texts) Message(lang, key string, args ...string) string {
	text, known := t.of(lang)[key]
	if !known {
		return key
	}
	return fillIn(text, args)
}

// of are the texts of a language, of the one of which it is a dialect, or of definitions.
func (t Texts) of(lang string) map[string]string {
	for ; lang != ""; lang = schema.BaseLanguage(lang) {
		if texts := t.Messages[lang]; texts != nil {
			return texts
		}
	}
	return t.Messages[schema.Written]
}

func fillIn(text string, args []string) string {
	for i, a := range args {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%d}", i), a)
	}
	return text
}

// phrase is a text in any language.
type phrase func(lang string) string

// plain is a text that is the same in all languages.
func plain(text string) phrase { return func(string) string { return text } }

// titled is a title of a definition.
func (w *work) titled(written string, keys ...string) phrase {
	return func(lang string) string { return w.live.Catalog.Text(lang, written, keys...) }
}

// message is a text of the kernel's own.
func (w *work) message(key string, args ...phrase) phrase {
	return func(lang string) string {
		worded := make([]string, len(args))
		for i, a := range args {
			worded[i] = a(lang)
		}
		return w.road.Texts.Message(lang, key, worded...)
	}
}

// spoken is a phrase in the language of definitions, and what it is in others where that is not the same.
func (w *work) spoken(p phrase) (text string, others map[string]string) {
	text = p(schema.Written)
	languages := append(w.live.Catalog.Languages(), slices.Collect(maps.Keys(w.road.Texts.Messages))...)
	for _, lang := range languages {
		if other := p(lang); other != text {
			if others == nil {
				others = map[string]string{}
			}
			others[lang] = other
		}
	}
	return text, others
}

func actorValue(w *work) map[string]any { return ActorView(w.actor) }

// ActorView is an actor as filters of lists see him.
func ActorView(a kernel.Actor) map[string]any {
	return map[string]any{"id": a.ID, "office": a.Office, "person": a.Person}
}
