package query

import (
	"maps"
	"regexp"
	"slices"

	"mera/kernel/store"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/filter"
)

// Lists are the compiled lists of a catalog by name. They are immutable.
type Lists struct {
	byName map[string]*List
}

// List is a compiled list: a set of rows of one type with arguments, columns and an order.
//
// Codes of its diagnostics: list-column, list-order, list-group, list-sum, list-fact (a path that a list cannot follow,
// or an aggregate that does not fit), and those of schema/filter.
type List struct {
	*schema.List
	Columns []Column // of a row; of a grouped list the keys
	Sums    []Column // of a grouped list
	where   *filter.Tree
	facts   map[string]*fact
	order   []store.Order
	ranks   []store.Rank // of a grouped list
}

// Column is one value of a row of a list.
type Column struct {
	Name, Title string
	Type        *schema.Type
	steps       []step
	of          []step // what the key or the aggregate is made of: of a grouped list, or of a fact
	part        string // year … hour
	function    string // of an aggregate
	fact        string // the name of the fact that it aggregates, and what is known of it
	inner       *fact
}

// Field is the column as a selection reads it of a row of rows. below are the fields of an item or object, set those of
// a record.
func (c Column) Field(alias string, below []*store.Field, set, rows *store.Set) *store.Field {
	if c.inner != nil {
		path, _ := hops(c.of)
		return c.inner.field(alias, c.inner.of, store.Aggregate{Name: c.Name, Function: c.function, Path: path}, rows.Facts[c.fact])
	}
	return field(alias, c.steps, below, set)
}

// Last is the property at the end of the column's path.
func (c Column) Last() string { return c.steps[len(c.steps)-1].name }

// Many tells that the column is a list of values.
func (c Column) Many() bool { return c.Type != nil && c.Type.Kind == schema.Array }

// Get finds a list by name.
func (l *Lists) Get(name string) *List {
	if l == nil {
		return nil
	}
	return l.byName[name]
}

// All are the lists in the order of names.
func (l *Lists) All() []*List {
	if l == nil {
		return nil
	}
	var out []*List
	for _, n := range slices.Sorted(maps.Keys(l.byName)) {
		out = append(out, l.byName[n])
	}
	return out
}

// CompileLists compiles the lists of a catalog. A list with a fault is left out.
func CompileLists(cat *schema.Catalog, env *expr.Env) (*Lists, schema.Diagnostics) {
	out := &Lists{byName: map[string]*List{}}
	var ds schema.Diagnostics
	for _, name := range slices.Sorted(maps.Keys(cat.Lists)) {
		c := compiler{cat: cat, list: &List{List: cat.Lists[name], facts: map[string]*fact{}}, filters: filter.Compiler{Catalog: cat, Env: env}}
		c.compile()
		ds = append(ds, c.ds...)
		if !c.ds.Faulty() {
			out.byName[name] = c.list
		}
	}
	return out, ds
}

type compiler struct {
	cat  *schema.Catalog
	list *List
	ds   schema.Diagnostics

	filters filter.Compiler
	names   map[string]*expr.Type // that filters may read
}

func (c *compiler) fault(pos schema.Pos, code, format string, args ...any) {
	c.ds = append(c.ds, schema.Faultf(pos, code, format, args...))
}

func (c *compiler) compile() {
	l := c.list
	c.filter()
	c.facts()
	if len(l.Group) > 0 || len(l.Sum) > 0 {
		c.grouped()
	} else {
		c.columns()
	}
	c.order()
}

// filter compiles `where` with the names that it may read: the arguments, actor and today.
func (c *compiler) filter() {
	c.names = map[string]*expr.Type{"today": expr.DateT, "actor": ActorType(c.cat)}
	for _, g := range c.list.Given {
		c.names[g.Name] = expr.FromSchema(g.Type)
	}
	t, ds := c.filters.Compile(c.list.About.Text, c.list.Where, c.names)
	c.ds = append(c.ds, ds...)
	if ds.Faulty() {
		return
	}
	c.list.where = t
}

// ActorType is what expressions may read of the actor.
func ActorType(cat *schema.Catalog) *expr.Type {
	fields := map[string]*expr.Type{
		"id": expr.Text, "kind": expr.Text, "department": expr.Text,
		"roles": expr.ListOf(expr.Text), "duties": expr.ListOf(expr.Text), "territories": expr.ListOf(expr.Text),
	}
	for name, doc := range map[string]string{"person": "Person", "office": "Office"} {
		if cat.Documents[doc] != nil {
			fields[name] = expr.RecordOf(doc)
		}
	}
	if cat.Classifiers["Territory"] != nil {
		fields["territories"] = expr.ListOf(expr.ItemOf("Territory"))
	}
	return expr.ObjectOf(fields)
}

func (c *compiler) columns() {
	l := c.list
	for _, col := range l.List.Columns {
		if m := aggregateForm.FindStringSubmatch(col.Value.Text); m != nil {
			if err := c.counted(col, m[1], m[2]); err != nil {
				c.fault(col.Value.Pos, "list-column", "%s", err)
			}
			continue
		}
		steps, err := walk(c.cat, l.About.Text, col.Value.Text)
		if err != nil {
			c.fault(col.Value.Pos, "list-column", "%s", err)
			continue
		}
		l.Columns = append(l.Columns, Column{Name: col.Name, Title: col.Title, Type: steps[len(steps)-1].typ, steps: steps})
	}
	if len(l.List.Columns) == 0 {
		if steps, err := walk(c.cat, l.About.Text, "title"); err == nil {
			l.Columns = append(l.Columns, Column{Name: "title", Type: steps[0].typ, steps: steps})
		}
	}
}

