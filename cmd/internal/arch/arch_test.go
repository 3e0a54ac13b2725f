package arch

import (
	"mera/schema/golden"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rows are the floors of the house, from the bottom: an arrow goes from a package to one on a lower floor, or to a
// room inside its own. The longest prefix decides.
var rows = map[string]int{
	"catalog": 0, "schema/meta": 0, "schema/value": 0, "schema/golden": 0, "schema": 1, "schema/load": 2, "schema/expr": 2, "schema/filter": 3,
	"kernel/calendar": 3, "kernel/ledger": 3, "kernel/search": 3, "workflows": 4, "forms": 4, "printforms": 4, "policies": 4, "kernel/measure": 4,
	"kernel/exchange": 4, "kernel": 4, "kernel/registry": 5, "kernel/access": 5, "kernel/store": 5, "kernel/command": 6,
	"kernel/query": 6, "kernel/job": 7, "graph": 7, "cmd/internal": 8, "cmd/internal/app": 9, "cmd": 10,
}

func floor(pkg string) (string, int) {
	best, row := "", -1
	for prefix, r := range rows {
		if (pkg == prefix || strings.HasPrefix(pkg, prefix+"/")) && len(prefix) > len(best) {
			best, row = prefix, r
		}
	}
	return best, row
}

func arrows(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{$p := .ImportPath}}{{range .Imports}}{{$p}} {{.}}{{"\n"}}{{end}}`, "mera/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []string
	for line := range strings.Lines(string(out)) {
		from, to, ok := strings.Cut(strings.TrimSpace(line), " ")
		from, to = strings.TrimPrefix(from, "mera/"), strings.TrimPrefix(to, "mera/")
		if ok && strings.Contains(line, " mera/") {
			all = append(all, from+" -> "+to)
		}
	}
	slices.Sort(all)
	return all
}

func TestArrowsGoDownward(t *testing.T) {
	for _, a := range arrows(t) {
		from, to, _ := strings.Cut(a, " -> ")
		fromRoom, fromRow := floor(from)
		toRoom, toRow := floor(to)
		switch {
		case fromRow < 0 || toRow < 0:
			t.Errorf("%s: a package without a floor", a)
		case fromRoom == toRoom, fromRow > toRow:
		case strings.HasPrefix(from, "cmd/internal/") && strings.HasPrefix(to, "cmd/internal/"): // one tool uses another
		default:
			t.Errorf("%s: goes from floor %d to floor %d", a, fromRow, toRow)
		}
	}
}

func TestArrowsAreKnown(t *testing.T) {
	got := strings.Join(arrows(t), "\n") + "\n"
	golden.Equal(t, "testdata/arrows.txt", got) // defend a new one before it is written
}
