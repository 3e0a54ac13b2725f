package expr

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
	"mera/schema/value"
)

func TestWhatIsRead(t *testing.T) {
	t.Parallel()
	env := NewEnv(testCatalog())
	tests := []struct {
		text              string
		reads, parameters []string
		paths             [][]string
	}{
		{"doc.child.territory == 'surgut' && has(doc.note)", []string{"doc"}, nil, [][]string{{"doc", "child", "territory"}, {"doc", "note"}}},
		{"pensions.exists(p, p.person == beneficiary)", []string{"beneficiary", "pensions"}, nil,
			[][]string{{"beneficiary"}, {"pensions"}, {"pensions", "person"}}},
		{"pensions.filter(p, p.amount > 0).best(p, p.from).type.title", []string{"pensions"}, nil,
			[][]string{{"pensions"}, {"pensions", "amount"}, {"pensions", "from"}, {"pensions", "type", "title"}}},
		{"Standard(slice.from, beneficiary.territory, 'owner', n)", []string{"beneficiary", "n", "slice"}, []string{"Standard"},
			[][]string{{"beneficiary", "territory"}, {"n"}, {"slice", "from"}}},
		{"GroupOf(doc.child, pensions, asked)", []string{"asked", "doc", "pensions"}, nil,
			[][]string{{"asked"}, {"doc", "child"}, {"pensions"}, {"pensions", "person"}}},
		{"case.spent('waiting') > 1", []string{"case"}, nil, [][]string{{"case", "spent", "waiting"}}},
		{"1 + 2", nil, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			prog, diags := env.Compile(scalar(tt.text), testScope(), nil)
			if diags != nil {
				t.Fatal(diags)
			}
			if diff := cmp.Diff(tt.reads, prog.Reads()); diff != "" {
				t.Error("reads", diff)
			}
			if diff := cmp.Diff(tt.parameters, prog.Parameters()); diff != "" {
				t.Error("parameters", diff)
			}
			if diff := cmp.Diff(tt.paths, prog.Paths()); diff != "" {
				t.Error("paths", diff)
			}
		})
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	env := NewEnv(testCatalog())
	for text, want := range map[string]string{
		"1": "int", "0.22": "Number", "1 / 2": "Number", "m * 2": "Number", "2 * m": "Number", "m + 1": "Money", "m + x": "Number",
		"max(0, m)": "Money", "yes ? m : 0": "Money", "yes ? m : n": "Number", "yes ? 'a' : 'b'": "text", "doc.child": "Person",
		"pensions": "list of Pension", "pensions[0].type": "item of PensionType", "pensions.map(p, p.from)": "list of date",
		"pensions[0].holds": "period", "doc.start": "timestamp", "doc.term": "duration", "doc.channel": "one of portal, office",
		"doc.measure": "name of a Measure", "doc.payout": "PayoutDetails", "doc.state": "one of asking, granted", "[]": "list of any value",
		"Privilege(asked, 'old-age')": "object {family, share}", "GroupOf(doc.child, pensions, asked)": "text", "round(x, 2)": "Money", "round(x)": "int",
		"round(x, 4)": "Number", "round(m, 0)": "Money", "incomes[0].month": "period",
	} {
		prog, diags := env.Compile(scalar(text), testScope(), nil)
		if diags != nil {
			t.Errorf("%s: %v", text, diags)
			continue
		}
		if got := prog.Type().String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	env, w := NewEnv(cat), testWorld(cat)
	tests := []struct {
		path string
		want any
		typ  string
	}{
		{"beneficiary", &Record{Type: "Person", ID: "kolya"}, "Person"},
		{"doc.children", []any{&Record{Type: "Person", ID: "kolya"}, &Record{Type: "Person", ID: "anna"}}, "list of Person"},
		{"doc.children.territory", []any{Item{"Territory", "surgut"}}, "list of item of Territory"},
		{"doc.children.pensions", []any{w.byID["sp"], w.byID["old"]}, "list of Pension"},
		{"doc.children.pensions.from", []any{day("2019-06-06"), day("2018-01-01")}, "list of date"},
		{"doc.note", nil, "text"},
		{"doc.child.spouse.territory", nil, "item of Territory"},
		{"slice.from", day("2019-07-01"), "date"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			prog, diags := env.CompilePath(scalar(tt.path), testScope())
			if diags != nil {
				t.Fatal(diags)
			}
			got, err := prog.Eval(Input{Vars: testVars(w), World: w})
			if err != nil || len(got.Unclear) > 0 {
				t.Fatal(got, err)
			}
			if diff := cmp.Diff(tt.want, got.Value, compareValues); diff != "" {
				t.Error(diff)
			}
			if prog.Type().String() != tt.typ {
				t.Error(prog.Type())
			}
		})
	}
	prog, _ := env.CompilePath(scalar("incomes.person"), testScope())
	if got, err := prog.Eval(Input{Vars: testVars(w), World: w}); err != nil || !cmp.Equal(got.Unclear, []string{"incomes"}) {
		t.Error(got, err)
	}
}

