package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"mera/kernel"
	"mera/kernel/access"
	"mera/kernel/store"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/filter"
	"mera/schema/value"
)

// naive answers queries the slow way, sharing with the read road nothing but the catalog and the policies: it holds
// all records in memory, asks the rules about each row (never a filter), takes away what is hidden, and only then
// walks the selection. What it cannot answer, it does not let be asked (answerable).
type naive struct {
	*epoch
	t       testing.TB
	cat     *schema.Catalog
	model   *model
	schema  *ast.Schema
	op      *graphql.OperationContext
	present *epoch
	past    map[time.Time]*epoch
	moment  time.Time
}

// epoch is what the actor may see of what was known at a moment, without what he may not.
type epoch struct {
	view   map[string]*expr.Record
	rows   map[string]*kernel.Record
	lives  map[string]life
	hidden map[string][]string
	order  []string // ids in the order in which they were made
	world  *expr.StaticWorld
}

// life is the versions of a record and when they became known.
type life struct {
	since    []time.Time
	versions []*kernel.Record
}

func (l life) now() *kernel.Record { return l.versions[len(l.versions)-1] }

// at is the version that was known at a moment; nil if there was none.
func (l life) at(known time.Time) *kernel.Record {
	var r *kernel.Record
	for i, s := range l.since {
		if !s.After(known) {
			r = l.versions[i]
		}
	}
	return r
}

// look asks the policies about every record as it is now: they rule its past too.
func look(t testing.TB, cat *schema.Catalog, gate *access.Gate, actor kernel.Actor, all []life, moments []time.Time) *naive {
	n := &naive{t: t, cat: cat, past: map[time.Time]*epoch{}, present: newEpoch(cat)}
	n.epoch = n.present
	for _, m := range moments {
		n.past[m] = newEpoch(cat)
	}
	for _, l := range all {
		if err := gate.Check(t.Context(), actor, "read", l.now(), ""); kernel.CodeOf(err) == kernel.NotFound {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		hidden, err := gate.Hidden(t.Context(), actor, l.now())
		if err != nil {
			t.Fatal(err)
		}
		n.present.add(cat, l.now(), hidden)
		n.present.lives[l.now().ID], n.present.hidden[l.now().ID] = l, hidden
		for m, e := range n.past {
			if r := l.at(m); r != nil {
				e.add(cat, r, hidden)
			}
		}
	}
	return n
}

func newEpoch(cat *schema.Catalog) *epoch {
	return &epoch{view: map[string]*expr.Record{}, rows: map[string]*kernel.Record{}, lives: map[string]life{}, hidden: map[string][]string{}, world: expr.NewStaticWorld(cat)}
}

func (e *epoch) add(cat *schema.Catalog, r *kernel.Record, hidden []string) {
	d := cat.Documents[r.Type]
	seen := &expr.Record{Type: r.Type, ID: r.ID, Version: r.Version, Kernel: kernelOf(cat, r), Data: shownOf(d.Properties, r.Data, hidden)}
	for _, p := range d.Properties { // a property of the type's own goes before the kernel's
		delete(seen.Kernel, p.Name)
	}
	e.view[r.ID], e.rows[r.ID], e.order = seen, r, append(e.order, r.ID)
	e.world.Add(seen)
}

// kernelOf is what the kernel keeps of a record, by the names of filters.
func kernelOf(cat *schema.Catalog, r *kernel.Record) map[string]any {
	out := map[string]any{"createdAt": r.CreatedAt.Format(time.RFC3339), "createdBy": r.CreatedBy, "updatedAt": r.UpdatedAt.Format(time.RFC3339),
		"updatedBy": r.UpdatedBy, "title": r.Title, "opened": r.CreatedAt.Format(time.RFC3339)}
	set := func(name, v string) {
		if v != "" {
			out[name] = v
		}
	}
	set("type", r.Type)
	set("typeTitle", cmp.Or(cat.Documents[r.Type].Title, r.Type))
	set("territory", r.Territory)
	set("author", r.Author)
	set("office", r.Office)
	set("card", r.Card)
	if c := r.Case; c != nil {
		out["final"] = c.Final
		set("state", c.State)
		set("stateTitle", stateTitle(cat, r))
		set("number", c.Number)
		set("worker", c.Worker)
		set("parent", c.Parent)
		set("applicant", c.Applicant)
		set("channel", c.Channel)
		if !c.Due.IsZero() {
			set("due", c.Due.String())
		}
	}
	return out
}

func stateTitle(cat *schema.Catalog, r *kernel.Record) string {
	w := cat.WorkflowOf(r.Type)
	if w == nil || w.State(r.Case.State) == nil || w.State(r.Case.State).Title == "" {
		return r.Case.State
	}
	return w.State(r.Case.State).Title
}

// shownOf is the data without the properties whose labels are hidden, at any depth.
func shownOf(props []*schema.Property, data map[string]any, hidden []string) map[string]any {
	out := map[string]any{}
	for _, p := range props {
		v, ok := data[p.Name]
		if !ok || slices.Contains(hidden, p.Label) {
			continue
		}
		out[p.Name] = v
		if o, ok := v.(map[string]any); ok && p.Type.Kind == schema.Object {
			out[p.Name] = shownOf(p.Type.Fields, o, hidden)
		}
	}
	return out
}

// answerable tells whether the naive reader knows a field of a type.
func (n *naive) answerable(def *ast.Definition, f *ast.FieldDefinition) bool {
	switch f.Name {
	case "search", "attachments", "keys", "createdByName", "updatedByName", "events", "cursor", "startCursor", "endCursor", "codes", "updatedBy":
		return false
	}
	if f.Name == "groups" {
		return true
	}
	if f.Name == "history" || def.Name == "History" {
		return f.Name != "id" && f.Name != "until"
	}
	if def.Name == "Query" || n.model.types[def.Name].field(f.Name).source.kind == fromRows {
		src := n.model.types[def.Name].field(f.Name).source
		return src.kind == fromRows && src.list == nil && filter.KernelType(src.entity) == nil && (src.link != "" || src.inverse != "" || def.Name == "Query") || src.entity == "Case" && src.inverse == ""
	}
	return true
}

// ask is the answer to a query, as JSON decodes it.
func (n *naive) ask(op *graphql.OperationContext) map[string]any {
	n.op = op
	out := map[string]any{}
	for _, f := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"}) {
		if f.Name == "__typename" {
			out[f.Alias] = "Query"
			continue
		}
		out[f.Alias] = n.set(f, n.model.types["Query"].field(f.Name), nil, value.Date{})
	}
	return out
}

