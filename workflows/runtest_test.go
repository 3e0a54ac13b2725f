package workflows

import "testing"

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
