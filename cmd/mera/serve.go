package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"mera/cmd/internal/app"
)

// serverGC lets the heap of a server grow to five times what it keeps before it is swept: what it keeps is small, some
// tens of megabytes, and a sweep for as much again cost a seventh of its processor time.
const serverGC = 400

func serveCommand() *cobra.Command {
	var f serverFlags
	var limits limitFlags
	var profiles string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the installed packages through GraphQL",
		Long: `Starts the engine: a private PostgreSQL cluster under --data unless --database names one, the embedded
core packages and those of --catalog, GraphQL at /graphql. A package that does not compile is named and left out.`,
		Example: "  mera serve --data ./var --listen 127.0.0.1:8080\n  mera serve --catalog ./my-packages --database postgres://user@host/mera",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := f.config(c.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := limits.apply(&cfg); err != nil {
				return err
			}
			if os.Getenv("GOGC") == "" {
				debug.SetGCPercent(serverGC)
			}
			if profiles != "" {
				if _, err := serveProfiles(c.Context(), profiles); err != nil {
					return err
				}
			}
			a, ds, err := app.Start(c.Context(), cfg)
			fmt.Fprint(c.ErrOrStderr(), ds.Render(sourceOf(cfg.Core, cfg.Catalog)))
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "mera serves %s/graphql (schema: %s/schema.graphql)\n", a.URL(), a.URL())
			return wait(c.Context(), a)
		},
	}
	f.register(c)
	limits.register(c)
	c.Flags().StringVar(&profiles, "profile", "", "HOST:PORT of this machine at which developers take profiles of the server (go tool pprof)")
	return c
}

// wait serves until the program is told to stop, then stops in order.
func wait(ctx context.Context, a *app.App) error {
	var failure error
	select {
	case <-ctx.Done():
	case failure = <-a.Failed():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if err := a.Stop(end); err != nil && failure == nil {
		return err
	}
	return failure
}
