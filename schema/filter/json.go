package filter

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"mera/schema"
)

// Error is what is wrong in a filter that a client sent. Path leads to the value: where.person.lastName.eq.
type Error struct {
	Path    string
	Code    string // as in the table of the package
	Message string
	Hint    string // names of the schema; not for strangers (G39: no suggestions in production)
}

func (e *Error) Error() string { return e.Path + ": " + e.Message }

// FromJSON compiles GraphQL's `where`: values as encoding/json (with UseNumber) or gqlgen decode them, or a *Slot in
// their place. Nothing of it is ever an expression. The error is an *Error: the first fault.
func FromJSON(cat *schema.Catalog, document string, where map[string]any) (*Tree, error) {
	r := &run{cat: cat, json: true}
	if where == nil {
		return Everything(), nil
	}
	n := r.node("where", where, 0)
	if !r.ds.Faulty() {
		if t := r.root(document, n); !r.ds.Faulty() {
			return t, nil
		}
	}
	d := r.ds[0]
	return nil, &Error{Path: d.Pos.File, Code: d.Code, Message: d.Message, Hint: d.Hint}
}

// maxJSON bounds the levels of a value: a level of a filter is two of JSON at most, and a value has two more.
const maxJSON = 2*maxDepth + 4

// node turns a JSON value into a Node whose places are paths. Keys are taken in alphabetical order.
func (r *run) node(path string, v any, depth int) *schema.Node {
	pos := schema.Pos{File: path}
	n := &schema.Node{Pos: pos, Scalar: schema.Scalar{Pos: pos}}
	if depth > maxJSON {
		r.fault(pos, "limit", "a filter is at most %d levels deep", maxDepth)
		return n
	}
	switch v := v.(type) {
	case map[string]any:
		n.Kind = schema.MapNode
		for _, key := range slices.Sorted(maps.Keys(v)) {
			below := path + "." + key
			n.Entries = append(n.Entries, schema.Entry{
				Key:   schema.Scalar{Text: key, Pos: schema.Pos{File: below}},
				Value: r.node(below, v[key], depth+1),
			})
		}
		return n
	case []any:
		n.Kind = schema.ListNode
		for i, e := range v {
			n.Items = append(n.Items, r.node(path+"."+strconv.Itoa(i), e, depth+1))
		}
		return n
	}
	if slot, ok := v.(*Slot); ok {
		return r.slotNode(path, slot, depth)
	}
	n.Scalar.Text, n.Scalar.Null = plainText(v)
	return n
}

// slotNode is the node of the value that a slot has now.
func (r *run) slotNode(path string, s *Slot, depth int) *schema.Node {
	var n *schema.Node
	switch v := s.Value.(type) {
	case []string:
		items := make([]any, len(v))
		for i, e := range v {
			items[i] = e
		}
		n = r.node(path, items, depth)
	default:
		n = r.node(path, v, depth)
	}
	if r.slots == nil {
		r.slots = map[*schema.Node]*Slot{}
	}
	r.slots[n] = s
	return n
}

// plainText writes a scalar as an author would; floats come only from decoders without UseNumber.
func plainText(v any) (text string, null bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, false
	case json.Number:
		return v.String(), false
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), false
	}
	return fmt.Sprint(v), false
}
