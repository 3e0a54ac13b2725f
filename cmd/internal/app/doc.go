// Package app builds the whole program from a Config: database, release, roads, workers, GraphQL, channels. It is the
// only package that sees all of them; the subcommands of cmd/mera and the tests that need a whole server start it.
package app
