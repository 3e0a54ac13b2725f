package graph

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"mera/kernel"
)

// Media types of answers. Clients that know the second one get a status that tells how it went; the first one has 200
// for all that is well-formed, as older clients expect it (graphql-over-http, section 6.4).
const (
	mediaJSON     = "application/json"
	mediaResponse = "application/graphql-response+json"
)

// accepted is the media type of ours that a client names first.
func accepted(r *http.Request) string {
	named := r.Header.Get("Accept")
	if named == "" || named == mediaJSON {
		return mediaJSON
	}
	for part := range strings.SplitSeq(named, ",") {
		media, _, err := mime.ParseMediaType(part)
		if err == nil && (media == mediaJSON || media == mediaResponse) {
			return media
		}
	}
	return mediaJSON
}

// posting is POST of a JSON body, which checkBody has read and looked at.
type posting struct{}

// Supports tells that the request is such a POST.
func (posting) Supports(r *http.Request) bool {
	return r.Method == http.MethodPost && r.Header.Get("Upgrade") == "" && mediaOf(r) == mediaJSON
}

// Do runs the operation of a body.
func (posting) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		writeError(r.Context(), w, http.StatusBadRequest, kernel.Errorf(kernel.Invalid, "body").Because(err))
		return
	}
	p := &graphql.RawParams{Headers: r.Header}
	if err := decode(raw, p); err != nil {
		writeError(r.Context(), w, http.StatusBadRequest, err)
		return
	}
	respond(w, r, exec, p)
}

// getting is GET: a query by its text or by the hash of a persisted one, never a mutation.
type getting struct{}

// Supports tells that the request is a GET and no WebSocket.
func (getting) Supports(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("Upgrade") == ""
}

// Do runs the query of an address.
func (getting) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	p := &graphql.RawParams{Headers: r.Header}
	if err := readURL(r.URL, p); err != nil {
		writeError(r.Context(), w, http.StatusBadRequest, err)
		return
	}
	respond(w, r, exec, p)
}

// respond runs a query or a mutation and writes how it went.
func respond(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, p *graphql.RawParams) {
	ctx := r.Context()
	if p.Query == "" && p.Extensions["persistedQuery"] == nil {
		writeError(ctx, w, http.StatusBadRequest, kernel.Errorf(kernel.Invalid, "no-query"))
		return
	}
	op, errs := exec.CreateOperationContext(ctx, p)
	if errs != nil {
		writeRefused(w, r, exec.DispatchError(graphql.WithOperationContext(ctx, op), few(errs)).Errors)
		return
	}
	switch kind := op.Operation.Operation; {
	case kind == ast.Subscription:
		writeError(ctx, w, http.StatusBadRequest, kernel.Errorf(kernel.Invalid, "subscription-transport"))
		return
	case kind == ast.Mutation && r.Method == http.MethodGet:
		w.Header().Set("Allow", http.MethodPost)
		writeError(ctx, w, http.StatusMethodNotAllowed, kernel.Errorf(kernel.Invalid, "method"))
		return
	}
	responses, ctx := exec.DispatchOperation(ctx, op)
	body, err := json.Marshal(responses(ctx))
	if err != nil {
		writeError(ctx, w, http.StatusInternalServerError, kernel.Errorf(kernel.Internal, "internal").Because(err))
		return
	}
	writeAnswer(w, r, http.StatusOK, body)
}

// writeRefused is the answer to an operation that did not begin: it has no data, not even none.
func writeRefused(w http.ResponseWriter, r *http.Request, errs gqlerror.List) {
	body, err := json.Marshal(struct {
		Errors gqlerror.List `json:"errors"`
	}{errs})
	if err != nil {
		writeError(r.Context(), w, http.StatusInternalServerError, kernel.Errorf(kernel.Internal, "internal").Because(err))
		return
	}
	status := http.StatusOK
	if accepted(r) == mediaResponse {
		status = http.StatusBadRequest
	}
	writeAnswer(w, r, status, body)
}

// maxErrors is how many errors a query that is wrong is told: one in each of its fields would make the answer larger than
// the question.
const maxErrors = 20

func few(errs gqlerror.List) gqlerror.List { return errs[:min(len(errs), maxErrors)] }

func writeAnswer(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	media := accepted(r)
	if media == mediaResponse {
		media += "; charset=utf-8"
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone
}

// decode reads the parameters of an operation. What they are made of was looked at before; that a member is of the
// wrong kind is found here.
func decode(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return kernel.Errorf(kernel.Invalid, "body").Because(err)
	}
	return nil
}

// readURL reads the parameters of a query in an address.
func readURL(u *url.URL, p *graphql.RawParams) error {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return kernel.Errorf(kernel.Invalid, "body").Because(err)
	}
	for name, values := range q {
		if len(values) > 1 {
			return kernel.Errorf(kernel.Invalid, "body-duplicate", name)
		}
	}
	p.Query, p.OperationName = q.Get("query"), q.Get("operationName")
	for name, into := range map[string]*map[string]any{"variables": &p.Variables, "extensions": &p.Extensions} {
		text := q.Get(name)
		if text == "" || text == "null" {
			continue
		}
		if err := checkJSON([]byte(text)); err != nil {
			return err
		}
		if err := decode([]byte(text), into); err != nil {
			return err
		}
	}
	return nil
}
