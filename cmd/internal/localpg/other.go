//go:build !unix

package localpg

import (
	"context"
	"errors"
	"log/slog"
)

// Config says where the cluster lives.
type Config struct {
	Dir      string
	Bin      string
	Settings map[string]string
	Log      *slog.Logger
}

// Server is a running cluster; on this system there is none.
type Server struct{}

// Start refuses: the private cluster needs unix sockets and users. The address of a database is configured instead.
func Start(context.Context, Config) (*Server, error) {
	return nil, errors.New("no local database on this system: configure the address of a PostgreSQL database")
}

// URL is empty.
func (s *Server) URL() string { return "" }

// Adopted is false.
func (s *Server) Adopted() bool { return false }

// Stop does nothing.
func (s *Server) Stop(context.Context) error { return nil }
