// Package exchange turns requests to other systems into messages and their answers into records and intents to write.
//
// Compile resolves the exchanges and formats of a catalog. A flow that is sent and answered is a request: Build makes
// its body from the subject and the day asked for, Parse reads a raw answer. Everything is pure: transports carry the
// bytes (cmd/internal/connect), the write road carries out the intents as the actor exchange:<Name> (kernel/command).
// This version speaks JSON; it reads leniently in spelling (blanks, masks, decimal commas, zones of dates, numbers in
// quotes) and strictly in meaning, and prints in one canonical way.
//
// # The envelope
//
// A raw answer is a JSON object {"message", "request", "body"} or {"message", "request", "rejected": CODE}. The body
// is what the format describes. Keys that the format does not know are named in Answer.Warnings and otherwise ignored.
//
// # Names
//
// x-from of the record that is sent sees the source (its subject), asked and case; clear and steps see answer, it, the
// source, asked, case and, only as a whole value (`of: =place`), the records of earlier steps, which Intent names as
// "step:place".
//
// Diagnostics of Compile, beside those of schema/expr:
//
//	exchange-record      what is sent or answered is no `record: true` document
//	exchange-format      there is no such format, or it is of another record
//	exchange-source      the source is no document, or there is not exactly one
//	exchange-covers      covers names no document, or something else than untilTold and period
//	exchange-rejected    a rejection means none, unclear or failed
//	format-path          a path is no property of the record
//	format-key           a key repeats, or repeats a word of the language out of place
//	format-shape         a list without «*», a star without a list, a value where an object is
//	format-codec         `as` does not fit the property
//	format-constant      `absent` or `value` cannot be a value of the property
//	step-target          a step writes no document
//	step-property        a step sets what is no property of the document, or what is computed
//	step-key             a key is no text, or a match finds no key
//	step-literal         a literal cannot be a value of the property
//	not-supported        this version has no such flow, step or word of a format yet
package exchange
