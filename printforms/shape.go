package printforms

import (
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
)

// need is a path that the template reads: root is doc or case; program gives the value from the record.
type need struct {
	root    string
	path    []string
	program *expr.Program
	schema  *schema.Type // of the property; nil for what the kernel adds
}

// Label is a hidden property that a template prints: who may not see the label of the records of the type that were
// read for a print may not see the print.
type Label struct {
	Type  string
	Label string
}

// within separates a value from a part of it in the data of a template: an enum «sex» has «sex__title», a period
// «month» has «month__from». In templates it is written with a dot; no property can have this name.
const within = "__"

// caseProperties are what a template sees of the case.
var caseProperties = []string{"id", "version", "createdAt", "updatedAt", "createdBy", "number", "state", "title", "final",
	"office", "worker", "applicant", "opened", "due", "channel"}

// given is what every template may name, beside its lists and works.
func (c *checker) given(def *schema.PrintForm) map[string]binding {
	out := map[string]binding{
		"doc":      {typ: expr.RecordOf(c.about.Name), path: []string{"doc"}},
		"today":    {typ: expr.DateT},
		"decision": {typ: decisionType()},
		"lists":    {typ: object("lists", c.lists(def))},
	}
	if w := c.cat.WorkflowOf(c.about.Name); w != nil || c.about.Abstract {
		out["case"] = binding{typ: c.caseType(), path: []string{"case"}}
		out["work"] = binding{typ: object("work", works(w))}
	}
	return out
}

// roots is the scope in which paths are compiled: the case is the record too, seen as a case. A document that others
// extend has no workflow of its own, so its case is any case.
func (c *checker) roots() expr.Scope {
	asCase := expr.RecordOf(c.about.Name)
	if c.about.Abstract {
		asCase = expr.RecordOf("Case")
	}
	return expr.Scope{Vars: map[string]*expr.Type{"doc": expr.RecordOf(c.about.Name), "case": asCase}}
}

func (c *checker) caseType() *expr.Type {
	fields := map[string]*expr.Type{}
	for _, name := range caseProperties {
		if p, faults := c.env.CompilePath(schema.Scalar{Text: "case." + name}, c.roots()); p != nil && !faults.Faulty() {
			fields[name] = p.Type()
		}
	}
	return object("case", fields)
}

// object is a type whose name is told in diagnostics.
func object(name string, fields map[string]*expr.Type) *expr.Type {
	t := expr.ObjectOf(fields)
	t.Of = name
	return t
}

// decisionType is the shape of Decision.
func decisionType() *expr.Type {
	return object("decision", map[string]*expr.Type{
		"number": expr.Text, "date": expr.DateT, "asked": expr.DateT, "measure": expr.Text, "title": expr.Text, "law": expr.Text,
		"result":  expr.EnumOf("granted", "refused", "unclear"),
		"granted": expr.Bool, "refused": expr.Bool, "unclear": expr.Bool, "amount": expr.MoneyT,
		"period": object("decision.period", map[string]*expr.Type{"from": expr.DateT, "to": expr.DateT}),
		"reasons": expr.ListOf(object("a reason", map[string]*expr.Type{
			"condition": expr.Text, "title": expr.Text, "text": expr.Text, "law": expr.Text})),
	})
}

// works are the work items of a workflow by name; with `each` there is a list of them.
func works(w *schema.Workflow) map[string]*expr.Type {
	out := map[string]*expr.Type{}
	if w == nil {
		return out
	}
	one := object("a piece of work", map[string]*expr.Type{
		"done": expr.Bool, "choice": expr.Text, "by": expr.Text, "at": expr.TimestampT, "late": expr.Bool})
	for _, s := range w.States {
		for _, work := range s.Work {
			if out[work.Name] = one; !work.Each.IsZero() {
				out[work.Name] = expr.ListOf(one)
			}
		}
	}
	return out
}

// lists are the rows that the print form names, with the columns of their lists.
func (c *checker) lists(def *schema.PrintForm) map[string]*expr.Type {
	out := map[string]*expr.Type{}
	for _, l := range def.Lists {
		columns := map[string]*expr.Type{}
		if list := c.cat.Lists[l.List.Text]; list != nil {
			for _, col := range slices.Concat(list.Columns, list.Sum) {
				columns[col.Name] = c.column(list, col)
			}
			for _, g := range list.Group {
				columns[g.Text] = expr.Dyn
			}
		}
		out[l.Name] = expr.ListOf(object("a row of "+l.List.Text, columns))
	}
	return out
}

// column is the type of a column that is a path; aggregates and anything that the list's own compiler refuses are of
// any type.
func (c *checker) column(list *schema.List, col *schema.Column) *expr.Type {
	if c.cat.Documents[list.About.Text] == nil {
		return expr.Dyn
	}
	scope := expr.Scope{Vars: map[string]*expr.Type{"row": expr.RecordOf(list.About.Text)}}
	program, faults := c.env.CompilePath(schema.Scalar{Text: "row." + col.Value.Text, Pos: col.Value.Pos}, scope)
	if faults.Faulty() || program == nil {
		return expr.Dyn
	}
	switch t := program.Type(); t.Kind {
	case schema.Link, schema.Item, schema.Object, schema.Array:
		return expr.Dyn
	default:
		return t
	}
}

