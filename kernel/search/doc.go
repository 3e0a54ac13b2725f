// Package search says by which keys records are found, and reads what people type into one box: names with typos, dates
// in usual forms, numbers of papers and of cases. It is pure: kernel/store keeps the keys and looks them up.
//
// A key is a hash of a class (the label of a property that not everybody may see, else nothing), a kind and a text.
// Whoever may not see a label looks nothing up by its keys. Words of names stand in a dictionary, too, under the forms
// that they take when one letter is lost: a word with one letter lost, added, replaced or swapped shares a form with
// the right one, so the nearest words are found by equality, which an index does in microseconds.
package search
