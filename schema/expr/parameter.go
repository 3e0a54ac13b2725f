package expr

import (
	"cmp"
	"fmt"
	"slices"

	"cel.dev/cel-go/common/ast"

	"mera/schema"
	"mera/schema/value"
)

// parameter compiles Name(day, keys…).
func (c *compiler) parameter(n *node, p *schema.Parameter, exprs []ast.Expr) *node {
	c.uses.parameters[p.Name] = true
	args, ok := c.args(exprs)
	if !ok {
		return c.faulty(n)
	}
	if len(args) != len(p.Keys)+1 {
		c.fault(n.pos, CodeArgument, "%s wants %s", p.Name, parameterUsage(p))
		return c.faulty(n)
	}
	args[0] = c.fit(args[0], DateT)
	for i, k := range p.Keys {
		if args[i+1] = c.fitKey(args[i+1], c.env.parameterType(k.Type)); args[i+1].bad() {
			return c.faulty(n)
		}
	}
	if args[0].bad() {
		return c.faulty(n)
	}
	n.typ = c.env.rowType(p, false)
	n.eval = strict(args, func(f *frame, vals []any) any {
		row := f.parameterRow(p, date(vals[0]), vals[1:])
		if row == nil {
			return Unknown{[]string{p.Name}}
		}
		v := f.rowValue(p, row, false)
		if f.in.Trace && f.err == nil {
			f.explain(Step{Text: n.text, Value: f.display(v), Law: row.Law, Source: row.Source})
		}
		return v
	})
	return n
}

// fitKey is fit, but a classifier key also takes text: items are equal to the text of their code.
func (c *compiler) fitKey(n *node, want *Type) *node {
	if want.is(schema.Item) && n.typ.is(schema.Text) && n.literal == nil {
		return n
	}
	return c.fit(n, want)
}

// rows compiles Name.rows(day): the table as a list of objects.
func (c *compiler) rows(n *node, p *schema.Parameter, exprs []ast.Expr) *node {
	c.uses.parameters[p.Name] = true
	args, ok := c.args(exprs)
	if !ok {
		return c.faulty(n)
	}
	if len(args) != 1 {
		c.fault(n.pos, CodeArgument, "%s.rows wants a day", p.Name)
		return c.faulty(n)
	}
	if args[0] = c.fit(args[0], DateT); args[0].bad() {
		return c.faulty(n)
	}
	n.typ = ListOf(c.env.rowType(p, true))
	n.eval = strict(args, func(f *frame, vals []any) any {
		rows := f.parameterRows(p, date(vals[0]))
		if len(rows) == 0 {
			return Unknown{[]string{p.Name}}
		}
		out := make([]any, len(rows))
		f.spend(len(rows))
		for i := range rows {
			out[i] = f.rowValue(p, &rows[i], true)
		}
		return out
	})
	return n
}

// rowType is the type of a value, of an object of columns, or (with keys) of a whole row.
func (e *Env) rowType(p *schema.Parameter, keys bool) *Type {
	if len(p.Columns) == 0 && !keys {
		return e.parameterType(p.Type)
	}
	fields := map[string]*Type{}
	for _, col := range p.Columns {
		fields[col.Name] = e.parameterType(col.Type)
	}
	if len(p.Columns) == 0 {
		fields["value"] = e.parameterType(p.Type)
	}
	if keys {
		for _, k := range p.Keys {
			fields[k.Name] = e.parameterType(k.Type)
		}
	}
	return ObjectOf(fields)
}

// parameterType is the type of a value of a parameter, of a column or of a key.
func (e *Env) parameterType(name string) *Type {
	switch name {
	case "money":
		return MoneyT
	case "decimal", "percent":
		return NumberT
	case "integer":
		return Int
	case "date":
		return DateT
	case "duration":
		return DurationT
	case "boolean", "bool":
		return Bool
	}
	if e.cat.Classifiers[name] != nil {
		return ItemOf(name)
	}
	return Text
}

// parameterRows asks the world for the rows in force.
func (f *frame) parameterRows(p *schema.Parameter, day value.Date) []ParameterRow {
	if f.in.World == nil || f.err != nil {
		return nil
	}
	rows, err := f.in.World.Parameter(f.ctx, p.Name, day)
	if err != nil {
		f.failed("parameter "+p.Name, err)
		return nil
	}
	f.spend(len(rows) / 16)
	return rows
}

