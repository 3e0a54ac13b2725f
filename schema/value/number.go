package value

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strings"
)

// Number is an exact ratio: one third times 300 is 100. The zero Number is 0. Values are never changed.
//
// It is num/den in lowest terms where that fits 64 bits, which nearly every sum of a benefit does, and big otherwise.
type Number struct {
	num, den int64 // den 0 stands for 1, so that the zero Number is 0
	big      *big.Rat
}

// NewNumber is a ratio of two integers; den must not be 0.
func NewNumber(num, den int64) Number {
	if n, ok := reduced(num, den); ok {
		return n
	}
	return ofRat(big.NewRat(num, den))
}

// ParseNumber reads a decimal such as "0.22" or "-1826.00"; no exponents, so a short text cannot become a huge number.
func ParseNumber(s string) (Number, error) {
	if s == "" || len(s) > 60 || strings.Trim(s, "0123456789.-") != "" {
		return Number{}, fmt.Errorf("%q is not a decimal number", s)
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return Number{}, fmt.Errorf("%q is not a decimal number", s)
	}
	return ofRat(r), nil
}

// ofRat takes a ratio over, in its short form if it has one.
func ofRat(r *big.Rat) Number {
	if r.Num().IsInt64() && r.Denom().IsInt64() && r.Num().Int64() != math.MinInt64 {
		return Number{num: r.Num().Int64(), den: r.Denom().Int64()}
	}
	return Number{big: r}
}

// reduced is the short form of a ratio in lowest terms; false where there is none.
func reduced(num, den int64) (Number, bool) {
	if num == math.MinInt64 || den == math.MinInt64 || den == 0 {
		return Number{}, false
	}
	if den < 0 {
		num, den = -num, -den
	}
	g := gcd(max(num, -num), den)
	return Number{num: num / g, den: den / g}, true
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Rat returns the ratio; it may be changed.
func (n Number) Rat() *big.Rat {
	if n.big != nil {
		return new(big.Rat).Set(n.big)
	}
	return big.NewRat(n.num, n.denom())
}

func (n Number) rat() *big.Rat {
	if n.big != nil {
		return n.big
	}
	return big.NewRat(n.num, n.denom())
}

func (n Number) denom() int64 { return max(n.den, 1) }

// Add, Sub, Mul are exact.
func (n Number) Add(o Number) Number {
	if n.big == nil && o.big == nil {
		x, ok1 := times(n.num, o.denom())
		y, ok2 := times(o.num, n.denom())
		den, ok3 := times(n.denom(), o.denom())
		if sum, ok := plus(x, y); ok && ok1 && ok2 && ok3 {
			if out, ok := reduced(sum, den); ok {
				return out
			}
		}
	}
	return ofRat(new(big.Rat).Add(n.rat(), o.rat()))
}

// Sub subtracts.
func (n Number) Sub(o Number) Number {
	if o.big == nil {
		return n.Add(Number{num: -o.num, den: o.den})
	}
	return ofRat(new(big.Rat).Sub(n.rat(), o.rat()))
}

// Mul multiplies.
func (n Number) Mul(o Number) Number {
	if n.big == nil && o.big == nil {
		num, ok1 := times(n.num, o.num)
		den, ok2 := times(n.denom(), o.denom())
		if ok1 && ok2 {
			if out, ok := reduced(num, den); ok {
				return out
			}
		}
	}
	return ofRat(new(big.Rat).Mul(n.rat(), o.rat()))
}

// Div divides; false when o is 0.
func (n Number) Div(o Number) (Number, bool) {
	switch {
	case o.Sign() == 0:
		return Number{}, false
	case o.big == nil:
		inverse, _ := reduced(o.denom(), o.num)
		return n.Mul(inverse), true
	}
	return ofRat(new(big.Rat).Quo(n.rat(), o.rat())), true
}

// times and plus are operations on 64 bits; false where the result does not fit.
func times(x, y int64) (int64, bool) {
	if x == 0 || y == 0 {
		return 0, true
	}
	z := x * y
	return z, z/y == x && z != math.MinInt64
}

func plus(x, y int64) (int64, bool) {
	z := x + y
	return z, (z > x) == (y > 0)
}

// Compare orders numbers.
func (n Number) Compare(o Number) int {
	if n.big == nil && o.big == nil {
		x, ok1 := times(n.num, o.denom())
		y, ok2 := times(o.num, n.denom())
		if ok1 && ok2 {
			return cmp.Compare(x, y)
		}
	}
	return n.rat().Cmp(o.rat())
}

// Sign is -1, 0 or 1.
func (n Number) Sign() int {
	if n.big != nil {
		return n.big.Sign()
	}
	return cmp.Compare(n.num, 0)
}

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
	if n.big == nil && scale.IsInt64() {
		if scaled, ok := times(n.num, scale.Int64()); ok {
			return NewNumber(whole(scaled, n.denom(), how), scale.Int64())
		}
	}
	scaled := new(big.Rat).Mul(n.rat(), new(big.Rat).SetInt(scale))
	return ofRat(new(big.Rat).SetFrac(integer(scaled, how), scale))
}

// whole rounds num/den to an integer.
func whole(num, den int64, how Rounding) int64 {
	floor, rest := num/den, num%den
	if rest < 0 {
		floor, rest = floor-1, rest+den
	}
	up := how == Up && rest > 0
	if how == HalfUp {
		up = rest > den-rest || rest == den-rest && num > 0
	}
	if up {
		return floor + 1
	}
	return floor
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
	if n.big == nil {
		if kopecks, ok := times(n.num, 100); ok {
			return Money(whole(kopecks, n.denom(), how)), true
		}
	}
	k := integer(new(big.Rat).Mul(n.rat(), big.NewRat(100, 1)), how)
	if !k.IsInt64() {
		return 0, false
	}
	return Money(k.Int64()), true
}

// IsInt tells that the number is whole.
func (n Number) IsInt() bool {
	if n.big != nil {
		return n.big.IsInt()
	}
	return n.denom() == 1
}

// Bits is the size of the greater of numerator and denominator.
func (n Number) Bits() int {
	if n.big != nil {
		return max(n.big.Num().BitLen(), n.big.Denom().BitLen())
	}
	return bits.Len64(uint64(max(n.num, -n.num, n.denom())))
}

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
