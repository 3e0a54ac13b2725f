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
	"regexp"
	"strconv"
	"strings"

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
	address  string // from which who has not said who he is asks
	inside   bool   // it has its turn at the gatehouse
	raw      []byte // a JSON body as it came
	hit      *hit   // the plan of the body, if it is known
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

// client is whom limits count: an actor, or the address of who has not said who he is.
func (r *request) client() string {
	if r.actor.Kind == kernel.Public {
		return "@" + r.address
	}
	return r.actor.ID
}

// received numbers a request and finds out whether there is room for it, whether it is in order, and who asks, before
// any transport reads it. What costs nothing comes first.
func (s *Server) received(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, q := s.numbered(w, r)
		leave, err := s.admit(w, r, q)
		if err != nil {
			writeError(r.Context(), w, statusOf(err), err)
			return
		}
		defer leave()
		if q.hit != nil {
			q.hit.serve(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// numbered begins a request: what is known of it before anybody finds out who asks.
func (s *Server) numbered(w http.ResponseWriter, r *http.Request) (*http.Request, *request) {
	q := &request{actor: publicActor(), id: s.number(r), lang: s.language(r), log: s.config.Log, messages: s.config.messages,
		address: s.config.Limits.address(r)}
	h := w.Header()
	h.Set("X-Request-Id", q.id)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	return r.WithContext(context.WithValue(r.Context(), requestKey{}, q)), q
}

// File serves what is no GraphQL and belongs to the API all the same, by GET: who asks is found out, counted and given
// his turn as for an operation. find says what he gets, in his turn; sending it takes none, because a client may take
// his time.
func (s *Server) File(find func(r *http.Request, actor kernel.Actor) (send http.HandlerFunc, err error)) http.Handler {
	return s.crossing(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, q := s.numbered(w, r)
		if r.Method != http.MethodGet {
			w.Header().Set("Allow", http.MethodGet)
			writeError(r.Context(), w, http.StatusMethodNotAllowed, kernel.Errorf(kernel.Invalid, "method"))
			return
		}
		send, err := func() (http.HandlerFunc, error) {
			leave, err := s.admit(w, r, q)
			if err != nil {
				return nil, err
			}
			defer leave()
			return find(r, q.actor)
		}()
		if err != nil {
			writeError(r.Context(), w, statusOf(err), err)
			return
		}
		send(w, r)
	}))
}

// admit lets a request in. A JSON body is read before its turn comes: a slow sender must not hold one.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, q *request) (leave func(), err error) {
	if s.config.gate.full() {
		return nil, busy()
	}
	if err := s.config.sameSite(r); err != nil {
		return nil, err
	}
	var raw []byte
	plain := r.Method == http.MethodPost && mediaOf(r) == mediaJSON
	if plain {
		if raw, err = readBody(w, r, maxBody); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(raw))
	}
	leave = func() {}
	if r.Method == http.MethodGet && r.Header.Get("Upgrade") == "" || plain && !streamed(r) {
		if leave, err = s.config.gate.enter(r.Context()); err != nil {
			return nil, err
		}
		q.inside = true
	}
	if err = s.known(r, q); err == nil && plain {
		if len(raw) <= maxPlain && q.inside {
			q.raw, q.hit = raw, s.find(r, q, raw)
		}
		if q.hit == nil {
			err = checkJSON(raw)
		}
	}
	if err != nil {
		leave()
	}
	return leave, err
}

// known finds out who asks, and counts his request.
func (s *Server) known(r *http.Request, q *request) error {
	if token := bearer(r); token != "" {
		actor, err := s.config.Auth.Actor(r.Context(), token)
		if err != nil {
			return err
		}
		q.actor, q.token = actor, token
	}
	if q.actor.Kind == kernel.Public {
		q.address = s.config.Limits.address(r)
	}
	return s.config.pace(r.Context(), q, 1)
}

// streamed tells that the answer is a stream of events.
func streamed(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/event-stream")
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

func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return strings.TrimSpace(token)
}

// statusOf is the HTTP status of an error that no transport has worded.
func statusOf(err error) int {
	var wait *waitError
	switch kernel.CodeOf(err) {
	case kernel.Unauthenticated:
		return http.StatusUnauthorized
	case kernel.Denied:
		return http.StatusForbidden
	case kernel.NotFound:
		return http.StatusNotFound
	case kernel.Limit:
		if errors.As(err, &wait) {
			return http.StatusTooManyRequests
		}
		return http.StatusRequestEntityTooLarge
	case kernel.Unavailable:
		return http.StatusServiceUnavailable
	case kernel.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// writeError is the answer to a request that is none, or that nobody looks at.
func writeError(ctx context.Context, w http.ResponseWriter, status int, err error) {
	var wait *waitError
	if errors.As(err, &wait) {
		w.Header().Set("Retry-After", strconv.Itoa(wait.seconds()))
	}
	w.Header().Set("Content-Type", mediaJSON)
	w.WriteHeader(status)
	body, _ := json.Marshal(map[string]gqlerror.List{"errors": {toGraphQL(ctx, err)}})
	_, _ = w.Write(body) // the client has gone
}

// mediaOf is the media type of a request's body.
func mediaOf(r *http.Request) string {
	written := r.Header.Get("Content-Type")
	if written == mediaJSON { // as most clients write it
		return written
	}
	media, _, err := mime.ParseMediaType(written)
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
