// Package policies decides who may read and change what: the Rego of the packages and of base/, compiled into an
// immutable Set. A rule is used in two ways that must agree: Check evaluates it on a row, Filter evaluates it in part,
// without the row, and turns what remains into a filter.Tree that becomes SQL. RunTests holds the two together.
//
// It reads no database and keeps no cache: kernel/access is its only caller and keeps both.
//
// # Scope
//
// A package decides only on its own types and on those that it overlays: per type only the modules of these packages
// are asked, besides base. package mera.base is asked of every type; package mera.kernel owns the kernel's types.
// Packages cannot see each other; all they share is data.mera.lib. For an action the answer is (any read, or any write)
// and not (any deny); for a label (any show.<label>) and not (any deny).
//
// # Why not OPA's own filters
//
// OPA evaluates in part (v1/rego); the translation of what remains is ours, on the syntax tree. OPA's ucast form loses
// exact numbers and places, turns what it does not know into «everything», and refuses a plain `not`. Here every
// expression that is not listed in translate.go is an error, and an error is a denial.
//
// # Codes of diagnostics
//
//	rego                  OPA's parser or compiler refused the module (also a built-in that policies may not use)
//	package-name          the module is not in package mera.<package>
//	import                something other than data.mera.lib is imported
//	scope                 data of another package is read
//	unknown-input         input has no such part
//	entry-point           read, write, deny, show.<label>, edit.<label> are rules `NAME if {…}` without value or else
//	unknown-label         no property of the package's types has the label of show or edit
//	no-default            a default value beside rules that decide
//	no-with               `with` outside tests
//	bare-flag             a bare input.row.x: write == true
//	use-has               `x in input.row.set`: write has(input.row.set, x)
//	row-shape             input.row stands where it cannot become a filter
//	actor-meets-row       id, person and office of the actor stand elsewhere than beside input.row
//	unknown-attribute     a type that the rule reaches lacks the attribute
//	attribute-type        an access attribute whose kind policies cannot compare
//	wrong-value           a constant that the attribute can never have, or an order of what has none
//	untranslatable        no filter can be made of the rule for some actor
//	limit                 an evaluation over 100,000 steps (some 50 ms) or 200 disjuncts
//	not-rule     (lint)   `not` over a rule with several conditions of the row: write deny
//	use-in       (lint)   a comparison with each of a list: write in
//	unused-rule  (lint)   no entry point uses the rule
//	no-read      (lint)   no rule lets anybody read a type
package policies
