package command

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"mera/kernel"
	"mera/kernel/measure"
	"mera/kernel/registry"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
	"mera/workflows"
)

// facts answers the questions of a measure: records by link and window, and whether the requests that the fact
// needs have been answered.
type facts struct {
	work    *work
	of      *kernel.Record // the case
	measure string
	doc     string // id of what the measure is about: the case, or one of its rows
}

// Find lists the records of a fact and the requests that do not cover it.
func (f facts) Find(ctx context.Context, q measure.FactQuery) (measure.Known, error) {
	w := f.work
	if schema.KernelFact(q.Type) != nil && w.live.Catalog.Documents[q.Type] == nil {
		return f.awards(ctx, q)
	}
	found, err := w.factRecords(q)
	if err != nil {
		return measure.Known{}, err
	}
	def := w.live.Catalog.Documents[q.Type]
	var known measure.Known
	entered := false
	for _, r := range found {
		if period, has := holds(def, r); has && q.Window != nil && !period.Touches(*q.Window) {
			continue
		}
		if q.Where != nil {
			in, err := q.Where.Match(ctx, view(r), w.world)
			if err != nil {
				return measure.Known{}, err
			}
			if !in {
				continue
			}
		}
		known.Records = append(known.Records, w.version(r))
		if q.Citizen && !entered && !r.CreatedAt.Before(f.of.CreatedAt) {
			if entered, err = w.tx.HasAttachment(ctx, r.Type, r.ID); err != nil {
				return measure.Known{}, err
			}
		}
	}
	if entered {
		return known, nil // a person brought the paper: it stands for all requests
	}
	if q.Citizen && len(q.Ask) == 0 {
		known.Missing = []string{"citizen"}
	}
	for _, name := range q.Ask {
		covered, err := f.covered(ctx, name, q)
		if err != nil {
			return measure.Known{}, err
		}
		if !covered {
			known.Missing = append(known.Missing, name)
		}
	}
	return known, nil
}

// factRecords are the records that link to what the fact is of; with Via "id" those records themselves.
func (w *work) factRecords(q measure.FactQuery) ([]*kernel.Record, error) {
	cat := w.live.Catalog
	def := cat.Documents[q.Type]
	switch {
	case q.Via != "id" && def.Abstract:
		return w.linkedBehind(def, q.Via, q.Of)
	case q.Via != "id":
		return w.linked(q.Type, q.Via, q.Of)
	}
	typ := q.Type
	if def.Abstract {
		typ = "" // the id is enough
	}
	var out []*kernel.Record
	for _, id := range q.Of {
		r, err := w.record(typ, id)
		if err != nil {
			return nil, err
		}
		if r != nil && r.Void == "" && cat.Is(r.Type, q.Type) {
			out = append(out, r)
		}
	}
	return out, nil
}

// covered tells that every record that the fact is of has an answer to the request that speaks of its window.
func (f facts) covered(ctx context.Context, name string, q measure.FactQuery) (bool, error) {
	for _, id := range q.Of {
		answers, err := f.work.tx.AnsweredRequests(ctx, name, id)
		if err != nil {
			return false, err
		}
		if !slices.ContainsFunc(answers, func(r *kernel.Request) bool { return speaks(f.work, r, q) }) {
			return false, nil
		}
	}
	return len(q.Of) > 0, nil
}

// speaks tells that an answer covers the type and the window of a fact: `untilTold` all days before the answer and
// `fresh` days after it, `period` the days that were asked for.
func speaks(w *work, r *kernel.Request, q measure.FactQuery) bool {
	answered := value.DateOf(r.AnsweredAt)
	fresh := q.Fresh
	if fresh.N == 0 {
		if flow, err := w.live.Exchanges.Request(r.Name); err == nil {
			fresh = flow.Fresh()
		}
	}
	for _, c := range r.Covers {
		if c.Type != q.Type {
			continue
		}
		if q.Window == nil {
			return true
		}
		if c.How == "period" {
			if value.NewPeriod(c.From, c.To).Covers(*q.Window) {
				return true
			}
			continue
		}
		last := answered
		if fresh.N > 0 {
			last = w.live.Data.Calendar.Due(answered, fresh, "none")
		}
		if r.Asked.After(last) { // an answer speaks at least of the day that it was asked for
			last = r.Asked
		}
		if !q.Window.To.After(last) {
			return true
		}
	}
	return false
}

// host is what a move of a case needs from the kernel.
type host struct {
	work *work
	of   *kernel.Record
	made []*kernel.Decision // by this move, written when the case's new office and territory are known
}

