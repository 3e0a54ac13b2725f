package expr

import (
	"maps"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/value"
)

// Kinds of values that only expressions have, and the names by which expressions know kinds of the schema.
const (
	Number    schema.Kind = "number"
	Period    schema.Kind = "period"
	AnyKind   schema.Kind = "dyn"
	Timestamp             = schema.DateTime
	List                  = schema.Array
)

// Type is the static type of an expression. Of names the document of a record, the classifier of an item, the kind of
// a definition, an object type, or the unit of a duration where it is known: durations of different Of cannot be
// compared. Enum are the only texts of an enum, and Titles its words for people.
type Type struct {
	Kind   schema.Kind
	Of     string
	Elem   *Type            // of a list
	Fields map[string]*Type // of an object
	Enum   []string
	Titles map[string]string
}

// Types without parts.
var (
	Bool       = &Type{Kind: schema.Boolean}
	Int        = &Type{Kind: schema.Integer}
	Text       = &Type{Kind: schema.Text}
	NumberT    = &Type{Kind: Number}
	MoneyT     = &Type{Kind: schema.Money}
	DateT      = &Type{Kind: schema.Date}
	PeriodT    = &Type{Kind: Period}
	TimestampT = &Type{Kind: Timestamp}
	DurationT  = &Type{Kind: schema.Duration}
	ClockT     = &Type{Kind: schema.Duration, Of: "clock units"} // hours, minutes, seconds: they go together
	DaysT      = &Type{Kind: schema.Duration, Of: string(value.Days)}
	WorkdaysT  = &Type{Kind: schema.Duration, Of: string(value.Workdays)}
	Dyn        = &Type{Kind: AnyKind}
)

// RecordOf is the type of a record of a document.
func RecordOf(document string) *Type { return &Type{Kind: schema.Link, Of: document} }

// ListOf is the type of a list.
func ListOf(elem *Type) *Type { return &Type{Kind: List, Elem: elem} }

// ItemOf is the type of an item of a classifier.
func ItemOf(classifier string) *Type { return &Type{Kind: schema.Item, Of: classifier} }

// EnumOf is the type of a text that is one of a few.
func EnumOf(items ...string) *Type { return &Type{Kind: schema.Enum, Enum: items} }

// ObjectOf is the type of an object with the given fields. A field that is itself an object may also be called with
// the name of one of its fields as a literal: case.spent('waiting') reads case.spent.waiting.
func ObjectOf(fields map[string]*Type) *Type { return &Type{Kind: schema.Object, Fields: fields} }

// FromSchema is the type that a property of a schema has in expressions; Dyn for one that was not resolved, which is
// told elsewhere.
func FromSchema(t *schema.Type) *Type {
	if t == nil {
		return Dyn
	}
	switch t.Kind {
	case schema.Decimal:
		return NumberT
	case schema.Month, schema.Quarter, schema.Year:
		return PeriodT
	case schema.UUID:
		return Text
	case schema.Enum:
		return &Type{Kind: schema.Enum, Enum: t.Enum, Titles: t.EnumTitles}
	case schema.Point:
		return ObjectOf(map[string]*Type{"lat": NumberT, "lon": NumberT})
	case schema.Array:
		return ListOf(FromSchema(t.Elem))
	case schema.Object:
		fields := make(map[string]*Type, len(t.Fields))
		for _, p := range t.Fields {
			fields[p.Name] = FromSchema(p.Type)
		}
		return &Type{Kind: schema.Object, Of: t.Of, Fields: fields}
	}
	return &Type{Kind: t.Kind, Of: t.Of}
}

// String names the type in words of the language.
func (t *Type) String() string {
	if t == nil {
		return "nothing"
	}
	switch t.Kind {
	case schema.Boolean:
		return "bool"
	case schema.Integer:
		return "int"
	case Number:
		return "Number"
	case schema.Money:
		return "Money"
	case Timestamp:
		return "timestamp"
	case AnyKind:
		return "any value"
	case schema.Enum:
		return "one of " + strings.Join(t.Enum, ", ")
	case schema.Item:
		return "item of " + t.Of
	case schema.Definition:
		return "name of a " + t.Of
	case schema.Duration:
		if t.Of != "" {
			return "duration of " + t.Of
		}
	case schema.Link:
		return t.Of
	case schema.Array:
		return "list of " + t.Elem.String()
	case schema.Object:
		if t.Of != "" {
			return t.Of
		}
		return "object {" + strings.Join(slices.Sorted(maps.Keys(t.Fields)), ", ") + "}"
	}
	return string(t.Kind)
}

// equal tells that two types are the same, so that a value of one is a value of the other without conversion.
func (t *Type) equal(o *Type) bool {
	if t == o {
		return true
	}
	if t == nil || o == nil || t.Kind != o.Kind || t.Of != o.Of {
		return false
	}
	switch t.Kind {
	case List:
		return t.Elem.equal(o.Elem)
	case schema.Enum:
		return slices.Equal(t.Enum, o.Enum)
	case schema.Object:
		return t.Of != "" || maps.EqualFunc(t.Fields, o.Fields, (*Type).equal)
	}
	return true
}

func (t *Type) is(kinds ...schema.Kind) bool { return t != nil && slices.Contains(kinds, t.Kind) }

// textual tells that values of the type are Go strings.
func (t *Type) textual() bool { return t.is(schema.Text, schema.Enum, schema.Definition, schema.UUID) }

// timed tells that durations of the type have a fixed length.
func (t *Type) timed() bool {
	return t.is(schema.Duration) && (t.Of == ClockT.Of || t.Of == DaysT.Of)
}

// elem is the type of the elements of a list; nil of what is no list.
func (t *Type) elem() *Type {
	switch {
	case t.is(List):
		return t.Elem
	case t.is(AnyKind):
		return Dyn
	}
	return nil
}

func (t *Type) numeric() bool { return t.is(schema.Integer, Number, schema.Money) }

// ordered tells that < > min max best make sense.
func (t *Type) ordered() bool {
	return t.numeric() || t.is(schema.Date, Timestamp, schema.Duration, schema.Text, schema.Boolean, AnyKind)
}
