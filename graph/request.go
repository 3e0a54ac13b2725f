package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"mera/kernel"
)

// request is what is known of a request: who asks, in which language, under which number. gqlgen hands only a context
// from HTTP to the executor, so it travels there; beyond this package the actor is always an argument.
type request struct {
	actor    kernel.Actor
	token    string // by which he was known; "" without a login
	id       string
	lang     string
	log      *slog.Logger
	messages catalog
}

type requestKey struct{}

// requestOf is the request of a context; one without a login where there is none.
func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return &request{actor: kernel.Actor{Kind: kernel.Public, ID: "public"}, lang: languages[0], log: slog.Default(), messages: catalog{}}
}

// received numbers a request, finds out who asks and looks at its body before any transport reads it.
func (s *Server) received(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &request{actor: publicActor(), id: s.number(r), lang: language(r), log: s.config.Log, messages: s.config.messages}
		ctx := context.WithValue(r.Context(), requestKey{}, q)
		h := w.Header()
		h.Set("X-Request-Id", q.id)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		if token := bearer(r); token != "" {
			actor, err := s.config.Auth.Actor(ctx, token)
			if err != nil {
				writeError(ctx, w, http.StatusUnauthorized, err)
				return
			}
			q.actor, q.token = actor, token
		}
		r = r.WithContext(ctx)
		if err := checkBody(w, r); err != nil {
			writeError(ctx, w, statusOf(err), err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func publicActor() kernel.Actor {
	return kernel.Actor{Kind: kernel.Public, ID: "public", Name: "public"}
}

var requestForm = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// number is the number of a request: the client's, if he gave a plausible one.
func (s *Server) number(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); requestForm.MatchString(id) {
		return id
	}
	return s.config.IDs.New()
}

// language is the first of our languages that the client names.
func language(r *http.Request) string {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		for _, l := range languages {
			if tag == l || strings.HasPrefix(tag, l+"-") {
				return l
			}
		}
	}
	return languages[0]
}

func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return strings.TrimSpace(token)
}

// statusOf is the HTTP status of an error that no transport has worded.
func statusOf(err error) int {
	switch kernel.CodeOf(err) {
	case kernel.Unauthenticated:
		return http.StatusUnauthorized
	case kernel.Limit:
		return http.StatusRequestEntityTooLarge
	case kernel.Unavailable:
		return http.StatusServiceUnavailable
	case kernel.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

func writeError(ctx context.Context, w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	body, _ := json.Marshal(&graphql.Response{Errors: gqlerror.List{toGraphQL(ctx, err)}, Data: null})
	_, _ = w.Write(body) // the client has gone
}

// mediaOf is the media type of a request's body.
func mediaOf(r *http.Request) string {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return media
}

// taken tells that a transport takes the body: JSON, or the parts of a form with files. What browsers send to other
// sites without asking - text, or a form without parts - is not.
func taken(r *http.Request) bool {
	m := mediaOf(r)
	return m == "application/json" || m == "multipart/form-data"
}

// checkBody reads a JSON body, so that what Go's decoder would let pass is refused: a key that stands twice, texts
// that are not UTF-8, too deep a nesting, more than one value.
func checkBody(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost || mediaOf(r) != "application/json" {
		return nil
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return kernel.Errorf(kernel.Limit, "limit-body", maxBody)
	case err != nil:
		return kernel.Errorf(kernel.Invalid, "body").Because(err)
	}
	if err := checkJSON(raw); err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	return nil
}

// checkJSON walks the tokens of a JSON object.
func checkJSON(raw []byte) error {
	if !utf8.Valid(raw) || halfPair(raw) {
		return kernel.Errorf(kernel.Invalid, "text")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	t, err := d.Token()
	if err != nil || t != json.Delim('{') {
		return kernel.Errorf(kernel.Invalid, "body").Because(err)
	}
	if err := checkMap(d, 1); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return kernel.Errorf(kernel.Invalid, "body").Because(err)
	}
	return nil
}

// halfPair tells that an escape names one half of a surrogate pair alone: no character, which Go would quietly put
// another in place of.
func halfPair(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		high := escaped(raw[i:])
		if !utf16.IsSurrogate(high) {
			i++ // an escaped backslash begins no escape
			continue
		}
		if utf16.DecodeRune(high, escaped(raw[i+6:])) == utf8.RuneError {
			return true
		}
		i += 11
	}
	return false
}

// escaped is the code of \uXXXX at the beginning of a text; -1 if there is no such escape.
func escaped(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return -1
	}
	code, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(code)
}

