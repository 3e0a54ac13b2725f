package workflows

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/load/source"
	"mera/schema/value"
)

func node(t *testing.T, yaml string) *schema.Node {
	t.Helper()
	n, ds := source.Parse("test.yaml", []byte(yaml))
	if ds.Faulty() {
		t.Fatalf("%v", ds)
	}
	return n
}

// begin makes a case in memory: given is the root of a test file.
func begin(t *testing.T, workflow, given string) *play {
	t.Helper()
	p, err := machine(t, workflow).newPlay(node(t, given), &schema.Node{Kind: schema.MapNode})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.trigger(Trigger{Kind: Created}, Actor{ID: "author", Kind: "staff"}, nil); err != nil {
		t.Fatal(err)
	}
	return p
}

// steps walks a path of a test file.
func (p *play) steps(t *testing.T, path string) {
	t.Helper()
	for _, step := range node(t, path).Items {
		if err := p.step(step); err != nil {
			t.Fatalf("%s: %v", step.Pos, err)
		}
	}
}

func (p *play) fireAs(by Actor, event string, data map[string]any) (*Outcome, error) {
	return p.m.Fire(p.input(by, data), Trigger{Kind: Event, Name: event})
}

func refusalOf(t *testing.T, err error) *Refusal {
	t.Helper()
	var r *Refusal
	if !errors.As(err, &r) {
		t.Fatalf("want a refusal, got %v", err)
	}
	return r
}

func staff(id string, roles ...string) Actor { return Actor{ID: id, Kind: "staff", Roles: roles} }

var system = Actor{ID: "system", Kind: "system"}

const survivor = `
today: 2019-07-16
given:
  Person: {anna: {lastName: Петрова}, kolya: {lastName: Петров, territory: uray}}
  SurvivorBenefitApplication: {app: {applicant: anna, child: kolya, date: 2019-07-16}}
decides: {SurvivorBenefit: granted}
`

func TestCreatedOpensRequestsAndTimers(t *testing.T) {
	t.Parallel()
	m := machine(t, "SurvivorBenefit")
	p, err := m.newPlay(node(t, survivor), &schema.Node{Kind: schema.MapNode})
	if err != nil {
		t.Fatal(err)
	}
	p.world.SetServing("social-protection", "uray", "uray-office")
	out, err := m.Fire(p.input(staff("ivanova"), nil), Trigger{Kind: Created})
	if err != nil {
		t.Fatal(err)
	}
	want := []OpenWork{
		{Kind: RequestWork, Name: "survivorBenefit", Target: "PensionCheck", Item: "PensionCheck app ", State: "asking", SubjectType: "SurvivorBenefitApplication", SubjectID: "app"},
		{Kind: RequestWork, Name: "survivorBenefit", Target: "RegistrationCheck", Item: "RegistrationCheck app ", State: "asking", SubjectType: "SurvivorBenefitApplication", SubjectID: "app"},
	}
	if diff := cmp.Diff(want, out.Open); diff != "" {
		t.Error(diff)
	}
	wantTimers := []Timer{
		{"asking/after:byHand", time.Date(2019, 7, 24, 10, 0, 0, 0, time.UTC)}, // the 19th is a day off
		{"deadline/decision/warn:2 workdays", time.Date(2019, 7, 29, 0, 0, 0, 0, time.UTC)},
	}
	if diff := cmp.Diff(wantTimers, out.Timers); diff != "" {
		t.Error(diff)
	}
	if out.Office != "uray-office" || out.Due.String() != "2019-07-31" || out.State != "asking" || out.Final {
		t.Errorf("office %q due %s state %s final %v", out.Office, out.Due, out.State, out.Final)
	}
}

func TestDecisionOfTheSystemSettles(t *testing.T) {
	t.Parallel()
	p := begin(t, "SurvivorBenefit", survivor)
	for i := range p.work {
		p.work[i].Status = WorkDone
	}
	out, err := p.m.Fire(p.input(system, nil), Trigger{Kind: Changed})
	if err != nil {
		t.Fatal(err)
	}
	at := p.now.UTC()
	wantMoves := []Move{{"asking", "deciding", "when:deciding", at}, {"deciding", "granted", "when:granted", at}}
	if diff := cmp.Diff(wantMoves, out.Moved); diff != "" {
		t.Error(diff)
	}
	wantEffects := []Effect{
		{Verb: Print, Target: "SurvivorBenefitDecision"},
		{Verb: Notify, Target: "applicant", Party: "anna", With: "SurvivorBenefitDecision"},
	}
	if diff := cmp.Diff(wantEffects, out.Effects); diff != "" {
		t.Error(diff)
	}
	if out.Settle != "granted" || out.Number == nil || out.Decision == nil || !out.Final || out.Timers != nil || out.Open != nil {
		t.Errorf("%+v", out)
	}
	if !out.Due.IsZero() || out.Snapshot.Terms["decision"].Met.String() != "2019-07-16" {
		t.Errorf("due %s, terms %+v", out.Due, out.Snapshot.Terms)
	}
}

