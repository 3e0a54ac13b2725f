// Package store is the only place with SQL. It keeps records and their versions, cases' work, decisions, awards, the
// ledger, the journal, installed packages and the queue's jobs in PostgreSQL, and attachments' bytes on disk.
//
// Every write goes through DB.Write, one READ COMMITTED transaction that is run again when PostgreSQL asks for it, so
// its body must have no effect outside the transaction. Correctness rests on unique keys and row locks, never on
// advisory locks, notifications, triggers or exclusion constraints. One file holds one table with typed methods on *Tx;
// select*.go turns a Selection into one statement; index.go makes partitions and indexes when a package is installed.
//
// The package decides nothing: rules, policies and arithmetic are the business of its callers, kernel/command,
// kernel/query and kernel/job. Errors are *kernel.Error; their messages are keys of the message catalog:
//
//	database-unavailable  the server cannot be reached, is full, is shutting down or was too slow
//	outcome-unknown       the connection broke at the commit: the change is there or it is not
//	database-full         no space is left; reading goes on
//	database-busy         other transactions hold the rows, or conflict again and again
//	database-value        a value that the database refuses: not a uuid, a date that does not exist, a zero character
//	exists                a unique key is taken (argument: the constraint)
//	referred              a row that is referred to is missing or still needed (argument: the constraint)
//	stale                 the record has moved on (arguments: type, id, version)
//	key-taken             an outside key belongs to another record (arguments: system, value)
//	key-reused            an idempotency key came with another command (argument: the key)
//	ledger                an entry that does not balance
//	not-found             no file has this digest
//	file-too-large        more bytes than allowed (argument: how many)
//	file-changed          the bytes of a file no longer have its digest (argument: the digest)
//	disk-full, files-unavailable
//	                      files cannot be written or read now
//	database              anything else: a defect of ours
package store