// set is the rows of a field; above is the record on which it stands.
func (n *naive) set(f graphql.CollectedField, def *fieldDef, above *expr.Record, asOf value.Date) any {
	a, err := arguments(f.Field, n.op.Variables)
	if err != nil {
		n.t.Fatal(err)
	}
	src := def.source
	if day, _ := a.day("asOf"); !day.IsZero() {
		asOf = day
	}
	if m, _ := a.moment("knownAt"); !m.IsZero() {
		defer func(e *epoch, m time.Time) { n.epoch, n.moment = e, m }(n.epoch, n.moment)
		n.epoch, n.moment = n.past[m.UTC()], m
	}
	id := a.text("id")
	switch {
	case src.link != "" && src.shape == store.List:
		ids, _ := n.valueOf(above, src.link).([]any)
		out := []any{}
		for _, id := range ids {
			if r := n.view[id.(string)]; r != nil {
				out = append(out, n.record(r, f, asOf))
			}
		}
		return out
	case src.link != "":
		id, _ = n.valueOf(above, src.link).(string)
		fallthrough
	case src.shape == store.One:
		if r := n.view[id]; r != nil && slices.Contains(store.EntityTypes(n.cat, src.entity), r.Type) {
			return n.record(r, f, asOf)
		}
		return nil
	}
	rows := n.wanted(src, a, above, asOf)
	if src.shape == store.Holder {
		return n.aggregate(rows, f, bare(def.typ))
	}
	n.sort(rows, a)
	if src.shape == store.List {
		out := []any{}
		for _, r := range n.page(rows, a, store.MaxList) {
			out = append(out, n.record(r, f, asOf))
		}
		return out
	}
	return n.connection(rows, f, bare(def.typ), a, above != nil && src.inverse != "", asOf)
}

// wanted are the rows of an entity that pass the arguments of a field.
func (n *naive) wanted(src source, a args, above *expr.Record, asOf value.Date) []*expr.Record {
	types := store.EntityTypes(n.cat, src.entity)
	if only := a.texts("types"); len(only) > 0 {
		types = only
	}
	where := filter.Everything()
	if w := a.object("where"); w != nil {
		var err error
		if where, err = filter.FromJSON(n.cat, src.entity, w); err != nil {
			n.t.Fatal(err)
		}
	}
	card := a.text("id")
	var out []*expr.Record
	for _, id := range n.order {
		r, row := n.view[id], n.rows[id]
		if !slices.Contains(types, r.Type) || row.Void != "" {
			continue
		}
		if above != nil && !leads(n.valueOf(r, src.inverse), above.ID) {
			continue
		}
		if card != "" && (row.Card != card && row.Root != card || row.ID == card) {
			continue
		}
		if d := n.cat.Documents[r.Type]; !asOf.IsZero() && d.Holds != nil && !n.holds(r, d, asOf) {
			continue
		}
		if ok, err := where.Match(n.t.Context(), r, living{n.world, n.rows}); err != nil {
			n.t.Fatal(err)
		} else if ok {
			out = append(out, r)
		}
	}
	return out
}

// living is a world in which voided records are not read from the other side of their links, as in lists.
type living struct {
	*expr.StaticWorld
	rows map[string]*kernel.Record
}

func (w living) Inverse(ctx context.Context, typ, id, inverse string) ([]*expr.Record, error) {
	all, err := w.StaticWorld.Inverse(ctx, typ, id, inverse)
	return slices.DeleteFunc(all, func(r *expr.Record) bool { return w.rows[r.ID].Void != "" }), err
}

func leads(v any, id string) bool {
	ids, _ := v.([]any)
	return v == id || slices.Contains(ids, any(id))
}

