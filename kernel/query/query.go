package query

import (
	"context"
	"encoding/json"
	"fmt"

	"mera/kernel"
	"mera/kernel/store"
	"mera/schema"
	"mera/schema/filter"
)

// DB runs selections.
type DB interface {
	SelectColumns(ctx context.Context, s store.Selection) ([]json.RawMessage, error)
	Explain(ctx context.Context, s store.Selection) (string, error)
	Run(ctx context.Context, st store.Statement, args []any, keep bool, each func(column int, raw []byte)) error
}

// Gate tells what the policies let an actor see: kernel/access.
type Gate interface {
	// Filter is true of the rows of a type that the actor may read.
	Filter(ctx context.Context, actor kernel.Actor, typ string) (*filter.Tree, error)
	// Show is true of the rows whose values of a label the actor may see.
	Show(ctx context.Context, actor kernel.Actor, typ, label string) (*filter.Tree, error)
}

// Reader reads one release for any actor. It is immutable.
type Reader struct {
	db   DB
	gate Gate
	cat  *schema.Catalog
}

// NewReader is the read road of a release.
func NewReader(db DB, gate Gate, cat *schema.Catalog) *Reader {
	return &Reader{db: db, gate: gate, cat: cat}
}

// Read runs roots as one statement with the actor's policy inside and returns the JSON of each root in their order.
func (r *Reader) Read(ctx context.Context, actor kernel.Actor, roots ...*store.Set) ([]json.RawMessage, error) {
	s, err := r.Selection(ctx, actor, roots...)
	if err != nil {
		return nil, err
	}
	return r.db.SelectColumns(ctx, s)
}

// Explain is the statement that Read would run, with the actor's policy inside, and its plan.
func (r *Reader) Explain(ctx context.Context, actor kernel.Actor, roots ...*store.Set) (string, error) {
	s, err := r.Selection(ctx, actor, roots...)
	if err != nil {
		return "", err
	}
	return r.db.Explain(ctx, s)
}

// Selection is what Read runs.
func (r *Reader) Selection(ctx context.Context, actor kernel.Actor, roots ...*store.Set) (store.Selection, error) {
	return r.selection(func(typ, label string) (*filter.Tree, error) {
		if label == "" {
			return r.gate.Filter(ctx, actor, typ)
		}
		return r.gate.Show(ctx, actor, typ, label)
	}, roots)
}

// policy is the filter of the rows of a type, or of those that show a label.
type policy func(typ, label string) (*filter.Tree, error)

func (r *Reader) selection(of policy, roots []*store.Set) (store.Selection, error) {
	touched := map[string]bool{}
	for _, s := range roots {
		r.touch(touched, s)
	}
	guards := make(map[string]store.Guard, len(touched))
	for typ := range touched {
		g, err := r.guard(of, typ)
		if err != nil {
			return store.Selection{}, err
		}
		guards[typ] = g
	}
	for _, s := range roots {
		if err := r.hidden(guards, s); err != nil {
			return store.Selection{}, err
		}
	}
	return store.Selection{Catalog: r.cat, Guards: guards, Roots: roots}, nil
}

// guard is what the policies say of a type. Types that have no policy of their own are reached through a record.
func (r *Reader) guard(of policy, typ string) (store.Guard, error) {
	rows, err := of(typ, "")
	if err != nil {
		return store.Guard{}, fmt.Errorf("policy of %s: %w", typ, err)
	}
	g := store.Guard{Rows: rows, Labels: map[string]*filter.Tree{}}
	d := r.cat.Documents[typ]
	if d == nil {
		return g, nil
	}
	for _, label := range store.Labels(d) {
		if g.Labels[label], err = of(typ, label); err != nil {
			return store.Guard{}, fmt.Errorf("policy of label %s of %s: %w", label, typ, err)
		}
	}
	return g, nil
}

// touch collects the types that a set reads or filters by.
func (r *Reader) touch(types map[string]bool, s *store.Set) {
	r.touchEntity(types, s.Entity)
	if s.Where != nil {
		s.Where.Walk(func(leaf *filter.Tree) {
			r.touchPath(types, leaf.Path)
			if (leaf.Op == filter.Under || leaf.Op == filter.Above) && leaf.Type.Kind == schema.Link {
				r.touchEntity(types, leaf.Type.Of) // the records of the tree are walked
			}
		})
	}
	for _, o := range s.Order {
		r.touchPath(types, o.Path)
	}
	for _, g := range s.Groups {
		r.touchPath(types, g.Path)
	}
	for _, a := range s.Aggregates {
		r.touchPath(types, a.Path)
	}
	r.touchFields(types, s.Fields)
}

func (r *Reader) touchFields(types map[string]bool, fields []*store.Field) {
	for _, f := range fields {
		if f.Set != nil {
			r.touch(types, f.Set)
		}
		r.touchFields(types, f.Fields)
	}
}

func (r *Reader) touchPath(types map[string]bool, path []filter.Hop) {
	for _, h := range path {
		if h.Link != "" {
			r.touchEntity(types, h.Link)
		}
	}
}

func (r *Reader) touchEntity(types map[string]bool, entity string) {
	switch {
	case store.Free(entity):
	case store.Kernel(entity):
		types[entity] = true
		if store.Derives(entity) {
			for _, t := range store.LabelledTypes(r.cat) {
				types[t] = true
			}
		}
	default:
		for _, t := range store.EntityTypes(r.cat, entity) {
			types[t] = true
		}
	}
}
