package search

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of what is typed into the box.
const (
	MaxText  = 200 // characters
	MaxTerms = 6
)

// Query is what was typed into the box: a record must meet each of its terms.
type Query struct{ Terms []Term }

// Term is one part of a query. What it may be taken for is in exact; words are how it is read as a word of a name,
// which may be misspelt or cut short.
type Term struct {
	exact []meaning
	words []string
}

// meaning is one thing that a term may stand for.
type meaning struct {
	kind kind
	text string
}

// Fuzzy tells that the term is a word of which near ones count, too.
func (t Term) Fuzzy() bool { return len(t.words) > 0 }

// Clear tells that few records meet the term: it is a day, or a number that is long enough and no year.
func (t Term) Clear() bool {
	return slices.ContainsFunc(t.exact, func(m meaning) bool {
		return m.kind == dayKind || m.kind == codeKind && len(m.text) >= clearCode
	}) && !slices.ContainsFunc(t.exact, func(m meaning) bool { return m.kind == yearKind })
}

// clearCode is how long a number is that few papers have: the short ones are those of cases of one applicant.
const clearCode = 4

// Keys are the keys of a class that meet the term exactly.
func (t Term) Keys(class string) []int64 {
	out := make([]int64, len(t.exact))
	for i, m := range t.exact {
		out[i] = hash(class, m.kind, m.text)
	}
	return out
}

// Near is how words near to a term are found: some by their keys, the others by forms that the dictionary has.
type Near struct {
	Keys  []int64
	Forms []int64
	Gaps  []int16 // of the forms
}

// Near is how the words of a class are found that are near to the term.
func (t Term) Near(class string) Near {
	var n Near
	for _, w := range t.words {
		n.Keys = appendNeighbours(n.Keys, class, w)
		for _, f := range appendForms([]Form{{hash(class, formKind, w), Whole}}, class, w) {
			n.Forms, n.Gaps = append(n.Forms, f.Key), append(n.Gaps, f.Gap)
		}
	}
	return n
}

// Beginnings are the words with which longer ones may begin.
func (t Term) Beginnings() []string { return t.words }

// Parse reads the box. A query without terms finds nothing; more terms than MaxTerms are the caller's to refuse.
func Parse(text string) Query {
	var q Query
	fields := strings.Fields(text)
	for i := 0; i < len(fields); i++ {
		f := strings.Trim(fields[i], ",;:()\"!?")
		switch {
		case f == "":
		case hasDigit(f):
			n := i + 1
			for n < len(fields) && digitish(f) && digitish(fields[n]) && len(days(f)) == 0 {
				f += fields[n]
				n++
			}
			i = n - 1
			q.Terms = append(q.Terms, numeric(f))
		default:
			q.Terms = append(q.Terms, named(f)...)
		}
	}
	return q
}

// numeric is a term with digits: a day, a year, a number.
func numeric(f string) Term {
	var t Term
	for _, d := range days(f) {
		t.exact = append(t.exact, meaning{dayKind, d})
	}
	f = strings.Trim(f, ".")
	if numeral(f) && len(f) == 4 {
		t.exact = append(t.exact, meaning{yearKind, f})
	}
	if c := fold(f); c != "" {
		t.exact = append(t.exact, meaning{codeKind, c})
		if n := strings.TrimLeft(c, "0"); numeral(c) && n != "" && n != c {
			t.exact = append(t.exact, meaning{codeKind, n})
		}
	}
	return t
}

// days are the days that a text may be. A year of two digits is of this century or of the last.
func days(f string) []string {
	f = strings.Trim(f, ".")
	var out []string
	add := func(y, m, d string) {
		if day, ok := calendarDay(y, m, d); ok {
			out = append(out, day)
		}
	}
	switch p, ok := parted(f); {
	case ok && len(p[0]) == 4 && len(p[1]) <= 2 && len(p[2]) <= 2:
		add(p[0], p[1], p[2])
	case ok && len(p[0]) <= 2 && len(p[1]) <= 2 && len(p[2]) == 4:
		add(p[2], p[1], p[0])
	case ok && len(p[0]) <= 2 && len(p[1]) <= 2 && len(p[2]) == 2:
		add("19"+p[2], p[1], p[0])
		add("20"+p[2], p[1], p[0])
	case numeral(f) && len(f) == 8:
		add(f[4:], f[2:4], f[:2])
		add(f[:4], f[4:6], f[6:])
	}
	return slices.Compact(out)
}

// parted are the three numbers of a day, whatever stands between them.
func parted(f string) ([]string, bool) {
	p := strings.FieldsFunc(f, func(c rune) bool { return c == '.' || c == '/' || c == '-' })
	return p, len(p) == 3 && len(p[0])+len(p[1])+len(p[2])+2 == len(f) && numeral(p[0]) && numeral(p[1]) && numeral(p[2])
}

// calendarDay is a day in stored form, if there is such a day.
func calendarDay(y, m, d string) (string, bool) {
	year, _ := strconv.Atoi(y)
	month, _ := strconv.Atoi(m)
	day, _ := strconv.Atoi(d)
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t.Format(time.DateOnly), year >= 1800 && year < 2200 && t.Month() == time.Month(month) && t.Day() == day
}

func numeral(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func digitish(s string) bool { return s != "" && strings.Trim(s, "0123456789-") == "" }

// named are the words of a part of the box; a single letter is an initial.
func named(f string) []Term {
	var out []Term
	for _, w := range words(f) {
		w = shortened(w)
		if len([]rune(w)) == 1 {
			out = append(out, Term{exact: []meaning{{initialKind, w}}})
			continue
		}
		out = append(out, Term{exact: []meaning{{wordKind, w}}, words: []string{w}})
	}
	if s := shortened(switched(strings.Trim(f, ",."))); len([]rune(s)) > 1 {
		if len(out) != 1 || len(out[0].words) == 0 {
			return []Term{{exact: []meaning{{wordKind, s}}, words: []string{s}}}
		}
		out[0].exact = append(out[0].exact, meaning{wordKind, s})
		out[0].words = append(out[0].words, s)
	}
	return out
}

// Shape tells queries apart that are looked up in different ways; it depends on what each term is and not on its text.
func (q Query) Shape() string {
	out := make([]byte, len(q.Terms))
	for i, t := range q.Terms {
		switch {
		case t.Fuzzy():
			out[i] = 'w'
		case t.Clear():
			out[i] = 'c'
		default:
			out[i] = 'e'
		}
	}
	return string(out)
}
