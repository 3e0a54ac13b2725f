// Package meta holds the meta-schemas of the definition language: for each folder of a package a JSON Schema (draft
// 2020-12) that tells which keys its files have. schema/load checks every file against them, and editors that know
// JSON Schema complete and explain keys from them.
//
// Two marks of our own guide the messages: a part with `"not": {}` and a `$comment` that is a code of a diagnostic is
// known but refused, and its description says why; `x-hint` and `x-refused` tell the way out of a wrong value.
package meta

import "embed"

// Files are the meta-schemas: <folder>.schema.json for each kind, package.schema.json, tests.schema.json, and
// common.schema.json that they share.
//
//go:embed *.schema.json
var Files embed.FS
