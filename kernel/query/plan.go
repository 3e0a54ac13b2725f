package query

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"mera/kernel"
	"mera/kernel/store"
	"mera/schema/filter"
)

// Class is what the filters of an actor depend on. A plan that was made for one actor serves all of his class, each
// with his own values.
type Class struct {
	Key    string         // "": the actor is alone in his class today, and nothing is kept for him
	Values map[string]any // of what stands open in filters: actor.id, actor.person, actor.office
}

// Classes is a gate that knows classes. OpenFilter and OpenShow are Filter and Show with the values of ClassKey left
// open as parameters of their names.
type Classes interface {
	ClassKey(ctx context.Context, actor kernel.Actor) (key string, values map[string]any, err error)
	OpenFilter(ctx context.Context, actor kernel.Actor, typ string) (*filter.Tree, error)
	OpenShow(ctx context.Context, actor kernel.Actor, typ, label string) (*filter.Tree, error)
}

// Class is the class of an actor now. Whether a value is an id belongs to the class: what is none equals no id, which
// is said by another statement.
func (r *Reader) Class(ctx context.Context, actor kernel.Actor) (Class, error) {
	g, ok := r.gate.(Classes)
	if !ok {
		return Class{}, nil
	}
	key, values, err := g.ClassKey(ctx, actor)
	if err != nil || key == "" {
		return Class{}, err
	}
	ids := make([]string, 0, 4)
	for name, v := range values {
		text, ok := v.(string)
		if !ok {
			return Class{}, nil
		}
		if uuid.Validate(text) == nil {
			ids = append(ids, name)
		}
	}
	slices.Sort(ids)
	for _, name := range ids {
		key += " " + name
	}
	return Class{Key: key, Values: values}, nil
}

// Plan compiles roots for the class of an actor. Slots of the sets and of the class stand open in it.
func (r *Reader) Plan(ctx context.Context, actor kernel.Actor, class Class, roots ...*store.Set) (store.Statement, error) {
	g, ok := r.gate.(Classes)
	if !ok || class.Key == "" {
		return store.Statement{}, fmt.Errorf("the actor %s has no class", actor.ID)
	}
	slots := make(map[string]any, len(class.Values))
	for name, v := range class.Values {
		slots[name] = filter.NewSlot(name, v)
	}
	s, err := r.selection(func(typ, label string) (t *filter.Tree, err error) {
		if label == "" {
			t, err = g.OpenFilter(ctx, actor, typ)
		} else {
			t, err = g.OpenShow(ctx, actor, typ, label)
		}
		if err != nil {
			return nil, err
		}
		return t.Bind(slots), nil
	}, roots)
	if err != nil {
		return store.Statement{}, err
	}
	return s.Statement()
}

// Run runs a statement of Plan with the values bound. each sees the JSON of a root, in their order, as long as it runs;
// keep tells that the statement will come again.
func (r *Reader) Run(ctx context.Context, st store.Statement, args []any, keep bool, each func(root int, raw []byte)) error {
	return r.db.Run(ctx, st, args, keep, each)
}
