package exchange

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// Exchanges are the compiled exchanges of a catalog. They are immutable and safe for concurrent use.
type Exchanges struct {
	cat      *schema.Catalog
	texts    map[string]string
	patterns map[string]*regexp.Regexp
	checks   map[string]*expr.Program // of named types, over value
	formats  map[string]*Format
	requests map[string]*Flow // by exchange.flow; that of an exchange with one flow also by its name
}

// Flow is a request: what is sent, and how its answer is understood, if one is wanted.
type Flow struct {
	all    *Exchanges
	def    *schema.Flow
	of     *schema.Exchange
	source string           // the name of the subject
	others []Source         // what else it is made from
	query  *Format          // of what is sent
	record *schema.Document // what is sent
	froms  []from

	answered *schema.Document
	answer   *Format
	clear    *expr.Program
	steps    []*step
	window   *holds // the days asked for, where an answer covers a period

	fresh, wait value.Duration
}

// from is a property of what is sent with the expression that fills it.
type from struct {
	property *schema.Property
	program  *expr.Program
}

// holds names the properties of what is sent that bound the days asked for.
type holds struct{ from, to string }

// Request finds a flow by the name by which definitions ask for it: the exchange, or exchange.flow where it has
// several.
func (x *Exchanges) Request(name string) (*Flow, error) {
	if f, ok := x.requests[name]; ok {
		return f, nil
	}
	return nil, fmt.Errorf("there is no request %q", name)
}

// Format finds a compiled format by name; nil if there is none.
func (x *Exchanges) Format(name string) *Format { return x.formats[name] }

// Exchange is the name of the exchange; its writes are done by the actor exchange:<Name>.
func (f *Flow) Exchange() string { return f.of.Name }

// Name is the name of the flow in its exchange.
func (f *Flow) Name() string { return f.def.Name }

// Title is what people call the request.
func (f *Flow) Title() string {
	for _, t := range []string{f.def.Title, f.of.Title} {
		if t != "" {
			return t
		}
	}
	return f.of.Name
}

// Channel is the name of the channel, which the server's settings bind to a connector.
func (f *Flow) Channel() string { return f.of.Channel.Text }

// Source is a record from which a request is made.
type Source struct{ Name, Type string }

// Subject is the type of the record that is asked about: the first source.
func (f *Flow) Subject() string { return f.def.Source[0].Value.Text() }

// Others are the sources besides the subject.
func (f *Flow) Others() []Source { return f.others }

// Fresh is how long an answer may be used again; zero: never.
func (f *Flow) Fresh() value.Duration { return f.fresh }

// Wait is how long the answer is waited for; zero: for ever.
func (f *Flow) Wait() value.Duration { return f.wait }

// Query is the format of what is sent, Answer that of what comes back.
func (f *Flow) Query() *Format { return f.query }

// Answer is the format of what comes back; nil where nothing does.
func (f *Flow) Answer() *Format { return f.answer }

// Compile resolves all exchanges and formats of a catalog.
func Compile(cat *schema.Catalog, env *expr.Env) (*Exchanges, schema.Diagnostics) {
	x := &Exchanges{cat: cat, patterns: map[string]*regexp.Regexp{}, checks: map[string]*expr.Program{},
		formats: map[string]*Format{}, requests: map[string]*Flow{}}
	c := &compiler{Exchanges: x, env: env}
	var err error
	if x.texts, err = readTexts(); err != nil {
		c.fault(schema.Pos{}, "not-supported", "texts of exchanges: %v", err)
	}
	for _, name := range slices.Sorted(maps.Keys(cat.Types)) {
		c.check(cat.Types[name])
	}
	for _, name := range slices.Sorted(maps.Keys(cat.Documents)) {
		if doc := cat.Documents[name]; doc.Record {
			c.pattern(&schema.Type{Kind: schema.Object, Fields: doc.Properties})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cat.Formats)) {
		if f := c.format(cat.Formats[name]); f != nil {
			x.formats[name] = f
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cat.Exchanges)) {
		c.exchange(cat.Exchanges[name])
	}
	return x, c.faults.Sorted()
}

// compiler collects faults.
type compiler struct {
	*Exchanges
	env    *expr.Env
	faults schema.Diagnostics
}

func (c *compiler) fault(pos schema.Pos, code, format string, args ...any) *schema.Diagnostic {
	c.faults = append(c.faults, schema.Faultf(pos, code, format, args...))
	return &c.faults[len(c.faults)-1]
}

func (c *compiler) compile(src schema.Scalar, s expr.Scope, want *expr.Type) *expr.Program {
	p, faults := c.env.Compile(src, s, want)
	c.faults = append(c.faults, faults...)
	return p
}

// check compiles the patterns and the check of a type; their faults are told by package forms.
func (c *compiler) check(t *schema.TypeDef) {
	if t.Type == nil {
		return
	}
	c.pattern(t.Type)
	if t.Check.IsZero() {
		return
	}
	scope := expr.Scope{Vars: map[string]*expr.Type{"value": expr.FromSchema(t.Type)}}
	if p, faults := c.env.Compile(t.Check, scope, expr.Bool); !faults.Faulty() && p != nil {
		c.checks[t.Name] = p
	}
}

