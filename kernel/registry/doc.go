// Package registry compiles the installed packages into one immutable Release and keeps the present one behind an
// atomic pointer, with the dated data (parameters, classifier items, days off) that a region edits without a release.
//
// A package that does not compile is left out, with all that require it, and named: the server runs on without it.
// The package stores nothing and serves nobody's request; kernel/command and kernel/query read it at the start of
// each operation and work with what they got to the end.
package registry
