package registry

import (
	"context"
	"maps"
	"slices"
	"time"

	"mera/kernel"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/filter"
	"mera/schema/value"
)

// Document is a compiled document type: what the write road evaluates when a record is made or changed.
type Document struct {
	Def     *schema.Document
	Numbers []*Number

	froms   []slot
	values  []slot
	checks  []check
	unique  []Unique
	summary *expr.Program
	access  []slot
}

type slot struct {
	property *schema.Property
	name     string
	program  *expr.Program
}

type check struct {
	def     *schema.Check
	rule    *expr.Program
	message *expr.Program
	words   map[string]*expr.Program // the message in other languages
}

// said are the message in all languages: whoever reads one could read another.
func (c check) said() []*expr.Program {
	return append(slices.Collect(maps.Values(c.words)), c.message)
}

// in is the message in a language.
func (c check) in(lang string) *expr.Program {
	for ; lang != ""; lang = schema.BaseLanguage(lang) {
		if p := c.words[lang]; p != nil {
			return p
		}
	}
	return c.message
}

// Number is a compiled x-number.
type Number struct {
	Property string
	Def      *schema.Number
	Series   string
	per      []*expr.Program // nil entry: the word year or office
	format   *NumberFormat

	properties map[string]*schema.Property // that the format may name
}

// Unique is a compiled unique rule; Where is nil when it does not narrow.
type Unique struct {
	Def   *schema.Unique
	Where *filter.Tree
}

// Input is what the expressions of a document see.
type Input struct {
	Ctx   context.Context
	Doc   *expr.Record
	Actor kernel.Actor
	Now   time.Time
	Today value.Date
	World expr.World
	// Language of the messages of checks; "": that of definitions.
	Language string
}

// eval evaluates a program over the names that it reads.
func (in Input) eval(p *expr.Program) (expr.Result, error) {
	vars, err := p.Vars(in.name)
	if err != nil {
		return expr.Result{}, err
	}
	return p.Eval(expr.Input{Ctx: in.Ctx, Vars: vars, Day: in.Today, World: in.World})
}

func (in Input) name(name string) (any, error) {
	switch name {
	case "doc":
		return in.Doc, nil
	case "actor":
		return ActorValue(in.Actor), nil
	case "today":
		return in.Today, nil
	case "now":
		return in.Now, nil
	}
	return nil, nil
}

// ActorType is the type of the name `actor` in expressions.
var ActorType = expr.ObjectOf(map[string]*expr.Type{
	"id": expr.Text, "name": expr.Text, "kind": expr.Text, "roles": expr.ListOf(expr.Text), "office": expr.RecordOf("Office"), "person": expr.RecordOf("Person"),
})

// ActorValue is an actor as expressions see him.
func ActorValue(a kernel.Actor) map[string]any {
	roles := make([]any, len(a.Roles))
	for i, r := range a.Roles {
		roles[i] = r
	}
	out := map[string]any{"id": a.ID, "name": a.Name, "kind": string(a.Kind), "roles": roles}
	if a.Office != "" {
		out["office"] = &expr.Record{Type: "Office", ID: a.Office}
	}
	if a.Person != "" {
		out["person"] = &expr.Record{Type: "Person", ID: a.Person}
	}
	return out
}

func compileDocument(cat *schema.Catalog, env *expr.Env, d *schema.Document) (*Document, schema.Diagnostics) {
	doc := &Document{Def: d}
	if d.Record {
		return doc, nil // an exchange compiles the expressions of its records, with its own names
	}
	var ds schema.Diagnostics
	scope := expr.Scope{Vars: map[string]*expr.Type{
		"doc": expr.RecordOf(d.Name), "actor": ActorType, "today": expr.DateT, "now": expr.TimestampT,
	}}
	compile := func(src schema.Scalar, want *expr.Type) *expr.Program {
		p, more := env.Compile(src, scope, want)
		ds = append(ds, more...)
		return p
	}
	for _, p := range d.Properties {
		if !p.From.IsZero() {
			doc.froms = append(doc.froms, slot{p, p.Name, compile(p.From, expr.FromSchema(p.Type))})
		}
		if !p.Value.IsZero() {
			doc.values = append(doc.values, slot{p, p.Name, compile(p.Value, expr.FromSchema(p.Type))})
		}
		if p.Number != nil {
			n, more := compileNumber(env, scope, d, p)
			doc.Numbers, ds = append(doc.Numbers, n), append(ds, more...)
		}
	}
	for _, c := range d.Checks {
		message, more := env.CompileTemplate(c.Message, scope)
		ds = append(ds, more...)
		words := map[string]*expr.Program{}
		for _, lang := range cat.Languages() {
			if text, ok := cat.Translation(lang, d.TextKeys("checks", c.Name, "message")...); ok {
				words[lang], more = env.CompileTemplate(text, scope)
				ds = append(ds, more...)
			}
		}
		doc.checks = append(doc.checks, check{c, compile(c.Rule, expr.Bool), message, words})
	}
	for _, u := range d.Unique {
		compiled := Unique{Def: u}
		if u.Where != nil {
			tree, more := filter.Compile(cat, d.Name, u.Where, nil)
			ds = append(ds, more...)
			compiled.Where = tree
		}
		doc.unique = append(doc.unique, compiled)
	}
	for _, a := range d.Access {
		path := schema.Scalar{Text: "doc." + a.Path.Text, Pos: a.Path.Pos}
		p, more := env.CompilePath(path, scope)
		ds = append(ds, more...)
		doc.access = append(doc.access, slot{name: a.Name, program: p})
	}
	if !d.Summary.IsZero() {
		doc.summary = compile(d.Summary, expr.Text)
	}
	return doc, ds
}

