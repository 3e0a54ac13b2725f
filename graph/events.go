package graph

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/transport"

	"mera/kernel"
)

// events is a subscription as a stream of server-sent events. It ends with its generation, and when the client does not
// read what is written.
type events struct {
	transport.SSE
	generation context.Context
}

// eventsPing is how often an empty event shows that the stream is alive.
const eventsPing = 10 * time.Second

// Do streams until the subscription, the client or the generation ends.
func (e events) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(e.generation, cancel)()
	e.KeepAlivePingInterval = eventsPing
	out := &patientWriter{ResponseWriter: w, control: http.NewResponseController(w)}
	e.SSE.Do(out, r.WithContext(ctx), beginning{exec, out})
}

// beginning says in a comment when a subscription has begun: what is written from then on is told, so that its client
// may now read what was there before.
type beginning struct {
	graphql.GraphExecutor
	out *patientWriter
}

// DispatchOperation begins an operation.
func (b beginning) DispatchOperation(ctx context.Context, op *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	answers, ctx := b.GraphExecutor.DispatchOperation(ctx, op)
	_, _ = io.WriteString(b.out, ": begun\n\n") // a client who has gone ends the operation by its context
	b.out.Flush()
	return answers, ctx
}

// patientWriter gives each event its own time to be taken.
type patientWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	mu      sync.Mutex // the ping comes from beside
}

// Write writes an event.
func (w *patientWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.control.SetWriteDeadline(kernel.WallClock{}.Now().Add(wsWrite)) // a recorder of tests has none
	return w.ResponseWriter.Write(p)
}

// Flush sends what was written.
func (w *patientWriter) Flush() { _ = w.control.Flush() }
