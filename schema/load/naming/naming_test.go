package naming

import "testing"

func TestPlural(t *testing.T) {
	t.Parallel()
	for one, many := range map[string]string{"pension": "pensions", "family": "families", "survey": "surveys", "address": "addresses",
		"box": "boxes", "branch": "branches", "wish": "wishes", "y": "ys", "": ""} {
		if got := Plural(one); got != many {
			t.Errorf("Plural(%q) = %q, want %q", one, got, many)
		}
	}
}

func TestPascal(t *testing.T) {
	t.Parallel()
	for file, name := range map[string]string{"person": "Person", "survivor-benefit": "SurvivorBenefit", "form-2-p": "Form2P", "": ""} {
		if got := Pascal(file); got != name {
			t.Errorf("Pascal(%q) = %q, want %q", file, got, name)
		}
	}
}

func TestSpelling(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"a", "birthDate", "X9"} {
		if !IsName(s) {
			t.Errorf("%q is a name", s)
		}
	}
	for _, s := range []string{"", "9a", "a-b", "a_b", "_a", "дата", "a234567890123456789012345678901234567890123456789012345678901"} {
		if IsName(s) {
			t.Errorf("%q is no name", s)
		}
	}
	for s, want := range map[string]bool{"a": true, "ugra-45-oz": true, "45-oz": false, "A": false, "a--b": false, "a-": false} {
		if IsKebab(s) != want {
			t.Errorf("IsKebab(%q) is not %v", s, want)
		}
	}
}