// compileNumber compiles x-number; its format may name n, year, office and the properties of the document.
func compileNumber(env *expr.Env, scope expr.Scope, d *schema.Document, p *schema.Property) (*Number, schema.Diagnostics) {
	n := &Number{Property: p.Name, Def: p.Number, Series: p.Number.Series.Text, properties: map[string]*schema.Property{}}
	if n.Series == "" {
		n.Series = d.Name + "." + p.Name
	}
	var ds schema.Diagnostics
	vars := map[string]*expr.Type{}
	for _, prop := range d.Properties {
		if prop.Number == nil {
			vars[prop.Name] = expr.FromSchema(prop.Type)
			n.properties[prop.Name] = prop
		}
	}
	for _, per := range p.Number.Per {
		if per.Text == "year" || (per.Text == "office" && d.Property("office") == nil) {
			n.per = append(n.per, nil)
			continue
		}
		prog, more := env.CompilePath(schema.Scalar{Text: "doc." + per.Text, Pos: per.Pos}, scope)
		n.per, ds = append(n.per, prog), append(ds, more...)
	}
	var more schema.Diagnostics
	n.format, more = CompileNumberFormat(env, p.Number.Format, vars)
	return n, append(ds, more...)
}

// NumberedAtOnce are the properties whose number is given at creation.
func (d *Document) NumberedAtOnce() []string {
	var out []string
	for _, n := range d.Numbers {
		if n.Def.At.IsZero() {
			out = append(out, n.Property)
		}
	}
	return out
}

// Uniques are the unique rules.
func (d *Document) Uniques() []Unique { return slices.Clone(d.unique) }

// Prefill gives the values of x-from and defaults to properties that have none. It changes data in place, in the
// written order, so that a later property may read an earlier one.
func (d *Document) Prefill(in Input) error {
	for _, p := range d.Def.Properties {
		if _, given := in.Doc.Data[p.Name]; !given && p.Default != nil {
			v, err := defaultOf(p)
			if err != nil {
				return err
			}
			in.Doc.Data[p.Name] = v
		}
	}
	return d.fill(in, d.froms, func(name string) bool { _, given := in.Doc.Data[name]; return !given })
}

// Compute re-evaluates every x-value.
func (d *Document) Compute(in Input) error {
	return d.fill(in, d.values, func(string) bool { return true })
}

func (d *Document) fill(in Input, slots []slot, wanted func(name string) bool) error {
	for _, s := range slots {
		if !wanted(s.name) {
			continue
		}
		res, err := in.eval(s.program)
		if err != nil {
			return err
		}
		if len(res.Unclear) > 0 || res.Value == nil {
			delete(in.Doc.Data, s.name)
			continue
		}
		v, err := expr.ToStored(s.property.Type, res.Value)
		if err != nil {
			return err
		}
		if v == nil || v == "" {
			delete(in.Doc.Data, s.name)
			continue
		}
		in.Doc.Data[s.name] = v
	}
	return nil
}

// Check judges the checks of level error and returns the fields at fault; warnings are returned apart. A rule that
// cannot be known is not broken: what is absent is the business of `required`.
func (d *Document) Check(in Input) (faults, warnings []kernel.FieldError, err error) {
	for _, c := range d.checks {
		if c.def.Level == "control" {
			continue
		}
		res, err := in.eval(c.rule)
		if err != nil {
			return nil, nil, err
		}
		if ok, known := res.Value.(bool); len(res.Unclear) > 0 || !known || ok {
			continue
		}
		text, err := in.eval(c.in(in.Language))
		if err != nil {
			return nil, nil, err
		}
		message, _ := text.Value.(string)
		field := kernel.FieldError{Path: c.def.At.Text, Code: c.def.Name, Message: message}
		if c.def.Level == "warning" {
			warnings = append(warnings, field)
		} else {
			faults = append(faults, field)
		}
	}
	return faults, warnings, nil
}

// Title is the one line that stands for the record: its summary, or the title of its type.
func (d *Document) Title(in Input) string {
	if d.summary == nil {
		return d.Def.Title
	}
	res, err := in.eval(d.summary)
	if s, ok := res.Value.(string); err == nil && ok && s != "" {
		return s
	}
	return d.Def.Title
}

// Access evaluates the `access` attributes.
func (d *Document) Access(in Input) (map[string]any, error) {
	out := map[string]any{}
	for _, s := range d.access {
		res, err := in.eval(s.program)
		if err != nil {
			return nil, err
		}
		if v := plain(res.Value); v != nil && len(res.Unclear) == 0 {
			out[s.name] = v
		}
	}
	return out, nil
}

// plain is a value as policies see it: codes and ids as text, sets as arrays.
func plain(v any) any {
	switch v := v.(type) {
	case expr.Item:
		return v.Code
	case *expr.Record:
		if v == nil {
			return nil
		}
		return v.ID
	case value.Date:
		return v.String()
	case value.Money:
		return v.String()
	case value.Number:
		return v.String()
	case []any:
		out := make([]any, 0, len(v))
		for _, e := range v {
			if p := plain(e); p != nil {
				out = append(out, p)
			}
		}
		return out
	case string, bool, int64:
		return v
	}
	return nil
}

// defaultOf is the constant of a property, in stored form.
func defaultOf(p *schema.Property) (any, error) { return filter.Literal(p.Type, p.Default.Text()) }
