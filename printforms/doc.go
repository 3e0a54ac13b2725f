// Package printforms makes papers: decisions, notices, receipts, reports for a person to read.
//
// Compile checks a template against everything that it may see and hardens it; Data reads from a record exactly the
// paths that the template uses; Render fills the template and gives a whole HTML page with styles for paper. Making a
// PDF of it is the business of cmd/internal/connect/pdf, running the lists of a print form that of its caller.
//
// A template is pongo2 (Django's language) with the tags if, for, with, set, comment and the filters money, words,
// date, decline, initials, default, upper, lower, capfirst, length, join, yesno. It calculates nothing, loops over
// rows only, and cannot reach a file, a Go method or text that is not escaped.
//
// # The data of a template
//
// Render takes plain data: string, bool, int, map[string]any and []any of them. Absent values are left out.
//
//	doc       the record: texts, dates "2019-07-16", money "1826.00", decimals as text, int, bool; an enum NAME also
//	          as NAME__title; a month, quarter or year NAME also as NAME__from, NAME__to; an item {code, title, …};
//	          a link is the map of what is read of it, with its id; named types and inline objects are maps
//	case      number state state__title title final office{…} worker applicant{…} opened due channel
//	decision  Decision.Data
//	work      by name: {done, choice, by, at, late}, with `each` a list of them (Work.Data)
//	lists     by name: a list of rows, each a map of columns
//	today     the date in the zone of the office
//
// Compile takes a linked catalog: names of documents, lists and parties are right already. Its diagnostics, beside those
// of schema/expr for paths and arguments:
//
//	print-about          `about` is a kernel type: only documents are printed yet
//	print-paper          a paper other than A3, A4, A5, with or without «landscape»
//	print-list           an argument that the list needs is not given
//	template-file        the template is missing, too large or no UTF-8
//	template-syntax      a tag, bracket or text that is not closed, a word that is out of place
//	template-tag         a tag that print forms do not have
//	template-filter      a filter that print forms do not have, or a value or argument that it does not take
//	template-name        a name or property that the template does not see
//	template-value       a record, item, object or list printed whole
//	template-raw (lint)  a date, sum, enum or boolean printed as it is stored
//	template-loop        a loop over something else than rows
//	template-compare     values that cannot be compared
//	template-code        a comparison with a code that there is not
//	template-arithmetic  a calculation
//	template-depth       too many tags or brackets inside each other, or words in one place
//	template-markup      HTML that could run or load something, or a value where it could
//
// A fault «template-pongo» means that pongo2 refuses what the checker let pass: a defect of this package.
package printforms
