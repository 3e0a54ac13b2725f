package access

import (
	"context"
	"encoding/binary"
	"sync"

	"mera/kernel"
	"mera/policies"
	"mera/schema/filter"
	"mera/schema/value"
)

// Class tells actors apart as far as filters do: within one release, actors of one class get equal filters for every
// type and label. It is small and comparable, so what is made of filters (a statement, a plan) is kept by it.
//
// A class has a shared part - kind, roles, duties, territories with all below them, department, the day, each only if
// some policy reads it, and the record behind broken glass - and an own part: the actor's id, person and office.
type Class struct {
	shared string
	own    own
}

// own are the parts of an actor that stand open in OpenFilter and OpenShow.
type own struct{ id, person, office string }

// Shared is the class without its own part. Actors of one shared class get equal filters from OpenFilter and OpenShow:
// what is made of those serves them all, with the Values of each.
func (c Class) Shared() Class { return Class{shared: c.shared} }

// Values are what the parameters of open filters stand for, by filter.Param.Name.
func (c Class) Values() map[string]any {
	out := make(map[string]any, 3)
	for _, v := range [...]struct{ name, text string }{{"actor.id", c.own.id}, {"actor.person", c.own.person}, {"actor.office", c.own.office}} {
		if v.text != "" {
			out[v.name] = v.text
		}
	}
	return out
}

// Class is the class of an actor today. It costs some hundred nanoseconds for a class that was met before.
func (g *Gate) Class(ctx context.Context, actor kernel.Actor) (Class, error) {
	c, err := g.class(ctx, actor)
	if err != nil {
		return Class{}, err
	}
	out := Class{shared: c.id, own: g.own(actor)}
	if actor.Glass != "" && actor.Opened != "" {
		out.shared += "/" + actor.Opened
	}
	return out, nil
}

// ClassKey is the shared class of an actor as a text, with the values that stand open in OpenFilter and OpenShow: by it
// the read road keeps its plans. Who has broken the glass is alone in his class: "".
func (g *Gate) ClassKey(ctx context.Context, actor kernel.Actor) (key string, values map[string]any, err error) {
	if actor.Glass != "" {
		return "", nil, nil
	}
	c, err := g.Class(ctx, actor)
	return c.shared, c.Values(), err
}

// own are the parts of an actor that stand open; a machine's id does not.
func (g *Gate) own(actor kernel.Actor) own {
	var o own
	if g.reads.id && actor.Kind != kernel.System {
		o.id = actor.ID
	}
	if g.reads.person {
		o.person = actor.Person
	}
	if g.reads.office {
		o.office = actor.Office
	}
	return o
}

// reads are the parts of an actor that some policy of the release reads.
type reads struct{ id, person, office, department, duties, roles, territories, day bool }

func readsOf(set *policies.Set) reads {
	return reads{
		id: set.Reads("actor.id"), person: set.Reads("actor.person"), office: set.Reads("actor.office"),
		department: set.Reads("actor.department"), duties: set.Reads("actor.duties"), roles: set.Reads("actor.roles"),
		territories: set.Reads("actor.territories"), day: set.Reads("today"),
	}
}

// class holds the open filters of all actors of a shared class.
type class struct {
	id    string
	actor policies.Actor
	today string

	mu      sync.RWMutex
	filters map[entry]*open
}

// entry is an entry point of a type: read, show of a label, write by an action, or edit of a label.
type entry struct{ typ, label, action string }

// open compiles the filter of an entry point.
func (e entry) open(ctx context.Context, set *policies.Set, a policies.Actor, today string) (*filter.Tree, error) {
	switch {
	case e.action == edit:
		return set.OpenEdit(ctx, a, e.typ, e.label, today)
	case e.action != "":
		return set.OpenWrite(ctx, a, e.action, e.typ, today)
	case e.label != "":
		return set.Open(ctx, a, e.typ, "show."+e.label, today)
	}
	return set.Open(ctx, a, e.typ, read, today)
}

