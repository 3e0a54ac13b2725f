package measure

import (
	"cmp"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/filter"
	"mera/schema/value"
)

// own are the names that a measure has without declaring them.
var own = []string{"doc", "asked", "slice", "beneficiary", "recipient", "period", "total"}

// draft is a fact or let on its way to a name.
type draft struct {
	name  string
	pos   schema.Pos
	fact  *schema.Fact
	let   *schema.Let
	reads []string // other drafts
}

// names compiles facts and lets in the order in which they read each other.
func (c *compiler) names() {
	drafts := c.drafts()
	for _, d := range c.ordered(drafts) {
		n := &name{name: d.name, pos: d.pos, typ: expr.Dyn}
		if d.fact != nil {
			c.fact(n, d.fact)
		} else {
			c.let(n, d.let)
		}
		n.reads = d.reads
		n.layer = c.layer(n)
		c.vars[n.name], c.stages[n.name] = n.typ, n.stage
		c.m.names = append(c.m.names, n)
	}
	if facts := c.m.sliceFacts(); facts > massFacts {
		c.diags = append(c.diags, schema.Lintf(c.def.Pos, CodeManyFacts, "%d facts are read for each slice, a mass measure reads at most %d", facts, massFacts))
	}
}

func (c *compiler) drafts() []*draft {
	var out []*draft
	for _, f := range c.def.Facts {
		out = append(out, &draft{name: f.Name, pos: f.Pos, fact: f})
	}
	for _, l := range c.def.Lets {
		out = append(out, &draft{name: l.Name, pos: l.Pos, let: l})
	}
	if len(c.def.Facts) > maxFacts {
		c.fault(c.def.Pos, CodeLimit, "%d facts, at most %d are allowed", len(c.def.Facts), maxFacts)
	}
	if len(c.def.Lets) > maxLets {
		c.fault(c.def.Pos, CodeLimit, "%d lets, at most %d are allowed", len(c.def.Lets), maxLets)
	}
	seen := map[string]bool{}
	out = slices.DeleteFunc(out, func(d *draft) bool {
		switch {
		case slices.Contains(own, d.name):
			c.fault(d.pos, CodeReserved, "%s is a name of every measure", d.name)
			return true
		case seen[d.name]:
			c.fault(d.pos, CodeDuplicate, "another fact or let is called %s", d.name)
			return true
		}
		seen[d.name] = true
		return false
	})
	for _, d := range out {
		d.reads = c.drawn(d, seen)
	}
	return out
}

