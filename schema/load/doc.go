// Package load reads packages and joins them: Read turns the folder of one package into a schema.Package, Link joins
// packages into a schema.Catalog in which every name leads to its definition.
//
// Both report all faults at once, each with its place, and never stop at the first. What they check is the shape and
// the names: YAML safety (load/source), keys and kinds of values (load/shape against schema/meta), dates, durations,
// names, references, types of constants. Expressions, filters, templates and policies are compiled by their own
// packages and are only carried here as text with a place. Callers are kernel/registry, the tools of cmd/mera and the
// tests of the engines.
package load
