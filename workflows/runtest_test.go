package workflows

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"mera/schema"
	"mera/schema/golden"
)

func TestCatalogTestsPass(t *testing.T) {
	t.Parallel()
	cases := 0
	for _, test := range theShelf().tests {
		for _, result := range machine(t, test.Name).RunTest(test) {
			cases++
			if result.Failure != "" {
				t.Errorf("%s: %s: %s", result.Pos, result.Title, result.Failure)
			}
		}
	}
	if cases < 15 {
		t.Errorf("only %d cases were played", cases)
	}
}

func TestFailuresSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("testdata/failing.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range machine(t, "Crate").RunTest(&schema.Test{Name: "Crate", Root: node(t, string(src))}) {
		if (r.Failure == "") != (r.Title == "Проходит") {
			t.Errorf("%s: %q", r.Title, r.Failure)
		}
		fmt.Fprintf(&b, "%d:%d %s: %s\n", r.Pos.Line, r.Pos.Col, r.Title, r.Failure)
	}
	golden.Equal(t, "testdata/failing.golden", b.String())
}

func TestABadFileFails(t *testing.T) {
	t.Parallel()
	m := machine(t, "Crate")
	for _, file := range []string{
		"{}", "{cases: {a: {}}, today: soon}", "{cases: {a: {}}, now: soon}",
		"{cases: {a: {}}, given: {Crate: {c: {days: 1}}}}",
	} {
		for _, r := range m.RunTest(&schema.Test{Name: "Crate", Root: node(t, file)}) {
			if r.Failure == "" {
				t.Errorf("%s passed", file)
			}
		}
	}
	if r := m.RunTest(&schema.Test{Root: node(t, "{cases: {a: {states: [packing]}}}")}); r[0].Failure != "" {
		t.Errorf("a case without given: %s", r[0].Failure)
	}
}
