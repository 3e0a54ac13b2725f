package measure

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mera/schema/expr"
	"mera/schema/value"
)

// run is one evaluation of names for one beneficiary: of the decision, or of one piece of a slice.
type run struct {
	m       *Measure
	in      Input
	vars    map[string]any
	day     value.Date // with which dates of cases and conditions are compared
	cost    *uint64
	facts   []FactRead
	lets    []Named
	answers map[string]bool // that were used
	turn    func(value.Date)
}

func newRun(m *Measure, in Input, day value.Date, cost uint64) *run {
	return &run{m: m, in: in, vars: map[string]any{}, day: day, cost: &cost, answers: map[string]bool{}}
}

// piece is a run for a piece of a slice that sees the names of this one.
func (r *run) piece(slice value.Period, cost *uint64) *run {
	p := &run{m: r.m, in: r.in, vars: maps.Clone(r.vars), day: slice.From, cost: cost, answers: r.answers}
	p.vars["slice"] = slice
	return p
}

func (r *run) eval(what string, p *expr.Program) (expr.Result, error) {
	res, err := p.Eval(expr.Input{Ctx: r.in.Ctx, Vars: r.vars, Day: r.day, World: r.in.World, Trace: true, Cost: r.cost, Turn: r.turn})
	if err != nil {
		return res, fmt.Errorf("measure %s, %s: %w", r.m.def.Name, what, err)
	}
	return res, nil
}