// parameterRow finds the row of the keys: exact ones first, then each other in the written order narrows what is left.
func (f *frame) parameterRow(p *schema.Parameter, day value.Date, keys []any) *ParameterRow {
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = canonical(k)
	}
	var rows []ParameterRow
	for _, r := range f.parameterRows(p, day) {
		if exactly(p, r, texts) {
			rows = append(rows, r)
		}
	}
	for i, k := range p.Keys {
		switch k.Match {
		case "floor":
			rows = floorRows(rows, i, texts[i])
		case "tree":
			rows = f.treeRows(rows, i, k.Type, texts[i])
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return &rows[0]
}

// exactly tells that a row has the keys that must be equal. Both are canonical text.
func exactly(p *schema.Parameter, r ParameterRow, texts []string) bool {
	for i, k := range p.Keys {
		if k.Match != "floor" && k.Match != "tree" && keyOf(r, i) != texts[i] {
			return false
		}
	}
	return true
}

func keyOf(r ParameterRow, i int) string {
	if i < len(r.Keys) {
		return r.Keys[i]
	}
	return ""
}

// floorRows keeps the rows with the greatest key that is not above.
func floorRows(rows []ParameterRow, i int, key string) []ParameterRow {
	best, found := "", false
	for _, r := range rows {
		if k := keyOf(r, i); orderKeys(k, key) <= 0 && (!found || orderKeys(k, best) > 0) {
			best, found = k, true
		}
	}
	return slices.DeleteFunc(rows, func(r ParameterRow) bool { return !found || orderKeys(keyOf(r, i), best) != 0 })
}

func orderKeys(a, b string) int {
	x, err1 := value.ParseNumber(a)
	y, err2 := value.ParseNumber(b)
	if err1 == nil && err2 == nil {
		return x.Compare(y)
	}
	return cmp.Compare(a, b)
}

// treeRows keeps the rows of the item or of its nearest ancestor that has any.
func (f *frame) treeRows(rows []ParameterRow, i int, classifier, code string) []ParameterRow {
	for hops := 0; code != "" && hops < depthLimit; hops++ {
		has := func(r ParameterRow) bool { return keyOf(r, i) == code }
		if slices.ContainsFunc(rows, has) {
			return slices.DeleteFunc(rows, func(r ParameterRow) bool { return !has(r) })
		}
		it := f.item(Item{classifier, code})
		if it == nil {
			return nil
		}
		code = it.Parent
	}
	return nil
}

// rowValue is a value of a row, or the object of its columns.
func (f *frame) rowValue(p *schema.Parameter, row *ParameterRow, keys bool) any {
	cell := func(typ string, texts []string, i int) any {
		if i >= len(texts) || texts[i] == "" {
			return nil
		}
		v, err := f.env.parameterValue(typ, texts[i])
		if err != nil {
			return f.failed("parameter "+p.Name, err)
		}
		return v
	}
	if len(p.Columns) == 0 && !keys {
		return cell(p.Type, row.Values, 0)
	}
	out := map[string]any{}
	for i, col := range p.Columns {
		out[col.Name] = cell(col.Type, row.Values, i)
	}
	if len(p.Columns) == 0 {
		out["value"] = cell(p.Type, row.Values, 0)
	}
	if keys {
		for i, k := range p.Keys {
			out[k.Name] = cell(k.Type, row.Keys, i)
		}
	}
	return out
}

// parameterValue reads canonical text as a value of a parameter. A percent is a ratio.
func (e *Env) parameterValue(typ, text string) (any, error) {
	t := e.parameterType(typ)
	switch {
	case typ == "percent":
		n, err := value.ParseNumber(text)
		return n.Mul(value.NewNumber(1, 100)), err
	case t.is(schema.Item):
		return Item{typ, text}, nil
	case t.is(Number):
		return value.ParseNumber(text)
	}
	return Parse(&schema.Type{Kind: t.Kind}, text)
}

func parameterUsage(p *schema.Parameter) string {
	names := []string{"day"}
	for _, k := range p.Keys {
		names = append(names, k.Name)
	}
	return fmt.Sprintf("%s(%s)", p.Name, commas(names))
}