func TestFinalCasesNeverMove(t *testing.T) {
	t.Parallel()
	p := begin(t, "SurvivorBenefit", survivor)
	p.steps(t, "[{wait: 6 workdays}, {fire: withdraw, by: applicant}]")
	before, err := json.Marshal(p.snapshot)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.fireAs(Actor{ID: "anna", Kind: "citizen", Person: "anna"}, "withdraw", nil)
	if r := refusalOf(t, err); r.Code != StaleCode || r.Message != "workflow.final" {
		t.Errorf("%v", r)
	}
	for _, trigger := range []Trigger{{Kind: Changed}, {Kind: TimerDue, Name: "asking/after:byHand"}} {
		out, err := p.m.Fire(p.input(system, nil), trigger)
		if err != nil {
			t.Fatal(err)
		}
		after, err := json.Marshal(out.Snapshot)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(before), string(after)); diff != "" || len(out.Moved) > 0 {
			t.Errorf("%s moved: %s", trigger.Kind, diff)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	p := begin(t, "SurvivorBenefit", survivor)
	p.steps(t, "[{wait: 5 workdays}]")
	at := p.now
	for _, c := range []struct {
		name    string
		by      Actor
		trigger Trigger
		data    map[string]any
		code    RefusalCode
		message string
	}{
		{"unknown", staff("a", "head"), Trigger{Kind: Event, Name: "fly"}, nil, InvalidCode, "workflow.event-unknown"},
		{"another state's", staff("a", "head"), Trigger{Kind: Event, Name: "approve"}, nil, StaleCode, "workflow.event-not-here"},
		{"another role's", staff("a", "head"), Trigger{Kind: Event, Name: "submit"}, nil, DeniedCode, "workflow.event-not-yours"},
		{"another party's", Actor{ID: "p", Kind: "citizen", Person: "kolya"}, Trigger{Kind: Event, Name: "withdraw"}, nil, DeniedCode, "workflow.event-not-yours"},
		{"nobody in particular", Actor{Kind: "public"}, Trigger{Kind: Event, Name: "withdraw"}, nil, DeniedCode, "workflow.event-not-yours"},
		{"the future", staff("a", "specialist"), Trigger{Kind: Event, Name: "submit", At: at.Add(time.Minute)}, nil, InvalidCode, "workflow.event-future"},
		{"before entry", staff("a", "specialist"), Trigger{Kind: Event, Name: "submit", At: at.Add(-time.Hour)}, nil, InvalidCode, "workflow.event-before-entry"},
		{"not asked", staff("a", "specialist"), Trigger{Kind: Event, Name: "submit"}, map[string]any{"reason": "x", "choice": "y"}, InvalidCode, "workflow.event-data"},
		{"answers", staff("a", "specialist"), Trigger{Kind: Event, Name: "submit"}, map[string]any{"answers": map[string]any{"receivesPension": "yes"}}, InvalidCode, "workflow.event-data"},
		{"no map of answers", staff("a", "specialist"), Trigger{Kind: Event, Name: "submit"}, map[string]any{"answers": true}, InvalidCode, "workflow.event-data"},
	} {
		_, err := p.m.Fire(p.input(c.by, c.data), c.trigger)
		if r := refusalOf(t, err); r.Code != c.code || r.Message != c.message {
			t.Errorf("%s: %v, want %s %s", c.name, r, c.code, c.message)
		}
	}
}

func TestFourEyes(t *testing.T) {
	t.Parallel()
	p := begin(t, "SurvivorBenefit", survivor)
	p.steps(t, "[{wait: 5 workdays}, {fire: submit, by: ivanova, role: [specialist, head]}]")
	_, err := p.fireAs(staff("ivanova", "specialist", "head"), "approve", nil)
	if r := refusalOf(t, err); r.Code != DeniedCode || r.Message != "workflow.four-eyes" {
		t.Errorf("who prepared it: %v", r)
	}
	deputy := staff("petrov", "head")
	deputy.Stands = []string{"ivanova"}
	if _, err := p.fireAs(deputy, "approve", nil); refusalOf(t, err).Message != "workflow.four-eyes" {
		t.Errorf("who stands in for her: %v", err)
	}
	out, err := p.fireAs(staff("sidorov", "head"), "approve", nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Done) != 1 || out.Done[0] != (Done{WorkRef: WorkRef{"approve", ""}}) || out.Cancel != nil {
		t.Errorf("done %v, cancelled %v", out.Done, out.Cancel)
	}
	if out.Decision != nil || out.Settle != "granted" {
		t.Errorf("the decision of the state before is settled, not a new one: %+v", out)
	}
}

func TestWhoChangesACaseHasActedInIt(t *testing.T) {
	t.Parallel()
	p := begin(t, "SurvivorBenefit", survivor)
	p.steps(t, "[{wait: 5 workdays}]")
	if err := p.trigger(Trigger{Kind: Changed}, staff("sidorov", "head"), nil); err != nil {
		t.Fatal(err)
	}
	p.steps(t, "[{fire: submit, by: specialist}]")
	if _, err := p.fireAs(staff("sidorov", "head"), "approve", nil); refusalOf(t, err).Message != "workflow.four-eyes" {
		t.Errorf("he edited what he approves: %v", err)
	}
}

func TestReturnOpensTheTaskAnew(t *testing.T) {
	t.Parallel()
	p := begin(t, "SurvivorBenefit", survivor)
	p.steps(t, "[{wait: 5 workdays}, {fire: submit, by: specialist, with: {answers: {receivesPension: true}}}]")
	if diff := cmp.Diff(map[string]bool{"receivesPension": true}, p.snapshot.Answers); diff != "" {
		t.Error(diff)
	}
	_, err := p.fireAs(staff("sidorov", "head"), "return", nil)
	if diff := cmp.Diff([]FieldError{{"reason", "required"}}, refusalOf(t, err).Fields); diff != "" {
		t.Error(diff)
	}
	out, err := p.fireAs(staff("sidorov", "head"), "return", map[string]any{"reason": "нет подписи"})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Open) != 1 || out.Open[0].Name != "review" || out.Open[0].Role != "specialist" || out.Open[0].Title != "Проверить и решить" {
		t.Errorf("%+v", out.Open)
	}
	if want := time.Date(2019, 7, 29, 10, 0, 0, 0, time.UTC); !out.Open[0].Due.Equal(want) {
		t.Errorf("due %s, want %s", out.Open[0].Due, want)
	}
}

