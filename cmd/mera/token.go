package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"mera/cmd/internal/app"
)

func tokenCommand() *cobra.Command {
	var data, as string
	var hours int
	c := &cobra.Command{
		Use:     "token --as NAME",
		Short:   "Print a bearer token for an identity of the embedded default",
		Long:    "Signs a token with the secret of a data folder. It works for the demo identities of the embedded default and for nobody else's server.",
		Example: `  curl -H "Authorization: Bearer $(mera token --as admin)" http://127.0.0.1:8080/graphql -d '{"query":"{me {id}}"}'`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			token, err := app.Token(data, as, time.Now().Add(time.Duration(hours)*time.Hour))
			if err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), token)
			return nil
		},
	}
	c.Flags().StringVar(&data, "data", "./var", "folder of the installation")
	c.Flags().StringVar(&as, "as", "admin", "name of the identity")
	c.Flags().IntVar(&hours, "hours", 24, "how long the token is good")
	return c
}
