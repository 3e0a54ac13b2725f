package load

import (
	"cmp"
	"strconv"
	"strings"
)

// version is a semantic version without a pre-release: 1.2.3.
type version [3]int

func (v version) compare(o version) int {
	return cmp.Or(cmp.Compare(v[0], o[0]), cmp.Compare(v[1], o[1]), cmp.Compare(v[2], o[2]))
}

// parseVersion reads all three numbers.
func parseVersion(s string) (version, bool) {
	v, n, ok := parseNumbers(s)
	return v, ok && n == 3
}

// parseNumbers reads one to three numbers parted by dots and tells how many there were.
func parseNumbers(s string) (v version, n int, ok bool) {
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

// versionRange is a set of bounds, each a version with an order: from least (included) to below (excluded).
type versionRange []bounds

type bounds struct{ least, below version }

const endless = 1 << 30

// parseRange reads ^1, ~1.2, >=1.2 <2, 1.2.3 or several of them that must all hold.
func parseRange(s string) (versionRange, bool) {
	var out versionRange
	for _, word := range strings.Fields(s) {
		op := word[:len(word)-len(strings.TrimLeft(word, "^~<>="))]
		v, n, ok := parseNumbers(word[len(op):])
		if !ok {
			return nil, false
		}
		b := bounds{least: v, below: version{endless}}
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
func next(v version, n int) version {
	var out version
	copy(out[:n], v[:n])
	out[n-1]++
	return out
}

// caret is the first version that may break what v promises: the next of the first of its n numbers that is not 0.
func caret(v version, n int) version {
	for i := range n {
		if v[i] != 0 {
			return next(v, i+1)
		}
	}
	return next(v, n)
}

func (r versionRange) includes(v version) bool {
	for _, b := range r {
		if v.compare(b.least) < 0 || v.compare(b.below) >= 0 {
			return false
		}
	}
	return true
}
