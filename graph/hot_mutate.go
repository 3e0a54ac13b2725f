package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"

	"mera/kernel"
)

// change is a mutation that was in order once, with variables of one shape. What may differ the next time are the texts
// in them: those are looked at again, and all that the mutation does is done again.
type change struct {
	query     string
	doc       *ast.QueryDocument
	operation *ast.OperationDefinition
}

// keepChange puts a mutation that the long way has let through where the next request of its kind finds it.
func (g *generation) keepChange(ctx context.Context, op *graphql.OperationContext) {
	r, b := requestOf(ctx), &body{}
	if r.raw == nil || !b.read(r.raw, false) {
		return
	}
	key := familyKey(nil, b)
	if g.plans.get(key) == nil {
		g.plans.put(key, &change{op.RawQuery, op.Doc, op.Operation}, 4*len(op.RawQuery)) // about what a parsed query weighs
	}
}

// given are the variables of a request, as the long way would take them; false where it would refuse them.
func (c *change) given(schema *ast.Schema, raw []byte) (map[string]any, bool) {
	if halfPair(raw) {
		return nil, false
	}
	vars := map[string]any{}
	if len(raw) > 0 && decode(raw, &vars) != nil || clean(vars) != nil {
		return nil, false
	}
	taken, err := validator.VariableValues(schema, c.operation, vars)
	return taken, err == nil
}

// mutate runs a mutation that was met before and writes the answer.
func (h *hit) mutate(w http.ResponseWriter, r *http.Request) {
	ctx := graphql.WithResponseContext(r.Context(), present, nil)
	defer func() {
		if p := recover(); p != nil {
			writeError(ctx, w, http.StatusInternalServerError, kernel.Errorf(kernel.Internal, "internal").Because(fmt.Errorf("panic: %v", p)))
		}
	}()
	c := h.change
	res := h.generation.mutate(ctx, &graphql.OperationContext{
		RawQuery: c.query, Variables: h.given, OperationName: c.operation.Name, Doc: c.doc, Operation: c.operation, Headers: r.Header,
	})
	res.Errors = graphql.GetErrors(ctx)
	var body []byte
	if len(res.Errors) == 0 {
		body = append(append(append(make([]byte, 0, len(res.Data)+16), `{"data":`...), res.Data...), '}')
	} else {
		var err error
		if body, err = json.Marshal(res); err != nil {
			writeError(ctx, w, http.StatusInternalServerError, kernel.Errorf(kernel.Internal, "internal").Because(err))
			return
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	writeAnswer(w, r, http.StatusOK, body)
}
