package graph

import (
	"slices"

	"mera/kernel/store"
	"mera/schema"
	"mera/schema/filter"
)

// kernelNames are the kernel's own types that are read, in the order of a case's life.
var kernelNames = []string{"Task", "Request", "Decision", "Award", "Accrual", "Payment", "PaymentList", "Print", "Notice",
	"Event", "Attachment", "Actor", "Package", "Release", "Parameter", "Classifier"}

// kernelShown are fields that are shown but not filtered by, by type: "name Type …".
var kernelShown = map[string]string{
	"Task":       "choices [String!]",
	"Request":    "body JSON covers JSON answer JSON note String attempts Int",
	"Decision":   "measureTitle String! reasons [Reason!]! conditions [DecisionCondition!]! content JSON knownAt DateTime",
	"Award":      "measureTitle String! payout JSON debt Money owed Money ended String",
	"Accrual":    "content JSON createdBy String",
	"Payment":    "payout JSON",
	"Print":      "html String sha256 String",
	"Event":      "key String before JSON after JSON",
	"Attachment": "type String record ID slot String slotTitle String name String media String size Long sha256 String createdAt DateTime createdBy String",
	"Package":    "faults JSON",
	"Release":    "packages JSON",
	"Parameter":  "title String keys String value JSON law JSON",
	"Classifier": "codes JSON attributes JSON",
}

// kernelHidden are attributes for policies that are no fields.
var kernelHidden = []string{"persons"}

// kernelLinks are links between the kernel's types that filters do not know.
var kernelLinks = []kernelList{{"Accrual", "payment", "Payment", "payment", store.One}}

// kernelList is a field of a type that leads to rows of the kernel's own.
type kernelList struct {
	on, name, entity, property string
	shape                      store.Shape
}

// kernelBack are the links of the kernel's types read from the other side.
var kernelBack = []kernelList{
	{"Case", "tasks", "Task", "case", store.List},
	{"Case", "requests", "Request", "case", store.List},
	{"Case", "decisions", "Decision", "case", store.List},
	{"Case", "decision", "Decision", "case", store.One},
	{"Case", "awards", "Award", "case", store.List},
	{"Case", "prints", "Print", "case", store.List},
	{"Case", "notices", "Notice", "case", store.List},
	{"Case", "children", "Case", "parent", store.List},
	{"Person", "awards", "Award", "beneficiary", store.List},
	{"Person", "payments", "Payment", "recipient", store.List},
	{"Person", "cases", "Case", "applicant", store.List},
	{"Actor", "notices", "Notice", "staff", store.List},
	{"Decision", "award", "Award", "decision", store.One},
	{"Award", "schedule", "Scheduled", "award", store.List},
	{"Award", "accruals", "Accrual", "award", store.List},
	{"Award", "payments", "Payment", "award", store.List},
	{"Payment", "accruals", "Accrual", "payment", store.List},
	{"PaymentList", "payments", "Payment", "list", store.List},
}

// kernelType is a type of the kernel's own, with the fields that schema/filter knows and what is shown besides.
func (m *model) kernelType(name string) {
	t := &typeDef{kind: objectType, name: name, entity: name, implements: []string{"Node"}}
	m.define(t, schema.Pos{})
	t.add(&fieldDef{name: "id", typ: "ID!"})
	if d := filter.KernelType(name); d != nil {
		for _, p := range d.Properties {
			if !slices.Contains(kernelHidden, p.Name) {
				t.add(m.property(p, name))
			}
		}
	}
	for _, f := range fields(kernelShown[name]) {
		t.add(f)
	}
	for _, l := range kernelLinks {
		if l.on == name {
			t.add(&fieldDef{name: l.name, typ: l.entity, source: source{kind: fromRows, entity: l.entity, link: l.property}})
		}
	}
	m.kernelLists(t, name)
}

// kernelLists adds the lists of the kernel's rows that a type has.
func (m *model) kernelLists(t *typeDef, on string) {
	for _, l := range kernelBack {
		if l.on != on {
			continue
		}
		s := source{kind: fromRows, entity: l.entity, inverse: l.property, shape: l.shape, order: orderOf(l.entity)}
		if l.shape == store.One { // the last one
			s.order = []store.Order{{Path: s.order[0].Path, Desc: true}}
			t.add(&fieldDef{name: l.name, typ: l.entity, source: s})
			continue
		}
		f := &fieldDef{name: l.name, typ: "[" + l.entity + "!]!", source: s}
		if w := m.where(l.entity); w != "" {
			f.args = append(f.args, &fieldDef{name: "where", typ: w})
		}
		if o := m.orderBy(l.entity); o != "" {
			f.args = append(f.args, &fieldDef{name: "orderBy", typ: "[" + o + "!]"})
		}
		f.args = append(f.args, fields("first Int")...)
		t.add(f)
	}
}
