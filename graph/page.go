package graph

import (
	_ "embed"
	"net/http"
)

// graphiql is a page to try queries on: an editor, the schema to read in, the answer. It is in the program, as networks
// without the Internet are where this server lives.
//
//go:embed page.html
var graphiql []byte

func servePage(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(graphiql) // the client has gone
}
