package definition

import (
	"maps"

	"mera/schema"
	"mera/schema/expr"
)

// ChildRecord is the field of work.x that holds the child case itself.
const ChildRecord = "case"

// actorType is the type of the name `actor`.
func actorType(cat *schema.Catalog) *expr.Type {
	fields := map[string]*expr.Type{"id": expr.Text, "name": expr.Text, "kind": expr.Text, "roles": expr.ListOf(expr.Text)}
	for name, document := range map[string]string{"person": PersonType, "office": OfficeType} {
		if cat.Documents[document] != nil {
			fields[name] = expr.RecordOf(document)
		}
	}
	return expr.ObjectOf(fields)
}

// Types of the kernel's catalog conventions that workflows know: parties are links to them.
const (
	PersonType = "Person"
	OfficeType = "Office"
)

func decisionType() *expr.Type {
	return expr.ObjectOf(map[string]*expr.Type{
		"granted": expr.Bool, "refused": expr.Bool, "unclear": expr.Bool, "result": expr.EnumOf(Granted, Refused, Unclear),
		"reasons": expr.ListOf(expr.ObjectOf(map[string]*expr.Type{"condition": expr.Text, "title": expr.Text, "text": expr.Text})),
		"measure": expr.Text, "period": expr.PeriodT, "amount": expr.MoneyT, "number": expr.Text, "date": expr.DateT,
	})
}

// caseType is the type of the name `case`: case.fired('event'), case.entered('state'), case.spent('state') and
// case.due.<deadline>.
func caseType(w *schema.Workflow) *expr.Type {
	fired, entered, spent, due := map[string]*expr.Type{}, map[string]*expr.Type{}, map[string]*expr.Type{}, map[string]*expr.Type{}
	for _, n := range AllNext(w) {
		if !n.Event.IsZero() {
			fired[n.Event.Text] = expr.Int
		}
	}
	for _, s := range w.States {
		entered[s.Name], spent[s.Name] = expr.Int, expr.ClockT
	}
	for _, d := range w.Deadlines {
		due[d.Name] = expr.DateT
	}
	fields := map[string]*expr.Type{
		"fired": expr.ObjectOf(fired), "entered": expr.ObjectOf(entered), "spent": expr.ObjectOf(spent),
		"due": expr.ObjectOf(due), "state": expr.Text, "opened": expr.TimestampT,
	}
	for _, name := range []string{"id", "number", "worker", "channel"} {
		t, _ := schema.KernelProperty(name, true)
		fields[name] = expr.FromSchema(t)
	}
	return expr.ObjectOf(fields)
}

// workType is the type of work.<name>.
func workType(cat *schema.Catalog, w *Work) *expr.Type {
	fields := map[string]*expr.Type{}
	if w.Kind == CaseKind {
		maps.Copy(fields, childFields(cat.Documents[w.Target]))
	}
	maps.Copy(fields, map[string]*expr.Type{
		"done": expr.Bool, "late": expr.Bool, "choice": expr.Text, "by": expr.Text, "at": expr.TimestampT,
	})
	if len(w.Def.Choices) > 0 {
		fields["choice"] = expr.EnumOf(Texts(w.Def.Choices)...)
	}
	t := expr.ObjectOf(fields)
	if w.Many() {
		return expr.ListOf(t)
	}
	return t
}

func childFields(d *schema.Document) map[string]*expr.Type {
	fields := map[string]*expr.Type{ChildRecord: expr.RecordOf(d.Name)}
	for _, p := range d.Properties {
		if t := expr.FromSchema(p.Type); t != nil {
			fields[p.Name] = t
		}
	}
	for _, name := range []string{"id", "state", "number", "title", "final", "worker", "due"} {
		if _, own := fields[name]; !own {
			t, _ := schema.KernelProperty(name, true)
			fields[name] = expr.FromSchema(t)
		}
	}
	return fields
}

// AllNext are all transitions of a workflow as written, those of anytime last.
func AllNext(w *schema.Workflow) []*schema.Next {
	var out []*schema.Next
	for _, s := range w.States {
		out = append(out, s.Next...)
	}
	return append(out, w.Anytime...)
}

// Texts are the texts of scalars; nil for none.
func Texts(scalars []schema.Scalar) []string {
	var out []string
	for _, s := range scalars {
		out = append(out, s.Text)
	}
	return out
}
