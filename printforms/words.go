package printforms

import (
	"strconv"
	"strings"

	"mera/schema/value"
)

// count words a whole number; the last words agree with the sex of what is counted.
func (r *russian) count(n uint64, of sex) string {
	if n == 0 {
		return r.Numbers.Zero
	}
	var parts []string
	for power := 0; n > 0; power, n = power+1, n/1000 {
		group := n % 1000
		if group == 0 {
			continue
		}
		words := []string{}
		if power == 0 {
			words = r.group(words, group, of)
		} else {
			s := r.Numbers.Scales[power-1]
			words = append(r.group(words, group, s.Sex), plural(group, s.Words))
		}
		parts = append(words, parts...)
	}
	return strings.Join(parts, " ")
}

// group words 1 … 999.
func (r *russian) group(words []string, n uint64, of sex) []string {
	if n >= 100 {
		words = append(words, r.Numbers.Hundreds[n/100-1])
		n %= 100
	}
	if n >= 20 {
		words = append(words, r.Numbers.Tens[n/10-2])
		n %= 10
	}
	switch {
	case n >= 10:
		words = append(words, r.Numbers.Teens[n-10])
	case n > 0:
		words = append(words, r.Numbers.Ones[of][n-1])
	}
	return words
}

// plural picks the word after a number: after 1 and 21, after 2 to 4, after 5 to 20.
func plural(n uint64, words []string) string {
	switch tens := n % 100; {
	case tens >= 11 && tens <= 14:
		return words[2]
	case n%10 == 1:
		return words[0]
	case n%10 >= 2 && n%10 <= 4:
		return words[1]
	}
	return words[2]
}

// money words a sum: roubles in words, kopecks in digits, as bank papers want it.
func (r *russian) money(m value.Money) string {
	kopecks, minus := magnitude(int64(m))
	roubles, rest := kopecks/100, kopecks%100
	text := r.count(roubles, male) + " " + plural(roubles, r.Numbers.Rouble) + " " +
		twoDigits(rest) + " " + plural(rest, r.Numbers.Kopeck)
	if minus {
		text = r.Numbers.Minus + " " + text
	}
	return text
}

func magnitude(n int64) (uint64, bool) {
	if n < 0 {
		return uint64(-(n + 1)) + 1, true // -n of the least int64 does not fit
	}
	return uint64(n), false
}

func twoDigits(n uint64) string {
	if n < 10 {
		return "0" + strconv.FormatUint(n, 10)
	}
	return strconv.FormatUint(n, 10)
}
