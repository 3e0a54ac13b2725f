package forms

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"mera/schema"
	"mera/schema/expr"
)

// rows are the fields that a form takes from data: one for each row, whose answer is a row of a list of the document.
type rows struct {
	from   *expr.Program    // over doc
	of     *expr.Type       // of one row
	keyed  *expr.Program    // over row: what the key of an answer holds; nil where it is the record itself
	into   *schema.Property // the list of answers
	key    *schema.Property // its column that says to which row an answer belongs
	answer *schema.Property // its only other column
	widget option
	label  option
	must   option
}

// option is a constant or an expression over doc and row.
type option struct {
	text    string
	program *expr.Program
}

// Row is a row of data that a form asks about.
type Row struct {
	Key      string // as answers hold it
	Label    string
	Widget   Widget
	Required bool
}

// typed are the widgets that a row may ask for, with the type of what is written into the answer, a text.
var typed = map[Widget]schema.Kind{
	Line: schema.Text, Area: schema.Text, Check: schema.Boolean, Number: schema.Integer, Masked: schema.Decimal, Money: schema.Money,
	Date: schema.Date, Month: schema.Month, Quarter: schema.Quarter, Year: schema.Year, DateTime: schema.DateTime, Duration: schema.Duration,
}

const answerScale = 10 // digits after the point of a number that is typed into an answer

func widgetNames() []string {
	var out []string
	for w := range typed {
		out = append(out, string(w))
	}
	slices.Sort(out)
	return out
}

// rows resolves `each` of a form; nil after a fault.
func (c *compiler) rows(doc *schema.Document, def *schema.FormRows) *rows {
	r := &rows{}
	before := len(c.faults)
	c.answers(doc, def, r)
	c.source(doc, def, r)
	if len(c.faults) > before {
		return nil
	}
	c.match(def, r)
	r.widget = c.option(doc, def.Widget, r, nil)
	r.label = c.option(doc, def.Label, r, expr.Text)
	r.must = c.option(doc, def.Required, r, expr.Bool)
	c.widgets(def, r)
	c.open(def, r)
	if len(c.faults) > before {
		return nil
	}
	return r
}

// answers finds where the answers go: a list of objects with a key and one more column.
func (c *compiler) answers(doc *schema.Document, def *schema.FormRows, r *rows) {
	r.into = find(doc.Properties, def.Into.Text)
	switch {
	case r.into == nil || r.into.Type == nil:
		c.unknown(def.Into.Text, names(doc.Properties), schema.Faultf(def.Into.Pos, "form-each", "%s has no property %q for the answers", doc.Name, def.Into.Text))
		return
	case object(r.into.Type) == nil || r.into.Type.Kind != schema.Array:
		c.fault(def.Into.Pos, "form-each", "%q is no list of objects", def.Into.Text)
		return
	}
	columns := r.into.Type.Elem.Fields
	if r.key = find(columns, def.Key.Text); r.key == nil || r.key.Type == nil {
		c.unknown(def.Key.Text, names(columns), schema.Faultf(def.Key.Pos, "form-each", "%q has no column %q", def.Into.Text, def.Key.Text))
		return
	}
	if keys := r.into.Type.Keys; len(keys) != 1 || keys[0] != r.key.Name {
		d := schema.Faultf(def.Key.Pos, "form-each", "two rows of %q may have one %q", def.Into.Text, r.key.Name)
		c.faults = append(c.faults, d.WithHint("declare x-key: [%s] at %s", r.key.Name, r.into.Name))
	}
	var rest []*schema.Property
	for _, p := range columns {
		if p != r.key && p.Type != nil && !p.ReadOnly && p.Value.IsZero() {
			rest = append(rest, p)
		}
	}
	if len(rest) != 1 {
		c.fault(def.Into.Pos, "form-each", "a row of %q holds one answer beside its key, and %d columns can be filled in", def.Into.Text, len(rest))
		return
	}
	r.answer = rest[0]
}

// source finds the rows: a list of records or of objects, by a path from the document.
func (c *compiler) source(doc *schema.Document, def *schema.FormRows, r *rows) {
	from := def.Rows
	from.Text, from.Pos.Col = "doc."+from.Text, from.Pos.Col-len("doc.") // so that a fault is told where it is written
	program, faults := c.env.CompilePath(from, expr.Scope{Vars: map[string]*expr.Type{"doc": expr.RecordOf(doc.Name)}})
	c.faults = append(c.faults, faults...)
	if program == nil {
		return
	}
	if t := program.Type(); t.Kind == expr.List && (t.Elem.Kind == schema.Link || t.Elem.Kind == schema.Object) {
		r.from, r.of = program, t.Elem
		return
	}
	c.fault(def.Rows.Pos, "form-each", "%q is no list of records or of objects", def.Rows.Text)
}

