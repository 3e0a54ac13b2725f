package graph

import (
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"mera/schema/filter"
)

// opening follows texts of the variables through a selection: those of which nobody reads more than where they stand
// become parameters of the plan. It is made for one request and used for one selection.
type opening struct {
	leaves map[string]int // path → index
	uses   map[int][]*filter.Slot
}

func newOpening(leaves []leaf) *opening {
	o := &opening{leaves: make(map[string]int, len(leaves)), uses: map[int][]*filter.Slot{}}
	for i, l := range leaves {
		o.leaves[l.path] = i
	}
	return o
}

// wrap puts slots in place of texts in the value of a variable.
func (o *opening) wrap(path string, v any) any {
	i, isLeaf := o.leaves[path]
	switch v := v.(type) {
	case string:
		if isLeaf {
			return o.slot(i, v)
		}
	case []any:
		if list, ok := texts(v); ok && isLeaf {
			return o.slot(i, list)
		}
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = o.wrap(path+"."+strconv.Itoa(i), e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = o.wrap(path+"."+k, e)
		}
		return out
	}
	return v
}

func (o *opening) slot(i int, v any) *filter.Slot {
	s := filter.NewSlot(strconv.Itoa(i), v)
	o.uses[i] = append(o.uses[i], s)
	return s
}

// open tells that nobody has read the text of a leaf.
func (o *opening) open(i int) bool {
	for _, s := range o.uses[i] {
		if !s.Open() {
			return false
		}
	}
	return len(o.uses[i]) > 0
}

func texts(list []any) ([]string, bool) {
	out := make([]string, len(list))
	for i, e := range list {
		s, ok := e.(string)
		if !ok {
			return nil, false
		}
		out[i] = s
	}
	return out, len(list) > 0
}

// arguments reads the arguments of a field, with slots in them where values may stay open.
func (c *selecting) arguments(f graphql.CollectedField) (args, error) {
	return argumentsOf(f.Field, func(name string) (any, bool) {
		v, given := c.op.Variables[name]
		if given && c.opening != nil {
			v = c.opening.wrap(name, v)
		}
		return v, given
	})
}

// plain is a value with what its slots hold now.
func plain(v any) any {
	switch v := v.(type) {
	case *filter.Slot:
		if list, ok := v.Value.([]string); ok {
			out := make([]any, len(list))
			for i, s := range list {
				out[i] = s
			}
			return out
		}
		return v.Value
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = plain(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = plain(e)
		}
		return out
	}
	return v
}

// plain are the arguments with what their slots hold now.
func (a args) plain() args { return args(plain(map[string]any(a)).(map[string]any)) }

// slot is the slot of an argument; nil where its value does not stay open.
func (a args) slot(name string) *filter.Slot {
	if s, ok := a[name].(*filter.Slot); ok {
		if _, one := s.Value.(string); one {
			return s.Keep(nil)
		}
	}
	return nil
}
