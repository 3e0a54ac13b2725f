package schema

import (
	"maps"
	"slices"
	"strings"
)

// Written is the language of definitions: whatever a translation lacks is read in it.
const Written = "ru"

// Wording is the texts of the translations of a catalog: language → definition ("measures/Aid") → place in
// it ("conditions/alive/refuse") → text, with its place in the package. An element of a list goes by its event or task.
type Wording map[string]map[string]map[string]Scalar

// NewWording collects the translations of packages in their order; later ones win.
func NewWording(packages []*Package) Wording {
	w := Wording{}
	for _, p := range packages {
		for _, t := range p.Texts {
			if t.Root == nil {
				continue
			}
			for _, folder := range t.Root.Entries {
				if folder.Key.Text == "package" {
					w.add(t.Language, "packages/"+p.Name, "", folder.Value)
					continue
				}
				for _, def := range folder.Value.Entries {
					w.add(t.Language, folder.Key.Text+"/"+def.Key.Text, "", def.Value)
				}
			}
		}
	}
	return w
}

func (w Wording) add(lang, def, at string, n *Node) {
	switch {
	case n.Kind == ScalarNode:
		if w[lang] == nil {
			w[lang] = map[string]map[string]Scalar{}
		}
		if w[lang][def] == nil {
			w[lang][def] = map[string]Scalar{}
		}
		w[lang][def][strings.TrimPrefix(at, "/")] = n.Scalar
	case n.Kind == MapNode:
		for _, e := range n.Entries {
			w.add(lang, def, at+"/"+e.Key.Text, e.Value)
		}
	}
}

// Languages are the language of definitions and, sorted, those into which a package translates.
func (c *Catalog) Languages() []string {
	out := slices.DeleteFunc(slices.Sorted(maps.Keys(c.Wording)), func(l string) bool { return l == Written })
	return append([]string{Written}, out...)
}

// Text is a text of a definition in a language: a translation, else as written.
func (c *Catalog) Text(lang, written string, keys ...string) string {
	if text, ok := c.Translation(lang, keys...); ok {
		return text.Text
	}
	return written
}

// Translation is the first of the keys ("measures/Aid/title") that a language words, else the first that its base
// does (en of en-plain); false where neither does.
func (c *Catalog) Translation(lang string, keys ...string) (Scalar, bool) {
	for ; lang != "" && len(c.Wording) > 0; lang = BaseLanguage(lang) {
		for _, key := range keys {
			if text, ok := c.Wording.text(lang, key); ok {
				return text, true
			}
		}
	}
	return Scalar{}, false
}

// BaseLanguage is ru of ru-plain; "" of a language that has no base.
func BaseLanguage(lang string) string {
	base, _, dialect := strings.Cut(lang, "-")
	if !dialect {
		return ""
	}
	return base
}

// TextKeys are where translations have a part of a document: of its own, or of the one that it extends.
func (d *Document) TextKeys(parts ...string) []string {
	at := "/" + strings.Join(parts, "/")
	keys := []string{"documents/" + d.Name + at}
	if !d.Extends.IsZero() {
		keys = append(keys, "documents/"+d.Extends.Text+at)
	}
	return keys
}

func (w Wording) text(lang, key string) (Scalar, bool) {
	folder, rest, _ := strings.Cut(key, "/")
	name, at, _ := strings.Cut(rest, "/")
	text, ok := w[lang][folder+"/"+name][at]
	return text, ok
}
