package filter

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// Limits of one filter (section 9 of the language).
const (
	MaxLeaves = 40
	MaxHops   = 4
	MaxValues = 1000
	maxDepth  = 16
)

// Kind is the shape of a node of a Tree.
type Kind int

// Shapes of a node. All matches every record, None matches none; they never stand below another node.
const (
	All Kind = iota
	None
	And  // of two Kids or more
	Or   // of two Kids or more
	Not  // of one Kid: «is not true»
	Leaf // Path Op Value
)

// Op is the operator of a Leaf.
type Op string

// Operators. The value of a leaf is one canonical literal or a Param, but for In, Some and None over an array of
// values ([]any of them, not empty), Exists (bool), Touches (value.Period) and Under and Above (a literal, a Param or
// []any: one of them is enough).
const (
	Eq         Op = "eq"
	Ne         Op = "ne" // not Eq: true of an absent value
	In         Op = "in"
	Gt         Op = "gt"
	Gte        Op = "gte"
	Lt         Op = "lt"
	Lte        Op = "lte"
	StartsWith Op = "startsWith" // case-sensitive, unless the property is folded
	Contains   Op = "contains"
	EndsWith   Op = "endsWith" // policies only
	Exists     Op = "exists"
	Under      Op = "under"   // the node itself or below it, in a classifier or a tree of documents
	Above      Op = "above"   // the node itself or above it
	Has        Op = "has"     // an array of values holds the value
	Some       Op = "some"    // of an array of values: shares a value; of objects, and of records that link here: Kids[0] is true of one
	NoneOf     Op = "none"    // not Some
	Holds      Op = "holds"   // the period of the record includes the day; its path ends in the word holds
	Touches    Op = "touches" // the period of the record shares a day with the period
	Same       Op = "same"    // policies only: equals another attribute of the row; the value is a Ref
	Differs    Op = "differs" // policies only: both are there and differ; the value is a Ref
	Within     Op = "within"  // of a point, as it is written: a tree compares its lat and lon
)

// Tree is a compiled filter: immutable plain data. The zero Tree matches everything. Make inner nodes by Conj, Disj
// and Negate, which keep the normal form: no And in And, no Or in Or, no Not of Not, no All or None below the root,
// no kid twice.
type Tree struct {
	Kind Kind
	Kids []*Tree // of And, Or, Not; of a Leaf with Some or NoneOf over objects or records: the filter of one of them

	Path []Hop // of a Leaf: at least one
	Op   Op
	// Type is that of the last hop's value. Of an array it is the array's; the literals are those of its elements.
	Type *schema.Type
	Fold string // name or search: both sides are compared as Folded makes them
	// Value is string, bool, json.Number, value.Period, []any of such, Param, Ref, or *Slot. Strings are canonical
	// stored forms (dates ISO, money with two digits, ids in lower case).
	Value any
}

// Hop is one step of a path.
type Hop struct {
	Property string
	// Link is the document to which a link leads and whose property the next hop names; "" for the last hop and for
	// a step into an object or into `keys`.
	Link string
	// Inverse is the property of Link that leads here, on the last hop of Some and NoneOf over records that link here: then
	// Property is the name of that link read from this side, and the paths of Kids[0] start at those records.
	Inverse string
	// Label is the x-label of the property: who filters by it needs a true show.<Label> of the record that has it.
	Label string
	// Row marks an attribute that policies read (input.row.<Property>): a column of the record or a key of its
	// access attributes, and no property of the document.
	Row bool
	// Tree names the property of Type.Of that leads to the parent, on the last hop of Under and Above over documents.
	Tree string
	// From and To name the properties that bound the period of the record, on the last hop of Holds and Touches. An
	// absent From is the beginning of time, an absent To (or To "") its end.
	From, To string
}

// Param is a value that is not known when the filter is compiled. Bind and Resolve put values in its place.
type Param struct {
	Name    string        // the expression as written, or the name of a value (actor.person)
	Program *expr.Program // nil: bound by name only
}

// Ref is another attribute of the same row, compared with by Same and Differs.
type Ref struct{ Attribute string }

