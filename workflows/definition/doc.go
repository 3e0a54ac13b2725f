// Package definition compiles a workflow of the definition language: names, expressions and values become what
// package workflows runs, and all that cannot work becomes a diagnostic with its place - states that nobody reaches or
// leaves, loops without a person or time, a settle that no decide precedes, values that a property does not take.
//
// Schema/load has resolved the names before; this package types what hangs on them, by the scope of each slot (section
// 5.6 of the language). It knows nothing of cases: package workflows, its only caller, does.
package definition
