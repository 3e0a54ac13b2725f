package value

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// genNumber is a number of any size, often at the edges of 64 bits.
func genNumber() *rapid.Generator[Number] {
	return rapid.Custom(func(t *rapid.T) Number {
		edge := rapid.SampledFrom([]int64{0, 1, -1, 2, 3, 100, math.MaxInt64, math.MinInt64, math.MinInt64 + 1, 1 << 62, 1 << 32, -1 << 31})
		part := rapid.OneOf(edge, rapid.Int64(), rapid.Int64Range(-1000, 1000))
		den := rapid.OneOf(edge, rapid.Int64(), rapid.Int64Range(1, 1000)).Filter(func(i int64) bool { return i != 0 })
		n := NewNumber(part.Draw(t, "num"), den.Draw(t, "den"))
		if rapid.IntRange(0, 3).Draw(t, "large") == 0 {
			return ofRat(new(big.Rat).Mul(n.Rat(), n.Rat()))
		}
		return n
	})
}

// TestNumber: every operation agrees with math/big, and every result has one form.
func TestNumber(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := genNumber().Draw(t, "a"), genNumber().Draw(t, "b")
		x, y := a.Rat(), b.Rat()
		same := func(what string, got Number, want *big.Rat) {
			if got.Rat().Cmp(want) != 0 {
				t.Fatalf("%s: %s, %s gives %s, want %s", what, x, y, got, want)
			}
			if form := ofRat(got.Rat()); (form.big == nil) != (got.big == nil) || got.big == nil && (form.num != got.num || form.denom() != got.denom()) {
				t.Fatalf("%s: %s has the form %+v and not %+v", what, got, got, form)
			}
		}
		same("+", a.Add(b), new(big.Rat).Add(x, y))
		same("-", a.Sub(b), new(big.Rat).Sub(x, y))
		same("*", a.Mul(b), new(big.Rat).Mul(x, y))
		if q, ok := a.Div(b); ok {
			same("/", q, new(big.Rat).Quo(x, y))
		} else if y.Sign() != 0 {
			t.Fatal("no quotient by", y)
		}
		if a.Compare(b) != x.Cmp(y) || a.Sign() != x.Sign() || a.IsInt() != x.IsInt() {
			t.Fatalf("order, sign or whole of %s and %s", x, y)
		}
		if want := max(x.Num().BitLen(), x.Denom().BitLen()); a.Bits() != want {
			t.Fatalf("%s has %d bits, not %d", x, a.Bits(), want)
		}
	})
}

// TestRound: rounding by 64 bits agrees with rounding of big ratios.
func TestRound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := genNumber().Draw(t, "n")
		how := rapid.SampledFrom([]Rounding{HalfUp, Down, Up}).Draw(t, "how")
		digits := rapid.IntRange(0, 20).Draw(t, "digits")
		scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
		want := new(big.Rat).SetInt(integer(new(big.Rat).Mul(n.Rat(), scale), how))
		want.Quo(want, scale)
		if got := n.Round(digits, how); got.Rat().Cmp(want) != 0 {
			t.Fatalf("%s to %d digits is %s, want %s", n.Rat(), digits, got, want)
		}
		kopecks := integer(new(big.Rat).Mul(n.Rat(), big.NewRat(100, 1)), how)
		got, ok := n.Money(how)
		if ok != kopecks.IsInt64() || ok && int64(got) != kopecks.Int64() {
			t.Fatalf("%s is %s in money, %v; want %s kopecks", n.Rat(), got, ok, kopecks)
		}
	})
}

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"0.22": "0.22", "-1826.00": "-1826", "10": "10", "99999999999999999999.5": "99999999999999999999.5", "0": "0"} {
		if got, err := ParseNumber(text); err != nil || got.String() != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	if got := NewNumber(1, 3).String(); got != "1/3" {
		t.Error(got)
	}
	if (Number{}).String() != "0" || (Number{}).Compare(NewNumber(0, 5)) != 0 {
		t.Error("the zero Number is not 0")
	}
	for _, text := range []string{"", "1e5", "1/3", "--1", "1.2.3", "x", "1-2", " 1"} {
		if got, err := ParseNumber(text); err == nil {
			t.Errorf("%q is %s", text, got)
		}
	}
}
