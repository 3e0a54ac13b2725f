package workflows

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mera/schema/expr"
	"mera/schema/value"
)

// value is what expressions see under a name.
func (p *play) value(t *testing.T, name string) any {
	t.Helper()
	r := newRun(p.m, p.input(Actor{ID: "ivanova", Name: "Иванова", Kind: "staff", Roles: []string{"head"}, Person: "anna"}, nil), Trigger{})
	if err := r.resume(); err != nil {
		t.Fatal(err)
	}
	v, err := r.name(name, "row")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWorkInExpressions(t *testing.T) {
	t.Parallel()
	p := begin(t, "SurvivorBenefit", survivor)
	notYet := map[string]any{"done": false, "late": false}
	want := map[string]any{"survivorBenefit": notYet, "review": notYet, "approve": notYet}
	if diff := cmp.Diff(want, p.value(t, "work")); diff != "" {
		t.Error(diff)
	}
	at := p.now.Add(time.Hour)
	p.work[0].Status, p.work[1].Status, p.work[1].Late = WorkDone, WorkDone, true
	p.work = append(p.work,
		WorkView{Kind: TaskWork, Name: "review", Status: WorkCancelled},
		WorkView{Kind: TaskWork, Name: "approve", Status: WorkOpen},
		WorkView{Kind: TaskWork, Name: "approve", Status: WorkDone, By: "petrov", At: at, Choice: "yes"},
	)
	want = map[string]any{
		"survivorBenefit": map[string]any{"done": true, "late": true}, "review": notYet,
		"approve": map[string]any{"done": true, "late": false, "by": "petrov", "at": at, "choice": "yes"},
	}
	if diff := cmp.Diff(want, p.value(t, "work")); diff != "" {
		t.Error(diff)
	}
}

func TestChildCasesInExpressions(t *testing.T) {
	t.Parallel()
	p := begin(t, "Appeal", appeal)
	p.steps(t, "[{fire: classify, by: operator, with: {topic: housing, bodies: [roads, water]}}]")
	child := p.work[len(p.work)-1].Child
	child.Kernel["state"], child.Kernel["office"], child.Data["text"] = "answered", "uray", "Да"
	parts := p.value(t, "work").(map[string]any)["parts"].([]any)
	want := map[string]any{
		"done": false, "late": false, "id": "partswater", "case": child, "state": "answered", "final": false, "text": "Да",
		"due": value.Date{Year: 2024, Month: 3, Day: 26}, "body": &expr.Record{Type: "Office", ID: "water"}, "appeal": &expr.Record{Type: "Appeal", ID: "appeal"},
	}
	if diff := cmp.Diff(want, parts[1]); diff != "" || len(parts) != 2 {
		t.Error(diff)
	}
	child.Data["due"] = "soon"
	if _, err := p.m.Fire(p.input(system, nil), Trigger{Kind: Changed}); err != nil {
		t.Errorf("nothing reads the children here: %v", err)
	}
	p.work[len(p.work)-1].Status, p.work[len(p.work)-2].Status = WorkDone, WorkDone
	if _, err := p.m.Fire(p.input(system, nil), Trigger{Kind: Changed}); err == nil {
		t.Error("composing reads the children, and one is broken")
	}
}

func TestCaseAndActorInExpressions(t *testing.T) {
	t.Parallel()
	p := begin(t, "Appeal", appeal)
	p.doc.Kernel["number"] = "7"
	p.now = p.now.Add(90 * time.Minute)
	have := p.value(t, "case").(map[string]any)
	for name, want := range map[string]any{
		"state": "arrived", "id": "appeal", "number": "7", "due": map[string]any{},
		"fired": map[string]any{"classify": int64(0), "addBody": int64(0), "send": int64(0), "redo": int64(0), "confirm": int64(0), "object": int64(0)},
	} {
		if diff := cmp.Diff(want, have[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if diff := cmp.Diff(value.Duration{N: 5400, Unit: value.Seconds}, have["spent"].(map[string]any)["arrived"]); diff != "" {
		t.Error(diff)
	}
	want := map[string]any{"id": "ivanova", "name": "Иванова", "kind": "staff", "roles": []any{"head"}, "person": &expr.Record{Type: "Person", ID: "anna"}}
	if diff := cmp.Diff(want, p.value(t, "actor")); diff != "" {
		t.Error(diff)
	}
	if p.value(t, "it") != "row" || p.value(t, "nothing") != nil || p.value(t, "decision") != nil {
		t.Error("it, an unknown name, a decision that was not made")
	}
}
