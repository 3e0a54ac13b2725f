package expr

import (
	"errors"
	"testing"

	"mera/schema"
)

// FuzzCompile: no text crashes the compiler or the evaluation, and every fault has a place inside the text.
func FuzzCompile(f *testing.F) {
	for _, x := range faults {
		f.Add(x.text)
	}
	for _, text := range []string{
		"pensions.exists(p, p.person == beneficiary) ? round(m * 0.5, 2) : 0", "Standard(asked, doc.child.territory, 'owner', n)",
		"doc.children.map(c, c.pensions).flat().distinct().best(p, p.from).type.title", "[1, 2][0] + -3 % 2", "r'raw' + '''three\nlines''' // comment",
	} {
		f.Add(text)
	}
	cat := testCatalog()
	env, w := NewEnv(cat), testWorld(cat)
	scope, vars := testScope(), testVars(w)
	f.Fuzz(func(t *testing.T, text string) {
		src := schema.Scalar{Text: text, Pos: schema.Pos{File: "f", Line: 5, Col: 3}}
		prog, diags := env.Compile(src, scope, nil)
		for _, d := range diags {
			if d.Pos.File != "f" || d.Pos.Line < 5 || d.Pos.Col < 3 || d.Message == "" || d.Code == "" {
				t.Fatalf("%q: %+v", text, d)
			}
		}
		if (prog == nil) != diags.Faulty() {
			t.Fatalf("%q: program %v, %v", text, prog, diags)
		}
		env.CompileTemplate(src, scope)
		env.CompilePath(src, scope)
		if prog == nil {
			return
		}
		budget := uint64(5000)
		_, err := prog.Eval(Input{Vars: vars, World: w, Day: day("2019-07-16"), Cost: &budget, Trace: true})
		if err != nil && !errors.Is(err, ErrCost) && !errors.Is(err, ErrOverflow) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

func BenchmarkRule(b *testing.B) {
	cat := testCatalog()
	env, w := NewEnv(cat), testWorld(cat)
	vars := testVars(w)
	for name, text := range map[string]string{
		"exists": "homes.exists(r, r.region == '86')",
		"sum":    "round(pensions.sum(p, p.amount) / 12 * 0.5, 2)",
		"dates":  "max(monthStart(asked), monthStart(pensions.best(p, p.from).from))",
		"logic":  "n > 2 && (has(doc.note) || doc.sum < 1000) && doc.channel in ['portal', 'office']",
	} {
		prog, diags := env.Compile(scalar(text), testScope(), nil)
		if diags != nil {
			b.Fatal(diags)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := prog.Eval(Input{Vars: vars, World: w}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	env := NewEnv(testCatalog())
	for b.Loop() {
		if _, diags := env.Compile(scalar("pensions.filter(p, p.amount > 0).best(p, p.from).type.title == 'x'"), testScope(), Bool); diags != nil {
			b.Fatal(diags)
		}
	}
}
