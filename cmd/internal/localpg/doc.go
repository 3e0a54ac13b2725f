// Package localpg is the embedded default of mera: a private PostgreSQL cluster in the data folder, so that one command
// on an empty machine gives a working server. It finds the programs of PostgreSQL, makes the cluster, starts the
// server on a unix socket that only its owner reaches, or adopts the one that an earlier process left running.
//
// It runs no SQL of the product, makes no backups and is not for production: there the address of a database is
// configured and this package is not used. Its callers are cmd/internal/app and the test cluster in pgtest.
package localpg
