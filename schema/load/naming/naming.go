// Package naming knows how names of the language are spelled and made from one another: files, definitions,
// properties, plurals. Names are Latin, so letters are bytes.
package naming

import (
	"regexp"
	"strings"
)

var (
	name  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,59}$`)
	kebab = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
)

// IsName tells that a text can name a definition or a part of one.
func IsName(s string) bool { return name.MatchString(s) }

// IsKebab tells that a text can name a file, a package or an act: family-member.
func IsKebab(s string) bool { return kebab.MatchString(s) }

// Pascal is the name of a definition from the name of its file: family-member → FamilyMember.
func Pascal(kebab string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(kebab, "-") {
		b.WriteString(Upper(word))
	}
	return b.String()
}

// Upper makes the first letter a capital.
func Upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Lower makes the first letter a small one: the name of a link or a field from that of a type.
func Lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// Plural is the English plural of a name: +s, y→ies, s/x/ch/sh→es.
func Plural(s string) string {
	n := len(s)
	switch {
	case n == 0:
		return s
	case s[n-1] == 'y' && n > 1 && !strings.ContainsRune("aeiou", rune(s[n-2])):
		return s[:n-1] + "ies"
	case s[n-1] == 's', s[n-1] == 'x', strings.HasSuffix(s, "ch"), strings.HasSuffix(s, "sh"):
		return s + "es"
	default:
		return s + "s"
	}
}