func (h *host) input(q workflows.Question) measure.Input {
	w := h.work
	doc := q.Doc
	if doc == nil {
		doc = view(h.of)
	}
	return measure.Input{
		Ctx: w.ctx, Doc: doc, Asked: q.Asked, Facts: facts{w, h.of, q.Measure, doc.ID}, World: w.world, Answers: answers(q.Answers),
		Created: value.DateOf(h.created(doc).In(w.zone(h.of))),
	}
}

// created is when the record was made that a measure is asked about: the case, or one of its rows.
func (h *host) created(doc *expr.Record) time.Time {
	if at, ok := doc.KernelValue("createdAt").(time.Time); ok && doc.ID != h.of.ID {
		return at
	}
	return h.of.CreatedAt
}

func answers(given map[string]bool) map[string]any {
	out := make(map[string]any, len(given))
	for name, yes := range given {
		out[name] = yes
	}
	return out
}

func (h *host) measure(name string) (*measure.Measure, error) {
	m := h.work.live.Measures[name]
	if m == nil {
		return nil, kernel.Errorf(kernel.Internal, "unknown-measure", name)
	}
	return m, nil
}

// judge asks the measure and holds a grant against the purpose that another award may already serve.
func (h *host) judge(q workflows.Question) (*measure.Decision, error) {
	m, err := h.measure(q.Measure)
	if err != nil {
		return nil, err
	}
	made, err := m.Decide(h.input(q))
	if err != nil {
		return nil, err
	}
	if len(made) != 1 {
		return nil, kernel.Errorf(kernel.Invalid, "one-beneficiary-only", q.Measure)
	}
	d := made[0]
	if d.Result != measure.Granted {
		return d, nil
	}
	holder, err := h.work.rival(d)
	if err != nil || holder == nil {
		return d, err
	}
	title, titles := h.work.spoken(h.work.measureTitle(holder.Measure))
	text, texts := h.work.spoken(h.work.message("purpose-held", h.work.measureTitle(holder.Measure), plain(value.NewPeriod(holder.From, holder.To).String())))
	d.Result = measure.Refused
	d.Reasons = append(d.Reasons, measure.Reason{
		Condition: "purpose", Title: title, Law: d.Law,
		Text: text, Words: measure.Words{Title: titles, Text: texts},
	})
	return d, nil
}

// Decide makes a determination now and keeps it.
func (h *host) Decide(q workflows.Question) (workflows.DecisionView, error) {
	d, err := h.judge(q)
	if err != nil {
		return workflows.DecisionView{}, err
	}
	row, err := h.determination(d)
	if err != nil {
		return workflows.DecisionView{}, err
	}
	h.made = append(h.made, row)
	h.work.journal("decide", h.of, d.Measure+": "+string(d.Result))
	return decisionView(row, d), nil
}

// determination is what a measure said, as it is kept.
func (h *host) determination(d *measure.Decision) (*kernel.Decision, error) {
	content, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	w, r := h.work, h.of
	row := &kernel.Decision{
		ID: w.road.IDs.New(), Scope: scopeOf(r), Measure: d.Measure, Beneficiary: d.Beneficiary, Recipient: d.Recipient,
		Result: string(d.Result), Date: w.input(r).Today, Asked: d.Asked, Content: content, Release: w.live.Digest,
		KnownAt: w.now, CreatedAt: w.now, CreatedBy: w.actor.ID, Derived: w.derived(w.live.Measures[d.Measure].Labels()),
	}
	if d.Result == measure.Granted {
		row.From, row.To, row.Amount = d.Period.From, d.Period.To, d.Amount
	}
	reasons := d.Reasons
	if reasons == nil {
		reasons = []measure.Reason{} // a list without rows, not an absent one
	}
	row.Reasons, err = json.Marshal(reasons)
	return row, err
}

// Decidable tells whether the measure would be granted or refused now.
func (h *host) Decidable(q workflows.Question) (bool, error) {
	d, err := h.judge(q)
	if err != nil {
		return false, err
	}
	return d.Result != measure.Unclear, nil
}

// Needs lists the requests that the facts of a measure need and that no fresh answer covers.
func (h *host) Needs(q workflows.Question) ([]workflows.Need, error) {
	m, err := h.measure(q.Measure)
	if err != nil {
		return nil, err
	}
	needs, err := m.Needs(h.input(q))
	if err != nil {
		return nil, err
	}
	out := make([]workflows.Need, len(needs))
	for i, n := range needs {
		out[i] = workflows.Need{Request: n.Request, Type: n.Type, ID: n.Subject, Asked: n.Asked}
	}
	return out, nil
}

