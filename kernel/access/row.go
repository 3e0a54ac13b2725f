package access

import (
	"maps"

	"mera/kernel"
	"mera/schema/filter"
	"mera/schema/value"
)

// row is input.row of a record. The attributes of a kernel type (Task, Award …) are its Data besides; its caller fills
// Territory, Office, Persons and Author from the case, award or list to which it belongs.
func row(r *kernel.Record) map[string]any {
	out := map[string]any{}
	if filter.KernelType(r.Type) != nil {
		maps.Copy(out, r.Data)
	}
	maps.Copy(out, r.Access)
	set := func(name, v string) {
		if v != "" {
			out[name] = v
		}
	}
	set("id", r.ID)
	if _, own := out["type"]; !own { // an entry of the journal has the type of its record
		set("type", r.Type)
	}
	set("office", r.Office)
	set("department", r.Department)
	set("territory", r.Territory)
	set("author", r.Author)
	set("card", r.Card)
	out["persons"] = list(r.Persons)
	if !r.CreatedAt.IsZero() {
		set("created", value.DateOf(r.CreatedAt.UTC()).String())
	}
	out["final"] = false
	if c := r.Case; c != nil {
		set("state", c.State)
		set("worker", c.Worker)
		out["final"] = c.Final
	}
	return out
}
