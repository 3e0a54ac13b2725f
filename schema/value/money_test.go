package value

import (
	"testing"

	"pgregory.net/rapid"
)

// TestParseMoney: the short way and the long way read the same, and every sum comes back from its text.
func TestParseMoney(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := Money(rapid.Int64().Draw(t, "kopecks"))
		if got, err := ParseMoney(m.String()); err != nil || got != m {
			t.Fatalf("%s: %v, %v", m, got, err)
		}
	})
	for text, want := range map[string]Money{"1826.00": 182600, "-0.05": -5, "0.00": 0, "5": 500, "5.5": 550, "00.10": 10} {
		if got, err := ParseMoney(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "1.234", "x.00", "1e5", "--1.00", "1,00", ".", "-", "99999999999999999999.00", "1.0a"} {
		if got, err := ParseMoney(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func TestQuarter(t *testing.T) {
	t.Parallel()
	for _, d := range []Date{{2020, 1, 1}, {2020, 2, 29}, {2020, 3, 31}} {
		if got := d.Quarter().String(); got != "2020-01-01..2020-03-31" {
			t.Error(got)
		}
	}
	if got := (Date{2019, 12, 31}).Quarter().String(); got != "2019-10-01..2019-12-31" {
		t.Error(got)
	}
}
