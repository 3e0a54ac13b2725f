package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"mera/kernel"
)

// subprotocol is the only one that is spoken: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
const subprotocol = "graphql-transport-ws"

// Why a socket is closed. Those of 44xx are the protocol's, and its clients do not come back after them; after the others
// they do.
const (
	closeSwap     = websocket.StatusServiceRestart // another release, or the server stops
	closeMessage  = websocket.StatusCode(4400)
	closeEarly    = websocket.StatusCode(4401) // an operation before the login
	closeRefused  = websocket.StatusCode(4403)
	closeProtocol = websocket.StatusCode(4406)
	closeSilent   = websocket.StatusCode(4408) // no login in time
	closeTwice    = websocket.StatusCode(4409) // an operation of that number is open
	closeAgain    = websocket.StatusCode(4429) // a second login, or too many sockets
)

// Times of a socket: until the login, between two pings, and until one message is taken. Who reads slower than that is
// dropped: his messages would fill the memory.
const (
	wsInit  = 10 * time.Second
	wsPing  = 20 * time.Second
	wsWrite = 10 * time.Second
)

// maxOpen is how many operations of one socket may run at once.
const maxOpen = 100

// sockets is graphql-transport-ws for one generation, with which its sockets end: their clients come back to the new
// schema.
type sockets struct {
	server     *Server
	generation context.Context
}

// Supports tells that the request asks for a WebSocket.
func (sockets) Supports(r *http.Request) bool { return r.Header.Get("Upgrade") != "" }

// Do serves a socket until it is closed.
func (t sockets) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	// Whether the page may do so was asked before (sameSite).
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}, InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	defer func() { _ = conn.CloseNow() }()
	if conn.Subprotocol() == "" {
		_ = conn.Close(closeProtocol, "Subprotocol not acceptable")
		return
	}
	conn.SetReadLimit(maxBody)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	s := &socket{server: t.server, exec: exec, conn: conn, request: requestOf(ctx), open: map[string]*operation{}}
	defer s.ended()
	defer context.AfterFunc(t.generation, func() { s.close(closeSwap, "the schema has changed") })()
	login := time.AfterFunc(t.server.config.wsInit, func() {
		if !s.known.Load() {
			s.close(closeSilent, "Connection initialisation timeout")
		}
	})
	defer login.Stop()
	go s.ping(ctx)
	s.serve(ctx)
}

// socket is one that is open.
type socket struct {
	server  *Server
	exec    graphql.GraphExecutor
	conn    *websocket.Conn
	request *request
	known   atomic.Bool // who it is; then client is set
	client  string

	mu   sync.Mutex
	open map[string]*operation
	done sync.WaitGroup
}

// operation is one that runs under a number of the client's.
type operation struct {
	id   string
	stop context.CancelFunc
}

type wsMessage struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// serve reads until the client has gone or says what he must not.
func (s *socket) serve(ctx context.Context) {
	for {
		kind, raw, err := s.conn.Read(ctx)
		if err != nil {
			return
		}
		var m wsMessage
		if kind != websocket.MessageText || checkJSON(raw) != nil || decode(raw, &m) != nil {
			s.close(closeMessage, "Invalid message received")
			return
		}
		if code, reason := s.heard(ctx, m); code != 0 {
			s.close(code, reason)
			return
		}
	}
}

// heard answers a message, or tells why the socket has to be closed.
func (s *socket) heard(ctx context.Context, m wsMessage) (websocket.StatusCode, string) {
	switch m.Type {
	case "ping":
		s.say(ctx, wsMessage{Type: "pong", Payload: m.Payload})
	case "pong":
	case "connection_init":
		return s.login(ctx, m.Payload)
	case "subscribe":
		return s.begin(ctx, m)
	case "complete":
		s.complete(m.ID)
	default:
		return closeMessage, "Invalid message received"
	}
	return 0, ""
}

// login finds out who has connected: browsers cannot set headers, so the token is in the first message, and so is
// the language.
func (s *socket) login(ctx context.Context, payload json.RawMessage) (websocket.StatusCode, string) {
	if s.known.Load() {
		return closeAgain, "Too many initialisation requests"
	}
	var said map[string]any
	if len(payload) > 0 && json.Unmarshal(payload, &said) != nil {
		return closeMessage, "Invalid message received"
	}
	for _, name := range []string{"Authorization", "authorization"} {
		if header, _ := said[name].(string); header != "" {
			s.request.token = strings.TrimSpace(strings.TrimPrefix(header, "Bearer "))
		}
	}
	for _, name := range []string{"Accept-Language", "accept-language"} {
		if header, _ := said[name].(string); header != "" {
			s.request.lang = s.server.preferred(header)
		}
	}
	if err := s.who(ctx); err != nil {
		return closeRefused, "Forbidden"
	}
	client := s.request.client()
	if !s.server.config.sockets.take(client) {
		return closeAgain, "Too many connections"
	}
	s.client = client
	s.known.Store(true)
	s.say(ctx, wsMessage{Type: "connection_ack"})
	return 0, ""
}

// who finds out who the token belongs to now.
func (s *socket) who(ctx context.Context) error {
	if s.request.token == "" {
		return nil
	}
	actor, err := s.server.config.Auth.Actor(ctx, s.request.token)
	if err == nil {
		s.request.actor = actor
	}
	return err
}

