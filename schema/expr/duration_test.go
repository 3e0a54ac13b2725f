package expr

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
	"mera/schema/value"
)

// termScope has durations whose units are known only when they are read, and one of the clock.
func termScope() Scope {
	s := testScope()
	s.Vars["term"], s.Vars["other"] = DurationT, DurationT
	s.Vars["terms"] = ListOf(DurationT)
	s.Vars["case"] = ObjectOf(map[string]*Type{"spent": ObjectOf(map[string]*Type{"waiting": ClockT, "asking": DurationT})})
	return s
}

func termVars(term, other string) map[string]any {
	parse := func(s string) value.Duration {
		d, err := value.ParseDuration(s)
		if err != nil {
			panic(err)
		}
		return d
	}
	seconds := value.Duration{N: 301, Unit: value.Seconds}
	return map[string]any{
		"term": parse(term), "other": parse(other), "terms": []any{parse(term), parse(other)}, "asked": day("2019-07-16"),
		"case": map[string]any{"spent": map[string]any{"waiting": seconds, "asking": seconds}},
	}
}

func evalTerms(t *testing.T, text, term, other string) Result {
	t.Helper()
	prog, diags := NewEnv(testCatalog()).Compile(scalar(text), termScope(), nil)
	if diags != nil {
		t.Fatalf("%s: %v", text, diags)
	}
	got, err := prog.Eval(Input{Vars: termVars(term, other)})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return got
}

// TestDurationsCompare: weeks, days, hours, minutes and seconds go together, any other unit only with itself.
func TestDurationsCompare(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		term, other string
		order       int // of term and other
		known       bool
	}{
		{"60 minutes", "1 hour", 0, true}, {"3601 seconds", "1 hour", 1, true}, {"119 seconds", "2 minutes", -1, true},
		{"2 hours", "1 hour", 1, true}, {"5 workdays", "6 workdays", -1, true}, {"30 days", "30 days", 0, true},
		{"2 weeks", "1 week", 1, true}, {"1 month", "2 months", -1, true}, {"1 year", "1 year", 0, true},
		{"1 day", "24 hours", 0, true}, {"25 hours", "1 day", 1, true}, {"86399 seconds", "1 day", -1, true},
		{"1 week", "7 days", 0, true}, {"0 hours", "0 days", 0, true}, {"1 month", "30 days", 0, false},
		{"12 months", "1 year", 0, false}, {"5 workdays", "5 days", 0, false}, {"1 workday", "24 hours", 0, false},
	} {
		for sign, want := range map[string]bool{"<": tt.order < 0, "<=": tt.order <= 0, ">": tt.order > 0, ">=": tt.order >= 0} {
			text := "term " + sign + " other"
			got := evalTerms(t, text, tt.term, tt.other)
			if tt.known && (!got.Known() || got.Value != want) {
				t.Errorf("%s %s %s: %v, want %v", tt.term, sign, tt.other, got, want)
			}
			if !tt.known && !cmp.Equal(got.Unclear, []string{text}) {
				t.Errorf("%s %s %s is known: %v", tt.term, sign, tt.other, got.Value)
			}
		}
		same := tt.known && tt.order == 0
		if got := evalTerms(t, "term == other", tt.term, tt.other); got.Value != same {
			t.Errorf("%s == %s: %v", tt.term, tt.other, got)
		}
	}
}

func TestSpent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"case.spent('waiting') > minutes(5)":                        true,
		"case.spent('asking') > minutes(5)":                         true,
		"case.spent('waiting') >= minutes(6)":                       false,
		"hours(1) > case.spent('waiting')":                          true,
		"case.spent('waiting') < days(1)":                           true,
		"[days(1), minutes(5)].exists(x, x == hours(24))":           true,
		"case.spent('waiting') <= other":                            true,
		"terms.best(x, x)":                                          value.Duration{N: 1, Unit: value.Hours},
		"minutes(60) == hours(1) && hours(1) in [minutes(60)]":      true,
		"[minutes(1), term].exists(x, x > minutes(2))":              true,
		"[minutes(1), days(1)].exists(x, x == days(1))":             true,
		"(asked == date('2019-07-16') ? days(2) : term) == days(2)": true,
		"asked + (asked == date('2019-07-16') ? days(2) : term)":    day("2019-07-18"),
	} {
		got := evalTerms(t, text, "3 minutes", "1 hour")
		if diff := cmp.Diff(want, got.Value); diff != "" || !got.Known() {
			t.Error(text, diff, got.Unclear)
		}
	}
	if got := evalTerms(t, "terms.best(x, x)", "3 minutes", "1 month"); !cmp.Equal(got.Unclear, []string{"x"}) {
		t.Error("the longest of minutes and months is chosen:", got)
	}
}

// TestDurationsOfOtherUnitsAreAFault: where the units can be seen, the author is told.
func TestDurationsOfOtherUnitsAreAFault(t *testing.T) {
	t.Parallel()
	env := NewEnv(testCatalog())
	for text, want := range map[string]string{
		"minutes(5) > workdays(1)":            "cannot compare duration of clock units with duration of workdays",
		"workdays(3) < days(3)":               "cannot compare duration of workdays with duration of days",
		"case.spent('waiting') > workdays(1)": "cannot compare duration of clock units with duration of workdays",
		"workdays(1) == hours(24)":            "cannot compare duration of workdays with duration of clock units",
		"case.spent('waiting') > 5":           "cannot compare duration of clock units with int",
	} {
		prog, diags := env.Compile(scalar(text), termScope(), nil)
		if prog != nil || len(diags) != 1 || diags[0].Code != CodeType || diags[0].Message != want {
			t.Errorf("%s: %v", text, diags)
			continue
		}
		if hint := strings.Contains(diags[0].Hint, "one unit"); hint != strings.Contains(want, "with duration") {
			t.Errorf("%s: the hint is %q", text, diags[0].Hint)
		}
	}
	if got := FromSchema(&schema.Type{Kind: schema.Duration}); !got.equal(DurationT) {
		t.Errorf("a property is a %s", got)
	}
}
