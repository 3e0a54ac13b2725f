package graph

import (
	"context"
	"net/http"
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
	e.SSE.Do(&patientWriter{ResponseWriter: w, control: http.NewResponseController(w)}, r.WithContext(ctx), exec)
}

// patientWriter gives each event its own time to be taken.
type patientWriter struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Write writes an event.
func (w *patientWriter) Write(p []byte) (int, error) {
	_ = w.control.SetWriteDeadline(kernel.WallClock{}.Now().Add(wsWrite)) // a recorder of tests has none
	return w.ResponseWriter.Write(p)
}

// Flush sends what was written.
func (w *patientWriter) Flush() { _ = w.control.Flush() }