func TestValue(t *testing.T) {
	t.Parallel()
	env := NewEnv(testCatalog())
	law := schema.Law{Act: scalar("rf-761"), Article: scalar("24")}
	dated := schema.Value{Cases: []schema.Case{
		{From: scalar("2026-01-01"), Is: scalar("30"), Law: law}, {From: scalar("2019-01-01"), When: scalar("n > 2"), Is: scalar("m")}, {When: scalar("n > 1"), Is: scalar("10.50")}}}
	prog, diags := env.CompileValue(dated, testScope(), MoneyT)
	if diags != nil {
		t.Fatal(diags)
	}
	tests := []struct {
		day  string
		n    any
		want Result
	}{
		{"2026-01-01", int64(3), Result{Value: money("30.00"), Case: 0, Law: law}},
		{"2025-12-31", int64(3), Result{Value: money("7.00"), Case: 1}},
		{"2018-12-31", int64(3), Result{Value: money("10.50"), Case: 2}},
		{"2025-12-31", int64(1), Result{Case: -1}},
		{"2025-12-31", Unknown{[]string{"household"}}, Result{Case: -1, Unclear: []string{"household"}}},
		{"", int64(3), Result{Case: -1, Unclear: []string{"day"}}},
	}
	for _, tt := range tests {
		in := Input{Vars: map[string]any{"n": tt.n, "m": money("7.00")}}
		if tt.day != "" {
			in.Day = day(tt.day)
		}
		got, err := prog.Eval(in)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s %v: %s", tt.day, tt.n, diff)
		}
	}
	for _, bad := range []schema.Value{
		{}, {Cases: []schema.Case{{From: scalar("2026-02-30"), Is: scalar("1")}}}, {Cases: []schema.Case{{When: scalar("n"), Is: scalar("1")}}},
		{Cases: []schema.Case{{When: scalar("yes"), Is: scalar("1")}, {Is: scalar("'a'")}}},
	} {
		if prog, diags := env.CompileValue(bad, testScope(), nil); prog != nil || !diags.Faulty() {
			t.Errorf("%v compiles", bad)
		}
	}
}

// TestMixedCases: cases of different kinds of numbers give one kind.
func TestMixedCases(t *testing.T) {
	t.Parallel()
	env := NewEnv(testCatalog())
	for is, want := range map[string]string{"23 | x": "Number", "0 | m": "Money", "n | 18": "int", "'a' | doc.note": "text"} {
		v := schema.Value{}
		for _, text := range splitBar(is) {
			v.Cases = append(v.Cases, schema.Case{When: scalar("yes"), Is: scalar(text)})
		}
		prog, diags := env.CompileValue(v, testScope(), nil)
		if diags != nil || prog.Type().String() != want {
			t.Errorf("%s: %v %v", is, prog, diags)
		}
	}
}

