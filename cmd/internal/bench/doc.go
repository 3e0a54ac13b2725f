// Package bench measures the program: it makes a region of any size (region.go, people.go, cases.go), loads it by COPY
// (fill.go), runs a server and a load of requests with fresh random arguments (load.go, requests.go), beside the floor -
// the same rows as JSON by a prepared statement in pgbench (floor.go) - and reports requests a second, latencies and
// where the CPU went (report.go).
//
// It stands above cmd/internal/app and is called by cmd/mera alone. The server is a process of its own, so that its CPU
// can be told from that of the load; the database is the private cluster of the data folder.
package bench
