package measure

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// Compile makes a Measure of a definition, or says everything that is wrong with it. The catalog is linked: laws, and
// the words of the loader's meta-schema, are checked already.
func Compile(m *schema.Measure, cat *schema.Catalog, env *expr.Env) (*Measure, schema.Diagnostics) {
	c := &compiler{m: &Measure{def: m, cat: cat, env: env}, def: m, cat: cat, env: env, vars: map[string]*expr.Type{},
		stages: map[string]stage{"slice": stageSlice, "period": stagePeriod}}
	if c.heads() {
		c.names()
		c.conditions()
		c.period()
		c.money()
		c.gifts()
		c.claim()
	}
	diags := c.diags.Sorted()
	if diags.Faulty() {
		return nil, diags
	}
	c.m.vars = c.vars
	return c.m, diags
}

// compiler compiles one measure.
type compiler struct {
	m      *Measure
	def    *schema.Measure
	cat    *schema.Catalog
	env    *expr.Env
	vars   map[string]*expr.Type // names that are visible everywhere but in `asked` and the paths of persons
	stages map[string]stage      // of names that are not of the first stage
	diags  schema.Diagnostics
}

func (c *compiler) fault(pos schema.Pos, code, format string, args ...any) *schema.Diagnostic {
	c.diags = append(c.diags, schema.Faultf(pos, code, format, args...))
	return &c.diags[len(c.diags)-1]
}

// expression, path, template and value compile one slot; nil after a fault, and for a slot that is not written.
func (c *compiler) expression(src schema.Scalar, scope map[string]*expr.Type, want *expr.Type) *expr.Program {
	if src.IsZero() {
		return nil
	}
	return c.keep(c.env.Compile(src, expr.Scope{Vars: scope}, want))
}

func (c *compiler) path(src schema.Scalar, scope map[string]*expr.Type) *expr.Program {
	if src.IsZero() {
		return nil
	}
	return c.keep(c.env.CompilePath(src, expr.Scope{Vars: scope}))
}

func (c *compiler) template(src schema.Scalar, scope map[string]*expr.Type) *expr.Program {
	if src.IsZero() {
		return nil
	}
	return c.keep(c.env.CompileTemplate(src, expr.Scope{Vars: scope}))
}

func (c *compiler) value(v schema.Value, scope map[string]*expr.Type, want *expr.Type) *expr.Program {
	if v.IsZero() {
		return nil
	}
	return c.keep(c.env.CompileValue(v, expr.Scope{Vars: scope}, want))
}

func (c *compiler) keep(p *expr.Program, diags schema.Diagnostics) *expr.Program {
	c.diags = append(c.diags, diags...)
	if diags.Faulty() {
		return nil
	}
	if p != nil {
		c.labelled(p.Labels())
	}
	return p
}

// labelled notes labels on which the decision depends.
func (c *compiler) labelled(labels []string) {
	c.m.labels = append(c.m.labels, labels...)
	slices.Sort(c.m.labels)
	c.m.labels = slices.Compact(c.m.labels)
}

// heads compiles what everything else reads: the document, the day asked, the persons. Without the document and the
// beneficiary nothing more can be said.
func (c *compiler) heads() bool {
	c.m.doc = c.cat.Documents[c.def.About.Text]
	if c.m.doc == nil {
		c.fault(cmp.Or(c.def.About.Pos, c.def.Pos), CodeType, "there is no document %q for the measure to be about", c.def.About.Text)
		return false
	}
	doc := map[string]*expr.Type{"doc": expr.RecordOf(c.m.doc.Name)}
	c.m.asked = c.expression(c.def.Asked, doc, expr.DateT)
	if c.def.Beneficiary.IsZero() {
		c.fault(c.def.Pos, CodeMissing, "a measure says whose right it is").Hint = "beneficiary: doc.applicant"
		return false
	}
	c.m.beneficiary = c.path(c.def.Beneficiary, doc)
	person, _, ok := c.recordType(c.m.beneficiary, c.def.Beneficiary)
	if !ok {
		return false
	}
	c.vars["doc"] = doc["doc"]
	c.vars["beneficiary"] = expr.RecordOf(person)
	recipient := person
	if c.m.recipient = c.path(c.def.Recipient, map[string]*expr.Type{"doc": doc["doc"], "beneficiary": c.vars["beneficiary"]}); c.m.recipient != nil {
		var several bool
		if recipient, several, ok = c.recordType(c.m.recipient, c.def.Recipient); ok && several {
			c.fault(c.def.Recipient.Pos, CodeRecord, "%s gives several records, one recipient is wanted", c.def.Recipient)
		}
	}
	c.vars["recipient"] = expr.RecordOf(recipient)
	c.vars["asked"] = expr.DateT
	c.vars["slice"] = expr.PeriodT
	c.vars["period"] = expr.PeriodT
	return true
}

