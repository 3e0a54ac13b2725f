package source

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, out string }{
		{"spaces and indents", "a:\n      b:   1\n      c:\n      - x\n      -   y\n", "a:\n  b: 1\n  c:\n    - x\n    - y\n"},
		{"blank lines", "\n\na: 1\n\n\n\nb: 2\n\n\n", "a: 1\n\nb: 2\n"},
		{"comments stay", "# top\n\n# of a\na: 1   # why\nb:   # list\n   # first\n   - x # one\n   # last\n\n# end\n",
			"# top\n\n# of a\na: 1 # why\nb: # list\n  # first\n  - x # one\n  # last\n\n# end\n"},
		{"braces on a line stay", "a: { b: 1,c: [ x,y ] }\n", "a: {b: 1, c: [x, y]}\n"},
		{"braces over lines become lines", "a: {b: 1,\n  c: {d: 2, e: 3}}\n", "a:\n  b: 1\n  c: {d: 2, e: 3}\n"},
		{"quotes are double", "a: 'x: y'\nb: 'it''s'\nc: 'say \"no\"'\n", "a: \"x: y\"\nb: \"it's\"\nc: 'say \"no\"'\n"},
		{"quotes of the author stay", "a: \"86\"\nb: 86\n", "a: \"86\"\nb: 86\n"},
		{"block scalars stay", "a: |-\n     x &&\n     y\nb: 1\n", "a: |\n  x &&\n  y\nb: 1\n"},
		{"folded lines become one", "a: >\n  x &&\n  y\nb: z\n  w\n", "a: x && y\nb: z w\n"},
		{"a tag was an expression", "when: !has(doc.to)\n", "when: \"!has(doc.to)\"\n"},
		{"a comma cut an expression", "a: {rule: size(p, q) > max(1,  2), at: to}\n", "a: {rule: \"size(p, q) > max(1,  2)\", at: to}\n"},
		{"a comma cut a title", "a: {title: Сведения, которые запрашиваются}\n", "a: {title: \"Сведения, которые запрашиваются\"}\n"},
		{"empty values", "a:\nb: ~\nc: {d: , e: \"\"}\nf: {}\ng: []\n", "a: null\nb: null\nc: {d: null, e: \"\"}\nf: {}\ng: []\n"},
		{"lists of maps", "a:\n- b: 1\n  c: |\n    x\n    y\n-   - d\n    - e\n", "a:\n  - b: 1\n    c: |\n      x\n      y\n  - - d\n    - e\n"},
		{"lines of Windows", "a: 1\r\nb: |\r\n  x\r\n  y\r\n", "a: 1\nb: |\n  x\n  y\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out, ds := Format("x.yaml", []byte(c.in))
			if len(ds) > 0 {
				t.Fatalf("diagnostics: %v", ds)
			}
			if diff := cmp.Diff(c.out, string(out)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestFormatLeavesFaults(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"a: b: c\n", "a: &x 1\nb: *x\n", "a: 1\na: 2\n", "", "a: 1\n---\nb: 2\n"} {
		out, ds := Format("x.yaml", []byte(in))
		if string(out) != in || !ds.Faulty() {
			t.Errorf("Format(%q) = %q, %v; want it unchanged with a fault", in, out, ds)
		}
	}
}

// TestFormatCatalog formats real packages: nothing is lost, and nothing more changes the second time.
func TestFormatCatalog(t *testing.T) {
	t.Parallel()
	for _, src := range samples(t) {
		checkFormat(t, src)
		if _, ds := Format("x.yaml", src); len(ds) > 0 && strings.Contains(ds[0].Code, "not-formatted") {
			t.Errorf("not formatted: %v\n%s", ds, src)
		}
	}
}

func samples(t testing.TB) [][]byte {
	files, err := filepath.Glob("../../../catalog/*/*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of the catalog: %v", err)
	}
	var out [][]byte
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, src)
	}
	return out
}

