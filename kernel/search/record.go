package search

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mera/schema"
)

// Keys are what one record is found by, and the words of it that the dictionary must have.
type Keys struct {
	Keys  []int64 // sorted, each once
	Words []Word  // sorted by key, each once
}

// Searchable tells that records of a document type are found by what they hold: a property marked for it, or the
// number that a case has.
func Searchable(d *schema.Document, isCase bool) bool {
	if d == nil || d.Abstract || d.Record {
		return false
	}
	return isCase || slices.ContainsFunc(d.Properties, func(p *schema.Property) bool { return p.Search })
}

// Classes are the labels of the searchable properties of a type, each once and sorted.
func Classes(d *schema.Document) []string {
	var out []string
	for _, p := range d.Properties {
		if p.Search && p.Label != "" {
			out = append(out, p.Label)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// KeysOf are the keys of a record of a type, by its data and the number of its case.
func KeysOf(d *schema.Document, data map[string]any, number string) Keys {
	var k Keys
	k.code("", number)
	for _, p := range d.Properties {
		if p.Search && p.Type != nil {
			k.value(p.Label, p.Type, data[p.Name])
		}
	}
	slices.Sort(k.Keys)
	k.Keys = slices.Compact(k.Keys)
	slices.SortFunc(k.Words, func(a, b Word) int { return cmp.Compare(a.Key, b.Key) })
	k.Words = slices.CompactFunc(k.Words, func(a, b Word) bool { return a.Key == b.Key })
	return k
}

func (k *Keys) value(class string, t *schema.Type, v any) {
	if v == nil {
		return
	}
	switch t.Kind {
	case schema.Array:
		list, _ := v.([]any)
		for _, e := range list {
			k.value(class, t.Elem, e)
		}
	case schema.Date:
		if day, ok := v.(string); ok && len(day) == len("2006-01-02") {
			k.add(class, dayKind, day)
			k.add(class, yearKind, day[:4])
		}
	case schema.Year:
		k.add(class, yearKind, fmt.Sprint(v))
	case schema.Integer:
		k.code(class, fmt.Sprint(v))
	default:
		if text, ok := v.(string); ok {
			k.text(class, text)
		}
	}
}

// text adds the words of a text and the numbers in it; numbers that stand side by side are also one.
func (k *Keys) text(class, text string) {
	for _, w := range words(text) {
		w = shortened(w)
		k.add(class, wordKind, w)
		k.add(class, initialKind, firstRune(w))
		k.Words = append(k.Words, Word{Key: hash(class, wordKind, w), Class: class, Text: w})
	}
	numbers := slices.DeleteFunc(strings.Fields(text), func(s string) bool { return !hasDigit(s) })
	for _, n := range numbers {
		k.code(class, n)
	}
	if len(numbers) > 1 {
		k.code(class, strings.Join(numbers, ""))
	}
}

func (k *Keys) code(class, text string) {
	for _, c := range codes(text) {
		k.add(class, codeKind, c)
	}
}

func (k *Keys) add(class string, kd kind, text string) {
	k.Keys = append(k.Keys, hash(class, kd, text))
}

func shortened(word string) string {
	if rs := []rune(word); len(rs) > longestWord {
		return string(rs[:longestWord])
	}
	return word
}

func firstRune(word string) string {
	for _, c := range word {
		return string(c)
	}
	return ""
}
