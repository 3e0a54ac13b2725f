package policies

import "time"

// SetTime lets tests on slow machines take their time.
func SetTime(s *Set, d time.Duration) { s.time = d }
