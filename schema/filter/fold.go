package filter

import (
	"strings"
	"unicode"
)

// Folded is the copy of a text that x-fold keeps for equality and search: lower case, io without its dots (U+0451 as
// U+0435), runs of spaces as one. «name» drops hyphens, apostrophes and dots besides, so that names typed
// differently meet. Another fold leaves the text as it is.
func Folded(fold, text string) string {
	if fold != "name" && fold != "search" {
		return text
	}
	var b strings.Builder
	gap := false
	for _, c := range strings.ToLower(text) {
		switch {
		case c == '\u0451':
			c = '\u0435'
		case fold == "name" && strings.ContainsRune("-'\u2019\u2010\u2011.", c):
			c = ' '
		}
		if unicode.IsSpace(c) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(c)
	}
	return b.String()
}