func TestUnclearGoesBackInOneEvent(t *testing.T) {
	t.Parallel()
	p := begin(t, "SurvivorBenefit", survivor)
	p.steps(t, "[{wait: 5 workdays}, {decides: {SurvivorBenefit: unclear}}]")
	out, err := p.fireAs(staff("ivanova", "specialist"), "submit", nil)
	if err != nil {
		t.Fatal(err)
	}
	if out.State != "byHand" || len(out.Moved) != 2 || len(out.Open) != 1 || out.Open[0].Name != "review" || len(out.Cancel) != 0 {
		t.Errorf("%+v", out)
	}
}

func TestRedecide(t *testing.T) {
	t.Parallel()
	p := begin(t, "SurvivorBenefit", survivor)
	p.steps(t, "[{wait: 5 workdays}, {fire: submit, by: ivanova, role: specialist}]")
	p.host.say(node(t, "{SurvivorBenefit: unclear}"))
	out, err := p.m.Fire(p.input(system, nil), Trigger{Kind: Redecide})
	if err != nil {
		t.Fatal(err)
	}
	if out.Decision == nil || out.State != "byHand" || !slices.Equal(out.Cancel, []string{"approve"}) {
		t.Errorf("%+v", out)
	}
}

func TestSettleNeedsItsResult(t *testing.T) {
	t.Parallel()
	p := begin(t, "Aid", "{given: {Person: {a: {lastName: А}}, Aid: {aid: {person: a, members: [a]}}}, decides: {MaterialAid: unclear}}")
	p.steps(t, "[{fire: table, by: specialist}, {answer: vote}]")
	_, err := p.fireAs(staff("boss", "head"), "close", map[string]any{"sum": "10.00"})
	if r := refusalOf(t, err); r.Code != ConflictCode || r.Message != "workflow.settle" {
		t.Errorf("%v", r)
	}
}

