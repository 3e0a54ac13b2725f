package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"github.com/spf13/cobra"

	"mera/catalog"
	"mera/cmd/internal/agencies"
	"mera/cmd/internal/app"
	"mera/cmd/internal/scenario"
	"mera/schema"
)

//go:embed demo.tmpl
var demoTexts string

func demoCommand() *cobra.Command {
	f := serverFlags{}
	var once bool
	var output string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Play the main job step by step on a server of its own, and keep serving",
		Long: `Starts a server on the embedded default, with simulated agencies beside it, and plays the story of the
catalog that is marked as the demo: what happens, why, and by which rule and article. All that it shows is read back
through GraphQL. The same folder again shows the same: every step has its idempotency key.`,
		Example: "  mera demo\n  mera demo --once --output json --data /tmp/mera",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return demo(c.Context(), f, once, output, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	f.register(c)
	c.Flags().BoolVar(&once, "once", false, "exit when the story is over")
	outputFlag(c, &output)
	return c
}

func demo(ctx context.Context, f serverFlags, once bool, output string, stdout, stderr io.Writer) error {
	sim := &agencies.Simulator{}
	gateway, stop, err := serveAgencies(ctx, sim)
	if err != nil {
		return err
	}
	defer stop()
	f.setClock = true
	f.channels = append(f.channels, "agencies="+gateway)
	cfg, err := f.config(stderr)
	if err != nil {
		return err
	}
	a, ds, err := app.Start(ctx, cfg)
	fmt.Fprint(stderr, ds.Render(sourceOf(cfg.Core, cfg.Catalog)))
	if err != nil {
		return err
	}
	if err := playDemo(ctx, a, sim, cfg, once, output, stdout); err != nil || once {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		return errors.Join(err, a.Stop(end))
	}
	return wait(ctx, a)
}

// serveAgencies listens on a port of its own: requests and answers are real HTTP.
func serveAgencies(ctx context.Context, sim *agencies.Simulator) (address string, stop func(), err error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with Close
	return "http://" + l.Addr().String(), func() { _ = server.Close() }, nil
}

func playDemo(ctx context.Context, a *app.App, sim *agencies.Simulator, cfg app.Config, once bool, output string, stdout io.Writer) error {
	found, err := app.ReadPackages(catalog.FS, cfg.Catalog)
	if err != nil {
		return err
	}
	story, err := demoStory(found)
	if err != nil {
		return err
	}
	texts, err := template.New("demo").Funcs(template.FuncMap{"day": day}).Parse(demoTexts)
	if err != nil {
		return err
	}
	play := scenario.New(scenario.Server{URL: a.URL(), Token: a.Token, Agencies: sim}, story)
	teller := scenario.NewTeller(play, func(name string, data any) {
		if output != "json" {
			_ = texts.ExecuteTemplate(stdout, name, data)
		}
	})
	if err := play.Run(ctx); err != nil {
		return err
	}
	if output == "json" {
		report, err := teller.Report(ctx)
		if err != nil {
			return err
		}
		return printJSON(stdout, report)
	}
	if err := texts.ExecuteTemplate(stdout, "end", nil); err != nil || once {
		return err
	}
	return texts.ExecuteTemplate(stdout, "serving", map[string]string{"URL": a.URL(), "Data": cfg.Data, "Citizen": teller.Citizen()})
}

// day is a date as people write it here.
func day(v any) string {
	text, _ := v.(string)
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	return at.Format("02.01.2006")
}

// demoStory is the scenario that a package marks with `demo`.
func demoStory(found []app.Found) (*schema.Scenario, error) {
	for _, f := range found {
		for _, s := range f.Package.Scenarios {
			if s.Root.Get("demo") != nil {
				return s, nil
			}
		}
	}
	return nil, errors.New("no package has a scenario that is marked as the demo")
}

func verifyFolder(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "postgres")); err != nil {
		return fmt.Errorf("no server has run with --data %s", dir)
	}
	return nil
}
