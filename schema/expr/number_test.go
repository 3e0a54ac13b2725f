package expr

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"mera/schema/value"
)

// law compiles and evaluates an expression over numbers.
func law(t *rapid.T, env *Env, scope Scope, text string, vars map[string]any) (any, error) {
	prog, diags := env.Compile(scalar(text), scope, nil)
	if len(diags) > 0 {
		t.Fatalf("%s: %v", text, diags)
	}
	res, err := prog.Eval(Input{Vars: vars})
	return res.Value, err
}

var numbers = Scope{map[string]*Type{"a": NumberT, "b": NumberT, "c": NumberT, "m": MoneyT, "k": MoneyT, "i": Int, "j": Int}}

func genNumber() *rapid.Generator[value.Number] {
	return rapid.Custom(func(t *rapid.T) value.Number {
		return value.NewNumber(rapid.Int64Range(-1e9, 1e9).Draw(t, "num"), rapid.Int64Range(1, 1e6).Draw(t, "den"))
	})
}

// TestNumbersAreExact: laws that doubles and truncating division break.
func TestNumbersAreExact(t *testing.T) {
	t.Parallel()
	env := NewEnv(nil)
	laws := []string{
		"a + b == b + a", "(a + b) + c == a + (b + c)", "a * (b + c) == a * b + a * c", "(a - b) + b == a",
		"b == 0 || a / b * b == a", "a < b || b <= a", "min(a, b) + max(a, b) == a + b", "i == i * 1.0",
		"j == 0 || i / j * j == i", "round(a, 4) - a <= 0.00005 && a - round(a, 4) <= 0.00005",
		"floor(a, 2) <= a && a <= ceil(a, 2)", "ceil(a, 2) - floor(a, 2) <= 0.01", "floor(a) <= a && a < floor(a) + 1",
		"round(a, 2) == round(round(a, 2), 2)", "m + k == k + m", "(m + k) - k == m", "m * 2 == m + m", "m / 4 * 4 == m",
		"-(-m) == m", "m < k == !(m >= k)", "a == m || a != m",
	}
	rapid.Check(t, func(t *rapid.T) {
		vars := map[string]any{
			"a": genNumber().Draw(t, "a"), "b": genNumber().Draw(t, "b"), "c": genNumber().Draw(t, "c"),
			"m": value.Money(rapid.Int64Range(-1e15, 1e15).Draw(t, "m")), "k": value.Money(rapid.Int64Range(-1e15, 1e15).Draw(t, "k")),
			"i": rapid.Int64Range(-1e9, 1e9).Draw(t, "i"), "j": rapid.Int64Range(-1e9, 1e9).Draw(t, "j"),
		}
		text := rapid.SampledFrom(laws).Draw(t, "law")
		got, err := law(t, env, numbers, text, vars)
		if err != nil || got != true {
			t.Fatalf("%s over %v: %v, %v", text, vars, got, err)
		}
	})
}

// TestIntsNeverWrap: an int operation gives the true result or an overflow.
func TestIntsNeverWrap(t *testing.T) {
	t.Parallel()
	env := NewEnv(nil)
	ops := map[string]func(z, x, y *big.Int) *big.Int{"+": (*big.Int).Add, "-": (*big.Int).Sub, "*": (*big.Int).Mul}
	rapid.Check(t, func(t *rapid.T) {
		i, j := rapid.Int64().Draw(t, "i"), rapid.Int64().Draw(t, "j")
		op := rapid.SampledFrom([]string{"+", "-", "*"}).Draw(t, "op")
		want := ops[op](new(big.Int), big.NewInt(i), big.NewInt(j))
		got, err := law(t, env, numbers, "i "+op+" j", map[string]any{"i": i, "j": j})
		switch {
		case want.IsInt64() && (err != nil || got != want.Int64()):
			t.Fatalf("%d %s %d = %v, %v; want %s", i, op, j, got, err, want)
		case !want.IsInt64() && err == nil:
			t.Fatalf("%d %s %d wraps to %v", i, op, j, got)
		}
	})
}

// TestLiteralsAreExact: a decimal literal is the number that is written, with any digits.
func TestLiteralsAreExact(t *testing.T) {
	t.Parallel()
	env := NewEnv(nil)
	rapid.Check(t, func(t *rapid.T) {
		sign := rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign")
		text := fmt.Sprintf("%s%d.%s", sign, rapid.Uint32().Draw(t, "whole"), rapid.StringMatching(`[0-9]{1,25}`).Draw(t, "part"))
		got, err := law(t, env, numbers, text, nil)
		want, _ := new(big.Rat).SetString(text)
		if err != nil || got.(value.Number).Rat().Cmp(want) != 0 {
			t.Fatalf("%s is %v, %v", text, got, err)
		}
	})
}

// TestHalfUp: money is rounded half away from zero, down and up to the kopeck.
func TestHalfUp(t *testing.T) {
	t.Parallel()
	env := NewEnv(nil)
	for text, want := range map[string]string{
		"round(0.005, 2)": "0.01", "round(-0.005, 2)": "-0.01", "round(0.0049999, 2)": "0.00", "round(2.345, 2)": "2.35", "round(1/3, 2)": "0.33",
		"floor(2.349, 2)": "2.34", "floor(-2.341, 2)": "-2.35", "ceil(2.341, 2)": "2.35", "ceil(-2.349, 2)": "-2.34",
	} {
		prog, diags := env.Compile(scalar(text), Scope{}, MoneyT)
		if diags != nil {
			t.Fatal(diags)
		}
		if got, err := prog.Eval(Input{}); err != nil || got.Value != money(want) {
			t.Errorf("%s = %v, %v", text, got.Value, err)
		}
	}
}
