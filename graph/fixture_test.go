package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mera/kernel"
	"mera/kernel/query"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/schema"
	"mera/schema/filter"
	"mera/schema/value"
)

var noon = time.Date(2019, time.July, 16, 12, 0, 0, 0, time.UTC)

type stopped time.Time

func (s stopped) Now() time.Time { return time.Time(s) }

// uid is a readable id: uid(7) ends in 7.
func uid(n int) string { return fmt.Sprintf("0190a1b2-c3d4-7e5f-8a9b-%012d", n) }

// The people, pensions and cases of the fixture.
var (
	anna, kolya, boris                     = uid(1), uid(2), uid(3)
	region, surgut                         = uid(11), uid(12)
	pension1, pension2, pension3, pension4 = uid(21), uid(22), uid(23), uid(24)
	case1, case2, ask1                     = uid(31), uid(32), uid(33)
	task1, task2, decision1, award1, wide1 = uid(41), uid(42), uid(43), uid(44), uid(61)
)

// gate is a policy made of trees: types that are not named may be read whole, labels that are not named do not show.
type gate struct {
	rows   map[string]*filter.Tree
	labels map[string]*filter.Tree
	asked  map[string]int
	mu     sync.Mutex
}

func (g *gate) Filter(_ context.Context, _ kernel.Actor, typ string) (*filter.Tree, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.asked == nil {
		g.asked = map[string]int{}
	}
	g.asked[typ]++
	if t, ok := g.rows[typ]; ok {
		return t, nil
	}
	return filter.Everything(), nil
}

func (g *gate) Show(_ context.Context, _ kernel.Actor, typ, label string) (*filter.Tree, error) {
	if t, ok := g.labels[typ+"."+label]; ok {
		return t, nil
	}
	return filter.Nothing(), nil
}

// ClassKey is one class of all actors, another one for each policy.
func (g *gate) ClassKey(context.Context, kernel.Actor) (string, map[string]any, error) {
	return fmt.Sprint("all ", g.rows, g.labels), nil, nil
}

// OpenFilter is Filter: nothing stands open in it.
func (g *gate) OpenFilter(ctx context.Context, a kernel.Actor, typ string) (*filter.Tree, error) {
	return g.Filter(ctx, a, typ)
}

// OpenShow is Show.
func (g *gate) OpenShow(ctx context.Context, a kernel.Actor, typ, label string) (*filter.Tree, error) {
	return g.Show(ctx, a, typ, label)
}

// attribute is a leaf over an attribute of the row, as policies make them.
func attribute(name string, k schema.Kind, op filter.Op, v any) *filter.Tree {
	return &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: name, Row: true}}, Op: op, Value: v,
		Type: &schema.Type{Kind: k}}
}

// counting is a database that remembers the statements.
type counting struct {
	*store.DB
	mu         sync.Mutex
	statements []store.Statement
}

func (c *counting) SelectColumns(ctx context.Context, s store.Selection) ([]json.RawMessage, error) {
	if len(s.Roots) > 0 {
		st, err := s.Compile()
		if err == nil {
			c.mu.Lock()
			c.statements = append(c.statements, st)
			c.mu.Unlock()
		}
	}
	return c.DB.SelectColumns(ctx, s)
}

// Run counts the statement of a plan.
func (c *counting) Run(ctx context.Context, st store.Statement, args []any, keep bool, each func(int, []byte)) error {
	c.mu.Lock()
	c.statements = append(c.statements, store.Statement{Text: st.Text, Args: args, Aliases: st.Aliases})
	c.mu.Unlock()
	return c.DB.Run(ctx, st, args, keep, each)
}

func (c *counting) take() []store.Statement {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.statements
	c.statements = nil
	return out
}

// world is a server over a database with the fixture.
type world struct {
	t      testing.TB
	db     *counting
	gate   *gate
	cat    *schema.Catalog
	server *Server
	http   http.Handler
	cmds   *commands
}

func newWorld(t testing.TB, with ...func(*Config)) *world {
	t.Helper()
	cat, lists := small(t)
	db := storetest.Open(t, func(c *store.Config) { c.Clock = stopped(noon) })
	w := &world{t: t, db: &counting{DB: db}, gate: &gate{}, cat: cat, cmds: &commands{}}
	config := Config{Auth: tokens{&atomic.Bool{}}, Commands: w.cmds, Views: views{}, Clock: stopped(noon), IDs: &sequence{}, Journal: db,
		Poll: 10 * time.Millisecond, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	for _, change := range with {
		change(&config)
	}
	s, err := NewServer(config)
	if err != nil {
		t.Fatal(err)
	}
	w.server, w.http = s, s.Handler()
	t.Cleanup(s.Close)
	if err := s.Swap(Release{Digest: "one", Catalog: cat, Lists: lists, Reader: query.NewReader(w.db, w.gate, cat)}); err != nil {
		t.Fatal(err)
	}
	w.fill()
	return w
}

type sequence struct {
	mu sync.Mutex
	n  int
}

func (s *sequence) New() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	return fmt.Sprintf("request-%d", s.n)
}

// tokens knows a clerk and a citizen; the token «once» is good for one use.
type tokens struct{ used *atomic.Bool }

