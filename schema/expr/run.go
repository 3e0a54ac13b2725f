package expr

import (
	"context"
	"fmt"

	"mera/schema/value"
)

const (
	costLimit  = 100_000 // units of one evaluation: a call, a property, an element of a list each cost one
	depthLimit = 40      // functions in functions, computed properties in computed properties
)

// run is one evaluation.
type run struct {
	env   *Env
	in    Input
	ctx   context.Context
	spent uint64
	limit uint64
	depth int
	err   error
	steps []Step
	seen  map[Step]bool
}

// frame is a run with the local names of one expression. Functions have frames of their own.
type frame struct {
	*run
	locals []any
}

// spend takes units of the budget. When it is used up, the run fails, and every loop ends.
func (r *run) spend(units int) {
	before := r.spent
	r.spent += uint64(units)
	if r.spent > r.limit {
		r.fail(ErrCost)
	}
	if before>>8 != r.spent>>8 && r.ctx.Err() != nil {
		r.fail(r.ctx.Err())
	}
}

// fail ends the run with its first error; what is still evaluated has no effect. The value is returned for convenience.
func (r *run) fail(err error) any {
	if r.err == nil {
		r.err = err
	}
	return Unknown{}
}

// inner opens a frame for a function or a computed property.
func (f *frame) inner(locals int, do func(*frame) any) any {
	if f.err != nil {
		return Unknown{}
	}
	if f.depth++; f.depth > depthLimit {
		return f.fail(ErrCost)
	}
	defer func() { f.depth-- }()
	return do(&frame{run: f.run, locals: make([]any, locals)})
}

// failed wraps an error of the world once.
func (r *run) failed(what string, err error) any {
	return r.fail(fmt.Errorf("%s: %w", what, err))
}

// explain notes a step, once.
func (f *frame) explain(s Step) {
	if len(f.steps) >= maxSteps || f.seen[s] {
		return
	}
	f.seen[s] = true
	f.steps = append(f.steps, s)
}

const maxSteps = 1000

// traced gives a node a line of the explanation.
func traced(n *node) *node {
	eval, text := n.eval, n.text
	n.eval = func(f *frame) any {
		v := eval(f)
		if f.in.Trace && f.err == nil {
			f.explain(Step{Text: text, Value: f.display(v)})
		}
		return v
	}
	return n
}

// variable is the value of a name of the scope; one of another kind than was declared is an error of the caller.
func (f *frame) variable(name string, t *Type) any {
	switch v := f.in.Vars[name].(type) {
	case nil:
		return nil
	case Unknown:
		if len(v.Names) == 0 {
			return Unknown{[]string{name}}
		}
		return v
	case *Record:
		if v == nil {
			return nil
		}
		return f.checked(name, v, t)
	default:
		return f.checked(name, v, t)
	}
}

func (f *frame) checked(name string, v any, t *Type) any {
	if t.is(List) {
		if isList(v) {
			return v
		}
	} else if w, ok := bring(v, t); ok {
		return w
	}
	return f.fail(fmt.Errorf("the name %s is given %T, and %s is declared", name, v, t))
}

// loaded is a record with its data: references are read through the world. nil if it is not there.
func (f *frame) loaded(r *Record) *Record {
	if r == nil || r.Data != nil || f.err != nil {
		return r
	}
	if f.in.World == nil {
		return nil
	}
	f.spend(1)
	got, err := f.in.World.Record(f.ctx, r.Type, r.ID)
	if err != nil {
		f.failed("read "+r.Type+" "+r.ID, err)
		return nil
	}
	return got
}

// day is the day with which dates of cases are compared, or unknown.
func (f *frame) day() (value.Date, bool) { return f.in.Day, !f.in.Day.IsZero() }
