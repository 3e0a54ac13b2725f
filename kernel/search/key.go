package search

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"
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
func hash(class string, k kind, text string) int64 {
	h := fnv.New64a()
	h.Write([]byte(class))
	h.Write([]byte{0, byte(k)})
	h.Write([]byte(text))
	return int64(h.Sum64())
}

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
	Whole   int16 = -1 // the word itself
	Swapped int16 = -2 // two neighbours swapped: only looked up, and only as a whole word
	Sound   int16 = -3 // how the word sounds
)

const (
	shortestFuzzy = 3  // letters; a shorter word stands for itself
	longestWord   = 40 // letters that count
)

// Forms are what a word is kept under.
func (w Word) Forms() []Form { return forms(w.Class, w.Text) }

func forms(class, word string) []Form {
	rs := []rune(word)
	out := []Form{{hash(class, formKind, word), Whole}}
	if len(rs) < shortestFuzzy {
		return out
	}
	for i := range rs {
		out = append(out, Form{hash(class, formKind, string(slices.Delete(slices.Clone(rs), i, i+1))), int16(i)})
	}
	return append(out, Form{hash(class, soundKind, sound(word)), Sound})
}

// probes are what a word that was typed is looked up under: its forms, and neighbours swapped.
func probes(class, word string) []Form {
	out := forms(class, word)
	rs := []rune(word)
	if len(rs) < shortestFuzzy {
		return out
	}
	for i := range len(rs) - 1 {
		if rs[i] == rs[i+1] {
			continue
		}
		swap := slices.Clone(rs)
		swap[i], swap[i+1] = swap[i+1], swap[i]
		out = append(out, Form{hash(class, formKind, string(swap)), Swapped})
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
