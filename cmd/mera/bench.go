package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"mera/catalog"
	"mera/cmd/internal/bench"
)

func benchCommand() *cobra.Command {
	var o bench.Options
	var seconds int
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure this program on a made-up region, beside PostgreSQL itself",
		Long: `Makes a region in --data where there is none (persons, papers, applications, awards, accruals, by COPY), starts a
server on it and measures, in turn with pgbench on the same rows: R1 the card of a person, R2 a list, R3 a new
application, R4 and R4' a search by name, R5 by SNILS. Nobody asks as an administrator.`,
		Example: "  mera bench --data ./var/bench\n  mera bench --persons 10000 --seconds 2 --only R1,R5",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			o.Each = time.Duration(seconds) * time.Second
			if o.Server, err = os.Executable(); err != nil {
				return err
			}
			o.Core, o.Say, o.Out = catalog.FS, c.ErrOrStderr(), c.OutOrStdout()
			defer func() { err = errors.Join(err, o.Close(context.WithoutCancel(c.Context()))) }()
			return bench.Run(c.Context(), &o)
		},
	}
	c.Flags().StringVar(&o.Data, "data", "./var/bench", "folder of the region")
	c.Flags().IntVar(&o.Persons, "persons", 1_000_000, "how many persons the region has")
	c.Flags().Uint64Var(&o.Seed, "seed", 1, "the region's number: the same makes the same region")
	c.Flags().StringSliceVar(&o.Only, "only", nil, "workloads, as R1,R2; all if empty")
	c.Flags().IntVar(&seconds, "seconds", 5, "how long each run lasts")
	c.Flags().IntVar(&o.Rounds, "rounds", 3, "how often everything is measured")
	c.Flags().StringVar(&o.JSON, "json", "", "write all figures into this file")
	c.Flags().StringVar(&o.Programs, "postgres", "", "folder of PostgreSQL's programs with pgbench; found by itself if empty")
	c.Flags().BoolVar(&o.Soak, "soak", false, "200 clients for a minute instead: errors, tails, memory by thirds")
	c.Flags().BoolVar(&o.FillOnly, "fill", false, "make the region, measure nothing")
	return c
}
