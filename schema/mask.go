package schema

import "strings"

// Masked shows stored digits under the mask of their type, such as NNN-NNN-NNN NN: each N is a digit. A value that does
// not fit, or has no mask, is shown as it is.
func Masked(mask, digits string) string {
	if mask == "" || strings.Count(mask, "N") != len(digits) {
		return digits
	}
	i := 0
	return strings.Map(func(r rune) rune {
		if r != 'N' {
			return r
		}
		i++
		return rune(digits[i-1])
	}, mask)
}
