// Package filter is the one language of row filters: the map that packages write as `where` (section 3.4 of the
// language), that GraphQL takes as `where`, and into which policies turn a read rule. All three become a Tree, plain
// data that kernel/store translates into SQL and that Match evaluates in memory.
//
// It holds no SQL, reads no database and decides no access: kernel/access conjoins the filters of the policies, and
// who filters by a labelled property must conjoin the filter of its label (Hop.Label).
//
// # Truth
//
// A filter is true or false of a record, never a third thing. A comparison with a value that is absent is false,
// whatever the operator, but for `ne`, which is defined as `not eq`: what is absent differs from everything. `not` is
// «is not true». `none` is `not some`. In SQL: `ne` is `is distinct from`, `not` is `(…) is not true`. A value given
// by a parameter that turns out to be absent behaves likewise: `eq` matches nothing, `ne` everything. Only the ends of
// a period are never absent: `holds` and `touches` read them as the beginning and the end of time.
//
// # Codes of diagnostics
//
//	unknown-field       the type has no such property                      hint: the nearest filterable name
//	not-filterable      the property is not indexed, or has no operators   hint: x-index: true
//	unknown-operator    no such operator                                   hint: the operators of this type
//	wrong-operator      the operator does not serve this type              hint: the operators of this type
//	wrong-value         the literal is not of the property's type          hint: the nearest enum item, code or state
//	wrong-shape         a list where a map is wanted, and the like
//	no-null             null is no value: write exists
//	limit               more than 40 leaves, 4 hops, 1,000 values, depth 16
//	constants-only      an expression where the filter takes constants only
//	not-supported       known to the language, not to this version
package filter
