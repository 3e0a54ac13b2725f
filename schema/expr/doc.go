// Package expr compiles and evaluates the expressions of the definition language: rules, formulas, paths, templates
// and VALUEs with cases.
//
// The words are CEL's: cel-go parses. The meaning is mera's, and it is decided here, because it is not CEL's: numbers
// are exact ratios and money is whole kopecks, records are equal by id and their links are read on demand, a literal
// code is checked against its classifier, one budget of cost is shared by all evaluations of a decision, and there are
// three truths. Compile resolves every name, path, function and type, with a diagnostic in words of the language at
// its place, and makes a tree of closures; Eval runs it. A Program never changes and may be shared.
//
// Three truths. A value is known, absent (nil) or Unknown. What reads an absent or unknown value is unknown itself and
// carries the names of what is missing; && || and the list functions follow Kleene, so that an unknown operand that
// cannot change the result does not. A PartList is a list of which some elements are not known.
//
// Cost. One evaluation may spend 100,000 units: a function, an operator, a property and an element that a list function
// looks at cost one each, long texts and large numbers more by their size. Functions of packages spend from the budget of
// their caller, so they cannot multiply it; brackets, depth and the size of results are bounded too. So no expression
// runs long or grows large, whatever a package says.
//
// The package reads no clock, database or file: all that lies outside the values handed in comes through World. It is
// called by the engines and by schema/filter; it knows nothing of measures, workflows or forms but the names and types
// that they put in a Scope.
package expr