func TestEventSetsWhatItAsks(t *testing.T) {
	t.Parallel()
	p := begin(t, "Appeal", appeal)
	operator := staff("op", "operator")
	for _, c := range []struct {
		data map[string]any
		want []FieldError
	}{
		{nil, []FieldError{{"bodies", "required"}, {"topic", "required"}}},
		{map[string]any{"topic": "moon", "bodies": []any{}}, []FieldError{{"topic", "item"}}},
		{map[string]any{"topic": true, "bodies": "roads"}, []FieldError{{"bodies", "type"}, {"topic", "type"}}},
		{map[string]any{"topic": "roads", "bodies": slices.Repeat([]any{"roads"}, 21)}, []FieldError{{"bodies", "long"}}},
		{map[string]any{"topic": "roads", "bodies": []any{false}, "due": "2024-01-01"}, []FieldError{{"bodies", "type"}, {"due", "unknown"}}},
	} {
		_, err := p.fireAs(operator, "classify", c.data)
		if diff := cmp.Diff(c.want, refusalOf(t, err).Fields); diff != "" {
			t.Errorf("%v: %s", c.data, diff)
		}
	}
	out, err := p.fireAs(operator, "classify", map[string]any{"topic": "housing", "bodies": []any{"roads", "housing"}})
	if err != nil {
		t.Fatal(err)
	}
	wantSet := map[string]any{"topic": "housing", "bodies": []any{"roads", "housing"}}
	if diff := cmp.Diff(wantSet, out.Set); diff != "" {
		t.Error(diff)
	}
	want := []OpenWork{}
	for _, body := range []string{"roads", "housing"} {
		want = append(want, OpenWork{
			Kind: CaseWork, Name: "parts", Target: "AppealPart", Item: body, State: "working", Once: true,
			Set: map[string]any{"appeal": "appeal", "body": body, "due": "2024-03-26"},
		})
	}
	if diff := cmp.Diff(want, out.Open); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"number"}, out.Numbered); diff != "" {
		t.Error(diff)
	}
	if len(out.Done) != 1 || out.Done[0].Name != "classify" {
		t.Errorf("done %v", out.Done)
	}
}

const appeal = `
today: 2024-03-01
given:
  Person: {anna: {lastName: Петрова}}
  Office: {roads: {title: Дороги}, housing: {title: Жильё}, water: {title: Вода}}
  Appeal: {appeal: {person: anna}}
`