func (n *naive) holds(r *expr.Record, d *schema.Document, day value.Date) bool {
	from, _ := r.Data[d.Holds.From.Text].(string)
	to, _ := r.Data[d.Holds.To.Text].(string)
	return (from == "" || from <= day.String()) && (to == "" || day.String() <= to)
}

// valueOf is a property of a record, or what the kernel keeps under its name.
func (n *naive) valueOf(r *expr.Record, name string) any {
	if p := n.cat.Documents[r.Type].Property(name); p != nil {
		return r.Data[name]
	}
	switch name {
	case "id":
		return r.ID
	case "version":
		return json.Number(fmt.Sprint(r.Version))
	}
	return r.Kernel[name]
}

// sort orders rows: what is absent is the greatest, and the id makes the order total.
func (n *naive) sort(rows []*expr.Record, a args) {
	desc := false
	slices.SortFunc(rows, func(x, y *expr.Record) int {
		for _, k := range a.list("orderBy") {
			at, c := k, 0
			x, y := x, y
			for { // over links
				name, next := only(at)
				if m, ok := next.(map[string]any); ok {
					x, y, at = n.behind(x, name), n.behind(y, name), m
					continue
				}
				desc, c = next == "DESC", n.compare(x, y, name)
				break
			}
			if desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		if c := strings.Compare(x.ID, y.ID); !desc {
			return c
		}
		return strings.Compare(y.ID, x.ID)
	})
}

// only is the one key of a map.
func only(v any) (string, any) {
	for name, v := range v.(map[string]any) {
		return name, v
	}
	return "", nil
}

// behind is the record to which a link leads; nil where it leads to none that may be seen.
func (n *naive) behind(r *expr.Record, link string) *expr.Record {
	if r == nil {
		return nil
	}
	id, _ := n.valueOf(r, link).(string)
	return n.view[id]
}

func (n *naive) compare(x, y *expr.Record, name string) int {
	var a, b any
	if x != nil {
		a = n.valueOf(x, name)
	}
	if y != nil {
		b = n.valueOf(y, name)
	}
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	if v, ok := a.(bool); ok {
		return cmp.Compare(fmt.Sprint(v), fmt.Sprint(b))
	}
	p := n.cat.Documents[x.Type].Property(name)
	if p == nil && name != "version" {
		return strings.Compare(a.(string), b.(string))
	}
	if p == nil || p.Type.Kind == schema.Integer || p.Type.Kind == schema.Decimal || p.Type.Kind == schema.Money {
		return rat(a).Cmp(rat(b))
	}
	return strings.Compare(filter.Folded(p.Fold, a.(string)), filter.Folded(p.Fold, b.(string)))
}

func rat(v any) *big.Rat {
	r, ok := new(big.Rat).SetString(fmt.Sprint(v))
	if !ok {
		panic(fmt.Sprintf("%v is no number", v))
	}
	return r
}

// page cuts rows as first and last say.
func (n *naive) page(rows []*expr.Record, a args, unasked int) []*expr.Record {
	first, _ := a.number("first")
	last, _ := a.number("last")
	if last > 0 {
		return rows[max(0, len(rows)-last):]
	}
	return rows[:min(len(rows), cmp.Or(first, unasked))]
}

func (n *naive) connection(rows []*expr.Record, f graphql.CollectedField, name string, a args, nested bool, asOf value.Date) any {
	unasked := store.DefaultPage
	if nested {
		unasked = nestedPage
	}
	page := n.page(rows, a, unasked)
	last, _ := a.number("last")
	out := map[string]any{}
	for _, part := range graphql.CollectFields(n.op, f.Selections, []string{name}) {
		switch part.Name {
		case "__typename":
			out[part.Alias] = name
		case "totalCount":
			out[part.Alias] = json.Number(fmt.Sprint(len(rows)))
		case "nodes":
			list := []any{}
			for _, r := range page {
				list = append(list, n.record(r, part, asOf))
			}
			out[part.Alias] = list
		case "edges":
			out[part.Alias] = n.edges(page, part, bare(n.model.types[name].field("edges").typ), asOf)
		case "pageInfo":
			info := map[string]any{}
			for _, p := range graphql.CollectFields(n.op, part.Selections, []string{"PageInfo"}) {
				switch p.Name {
				case "__typename":
					info[p.Alias] = "PageInfo"
				case "hasNextPage":
					info[p.Alias] = last == 0 && len(page) < len(rows)
				case "hasPreviousPage":
					info[p.Alias] = last > 0 && len(page) < len(rows)
				}
			}
			out[part.Alias] = info
		}
	}
	return out
}

func (n *naive) edges(page []*expr.Record, f graphql.CollectedField, name string, asOf value.Date) any {
	list := []any{}
	for _, r := range page {
		edge := map[string]any{}
		for _, e := range graphql.CollectFields(n.op, f.Selections, []string{name}) {
			if e.Name == "__typename" {
				edge[e.Alias] = name
			} else {
				edge[e.Alias] = n.record(r, e, asOf)
			}
		}
		list = append(list, edge)
	}
	return list
}