func checkFormat(t *testing.T, src []byte) {
	before, faultsBefore := Parse("x.yaml", src)
	out, ds := Format("x.yaml", src)
	if ds.Faulty() {
		if !bytes.Equal(out, src) {
			t.Fatalf("a faulty file was changed: %q → %q", src, out)
		}
		return
	}
	after, faults := Parse("x.yaml", out)
	if faults.Faulty() {
		t.Fatalf("formatting made faults: %v\n%q → %q", faults, src, out)
	}
	if len(faultsBefore) == 0 && !same(before, after) {
		t.Fatalf("formatting changed the meaning: %q → %q", src, out)
	}
	if again, _ := Format("x.yaml", out); !bytes.Equal(again, out) {
		t.Fatalf("formatting twice differs: %q → %q → %q", src, out, again)
	}
}

// TestFormatKeeps leaves a file alone rather than lose a comment.
func TestFormatKeeps(t *testing.T) {
	t.Parallel()
	src := "- {a: b,\n    c: d}\n# about both\n\n- {a: b, c: [d, e]}\n"
	out, ds := Format("x.yaml", []byte(src))
	if string(out) != src || len(ds) != 1 || ds[0].Code != "not-formatted" || ds.Faulty() {
		t.Errorf("got %q, %v", out, ds)
	}
}

// TestFormatRandom formats random documents: meaning and comments stay, and formatting settles at once.
func TestFormatRandom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var b strings.Builder
		randomBlock(rt, &b, 0, 0)
		src := []byte(b.String())
		if _, ds := Parse("x.yaml", src); len(ds) > 0 {
			return
		}
		out, _ := Format("x.yaml", src)
		if a, b := sortedLines(src), sortedLines(out); !slices.Equal(a, b) {
			rt.Fatalf("comments %v became %v:\n%s---\n%s", a, b, src, out)
		}
		checkFormat(t, src)
	})
}

// sortedLines are the comments of a random document, each of which has its own number.
func sortedLines(src []byte) []string {
	out := regexp.MustCompile(`# [0-9]+`).FindAllString(string(src), -1)
	slices.Sort(out)
	return out
}

func randomBlock(t *rapid.T, b *strings.Builder, indent, depth int) {
	chance := func(n int) bool { return rapid.IntRange(1, n).Draw(t, "chance") == 1 }
	number := rapid.IntRange(10, 99)
	margin := strings.Repeat(" ", indent)
	comment := func() {
		if chance(5) {
			fmt.Fprintf(b, "%s# %d\n", margin, number.Draw(t, "comment"))
		}
		if chance(6) {
			b.WriteString("\n")
		}
	}
	list := chance(3)
	for i := range rapid.IntRange(1, 3).Draw(t, "entries") {
		comment()
		comment()
		if list {
			b.WriteString(margin + "-")
		} else {
			fmt.Fprintf(b, "%sk%d:", margin, i)
		}
		remark := ""
		if chance(5) {
			remark = fmt.Sprintf(" # %d", number.Draw(t, "remark"))
		}
		switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
		case kind < 3 && depth < 3:
			b.WriteString(remark + "\n")
			randomBlock(t, b, indent+2, depth+1)
		case kind == 3:
			b.WriteString(" {a: b, c: [d, e]}" + remark + "\n")
		case kind == 4:
			b.WriteString(" {a: b,\n" + margin + "    c: d}" + remark + "\n")
		case kind == 5:
			b.WriteString(" |\n" + margin + "    x\n" + margin + "     y\n")
		case kind == 6:
			b.WriteString(" 'it''s'" + remark + "\n")
		case kind == 7:
			b.WriteString(" \"a: \\\"b\\\"\"" + remark + "\n")
		default:
			b.WriteString(" текст" + remark + "\n")
		}
		comment()
	}
}

func FuzzFormat(f *testing.F) {
	for _, s := range samples(f)[:20] {
		f.Add(s)
	}
	for _, s := range []string{"a: {b: size(x, y) > 0}\n", "- - a\n  - |\n    x\n", "a: !x y\n", "? [a]\n: b\n", "# c\n- # d\n  e: 'f'\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) { checkFormat(t, src) })
}
