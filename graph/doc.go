// Package graph is mera's GraphQL, and nothing but GraphQL: it makes the schema of a release out of its catalog, turns
// queries into selections for kernel/query (one SQL statement an operation) and mutations into commands, keeps the
// limits of requests, words errors for people and serves HTTP.
//
// A generation is one release as GraphQL: a model of its types, the schema built from it, a handler with its own query
// cache. Server.Swap puts another generation in place without a restart and closes open WebSockets, which connect
// again to the new schema. Nothing is generated code: the model knows of each field where its value comes from.
//
// The package holds no rule, policy or SQL. It asks Commands to write, Reader to read, Views for what engines compute
// (forms, events that may be fired) and Authenticator who asks; all four are given by cmd/internal/app.
//
// A query that was asked before goes a shorter way. scan.go takes its body apart without decoding it, into a shape and
// the texts that fill it; plans.go keeps, by query, shape and class of the actor, the statement that was made for it,
// with places for those texts that nobody read while it was made (open.go); hot.go binds them and passes the answer of
// PostgreSQL on. Whatever does not fit goes the long way, which words every refusal.
//
// sdl*.go make the model and print the schema; select*.go turn a GraphQL selection into sets of rows; exec.go runs an
// operation; mutate.go, subscribe.go and introspect.go the other roots; limits.go, errors.go and server.go the rest.
package graph