// resolve finds the type of a path and notes what it needs.
func (c *checker) resolve(segments []token) operand {
	first := segments[0]
	b := c.bound(first.text)
	if b == nil {
		d := c.fault(first.start, "template-name", "a print form knows no %q", first.text)
		d.Hint = "it knows " + strings.Join(c.knownNames(), ", ")
		return operand{start: first.start, plain: true}
	}
	out := operand{typ: b.typ, path: b.path, start: first.start, plain: true}
	if first.text == "decision" && (len(segments) == 1 || segments[1].text == "reasons") {
		c.reasons = true
	}
	for i, s := range segments[1:] {
		t, ok := c.step(out, s, segments[i])
		if !ok {
			return operand{start: first.start, plain: true}
		}
		part := out.typ.Kind == schema.Enum || out.typ.Kind == expr.Period // it comes with its value
		if out.typ = t; out.path != nil && !part {
			out.path = append(slices.Clone(out.path), s.text)
		}
	}
	c.note(out)
	return out
}

func (c *checker) knownNames() []string {
	var out []string
	for _, s := range c.scopes {
		for name := range s {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// step goes from a value to one of its properties.
func (c *checker) step(from operand, s, before token) (*expr.Type, bool) {
	switch t := from.typ; {
	case t.Kind == expr.AnyKind:
		return expr.Dyn, true
	case t.Kind == schema.Array:
		c.fault(s.start, "template-loop", "a list has no property %q", s.text).Hint = "read it of each row: {% for row in … %}"
		return nil, false
	case t.Kind == schema.Enum && (s.text == "title" || s.text == "code"):
		c.edits = append(c.edits, edit{before.end, s.start, within})
		return expr.Text, true
	case t.Kind == schema.Link && from.path == nil:
		c.fault(s.start, "template-loop", "the row of a loop is not followed to the %s that it names", t.Of).
			Hint = "name a list in `lists` of the print form"
		return nil, false
	case t.Kind == expr.Period:
		c.edits = append(c.edits, edit{before.end, s.start, within})
	case t.Kind == schema.Item && from.path == nil && s.text != "code" && s.text != "title":
		c.fault(s.start, "template-name", "an item in a row has only .code and .title")
		return nil, false
	}
	scope := expr.Scope{Vars: map[string]*expr.Type{"x": from.typ}}
	pos := c.src.pos(s.start)
	pos.Col -= len("x.")
	program, faults := c.env.CompilePath(schema.Scalar{Text: "x." + s.text, Pos: pos}, scope)
	c.faults = append(c.faults, faults...)
	if faults.Faulty() || program == nil {
		return nil, false
	}
	c.labelled(program)
	return program.Type(), true
}

// labelled notes what is hidden and yet printed.
func (c *checker) labelled(program *expr.Program) {
	for _, l := range program.Labels() {
		typ, label, _ := strings.Cut(l, ".")
		if l := (Label{typ, label}); !slices.Contains(c.labels, l) {
			c.labels = append(c.labels, l)
		}
	}
}

// note remembers a path of doc or case, so that only what is read is fetched.
func (c *checker) note(v operand) {
	if len(v.path) < 2 {
		return
	}
	n := need{root: v.path[0], path: v.path[1:]}
	if slices.ContainsFunc(c.needs, func(o need) bool { return o.root == n.root && slices.Equal(o.path, n.path) }) {
		return
	}
	switch {
	case len(c.needs) > maxNeeds:
		return
	case len(c.needs) == maxNeeds:
		c.fault(v.start, "template-depth", "more than %d different paths of the document", maxNeeds)
	}
	var faults schema.Diagnostics
	n.program, faults = c.env.CompilePath(schema.Scalar{Text: strings.Join(v.path, "."), Pos: c.src.pos(v.start)}, c.roots())
	if c.faults = append(c.faults, faults...); n.program == nil {
		return
	}
	c.labelled(n.program)
	if n.root == "doc" {
		n.schema = c.schema(n.path)
	}
	c.needs = append(c.needs, n)
}

// schema follows a path of the document along links and objects to the type of its property, which knows more than
// the type of the expression: the mask under which it is shown. nil: it is not declared.
func (c *checker) schema(path []string) *schema.Type {
	props := c.about.Properties
	var t *schema.Type
	for _, name := range path {
		p := find(props, name)
		if p == nil || p.Type == nil {
			return nil
		}
		props, t = nil, p.Type
		switch doc := c.cat.Documents[t.Of]; {
		case t.Kind == schema.Object:
			props = t.Fields
		case t.Kind == schema.Link && doc != nil:
			props = doc.Properties
		}
	}
	return t
}
