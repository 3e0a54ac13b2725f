// Package exchange turns requests to other systems into messages and their answers into records and intents to write.
//
// Compile resolves the exchanges and formats of a catalog. A flow that is sent and answered is a request: Build makes
// its body from its sources and the day asked for, Parse reads a raw answer. A flow without an answer is only built. Everything is pure: transports carry the
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
// x-from of the record that is sent sees the sources (the first is its subject), asked and case; clear and steps see
// answer, it, the sources, asked, case and, only as a whole value (`of: =place`), the records of earlier steps, which Intent
// names as Made.
//
// Compile takes a linked catalog: names of records, formats and types are right already. Its diagnostics, beside those
// of schema/expr:
//
//	exchange-format      what is sent or answered has no format
//	exchange-source      a request has no source, or one that is no type or has the name of something else
//	exchange-from        nothing fills a required property of what is sent
//	format-path          a path is no property of the record
//	format-key           a key of the tree stands twice
//	format-shape         a list without «*», a star without a list, a value where an object is
//	format-codec         `as` does not fit the property
//	format-constant      `absent` or `value` cannot be a value of the property
//	step-target          a step writes no document, or fires an event that the case does not have
//	step-property        a step sets what is no property of the document, or what is computed
//	step-key             a match finds no key of the document
//	step-literal         a literal or a record of an earlier step cannot be a value of the property
//	not-supported        this version has no such flow, step or word of a format yet
package exchange
