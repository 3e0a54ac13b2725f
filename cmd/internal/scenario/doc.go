// Package scenario plays the stories of packages (catalog/*/scenarios) against a running server, through its public
// GraphQL only: it knows no kernel and learns every type from the server's own introspection. `mera test` plays all
// stories of a package; `mera demo` plays one aloud.
package scenario
