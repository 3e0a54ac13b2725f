// Package command is the write road. Every change of the system is a Command that goes one way (do.go): idempotency →
// load and lock → policy → pure engine → one transaction with rows, journal and jobs. A handler, one file each, only
// says what the command means; it cannot forget audit, policy or idempotency, because it does not do them.
//
// The package knows no HTTP and no GraphQL, writes no SQL and renders nothing outside a transaction. graph and
// kernel/job call it; jobs come back over the same road as a system actor.
package command
