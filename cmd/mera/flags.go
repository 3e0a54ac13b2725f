package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"mera/catalog"
	"mera/cmd/internal/app"
)

// serverFlags are those of every command that starts a server.
type serverFlags struct {
	data, database, programs, listen string
	catalog, channels                []string
	production, setClock, verbose    bool
}

func (f *serverFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.data, "data", "./var", "folder of this installation: private database, files, secret")
	c.Flags().StringVar(&f.database, "database", "", "use this PostgreSQL (postgres://…) instead of a private one")
	c.Flags().StringVar(&f.programs, "postgres", "", "folder of PostgreSQL's programs; found by itself if empty")
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8080", "host:port of GraphQL; port 0 takes any free one")
	c.Flags().StringArrayVar(&f.catalog, "catalog", nil, "folder of a package, or of packages; may be repeated")
	c.Flags().StringArrayVar(&f.channels, "channel", nil, "NAME=http://host:port of a gateway of agencies; may be repeated")
	c.Flags().BoolVar(&f.production, "production", false, "no GraphiQL, no open introspection, no demo identities")
	c.Flags().BoolVar(&f.setClock, "set-clock", false, "let an administrator set the clock (rehearsals only)")
	c.Flags().BoolVar(&f.verbose, "verbose", false, "log what the server does")
}

func (f *serverFlags) config(stderr io.Writer) (app.Config, error) {
	channels := map[string]string{}
	for _, c := range f.channels {
		name, address, ok := strings.Cut(c, "=")
		if !ok {
			return app.Config{}, fmt.Errorf("--channel %s is not NAME=http://host:port", c)
		}
		channels[name] = address
	}
	return app.Config{
		Data: f.data, Database: f.database, Programs: f.programs, Listen: f.listen, Core: catalog.FS, Catalog: f.catalog,
		Channels: channels, Development: !f.production, SetClock: f.setClock, Log: logger(stderr, f.verbose),
	}, nil
}

func logger(stderr io.Writer, verbose bool) *slog.Logger {
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
}

// outputFlag is --output text|json.
func outputFlag(c *cobra.Command, into *string) {
	c.Flags().StringVar(into, "output", "text", "text, or json for scripts")
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
