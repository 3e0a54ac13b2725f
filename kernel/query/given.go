package query

import (
	"context"
	"slices"

	"mera/kernel"
	"mera/kernel/store"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/filter"
	"mera/schema/value"
)

// Given are the values of a list's arguments in stored form, and the day that `today` is.
type Given struct {
	Values map[string]any
	Today  value.Date
	Looked *bool // set where a record had to be read to make the set
}

// Set is the list as a set of rows for an actor; its fields and page are the caller's to fill. Who may not ask gets
// DENIED, an argument that is missing or wrong INVALID. Where the filter reads a property of a record that is given,
// that record is read first, by a statement of its own and only if the actor may see it.
func (r *Reader) Set(ctx context.Context, actor kernel.Actor, l *List, g Given) (*store.Set, error) {
	if !l.admits(actor) {
		return nil, kernel.Errorf(kernel.Denied, "list-denied", l.Name)
	}
	vars := map[string]any{"today": g.Today, "actor": actorValue(actor, r.cat)}
	for _, p := range l.Given {
		v, given := g.Values[p.Name]
		if !given || v == nil {
			if p.Required {
				return nil, missing(p.Name)
			}
			vars[p.Name] = nil
			continue
		}
		x, err := argument(p, v)
		if err != nil {
			return nil, err
		}
		vars[p.Name] = x
	}
	in := expr.Input{Ctx: ctx, Vars: vars, Day: g.Today, World: reading{r, actor, g.Looked}}
	where, err := l.where.Resolve(in)
	if err != nil {
		return nil, kernel.Errorf(kernel.Internal, "list").Because(err)
	}
	s := l.set(where)
	for name, f := range l.facts {
		if s.Facts[name], err = f.where.Resolve(in); err != nil {
			return nil, kernel.Errorf(kernel.Internal, "list").Because(err)
		}
	}
	return s, nil
}

func (l *List) set(where *filter.Tree) *store.Set {
	s := &store.Set{Shape: store.Connection, Entity: l.About.Text, Where: where, Order: l.order, Open: l.Public, Facts: map[string]*filter.Tree{}}
	if !l.Grouped() {
		return s
	}
	s.Shape, s.Ranks = store.Grouped, l.ranks
	for _, c := range l.Columns {
		path, _ := hops(c.of)
		s.Groups = append(s.Groups, store.Group{Name: c.Name, Path: path, Part: c.part})
	}
	for _, c := range l.Sums {
		path, _ := hops(c.of)
		s.Aggregates = append(s.Aggregates, store.Aggregate{Name: c.Name, Function: c.function, Path: path})
	}
	return s
}

// admits tells whether an actor may ask for the list at all; the policy of its type decides the rows.
func (l *List) admits(actor kernel.Actor) bool {
	if l.Public || len(l.By) == 0 || actor.Kind == kernel.System {
		return true
	}
	return slices.ContainsFunc(l.By, func(role schema.Scalar) bool {
		return slices.Contains(actor.Roles, role.Text) || role.Text == string(actor.Kind)
	})
}

func missing(name string) *kernel.Error {
	e := kernel.Errorf(kernel.Invalid, "invalid")
	e.Fields = []kernel.FieldError{{Path: name, Code: "required"}}
	return e
}

func wrong(name string, err error) *kernel.Error {
	e := kernel.Errorf(kernel.Invalid, "invalid").Because(err)
	e.Fields = []kernel.FieldError{{Path: name, Code: "value"}}
	return e
}

// argument is a given value as expressions read it.
func argument(p *schema.Property, v any) (any, error) {
	t := p.Type
	switch {
	case t.Kind == expr.PeriodT.Kind:
		return period(p.Name, v)
	}
	x, err := expr.FromStored(t, v)
	if err != nil {
		return nil, wrong(p.Name, err)
	}
	return x, nil
}

// period reads {from, to}; an end that is left out is open.
func period(name string, v any) (any, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, wrong(name, nil)
	}
	p := value.Period{To: value.Forever}
	for key, end := range map[string]*value.Date{"from": &p.From, "to": &p.To} {
		text, ok := m[key].(string)
		if !ok {
			continue
		}
		d, err := value.ParseDate(text)
		if err != nil {
			return nil, wrong(name+"."+key, err)
		}
		*end = d
	}
	return p, nil
}

func actorValue(a kernel.Actor, cat *schema.Catalog) map[string]any {
	out := map[string]any{"id": a.ID, "kind": string(a.Kind), "roles": texts(a.Roles), "duties": texts(a.Duties)}
	territories := texts(a.Territories)
	if cat.Classifiers["Territory"] != nil {
		for i, code := range a.Territories {
			territories[i] = expr.Item{Classifier: "Territory", Code: code}
		}
	}
	out["territories"] = territories
	if a.Department != "" {
		out["department"] = a.Department
	}
	if a.Person != "" {
		out["person"] = &expr.Record{Type: "Person", ID: a.Person}
	}
	if a.Office != "" {
		out["office"] = &expr.Record{Type: "Office", ID: a.Office}
	}
	return out
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
