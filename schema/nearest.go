package schema

import (
	"slices"
	"strings"
)

// Nearest is the name that an author most likely meant: the closest by edits, if it is close; "" if none is.
func Nearest(word string, names []string) string {
	best, least := "", max(1, len([]rune(word))/3)+1
	for _, name := range names {
		if d := edits([]rune(strings.ToLower(word)), []rune(strings.ToLower(name))); d < least {
			best, least = name, d
		}
	}
	return best
}

// edits counts the insertions, deletions, replacements and swaps of neighbours that lead from a to b.
func edits(a, b []rune) int {
	rows := [3][]int{}
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
	}
	before, last, row := rows[0], rows[1], rows[2]
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// WithNearest returns the diagnostic of an unknown word with the name that its author most likely meant as the hint,
// or else with the names that there are.
func (d Diagnostic) WithNearest(word string, names []string) Diagnostic {
	const most, long, many = 15, 100, 500
	if len(word) > long || len(names) > many {
		return d // guessing would take longer than it helps
	}
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return len(name) > long })
	sorted := slices.Compact(slices.Sorted(slices.Values(names)))
	switch guess := Nearest(word, sorted); {
	case guess != "":
		return d.WithHint("did you mean %q?", guess)
	case len(sorted) == 0:
		return d
	case len(sorted) > most:
		return d.WithHint("known are %s, …", strings.Join(sorted[:most], ", "))
	default:
		return d.WithHint("known are %s", strings.Join(sorted, ", "))
	}
}