func splitBar(s string) []string {
	for i := range s {
		if s[i] == '|' {
			return []string{s[:i-1], s[i+2:]}
		}
	}
	return []string{s}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	env, w := NewEnv(cat), testWorld(cat)
	tests := []struct {
		text, want string
		unclear    []string
	}{
		{"Нет {pensions[0].type} с {asked}", "Нет Государственная по потере кормильца с 16.07.2019", nil},
		{"{m * 182.6} и {m}, {1234567.5}", "1 826 и 10,00, 1 234 567,5", nil},
		{"{x}", "0,3333", nil},
		{"{doc.child}: {doc.channel}, {doc.state}", "Петров Николай: Портал, Ждём", nil},
		{"{doc.children}", "Петров Николай, Петрова Анна", nil},
		{"{{скобки}} {words('a', '}')}", "{скобки} a }", nil},
		{"{doc.note} / {u ? 1 : 2}", "— / —", []string{"u"}},
		{"{slice}; {pensions[1].holds}; {doc.start}", "01.07.2019–31.07.2019; 01.01.2018–; 16.07.2019 09:00", nil},
		{"без выражений", "без выражений", nil},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			prog, diags := env.CompileTemplate(scalar(tt.text), testScope())
			if diags != nil {
				t.Fatal(diags)
			}
			got, err := prog.Eval(Input{Vars: testVars(w), World: w})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Result{Value: tt.want, Unclear: tt.unclear, Case: -1}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	env, w := NewEnv(cat), testWorld(cat)
	tests := []struct {
		text string
		want []string
	}{
		{"pensions.exists(p, p.person == doc.child && p.amount >= Amount(slice.from))", []string{
			"p.person == doc.child = true", "p.amount = 5000.50 [Pension sp v2]", "slice.from = 2019-07-01",
			"Amount(slice.from) = 1826.00 {ugra-45-oz 4}", "p.amount >= Amount(slice.from) = true",
			"pensions.exists(p, p.person == doc.child && p.amount >= Amount(slice.from)) = true",
		}},
		{"GroupOf(doc.child, pensions, asked)", []string{
			"asked = 2019-07-16", "age(person, day) = 13", "age(person, day) < 18 = true", "GroupOf(doc.child, pensions, asked) = child",
		}},
		{"round(pensions.sum(p, p.amount) * (0.5 + x), 2)", []string{
			"p.amount = 5000.50 [Pension sp v2]", "p.amount = 100.00 [Pension old v1]", "pensions.sum(p, p.amount) = 5100.50", "x = 1/3", "0.5 + x = 5/6",
			"pensions.sum(p, p.amount) * (0.5 + x) = 51005/12", "round(pensions.sum(p, p.amount) * (0.5 + x), 2) = 4250.42",
		}},
		{"incomes.size() > 0", []string{"incomes.size() = ? incomes", "incomes.size() > 0 = ? incomes"}},
		{"doc.child.pensions", []string{"doc.child.pensions = [Pension sp]"}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			prog, diags := env.Compile(scalar(tt.text), testScope(), nil)
			if diags != nil {
				t.Fatal(diags)
			}
			var before []string
			for range 3 { // it is the same each time
				got, err := prog.Eval(Input{Vars: testVars(w), Day: day("2019-07-16"), World: w, Trace: true})
				if err != nil {
					t.Fatal(err)
				}
				var lines []string
				for _, s := range got.Trace {
					line := s.Text + " = " + s.Value
					if s.Source != "" {
						line += " [" + s.Source + "]"
					}
					if !s.Law.IsZero() {
						line += " {" + s.Law.Act.Text + " " + s.Law.Article.Text + "}"
					}
					lines = append(lines, line)
				}
				if diff := cmp.Diff(tt.want, lines); diff != "" {
					t.Error(diff)
				}
				if before != nil && !cmp.Equal(before, lines) {
					t.Error("the explanation differs from one time to the next")
				}
				before = lines
			}
		})
	}
}

// TestShared: one program serves many goroutines.
func TestShared(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	env, w := NewEnv(cat), testWorld(cat)
	prog, diags := env.Compile(scalar("pensions.filter(p, p.person == beneficiary).best(p, p.from).amount * n + round(x, 2)"), testScope(), nil)
	if diags != nil {
		t.Fatal(diags)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			vars := testVars(w)
			vars["n"] = int64(i)
			for range 50 {
				got, err := prog.Eval(Input{Vars: vars, World: w, Trace: i%2 == 0})
				want := number("5000.50").Mul(value.NewNumber(int64(i), 1)).Add(number("0.33"))
				if err != nil || got.Value.(value.Number).Compare(want) != 0 {
					t.Errorf("%d: %v, %v", i, got.Value, err)
				}
			}
		})
	}
	wg.Wait()
}