func decisionView(row *kernel.Decision, d *measure.Decision) workflows.DecisionView {
	v := workflows.DecisionView{
		Measure: d.Measure, Result: string(d.Result), Unclear: d.Unclear, Period: d.Period, Amount: d.Amount,
		Number: row.Number, Date: row.Date,
	}
	for _, r := range d.Reasons {
		v.Reasons = append(v.Reasons, workflows.Reason{Condition: r.Condition, Title: r.Title, Text: r.Text})
	}
	return v
}

// settle seals the last decision of a case: number, date, and for a grant the award with its schedule. A decision of an
// earlier move must still be the one that would be made now.
func (w *work) settle(h *host, row *kernel.Decision, number *schema.Number) error {
	r := h.of
	var d measure.Decision
	if err := json.Unmarshal(row.Content, &d); err != nil {
		return err
	}
	if now := slices.ContainsFunc(h.made, func(m *kernel.Decision) bool { return m.ID == row.ID }); !now {
		if err := h.stillSo(&d); err != nil {
			return err
		}
	}
	if err := w.sealed(r, r, row, number); err != nil {
		return err
	}
	if d.Result != measure.Granted {
		return nil
	}
	return w.award(r, row, &d)
}

// sealed gives a decision on a record its number and day: those of the case in which it was made.
func (w *work) sealed(of, r *kernel.Record, row *kernel.Decision, number *schema.Number) error {
	if number != nil {
		text, err := w.decisionNumber(r, number)
		if err != nil {
			return err
		}
		row.Number = text
	}
	row.Date = w.input(r).Today
	w.journal("settle", of, strings.TrimSpace(row.Result+" "+row.Number))
	return w.tx.SettleDecision(w.ctx, row.ID, row.Number, row.Date)
}

// decisionNumber is the next number of the workflow's series.
func (w *work) decisionNumber(r *kernel.Record, n *schema.Number) (string, error) {
	office, err := w.officeOf(r)
	if err != nil {
		return "", err
	}
	today := w.input(r).Today
	var per []string
	for _, p := range n.Per {
		switch p.Text {
		case "office":
			per = append(per, "office="+officeID(office))
		case "year":
			per = append(per, "year="+today.String()[:4])
		default:
			v, _ := r.Data[p.Text].(string)
			per = append(per, p.Text+"="+v)
		}
	}
	series := n.Series.Text
	if series == "" {
		series = r.Type + ".decision"
	}
	next, err := w.tx.NextNumber(w.ctx, series, strings.Join(per, ";"))
	if err != nil {
		return "", err
	}
	return w.fill(n.Format, next, office, today)
}

// fill writes a number by its format over n, year and office.
func (w *work) fill(format schema.Scalar, n int64, office *kernel.Record, today value.Date) (string, error) {
	compiled, ds := registry.CompileNumberFormat(w.live.Env, format, nil)
	if ds.Faulty() {
		return "", kernel.Errorf(kernel.Internal, "number-format", format.Text)
	}
	return compiled.Fill(w.ctx, w.world, n, view(office), today, nil)
}

// award makes the award of a grant, with its schedule.
func (w *work) award(r *kernel.Record, row *kernel.Decision, d *measure.Decision) error {
	if err := w.claim(r, d); err != nil {
		return err
	}
	payout, _ := json.Marshal(r.Data["payout"])
	a := &kernel.Award{
		ID: w.road.IDs.New(), Scope: scopeOf(r), Decision: row.ID, Measure: d.Measure, Beneficiary: d.Beneficiary,
		Recipient: d.Recipient, Purpose: d.Purpose.Name, PurposeKey: d.Purpose.Key, From: d.Period.From, To: d.Period.To,
		Amount: d.Amount, Every: d.Pay.Every, Status: "active", CreatedAt: w.now, CreatedBy: w.actor.ID,
	}
	if string(payout) != "null" {
		a.Payout = payout
	}
	if err := w.tx.PutAward(w.ctx, a); err != nil {
		return err
	}
	if err := w.tx.PutSchedule(w.ctx, a.ID, schedule(d)); err != nil {
		return err
	}
	w.paid(a)
	w.journal("award", r, d.Measure+" "+d.Period.String()+" "+d.Amount.String())
	return nil
}

// schedule lists the dates from which the amount of the award is another one.
func schedule(d *measure.Decision) []kernel.Scheduled {
	out := []kernel.Scheduled{{From: d.Period.From, Every: d.Pay.Every, Amount: d.Amount}}
	for _, s := range d.Slices {
		if s.Amount != out[len(out)-1].Amount {
			out = append(out, kernel.Scheduled{From: s.From, Every: d.Pay.Every, Amount: s.Amount})
		}
	}
	return out
}