// match holds the key of an answer against what tells the rows apart: the record, or the column of the same name.
func (c *compiler) match(def *schema.FormRows, r *rows) {
	if r.of.Kind == schema.Link {
		if r.key.Type.Kind != schema.Link || r.key.Type.Of != r.of.Of {
			c.fault(def.Key.Pos, "form-each", "the rows are records of %s, and %q is no link to one", r.of.Of, r.key.Name)
		}
		return
	}
	src := schema.Scalar{Text: "row." + r.key.Name, Pos: def.Key.Pos}
	src.Pos.Col -= len("row.")
	program, faults := c.env.CompilePath(src, expr.Scope{Vars: map[string]*expr.Type{"row": r.of}})
	c.faults = append(c.faults, faults...)
	if r.keyed = program; program == nil {
		return
	}
	if want := expr.FromSchema(r.key.Type); program.Type().Kind != want.Kind || program.Type().Of != want.Of {
		c.fault(def.Key.Pos, "form-each", "%q is %s in a row and %s in an answer", r.key.Name, program.Type(), want)
	}
}

// option compiles a constant, or an expression behind "=".
func (c *compiler) option(doc *schema.Document, s schema.Scalar, r *rows, want *expr.Type) option {
	src, dynamic := s.Expression()
	if !dynamic {
		if want == expr.Bool && s.Text != "" && s.Text != "true" && s.Text != "false" {
			d := schema.Faultf(s.Pos, "form-each", "%q is neither true nor false", s.Text)
			c.faults = append(c.faults, d.WithHint("an expression begins with =, such as =row.required"))
		}
		return option{text: s.Text}
	}
	program, faults := c.env.Compile(src, expr.Scope{Vars: map[string]*expr.Type{"doc": expr.RecordOf(doc.Name), "row": r.of}}, want)
	c.faults = append(c.faults, faults...)
	return option{program: program}
}

// widgets refuses words that are no widgets, as far as they are written in the package.
func (c *compiler) widgets(def *schema.FormRows, r *rows) {
	if def.Widget.IsZero() {
		return
	}
	if r.answer.Type.Kind != schema.Text {
		c.fault(def.Widget.Pos, "form-each", "%q is no text: its widget is that of its type", r.answer.Name)
		return
	}
	words := []string{r.widget.text}
	if p := r.widget.program; p != nil {
		words = p.Type().Enum
	}
	for _, w := range words {
		if typed[Widget(w)] == "" && w != "" {
			c.unknown(w, widgetNames(), schema.Faultf(def.Widget.Pos, "form-each", "%q is no widget for a row", w))
		}
	}
}

// open refuses to show what is labelled as the words of a form, which everybody reads who sees the form.
func (c *compiler) open(def *schema.FormRows, r *rows) {
	for _, p := range []*expr.Program{r.from, r.keyed, r.widget.program, r.label.program, r.must.program} {
		if p == nil {
			continue
		}
		if labels := p.Labels(); len(labels) > 0 {
			c.fault(def.Rows.Pos, "form-each", "the fields of a form are shown to all who see it, and these read what stands under %s", labels[0])
			return
		}
	}
}

// Rows are the rows of data that the form of a document asks about, for a state and roles as View has them; none where
// it asks about none. world shows what the actor may read: a row that he may not see is not asked about.
func (f *Forms) Rows(ctx context.Context, world expr.World, doc *expr.Record, state string, roles []string) ([]Row, error) {
	r := f.rowsOf(doc.Type, state, roles)
	if r == nil {
		return nil, nil
	}
	return r.read(expr.Input{Ctx: ctx, Vars: map[string]any{"doc": doc}, World: world})
}

// Asks tells that some form of a document takes fields from rows of data.
func (f *Forms) Asks(document string) bool {
	def := f.cat.Documents[document]
	asks := func(one *form) bool { return one.rows != nil }
	return def != nil && (slices.ContainsFunc(f.drawn[def.Name], asks) || slices.ContainsFunc(f.drawn[def.Extends.Text], asks))
}

