package semver

import (
	"testing"

	"pgregory.net/rapid"
)

func TestIncludes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ranges, in, out string
	}{
		{"^1", "1.0.0", "2.0.0"},
		{"^1", "1.9.3", "0.9.9"},
		{"^1.2", "1.2.0", "1.1.9"},
		{"^1.2.3", "1.3.0", "1.2.2"},
		{"^0.2", "0.2.5", "0.3.0"},
		{"^0.0.3", "0.0.3", "0.0.4"},
		{"^0", "0.7.0", "1.0.0"},
		{"~1.2", "1.2.9", "1.3.0"},
		{"~1", "1.9.0", "2.0.0"},
		{"1.2.3", "1.2.3", "1.2.4"},
		{"=1.2", "1.2.7", "1.3.0"},
		{">=1.2 <2", "1.9.0", "2.0.0"},
		{">1.2", "1.3.0", "1.2.9"},
		{"<=1.2", "1.2.9", "1.3.0"},
	} {
		r, ok := ParseRange(c.ranges)
		if !ok {
			t.Errorf("%q is no range", c.ranges)
			continue
		}
		if v, _ := Parse(c.in); !r.Includes(v) {
			t.Errorf("%s must include %s", c.ranges, c.in)
		}
		if v, _ := Parse(c.out); r.Includes(v) {
			t.Errorf("%s must not include %s", c.ranges, c.out)
		}
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.x", "v1.2.3", "1.2.3-rc1", "-1.2.3"} {
		if v, ok := Parse(s); ok {
			t.Errorf("Parse(%q) = %v", s, v)
		}
	}
	for _, s := range []string{"", "latest", "^", "1.2.3.4", "^^1", "1 - 2", "*"} {
		if r, ok := ParseRange(s); ok {
			t.Errorf("ParseRange(%q) = %v", s, r)
		}
	}
}

// TestCaret: what ^ allows begins at the version itself and never reaches the next breaking one.
func TestCaret(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 20)
		v, other := Version{n.Draw(t, "a"), n.Draw(t, "b"), n.Draw(t, "c")}, Version{n.Draw(t, "x"), n.Draw(t, "y"), n.Draw(t, "z")}
		r := Range{{least: v, below: caret(v, 3)}}
		if !r.Includes(v) {
			t.Fatalf("^%v does not include itself", v)
		}
		lead := 0 // of the first number that is not 0
		for lead < 2 && v[lead] == 0 {
			lead++
		}
		compatible := other.compare(v) >= 0
		for i := range lead + 1 {
			compatible = compatible && other[i] == v[i]
		}
		if r.Includes(other) != compatible {
			t.Fatalf("^%v and %v: included %v, compatible %v", v, other, r.Includes(other), compatible)
		}
	})
}