func (c *compiler) pattern(t *schema.Type) {
	if re, err := regexp.Compile(t.Pattern); t.Pattern != "" && err == nil {
		c.patterns[t.Pattern] = re
	}
	if t.Elem != nil {
		c.pattern(t.Elem)
	}
	for _, p := range t.Fields {
		if p.Type != nil {
			c.pattern(p.Type)
		}
	}
}

func (c *compiler) exchange(def *schema.Exchange) {
	for _, flow := range def.Flows {
		f := c.flow(def, flow)
		if f == nil {
			continue
		}
		c.requests[def.Name+"."+flow.Name] = f
		if len(def.Flows) == 1 {
			c.requests[def.Name] = f
		}
	}
}

func (c *compiler) flow(of *schema.Exchange, def *schema.Flow) *Flow {
	switch {
	case !def.Take.IsZero():
		c.fault(def.Take.Pos, "not-supported", "flows that take messages are not supported yet")
		return nil
	case len(def.Steps) > 0:
		c.fault(def.Steps[0].Pos, "not-supported", "steps of a flow that sends stand in its answer")
		return nil
	}
	f := &Flow{all: c.Exchanges, def: def, of: of}
	f.fresh, _ = value.ParseDuration(def.Fresh.Text)
	before := len(c.faults)
	f.record, f.query = c.message(def.Send, def.Format)
	if a := def.Answer; a != nil {
		f.wait, _ = value.ParseDuration(a.Wait.Text)
		f.answered, f.answer = c.message(a.Record, a.Format)
	}
	scope, ok := c.source(f)
	if !ok || f.record == nil || f.query == nil || def.Answer != nil && (f.answered == nil || f.answer == nil) {
		return nil
	}
	c.fill(f, scope)
	if def.Answer != nil {
		c.understand(f, scope)
	}
	if len(c.faults) > before && c.faults[before:].Faulty() {
		return nil
	}
	return f
}

// message finds a record with its format; that they belong together was told by linking.
func (c *compiler) message(record, format schema.Scalar) (*schema.Document, *Format) {
	doc := c.cat.Documents[record.Text]
	if format.IsZero() {
		c.fault(record.Pos, "exchange-format", "%s needs a format", record.Text)
	}
	return doc, c.formats[format.Text]
}

// source is what a request is made from: records of one type each, the first of which is asked about.
func (c *compiler) source(f *Flow) (expr.Scope, bool) {
	scope := expr.Scope{Vars: map[string]*expr.Type{"asked": expr.DateT, "case": expr.RecordOf("Case")}}
	if len(f.def.Source) == 0 {
		c.fault(f.def.Pos, "exchange-source", "a request has a source: {name: Type}")
		return scope, false
	}
	known := true
	for i, src := range f.def.Source {
		name, typ := src.Key.Text, src.Value.Text()
		if scope.Vars[name] != nil || name == "answer" || name == "it" {
			c.fault(src.Key.Pos, "exchange-source", "%q has a meaning already: call the source otherwise", name)
		}
		if typ == "" {
			c.fault(src.Value.Pos, "exchange-source", "a source of a request is a type: {name: Type}")
		}
		scope.Vars[name] = expr.RecordOf(typ)
		known = known && c.cat.Documents[typ] != nil
		if i > 0 {
			f.others = append(f.others, Source{name, typ})
		}
	}
	f.source = f.def.Source[0].Key.Text
	return scope, known
}

// fill compiles the x-from of what is sent, and finds the days asked for.
func (c *compiler) fill(f *Flow, scope expr.Scope) {
	for _, p := range f.record.Properties {
		switch {
		case !p.From.IsZero():
			f.froms = append(f.froms, from{p, c.compile(p.From, scope, expr.FromSchema(p.Type))})
		case p.Required:
			c.fault(p.Pos, "exchange-from", "nothing fills the required property %q of %s, which %s sends", p.Name, f.record.Name, f.of.Name).Hint = "write x-from"
		}
	}
	if h := f.record.Holds; h != nil {
		f.window = &holds{h.From.Text, h.To.Text}
	} else if dated(f.record, "from") && dated(f.record, "to") {
		f.window = &holds{"from", "to"}
	}
}

func dated(doc *schema.Document, name string) bool {
	p := doc.Property(name)
	return p != nil && p.Type != nil && p.Type.Kind == schema.Date
}

// understand compiles what an answer means.
func (c *compiler) understand(f *Flow, scope expr.Scope) {
	a := f.def.Answer
	vars := maps.Clone(scope.Vars)
	vars["answer"] = expr.RecordOf(f.answered.Name)
	if !a.Clear.IsZero() {
		f.clear = c.compile(a.Clear, expr.Scope{Vars: vars}, expr.Bool)
	}
	made := map[string]string{} // types of the records of earlier steps
	for _, s := range a.Steps {
		if compiled := c.step(s, vars, made); compiled != nil {
			f.steps = append(f.steps, compiled)
			if compiled.typ != "" {
				made[s.Name] = compiled.typ
			}
		}
	}
}
