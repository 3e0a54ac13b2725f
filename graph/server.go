package graph

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2/ast"

	"mera/kernel"
	"mera/kernel/query"
	"mera/schema"
)

// Authenticator tells who a token belongs to. An unknown or an expired token is UNAUTHENTICATED.
type Authenticator interface {
	Actor(ctx context.Context, token string) (kernel.Actor, error)
}

// Views are what engines compute for readers.
type Views interface {
	// Form is the form model of a type in a state for an actor; id may be "" for a record that is not made yet, of which
	// data may say what is filled in so far.
	Form(ctx context.Context, actor kernel.Actor, typ, state, id string, data map[string]any, lang string) (any, error)
	// Events are the events of a case that an actor may fire now. typ may be Case.
	Events(ctx context.Context, actor kernel.Actor, typ, id, lang string) ([]CaseEvent, error)
	// Pending is the number of jobs that are due and not done.
	Pending(ctx context.Context, actor kernel.Actor) (int, error)
	// Introspect is nil if the actor may read the schema outside development.
	Introspect(ctx context.Context, actor kernel.Actor) error
}

// CaseEvent is an event that may be fired now.
type CaseEvent struct {
	Name  string
	Title string
	Ask   []string // names of what it asks for
	Data  any      // the form of them
}

// Config is what a Server needs.
type Config struct {
	Auth        Authenticator
	Commands    Commands
	Views       Views
	Clock       kernel.Clock
	IDs         kernel.IDs                      // makes the numbers of requests
	Zone        *time.Location                  // in which `today` of lists is; nil: UTC
	Journal     Journal                         // what was written, for subscriptions
	Reads       Reads                           // what was read is noted there; nil: nowhere
	Poll        time.Duration                   // between two looks of a subscription; 0: half a second
	Limits      Limits                          // how much the server takes on
	Development bool                            // a page to try queries on, introspection for everybody, pages of this machine
	Log         *slog.Logger                    // nil: the default logger
	Ready       func(ctx context.Context) error // for /readyz; nil: always ready

	messages      catalog
	gate          *gatehouse
	actors        *rate
	addresses     *rate
	origins       *origins
	watch         *watch
	subscriptions *counts
	sockets       *counts
	wsInit        time.Duration
	wsWrite       time.Duration
}

// Release is one release as GraphQL needs it.
type Release struct {
	Digest  string
	Catalog *schema.Catalog
	Lists   *query.Lists
	Reader  *query.Reader
}

// Server answers GraphQL over HTTP. Until the first Swap it answers UNAVAILABLE.
type Server struct {
	config  Config
	current atomic.Pointer[serving]
	queries graphql.Cache[string] // persisted queries: text, so all generations share them
}

// serving is a generation with its handler. Its context ends when it is replaced.
type serving struct {
	*generation
	handler http.Handler
	stop    context.CancelFunc
}

