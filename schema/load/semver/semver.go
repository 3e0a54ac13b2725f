// Package semver compares versions of packages with the ranges that other packages require. It knows releases only
// (1.2.3), no pre-releases. schema/load and schema/load/link call it.
package semver

import (
	"cmp"
	"strconv"
	"strings"
)

// Version is a semantic version without a pre-release: 1.2.3.
type Version [3]int

func (v Version) compare(o Version) int {
	return cmp.Or(cmp.Compare(v[0], o[0]), cmp.Compare(v[1], o[1]), cmp.Compare(v[2], o[2]))
}

// Parse reads all three numbers.
func Parse(s string) (Version, bool) {
	v, n, ok := parseNumbers(s)
	return v, ok && n == 3
}

// parseNumbers reads one to three numbers parted by dots and tells how many there were.
func parseNumbers(s string) (v Version, n int, ok bool) {
	for part := range strings.SplitSeq(s, ".") {
		i, err := strconv.Atoi(part)
		if err != nil || i < 0 || n == 3 || strconv.Itoa(i) != part {
			return v, n, false
		}
		v[n] = i
		n++
	}
	return v, n, true
}

// Range is a set of bounds, each a version with an order: from least (included) to below (excluded).
type Range []bounds

type bounds struct{ least, below Version }

const endless = 1 << 30

// ParseRange reads ^1, ~1.2, >=1.2 <2, 1.2.3 or several of them that must all hold.
func ParseRange(s string) (Range, bool) {
	var out Range
	for _, word := range strings.Fields(s) {
		op := word[:len(word)-len(strings.TrimLeft(word, "^~<>="))]
		v, n, ok := parseNumbers(word[len(op):])
		if !ok {
			return nil, false
		}
		b := bounds{least: v, below: Version{endless}}
		switch op {
		case "^":
			b.below = caret(v, n)
		case "~":
			b.below = next(v, min(n, 2))
		case "", "=":
			b.below = next(v, n)
		case ">=":
		case ">":
			b.least = next(v, n)
		case "<":
			b = bounds{below: v}
		case "<=":
			b = bounds{below: next(v, n)}
		default:
			return nil, false
		}
		out = append(out, b)
	}
	return out, len(out) > 0
}

// next is the first version after all that share the first n numbers of v.
func next(v Version, n int) Version {
	var out Version
	copy(out[:n], v[:n])
	out[n-1]++
	return out
}

// caret is the first version that may break what v promises: the next of the first of its n numbers that is not 0.
func caret(v Version, n int) Version {
	for i := range n {
		if v[i] != 0 {
			return next(v, i+1)
		}
	}
	return next(v, n)
}

// Includes tells that a version is in the range.
func (r Range) Includes(v Version) bool {
	for _, b := range r {
		if v.compare(b.least) < 0 || v.compare(b.below) >= 0 {
			return false
		}
	}
	return true
}
