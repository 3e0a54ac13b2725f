package expr

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
	"mera/schema/value"
)

func TestUnclear(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want []string
	}{
		{"doc.note == 'x'", []string{"doc.note"}},
		{"doc.child.deathDate > asked", []string{"doc.child.deathDate"}},
		{"doc.child.deathDate > asked && doc.note == 'x'", []string{"doc.child.deathDate", "doc.note"}},
		{"u && yes", []string{"u"}},
		{"u || doc.flag", []string{"doc.flag", "u"}},
		{"has(incomes.first().amount)", []string{"incomes"}},
		{"incomes.sum(i, i.amount) > 0", []string{"incomes"}},
		{"size(part)", []string{"part"}},
		{"3 in part", []string{"part"}},
		{"part.all(x, x > 0)", []string{"part"}},
		{"part.best(x, x)", []string{"part"}},
		{"part.sum(x, x)", []string{"part"}},
		{"1 / (n - 3)", []string{"1 / (n - 3)"}},
		{"7 % (n - 3)", []string{"7 % (n - 3)"}},
		{"Amount(date('2018-12-31'))", []string{"Amount"}},
		{"Standard(date('2024-08-01'), 'uray', 'tenant', 1)", []string{"Standard"}},
		{"Privilege(asked, 'state-survivor').share", []string{"Privilege"}},
		{"serving('nobody', 'uray')", []string{"serving nobody"}},
		{"code(doc.child.territory, 'egisso')", []string{"code(doc.child.territory, 'egisso')"}},
		{"int('twelve')", []string{"int('twelve')"}},
		{"weighted('1x', [1, 2])", []string{"1x"}},
		{"age(pensions.filter(p, false).first().person, asked)", []string{"pensions.person"}},
		{"pensions.exists(p, p.to > asked && p.person == doc.applicant)", []string{"pensions.to"}},
		{"u ? 1 : 2", []string{"u"}},
		{"[1, u ? 1 : 2].exists(x, x > 5)", []string{"u"}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, err := evalText(t, tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Unclear); diff != "" {
				t.Errorf("%v\n%s", got.Value, diff)
			}
		})
	}
}

