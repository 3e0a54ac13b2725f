package access

import (
	"context"
	"errors"
	"fmt"

	"mera/kernel"
	"mera/policies"
	"mera/schema/filter"
	"mera/schema/value"
)

// World is what the gate must know of the installation.
type World interface {
	// Below are the codes of the territories given and of all below them.
	Below(ctx context.Context, territories []string) ([]string, error)
	// Today is input.today: the day by the clock of the installation.
	Today() value.Date
}

// Gate answers for one release.
type Gate struct {
	set     *policies.Set
	world   World
	reads   reads
	classes classes
}

// New makes the gate of a release.
func New(set *policies.Set, world World) *Gate {
	return &Gate{set: set, world: world, reads: readsOf(set), classes: classes{known: map[string]*class{}}}
}

// The actions that the gate knows by name; others (update, fire, print, …) are judged by `write`.
const (
	read   = "read"
	create = "create"
	edit   = "edit" // of a label; no command has this name
)

// Check judges an action on a record. A record that the actor may not even read is NotFound; one that he may read but
// not write is Denied. "create" judges a record that nobody has yet, so its refusal is always Denied. event names what
// is fired.
func (g *Gate) Check(ctx context.Context, actor kernel.Actor, action string, r *kernel.Record, event string) error {
	switch ok, known := g.passes(ctx, actor, action, r, event); {
	case known && action == read:
		return verdict(ok, "the filter of reading leaves it out", nil, kernel.NotFound)
	case known && ok:
		return nil
	}
	a, err := g.actor(ctx, actor)
	if err != nil {
		return err
	}
	reader := beforeRecord(a, actor, r)
	if action == read {
		return g.mayRead(ctx, reader, r)
	}
	ok, why, err := g.set.Check(ctx, a, action, r.Type, row(r), event, g.today())
	if ok && err == nil || action == create {
		return verdict(ok, why, err, kernel.Denied)
	}
	if hidden := g.mayRead(ctx, reader, r); hidden != nil {
		return hidden
	}
	return verdict(ok, why, err, kernel.Denied)
}

// passes judges a document by the filter of the actor's class: it says of a row in memory what it says of rows in the
// database, and much faster than the rules from which it was made. Where it cannot tell, the rules must be asked; what
// it refuses they word. Events come from clients, so nothing is kept for them.
func (g *Gate) passes(ctx context.Context, actor kernel.Actor, action string, r *kernel.Record, event string) (ok, known bool) {
	if event != "" {
		return false, false
	}
	e := entry{typ: r.Type, action: action}
	if action == read {
		e.action = ""
	}
	return g.meets(ctx, actor, e, r)
}

// meets judges a document by the filter of an entry point.
func (g *Gate) meets(ctx context.Context, actor kernel.Actor, e entry, r *kernel.Record) (ok, known bool) {
	if filter.KernelType(r.Type) != nil || len(r.Access) > 0 { // attributes of its own: the rules refuse one of a wrong type
		return false, false
	}
	t, err := g.bound(ctx, actor, e)
	if err != nil {
		return false, false
	}
	ok, err = t.MatchAttributes(func(name string) any { return attribute(r, name) })
	return ok, err == nil
}

func (g *Gate) mayRead(ctx context.Context, a policies.Actor, r *kernel.Record) error {
	ok, why, err := g.set.Check(ctx, a, read, r.Type, row(r), "", g.today())
	return verdict(ok, why, err, kernel.NotFound)
}

// CheckNew judges the making of a record.
func (g *Gate) CheckNew(ctx context.Context, actor kernel.Actor, r *kernel.Record) error {
	return g.Check(ctx, actor, create, r, "")
}

// CheckChange judges an action on a record as it was and as it becomes: nobody moves a record to where he may not
// write, nor takes one from there.
func (g *Gate) CheckChange(ctx context.Context, actor kernel.Actor, action string, before, after *kernel.Record, event string) error {
	if err := g.Check(ctx, actor, action, before, event); err != nil {
		return err
	}
	if err := g.Check(ctx, actor, action, after, event); err != nil {
		return denied(err)
	}
	return nil
}

// denied makes a refusal of the row after the change Denied: the actor saw the record before.
func denied(err error) error {
	if kernel.CodeOf(err) != kernel.NotFound {
		return err
	}
	return kernel.Errorf(kernel.Denied, "denied").Because(err)
}

// CheckKernel judges an action that is about no record: install, createActor, setClock, setCounter, setParameter,
// accrue, runPayments.
func (g *Gate) CheckKernel(ctx context.Context, actor kernel.Actor, action string) error {
	a, err := g.actor(ctx, actor)
	if err != nil {
		return err
	}
	ok, why, err := g.set.Check(ctx, a, action, policies.Server, nil, "", g.today())
	return verdict(ok, why, err, kernel.Denied)
}

