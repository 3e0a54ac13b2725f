package graph

import (
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"mera/kernel"
)

// worst are requests made to cost as much as they can: most would keep a validator busy for seconds, or fill the memory,
// if they were not measured first.
func worst() map[string]string {
	rep := strings.Repeat
	out := map[string]string{}
	for name, q := range map[string]string{
		"one field in fragments":     `{people {nodes {` + rep(`... {`+rep(`id `, 45)+`} `, 100) + `}}}`,
		"one subtree many times":     `{people {nodes {` + rep(`... {pensions {nodes {person {id}}}} `, 700) + `}}}`,
		"named fragments":            `{people {nodes {` + many(1500, func(i int) string { return fmt.Sprintf("...F%d ", i) }) + `}}} ` + many(1500, func(i int) string { return fmt.Sprintf("fragment F%d on Person {id} ", i) }),
		"a chain of fragments":       `{people {nodes {...F0}}} ` + many(900, func(i int) string { return fmt.Sprintf("fragment F%d on Person {id ...F%d} ", i, i+1) }) + `fragment F900 on Person {id}`,
		"fragments that nobody uses": `{__typename} ` + many(2000, func(i int) string { return fmt.Sprintf("fragment F%d on Person {id} ", i) }),
		"fragments that all use all": `{people {nodes {...F0}}} ` + many(90, func(i int) string {
			return fmt.Sprintf("fragment F%d on Person {id %s} ", i, many(89-i, func(j int) string { return fmt.Sprintf("...F%d ", i+j+1) }))
		}),
		"ten operations":               many(10, func(i int) string { return fmt.Sprintf("query Q%d {people {nodes {...F}}} ", i) }) + `fragment F on Person {` + rep(`... {`+rep(`id `, 45)+`} `, 90) + `}`,
		"a filter of a thousand parts": `{people(where: {or: [` + rep(`{lastName: {eq: "x"}},`, 1400) + `]}) {totalCount}}`,
		"a deep filter":                `{people(where: ` + rep(`{not: `, 1400) + `{lastName: {eq: "x"}}` + rep(`}`, 1400) + `) {totalCount}}`,
		"a deep list":                  `{people(where: {lastName: {in: ` + rep(`[`, 7000) + rep(`]`, 7000) + `}}) {totalCount}}`,
		"comments":                     rep("#\n", 120_000) + `{__typename}`,
		"fields that are not there":    `{people {nodes {` + many(4000, func(i int) string { return fmt.Sprintf("x%d ", i) }) + `}}}`,
		"variables that nobody uses":   `query(` + many(3500, func(i int) string { return fmt.Sprintf("$a%d: Int ", i) }) + `) {__typename}`,
	} {
		out[name] = `{"query": ` + strconv.Quote(q) + `}`
	}
	vars := func(text string) string { return `{"query": "{__typename}", "variables": {"a": ` + text + `}}` }
	out["half a million numbers"] = vars(`[` + rep("1,", 499_999) + `1]`)
	out["objects"] = vars(`[` + rep(`{"a": 1},`, 24_000) + `1]`)
	out["names"] = vars(`{` + many(48_000, func(i int) string { return fmt.Sprintf(`"k%d": 1,`, i) }) + `"z": 1}`)
	out["names in a small body"] = vars(`{` + many(6000, func(i int) string { return fmt.Sprintf(`"k%d":1,`, i) }) + `"k0":1}`)
	out["brackets"] = vars(rep("[", 500_000))
	out["quotes"] = vars(rep(`"`, 900_000))
	return out
}

// None of them reaches the database or costs much. No other test runs beside this one: what is measured is theirs.
func TestTheWorstRequests(t *testing.T) {
	w := newWorld(t)
	for name, body := range worst() {
		w.db.take()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begun := worked(t)
		rec := w.raw("clerk", body)
		took := worked(t) - begun
		runtime.ReadMemStats(&after)
		used := after.TotalAlloc - before.TotalAlloc
		t.Logf("%-30s %7d bytes %6s %5d KB HTTP %d", name, len(body), took.Round(time.Millisecond), used>>10, rec.Code)
		if text := rec.Body.String(); !strings.Contains(text, `"errors"`) || len(text) > 32<<10 {
			t.Errorf("%s: %.200s", name, text)
		}
		if n := len(w.db.take()); n > 0 {
			t.Errorf("%s: %d statements", name, n)
		}
		// 50 ms is what a request may cost; the bound is wide, for a slow machine and for the race detector.
		if took > 2*time.Second || used > 20<<20 {
			t.Errorf("%s: %s and %d bytes", name, took, used)
		}
	}
}

// worked is what this process has had of the processor: unlike the time, it is not spent by others.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// What is as dear as it may be is still answered.
func TestTheDearestThatIsTaken(t *testing.T) {
	w := newWorld(t)
	for name, q := range map[string]string{
		"a field in forty fragments": `{people(first: 1) {nodes {` + strings.Repeat(`... {id lastName pensions {nodes {id}}} `, 40) + `}}}`,
		"a hundred fragments": `{people(first: 1) {nodes {` + many(99, func(i int) string { return fmt.Sprintf("...F%d ", i) }) + `}}} ` +
			many(99, func(i int) string { return fmt.Sprintf("fragment F%d on Person {a%d: id} ", i, i) }),
	} {
		begun := worked(t)
		a := w.ask(q, nil)
		if a.Status != http.StatusOK || a.code() == kernel.Limit || a.code() == kernel.Invalid {
			t.Errorf("%s: %+v", name, a.Errors)
		}
		t.Log(name, (worked(t) - begun).Round(time.Millisecond))
	}
}
