package expr

import (
	"slices"
	"strings"
)

// nearest is the known word most like a misspelt one; "" if none is near.
func nearest(word string, known []string) string {
	best, least := "", max(2, len([]rune(word))/3)+1
	slices.Sort(known)
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance counts the characters to insert, delete, replace or swap with the next.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	var older []int
	last := make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row := make([]int, len(y)+1)
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], older[j-1]+1)
			}
		}
		older, last = last, row
	}
	return last[len(y)]
}

func didYouMean(word string) string { return "did you mean " + word + "?" }

func join(words []string) string { return strings.Join(words, ", ") }
