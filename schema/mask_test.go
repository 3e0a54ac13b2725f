package schema

import "testing"

func TestMasked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ mask, digits, want string }{
		{"NNN-NNN-NNN NN", "11223344595", "112-233-445 95"},
		{"+7 (NNN) NNN", "922123", "+7 (922) 123"},
		{"NNN-NNN", "12", "12"},
		{"", "12", "12"},
		{"", "", ""},
	} {
		if got := Masked(c.mask, c.digits); got != c.want {
			t.Errorf("Masked(%q, %q) = %q, want %q", c.mask, c.digits, got, c.want)
		}
	}
}
