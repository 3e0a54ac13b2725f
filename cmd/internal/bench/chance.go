package bench

import (
	"encoding/hex"
	"math"
	"time"
)

// chance is a source of numbers in which every number is found by its place: the same seed makes the same region
// whatever is made first, and whoever asks about a person gets the answers that were written.
type chance struct{ seed uint64 }

// stream keeps the numbers of one purpose apart from those of another.
type stream uint64

const (
	ofPerson stream = iota + 1
	ofHousehold
	ofSex
	ofName
	ofFather
	ofBirth
	ofTerritory
	ofPaper
	ofRegistration
	ofPension
	ofDisability
	ofKinship
	ofCase
	ofKind
	ofState
	ofIncome
	ofDecision
	ofAward
	ofAccrual
	ofOffice
	ofEvent
)

// at is the number at a place of a stream (splitmix64).
func (c chance) at(s stream, n int) uint64 {
	z := c.seed + uint64(s)*0x9e3779b97f4a7c15 + uint64(n)*0xbf58476d1ce4e5b9
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// below is a number less than limit, each as likely.
func (c chance) below(s stream, n, limit int) int { return int(c.at(s, n) % uint64(limit)) }

// skewed is a number less than limit; small ones are likelier, the more so the greater the power.
func (c chance) skewed(s stream, n, limit int, power float64) int {
	u := float64(c.at(s, n)>>11) / (1 << 53)
	return int(math.Pow(u, power) * float64(limit))
}

// id is a UUIDv7 of a moment.
func (c chance) id(s stream, n int, at time.Time) string {
	var b [16]byte
	ms := uint64(at.UnixMilli())
	r := c.at(s, n)
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	b[6], b[7] = 0x70|byte(r&0x0f), byte(r>>4)
	b[8] = 0x80 | byte(r>>12&0x3f)
	r2 := c.at(s+1000, n)
	for i := 9; i < 16; i++ {
		b[i] = byte(r2 >> (8 * (i - 9)))
	}
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:36], b[10:16])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}