// recordType is the document to which a path leads, and whether it leads to several.
func (c *compiler) recordType(p *expr.Program, src schema.Scalar) (document string, many, ok bool) {
	if p == nil {
		return "", false, false
	}
	t := p.Type()
	if t.Kind == expr.List {
		t, many = t.Elem, true
	}
	if t == nil || t.Kind != schema.Link {
		c.fault(src.Pos, CodeRecord, "%s is %s, a record is wanted", src, p.Type())
		return "", false, false
	}
	return t.Of, many, true
}

// slot is a part of a measure: what it is in words, and the latest stage whose names it may read.
type slot struct {
	what   string
	pos    schema.Pos
	most   stage
	sliced bool // evaluated for each slice, so that it may not read the document
}

// stageOf is the latest stage of what programs read, nil ones aside.
func (c *compiler) stageOf(programs ...*expr.Program) stage {
	out := stageDecision
	for _, p := range programs {
		if p != nil {
			for _, n := range p.Reads() {
				out = max(out, c.stages[n])
			}
		}
	}
	return out
}

// check faults what a slot may not read.
func (c *compiler) check(s slot, programs ...*expr.Program) {
	c.paid(s, programs)
	var reads []string
	for _, p := range programs {
		if p != nil {
			reads = append(reads, p.Reads()...)
		}
	}
	slices.Sort(reads)
	for _, n := range slices.Compact(reads) {
		switch st := c.stages[n]; {
		case st > s.most && st == stageSlice:
			c.fault(s.pos, CodeSliceName, "%s is computed once, but reads %s, which is computed for each slice", s.what, n).
				Hint = "conditions on slices stand in `while`; what is computed once may read the day asked"
		case st > s.most:
			c.fault(s.pos, CodePeriodName, "%s is computed before the period is known, but reads %s", s.what, n)
		case n == "doc" && s.sliced:
			c.fault(s.pos, CodeDocument, "%s is computed for each slice, so it may not read doc", s.what).
				Hint = "give what it reads a name in `let`: the decision keeps it"
		}
	}
}

// conditions compiles `conditions` and `while`.
func (c *compiler) conditions() {
	if n := len(c.def.Conditions) + len(c.def.While); n > maxConditions {
		c.fault(c.def.Pos, CodeLimit, "%d conditions, at most %d are allowed", n, maxConditions)
	}
	seen := map[string]bool{}
	add := func(list []*schema.Condition, most stage) []*condition {
		var out []*condition
		for _, def := range list {
			if fact := c.m.named(def.Name); seen[def.Name] || fact != nil && fact.fact != nil {
				c.fault(def.Pos, CodeDuplicate, "another condition or fact is called %s: answers and reasons go by name", def.Name)
			}
			seen[def.Name] = true
			out = append(out, c.condition(def, most))
		}
		return out
	}
	c.m.conditions = add(c.def.Conditions, stageDecision)
	c.m.while = add(c.def.While, stageSlice)
}

