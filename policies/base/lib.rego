# What every policy may import. A set of a row (persons, an access attribute that is an array) is asked by has only.
package mera.lib

# has tells that a set holds a value. An absent set holds nothing.
has(set, x) if x in set

# has_any tells that a set holds one of the values.
has_any(set, values) if {
	some x in values
	x in set
}