// verdict words a refusal. Why it was refused is for the log: it may tell of what the actor must not know.
func verdict(ok bool, why string, err error, code kernel.Code) error {
	switch {
	case err != nil:
		return failure(err)
	case ok:
		return nil
	case code == kernel.NotFound:
		return kernel.Errorf(code, "not-found").Because(errors.New(why))
	}
	return kernel.Errorf(code, "denied").Because(errors.New(why))
}

// failure is a policy that could not be asked: a refusal all the same.
func failure(err error) error {
	if errors.Is(err, policies.ErrLimit) {
		return kernel.Errorf(kernel.Limit, "policy-limit").Because(err)
	}
	return kernel.Errorf(kernel.Unavailable, "policy-failed").Because(err)
}

// Filter is the filter of the records of a type that an actor may read, for a selection to conjoin.
func (g *Gate) Filter(ctx context.Context, actor kernel.Actor, typ string) (*filter.Tree, error) {
	return g.bound(ctx, actor, entry{typ: typ})
}

// Show is the filter of the records whose properties with a label an actor may see. Elsewhere such a property is as if
// absent: in data, filters, orders, search, history, prints and exports.
func (g *Gate) Show(ctx context.Context, actor kernel.Actor, typ, label string) (*filter.Tree, error) {
	return g.bound(ctx, actor, entry{typ: typ, label: label})
}

// OpenFilter is Filter with the actor's own id, person and office left open as parameters: one tree for all actors of
// a shared class. Class.Values fill it.
func (g *Gate) OpenFilter(ctx context.Context, actor kernel.Actor, typ string) (*filter.Tree, error) {
	return g.unbound(ctx, actor, entry{typ: typ})
}

// OpenShow is Show with the actor's own id, person and office left open.
func (g *Gate) OpenShow(ctx context.Context, actor kernel.Actor, typ, label string) (*filter.Tree, error) {
	return g.unbound(ctx, actor, entry{typ: typ, label: label})
}

func (g *Gate) unbound(ctx context.Context, actor kernel.Actor, e entry) (*filter.Tree, error) {
	o, err := g.filter(ctx, actor, e)
	if err != nil {
		return nil, err
	}
	return o.tree, nil
}

func (g *Gate) bound(ctx context.Context, actor kernel.Actor, e entry) (*filter.Tree, error) {
	o, err := g.filter(ctx, actor, e)
	if err != nil {
		return nil, err
	}
	if !o.personal {
		return o.tree, nil
	}
	return o.tree.Bind(Class{own: g.own(actor)}.Values()), nil
}

// Labels are the labels of a type's properties.
func (g *Gate) Labels(typ string) []string { return g.set.Labels(typ) }

// Edit tells whether the actor may write the properties with a label of a record: edit.<label>, and no deny.
func (g *Gate) Edit(ctx context.Context, actor kernel.Actor, r *kernel.Record, label string) (bool, error) {
	if ok, known := g.meets(ctx, actor, entry{typ: r.Type, label: label, action: edit}, r); ok && known {
		return true, nil
	}
	a, err := g.actor(ctx, actor)
	if err != nil {
		return false, err
	}
	ok, err := g.set.Edit(ctx, a, r.Type, label, row(r), g.today())
	if err != nil {
		return false, failure(err)
	}
	return ok, nil
}

// Hidden are the labels whose properties the actor may not see of a record: what a mask takes away from one record in
// memory, as Show does from rows.
func (g *Gate) Hidden(ctx context.Context, actor kernel.Actor, r *kernel.Record) ([]string, error) {
	labels := g.set.Labels(r.Type)
	if len(labels) == 0 {
		return nil, nil
	}
	a, err := g.actor(ctx, actor)
	if err != nil {
		return nil, err
	}
	a = beforeRecord(a, actor, r)
	var hidden []string
	for _, label := range labels {
		ok, err := g.set.Shown(ctx, a, r.Type, label, row(r), g.today())
		if err != nil {
			return nil, failure(err)
		}
		if !ok {
			hidden = append(hidden, label)
		}
	}
	return hidden, nil
}

func (g *Gate) today() string { return g.world.Today().String() }

// actor is input.actor without the glass, which counts before one record only: what an actor has not is left out, so
// that nothing is equal to it.
func (g *Gate) actor(ctx context.Context, a kernel.Actor) (policies.Actor, error) {
	below, err := g.world.Below(ctx, a.Territories)
	if err != nil {
		return nil, fmt.Errorf("territories of the actor: %w", failure(err))
	}
	out := policies.Actor{"kind": string(a.Kind), "roles": list(a.Roles), "duties": list(a.Duties), "territories": list(below)}
	for part, v := range map[string]string{"id": a.ID, "person": a.Person, "office": a.Office, "department": a.Department} {
		if v != "" {
			out[part] = v
		}
	}
	return out, nil
}

func list(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = w
	}
	return out
}
