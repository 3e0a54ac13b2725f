package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"mera/catalog"
	"mera/cmd/internal/agencies"
	"mera/cmd/internal/app"
	"mera/cmd/internal/localpg"
	"mera/cmd/internal/packagetest"
	"mera/cmd/internal/scenario"
	"mera/schema"
)

func testCommand() *cobra.Command {
	var f serverFlags
	var unit, scenarios bool
	c := &cobra.Command{
		Use:   "test FOLDER…",
		Short: "Run the tests of packages: units without a database, scenarios through GraphQL",
		Long: `Runs what lies beside the definitions: measures, workflows and policies without a database, then the
scenarios of the packages, each on an empty server of its own.`,
		Example: "  mera test my-package\n  mera test --unit my-package",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, dirs []string) error {
			f.catalog = append(f.catalog, dirs...)
			t := &tester{out: c.OutOrStdout(), err: c.ErrOrStderr(), flags: f, dirs: dirs}
			return t.run(c.Context(), !scenarios, !unit)
		},
	}
	c.Flags().StringVar(&f.database, "database", "", "PostgreSQL server on which databases may be made, instead of a private one")
	c.Flags().StringVar(&f.programs, "postgres", "", "folder of PostgreSQL's programs; found by itself if empty")
	c.Flags().StringArrayVar(&f.catalog, "catalog", nil, "folder of packages that the tested ones require; may be repeated")
	c.Flags().BoolVar(&unit, "unit", false, "only the tests without a database")
	c.Flags().BoolVar(&scenarios, "scenarios", false, "only the scenarios")
	c.Flags().BoolVar(&f.verbose, "verbose", false, "log what the servers do")
	return c
}

type tester struct {
	out, err       io.Writer
	flags          serverFlags
	dirs           []string
	passed, failed int
}

func (t *tester) run(ctx context.Context, units, scenarios bool) error {
	begin := time.Now()
	ds, err := lint(t.dirs)
	if err != nil {
		return err
	}
	if ds.Faulty() {
		fmt.Fprint(t.out, ds.Render(sourceOf(catalog.FS, t.dirs)))
		return errFaults
	}
	found, err := app.ReadPackages(catalog.FS, t.flags.catalog)
	if err != nil {
		return err
	}
	asked, err := app.ReadPackages(nil, t.dirs)
	if err != nil {
		return err
	}
	var names []string
	for _, a := range asked {
		names = append(names, a.Package.Name)
	}
	if units {
		release, _ := app.Compile(found)
		for _, r := range packagetest.Run(ctx, release, names) {
			t.report(r.Place, r.Title, r.Err)
		}
		fmt.Fprintf(t.out, "units: %d passed, %d failed in %s\n", t.passed, t.failed, time.Since(begin).Round(time.Millisecond))
	}
	if scenarios {
		if err := t.scenarios(ctx, found, names); err != nil {
			return err
		}
	}
	fmt.Fprintf(t.out, "%d passed, %d failed\n", t.passed, t.failed)
	if t.failed > 0 {
		return errFaults
	}
	return nil
}

func (t *tester) report(place, title string, err error) {
	if err == nil {
		t.passed++
		return
	}
	t.failed++
	fmt.Fprintf(t.out, "FAIL %s: %s\n%s\n", place, title, err)
}

func (t *tester) scenarios(ctx context.Context, found []app.Found, names []string) error {
	dir, err := os.MkdirTemp("", "mera-test-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if os.Geteuid() == 0 { // the cluster's own user must be able to enter
		if err := os.Chmod(dir, 0o755); err != nil {
			return err
		}
	}
	server := t.flags.database
	if server == "" {
		cluster, err := localpg.Start(ctx, localpg.Config{Dir: filepath.Join(dir, "postgres"), Bin: t.flags.programs, Log: logger(t.err, t.flags.verbose)})
		if err != nil {
			return err
		}
		defer func() { _ = cluster.Stop(context.WithoutCancel(ctx)) }()
		server = cluster.URL()
	}
	for _, f := range found {
		if !slices.Contains(names, f.Package.Name) {
			continue
		}
		for _, s := range f.Package.Scenarios {
			begin := time.Now()
			err := t.play(ctx, server, dir, s)
			t.report(s.Pos.File, s.Title, err)
			if err == nil {
				fmt.Fprintf(t.out, "ok   %s: %s (%s)\n", s.Name, s.Title, time.Since(begin).Round(time.Millisecond))
			}
		}
	}
	return nil
}

// play runs one scenario on a fresh database and a server of its own.
func (t *tester) play(ctx context.Context, server, dir string, s *schema.Scenario) (err error) {
	url, drop, err := app.FreshDatabase(ctx, server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop(context.WithoutCancel(ctx))) }()
	sim := &agencies.Simulator{}
	gateway, stop, err := serveAgencies(ctx, sim)
	if err != nil {
		return err
	}
	defer stop()
	f := t.flags
	f.database, f.listen, f.setClock = url, "127.0.0.1:0", true
	f.data = filepath.Join(dir, s.Package+"-"+s.Name)
	f.channels = []string{"agencies=" + gateway}
	cfg, err := f.config(t.err)
	if err != nil {
		return err
	}
	a, _, err := app.Start(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Stop(context.WithoutCancel(ctx))) }()
	return scenario.New(scenario.Server{URL: a.URL(), Token: a.Token, Agencies: sim}, s).Run(ctx)
}
