package kernel

import "time"

// Clock tells the time. A transaction takes one «now» from it and keeps it.
type Clock interface {
	Now() time.Time
}

// WallClock is the clock of the machine.
type WallClock struct{}

// Now is the machine's time in UTC, cut to microseconds as PostgreSQL keeps them.
func (WallClock) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// IDs makes identifiers. In production they are UUIDv7.
type IDs interface {
	New() string
}