func (f *Forms) rowsOf(document, state string, roles []string) *rows {
	if !f.Asks(document) {
		return nil
	}
	if fits := f.fitting(f.cat.Documents[document], state, roles); fits != nil {
		return fits.rows
	}
	return nil
}

func (r *rows) read(in expr.Input) ([]Row, error) {
	got, err := r.from.Eval(in)
	if err != nil {
		return nil, err
	}
	list, _ := got.Value.([]any) // not known: nothing is linked yet
	if part, ok := got.Value.(expr.PartList); ok {
		list = part.Items
	}
	var out []Row
	for _, x := range list {
		in.Vars = map[string]any{"doc": in.Vars["doc"], "row": x}
		row, err := r.one(in, x)
		if err != nil {
			return nil, err
		}
		if row.Key != "" {
			out = append(out, row)
		}
	}
	return out, nil
}

func (r *rows) one(in expr.Input, x any) (Row, error) {
	out := Row{Widget: Line}
	if rec, ok := x.(*expr.Record); ok {
		out.Key = rec.ID
	}
	if r.keyed != nil {
		key, err := r.keyed.Eval(in)
		if err != nil {
			return Row{}, err
		}
		out.Key = r.stored(key.Value)
	}
	label, err := r.label.value(in)
	if err != nil {
		return Row{}, err
	}
	out.Label, _ = label.(string)
	if out.Label == "" {
		out.Label = out.Key
	}
	widget, err := r.widget.value(in)
	if err != nil {
		return Row{}, err
	}
	word, _ := widget.(string)
	if item, ok := widget.(expr.Item); ok {
		word = item.Code
	}
	if typed[Widget(word)] != "" {
		out.Widget = Widget(word)
	}
	must, err := r.must.value(in)
	out.Required = must == true || must == "true"
	return out, err
}

// stored is a key as the answer of it holds it; "" for none.
func (r *rows) stored(v any) string {
	s, err := expr.ToStored(r.key.Type, v)
	if err != nil {
		return ""
	}
	return keyText(s)
}

// value evaluates an option; nil for what is not known.
func (o option) value(in expr.Input) (any, error) {
	if o.program == nil {
		return o.text, nil
	}
	got, err := o.program.Eval(in)
	if err != nil || !got.Known() {
		return nil, err
	}
	return got.Value, nil
}

// Answers holds what a document answers against the rows that its form asks about: an answer belongs to one of them, is
// what its widget writes, and is there where it must be, unless the record is a draft. Answers that stand in before
// already are not judged anew.
func (f *Forms) Answers(asked []Row, document, state string, roles []string, data, before map[string]any, draft bool) []FieldError {
	r := f.rowsOf(document, state, roles)
	if r == nil || before != nil && same(data[r.into.Name], before[r.into.Name]) {
		return nil
	}
	known := map[string]Row{}
	for _, row := range asked {
		known[row.Key] = row
	}
	b, given := &binder{forms: f}, map[string]bool{}
	old := r.given(before)
	answers, _ := data[r.into.Name].([]any)
	for i, x := range answers {
		answer, _ := x.(map[string]any)
		at, key := join(r.into.Name, strconv.Itoa(i)), keyText(answer[r.key.Name])
		row, asked := known[key]
		switch text, _ := answer[r.answer.Name].(string); {
		case !asked && !old[key]:
			b.fail(join(at, r.key.Name), NotAsked)
		case asked && text != "" && r.answer.Type.Kind == schema.Text:
			b.typed(join(at, r.answer.Name), row.Widget, text)
		}
		given[key] = answer[r.answer.Name] != nil
	}
	for _, row := range asked {
		if row.Required && !given[row.Key] && !draft {
			b.fail(r.into.Name, NoAnswer, clip(row.Label))
		}
	}
	return b.errs
}

// given are the keys of the answers in data.
func (r *rows) given(data map[string]any) map[string]bool {
	out := map[string]bool{}
	answers, _ := data[r.into.Name].([]any)
	for _, x := range answers {
		if answer, ok := x.(map[string]any); ok {
			out[keyText(answer[r.key.Name])] = true
		}
	}
	return out
}

// typed judges the text of an answer by the widget that it was typed into.
func (b *binder) typed(at string, w Widget, text string) {
	t := &schema.Type{Kind: typed[w], Scale: answerScale}
	switch {
	case t.Kind != schema.Boolean:
		b.leaf(at, t, text)
	case text != "true" && text != "false":
		b.fail(at, WrongType, string(t.Kind))
	}
}

// keyText is a stored key as text; "" for none.
func keyText(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
