// Package forms stands between people (or their programs) and documents: it draws the form of a document and reads
// what was filled in.
//
// Compile resolves all forms of a catalog once. View gives the form model of a document for a state, roles and a
// language: pages and fields with widgets, nothing left to resolve. Bind, Draft and Patch turn GraphQL or JSON input
// into the stored form (language, section 2) or into a list of field errors; Missing, Validate and Check look at what
// is about to be stored: required properties, limits, classifier codes. A form may take fields from rows of data: Rows
// reads them, WithRows draws them, Answers judges what was answered.
//
// The order on the write road is: Bind (or Draft, Patch) → the kernel fills x-from, x-number and x-value → Missing,
// unless the record is a draft → Check. Attachments and the idempotency key are no properties: the caller takes them
// out of the input first. Who may write what is decided by policies and workflows; `checks` of documents, uniqueness
// and the existence of linked records belong to the kernel. No input makes this package panic.
//
// Compile takes a linked catalog: names of documents, roles and states are right already. Its diagnostics, beside those
// of schema/expr:
//
//	form-clash         two forms fit one role and state
//	form-empty         a page shows nothing
//	form-field         a field is no property of the document, or cannot stand on a form
//	form-field-twice   a field stands on two places of one form
//	form-each          `each` names no array of objects (nor work of the workflow), or no rows and answers to them
//	type-mask          a mask has no place for a digit
//	type-check         the `check` of a type reads parameters: a type judges its value alone
package forms
