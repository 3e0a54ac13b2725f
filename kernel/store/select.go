package store

import (
	"errors"
	"fmt"
	"time"

	"mera/kernel/search"
	"mera/schema"
	"mera/schema/filter"
	"mera/schema/value"
)

// Selection is one read as a tree of sets of rows. It becomes one SQL statement with one JSON column per root; the
// text depends only on the shape of the selection and on which cursors are given, all values are parameters.
type Selection struct {
	Catalog *schema.Catalog
	// Guards hold the policy of each type that is read or filtered by, wherever it stands in the tree. A type without
	// a guard has no rows.
	Guards map[string]Guard
	Roots  []*Set
}

// Guard is what the policies let one actor see of a type.
type Guard struct {
	Rows   *filter.Tree            // rows that he may read; nil: none
	Labels map[string]*filter.Tree // label → rows of which he may see the labelled values; absent: of none
}

// Shape is how a set appears in the answer.
type Shape int

// Shapes of a set.
const (
	One        Shape = iota // an object, or null
	List                    // an array
	Connection              // {nodes edges pageInfo totalCount}
	Grouped                 // an array of groups
	Flat                    // the value of the only field of the only row, or null
	Holder                  // an object of other sets, which has no rows of its own
)

// Absent is the name of a field that is null.
const Absent = "-"

// Set is rows of one entity: how they hang on the row above, which of them, in which order and what is read of each.
type Set struct {
	Alias string
	Shape Shape
	// Entity is a document type, an abstract one, a kernel type, Case (any type with a workflow) or Record (any).
	Entity string
	// Link names the property of the row above that leads here, Inverse the property of this entity that leads to the
	// row above. A root has neither.
	Link    string
	Inverse string
	// Only leaves these document types of an entity that has several.
	Only []string

	ID    string // the row of this id
	Card  string // rows on this card, directly or by the chain
	Slots Slots
	// Search leaves the records that meet what was typed into the box, the best ones first: a connection at the root.
	Search *search.Query
	Where  *filter.Tree
	Order  []Order
	Page   Page
	// Open rows are read without the policy of their type, and so are the rows below: a list that is public by its
	// definition. It never comes from a client.
	Open bool
	// AsOf leaves the facts that hold on the day; KnownAt reads what was known then. Both are inherited downwards.
	AsOf    value.Date
	KnownAt time.Time
	// Language of the titles that are read, inherited downwards. None is that of definitions.
	Language string

	Fields     []*Field // of a row; of a connection: nodes, edges, pageInfo, totalCount
	Groups     []Group
	Aggregates []Aggregate             // of a group; of a flat set the only value, of all its rows
	Ranks      []Rank                  // the order of groups, before that of their keys
	Facts      map[string]*filter.Tree // of a list: what is left of its facts, by name; its columns take them over
}

// Slots tell which values of a set are bound when the statement runs.
type Slots struct {
	ID            *filter.Slot // of ID or Card
	After, Before *filter.Slot
	Search        *filter.Slot // of the text of which Search was made
}

// Order is one key of an order; the last key is always the id.
type Order struct {
	Path []filter.Hop
	Desc bool
}

// Page cuts a set. First and Last are counts, zero when not given; After and Before are cursors of an earlier page of
// the same order.
type Page struct {
	First, Last   int
	After, Before string
}

// Field is one member of an object of the answer.
type Field struct {
	Alias  string
	Name   string   // a property, a kernel property, or a word of the shape; __typename
	Fields []*Field // below an object or a classifier item
	Set    *Set     // rows of another entity
	Flat   bool     // the value of the only field below instead of an object around it
	Text   string   // with Name "": this text, or an object of Fields of the same row
	Only   []string // the types whose rows have the field; nil: all
}

// Group is one key of a grouped set, which Fields read by its name. Part is year, quarter, month, day, hour or "".
type Group struct {
	Name string
	Path []filter.Hop
	Part string
}

// Aggregate is one value of a group. Function is count, countDistinct, sum, avg, min, max or median.
type Aggregate struct {
	Name     string
	Function string
	Path     []filter.Hop // empty for count
}

// Rank is a key of the order of groups: a key or an aggregate by its name. Groups that have none come last.
type Rank struct {
	Name string
	Desc bool
}

// MaxPage is the largest page (section 9 of the language), DefaultPage the one that is read when nothing was asked.
// MaxList bounds a plain list, which has no pages.
const (
	MaxPage     = 200
	DefaultPage = 50
	MaxList     = 1000
)

// Statement is a compiled selection. Args hold a *Later where a slot stands; Bind puts a value there.
type Statement struct {
	Text    string
	Args    []any
	Aliases []string // of the columns
	Worded  bool     // another language would have another statement
	name    string   // under which sessions keep it
}

// Compile turns the selection into SQL. An error is a fault of the caller, but for a cursor that does not fit
// (CursorError).
func (s Selection) Compile() (Statement, error) {
	b := &builder{catalog: s.Catalog, guards: s.Guards}
	st := Statement{Text: "select "}
	for i, root := range s.Roots {
		sql, err := b.set(root, nil)
		if err != nil {
			return Statement{}, fmt.Errorf("select %s: %w", root.Alias, err)
		}
		if i > 0 {
			st.Text += ", "
		}
		st.Text += sql
		st.Aliases = append(st.Aliases, root.Alias)
	}
	st.Args, st.Worded, st.name = b.args, b.worded, nameOf(st.Text)
	if b.unfit {
		return Statement{}, errUnfit
	}
	return st, nil
}

// errUnfit tells that an open value has no place in the statement: it must be made of the value itself.
var errUnfit = errors.New("an open value is of another kind")

// CursorError tells that a cursor was not made by this server for this order.
type CursorError struct{ Cursor string }

func (e *CursorError) Error() string { return "cursor does not fit the order" }