// Everything matches every record.
func Everything() *Tree { return &Tree{Kind: All} }

// Nothing matches no record.
func Nothing() *Tree { return &Tree{Kind: None} }

// Conj is true where all kids are: All for none.
func Conj(kids ...*Tree) *Tree { return join(And, None, All, kids) }

// Disj is true where one kid is: None for none.
func Disj(kids ...*Tree) *Tree { return join(Or, All, None, kids) }

// join flattens kids of the same kind, drops the neutral ones and repetitions; one absorbing kid is the result.
func join(kind, absorbing, neutral Kind, kids []*Tree) *Tree {
	var out []*Tree
	seen := map[string]bool{}
	var add func(*Tree) bool
	add = func(k *Tree) bool {
		switch {
		case k.Kind == absorbing:
			return false
		case k.Kind == neutral:
			return true
		case k.Kind == kind:
			return !slices.ContainsFunc(k.Kids, func(k *Tree) bool { return !add(k) })
		}
		if key := k.String(); !seen[key] {
			seen[key] = true
			out = append(out, k)
		}
		return true
	}
	for _, k := range kids {
		if !add(k) {
			return &Tree{Kind: absorbing}
		}
	}
	switch len(out) {
	case 0:
		return &Tree{Kind: neutral}
	case 1:
		return out[0]
	}
	return &Tree{Kind: kind, Kids: out}
}

// Negate is true where t is not.
func Negate(t *Tree) *Tree {
	switch t.Kind {
	case All:
		return Nothing()
	case None:
		return Everything()
	case Not:
		return t.Kids[0]
	}
	return &Tree{Kind: Not, Kids: []*Tree{t}}
}

// Walk calls f for every leaf, those inside Some and NoneOf after the leaf that holds them.
func (t *Tree) Walk(f func(leaf *Tree)) {
	if t.Kind == Leaf {
		f(t)
	}
	for _, k := range t.Kids {
		k.Walk(f)
	}
}

// Leaves counts the leaves.
func (t *Tree) Leaves() int {
	n := 0
	t.Walk(func(*Tree) { n++ })
	return n
}

// Params lists the parameters by name, each once, in the order of the tree.
func (t *Tree) Params() []Param {
	var out []Param
	add := func(v any) {
		if p, ok := v.(Param); ok && !slices.ContainsFunc(out, func(o Param) bool { return o.Name == p.Name }) {
			out = append(out, p)
		}
	}
	t.Walk(func(l *Tree) {
		add(l.Value)
		if list, ok := l.Value.([]any); ok {
			for _, v := range list {
				add(v)
			}
		}
	})
	return out
}

// String is the filter in one line, with values: for debugging, and as a key of caches.
func (t *Tree) String() string {
	switch t.Kind {
	case All:
		return "all"
	case None:
		return "none"
	case Not:
		return "not(" + t.Kids[0].String() + ")"
	case And, Or:
		word := " and "
		if t.Kind == Or {
			word = " or "
		}
		parts := make([]string, len(t.Kids))
		for i, k := range t.Kids {
			parts[i] = k.String()
		}
		return "(" + strings.Join(parts, word) + ")"
	}
	if len(t.Kids) == 1 {
		return fmt.Sprintf("%s %s [%s]", t.path(), t.Op, t.Kids[0])
	}
	return fmt.Sprintf("%s %s %s", t.path(), t.Op, literal(t.Value))
}

func (t *Tree) path() string {
	var b strings.Builder
	for i, h := range t.Path {
		if i > 0 {
			b.WriteByte('.')
		}
		if h.Row {
			b.WriteString("row.")
		}
		b.WriteString(h.Property)
	}
	return b.String()
}

// literal writes a value so that no two different values look alike.
func literal(v any) string {
	switch v := v.(type) {
	case Param:
		return "=" + v.Name
	case *Slot:
		return "$" + v.Name
	case Ref:
		return "row." + v.Attribute
	case json.Number:
		return v.String()
	case value.Period:
		return v.String()
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = literal(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprintf("%#v", v)
}
