package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Pos is a place in a file of a package. Lines and columns count from 1; the zero Pos means «no place».
type Pos struct {
	File string // path inside the package, with forward slashes, prefixed by the package's name: "law-base/acts/x.yaml"
	Line int
	Col  int
}

func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Severity tells whether a diagnostic stops the package.
type Severity int

// A Fault stops the package; a Lint is a warning that its author may silence with a reason.
const (
	Fault Severity = iota
	Lint
)

// Diagnostic is one thing that is wrong in a package. Code is stable, kebab-case and documented ("unknown-key");
// Message is one English sentence without a final dot; Hint, if any, tells the way out («did you mean "title"?»).
// Codes of this package, and of each engine, are listed in a table beside their compiler.
type Diagnostic struct {
	Pos      Pos
	Severity Severity
	Code     string
	Message  string
	Hint     string
}

// Diagnostics are faults and lints of one or more packages.
type Diagnostics []Diagnostic

// Faultf makes a fault at a place.
func Faultf(pos Pos, code, format string, args ...any) Diagnostic {
	return Diagnostic{Pos: pos, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Lintf makes a lint at a place.
func Lintf(pos Pos, code, format string, args ...any) Diagnostic {
	return Diagnostic{Pos: pos, Severity: Lint, Code: code, Message: fmt.Sprintf(format, args...)}
}

// WithHint returns the diagnostic with a way out.
func (d Diagnostic) WithHint(format string, args ...any) Diagnostic {
	d.Hint = fmt.Sprintf(format, args...)
	return d
}

// Faulty tells whether any of the diagnostics stops the package.
func (ds Diagnostics) Faulty() bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == Fault })
}

// Sorted returns the diagnostics by file, line, column and code, without repetitions.
func (ds Diagnostics) Sorted() Diagnostics {
	out := slices.Clone(ds)
	slices.SortFunc(out, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(out)
}

// PerFile keeps the first diagnostics of each file, which is as many as anybody reads, and says where more are left
// out (code more-faults). The diagnostics must be sorted.
func (ds Diagnostics) PerFile(most int) Diagnostics {
	var out Diagnostics
	told, file := 0, ""
	for _, d := range ds {
		if d.Pos.File != file {
			told, file = 0, d.Pos.File
		}
		switch told++; {
		case told <= most:
			out = append(out, d)
		case told == most+1:
			out = append(out, Faultf(d.Pos, "more-faults", "from here on the file has more faults than are told at once").WithHint("mend these first"))
		}
	}
	return out
}

// Render writes the diagnostics for a terminal: place, message, the line of the source and a caret under the column.
// source returns the bytes of a file by its Pos.File; nil where it is not known.
func (ds Diagnostics) Render(source func(file string) []byte) string {
	var b strings.Builder
	for _, d := range ds {
		kind := "error"
		if d.Severity == Lint {
			kind = "warning"
		}
		fmt.Fprintf(&b, "%s: %s [%s]: %s\n", d.Pos, kind, d.Code, d.Message)
		if line, ok := lineOf(source(d.Pos.File), d.Pos.Line); ok {
			col := min(max(d.Pos.Col, 1), len([]rune(line))+1)
			fmt.Fprintf(&b, "  %s\n  %s^\n", line, strings.Repeat(" ", col-1))
		}
		if d.Hint != "" {
			fmt.Fprintf(&b, "  hint: %s\n", d.Hint)
		}
	}
	return b.String()
}

func lineOf(src []byte, n int) (string, bool) {
	if src == nil || n < 1 {
		return "", false
	}
	lines := strings.Split(string(src), "\n")
	if n > len(lines) {
		return "", false
	}
	return strings.ReplaceAll(strings.TrimRight(lines[n-1], "\r"), "\t", " "), true
}