// checkMap reads a map whose first brace is read. At the top, keys that differ only in case are the same to Go.
func checkMap(d *json.Decoder, depth int) error {
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return kernel.Errorf(kernel.Invalid, "body").Because(err)
		}
		key, _ := t.(string)
		if depth == 1 {
			key = strings.ToLower(key)
		}
		if seen[key] {
			return kernel.Errorf(kernel.Invalid, "body-duplicate", key)
		}
		seen[key] = true
		if err := checkValue(d, depth); err != nil {
			return err
		}
	}
	return closing(d)
}

func closing(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return kernel.Errorf(kernel.Invalid, "body").Because(err)
	}
	return nil
}

func checkValue(d *json.Decoder, depth int) error {
	if depth > maxNesting {
		return kernel.Errorf(kernel.Limit, "limit-depth", maxNesting)
	}
	t, err := d.Token()
	if err != nil {
		return kernel.Errorf(kernel.Invalid, "body").Because(err)
	}
	switch t {
	case json.Delim('{'):
		return checkMap(d, depth+1)
	case json.Delim('['):
		for d.More() {
			if err := checkValue(d, depth+1); err != nil {
				return err
			}
		}
		return closing(d)
	}
	return nil
}

// getting is GET: a query by its text or by the hash of a persisted one, never a mutation.
type getting struct{}

// Supports tells that the request is a GET and no WebSocket.
func (getting) Supports(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("Upgrade") == ""
}

// Do runs the query.
func (getting) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx := r.Context()
	p := &graphql.RawParams{Headers: r.Header}
	if err := readURL(r.URL, p); err != nil {
		writeError(ctx, w, http.StatusBadRequest, err)
		return
	}
	op, errs := exec.CreateOperationContext(ctx, p)
	if errs != nil {
		writeResponse(w, http.StatusUnprocessableEntity, exec.DispatchError(graphql.WithOperationContext(ctx, op), errs))
		return
	}
	if op.Operation.Operation != ast.Query {
		w.Header().Set("Allow", http.MethodPost)
		writeError(ctx, w, http.StatusMethodNotAllowed, kernel.Errorf(kernel.Invalid, "method"))
		return
	}
	responses, ctx := exec.DispatchOperation(ctx, op)
	writeResponse(w, http.StatusOK, responses(ctx))
}

// readURL reads the parameters of a query in an address.
func readURL(u *url.URL, p *graphql.RawParams) error {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return kernel.Errorf(kernel.Invalid, "body").Because(err)
	}
	p.Query, p.OperationName = q.Get("query"), q.Get("operationName")
	for name, into := range map[string]*map[string]any{"variables": &p.Variables, "extensions": &p.Extensions} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		if err := checkJSON([]byte(text)); err != nil {
			return err
		}
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(into); err != nil {
			return kernel.Errorf(kernel.Invalid, "body").Because(err)
		}
	}
	return nil
}

func writeResponse(w http.ResponseWriter, status int, res *graphql.Response) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	body, err := json.Marshal(res)
	if err != nil {
		return // a response is made of JSON
	}
	_, _ = w.Write(body)
}

// websocket is graphql-transport-ws. The token comes in the first message, as browsers cannot set headers; the
// connection ends with its generation.
func (s *Server) websocket(gen context.Context) transport.Websocket {
	return transport.Websocket{
		InitTimeout: wsInit, PingPongInterval: wsPing,
		InitFunc: func(ctx context.Context, payload transport.InitPayload) (context.Context, *transport.InitPayload, error) {
			q := *requestOf(ctx)
			token := strings.TrimPrefix(payload.Authorization(), "Bearer ")
			if token != "" {
				actor, err := s.config.Auth.Actor(ctx, token)
				if err != nil {
					return ctx, nil, toGraphQL(ctx, err)
				}
				q.actor, q.token = actor, token
			}
			ctx, cancel := context.WithCancel(context.WithValue(ctx, requestKey{}, &q))
			context.AfterFunc(gen, cancel)
			return ctx, nil, nil
		},
	}
}
