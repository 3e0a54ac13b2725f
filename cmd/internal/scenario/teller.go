package scenario

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Teller reads a case of a story back through GraphQL after each step and tells what is new in it.
type Teller struct {
	play    *Play
	subject string // the story's name of the case
	tell    func(template string, data any)
	seen    map[string]bool
}

// NewTeller listens to a play. tell gets the name of a text and its data. The case and its citizen are named by
// `demo: {case: NAME, citizen: NAME, reader: NAME}` of the story.
func NewTeller(p *Play, tell func(string, any)) *Teller {
	t := &Teller{play: p, subject: p.story.Root.Get("demo").Get("case").Text(), tell: tell, seen: map[string]bool{}}
	tell("begin", map[string]any{"Title": p.story.Title})
	p.Told = func(s Step, came string) { t.told(s, came) }
	return t
}

// reader is the member of staff who looks at the case: an administrator may not.
func (t *Teller) reader() string { return t.play.story.Root.Get("demo").Get("reader").Text() }

// Citizen is the identity of the citizen of the story.
func (t *Teller) Citizen() string { return t.play.story.Root.Get("demo").Get("citizen").Text() }

// clock is an instant as the story's author reads his clock.
func (t *Teller) clock(instant string) string {
	at, err := time.Parse(time.RFC3339, instant)
	if err != nil {
		return instant
	}
	return at.In(t.play.zone()).Format("02.01.2006 15:04:05")
}

func (t *Teller) told(s Step, came string) {
	if s.Say != "" {
		if !t.seen["say "+s.Pos.String()] {
			t.seen["say "+s.Pos.String()] = true
			t.tell("say", s.Say)
		}
		return
	}
	if s.Wait != "" && came == "" && !t.seen["wait "+s.Pos.String()] {
		t.seen["wait "+s.Pos.String()] = true // told before the step; what it brings is told after it
		return
	}
	if s.Wait != "" {
		t.tell("clock", t.clock(t.play.now.Format(time.RFC3339)))
	}
	c, err := t.read(context.Background())
	switch {
	case err != nil && t.play.things[t.subject].id != "":
		t.tell("trouble", err.Error())
	case err == nil:
		t.news(c)
	}
}

const caseQuery = `query($id: ID!) {case(id: $id) {
	id __typename state stateTitle title number createdAt createdByName
	requests(orderBy: [{createdAt: ASC}], first: 50) {id title name status note}
	decisions(orderBy: [{createdAt: ASC}], first: 20) {id measureTitle result number date settled
		reasons {title text law {...law}} conditions {title truth law {...law} trace {text value source}}}
	awards(first: 5) {id from to amount every debt
		payments(first: 20) {amount list {number date total}}
		accruals(orderBy: [{from: ASC}], first: 50) {id from to amount}}
	prints(first: 10) {id title sha256}
	applicant {id}
}} fragment law on Law {title number date article articleTitle}`

const cardQuery = `query($id: ID!) {card(id: $id, first: 100) {nodes {id typeTitle title createdBy}}}`

// tree is JSON as it came.
type tree map[string]any

func (t *Teller) read(ctx context.Context) (tree, error) {
	thing, err := t.play.thing(t.subject)
	if err != nil {
		return nil, err
	}
	data, err := t.play.client(t.reader()).Do(ctx, caseQuery, map[string]any{"id": thing.id})
	if err != nil {
		return nil, err
	}
	c, ok := data["case"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("case %s is not there", thing.id)
	}
	if person, ok := c["applicant"].(map[string]any); ok {
		if data, err = t.play.client(t.reader()).Do(ctx, cardQuery, map[string]any{"id": person["id"]}); err != nil {
			return nil, err
		}
		c["card"] = data["card"]
	}
	return c, nil
}

