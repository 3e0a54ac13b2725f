package expr

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// truth is one of the three: true, false, or "?" with a name.
type truth struct {
	known, is bool
	name      string
}

func (t truth) value() any {
	if !t.known {
		return Unknown{[]string{t.name}}
	}
	return t.is
}

func genTruth(name string) *rapid.Generator[truth] {
	return rapid.Custom(func(t *rapid.T) truth {
		k := rapid.IntRange(0, 2).Draw(t, name)
		return truth{k < 2, k == 1, name}
	})
}

// formula is a random formula of && || ! ?: over the names a to e, and its value by the definition of Kleene.
type formula struct {
	text string
	eval func(map[string]truth) (known, is bool)
}

func genFormula(depth int) *rapid.Generator[formula] {
	return rapid.Custom(func(t *rapid.T) formula {
		op := rapid.IntRange(0, 4).Draw(t, "op")
		if depth == 0 {
			op = 0
		}
		sub := func() formula { return genFormula(depth-1).Draw(t, "sub") }
		switch op {
		case 1, 2:
			return connective(sub(), sub(), op == 2)
		case 3:
			x := sub()
			return formula{"!(" + x.text + ")", func(v map[string]truth) (bool, bool) {
				known, is := x.eval(v)
				return known, !is
			}}
		case 4:
			c, x, y := sub(), sub(), sub()
			return formula{fmt.Sprintf("((%s) ? (%s) : (%s))", c.text, x.text, y.text), func(v map[string]truth) (bool, bool) {
				known, is := c.eval(v)
				switch {
				case !known:
					return false, false
				case is:
					return x.eval(v)
				}
				return y.eval(v)
			}}
		}
		name := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "name")
		return formula{name, func(v map[string]truth) (bool, bool) { return v[name].known, v[name].is }}
	})
}

// connective is && or ||: the deciding value decides; else what is not known stays so.
func connective(x, y formula, or bool) formula {
	sign := "&&"
	if or {
		sign = "||"
	}
	return formula{fmt.Sprintf("(%s %s %s)", x.text, sign, y.text), func(v map[string]truth) (bool, bool) {
		kx, ix := x.eval(v)
		ky, iy := y.eval(v)
		if kx && ix == or || ky && iy == or {
			return true, or
		}
		return kx && ky, !or
	}}
}

func TestKleene(t *testing.T) {
	t.Parallel()
	env := NewEnv(nil)
	scope := Scope{map[string]*Type{"a": Bool, "b": Bool, "c": Bool, "d": Bool, "e": Bool}}
	rapid.Check(t, func(t *rapid.T) {
		f := genFormula(4).Draw(t, "formula")
		vals, vars := map[string]truth{}, map[string]any{}
		for name := range scope.Vars {
			vals[name] = genTruth(name).Draw(t, name)
			vars[name] = vals[name].value()
		}
		if len(f.text) > maxText || strings.Count(f.text, "(") > maxDepth {
			t.Skip()
		}
		prog, diags := env.Compile(scalar(f.text), scope, Bool)
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		got, err := prog.Eval(Input{Vars: vars})
		if err != nil {
			t.Fatal(err)
		}
		known, is := f.eval(vals)
		if got.Known() != known || known && got.Value != is {
			t.Fatalf("%s over %v: got %v, want known=%v %v", f.text, vals, got, known, is)
		}
		for _, name := range got.Unclear {
			if vals[name].known {
				t.Fatalf("%s: %s is named as missing, but it is known", f.text, name)
			}
		}
	})
}

