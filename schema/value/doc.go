// Package value holds the exact values of the definition language: calendar dates without a zone, periods with both
// ends included, durations as an author writes them, money in whole kopecks and exact numbers.
//
// Every value is immutable and comparable or has an Equal. The package reads no clock, rounds only where the caller
// names the rounding, and knows nothing of working days (kernel/calendar does).
package value
