package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"mera/cmd/internal/app"
)

func verifyCommand() *cobra.Command {
	var f serverFlags
	var output string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check the journal's chains, the ledger, the versions and the files of an installation",
		Long: `Recomputes every hash of the journal, holds every entry of the ledger against zero and against the accruals,
every record against its last version, every attachment against its digest. It changes nothing.`,
		Example: "  mera verify --data ./var",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.database == "" {
				if err := verifyFolder(f.data); err != nil {
					return err
				}
			}
			cfg, err := f.config(c.ErrOrStderr())
			if err != nil {
				return err
			}
			findings, err := app.Verify(c.Context(), cfg)
			if err != nil {
				return err
			}
			if output == "json" {
				if err := printJSON(c.OutOrStdout(), findings); err != nil {
					return err
				}
			}
			if len(findings) > 0 {
				for _, finding := range findings {
					if output != "json" {
						fmt.Fprintln(c.OutOrStdout(), finding)
					}
				}
				return errFaults
			}
			if output != "json" {
				fmt.Fprintln(c.OutOrStdout(), "all is as it was written")
			}
			return nil
		},
	}
	f.register(c)
	outputFlag(c, &output)
	return c
}