// NewServer makes a server without a release.
func NewServer(c Config) (*Server, error) {
	texts, err := readMessages()
	if err != nil {
		return nil, err
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Poll == 0 {
		c.Poll = 500 * time.Millisecond
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	c.Limits = c.Limits.filled()
	if c.origins, err = newOrigins(c.Limits.Origins); err != nil {
		return nil, err
	}
	c.messages, c.gate = texts, newGatehouse(c.Limits)
	c.actors, c.addresses = newRate(c.Limits.ActorRate, kernel.WallClock{}), newRate(c.Limits.AddressRate, kernel.WallClock{})
	c.watch = &watch{journal: c.Journal, poll: c.Poll, log: c.Log, listeners: map[*listener]bool{}}
	c.subscriptions, c.sockets = newCounts(c.Limits.Subscriptions), newCounts(c.Limits.Sockets)
	c.wsInit, c.wsWrite = wsInit, wsWrite
	return &Server{config: c, queries: keep[string]()}, nil
}

// Swap puts a release in place of the present one. Requests that run go on with the old one; WebSockets are closed, so
// that their clients come back to the new schema. A release whose names clash in GraphQL is refused.
func (s *Server) Swap(r Release) error {
	m := newModel(r.Catalog, r.Lists)
	if m.faults.Faulty() {
		return fmt.Errorf("GraphQL of the release: %s", m.faults.Render(func(string) []byte { return nil }))
	}
	parsed, text, err := m.load()
	if err != nil {
		return fmt.Errorf("GraphQL of the release: %w", err)
	}
	g := &generation{digest: r.Digest, languages: spoken(r.Catalog), model: m, schema: parsed, sdl: text, reader: r.Reader, config: &s.config, plans: newPlans()}
	ctx, stop := context.WithCancel(context.Background())
	if old := s.current.Swap(&serving{generation: g, handler: s.handler(ctx, g), stop: stop}); old != nil {
		old.stop()
	}
	return nil
}

// Close ends the server: open WebSockets and streams are closed, requests are UNAVAILABLE.
func (s *Server) Close() {
	if old := s.current.Swap(nil); old != nil {
		old.stop()
	}
}

// EndStreams closes open WebSockets and streams, which would not end by themselves, and goes on answering requests: for
// a server that is about to stop.
func (s *Server) EndStreams() {
	if now := s.current.Load(); now != nil {
		now.stop()
	}
}

// handler is gqlgen's handler of one generation, with a query cache of its own: parsed queries point into the schema.
func (s *Server) handler(ctx context.Context, g *generation) http.Handler {
	h := handler.New(g)
	h.AddTransport(sockets{s, ctx})
	h.AddTransport(events{generation: ctx})
	h.AddTransport(getting{})
	h.AddTransport(posting{})
	h.AddTransport(uploading{})
	h.SetQueryCache(keep[*ast.QueryDocument]())
	h.SetParserTokenLimit(maxTokens)
	h.SetDisableSuggestion(true)
	h.SetErrorPresenter(present)
	h.SetRecoverFunc(func(ctx context.Context, p any) error {
		return kernel.Errorf(kernel.Internal, "internal").Because(fmt.Errorf("panic: %v", p))
	})
	h.Use(extension.AutomaticPersistedQuery{Cache: s.queries})
	h.Use(limits{passed: keep[bool]()})
	h.Use(extension.Introspection{}) // whether an actor may is decided where it is read
	return h
}

// Handler serves /graphql, /schema.graphql, /healthz (the server lives), /readyz (and has its database) and, in
// development, a page to try queries on at /graphiql.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", s.received(http.HandlerFunc(s.graphql)))
	mux.Handle("GET /schema.graphql", s.received(http.HandlerFunc(s.schemaText)))
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /readyz", s.ready)
	if s.config.Development {
		mux.HandleFunc("GET /graphiql", servePage)
	}
	return s.crossing(mux)
}

func (s *Server) graphql(w http.ResponseWriter, r *http.Request) {
	now := s.current.Load()
	switch {
	case now == nil:
		writeError(r.Context(), w, http.StatusServiceUnavailable, kernel.Errorf(kernel.Unavailable, "no-release"))
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, POST")
		writeError(r.Context(), w, http.StatusMethodNotAllowed, kernel.Errorf(kernel.Invalid, "method"))
	case r.Method == http.MethodPost && !taken(r):
		writeError(r.Context(), w, http.StatusUnsupportedMediaType, kernel.Errorf(kernel.Invalid, "media"))
	default:
		now.handler.ServeHTTP(w, r)
	}
}

func (s *Server) schemaText(w http.ResponseWriter, r *http.Request) {
	now := s.current.Load()
	if now == nil {
		writeError(r.Context(), w, http.StatusServiceUnavailable, kernel.Errorf(kernel.Unavailable, "no-release"))
		return
	}
	if err := s.config.mayIntrospect(r.Context(), requestOf(r.Context()).actor); err != nil {
		writeError(r.Context(), w, statusOf(err), err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("ETag", `"`+now.digest+`"`)
	fmt.Fprint(w, now.sdl)
}

// health tells that the server lives. It asks nobody: a server whose database is busy or away must not be started again.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) { s.state(w, s.current.Load() != nil) }

// ready tells that the server can do its work.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	good := s.current.Load() != nil
	if good && s.config.Ready != nil {
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		if err := s.config.Ready(ctx); err != nil {
			s.config.Log.WarnContext(ctx, "not ready", slog.Any("error", err))
			good = false
		}
	}
	s.state(w, good)
}

// readyTime is how long the database may take to say that it is there.
const readyTime = 2 * time.Second

func (s *Server) state(w http.ResponseWriter, good bool) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if !good {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "unavailable")
		return
	}
	fmt.Fprintln(w, "ok")
}
