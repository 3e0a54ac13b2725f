// Package kernel holds the words of the domain: actor, record, case, event, job, error, clock. It does no I/O and
// knows no engine; everything above the definition language speaks in these words.
//
// # The map
//
// Two roads lead through the house. The write road is kernel/command/do.go: idempotency → load and lock → policy →
// pure engine → one transaction with rows, event and jobs. The read road is kernel/query: a selection that becomes one
// SQL statement with the policy's row filter inside (kernel/store/select.go). kernel/registry holds the compiled
// releases that both read, kernel/access asks the policies, kernel/job does what happens after a commit and comes
// back over the write road. Pure engines (kernel/measure, kernel/ledger, kernel/calendar, kernel/exchange, and
// workflows, forms, printforms, policies at the top) take values and return values.
package kernel