// open is a filter of a class; personal tells that parts of the actor stand open in it.
type open struct {
	tree     *filter.Tree
	personal bool
}

// classes keeps classes by what they are made of. It is emptied when it is full: classes of actors are few, so that
// happens when a day ends or people move, and then the old ones are of no more use.
type classes struct {
	mu    sync.RWMutex
	known map[string]*class
}

const maxClasses = 5_000

// class finds or makes the shared class of an actor.
func (g *Gate) class(ctx context.Context, actor kernel.Actor) (*class, error) {
	var space [256]byte
	today := g.world.Today()
	key := g.key(space[:0], actor, today)
	g.classes.mu.RLock()
	c := g.classes.known[string(key)] // without a copy of the key
	g.classes.mu.RUnlock()
	if c != nil {
		return c, nil
	}
	a, err := g.actor(ctx, actor)
	if err != nil {
		return nil, err
	}
	c = &class{id: a.Class(), actor: a, today: today.String(), filters: map[entry]*open{}}
	if g.reads.day {
		c.id += "@" + c.today
	}
	g.classes.mu.Lock()
	defer g.classes.mu.Unlock()
	if len(g.classes.known) >= maxClasses {
		clear(g.classes.known)
	}
	g.classes.known[string(key)] = c
	return c, nil
}

// key is all that an actor's filters depend on, but for the values of his own id, person and office: each text with
// its length, so that no two actors run into one.
func (g *Gate) key(k []byte, a kernel.Actor, today value.Date) []byte {
	text := func(s string) {
		k = binary.AppendUvarint(k, uint64(len(s)))
		k = append(k, s...)
	}
	texts := func(read bool, list []string) {
		if !read {
			return
		}
		k = binary.AppendUvarint(k, uint64(len(list)))
		for _, s := range list {
			text(s)
		}
	}
	there := func(s string) {
		if s != "" {
			k = append(k, 1)
		} else {
			k = append(k, 0)
		}
	}
	text(string(a.Kind))
	if a.Kind == kernel.System {
		text(a.ID)
	}
	texts(g.reads.roles, a.Roles)
	texts(g.reads.territories, a.Territories)
	texts(g.reads.duties, a.Duties)
	if g.reads.department {
		text(a.Department)
	}
	there(a.ID)
	there(a.Person)
	there(a.Office)
	if g.reads.day {
		k = append(k, byte(today.Year>>8), byte(today.Year), byte(today.Month), byte(today.Day))
	}
	return k
}

// open is the filter of an entry point for a class, compiled once.
func (g *Gate) open(ctx context.Context, c *class, e entry) (*open, error) {
	c.mu.RLock()
	o := c.filters[e]
	c.mu.RUnlock()
	if o != nil {
		return o, nil
	}
	t, err := e.open(ctx, g.set, c.actor, c.today)
	if err != nil {
		return nil, failure(err)
	}
	if t, err = g.paper(ctx, c, e, t); err != nil {
		return nil, err
	}
	o = &open{t, len(t.Params()) > 0}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.filters[e] = o
	return o, nil
}

// filter is the open filter of an entry point for an actor, with the record that he has opened by breaking the glass.
func (g *Gate) filter(ctx context.Context, actor kernel.Actor, e entry) (*open, error) {
	c, err := g.class(ctx, actor)
	if err != nil {
		return nil, err
	}
	o, err := g.open(ctx, c, e)
	if err != nil || e.action != "" || !broken(actor, e.typ) { // the glass never lets him write
		return o, err
	}
	beyond, err := e.open(ctx, g.set, glass(c.actor, actor), c.today)
	if err != nil {
		return nil, failure(err)
	}
	t := filter.Disj(o.tree, filter.Conj(openedRecord(actor), beyond))
	return &open{t, len(t.Params()) > 0}, nil
}
