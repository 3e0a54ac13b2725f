// Package ledger is the arithmetic of money owed, paid, overpaid and withheld: a pure double-entry ledger in kopecks.
//
// It makes entries out of amounts and standings; it stores nothing, decides no right and reads no clock. The commands
// of the kernel call it inside their transaction and write what it returns: the unique key of an entry, not this
// package, makes a second run of the same work impossible.
//
// # Accounts
//
//	budget          where money comes from: minus the sum of all that is rightfully accrued
//	award:<id>      accrued and not yet paid; never below zero
//	recipient:<id>  received; never below zero
//	debt:<award>    overpaid: minus what the recipient owes; never above zero
//
// # Entries
//
//	accrue    budget → award       the first accrual of a slice
//	correct   the difference between what a slice owes now and what was accrued for it
//	pay       award → recipient    a line of a payment list
//	return    recipient → award    an undelivered payment comes back and is owed again
//	repay     recipient → debt     the recipient gives back what was overpaid
//	withhold  award → debt         a part of what is due covers the debt
//
// A correction upwards first takes back debt, a correction downwards first takes what is not yet paid. So the standing
// after a set of corrections does not depend on their order.
package ledger