func TestEachFollowsItsList(t *testing.T) {
	t.Parallel()
	p := begin(t, "Appeal", appeal)
	p.steps(t, "[{fire: classify, by: operator, with: {topic: housing, bodies: [roads, housing]}}]")
	out, err := p.fireAs(staff("op", "operator"), "addBody", map[string]any{"bodies": []any{"housing", "water"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]WorkRef{{"parts", "roads"}}, out.Drop); diff != "" {
		t.Error(diff)
	}
	if len(out.Open) != 1 || out.Open[0].Item != "water" || len(out.Moved) != 0 || out.Cancel != nil {
		t.Errorf("%+v", out)
	}
}

func TestEffectsOnOtherCases(t *testing.T) {
	t.Parallel()
	p := begin(t, "Appeal", appeal)
	p.steps(t, "[{fire: classify, by: operator, with: {topic: housing, bodies: [roads]}}, {answer: parts, with: {text: Да}}]")
	if got := p.doc.Data["answer"]; got != "Да" {
		t.Errorf("answer %q", got)
	}
	out, err := p.fireAs(staff("sp", "specialist"), "send", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Effect{{Verb: Fire, Target: "accept", Of: []RecordRef{{"AppealPart", "partsroads"}}}}
	if diff := cmp.Diff(want, out.Effects); diff != "" {
		t.Error(diff)
	}
	_, err = p.fireAs(staff("operator", "operator"), "redo", map[string]any{"part": "partsroads", "reason": "кратко"})
	if refusalOf(t, err).Message != "workflow.four-eyes" {
		t.Errorf("a task that anybody may do is guarded too: %v", err)
	}
	out, err = p.fireAs(staff("another", "operator"), "redo", map[string]any{"part": "partsroads", "reason": "кратко"})
	if err != nil {
		t.Fatal(err)
	}
	if out.State != "working" || out.Effects[0].Target != "reopen" {
		t.Errorf("the part that is opened again is waited for: %s %v", out.State, out.Effects)
	}
}

func TestDraftIsLeft(t *testing.T) {
	t.Parallel()
	p := begin(t, "SurveyApplication", "{today: 2024-03-01, given: {Person: {anna: {lastName: П}}, Office: {uray: {title: У}}, SurveyApplication: {app: {person: anna, unit: uray}}}}")
	if !p.m.Draft() || p.snapshot.State != "arrived" {
		t.Fatal("a new case is a draft")
	}
	out, err := p.fireAs(staff("op", "operator"), "register", nil)
	if err != nil {
		t.Fatal(err)
	}
	if !out.DraftLeft {
		t.Error("the draft was left")
	}
	names := []string{}
	for _, o := range out.Open {
		names = append(names, o.Name)
	}
	if diff := cmp.Diff([]string{"examine", "pension"}, names); diff != "" {
		t.Error(diff)
	}
	if o := out.Open[1]; o.SubjectType != "Person" || o.SubjectID != "anna" || o.Target != "PensionCheck" || !o.Asked.IsZero() {
		t.Errorf("%+v", o)
	}
}

func TestReasonsOfADueDate(t *testing.T) {
	t.Parallel()
	p := begin(t, "SurveyApplication", "{today: 2024-03-01, given: {Person: {anna: {lastName: П}}, SurveyApplication: {app: {person: anna}}}}")
	p.steps(t, `[{fire: register, by: operator}, {fire: extend, by: head, with: {reason: сложно}},
 {fire: return, by: specialist, with: {reason: нет}}, {wait: 10 days}, {fire: complete, by: person}]`)
	day := func(s string) value.Date {
		d, err := value.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	want := []TermReason{
		{Kind: "within", From: day("2024-03-01"), To: day("2024-03-31"), By: "30 days"},
		{Kind: "pause", From: day("2024-03-01"), To: day("2024-04-10"), By: "10 days"},
		{Kind: "extended", From: day("2024-03-01"), To: day("2024-05-10"), By: "30 days"},
	}
	if diff := cmp.Diff(want, p.snapshot.Terms["decision"].Reasons); diff != "" {
		t.Error(diff)
	}
}

func TestInputIsNotChanged(t *testing.T) {
	t.Parallel()
	p := begin(t, "Appeal", appeal)
	in := p.input(staff("op", "operator"), map[string]any{"topic": "housing", "bodies": []any{"roads"}})
	before, err := json.Marshal([]any{in.Snapshot, in.Doc, in.Work, in.Data})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.m.Fire(in, Trigger{Kind: Event, Name: "classify"}); err != nil {
		t.Fatal(err)
	}
	after, err := json.Marshal([]any{in.Snapshot, in.Doc, in.Work, in.Data})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(before), string(after)); diff != "" {
		t.Error(diff)
	}
}

func TestLateTruthOfAnotherState(t *testing.T) {
	t.Parallel()
	p := begin(t, "CareVisit", `{now: "2024-03-01T08:00", given: {Person: {anna: {lastName: П}}, CareVisit: {v: {person: anna, start: "2024-03-01T10:00:00Z"}}}}`)
	p.steps(t, "[{wait: 27 hours}]")
	if p.snapshot.State != "missed" || p.snapshot.Timed == nil {
		t.Fatalf("%+v", p.snapshot)
	}
	worker := staff("w", "worker")
	_, err := p.m.Fire(p.input(worker, nil), Trigger{Kind: Event, Name: "cancel"})
	if refusalOf(t, err).Code != StaleCode {
		t.Errorf("cancel is no event of missed: %v", err)
	}
	_, err = p.m.Fire(p.input(worker, nil), Trigger{Kind: Event, Name: "cancel", At: time.Date(2024, 3, 1, 7, 0, 0, 0, time.UTC)})
	if refusalOf(t, err).Message != "workflow.event-before-entry" {
		t.Errorf("before the case was made: %v", err)
	}
	out, err := p.m.Fire(p.input(worker, nil), Trigger{Kind: Event, Name: "cancel", At: time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if out.State != "cancelled" || out.Moved[0].From != "missed" || out.Snapshot.Acted["planned"] == nil {
		t.Errorf("%+v", out)
	}
}

func TestMovedStates(t *testing.T) {
	t.Parallel()
	m := *machine(t, "CareVisit")
	w, def := *m.w, *m.w.Def // copies: other tests walk the same machine
	def.Moved = map[string]string{"old": "older", "older": "planned"}
	m.w, w.Def = &w, &def
	in := Input{Snapshot: Snapshot{State: "old"}, Doc: &expr.Record{Type: "CareVisit", ID: "v"}, Actor: system, Now: time.Date(2024, 3, 1, 8, 0, 0, 0, time.UTC)}
	out, err := m.Fire(in, Trigger{Kind: Changed})
	if err != nil {
		t.Fatal(err)
	}
	if out.State != "planned" || len(out.Moved) != 1 || out.Moved[0].By != "moved" {
		t.Errorf("%+v", out)
	}
	in.Snapshot.State = "gone"
	_, err = m.Fire(in, Trigger{Kind: Changed})
	if r := refusalOf(t, err); r.Message != "workflow.state-gone" {
		t.Errorf("%v", r)
	}
}
