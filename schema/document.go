package schema

import "slices"

// Document is a kind of record: what is kept on a card, a case, or (Record) what a format reads or prints.
type Document struct {
	Meta
	Plural   Scalar // GraphQL plural, lower camel case once linked
	Card     *Card
	Extends  Scalar
	Abstract bool
	Record   bool

	Properties []*Property // once linked: with those of Extends and the card's link
	Holds      *Holds
	Unique     []*Unique
	Keys       []*Key
	Tree       Scalar
	Facts      []*Fact
	Checks     []*Check
	ExactlyOne []*NamedPaths
	Slots      []*Slot // attachments
	Access     []*AccessAttribute
	Summary    Scalar // expression
	Retention  Scalar // duration
}

// Property finds a property by name.
func (d *Document) Property(name string) *Property { return findProperty(d.Properties, name) }

// Card says on which record the document lies.
type Card struct {
	Pos  Pos
	Link string // property name
	Type Scalar // document name
}

// Holds names the properties that bound the days on which the fact holds. To may be empty.
type Holds struct {
	From Scalar
	To   Scalar
}

// Unique forbids two live records that agree.
type Unique struct {
	Name    string
	Pos     Pos
	Of      []Scalar
	During  []Scalar // empty; ["holds"]; or [start, end]
	Where   *Node
	Warn    bool // else: warn
	Message string
}

// Key is an identity in an outside system, unique in the installation.
type Key struct {
	System     string
	Pos        Pos
	Properties []Scalar
}

// Check is a rule over a record. Level is error, warning or control.
type Check struct {
	Name    string
	Pos     Pos
	Rule    Scalar
	Message Scalar // template
	At      Scalar // property
	Level   string
	Law     Law
	Fix     *ValueMap
}

// NamedPaths is `exactlyOne`: a name and properties.
type NamedPaths struct {
	Name  string
	Pos   Pos
	Paths []Scalar
}

// Slot is a place for attachments. Max is in bytes.
type Slot struct {
	Name        string
	Pos         Pos
	Title       string
	Many        bool
	Types       []string // file extensions; empty: any
	Max         int64
	SameContent string // refuse, warn or ""
	SameName    string
}

// AccessAttribute is a path that policies may read as input.row.<Name>.
type AccessAttribute struct {
	Name string
	Pos  Pos
	Path Scalar
}

// TypeDef is a reusable piece of schema.
type TypeDef struct {
	Meta
	Type   *Type // linked
	Mask   string
	Check  Scalar // expression over value
	Source []Entry
}

// Property is one property of a document, a type or an inline object.
type Property struct {
	Name        string
	Pos         Pos
	Title       string
	Description string
	Required    bool
	ReadOnly    bool
	Deprecated  bool
	Default     *Node
	Type        *Type

	Index    bool
	Label    string
	Fold     string // name, search or ""
	Search   bool   // records are found by it in the search box
	SearchAt Pos    // where that is written
	Unit     Scalar
	Inverse  Scalar // name of the link read from the other side; filled by linking
	Value    Scalar // x-value: expression
	From     Scalar // x-from: expression
	Number   *Number
}

// Labels are the labels of a property and of what lies in it, sorted: an object is hidden as far as its fields are.
func (p *Property) Labels() []string {
	var out []string
	if p.Label != "" {
		out = append(out, p.Label)
	}
	t := p.Type
	if t != nil && t.Kind == Array {
		t = t.Elem
	}
	if t != nil && t.Kind == Object {
		for _, f := range t.Fields {
			out = append(out, f.Labels()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Kind is the kind of a value of a property or an expression.
type Kind string

// Kinds of values. Stored forms: section 2 of the language.
const (
	Text       Kind = "text"
	Enum       Kind = "enum"
	Boolean    Kind = "boolean"
	Integer    Kind = "integer"
	Decimal    Kind = "decimal"
	Money      Kind = "money"
	Date       Kind = "date"
	Month      Kind = "month"
	Quarter    Kind = "quarter"
	Year       Kind = "year"
	DateTime   Kind = "date-time"
	Duration   Kind = "duration"
	UUID       Kind = "uuid"
	Point      Kind = "point"
	Item       Kind = "item" // of a classifier
	Link       Kind = "link"
	Definition Kind = "definition" // the name of a definition, x-definition
	Object     Kind = "object"     // a named Type or an inline object
	Array      Kind = "array"
)

// Type is a resolved type of a value.
type Type struct {
	Kind   Kind
	Pos    Pos
	Of     string      // classifier, document, kind of definition, named type, or <Owner><Property> of an inline object
	Named  string      // the TypeDef that was referred to by $ref, if any: its mask and check apply
	Elem   *Type       // of an Array
	Fields []*Property // of an Object
	Keys   []string    // x-key of an array of objects

	Enum       []string
	EnumTitles map[string]string
	Const      *Node
	Scale      int // digits after the point of a Decimal
	Pattern    string
	MinLength  *int
	MaxLength  *int
	Minimum    string // canonical number, "" = none
	Maximum    string
	MinItems   *int
	MaxItems   *int
	Unique     bool
}

// Field finds a field of an object type.
func (t *Type) Field(name string) *Property { return findProperty(t.Fields, name) }

func findProperty(ps []*Property, name string) *Property {
	for _, p := range ps {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Classifier is a dated list of codes.
type Classifier struct {
	Meta
	Owner      string // package, region or the name of an exchange
	Attributes []*Property
	Items      []*ClassifierItem
}

// Item finds an item by code.
func (c *Classifier) Item(code string) *ClassifierItem {
	for _, it := range c.Items {
		if it.Code == code {
			return it
		}
	}
	return nil
}

// ClassifierItem is one code. A code is permanent: ended by To, never reused.
type ClassifierItem struct {
	Code       string
	Pos        Pos
	Title      string
	From, To   string // dates
	Parent     string
	ReplacedBy string
	Codes      map[string]string // system → code
	Attributes []Entry
}

// Parameter is a dated value or table of a law.
type Parameter struct {
	Meta
	Type    string          // money, decimal, percent, integer, text, date, duration; empty with Columns
	Columns []*ParameterCol // instead of Type
	Keys    []*ParameterKey
	Values  []*ParameterValue // by date, ascending
}

// CellTypes are the types of what stands in a row after its keys.
func (p *Parameter) CellTypes() []string {
	if len(p.Columns) == 0 {
		return []string{p.Type}
	}
	var out []string
	for _, c := range p.Columns {
		out = append(out, c.Type)
	}
	return out
}

// ParameterCol is one column of a parameter that is a table.
type ParameterCol struct {
	Name string
	Pos  Pos
	Type string
}

// ParameterKey is one argument of a parameter after the day. Match is exact, floor or tree.
type ParameterKey struct {
	Name  string
	Pos   Pos
	Type  string // a classifier, or integer, money, decimal, text
	Match string
}

// ParameterValue is what holds from a date: one value, rows of a table, or the former values times a factor.
type ParameterValue struct {
	From  string
	Pos   Pos
	Law   Law
	Value Scalar
	Rows  [][]Scalar // keys, then value or columns
	Times Scalar
	Adds  string // who adds the rows to those in force, a package or region; "": the rows are the whole table
}

// Function is a pure, inlined expression with arguments.
type Function struct {
	Meta
	Args    []*Arg
	Returns Scalar // optional
	Is      Value
}

// Arg is one argument: a document name, [document], a classifier, or date, period, Number, Money, text, bool.
type Arg struct {
	Name string
	Pos  Pos
	Type Scalar
}
