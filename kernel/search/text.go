package search

import (
	"strings"
	"unicode"
)

// Letters are written by their codes: a source file has no texts in the language of its users.
const (
	latinTwins    = "abcehkmoptxy"
	cyrillicTwins = "\u0430\u0432\u0441\u0435\u043d\u043a\u043c\u043e\u0440\u0442\u0445\u0443"
	io            = '\u0451'
	ie            = '\u0435'
)

// keyboard is what the keys of an English keyboard give when it is switched, row by row.
const (
	keyboardLatin    = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
	keyboardCyrillic = "\u0439\u0446\u0443\u043a\u0435\u043d\u0433\u0448\u0449\u0437\u0445\u044a" +
		"\u0444\u044b\u0432\u0430\u043f\u0440\u043e\u043b\u0434\u0436\u044d" +
		"\u044f\u0447\u0441\u043c\u0438\u0442\u044c\u0431\u044e\u0451"
)

var (
	twins    = pairs(latinTwins+string(io), cyrillicTwins+string(ie))
	keyboard = pairs(keyboardLatin, keyboardCyrillic)
	sounds   = pairs(spoken, heard)
)

// pairs lead from each letter of one text to the letter in its place in another.
func pairs(from, to string) map[rune]rune {
	out, other := map[rune]rune{}, []rune(to)
	for i, c := range []rune(from) {
		out[c] = other[i]
	}
	return out
}

func counterpart(of map[rune]rune, c rune) rune {
	if other, ok := of[c]; ok {
		return other
	}
	return c
}

// folded makes letters that look or are typed aalike the same: small, io without dots, Latin twins as Cyrillic.
func folded(c rune) rune {
	return counterpart(twins, unicode.ToLower(c))
}

// fold folds letters and digits and leaves out the rest.
func fold(s string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return -1
		}
		return folded(c)
	}, s)
}

// switched is what was meant by a word that was typed on a keyboard that was not switched; "" where it is no such word.
func switched(s string) string {
	s = strings.ToLower(s)
	if strings.Trim(s, keyboardLatin) != "" || strings.Trim(s, "[];',.`") == "" {
		return ""
	}
	return fold(strings.Map(func(c rune) rune { return counterpart(keyboard, c) }, s))
}

// Letters that sound alike, in Cyrillic: unstressed vowels run together, ends lose their voice, signs are not heard.
const (
	spoken = "\u043e\u0435\u044d\u044f\u044b\u0439\u044e\u0431\u0432\u0433\u0434\u0436\u0437\u0449\u0446"
	heard  = "\u0430\u0438\u0438\u0438\u0438\u0438\u0443\u043f\u0444\u043a\u0442\u0448\u0441\u0448\u0441"
	silent = "\u044a\u044c"
)

// sound is how a folded word sounds: words that are often written for one another have one sound.
func sound(word string) string {
	var out []rune
	for _, c := range word {
		if strings.ContainsRune(silent, c) {
			continue
		}
		if c = counterpart(sounds, c); len(out) == 0 || out[len(out)-1] != c {
			out = append(out, c)
		}
	}
	return string(out)
}

// words are the folded words of a text: runs of letters. What has a digit in it is no word.
func words(text string) []string {
	var out []string
	for _, part := range strings.Fields(text) {
		if hasDigit(part) {
			continue
		}
		for _, w := range strings.FieldsFunc(part, func(c rune) bool { return !unicode.IsLetter(c) && !mark(c) }) {
			if w = fold(w); w != "" {
				out = append(out, w)
			}
		}
	}
	return out
}

// mark tells a character inside of a word that is no letter: an apostrophe, or an accent.
func mark(c rune) bool { return c == '\'' || c == '\u2019' || unicode.Is(unicode.Mn, c) }

func hasDigit(s string) bool { return strings.ContainsFunc(s, unicode.IsDigit) }