// drawn are the facts and lets that a draft reads. Their types are not known yet, so all of them may be anything, and
// faults are left to the compilation proper.
func (c *compiler) drawn(d *draft, drafts map[string]bool) []string {
	scope := expr.Scope{Vars: map[string]*expr.Type{}}
	for n, t := range c.vars {
		scope.Vars[n] = t
	}
	for n := range drafts {
		scope.Vars[n] = expr.Dyn
	}
	var programs []*expr.Program
	add := func(p *expr.Program, _ schema.Diagnostics) { programs = append(programs, p) }
	if f := d.fact; f != nil {
		for _, src := range []schema.Scalar{f.Of, f.At, f.Over} {
			if !src.IsZero() {
				add(c.env.Compile(src, scope, nil))
			}
		}
	} else if !d.let.Value.IsZero() {
		add(c.env.CompileValue(d.let.Value, scope, nil))
	}
	var out []string
	for _, p := range programs {
		if p == nil {
			continue
		}
		for _, n := range p.Reads() {
			if drafts[n] {
				out = append(out, n)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ordered puts each draft after those that it reads, otherwise as written. Those of a cycle are told and left out.
func (c *compiler) ordered(drafts []*draft) []*draft {
	var out []*draft
	done := map[string]bool{}
	ready := func(d *draft) bool {
		return !done[d.name] && !slices.ContainsFunc(d.reads, func(n string) bool { return !done[n] })
	}
	for len(out) < len(drafts) {
		i := slices.IndexFunc(drafts, ready)
		if i < 0 {
			c.cycle(drafts, done)
			return out
		}
		done[drafts[i].name] = true
		out = append(out, drafts[i])
	}
	return out
}

// cycle names one cycle among drafts that could not be ordered, and makes its names known, so that their readers are
// not faulted too.
func (c *compiler) cycle(drafts []*draft, done map[string]bool) {
	left := map[string]*draft{}
	var first *draft
	for _, d := range drafts {
		if !done[d.name] {
			left[d.name] = d
			first = cmp.Or(first, d)
			c.vars[d.name] = expr.Dyn
		}
	}
	var trail []string
	d := first
	for !slices.Contains(trail, d.name) {
		trail = append(trail, d.name)
		d = left[d.reads[slices.IndexFunc(d.reads, func(n string) bool { return left[n] != nil })]]
	}
	trail = append(trail[slices.Index(trail, d.name):], d.name)
	c.fault(d.pos, CodeCycle, "%s cannot be computed: %s", d.name, strings.Join(trail, " reads "))
}

func (c *compiler) let(n *name, def *schema.Let) {
	if def.Value.IsZero() {
		c.fault(def.Pos, CodeMissing, "let %s has no value", def.Name)
		return
	}
	if n.let = c.value(def.Value, c.vars, nil); n.let == nil {
		return
	}
	n.typ, n.stage = n.let.Type(), c.stageOf(n.let)
	c.check(slot{what: "let " + n.name, pos: def.Pos, most: stageSlice, sliced: n.stage == stageSlice}, n.let)
}

// layer is how deep facts read facts; more than four layers are too many statements for one decision.
func (c *compiler) layer(n *name) int {
	layer := 0
	for _, r := range n.reads {
		if read := c.m.named(r); read != nil {
			layer = max(layer, read.layer)
		}
	}
	if n.fact == nil {
		return layer
	}
	if layer++; layer == maxLayers+1 {
		c.fault(n.pos, CodeLayers, "fact %s reads facts that read facts, more than %d deep", n.name, maxLayers)
	}
	return layer
}

func (c *compiler) fact(n *name, def *schema.Fact) {
	f := &fact{each: def.Each, typ: def.Type.Text, max: cmp.Or(def.Max, defaultMax)}
	n.fact = f
	doc := factType(c.cat, f.typ)
	if doc == nil {
		c.unknownType(def)
		return
	}
	n.typ = expr.RecordOf(doc.Name)
	if def.Each {
		n.typ = expr.ListOf(n.typ)
	}
	if f.max > maxRecords || f.max < 0 {
		c.fault(def.Pos, CodeLimit, "max of fact %s is %d, at most %d are allowed", def.Name, f.max, maxRecords)
	}
	c.whose(f, def, doc)
	c.window(f, def, doc)
	c.counted(def)
	if n.stage = c.stageOf(f.of, f.at, f.over); n.stage == stageSlice {
		c.check(slot{what: "fact " + def.Name, pos: def.Pos, most: stageSlice, sliced: true}, f.at, f.over)
	}
	f.where = filter.Everything()
	if def.Where != nil {
		where, diags := filter.Compile(c.cat, doc.Name, def.Where, nil)
		c.diags = append(c.diags, diags...)
		if f.where = where; where != nil {
			c.labelled(c.m.filtersBy(f))
		}
	}
	c.asks(f, def)
}

func (c *compiler) unknownType(def *schema.Fact) {
	if filter.KernelType(def.Type.Text) != nil {
		c.fault(def.Type.Pos, CodeKernelType, "%s is no type of facts", def.Type).
			Hint = "of the kernel's own types there are facts of Award and Entitlement"
		return
	}
	c.fault(cmp.Or(def.Type.Pos, def.Pos), CodeType, "there is no document %q", def.Type.Text)
}

// whose compiles `of` and finds the link that leads from the fact's type to it.
func (c *compiler) whose(f *fact, def *schema.Fact, doc *schema.Document) {
	if def.Of.IsZero() {
		c.fault(def.Pos, CodeMissing, "fact %s does not say whose: of", def.Name)
		return
	}
	f.ofText = def.Of.Text
	f.of = c.path(def.Of, c.vars)
	target, _, ok := c.recordType(f.of, def.Of)
	if !ok {
		return
	}
	f.ofType = target
	links := c.links(doc, target)
	switch {
	case !def.Via.IsZero() && slices.Contains(links, def.Via.Text):
		f.via = def.Via.Text
	case !def.Via.IsZero():
		c.fault(def.Via.Pos, CodeLink, "%s has no link %s to %s", doc.Name, def.Via, target).Hint = choice("its links", links)
	case len(links) == 1 || len(links) > 1 && isKernel(doc): // of an award first of all the beneficiary
		f.via = links[0]
	case len(links) == 0 && doc.Name == target:
		f.via = viaSelf
	case len(links) == 0:
		c.fault(def.Of.Pos, CodeLink, "%s has no link to %s", doc.Name, target)
	default:
		c.fault(def.Of.Pos, CodeLink, "%s has several links to %s: say which by via", doc.Name, target).Hint = choice("its links", links)
	}
}

// viaSelf stands for the records themselves: a fact of the type that `of` leads to.
const viaSelf = "id"

func choice(what string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return what + ": " + strings.Join(names, ", ")
}

// factType is a type of which there are facts: a document, or one of the kernel's own; nil if there is none.
func factType(cat *schema.Catalog, name string) *schema.Document {
	return cmp.Or(cat.Documents[name], schema.KernelFact(name))
}

func isKernel(doc *schema.Document) bool { return schema.KernelFact(doc.Name) == doc }

// links are the properties of a document that lead to another, to the one which that extends, or to cases where it is
// one.
func (c *compiler) links(doc *schema.Document, target string) []string {
	targets := []string{target}
	if d := c.cat.Documents[target]; d != nil && !d.Extends.IsZero() {
		targets = append(targets, d.Extends.Text)
	}
	if c.cat.WorkflowOf(target) != nil {
		targets = append(targets, "Case")
	}
	var out []string
	for _, p := range doc.Properties {
		if t := p.Type; t != nil && t.Kind == schema.Link && slices.Contains(targets, t.Of) {
			out = append(out, p.Name)
		}
	}
	return out
}

// window compiles `at` or `over`. A type without a period has no days to ask for.
func (c *compiler) window(f *fact, def *schema.Fact, doc *schema.Document) {
	f.at = c.expression(def.At, c.vars, expr.DateT)
	f.over = c.expression(def.Over, c.vars, expr.PeriodT)
	f.once = f.typ == entitlementType && def.Over.Text == "slice"
	switch {
	case doc.Holds == nil:
		f.at, f.over = nil, nil
	case !def.At.IsZero() && !def.Over.IsZero():
		c.fault(def.Over.Pos, CodeWindow, "fact %s says both at and over", def.Name)
	case def.At.IsZero() && def.Over.IsZero():
		c.fault(def.Pos, CodeWindow, "fact %s does not say on which days: at or over", def.Name).Hint = "at: asked"
	}
}

// citizenWord in `ask` lets a document that the citizen brought stand for all requests.
const citizenWord = "citizen"

func (c *compiler) asks(f *fact, def *schema.Fact) {
	for _, a := range def.Ask {
		if a.Text == citizenWord {
			f.citizen = true
			continue
		}
		f.ask = append(f.ask, a.Text)
		flow := RequestFlow(c.cat, a.Text)
		switch {
		case flow == nil:
			c.fault(a.Pos, CodeRequest, "there is no request %q: an exchange with an answer", a.Text)
		case CoverOf(flow, f.typ) == "":
			c.fault(a.Pos, CodeCover, "the answer of %s covers nothing about %s", a, f.typ).
				Hint = "covers: {" + f.typ + ": untilTold} in the answer of the exchange"
		}
	}
	if def.Fresh.IsZero() {
		return
	}
	d, err := value.ParseDuration(def.Fresh.Text)
	if err != nil {
		c.fault(def.Fresh.Pos, CodeWrong, "%v", err)
	}
	f.fresh = d
}