// compute computes the names of a stage.
func (r *run) compute(s stage) error {
	for _, n := range r.m.names {
		if n.stage != s {
			continue
		}
		var err error
		if n.fact != nil {
			err = r.fact(n)
		} else {
			var let Named
			let, err = r.let(n)
			r.lets = append(r.lets, let)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// let computes a let and makes its value visible.
func (r *run) let(n *name) (Named, error) {
	res, err := r.eval("let "+n.name, n.let)
	if err != nil {
		return Named{}, err
	}
	v := visible(res)
	r.vars[n.name] = v
	out := Named{Name: n.name, Reads: n.reads, Unclear: res.Unclear, Law: res.Law, Trace: steps(res.Trace), Text: display(v)}
	if res.Case > 0 {
		out.Case = res.Case + 1
	}
	out.Value, err = encode(v)
	if err != nil {
		return Named{}, fmt.Errorf("measure %s, let %s: %w", r.m.def.Name, n.name, err)
	}
	return out, nil
}

// visible is what readers of a result see: the value, the part of a list that is known, or what is missing.
func visible(res expr.Result) any {
	if res.Known() {
		return res.Value
	}
	switch res.Value.(type) {
	case expr.PartList, []any: // what is not known stands inside
		return res.Value
	}
	return expr.Unknown{Names: res.Unclear}
}

func steps(trace []expr.Step) []Step {
	out := make([]Step, 0, len(trace))
	for i, s := range trace {
		if i > 0 && s.Text == trace[i-1].Text && s.Value == trace[i-1].Value { // the whole repeats its only part
			continue
		}
		out = append(out, Step{Text: s.Text, Value: s.Value, Source: s.Source, Law: s.Law})
	}
	return out
}

// fact reads a fact and makes its records visible.
func (r *run) fact(n *name) error {
	q, read, err := r.query(n)
	if err != nil {
		return err
	}
	if q == nil {
		r.facts = append(r.facts, read)
		r.vars[n.name] = expr.Unknown{Names: read.Unclear}
		return nil
	}
	var known Known
	if len(q.Of) > 0 { // of nobody there is nothing to find
		if known, err = r.in.Facts.Find(r.in.Ctx, *q); err != nil {
			return fmt.Errorf("measure %s, fact %s: %w", r.m.def.Name, n.name, err)
		}
	}
	if n.fact.once {
		known.Records = firstSteps(known.Records)
	}
	if len(known.Records) > q.Max {
		return fmt.Errorf("measure %s: %w", r.m.def.Name, &LimitError{What: "fact " + n.name, Most: q.Max})
	}
	read.Missing, read.Sources = slices.Sorted(slices.Values(known.Missing)), known.Sources
	for _, rec := range known.Records {
		read.Records = append(read.Records, Ref{Type: rec.Type, ID: rec.ID, Version: rec.Version})
	}
	if n.fact.citizen && len(read.Missing) > 0 && r.answer(n.name) == true {
		read.Missing, read.Answered = nil, true
		r.answers[n.name] = true
	}
	read.Many = !n.fact.each && len(known.Records) > 1
	r.facts = append(r.facts, read)
	r.vars[n.name] = r.found(n, read, known.Records)
	return nil
}

func (r *run) answer(name string) any { return r.in.Answers[name] }

// found is the value of a fact.
func (r *run) found(n *name, read FactRead, records []*expr.Record) any {
	missing := read.Unclear
	if len(read.Missing) > 0 || read.Many {
		missing = append(slices.Clone(missing), n.name)
	}
	if n.fact.each {
		items := make([]any, len(records))
		for i, rec := range records {
			items[i] = rec
		}
		if len(missing) > 0 {
			return expr.PartList{Items: items, Unknown: missing}
		}
		return items
	}
	switch {
	case len(records) == 1:
		return records[0]
	case len(missing) > 0:
		return expr.Unknown{Names: missing}
	}
	return nil
}

// query is the question that a fact asks; nil where what it depends on is not known, which read then names.
func (r *run) query(n *name) (*FactQuery, FactRead, error) {
	f := n.fact
	read := FactRead{Name: n.name, Type: f.typ}
	of, err := r.eval("fact "+n.name, f.of)
	if err != nil {
		return nil, read, err
	}
	people, missing := records(visible(of), f.ofText)
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	read.Of, read.Unclear = ids, missing
	window, missing, err := r.window(n)
	if err != nil {
		return nil, read, err
	}
	read.Window = window
	read.Unclear = joined(read.Unclear, missing)
	if len(missing) > 0 || len(ids) == 0 && len(read.Unclear) > 0 {
		return nil, read, nil
	}
	return &FactQuery{Fact: n.name, Type: f.typ, Via: f.via, Of: ids, Window: window, Where: f.where, Ask: f.ask,
		Citizen: f.citizen, Fresh: f.fresh, Max: f.max}, read, nil
}

// window is the days that a fact reads; nil for a type without a period.
func (r *run) window(n *name) (*value.Period, []string, error) {
	program := cmp.Or(n.fact.at, n.fact.over)
	if program == nil {
		return nil, nil, nil
	}
	res, err := r.eval("fact "+n.name, program)
	if err != nil || !res.Known() {
		return nil, res.Unclear, err
	}
	switch v := res.Value.(type) {
	case value.Date:
		return &value.Period{From: v, To: v}, nil, nil
	case value.Period:
		return &v, nil, nil
	}
	return nil, []string{n.name}, nil // absent days: the fact cannot say when
}

// joined is the sorted union of names.
func joined(lists ...[]string) []string {
	out := slices.Concat(lists...)
	slices.Sort(out)
	return slices.Compact(out)
}

// missing are the requests without which the named facts are not known.
func missing(facts []FactRead, unclear []string) []string {
	var out []string
	for _, f := range facts {
		if slices.ContainsFunc(unclear, func(n string) bool { return root(n) == f.Name }) {
			out = append(out, f.Missing...)
		}
	}
	return joined(out)
}

// root is the name that a path starts from.
func root(path string) string {
	name, _, _ := strings.Cut(path, ".")
	return name
}

// judge judges a condition, which must be in force. Its own names are gone afterwards.
func (r *run) judge(c *condition) (Judged, []Reason, error) {
	outer := r.vars
	r.vars = maps.Clone(outer)
	defer func() { r.vars = outer }()
	out := Judged{Name: c.name, Title: c.title, Law: c.law, Reads: c.reads}
	reasons, err := r.rows(c, &out)
	if err != nil || out.Truth != Unknown {
		return out, reasons, err
	}
	out.Question = cmp.Or(c.question, c.title)
	said, ok := r.answer(c.name).(bool)
	if !ok {
		return out, nil, nil
	}
	out.Truth, out.Answered, out.Unclear = True, true, nil
	r.answers[c.name] = said
	if said {
		return out, nil, nil
	}
	out.Truth = False
	return out, []Reason{r.plainReason(c, "")}, nil
}

// rows judges a condition once, or for every row of its list.
func (r *run) rows(c *condition, out *Judged) (reasons []Reason, err error) {
	if c.of == nil {
		row, reason, err := r.rule(c, "")
		out.Truth, out.Unclear, out.Lets, out.Trace = row.Truth, row.Unclear, row.Lets, row.Trace
		return reason, err
	}
	res, err := r.eval("condition "+c.name, c.of)
	if err != nil {
		return nil, err
	}
	var items []any
	items, out.Unclear = elements(visible(res), c.name)
	out.Truth, out.Trace = True, steps(res.Trace)
	if len(out.Unclear) > 0 {
		out.Truth = Unknown
	}
	for _, item := range items {
		r.vars[c.row] = item
		row, reason, err := r.rule(c, display(item))
		if err != nil {
			return nil, err
		}
		reasons = append(reasons, reason...)
		out.Truth, out.Unclear = both(out.Truth, row.Truth), joined(out.Unclear, row.Unclear)
		out.Rows = append(out.Rows, row)
	}
	if out.Truth != Unknown {
		out.Unclear = nil
	}
	return reasons, nil
}

// elements are the known elements of a list, and what is missing to know all of them. An absent list is not known to
// be empty: name stands for it.
func elements(list any, name string) (items []any, missing []string) {
	switch v := list.(type) {
	case []any:
		return v, nil
	case expr.PartList:
		return v.Items, v.Unknown
	case expr.Unknown:
		return nil, v.Names
	}
	return nil, []string{name}
}

// both is Kleene's and.
func both(a, b Truth) Truth {
	switch {
	case a == False || b == False:
		return False
	case a == Unknown || b == Unknown:
		return Unknown
	}
	return True
}

// rule evaluates the rule of a condition with its lets, and words its refusal.
func (r *run) rule(c *condition, row string) (JudgedRow, []Reason, error) {
	out := JudgedRow{Row: row, Truth: Unknown}
	for _, n := range c.lets {
		let, err := r.let(n)
		if err != nil {
			return out, nil, err
		}
		out.Lets = append(out.Lets, let)
	}
	res, err := r.eval("condition "+c.name, c.rule)
	if err != nil {
		return out, nil, err
	}
	out.Trace, out.Unclear = steps(res.Trace), res.Unclear
	switch {
	case !res.Known():
		return out, nil, nil
	case res.Value == nil:
		out.Unclear = []string{c.name}
		return out, nil, nil
	case res.True():
		out.Truth = True
		return out, nil, nil
	}
	out.Truth = False
	reason, err := r.reason(c, row)
	return out, []Reason{reason}, err
}

// plainReason words a refusal by the title: a person's answer has no values to fill a template with.
func (r *run) plainReason(c *condition, row string) Reason {
	out := Reason{Condition: c.name, Title: c.title, Text: cmp.Or(c.title, r.m.def.Title), Row: row, Law: c.law}
	if len(c.words) > 0 {
		out.Words = Words{Title: map[string]string{}, Text: map[string]string{}}
	}
	for _, w := range c.words {
		if w.title != "" {
			out.Words.Title[w.lang], out.Words.Text[w.lang] = w.title, w.title
		}
	}
	return out
}

// reason words a refusal. Words that read what is not known give way to the title.
func (r *run) reason(c *condition, row string) (Reason, error) {
	out := r.plainReason(c, row)
	text, err := r.refusal(c, c.refuse)
	out.Text = cmp.Or(text, out.Text)
	for _, w := range c.words {
		if err != nil {
			break
		}
		if text, err = r.refusal(c, w.refuse); text != "" {
			out.Words.Text[w.lang] = text
		}
	}
	return out, err
}

// refusal evaluates words; "" where there are none, or where they read what is not known.
func (r *run) refusal(c *condition, p *expr.Program) (string, error) {
	if p == nil {
		return "", nil
	}
	res, err := r.eval("condition "+c.name, p)
	if text, ok := res.Value.(string); ok && err == nil && res.Known() {
		return text, nil
	}
	return "", err
}
