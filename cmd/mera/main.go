// Command mera is the engine, its tools for authors of packages and its demo. Each subcommand is one file.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes: what was looked at has faults, or the command could not do its work.
const (
	exitFaults = 1
	exitUsage  = 2
)

// errFaults ends a command that did its work and found faults, which it has printed.
var errFaults = errors.New("faults found")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root().ExecuteContext(ctx)
	stop()
	switch {
	case err == nil:
		return
	case errors.Is(err, errFaults):
		os.Exit(exitFaults)
	}
	fmt.Fprintln(os.Stderr, "mera:", err)
	os.Exit(exitUsage)
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:   "mera",
		Short: "A configurable case-management engine for social protection",
		Long: `mera interprets catalog packages - documents, parameters, measures, workflows, forms, print forms,
policies - and serves them through GraphQL. Try "mera demo" first.

Exit codes: 0 all is well, 1 faults were found and printed, 2 the command could not do its work.`,
		SilenceUsage: true, SilenceErrors: true,
	}
	c.AddCommand(serveCommand(), demoCommand(), lintCommand(), fmtCommand(), testCommand(), newCommand(), tokenCommand(),
		schemaCommand(), simulateCommand(), verifyCommand(), benchCommand(), explainCommand())
	return c
}