func (a tokens) Actor(_ context.Context, token string) (kernel.Actor, error) {
	switch token {
	case "once":
		if !a.used.Swap(true) {
			return kernel.Actor{Kind: kernel.Staff, ID: "petrov", Roles: []string{"clerk"}}, nil
		}
	case "clerk":
		return kernel.Actor{Kind: kernel.Staff, ID: "ivanova", Name: "Иванова", Roles: []string{"clerk"}, Territories: []string{"surgut"}}, nil
	case "anna":
		return kernel.Actor{Kind: kernel.Citizen, ID: "anna", Name: "Анна", Person: anna}, nil
	}
	return kernel.Actor{}, kernel.Errorf(kernel.Unauthenticated, "unauthenticated")
}

type views struct{}

func (views) Form(_ context.Context, a kernel.Actor, typ, state, id string, _ map[string]any, lang string) (any, error) {
	return map[string]any{"type": typ, "state": state, "lang": lang, "for": a.ID}, nil
}

func (views) Events(_ context.Context, _ kernel.Actor, _, id, _ string) ([]CaseEvent, error) {
	return []CaseEvent{{Name: "approve", Title: "Утвердить", Ask: []string{"reason"}}, {Name: "refuse"}}, nil
}

func (views) Introspect(_ context.Context, a kernel.Actor) error {
	if a.Kind == kernel.Citizen {
		return kernel.Errorf(kernel.Denied, "denied")
	}
	return nil
}

func (views) Pending(context.Context, kernel.Actor) (int, error) { return 3, nil }

type commands struct {
	mu     sync.Mutex
	got    []Command
	result Result
	err    error
}

func (c *commands) Execute(_ context.Context, _ kernel.Actor, cmd Command) (Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, cmd)
	return c.result, c.err
}