func TestKnownInSpiteOfUnknown(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want any
	}{
		{"u && no", false}, {"no && u", false}, {"u || yes", true}, {"yes || u", true},
		{"2 in part", true}, {"part.exists(x, x == 2)", true}, {"part.all(x, x < 2)", false},
		{"part.filter(x, x > 1).exists(x, x == 2)", true},
		{"has(doc.child.deathDate) && doc.child.deathDate > asked", false},
		{"[1, u ? 1 : 2].size()", int64(2)},
		{"[1, u ? 1 : 2].exists(x, x == 1)", true},
		{"pensions.exists(p, p.to > asked)", true},
		{"[u].exists(x, true)", true},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, err := evalText(t, tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Result{Value: tt.want, Case: -1}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAbsentRule: a rule that is absent is unclear, while a value may be absent.
func TestAbsentRule(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	env, w := NewEnv(cat), testWorld(cat)
	for want, unclear := range map[*Type][]string{Bool: {"doc.flag"}, nil: nil} {
		prog, diags := env.Compile(scalar("doc.flag"), testScope(), want)
		if diags != nil {
			t.Fatal(diags)
		}
		got, err := prog.Eval(Input{Vars: testVars(w), World: w})
		if err != nil || got.Value != nil {
			t.Fatal(got, err)
		}
		if diff := cmp.Diff(unclear, got.Unclear); diff != "" {
			t.Error(diff)
		}
	}
}

// TestErrors: only these are errors of an evaluation.
func TestErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want error
	}{
		{"9223372036854775807 + n", ErrOverflow},
		{"-9223372036854775807 - n", ErrOverflow},
		{"9223372036854775807 * n", ErrOverflow},
		{"ceil(99999999999999999999.5)", ErrOverflow},
		{"round(x * 999999999999999999999.0, 2)", ErrOverflow},
		{"addYears(asked, 9000)", ErrOverflow},
		{"addDays(asked, 9223372036854775807)", ErrOverflow},
		{"asked + days(9223372036854775807)", ErrOverflow},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			if got, err := evalText(t, tt.text); !errors.Is(err, tt.want) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// brokenWorld fails at everything.
type brokenWorld struct{ *StaticWorld }

var errBroken = errors.New("broken")

func (brokenWorld) Record(context.Context, string, string) (*Record, error) { return nil, errBroken }
func (brokenWorld) Inverse(context.Context, string, string, string) ([]*Record, error) {
	return nil, errBroken
}
func (brokenWorld) Parameter(context.Context, string, value.Date) ([]ParameterRow, error) {
	return nil, errBroken
}
func (brokenWorld) Item(context.Context, string, string) (*schema.ClassifierItem, error) {
	return nil, errBroken
}
func (brokenWorld) Under(context.Context, string, string, string) (bool, error) {
	return false, errBroken
}
func (brokenWorld) Serving(context.Context, string, string) (string, error) { return "", errBroken }

func TestBrokenWorldIsAnError(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	env, w := NewEnv(cat), testWorld(cat)
	for _, text := range []string{
		"doc.child.fullName", "beneficiary.pensions.size()", "Amount(asked)", "pensions[0].type.title",
		"pensions[0].type.under('old-age')", "serving('x')", "no || doc.child.fullName == 'x' || true",
	} {
		prog, diags := env.Compile(scalar(text), testScope(), nil)
		if diags != nil {
			t.Fatal(diags)
		}
		if got, err := prog.Eval(Input{Vars: testVars(w), World: brokenWorld{w}}); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		if got, err := prog.Eval(Input{Vars: testVars(w)}); err != nil || got.Value != nil && got.Value != true {
			t.Errorf("without a world %s: %v, %v", text, got, err)
		}
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	env := NewEnv(nil)
	scope := Scope{map[string]*Type{"list": ListOf(Int)}}
	prog, diags := env.Compile(scalar("list.all(a, list.all(b, list.all(c, a + b + c >= 0)))"), scope, Bool)
	if diags != nil {
		t.Fatal(diags)
	}
	vars := func(n int) map[string]any {
		list := make([]any, n)
		for i := range list {
			list[i] = int64(i)
		}
		return map[string]any{"list": list}
	}
	if got, err := prog.Eval(Input{Vars: vars(10)}); err != nil || !got.True() {
		t.Error(got, err)
	}
	if _, err := prog.Eval(Input{Vars: vars(1000)}); !errors.Is(err, ErrCost) {
		t.Error("a thousand millions of steps are not stopped:", err)
	}
	budget := uint64(10_000)
	spent := 0
	for ; budget > 0; spent++ {
		if _, err := prog.Eval(Input{Vars: vars(10), Cost: &budget}); err != nil && !errors.Is(err, ErrCost) {
			t.Fatal(err)
		}
	}
	if spent < 2 || spent > 10 {
		t.Errorf("the shared budget was used up after %d evaluations", spent)
	}
	if _, err := prog.Eval(Input{Vars: vars(1), Cost: &budget}); !errors.Is(err, ErrCost) {
		t.Error("an empty budget pays for an evaluation:", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := prog.Eval(Input{Ctx: ctx, Vars: vars(2)}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestFunctionsDoNotExplode: functions that call functions twice cost what they do, however short they are.
func TestFunctionsDoNotExplode(t *testing.T) {
	t.Parallel()
	cat := schema.NewCatalog()
	add := func(name, typ, is string) {
		cat.Functions[name] = &schema.Function{Meta: schema.Meta{Name: name}, Args: []*schema.Arg{{Name: "x", Type: scalar(typ)}},
			Is: schema.Value{Cases: []schema.Case{{Is: scalar(is)}}}}
	}
	names := "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, kind := range []struct{ typ, first, more string }{{"text", "x + x", "F(x) + F(x)"}, {"Number", "x * x", "F(F(x))"}} {
		prefix := map[string]string{"text": "T", "Number": "N"}[kind.typ]
		add(prefix+"A", kind.typ, kind.first)
		for i := 1; i < len(names); i++ {
			add(prefix+names[i:i+1], kind.typ, replaceF(kind.more, prefix+names[i-1:i]))
		}
	}
	env := NewEnv(cat)
	if d := env.Diagnostics(); d != nil {
		t.Fatal(d)
	}
	for text, want := range map[string]error{"TZ('ab')": ErrCost, "NZ(1.5)": ErrOverflow} {
		prog, diags := env.Compile(scalar(text), Scope{}, nil)
		if diags != nil {
			t.Fatal(diags)
		}
		if _, err := prog.Eval(Input{}); !errors.Is(err, want) && !errors.Is(err, ErrCost) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func replaceF(s, by string) string {
	out := ""
	for _, r := range s {
		if r == 'F' {
			out += by
		} else {
			out += string(r)
		}
	}
	return out
}

// TestComputedInACircle: a computed property that reads itself through others is stopped.
func TestComputedInACircle(t *testing.T) {
	t.Parallel()
	cat := schema.NewCatalog()
	text := &schema.Type{Kind: schema.Text}
	cat.Documents["A"] = &schema.Document{Meta: schema.Meta{Name: "A"}, Properties: []*schema.Property{
		{Name: "x", Type: text, Value: scalar("doc.y")}, {Name: "y", Type: text, Value: scalar("doc.x")}}}
	env := NewEnv(cat)
	prog, diags := env.Compile(scalar("doc.x"), Scope{map[string]*Type{"doc": RecordOf("A")}}, nil)
	if diags != nil {
		t.Fatal(diags)
	}
	doc := &Record{Type: "A", ID: "a", Data: map[string]any{}}
	if got, err := prog.Eval(Input{Vars: map[string]any{"doc": doc}}); !errors.Is(err, ErrCost) {
		t.Error(got, err)
	}
}

// TestWrongVariableIsAnError: an engine that gives another kind than it declared is told so.
func TestWrongVariableIsAnError(t *testing.T) {
	t.Parallel()
	env := NewEnv(nil)
	for typ, v := range map[*Type]any{
		DateT: "2019-07-16", Int: 3, PeriodT: value.Date{}, Text: int64(1), ListOf(Int): int64(1), TimestampT: "x", Bool: "true",
		RecordOf("A"): "id", MoneyT: number("0.001"), ObjectOf(nil): int64(1), DurationT: time.Second,
	} {
		prog, _ := env.Compile(scalar("v"), Scope{map[string]*Type{"v": typ}}, nil)
		if got, err := prog.Eval(Input{Vars: map[string]any{"v": v}}); err == nil {
			t.Errorf("%s takes %T: %v", typ, v, got)
		}
	}
}
