package graph

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"mera/kernel"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// record is what was asked for of a record.
func (n *naive) record(r *expr.Record, f graphql.CollectedField, asOf value.Date) any {
	t := n.model.types[r.Type]
	out := map[string]any{}
	for _, x := range graphql.CollectFields(n.op, f.Selections, append([]string{t.name}, t.implements...)) {
		out[x.Alias] = n.field(r, x, t, asOf)
	}
	return out
}

func (n *naive) field(r *expr.Record, f graphql.CollectedField, t *typeDef, asOf value.Date) any {
	if f.Name == "__typename" {
		return r.Type
	}
	if f.Name == "history" {
		return n.history(r, f)
	}
	if def := t.field(f.Name); def.source.kind == fromRows {
		return n.set(f, def, r, asOf)
	}
	if p := n.cat.Documents[r.Type].Property(f.Name); p != nil {
		return n.property(r.Data[f.Name], p.Type, f, t.field(f.Name))
	}
	switch f.Name {
	case "type":
		return r.Type
	case "void":
		if v := n.rows[r.ID].Void; v != "" {
			return v
		}
		return nil
	}
	return n.valueOf(r, f.Name)
}

// history is the versions of a record, the oldest first. A property with a hidden label is left out whole.
func (n *naive) history(r *expr.Record, f graphql.CollectedField) any {
	l, hidden := n.present.lives[r.ID], n.present.hidden[r.ID]
	a, err := arguments(f.Field, n.op.Variables)
	if err != nil {
		n.t.Fatal(err)
	}
	first, _ := a.number("first")
	out := []any{}
	for i, v := range l.versions {
		if n.known(l.since[i]) && (first == 0 || len(out) < first) {
			out = append(out, n.version(v, l.since[i], hidden, f))
		}
	}
	return out
}

func (n *naive) version(v *kernel.Record, since time.Time, hidden []string, f graphql.CollectedField) any {
	row := map[string]any{}
	for _, x := range graphql.CollectFields(n.op, f.Selections, []string{"History"}) {
		switch x.Name {
		case "__typename":
			row[x.Alias] = "History"
		case "version":
			row[x.Alias] = json.Number(fmt.Sprint(v.Version))
		case "since":
			row[x.Alias] = since.Format(time.RFC3339)
		case "by":
			row[x.Alias] = v.UpdatedBy
		case "title":
			row[x.Alias] = v.Title
		case "stateTitle":
			row[x.Alias] = nil
			if v.Case != nil {
				row[x.Alias] = stateTitle(n.cat, v)
			}
		case "state", "void":
			row[x.Alias] = nil
			if v.Case != nil && x.Name == "state" {
				row[x.Alias] = v.Case.State
			} else if v.Void != "" && x.Name == "void" {
				row[x.Alias] = v.Void
			}
		case "data":
			data := maps.Clone(v.Data)
			for _, p := range n.cat.Documents[v.Type].Properties {
				if slices.ContainsFunc(labelsOf(p), func(l string) bool { return slices.Contains(hidden, l) }) {
					delete(data, p.Name)
				}
			}
			row[x.Alias] = data
		}
	}
	return row
}

// labelsOf are the labels of a property and of what is in it.
func labelsOf(p *schema.Property) []string {
	out := []string{p.Label}
	if p.Type.Kind == schema.Object {
		for _, f := range p.Type.Fields {
			out = append(out, labelsOf(f)...)
		}
	}
	return out
}

// known tells that a moment is not after the one that is asked about.
func (n *naive) known(at time.Time) bool { return n.moment.IsZero() || !at.After(n.moment) }

// property is the value of a property of a definition as it is shown.
func (n *naive) property(v any, t *schema.Type, f graphql.CollectedField, def *fieldDef) any {
	if v == nil {
		return nil
	}
	switch t.Kind {
	case schema.Item:
		return n.item(t.Of, v.(string), f)
	case schema.Array:
		out := []any{}
		for _, e := range v.([]any) {
			out = append(out, n.property(e, t.Elem, f, def))
		}
		return out
	case schema.Object:
		name := bare(def.typ)
		out := map[string]any{}
		for _, x := range graphql.CollectFields(n.op, f.Selections, []string{name}) {
			if x.Name == "__typename" {
				out[x.Alias] = name
				continue
			}
			out[x.Alias] = n.property(v.(map[string]any)[x.Name], t.Field(x.Name).Type, x, n.model.types[name].field(x.Name))
		}
		return out
	}
	return v
}

// item is an item of a classifier; a code that it has not is its own title.
func (n *naive) item(classifier, code string, f graphql.CollectedField) any {
	var it *schema.ClassifierItem
	for _, x := range n.cat.Classifiers[classifier].Items {
		if x.Code == code {
			it = x
		}
	}
	out := map[string]any{}
	for _, x := range graphql.CollectFields(n.op, f.Selections, []string{classifier, "Item"}) {
		var v any
		switch x.Name {
		case "__typename":
			v = classifier
		case "code":
			v = code
		case "title":
			v = code
			if it != nil {
				v = it.Title
			}
		case "parent":
			if it != nil && it.Parent != "" {
				v = n.item(classifier, it.Parent, x)
			}
		default:
			v = n.attribute(it, x.Name)
		}
		out[x.Alias] = v
	}
	return out
}

func (n *naive) attribute(it *schema.ClassifierItem, name string) any {
	if it == nil {
		return nil
	}
	for _, a := range it.Attributes {
		if a.Key.Text == name {
			if text := a.Value.Text(); text == "true" || text == "false" {
				return text == "true"
			}
			return a.Value.Text()
		}
	}
	return nil
}
