package schema

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// kernelTable lists the kernel's own types with what may be filtered by: a name and a kind, or the type that a link
// leads to (upper case). Names are those of GraphQL; kernel/store maps them to columns.
const kernelTable = `
Case: id uuid, version integer, type text, number text, title text, state text, final boolean, office Office, worker text,
 parent Case, applicant Person, opened date-time, due date, channel text, territory item:Territory, author text, persons uuid[],
 createdAt date-time, createdBy text, updatedAt date-time, keys keys
Task: id uuid, case Case, caseType text, work text, state text, title text, role text, party uuid, worker text, item text,
 form text, due date-time, status text, choice text, doneBy text, doneAt date-time, createdAt date-time,
 territory item:Territory, office Office, author text, persons uuid[]
Request: id uuid, case Case, caseType text, name text, title text, exchange text, flow text, work text, state text,
 subjectType text, subject uuid, asked date, item text, status text, attempts integer, createdAt date-time,
 createdBy text, sentAt date-time, answeredAt date-time, due date-time, territory item:Territory, office Office,
 author text, persons uuid[], release text
Decision: id uuid, case Case, caseType text, measure definition:Measure, beneficiary Person, recipient Person, result text,
 number text, date date, asked date, from date, to date, amount money, settled boolean, release text,
 createdAt date-time, createdBy text, territory item:Territory, office Office, author text, persons uuid[]
Award: id uuid, version integer, case Case, caseType text, decision Decision, measure definition:Measure,
 beneficiary Person, recipient Person, purpose text, from date, to date, amount money, every text, status text,
 createdAt date-time, createdBy text, territory item:Territory, office Office, author text, persons uuid[]
Accrual: id uuid, award Award, from date, to date, seq integer, kind text, amount money, due date, release text, createdAt date-time
Payment: id uuid, list PaymentList, award Award, recipient Person, amount money, status text
PaymentList: id uuid, number text, date date, from date, to date, channel text, total money, count integer, status text,
 createdAt date-time, createdBy text, territory item:Territory, office Office, author text, persons uuid[]
Print: id uuid, form definition:PrintForm, case Case, caseType text, title text, release text, createdAt date-time,
 createdBy text, territory item:Territory, office Office, author text, persons uuid[]
Notice: id uuid, case Case, caseType text, party uuid, staff text, print Print, channel text, title text, createdAt date-time
Event: id uuid, at date-time, actor text, kind text, action text, type text, record uuid, root uuid, version integer,
 release text, note text
Package: name text, version text, digest text, title text, status text, installedAt date-time, installedBy text
Release: digest text, createdAt date-time, current boolean
Parameter: name text, from date, source text, createdAt date-time
Classifier: classifier text, code text, title text, parent text, from date, to date, source text
Actor: id text, kind text, name text, person Person, roles text[], office Office, department text, territories text[],
 duties text[], active boolean
`

// factTable lists what measures read of the kernel and nobody stores as such: an Entitlement is what an award pays from
// a day until its amount is another one.
const factTable = `
Entitlement: id text, award Award, measure definition:Measure, counts text[], beneficiary Person, recipient Person, purpose text,
 from date, to date, amount money, every text
`

// kernelTypes is the table as documents, made once and never changed.
var kernelTypes = sync.OnceValue(func() map[string]*Document { return tabled(kernelTable) })

var factTypes = sync.OnceValue(func() map[string]*Document { return tabled(factTable) })

func tabled(table string) map[string]*Document {
	out := map[string]*Document{}
	for entry := range strings.SplitSeq(strings.ReplaceAll(strings.TrimSpace(table), "\n ", " "), "\n") {
		name, fields, _ := strings.Cut(entry, ": ")
		d := &Document{Meta: Meta{Name: name}}
		for field := range strings.SplitSeq(fields, ", ") {
			prop, kind, _ := strings.Cut(strings.TrimSpace(field), " ")
			d.Properties = append(d.Properties, &Property{Name: prop, Type: kernelKind(strings.TrimSpace(kind))})
		}
		if d.Property("from") != nil && d.Property("to") != nil {
			d.Holds = &Holds{From: Scalar{Text: "from"}, To: Scalar{Text: "to"}}
		}
		out[name] = d
	}
	return out
}

func kernelKind(word string) *Type {
	kind, of, _ := strings.Cut(word, ":")
	switch elem, list := strings.CutSuffix(kind, "[]"); {
	case list:
		return &Type{Kind: Array, Elem: kernelKind(elem)}
	case kind == "keys":
		return &Type{Kind: Object}
	case kind[0] >= 'A' && kind[0] <= 'Z':
		return &Type{Kind: Link, Of: kind}
	}
	return &Type{Kind: Kind(kind), Of: of}
}

// KernelType is a type of the kernel's own (Case, Task, Award …) in the form of a document: what lists may be about,
// links lead to and filters name. nil if there is none. Read only.
func KernelType(name string) *Document { return kernelTypes()[name] }

// KernelFact is a kernel type of which measures read facts, Award or Entitlement; nil for any other name. Read only.
func KernelFact(name string) *Document {
	if name == "Award" {
		return KernelType(name)
	}
	return factTypes()[name]
}

// KernelTypes are the names of all kernel types, sorted.
func KernelTypes() []string { return slices.Sorted(maps.Keys(kernelTypes())) }