func (c *compiler) condition(def *schema.Condition, most stage) *condition {
	s := slot{what: "condition " + def.Name, pos: cmp.Or(def.Rule.Pos, def.Pos), most: most, sliced: most == stageSlice}
	out := &condition{name: def.Name, title: def.Title, question: def.Question, law: def.Law, row: def.OfName}
	if out.law.IsZero() {
		out.law = c.def.Law
	}
	out.from = c.date(def.From)
	out.fails = c.fails(def)
	if def.Rule.IsZero() {
		c.fault(def.Pos, CodeMissing, "condition %s has no rule", def.Name)
	}
	if def.Refuse.IsZero() && def.Title == "" {
		c.diags = append(c.diags, schema.Lintf(def.Pos, CodeWords, "condition %s has no words for its refusal: write refuse or title", def.Name))
	}
	scope := maps.Clone(c.vars)
	if !def.Of.IsZero() {
		out.of = c.expression(def.Of, scope, nil)
		c.open(scope, schema.Scalar{Text: def.OfName, Pos: def.Pos}, c.elements(out.of, def))
	}
	for _, l := range def.Lets {
		n := &name{name: l.Name, pos: l.Pos, let: c.value(l.Value, scope, nil), typ: expr.Dyn}
		if n.let != nil {
			n.typ = n.let.Type()
		}
		c.open(scope, schema.Scalar{Text: l.Name, Pos: l.Pos}, n.typ)
		out.lets = append(out.lets, n)
	}
	out.rule = c.expression(def.Rule, scope, expr.Bool)
	out.refuse = c.template(def.Refuse, scope)
	programs := []*expr.Program{out.rule, out.refuse, out.of}
	for _, lang := range c.m.cat.Languages() {
		if w := c.words(def, lang, most, scope); w != nil {
			out.words, programs = append(out.words, *w), append(programs, w.refuse)
		}
	}
	for _, l := range out.lets {
		programs = append(programs, l.let)
	}
	c.check(s, programs...)
	out.reads = c.declared(programs)
	return out
}

// words are what a translation says of a condition; nil where it says nothing.
func (c *compiler) words(def *schema.Condition, lang string, most stage, scope map[string]*expr.Type) *words {
	at := "measures/" + c.def.Name + "/conditions/" + def.Name
	if most == stageSlice {
		at = "measures/" + c.def.Name + "/while/" + def.Name
	}
	title, titled := c.m.cat.Translation(lang, at+"/title")
	refuse, refused := c.m.cat.Translation(lang, at+"/refuse")
	if !titled && !refused {
		return nil
	}
	return &words{lang: lang, title: title.Text, refuse: c.template(refuse, scope)}
}

// declared are the facts and lets that programs read.
func (c *compiler) declared(programs []*expr.Program) []string {
	var out []string
	for _, p := range programs {
		if p == nil {
			continue
		}
		for _, n := range p.Reads() {
			if c.m.named(n) != nil {
				out = append(out, n)
			}
		}
	}
	return joined(out)
}

// open adds a name of a condition to its scope.
func (c *compiler) open(scope map[string]*expr.Type, n schema.Scalar, t *expr.Type) {
	if scope[n.Text] != nil {
		c.fault(n.Pos, CodeDuplicate, "the name %s has a meaning here already", n.Text)
	}
	scope[n.Text] = t
}

func (c *compiler) elements(p *expr.Program, def *schema.Condition) *expr.Type {
	if p == nil {
		return expr.Dyn
	}
	switch t := p.Type(); t.Kind {
	case expr.List:
		return t.Elem
	case expr.AnyKind:
		return expr.Dyn
	default:
		c.fault(def.Of.Pos, CodeWrong, "%s is %s, a list is wanted", def.Of, t)
		return expr.Dyn
	}
}

func (c *compiler) fails(def *schema.Condition) Status {
	switch def.Fails {
	case "", "skip":
		return Skipped
	case "hold":
		return Held
	case "end":
		return Ended
	}
	c.fault(def.Pos, CodeWrong, "fails is skip, hold or end, not %q", def.Fails)
	return Skipped
}

func (c *compiler) date(s schema.Scalar) value.Date {
	if s.IsZero() {
		return value.Date{}
	}
	d, err := value.ParseDate(s.Text)
	if err != nil {
		c.fault(s.Pos, CodeWrong, "%v", err)
	}
	return d
}

// period compiles from when to when. The end may read the beginning.
func (c *compiler) period() {
	c.m.from = c.value(c.def.PeriodFrom, c.vars, expr.DateT)
	c.check(slot{what: "the beginning of the period", pos: c.def.PeriodFrom.Pos}, c.m.from)
	scope := maps.Clone(c.vars)
	scope["period"] = expr.ObjectOf(map[string]*expr.Type{"from": expr.DateT})
	c.m.to = c.value(c.def.PeriodTo, scope, expr.DateT)
	delete(c.stages, "period")
	c.check(slot{what: "the end of the period", pos: c.def.PeriodTo.Pos}, c.m.to)
	c.stages["period"] = stagePeriod
}