func nodes(v any) []tree {
	conn, _ := v.(map[string]any)
	list, _ := conn["nodes"].([]any)
	if list == nil {
		list, _ = v.([]any)
	}
	out := make([]tree, 0, len(list))
	for _, n := range list {
		if m, ok := n.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func (t *Teller) once(key, template string, data any) bool {
	if t.seen[key] {
		return false
	}
	t.seen[key] = true
	t.tell(template, data)
	return true
}

// news tells what the case has now and had not before.
func (t *Teller) news(c tree) {
	t.once("case", "case", map[string]any{"number": c["number"], "title": c["title"], "createdAt": t.clock(text(c["createdAt"])), "createdBy": c["createdByName"]})
	for _, r := range nodes(c["requests"]) {
		t.once(fmt.Sprint("request ", r["id"], r["status"]), "request", map[string]any(r))
	}
	for _, d := range nodes(c["card"]) {
		if exchange, came := strings.CutPrefix(text(d["createdBy"]), "exchange:"); came {
			told := map[string]any{"typeTitle": d["typeTitle"], "title": d["title"], "request": requestTitle(c, exchange)}
			t.once(fmt.Sprint("document ", d["id"]), "document", told)
		}
	}
	for _, d := range nodes(c["decisions"]) {
		t.once(fmt.Sprint("decision ", d["id"], d["settled"]), "decision", map[string]any(d))
		if key := fmt.Sprint("why ", d["id"]); !t.seen[key] {
			t.seen[key] = true
			t.conditions(d, nodes(c["card"]))
		}
	}
	t.once(fmt.Sprint("state ", c["state"]), "state", c["stateTitle"])
	for _, a := range nodes(c["awards"]) {
		t.once(fmt.Sprint("award ", a["id"]), "award", map[string]any(a))
		for _, x := range nodes(a["accruals"]) {
			t.once(fmt.Sprint("accrual ", x["id"]), "accrual", map[string]any(x))
		}
		for _, p := range nodes(a["payments"]) {
			list, _ := p["list"].(map[string]any)
			told := map[string]any{"number": list["number"], "date": list["date"], "total": list["total"], "amount": p["amount"]}
			if t.once(fmt.Sprint("payment ", list["number"]), "payment", told) {
				t.tell("debt", a["debt"])
			}
		}
	}
	for _, p := range nodes(c["prints"]) {
		t.once(fmt.Sprint("print ", p["id"]), "print", map[string]any(p))
	}
}

// conditions tells why: each condition with its values and article, and the reasons of a refusal.
func (t *Teller) conditions(d tree, card []tree) {
	for _, c := range nodes(d["conditions"]) {
		for _, step := range nodes(c["trace"]) {
			step["source"] = cameFrom(text(step["source"]), card)
		}
		t.tell("condition", map[string]any(c))
	}
	for _, r := range nodes(d["reasons"]) {
		t.tell("reason", map[string]any(r))
	}
}

// cameFrom is where a value came from, in words: a record of the card by its kind, all else as it is named.
func cameFrom(named string, card []tree) string {
	for _, d := range card {
		if id := text(d["id"]); id != "" && strings.Contains(named, id) {
			return strings.TrimSuffix(fmt.Sprint(d["typeTitle"], ": ", d["title"]), ": "+text(d["typeTitle"]))
		}
	}
	return named
}

func requestTitle(c tree, exchange string) string {
	for _, r := range nodes(c["requests"]) {
		if text(r["name"]) == exchange {
			return text(r["title"])
		}
	}
	return exchange
}

// Report is the outcome of the main job for scripts: every figure read back through GraphQL, amounts as texts.
type Report struct {
	Application Application   `json:"application"`
	Requests    []RequestLine `json:"requests"`
	Decision    DecisionLine  `json:"decision"`
	Award       Amounts       `json:"award"`
	Accruals    []Amounts     `json:"accruals"`
	PaymentList ListLine      `json:"paymentList"`
	Debt        string        `json:"debt"`
}

// Application is the case itself.
type Application struct {
	Number string `json:"number"`
	Date   string `json:"date"`
}

// RequestLine is one request to an agency.
type RequestLine struct {
	Name   string `json:"name"`
	Status string `json:"status"`
}

// DecisionLine is the decision that was settled.
type DecisionLine struct {
	Outcome string   `json:"outcome"`
	Number  string   `json:"number"`
	Date    string   `json:"date"`
	Reasons []string `json:"reasons"`
}

// Amounts is an award or an accrual.
type Amounts struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Amount string `json:"amount"`
}

// ListLine is the payment list.
type ListLine struct {
	Number string `json:"number"`
	Date   string `json:"date"`
	Total  string `json:"total"`
}

// Report reads the case once more.
func (t *Teller) Report(ctx context.Context) (*Report, error) {
	c, err := t.read(ctx)
	if err != nil {
		return nil, err
	}
	r := &Report{Accruals: []Amounts{}}
	r.Application.Number = text(c["number"])
	if r.Application.Date, err = t.date(ctx, c); err != nil {
		return nil, err
	}
	for _, q := range nodes(c["requests"]) {
		r.Requests = append(r.Requests, RequestLine{text(q["name"]), text(q["status"])})
	}
	r.Decision.Reasons = []string{}
	for _, d := range nodes(c["decisions"]) {
		if d["settled"] == true {
			r.Decision.Outcome, r.Decision.Number, r.Decision.Date = text(d["result"]), text(d["number"]), text(d["date"])
			for _, reason := range nodes(d["reasons"]) {
				r.Decision.Reasons = append(r.Decision.Reasons, text(reason["text"]))
			}
		}
	}
	for _, a := range nodes(c["awards"]) {
		r.Award = Amounts{text(a["from"]), text(a["to"]), text(a["amount"])}
		r.Debt = text(a["debt"])
		for _, x := range nodes(a["accruals"]) {
			r.Accruals = append(r.Accruals, Amounts{text(x["from"]), text(x["to"]), text(x["amount"])})
		}
		for _, p := range nodes(a["payments"]) {
			list, _ := p["list"].(map[string]any)
			r.PaymentList.Number, r.PaymentList.Date, r.PaymentList.Total = text(list["number"]), text(list["date"]), text(list["total"])
		}
	}
	return r, nil
}

// date is the property `date` of the case's own type.
func (t *Teller) date(ctx context.Context, c tree) (string, error) {
	name := lowerFirst(text(c["__typename"]))
	if f := t.play.api.query(name); f == nil || t.play.api.types[f.Type.named().Name].field("date") == nil {
		return "", nil
	}
	data, err := t.play.client(t.reader()).Do(ctx, "query($id: ID!) {"+name+"(id: $id) {date}}", map[string]any{"id": c["id"]})
	if err != nil {
		return "", err
	}
	record, _ := data[name].(map[string]any)
	return text(record["date"]), nil
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