func (w *world) fill() {
	w.t.Helper()
	err := w.db.Write(w.t.Context(), func(tx *store.Tx) error {
		for name, c := range w.cat.Classifiers {
			if err := tx.PutItems(w.t.Context(), name, c.Items, "register"); err != nil {
				return err
			}
		}
		for i, r := range records() {
			if err := tx.SaveRecord(w.t.Context(), r, uid(9000+i), true); err != nil {
				return err
			}
		}
		if err := tx.PutKeys(w.t.Context(), "Person", anna, map[string]string{"snils": "11223344595"}); err != nil {
			return err
		}
		return fillWork(w.t.Context(), tx)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func record(typ, id, card string, data map[string]any) *kernel.Record {
	r := &kernel.Record{Type: typ, ID: id, Version: 1, Root: id, Card: card, Data: data, Author: "ivanova", Persons: []string{},
		Access: map[string]any{}, CreatedAt: noon, CreatedBy: "ivanova", UpdatedAt: noon, UpdatedBy: "ivanova", Title: typ + " " + id[len(id)-2:]}
	if card != "" {
		r.Root, r.Persons = card, []string{card}
	} else if typ == "Person" {
		r.Persons = []string{id}
	}
	if t, ok := data["territory"].(string); ok {
		r.Territory = t
	}
	return r
}

func records() []*kernel.Record {
	n := func(s string) json.Number { return json.Number(s) }
	list := []*kernel.Record{
		record("Person", anna, "", map[string]any{"lastName": "Ёлкина", "firstName": "Анна", "birthDate": "1980-02-03", "sex": "female",
			"snils": "11223344595", "territory": "surgut", "diagnosis": "тайна", "phones": []any{"111", "222"}, "kinds": []any{"age", "survivor"},
			"payout":    map[string]any{"bank": "047102651", "account": "40817810000000000001"},
			"relatives": []any{map[string]any{"name": "Мария", "role": "mother", "born": "1950-01-01", "kind": "age"}, map[string]any{"name": "Пётр", "role": "father"}}}),
		record("Person", kolya, "", map[string]any{"lastName": "Петров", "firstName": "Николай", "birthDate": "2006-05-11", "sex": "male", "territory": "uray"}),
		record("Person", boris, "", map[string]any{"lastName": "Яковлев", "birthDate": "1950-01-01", "phones": []any{"333"}}),
		record("Office", region, "", map[string]any{"title": "Югра", "territory": "ugra"}),
		record("Office", surgut, "", map[string]any{"title": "Сургут", "territory": "surgut", "above": region}),
		record("Pension", pension1, anna, map[string]any{"person": anna, "type": "age", "from": "2019-06-06", "to": "2019-08-31", "amount": "1826.00",
			"share": "0.5", "points": n("10"), "big": n("5000000000"), "quarter": "2019-Q2", "month": "2019-06", "at": "2019-06-06T09:30:00Z", "old": true}),
		record("Pension", pension2, anna, map[string]any{"person": anna, "type": "survivor", "from": "2019-07-01", "amount": "99.50", "points": n("-3")}),
		record("Pension", pension3, kolya, map[string]any{"person": kolya, "type": "survivor", "from": "2019-07-01", "amount": "10000.00", "points": n("7"), "share": "1.25"}),
		record("Pension", pension4, kolya, map[string]any{"person": kolya, "type": "gone", "from": "2018-01-01", "to": "2018-12-31"}),
	}
	c1 := record("BenefitApplication", case1, anna, map[string]any{"applicant": anna, "child": kolya, "date": "2019-07-16", "number": "1-П",
		"cause": "тайна", "channel": "age", "people": []any{boris, kolya}})
	c1.Case = &kernel.Case{State: "open", Number: "1-П", Applicant: anna, Due: value.Date{Year: 2019, Month: 7, Day: 30}, Channel: "portal"}
	c1.Office = surgut
	c2 := record("BenefitApplication", case2, kolya, map[string]any{"applicant": kolya, "child": kolya, "date": "2019-06-01"})
	c2.Case = &kernel.Case{State: "granted", Final: true, Applicant: kolya}
	a1 := record("RequestForm", ask1, anna, map[string]any{"applicant": anna, "date": "2019-07-01", "text": "Прошу"})
	a1.Case = &kernel.Case{State: "asked", Applicant: anna, Parent: case1, ParentOf: "BenefitApplication"}
	fields := map[string]any{}
	for i := 1; i <= 120; i++ {
		fields[fmt.Sprintf("p%d", i)] = fmt.Sprintf("v%d", i)
	}
	fields["person"] = anna
	return append(list, c1, c2, a1, record("Wide", wide1, anna, fields))
}

func fillWork(ctx context.Context, tx *store.Tx) error {
	scope := kernel.Scope{CaseType: "BenefitApplication", CaseID: case1, Root: anna, Territory: "surgut", Office: surgut, Persons: []string{anna}, Author: "ivanova"}
	for i, id := range []string{task1, task2} {
		t := &kernel.Task{ID: id, Scope: scope, Name: "review", State: "open", Title: fmt.Sprintf("Проверить %d", i+1), Role: "clerk",
			Not: []string{}, Choices: []string{"да", "нет"}, Status: "open", Due: noon.AddDate(0, 0, 3-i), CreatedAt: noon.Add(time.Duration(i) * time.Second)}
		if err := tx.PutTask(ctx, t); err != nil {
			return err
		}
	}
	day := func(m, d int) value.Date { return value.Date{Year: 2019, Month: time.Month(m), Day: d} }
	d := &kernel.Decision{ID: decision1, Scope: scope, Measure: "Benefit", Beneficiary: kolya, Recipient: anna, Result: "granted", Number: "1-п",
		Date: day(7, 17), Asked: day(7, 16), From: day(7, 1), To: day(8, 31), Amount: 182600,
		Reasons: json.RawMessage(`[{"condition":"lives","text":"Живёт","law":{"act":"a-1","article":"4"}}]`), Content: json.RawMessage(`{"x":1}`),
		Settled: true, Release: "one", KnownAt: noon, CreatedAt: noon, CreatedBy: "system"}
	if err := tx.PutDecision(ctx, d); err != nil {
		return err
	}
	a := &kernel.Award{ID: award1, Scope: scope, Decision: decision1, Measure: "Benefit", Beneficiary: kolya, Recipient: anna, Purpose: "benefit",
		PurposeKey: "k", From: day(7, 1), To: day(8, 31), Amount: 182600, Every: "month", Status: "active", CreatedAt: noon, CreatedBy: "system"}
	if err := tx.PutAward(ctx, a); err != nil {
		return err
	}
	for i, m := range []int{7, 8} {
		x := &kernel.Accrual{ID: uid(51 + i), Award: award1, Root: anna, From: day(m, 1), To: day(m, 31), Kind: "current", Amount: 182600,
			Due: day(m, 31), Release: "one", Content: json.RawMessage(`{}`), CreatedAt: noon, CreatedBy: "system"}
		if _, err := tx.PutAccrual(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

// answer is a response of GraphQL.
type answer struct {
	Status int             `json:"-"`
	Data   json.RawMessage `json:"data"`
	Errors []struct {
		Message    string `json:"message"`
		Path       []any  `json:"path"`
		Extensions struct {
			Code      kernel.Code         `json:"code"`
			RequestID string              `json:"requestId"`
			Fields    []kernel.FieldError `json:"fields"`
		} `json:"extensions"`
	} `json:"errors"`
}

func (a answer) code() kernel.Code {
	if len(a.Errors) == 0 {
		return ""
	}
	return a.Errors[0].Extensions.Code
}

func (w *world) post(token, body string) answer {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader([]byte(body)))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, r)
	var a answer
	if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil {
		w.t.Fatalf("%v: %s", err, rec.Body)
	}
	a.Status = rec.Code
	return a
}

func (w *world) ask(q string, vars map[string]any) answer {
	w.t.Helper()
	body, err := json.Marshal(map[string]any{"query": q, "variables": vars})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.post("clerk", string(body))
}

// data is the answer of a query that must succeed, in one line.
func (w *world) data(q string, vars map[string]any) string {
	w.t.Helper()
	a := w.ask(q, vars)
	if len(a.Errors) > 0 {
		w.t.Fatalf("%s: %+v", q, a.Errors)
	}
	return compact(w.t, a.Data)
}

func compact(t testing.TB, raw []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
