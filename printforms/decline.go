package printforms

import (
	"slices"
	"strings"
	"unicode"
)

// part tells which table a word of a full name takes.
type part int

const (
	surname part = iota
	given
	patronymic
	still // particles, and what stands before a tail (names.tails of ru.yaml): not declined
)

// decline puts a full name in the nominative into another case. The surname comes first,
// or last where the patronymic is the second word. The sex is guessed from the patronymic, else from the surname and
// the name; a word that no table knows stays as it is.
func (r *russian) decline(name string, number int) string {
	words := strings.Fields(name)
	parts := r.parts(words)
	of := r.sexOf(words, parts)
	for i, w := range words {
		words[i] = r.word(w, parts[i], of, number)
	}
	return strings.Join(words, " ")
}

// parts says what each word is.
func (r *russian) parts(words []string) []part {
	out := make([]part, len(words))
	second := -1 // where the patronymic is
	for i, w := range words {
		if lower := strings.ToLower(w); i > 0 && second < 0 && (ends(lower, r.Names.Sex.Patronymic[male]) || ends(lower, r.Names.Sex.Patronymic[female])) {
			second = i
		}
	}
	for i, w := range words {
		switch lower := strings.ToLower(w); {
		case slices.Contains(r.Names.Tails, lower) || w == lower:
			out[i] = still
		case i+1 < len(words) && slices.Contains(r.Names.Tails, strings.ToLower(words[i+1])):
			out[i] = still
		case i == second:
			out[i] = patronymic
		case second == 1 && i == 0, second != 1 && i > 0:
			out[i] = given
		}
	}
	if len(words) == 1 {
		out[0] = surname
	}
	return out
}

func (r *russian) sexOf(words []string, parts []part) sex {
	s := r.Names.Sex
	for i, w := range words { // tails are still, but they tell
		if lower := strings.ToLower(w); parts[i] == patronymic || slices.Contains(r.Names.Tails, lower) {
			if known := endsOf(lower, s.Patronymic); known != "" {
				return known
			}
		}
	}
	for i, w := range words {
		if parts[i] == surname {
			if known := endsOf(strings.ToLower(w), s.Surname); known != "" {
				return known
			}
		}
	}
	for i, w := range words {
		switch lower := strings.ToLower(w); {
		case parts[i] != given:
		case slices.Contains(s.Men, lower):
			return male
		case slices.Contains(s.Women, lower):
			return female
		default:
			if known := endsOf(lower, s.Name); known != "" {
				return known
			}
		}
	}
	return male
}

// endsOf is the sex with the longest ending that fits.
func endsOf(word string, tables map[sex][]string) sex {
	var best sex
	longest := 0
	for _, of := range []sex{male, female} {
		for _, e := range tables[of] {
			if strings.HasSuffix(word, e) && len(e) > longest {
				best, longest = of, len(e)
			}
		}
	}
	return best
}

func ends(word string, endings []string) bool {
	return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(word, e) && word != e })
}

// word declines one word; the parts of a double name each by itself.
func (r *russian) word(w string, p part, of sex, number int) string {
	if p == still {
		return w
	}
	if first, rest, double := strings.Cut(w, "-"); double {
		return r.word(first, p, of, number) + "-" + r.word(rest, p, of, number)
	}
	tables := r.Names.Surname
	switch p {
	case given:
		tables = r.Names.Name
	case patronymic:
		tables = r.Names.Patronymic
	}
	row, ok := longest(strings.ToLower(w), tables[of])
	if !ok || len(row.Add) == 0 {
		return w
	}
	letters := []rune(w)
	add := row.Add[number]
	if len(letters) > 1 && !strings.ContainsFunc(w, unicode.IsLower) {
		add = strings.ToUpper(add)
	}
	return string(letters[:len(letters)-row.Cut]) + add
}

// longest finds the row with the longest ending that fits; a whole word beats any ending.
func longest(word string, rows []endings) (endings, bool) {
	var best endings
	found := 0
	for _, row := range rows {
		for _, e := range row.Ends {
			switch {
			case row.Whole && word == e:
				return row, true
			case !row.Whole && len(e) > found && strings.HasSuffix(word, e) && len([]rune(word)) > row.Cut:
				best, found = row, len(e)
			}
		}
	}
	return best, found > 0
}

// initials keeps the first word of a full name and the first letters of the others, with blanks that do not break.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) < 2 {
		return name
	}
	out := words[0]
	for _, w := range words[1:] {
		first := []rune(w)[0]
		if !unicode.IsUpper(first) {
			continue
		}
		out += "\u00a0" + string(first) + "."
	}
	return out
}
