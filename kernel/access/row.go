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
	for _, name := range attributes {
		if _, own := out[name]; own && name == "type" { // an entry of the journal has the type of its record
			continue
		}
		if v := attribute(r, name); v != nil {
			out[name] = v
		}
	}
	return out
}

// attributes are those that every record may have.
var attributes = []string{
	"id", "type", "office", "department", "territory", "author", "card", "persons", "created", "final", "state", "worker",
}

// attribute is one attribute of row, of a document without attributes of its own; nil where it is absent.
func attribute(r *kernel.Record, name string) any {
	text := ""
	switch name {
	case "id":
		text = r.ID
	case "type":
		text = r.Type
	case "office":
		text = r.Office
	case "department":
		text = r.Department
	case "territory":
		text = r.Territory
	case "author":
		text = r.Author
	case "card":
		text = r.Card
	case "created":
		if !r.CreatedAt.IsZero() {
			text = value.DateOf(r.CreatedAt.UTC()).String()
		}
	case "persons":
		return list(r.Persons)
	case "final":
		return r.Case != nil && r.Case.Final
	case "state":
		if r.Case != nil {
			text = r.Case.State
		}
	case "worker":
		if r.Case != nil {
			text = r.Case.Worker
		}
	}
	if text == "" {
		return nil
	}
	return text
}
