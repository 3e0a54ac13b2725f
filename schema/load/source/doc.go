// Package source reads and writes the YAML of definitions: Parse turns the bytes of one file into a schema.Node under
// the safety rules of the language (no anchors, tags, merge keys, duplicates, second documents, tabs; limits on size,
// depth and length), with the place of every word; Format writes the same text in the canonical shape.
//
// It knows no kind of definition and reads no file. Its callers are schema/load and, for the files that translations
// change, schema/load/link.
package source
