package access

import (
	"maps"

	"mera/kernel"
	"mera/policies"
	"mera/schema"
	"mera/schema/filter"
)

// Whoever breaks the glass gives a reason and reads one record that the policies do not show him. Before that record,
// and no other, input.actor.glass holds the reason; it never lets him write.

// broken tells that an actor has broken the glass for a record that may be of a type. Papers of cases, actors and the
// like are never opened so.
func broken(actor kernel.Actor, typ string) bool {
	return actor.Glass != "" && actor.Opened != "" && filter.KernelType(typ) == nil
}

// beforeRecord is an actor as he stands before a record that he wants to read.
func beforeRecord(a policies.Actor, actor kernel.Actor, r *kernel.Record) policies.Actor {
	if broken(actor, r.Type) && actor.Opened == r.ID {
		return glass(a, actor)
	}
	return a
}

func glass(a policies.Actor, actor kernel.Actor) policies.Actor {
	out := maps.Clone(a)
	out["glass"] = actor.Glass
	return out
}

// openedRecord is the filter of the one record.
func openedRecord(actor kernel.Actor) *filter.Tree {
	return &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: "id", Row: true}}, Type: &schema.Type{Kind: schema.UUID}, Op: filter.Eq, Value: actor.Opened}
}