var (
	partForm      = regexp.MustCompile(`^(year|quarter|month|day|hour)\(([A-Za-z0-9.]+)\)$`)
	aggregateForm = regexp.MustCompile(`^(count|countDistinct|sum|avg|min|max|median)\(([A-Za-z0-9.]*)\)$`)
)

// grouped makes the keys and sums. A key is called by the last name of its path.
func (c *compiler) grouped() {
	l := c.list
	for _, g := range l.Group {
		text, part := g.Text, ""
		if m := partForm.FindStringSubmatch(text); m != nil {
			part, text = m[1], m[2]
		}
		steps, err := walk(c.cat, l.About.Text, text)
		if err == nil {
			_, ok := hops(steps)
			if !ok {
				c.fault(g.Pos, "list-group", "a list is grouped by the code of an item, not by what lies in it")
				continue
			}
		}
		if err != nil {
			c.fault(g.Pos, "list-group", "%s", err)
			continue
		}
		last := steps[len(steps)-1]
		name, typ := last.name, last.typ
		if part != "" {
			name, typ = part, partTypes[part]
		}
		l.Columns = append(l.Columns, Column{Name: name, Type: typ, steps: []step{{name: name, typ: typ}}, of: steps, part: part})
	}
	for _, s := range l.Sum {
		c.sum(s)
	}
}

// partTypes are the types of year(path) and the like.
var partTypes = map[string]*schema.Type{
	"year": {Kind: schema.Year}, "quarter": {Kind: schema.Quarter}, "month": {Kind: schema.Month},
	"day": {Kind: schema.Date}, "hour": {Kind: schema.Integer},
}

func (c *compiler) sum(s *schema.Column) {
	m := aggregateForm.FindStringSubmatch(s.Value.Text)
	if m == nil {
		c.fault(s.Value.Pos, "list-sum", "%q is no aggregate", s.Value.Text)
		return
	}
	col := Column{Name: s.Name, Title: s.Title, function: m[1], Type: &schema.Type{Kind: schema.Integer}, steps: []step{{name: s.Name}}}
	if m[2] != "" {
		steps, err := walk(c.cat, c.list.About.Text, m[2])
		if err == nil && m[1] == "count" {
			c.fault(s.Value.Pos, "list-sum", "count() counts rows: countDistinct(%s) counts values", m[2])
			return
		}
		if err != nil {
			c.fault(s.Value.Pos, "list-sum", "%s", err)
			return
		}
		col.of = steps
		col.Type = sumType(m[1], steps[len(steps)-1].typ)
	}
	if _, ok := hops(col.of); col.Type == nil || !ok || m[1] != "count" && m[2] == "" {
		c.fault(s.Value.Pos, "list-sum", "%s is not an aggregate of such a value", s.Value.Text)
		return
	}
	c.list.Sums = append(c.list.Sums, col)
}

// sumType is the type of an aggregate over values of a type; nil if there is none.
func sumType(function string, t *schema.Type) *schema.Type {
	number := t.Kind == schema.Integer || t.Kind == schema.Decimal || t.Kind == schema.Money
	switch {
	case function == "countDistinct":
		return &schema.Type{Kind: schema.Integer}
	case function == "min" || function == "max":
		if t.Kind == schema.Array || t.Kind == schema.Object || t.Kind == schema.Link || t.Kind == schema.Item {
			return nil
		}
		return t
	case !number:
		return nil
	case function == "sum":
		return t
	case t.Kind == schema.Money:
		return t
	}
	return &schema.Type{Kind: schema.Decimal}
}

func (c *compiler) order() {
	l := c.list
	for _, o := range l.Order {
		if l.Grouped() {
			c.rank(o)
			continue
		}
		steps, err := walk(c.cat, l.About.Text, o.Path.Text)
		if err != nil {
			c.fault(o.Path.Pos, "list-order", "%s", err)
			continue
		}
		path, ok := hops(steps)
		if k := steps[len(steps)-1].typ.Kind; !ok || k == schema.Array || k == schema.Object || k == schema.Point {
			c.fault(o.Path.Pos, "list-order", "a list cannot be ordered by %q", o.Path.Text)
			continue
		}
		l.order = append(l.order, store.Order{Path: path, Desc: o.Desc})
	}
}

// rank orders groups by a key or a sum.
func (c *compiler) rank(o schema.Order) {
	name := func(col Column) bool { return col.Name == o.Path.Text }
	if !slices.ContainsFunc(c.list.Columns, name) && !slices.ContainsFunc(c.list.Sums, name) {
		c.fault(o.Path.Pos, "list-order", "groups are ordered by a key or a sum, and %q is none", o.Path.Text)
		return
	}
	c.list.ranks = append(c.list.ranks, store.Rank{Name: o.Path.Text, Desc: o.Desc})
}

// Grouped tells that the list is an array of groups and no connection.
func (l *List) Grouped() bool { return len(l.Group) > 0 || len(l.Sum) > 0 }