// money compiles the amount and how it is paid.
func (c *compiler) money() {
	if c.def.Amount.IsZero() && len(c.def.Gives) == 0 {
		c.fault(c.def.Pos, CodeMissing, "a measure has an amount, or gives a document")
	}
	pos := cmp.Or(c.def.Pay.Pos, c.def.Pos)
	c.m.pay = Pay{Every: cmp.Or(c.def.Pay.Every, everyOnce), Part: cmp.Or(c.def.Pay.Part, partWhole)}
	if !slices.Contains([]string{everyMonth, everyQuarter, everyYear, everyOnce}, c.m.pay.Every) {
		c.fault(pos, CodeWrong, "every is month, quarter, year or once, not %q", c.m.pay.Every)
	}
	if !slices.Contains([]string{partWhole, partDays, partNone}, c.m.pay.Part) {
		c.fault(pos, CodeWrong, "part is whole, days or none, not %q", c.m.pay.Part)
	}
	c.m.amount = c.value(c.def.Amount, c.vars, expr.MoneyT)
	c.m.due = c.expression(c.def.Pay.Due, c.vars, expr.DateT)
	c.check(slot{what: "the amount", pos: cmp.Or(c.def.Amount.Pos, c.def.Pos), most: stageSlice, sliced: true}, c.m.amount)
	c.check(slot{what: "the due date", pos: c.def.Pay.Due.Pos, most: stageSlice, sliced: true}, c.m.due)
	c.m.dueReadsNames = c.m.due != nil && slices.ContainsFunc(c.m.due.Reads(), func(n string) bool { return n != "slice" && c.stages[n] == stageSlice })
	c.m.parameters = c.sliceParameters()
	if r := c.def.Recover; !r.IsZero() {
		n, err := value.ParseNumber(r.Text)
		if err != nil || n.Sign() < 0 || n.Compare(value.NewNumber(100, 1)) > 0 {
			c.fault(r.Pos, CodeWrong, "recover is a percent from 0 to 100, not %q", r)
		}
	}
}

// sliceParameters are those whose change changes a slice.
func (c *compiler) sliceParameters() []string {
	programs := []*expr.Program{c.m.amount}
	for _, w := range c.m.while {
		programs = append(programs, w.rule, w.of)
		for _, l := range w.lets {
			programs = append(programs, l.let)
		}
	}
	for _, n := range c.m.names {
		switch {
		case n.stage != stageSlice:
		case n.fact != nil:
			programs = append(programs, n.fact.at, n.fact.over)
		default:
			programs = append(programs, n.let)
		}
	}
	var out []string
	for _, p := range programs {
		if p != nil {
			out = append(out, p.Parameters()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// claim compiles the purpose: the key that one award takes.
func (c *compiler) claim() {
	p := c.def.Purpose
	c.m.claim = Purpose{Name: cmp.Or(p.Name.Text, c.def.Name), Per: cmp.Or(p.Per, "slice"), Conflict: cmp.Or(p.Conflict, "refuse")}
	pos := cmp.Or(p.Pos, c.def.Pos)
	if !slices.Contains([]string{"slice", "year", "life"}, c.m.claim.Per) {
		c.fault(pos, CodeWrong, "per is slice, year or life, not %q", c.m.claim.Per)
	}
	if !slices.Contains([]string{"refuse", "replace", "larger"}, c.m.claim.Conflict) {
		c.fault(pos, CodeWrong, "conflict is refuse, replace or larger, not %q", c.m.claim.Conflict)
	}
	if purposes := c.cat.Classifiers[purposeClassifier]; !p.Name.IsZero() && (purposes == nil || purposes.Item(p.Name.Text) == nil) {
		c.fault(p.Name.Pos, CodePurpose, "%q is no item of the classifier %s", p.Name, purposeClassifier)
	}
	for _, src := range p.Of {
		if path := c.path(src, c.vars); path != nil {
			c.check(slot{what: fmt.Sprintf("the purpose, by %s,", src), pos: src.Pos, most: stagePeriod}, path)
			c.m.purpose = append(c.m.purpose, path)
		}
	}
}

const purposeClassifier = "Purpose"