// begin starts an operation, as who the client is by now.
func (s *socket) begin(ctx context.Context, m wsMessage) (websocket.StatusCode, string) {
	if !s.known.Load() {
		return closeEarly, "Unauthorized"
	}
	if m.ID == "" {
		return closeMessage, "Invalid message received"
	}
	err := s.who(ctx)
	if kernel.CodeOf(err) == kernel.Unauthenticated {
		return closeRefused, "Forbidden"
	}
	q := *s.request
	ctx, stop := context.WithCancel(context.WithValue(ctx, requestKey{}, &q))
	o := &operation{m.ID, stop}
	full := s.reserve(o)
	if errors.Is(full, errTwice) {
		stop()
		return closeTwice, fmt.Sprintf("Subscriber for %.40s already exists", m.ID)
	}
	s.done.Go(func() {
		defer stop()
		if full != nil {
			s.refuse(ctx, m.ID, full)
			return
		}
		defer s.end(o)
		if err != nil {
			s.end(o)
			s.refuse(ctx, m.ID, err)
			return
		}
		s.run(ctx, m, o)
	})
	return 0, ""
}

// errTwice is an operation whose number another one has.
var errTwice = errors.New("the number is taken")

// reserve takes the number of an operation.
func (s *socket) reserve(o *operation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.open[o.id] != nil:
		return errTwice
	case len(s.open) >= maxOpen:
		return kernel.Errorf(kernel.Limit, "limit-operations", maxOpen)
	}
	s.open[o.id] = o
	return nil
}

// end gives the number of an operation back, before its last message: who hears that may use the number again.
func (s *socket) end(o *operation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[o.id] == o {
		delete(s.open, o.id)
	}
}

// complete ends an operation of which the client wants to hear no more.
func (s *socket) complete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.open[id]; o != nil {
		o.stop()
		delete(s.open, id)
	}
}

// run answers an operation until it is over. A client that has completed it hears no more of it.
func (s *socket) run(ctx context.Context, m wsMessage, o *operation) {
	ctx = graphql.StartOperationTrace(ctx)
	p := &graphql.RawParams{}
	err := s.server.config.pace(ctx, requestOf(ctx), 1)
	if err == nil {
		err = checkJSON(m.Payload)
	}
	if err == nil {
		err = decode(m.Payload, p)
	}
	if err != nil {
		s.end(o)
		s.refuse(ctx, m.ID, err)
		return
	}
	op, errs := s.exec.CreateOperationContext(ctx, p)
	if errs != nil {
		s.end(o)
		s.tell(ctx, m.ID, "error", s.exec.DispatchError(graphql.WithOperationContext(ctx, op), few(errs)).Errors)
		return
	}
	responses, ctx := s.exec.DispatchOperation(ctx, op)
	for {
		res := s.one(ctx, op, responses)
		if res == nil {
			break
		}
		s.tell(ctx, m.ID, "next", res)
		if op.Operation.Operation == ast.Subscription && refusedActor(res.Errors) {
			s.close(closeRefused, "Forbidden")
			return
		}
	}
	if ctx.Err() == nil {
		s.end(o)
		s.say(ctx, wsMessage{ID: m.ID, Type: "complete"})
	}
}

// one is the next answer; a defect of ours is an error of the operation and not the end of the server.
func (s *socket) one(ctx context.Context, op *graphql.OperationContext, responses graphql.ResponseHandler) (res *graphql.Response) {
	defer func() {
		if p := recover(); p != nil {
			res = &graphql.Response{Errors: gqlerror.List{toGraphQL(ctx, op.Recover(ctx, p))}}
		}
	}()
	return responses(ctx)
}

// refusedActor tells that an answer says that the client is not whom he was taken for any more.
func refusedActor(errs gqlerror.List) bool {
	for _, e := range errs {
		if e.Extensions["code"] == string(kernel.Unauthenticated) {
			return true
		}
	}
	return false
}

// refuse ends an operation that did not begin.
func (s *socket) refuse(ctx context.Context, id string, err error) {
	s.tell(ctx, id, "error", gqlerror.List{toGraphQL(ctx, err)})
}

func (s *socket) tell(ctx context.Context, id, kind string, payload any) {
	raw, err := json.Marshal(payload)
	if err != nil {
		s.request.log.ErrorContext(ctx, "an answer is no JSON", "error", err)
		return
	}
	s.say(ctx, wsMessage{ID: id, Type: kind, Payload: raw})
}

// say writes a message. The socket of a client who does not take it in time is dropped.
func (s *socket) say(ctx context.Context, m wsMessage) {
	if ctx.Err() != nil {
		return
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return // a message is made of JSON
	}
	// Not the context of the operation: one that is completed must not cut the socket in the middle of a message.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.server.config.wsWrite)
	defer cancel()
	if err := s.conn.Write(ctx, websocket.MessageText, raw); errors.Is(err, context.DeadlineExceeded) {
		s.request.log.WarnContext(ctx, "a slow client was dropped", "client", s.client)
		_ = s.conn.CloseNow()
	}
}

// ping finds out whether the client is still there.
func (s *socket) ping(ctx context.Context) {
	for sleep(ctx, wsPing) {
		alive, cancel := context.WithTimeout(ctx, wsPing)
		err := s.conn.Ping(alive)
		cancel()
		if err != nil {
			_ = s.conn.CloseNow()
			return
		}
	}
}

// close says why and ends the socket; it waits for the client's own farewell, but not long.
func (s *socket) close(code websocket.StatusCode, reason string) { _ = s.conn.Close(code, reason) }

// ended stops what is still running.
func (s *socket) ended() {
	s.mu.Lock()
	for _, o := range s.open {
		o.stop()
	}
	s.mu.Unlock()
	s.done.Wait()
	if s.client != "" {
		s.server.config.sockets.leave(s.client)
	}
}
