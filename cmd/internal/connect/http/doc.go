// Package http connects a channel to agencies that speak JSON over HTTP asynchronously: a request is posted and
// accepted, the answer is posted back later to the address that the request named, perhaps more than once.
//
// It carries bytes and knows no exchange: what a request says and what an answer means is configuration
// (kernel/exchange). cmd/internal/app binds it to a channel of the server's settings.
package http
