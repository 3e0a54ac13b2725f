package measure

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// Decide determines the right: one decision for each beneficiary, in the order of the path. What is not known makes a
// decision unclear, never an error; errors are a *LimitError, ErrNegative, expr.ErrCost, expr.ErrOverflow, and failures
// of Facts and World.
func (m *Measure) Decide(in Input) ([]*Decision, error) {
	in, asked, people, unknown, err := m.heads(in)
	if err != nil {
		return nil, err
	}
	if len(unknown) > 0 {
		d := m.blank(asked)
		d.Result, d.Unclear = Unclear, unknown
		return []*Decision{d}, nil
	}
	var out []*Decision
	for _, person := range people {
		d, r, err := m.decide(in, asked, person)
		if err == nil {
			err = r.plan(d)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// Decidable tells whether the right of every beneficiary would be granted or refused now. Its errors are those of
// Decide.
func (m *Measure) Decidable(in Input) (bool, error) {
	in, asked, people, unknown, err := m.heads(in)
	if err != nil || len(unknown) > 0 {
		return false, err
	}
	for _, person := range people {
		if d, _, err := m.decide(in, asked, person); err != nil || d.Result == Unclear {
			return false, err
		}
	}
	return true, nil
}

// ready checks that an input is complete, and gives it a context.
func (m *Measure) ready(in Input) (Input, error) {
	if in.Doc == nil || in.Facts == nil || in.World == nil {
		return in, fmt.Errorf("measure %s: an input has a document, facts and a world", m.def.Name)
	}
	if in.Ctx == nil {
		in.Ctx = context.Background()
	}
	return in, nil
}

func (m *Measure) blank(asked value.Date) *Decision {
	return &Decision{Measure: m.def.Name, Law: m.def.Law, Asked: asked, Pay: m.pay, Recover: m.def.Recover.Text}
}

// heads finds the day asked and the beneficiaries, only one of them if the input says so; unknown names what they cannot
// be found without.
func (m *Measure) heads(in Input) (_ Input, asked value.Date, people []*expr.Record, unknown []string, err error) {
	if in, err = m.ready(in); err != nil {
		return in, asked, nil, nil, err
	}
	r := newRun(m, in, value.Date{}, decisionCost)
	r.vars["doc"] = in.Doc
	if asked, unknown, err = r.asked(); err != nil || len(unknown) > 0 {
		return in, asked, nil, unknown, err
	}
	res, err := r.eval("beneficiary", m.beneficiary)
	if err != nil {
		return in, asked, nil, nil, err
	}
	people, unknown = records(visible(res), m.def.Beneficiary.Text)
	if in.Beneficiary != "" {
		people = slices.DeleteFunc(people, func(p *expr.Record) bool { return p.ID != in.Beneficiary })
	}
	return in, asked, people, unknown, nil
}

// asked is the day for which the right is asked.
func (r *run) asked() (value.Date, []string, error) {
	program := r.m.asked
	if !r.in.Asked.IsZero() {
		return r.in.Asked, nil, nil
	}
	if program == nil {
		if d, ok := r.dateOfDoc(); ok {
			return d, nil, nil
		}
		if r.in.Created.IsZero() {
			return value.Date{}, []string{"asked"}, nil
		}
		return r.in.Created, nil, nil
	}
	res, err := r.eval("asked", program)
	if err != nil || !res.Known() {
		return value.Date{}, res.Unclear, err
	}
	d, ok := res.Value.(value.Date)
	if !ok {
		return d, []string{r.m.def.Asked.Text}, nil
	}
	return d, nil, nil
}

// dateOfDoc is the property `date` of the document, if it has one that is a date.
func (r *run) dateOfDoc() (value.Date, bool) {
	p := r.m.doc.Property("date")
	if p == nil || p.Type == nil || p.Type.Kind != schema.Date || r.in.Doc == nil {
		return value.Date{}, false
	}
	switch v := r.in.Doc.Data["date"].(type) {
	case value.Date:
		return v, true
	case string:
		d, err := value.ParseDate(v)
		return d, err == nil
	}
	return value.Date{}, false
}

// records are those that a path led to, each once, and what is missing to know them all.
func records(v any, path string) (out []*expr.Record, missing []string) {
	if rec, ok := v.(*expr.Record); ok {
		return []*expr.Record{rec}, nil
	}
	items, missing := elements(v, path)
	for _, it := range items {
		switch it := it.(type) {
		case *expr.Record:
			if !slices.ContainsFunc(out, func(o *expr.Record) bool { return o.ID == it.ID }) {
				out = append(out, it)
			}
		case expr.Unknown:
			missing = joined(missing, it.Names)
		default:
			missing = joined(missing, []string{path})
		}
	}
	return out, missing
}

// decide determines the right of one beneficiary. The run that is returned has the names of the decision.
func (m *Measure) decide(in Input, asked value.Date, person *expr.Record) (*Decision, *run, error) {
	r := newRun(m, in, asked, decisionCost)
	d := m.blank(asked)
	r.vars["doc"], r.vars["asked"], r.vars["beneficiary"] = in.Doc, asked, person
	d.Beneficiary = person.ID
	unknown, err := r.recipient(d)
	if err != nil {
		return nil, nil, err
	}
	if err := r.compute(stageDecision); err != nil {
		return nil, nil, err
	}
	if err := r.conditions(d); err != nil {
		return nil, nil, err
	}
	d.Unclear = joined(d.Unclear, unknown)
	if len(d.Reasons) == 0 && len(d.Unclear) == 0 {
		if err := r.grant(d); err != nil {
			return nil, nil, err
		}
	}
	r.close(d)
	return d, r, nil
}

// close writes the result of what was found, and what it was found from.
func (r *run) close(d *Decision) {
	switch {
	case len(d.Reasons) > 0:
		d.Result, d.Unclear = Refused, nil
	case len(d.Unclear) > 0:
		d.Result = Unclear
		d.Missing = joined(d.Missing, missing(r.facts, d.Unclear))
	default:
		d.Result = Granted
	}
	if d.Result != Granted {
		d.Period, d.Amount, d.Purpose, d.Gives = value.Period{}, 0, Purpose{}, nil
	}
	if d.Result != Unclear { // a slice that waits says itself what for
		d.Missing = nil
	}
	d.Lets, d.Facts = r.lets, r.facts
	if len(r.answers) > 0 {
		d.Answers = r.answers
	}
}

func (r *run) recipient(d *Decision) (unknown []string, err error) {
	r.vars["recipient"] = r.vars["beneficiary"]
	d.Recipient = d.Beneficiary
	if r.m.recipient == nil {
		return nil, nil
	}
	res, err := r.eval("recipient", r.m.recipient)
	if err != nil {
		return nil, err
	}
	d.Recipient = ""
	people, unknown := records(visible(res), r.m.def.Recipient.Text)
	if len(people) != 1 {
		r.vars["recipient"] = expr.Unknown{Names: unknown}
		return joined(unknown, []string{r.m.def.Recipient.Text}), nil
	}
	r.vars["recipient"], d.Recipient = people[0], people[0].ID
	return unknown, nil
}

// conditions judges all conditions in force on the day asked.
func (r *run) conditions(d *Decision) error {
	judged, reasons, err := r.judgeAll(r.m.conditions)
	if err != nil {
		return err
	}
	d.Conditions, d.Reasons = judged, reasons
	for _, j := range judged {
		d.Unclear = joined(d.Unclear, j.Unclear)
	}
	return nil
}

func (r *run) judgeAll(conditions []*condition) (judged []Judged, reasons []Reason, err error) {
	for _, c := range conditions {
		if c.from.After(r.day) {
			continue
		}
		j, why, err := r.judge(c)
		if err != nil {
			return nil, nil, err
		}
		judged, reasons = append(judged, j), append(reasons, why...)
	}
	return judged, reasons, nil
}

// grant computes what follows from the conditions being met: the period, the first slice, the purpose, the gifts.
func (r *run) grant(d *Decision) error {
	for _, step := range []func(*Decision) error{r.period, r.first, r.claim, r.gives} {
		if err := step(d); err != nil || len(d.Reasons) > 0 || len(d.Unclear) > 0 {
			return err
		}
	}
	return nil
}

// plan adds the slices after the first to a grant of a closed period, as far as they can be known now: a measure that
// reads facts for each slice learns them later. How a planned slice came about is told when it falls due.
func (r *run) plan(d *Decision) error {
	if d.Result != Granted || d.Period.To == value.Forever || r.m.sliceFacts() > 0 || len(d.Slices) > 1 {
		return nil
	}
	all, _, err := r.schedule(d.Period, value.Forever, maxPlanned)
	if err != nil {
		return err
	}
	for _, s := range all[1:] {
		s.Pieces = nil
		d.Slices = append(d.Slices, s)
	}
	return nil
}

// period computes from when to when, and the names that read it.
func (r *run) period(d *Decision) error {
	from, err := r.bound(d, "period.from", r.m.from, d.Asked)
	if err != nil {
		return err
	}
	r.vars["period"] = map[string]any{"from": from}
	to, err := r.bound(d, "period.to", r.m.to, value.Forever)
	if err != nil || len(d.Unclear) > 0 {
		return err
	}
	d.Period = value.Period{From: from, To: to}
	r.vars["period"] = d.Period
	if _, any := r.firstUnit(d.Period); !any {
		d.Reasons = []Reason{{Condition: "period", Title: r.m.def.Title, Text: r.m.def.Title, Law: r.m.def.Law}}
		return nil
	}
	return r.compute(stagePeriod)
}

// bound is one end of the period; absent where no case of it applies.
func (r *run) bound(d *Decision, what string, p *expr.Program, absent value.Date) (value.Date, error) {
	if p == nil {
		return absent, nil
	}
	res, err := r.eval(what, p)
	if err != nil {
		return absent, err
	}
	d.Trace = append(d.Trace, steps(res.Trace)...)
	d.Unclear = joined(d.Unclear, res.Unclear)
	if v, ok := res.Value.(value.Date); ok && res.Known() {
		return v, nil
	}
	return absent, nil
}

// firstUnit is the first unit that is paid.
func (r *run) firstUnit(p value.Period) (unit, bool) {
	for u := range r.m.paid(p) {
		return u, true
	}
	return unit{}, false
}

// first judges the first slice.
func (r *run) first(d *Decision) error {
	u, _ := r.firstUnit(d.Period)
	s, err := r.slice(u)
	if err != nil {
		return err
	}
	d.Slices, d.Amount = s.apart(), s.Amount
	d.Reasons, d.Unclear = r.m.failing(s)
	d.Missing = joined(d.Missing, s.Missing)
	return nil
}

// failing says why a first slice stands against the right: its reasons if every piece fails a `while`; else what a
// person must clear. Facts of the slice that wait for an answer are no such thing where only the amount needs them: the
// slice waits.
func (m *Measure) failing(s Slice) (reasons []Reason, unknown []string) {
	failed := 0
	for _, p := range s.Pieces {
		if p.failed() {
			failed++
		}
		for _, j := range p.Judged {
			if j.Truth == Unknown {
				unknown = joined(unknown, j.Unclear)
			}
		}
		for _, n := range p.unclear {
			if len(missing(p.Facts, []string{n})) == 0 {
				unknown = joined(unknown, []string{n})
			}
		}
	}
	if failed == len(s.Pieces) {
		return s.Reasons, nil
	}
	return nil, unknown
}

// claim computes the key of the purpose.
func (r *run) claim(d *Decision) error {
	keys := []string{d.Beneficiary}
	if r.m.purpose != nil {
		keys = nil
	}
	for i, p := range r.m.purpose {
		res, err := r.eval("purpose", p)
		if err != nil {
			return err
		}
		key, unknown := r.m.keyOf(visible(res), r.m.def.Purpose.Of[i].Text)
		d.Unclear = joined(d.Unclear, unknown)
		keys = append(keys, key)
	}
	d.Purpose = r.m.claim
	if d.Purpose.Per == "year" {
		keys = append(keys, strconv.Itoa(d.Period.From.Year))
	}
	d.Purpose.Key = strings.Join(keys, "|")
	return nil
}

// keyOf is a value as a part of a key: ids of records, sorted, texts of anything else.
func (m *Measure) keyOf(v any, path string) (string, []string) {
	switch v := v.(type) {
	case *expr.Record:
		return v.ID, nil
	case []any, expr.PartList, expr.Unknown, nil:
		items, unknown := elements(v, path)
		var parts []string
		for _, it := range items {
			part, missing := m.keyOf(it, path)
			parts, unknown = append(parts, part), joined(unknown, missing)
		}
		return strings.Join(joined(parts), ","), unknown
	}
	return display(v), nil
}

// gives computes the documents that the settling makes.
func (r *run) gives(d *Decision) error {
	for _, g := range r.m.gifts {
		set, err := expr.Filled(g.set, func(p *expr.Program) (any, error) {
			res, err := r.eval("gives", p)
			d.Unclear = joined(d.Unclear, res.Unclear)
			if err != nil || !res.Known() {
				return nil, err
			}
			return res.Value, nil
		})
		if err != nil {
			return fmt.Errorf("measure %s, gives %s: %w", r.m.def.Name, g.document.Name, err)
		}
		d.Gives = append(d.Gives, Gift{Document: g.document.Name, Set: set})
	}
	return nil
}
