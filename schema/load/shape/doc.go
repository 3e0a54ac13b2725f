// Package shape tells whether a file of a definition has the keys and kinds of values that the language wants: it
// checks a schema.Node against the meta-schemas of schema/meta and words every fault for its author, with the place
// and, where there is one, the nearest known word.
//
// It checks no meaning: empty values, dates, durations, names and references are the business of schema/load, its only caller.
package shape
