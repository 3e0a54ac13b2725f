package value

import (
	"fmt"
	"math/big"
	"strings"
)

// Number is an exact ratio: one third times 300 is 100. The zero Number is 0. Values are never changed.
type Number struct{ r *big.Rat }

// NewNumber is a ratio of two integers; den must not be 0.
func NewNumber(num, den int64) Number { return Number{big.NewRat(num, den)} }

// ParseNumber reads a decimal such as "0.22" or "-1826.00"; no exponents, so a short text cannot become a huge number.
func ParseNumber(s string) (Number, error) {
	if s == "" || len(s) > 60 || strings.Trim(s, "0123456789.-") != "" {
		return Number{}, fmt.Errorf("%q is not a decimal number", s)
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return Number{}, fmt.Errorf("%q is not a decimal number", s)
	}
	return Number{r}, nil
}

// Rat returns a copy of the ratio.
func (n Number) Rat() *big.Rat {
	if n.r == nil {
		return new(big.Rat)
	}
	return new(big.Rat).Set(n.r)
}

func (n Number) rat() *big.Rat {
	if n.r == nil {
		return new(big.Rat)
	}
	return n.r
}

// Add, Sub, Mul are exact.
func (n Number) Add(o Number) Number { return Number{new(big.Rat).Add(n.rat(), o.rat())} }

// Sub subtracts.
func (n Number) Sub(o Number) Number { return Number{new(big.Rat).Sub(n.rat(), o.rat())} }

// Mul multiplies.
func (n Number) Mul(o Number) Number { return Number{new(big.Rat).Mul(n.rat(), o.rat())} }

// Div divides; false when o is 0.
func (n Number) Div(o Number) (Number, bool) {
	if o.rat().Sign() == 0 {
		return Number{}, false
	}
	return Number{new(big.Rat).Quo(n.rat(), o.rat())}, true
}

// Compare orders numbers.
func (n Number) Compare(o Number) int { return n.rat().Cmp(o.rat()) }

// Sign is -1, 0 or 1.
func (n Number) Sign() int { return n.rat().Sign() }

// Rounding names how a digit is dropped.
type Rounding int

// HalfUp rounds half away from zero, as the language's `round`; Down and Up are `floor` and `ceil` (towards minus and
// plus infinity).
const (
	HalfUp Rounding = iota
	Down
	Up
)

// Round keeps digits after the point.
func (n Number) Round(digits int, how Rounding) Number {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	scaled := new(big.Rat).Mul(n.rat(), new(big.Rat).SetInt(scale))
	return Number{new(big.Rat).SetFrac(integer(scaled, how), scale)}
}

func integer(r *big.Rat, how Rounding) *big.Int {
	floor := new(big.Int).Div(r.Num(), r.Denom()) // Euclidean; the denominator is positive, so this is the floor
	if r.IsInt() {
		return floor
	}
	switch how {
	case Down:
		return floor
	case Up:
		return floor.Add(floor, big.NewInt(1))
	default:
		half := new(big.Rat).Sub(r, new(big.Rat).SetInt(floor))
		c := half.Cmp(big.NewRat(1, 2))
		if c > 0 || (c == 0 && r.Sign() > 0) {
			return floor.Add(floor, big.NewInt(1))
		}
		return floor
	}
}

// Money rounds to kopecks; false when the sum does not fit.
func (n Number) Money(how Rounding) (Money, bool) {
	k := integer(new(big.Rat).Mul(n.rat(), big.NewRat(100, 1)), how)
	if !k.IsInt64() {
		return 0, false
	}
	return Money(k.Int64()), true
}

// IsInt tells that the number is whole.
func (n Number) IsInt() bool { return n.rat().IsInt() }

// String is the shortest exact decimal, or a fraction "1/3" where none exists.
func (n Number) String() string {
	r := n.rat()
	if digits, exact := r.FloatPrec(); exact {
		return r.FloatString(digits)
	}
	return r.RatString()
}

// Money is a sum in whole kopecks.
type Money int64

// ParseMoney reads "1826.00", "1826" or "-0.05": at most two digits after the point.
func ParseMoney(s string) (Money, error) {
	if m, ok := plainMoney(s); ok {
		return m, nil
	}
	n, err := ParseNumber(s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a sum of money", s)
	}
	k := new(big.Rat).Mul(n.rat(), big.NewRat(100, 1))
	if !k.IsInt() || !k.Num().IsInt64() {
		return 0, fmt.Errorf("%q is not a sum in whole kopecks", s)
	}
	return Money(k.Num().Int64()), nil
}

// plainMoney reads the stored form "1826.00" without ratios: every sum of every record comes this way.
func plainMoney(s string) (Money, bool) {
	digits, negative := strings.CutPrefix(s, "-")
	if n := len(digits); n < 4 || n > 18 || digits[n-3] != '.' {
		return 0, false
	}
	var m Money
	for i, c := range []byte(digits) {
		if i == len(digits)-3 {
			continue // the point
		}
		if c < '0' || c > '9' {
			return 0, false
		}
		m = m*10 + Money(c-'0')
	}
	if negative {
		m = -m
	}
	return m, true
}

// Number is the same sum as an exact number of roubles.
func (m Money) Number() Number { return NewNumber(int64(m), 100) }

// String has two digits after the point: "1826.00".
func (m Money) String() string {
	sign, k := "", big.NewInt(int64(m))
	if m < 0 {
		sign = "-"
		k.Neg(k)
	}
	s := fmt.Sprintf("%03s", k.String())
	return sign + s[:len(s)-2] + "." + s[len(s)-2:]
}

// AddMoney adds two sums; false when the result does not fit.
func AddMoney(a, b Money) (Money, bool) {
	c := a + b
	if (c > a) == (b > 0) {
		return c, true
	}
	return 0, false
}

// Unit is a unit of a Duration.
type Unit string

// Units that an author may write, singular or plural.
const (
	Workdays Unit = "workdays"
	Days     Unit = "days"
	Weeks    Unit = "weeks"
	Months   Unit = "months"
	Years    Unit = "years"
	Hours    Unit = "hours"
	Minutes  Unit = "minutes"
	Seconds  Unit = "seconds"
)

// Duration is "5 workdays", "30 days", "1 month", "3 minutes".
type Duration struct {
	N    int
	Unit Unit
}

// ParseDuration reads a duration as an author writes it.
func ParseDuration(s string) (Duration, error) {
	var n int
	var unit string
	if _, err := fmt.Sscanf(s, "%d %s", &n, &unit); err != nil || n < 0 || n > 100000 || fmt.Sprintf("%d %s", n, unit) != s {
		return Duration{}, fmt.Errorf("%q is not a duration such as \"5 workdays\", \"30 days\", \"1 month\", \"3 minutes\"", s)
	}
	u := Unit(strings.TrimSuffix(unit, "s") + "s")
	switch u {
	case Workdays, Days, Weeks, Months, Years, Hours, Minutes, Seconds:
		return Duration{n, u}, nil
	}
	return Duration{}, fmt.Errorf("%q has no unit known: workdays, days, weeks, months, years, hours, minutes, seconds", s)
}

// String is the written form.
func (d Duration) String() string {
	u := string(d.Unit)
	if d.N == 1 {
		u = strings.TrimSuffix(u, "s")
	}
	return fmt.Sprintf("%d %s", d.N, u)
}

// Bits is the size of the greater of numerator and denominator.
func (n Number) Bits() int { return max(n.rat().Num().BitLen(), n.rat().Denom().BitLen()) }