func TestOrderOfOperandsDoesNotMatter(t *testing.T) {
	t.Parallel()
	env := NewEnv(nil)
	scope := Scope{map[string]*Type{"a": Bool, "b": Bool, "c": Bool}}
	rapid.Check(t, func(t *rapid.T) {
		vars := map[string]any{}
		for _, name := range []string{"a", "b", "c"} {
			vars[name] = genTruth(name).Draw(t, name).value()
		}
		op := rapid.SampledFrom([]string{" && ", " || "}).Draw(t, "op")
		names := rapid.Permutation([]string{"a", "b", "c"}).Draw(t, "order")
		var results []Result
		for _, order := range [][]string{{"a", "b", "c"}, names} {
			prog, _ := env.Compile(scalar(strings.Join(order, op)), scope, nil)
			res, err := prog.Eval(Input{Vars: vars})
			if err != nil {
				t.Fatal(err)
			}
			results = append(results, res)
		}
		if diff := cmp.Diff(results[0], results[1]); diff != "" {
			t.Fatalf("%v %s: %s", vars, op, diff)
		}
	})
}

// elements of a random list: 0, 1, or not known, and whether there may be more.
type partial struct {
	items   []any
	missing bool
}

func genPartial() *rapid.Generator[partial] {
	return rapid.Custom(func(t *rapid.T) partial {
		items := rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 2), func(i int) any {
			if i == 2 {
				return Unknown{[]string{"element"}}
			}
			return int64(i)
		}), 0, 4).Draw(t, "items")
		return partial{items, rapid.Bool().Draw(t, "missing")}
	})
}

func (p partial) value() any {
	if p.missing {
		return PartList{p.items, []string{"list"}}
	}
	return p.items
}

// worlds are all lists that the partial list may be, with up to two more elements in front or behind.
func (p partial) worlds() [][]any {
	out := [][]any{{}}
	for _, it := range p.items {
		var next [][]any
		for _, w := range out {
			choices := []any{it}
			if _, none := it.(Unknown); none {
				choices = []any{int64(0), int64(1)}
			}
			for _, c := range choices {
				next = append(next, append(append([]any{}, w...), c))
			}
		}
		out = next
	}
	if !p.missing {
		return out
	}
	for _, w := range out {
		for _, x := range []any{int64(0), int64(1)} {
			out = append(out, append([]any{x}, w...), append(append([]any{}, w...), x), append([]any{x, x}, w...))
		}
	}
	return out
}

// TestListsOverAllWorlds says what three truths mean for lists: the result is known exactly if it is the same in
// every world that the known part allows.
func TestListsOverAllWorlds(t *testing.T) {
	t.Parallel()
	env := NewEnv(nil)
	scope := Scope{map[string]*Type{"list": ListOf(Int)}}
	texts := []string{
		"list.exists(x, x == 1)", "list.all(x, x == 1)", "list.filter(x, x == 1).exists(x, x == 1)", "1 in list",
		"list.size()", "list.count(x, x == 1)", "list.filter(x, x == 1).size()", "list.sum(x, x)",
		"list.map(x, x + 1).exists(x, x == 2)", "list.map(x, x).size()", "list.distinct().exists(x, x == 0)",
		"[list, [0]].flat().exists(x, x == 1)", "list == [1]", "list.exists(x, x == 1) || list.size() == 0",
	}
	for _, text := range texts {
		prog, diags := env.Compile(scalar(text), scope, nil)
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				p := genPartial().Draw(t, "list")
				checkWorlds(t, prog, p, text == "list == [1]" || strings.Contains(text, "||") || strings.Contains(text, "distinct"))
			})
		})
	}
}

// checkWorlds compares the result with that of every world. Where sound is enough, a result that is the same
// everywhere may still be unknown.
func checkWorlds(t *rapid.T, prog *Program, p partial, soundOnly bool) {
	run := func(list any) Result {
		res, err := prog.Eval(Input{Ctx: context.Background(), Vars: map[string]any{"list": list}})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	got := run(p.value())
	seen := map[any]bool{}
	for _, w := range p.worlds() {
		res := run(w)
		if !res.Known() {
			t.Fatalf("%v is known, but the result is not: %v", w, res)
		}
		seen[res.Value] = true
	}
	switch {
	case got.Known() && (len(seen) != 1 || !seen[got.Value]):
		t.Fatalf("%v: known to be %v, but may be %v", p, got.Value, seen)
	case !got.Known() && len(seen) == 1 && !soundOnly:
		t.Fatalf("%v: not known, but always %v", p, seen)
	}
}
