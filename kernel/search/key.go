package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind tells keys of equal texts apart.
type kind byte

const (
	wordKind    kind = 'w'
	initialKind kind = 'i'
	dayKind     kind = 'd'
	yearKind    kind = 'y'
	codeKind    kind = 'c'
	formKind    kind = 'f' // of the dictionary
	soundKind   kind = 's' // of the dictionary
)

// hash makes a key. Two texts share one by accident once in 10^19: nobody meets that.
func hash(class string, k kind, text string) int64 { return begun(class, k).with(text).key() }

// sum is the state of a hash (FNV-1a), so that forms of a word share the work on what they begin with.
type sum uint64

func begun(class string, k kind) sum {
	const offset = 14695981039346656037
	return sum(offset).with(class).byte(0).byte(byte(k))
}

func (h sum) byte(b byte) sum {
	const prime = 1099511628211
	return (h ^ sum(b)) * prime
}

func (h sum) with(text string) sum {
	for i := range len(text) {
		h = h.byte(text[i])
	}
	return h
}

func (h sum) key() int64 { return int64(h) }

// Word is a word of the dictionary.
type Word struct {
	Key   int64
	Class string
	Text  string
}

// Form is a form under which a word stands in the dictionary, or is looked up there. Gap is the place of the letter that
// was taken out, or one of the marks below.
type Form struct {
	Key int64
	Gap int16
}

// Marks of forms that lack no letter.
const (
	Whole int16 = -1 // the word itself: only looked up
	Sound int16 = -3 // how the word sounds
)

const (
	shortestFuzzy = 3  // letters; a shorter word stands for itself
	longestWord   = 40 // letters that count
)

// Forms are what a word is kept under: without one of its letters, and how it sounds.
func (w Word) Forms() []Form { return appendForms(nil, w.Class, w.Text) }

func appendForms(out []Form, class, word string) []Form {
	letters := utf8.RuneCountInString(word)
	if letters < shortestFuzzy {
		return out
	}
	out = slices.Grow(out, letters+1)
	before, gap := begun(class, formKind), int16(0)
	for i, c := range word {
		after := i + utf8.RuneLen(c)
		out = append(out, Form{before.with(word[after:]).key(), gap})
		before = before.with(word[i:after])
		gap++
	}
	return append(out, Form{hash(class, soundKind, sound(word)), Sound})
}

// appendNeighbours adds the keys of the words that are a letter shorter than the one that was typed, and of those that
// have two neighbours swapped: whether there are such words need not be looked up, a key that nobody has finds nothing.
func appendNeighbours(out []int64, class, word string) []int64 {
	if utf8.RuneCountInString(word) < shortestFuzzy {
		return out
	}
	before, last := begun(class, wordKind), -1
	for i, c := range word {
		after := i + utf8.RuneLen(c)
		out = append(out, before.with(word[after:]).key())
		if last >= 0 && word[last:i] != word[i:after] {
			start := begun(class, wordKind).with(word[:last])
			out = append(out, start.with(word[i:after]).with(word[last:i]).with(word[after:]).key())
		}
		before, last = before.with(word[i:after]), i
	}
	return out
}

// codes are the texts by which a number of a paper or of a case is found: the whole of it, its last run of digits
// without the zeros before it, and the last four digits of a long one.
func codes(text string) []string {
	whole := fold(text)
	if whole == "" {
		return nil
	}
	out := []string{whole}
	last := lastDigits(text)
	if n := strings.TrimLeft(last, "0"); n != "" && n != whole {
		out = append(out, n)
	}
	if len(last) >= 8 {
		out = append(out, last[len(last)-4:])
	}
	return out
}

// lastDigits is the last run of digits of a text.
func lastDigits(text string) string {
	runs := strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsDigit(c) })
	if len(runs) == 0 {
		return ""
	}
	return runs[len(runs)-1]
}
