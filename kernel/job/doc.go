// Package job does what happens after a commit: it sends requests, applies answers, prints, leaves word, wakes cases
// and rings their timers. Jobs lie in the queue (River) that the command's own transaction filled; a worker does the
// slow part and comes back over kernel/command as the system actor.
//
// A job runs at least once: every effect is protected by a unique key, never by the queue. The package writes no SQL
// and decides nothing.
package job
