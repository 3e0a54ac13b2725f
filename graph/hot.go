package graph

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"mera/kernel"
)

// hit is a request whose plan is known: its arguments are bound and nothing is left to do but to run it.
type hit struct {
	*generation
	plan      *plan
	bound     []any
	variables []byte // as they came

	change *change // of a mutation, which has no plan
	given  map[string]any
}

// scratch is what a request needs for a moment.
type scratch struct {
	body body
	key  []byte
	out  []byte
}

var scratches = sync.Pool{New: func() any { return &scratch{} }}

// maxScratch is the largest answer whose buffer is used again.
const maxScratch = 256 << 10

func (s *scratch) free() {
	if cap(s.out) <= maxScratch {
		scratches.Put(s)
	}
}

// find looks for the plan of a body that nobody has decoded. nil is no refusal: the request goes the long way, which
// looks at all of it and makes the plan.
func (s *Server) find(r *http.Request, q *request, raw []byte) *hit {
	now := s.current.Load()
	if now == nil {
		return nil
	}
	x := scratches.Get().(*scratch)
	defer x.free()
	if !x.body.read(raw, false) {
		return nil
	}
	x.key = familyKey(x.key[:0], &x.body)
	var f *family
	switch known := now.plans.get(x.key).(type) {
	case *change:
		given, ok := known.given(now.schema, x.body.variables)
		if !ok {
			return nil
		}
		return &hit{generation: now.generation, change: known, given: given}
	case *family:
		f = known
	default:
		return nil
	}
	class, err := now.reader.Class(r.Context(), q.actor)
	if err != nil || class.Key == "" {
		return nil
	}
	if x.key, err = now.planKey(x.key[:0], f, q.actor, q.lang, class, &x.body); err != nil {
		return nil
	}
	p, _ := now.plans.get(x.key).(*plan)
	if p == nil {
		return nil
	}
	bound, ok := p.bind(&x.body, class)
	if !ok {
		return nil
	}
	return &hit{generation: now.generation, plan: p, bound: bound, variables: x.body.variables}
}

// serve runs the plan and writes the answer.
func (h *hit) serve(w http.ResponseWriter, r *http.Request) {
	if h.change != nil {
		h.mutate(w, r)
		return
	}
	x := scratches.Get().(*scratch)
	defer x.free()
	data, missing, err := h.run(r.Context(), h.plan, h.bound, true, append(x.out[:0], `{"data":`...))
	x.out = data
	if err == nil {
		err = h.noted(r.Context(), h.plan, h.variables, missing)
	}
	switch {
	case err != nil:
		h.failed(w, r, nil, "", err)
	case len(missing) > 0:
		h.failed(w, r, data[len(`{"data":`):], missing[0], kernel.Errorf(kernel.NotFound, "not-found"), missing[1:]...)
	default:
		x.out = append(data, '}')
		w.Header().Set("Content-Length", strconv.Itoa(len(x.out)))
		writeAnswer(w, r, http.StatusOK, x.out)
	}
}

// failed is the answer with an error, at a root and at others.
func (h *hit) failed(w http.ResponseWriter, r *http.Request, data json.RawMessage, alias string, err error, others ...string) {
	if data == nil {
		data = null
	}
	res := &graphql.Response{Data: data}
	add := func(alias string) {
		e := toGraphQL(r.Context(), err)
		if alias != "" {
			e.Path = ast.Path{ast.PathName(alias)}
		}
		res.Errors = append(res.Errors, e)
	}
	add(alias)
	for _, o := range others {
		add(o)
	}
	body, err := json.Marshal(res)
	if err != nil {
		writeError(r.Context(), w, http.StatusInternalServerError, kernel.Errorf(kernel.Internal, "internal").Because(err))
		return
	}
	writeAnswer(w, r, http.StatusOK, body)
}
