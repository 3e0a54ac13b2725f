package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"mera/cmd/internal/app"
)

func explainCommand() *cobra.Command {
	var f serverFlags
	var as, variables, output string
	var costs bool
	c := &cobra.Command{
		Use:   "explain QUERY",
		Short: "Show the SQL of a GraphQL query, its plan, the indexes used and those that are missing",
		Long: `Takes a query - as text, as the name of a file, or - for the standard input - and shows what it costs the database when
NAME asks it: the one SQL statement with his policy inside, PostgreSQL's plan, the indexes by which rows are found, and
the line of a definition that would make an index where rows are looked through.`,
		Example: `  mera explain --as ivanova '{people(where: {phone: {eq: "1"}}) {nodes {id}}}'
  mera explain --as ivanova --variables '{"id": "…"}' --costs card.graphql`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := queryText(c.InOrStdin(), args[0])
			if err != nil {
				return err
			}
			vars := map[string]any{}
			if variables != "" {
				if err := json.Unmarshal([]byte(variables), &vars); err != nil {
					return fmt.Errorf("--variables: %w", err)
				}
			}
			cfg, err := f.config(c.ErrOrStderr())
			if err != nil {
				return err
			}
			found, err := app.Explain(c.Context(), cfg, as, text, vars, costs)
			if err != nil {
				return err
			}
			if output == "json" {
				return printJSON(c.OutOrStdout(), found)
			}
			for _, x := range found {
				printExplained(c.OutOrStdout(), x)
			}
			return nil
		},
	}
	f.register(c)
	c.Flags().StringVar(&as, "as", "", "id of the actor who asks")
	c.Flags().StringVar(&variables, "variables", "", "values of the query's variables, as JSON")
	c.Flags().BoolVar(&costs, "costs", false, "show what PostgreSQL thinks each step costs")
	outputFlag(c, &output)
	_ = c.MarkFlagRequired("as") // the flag is there
	return c
}

// queryText is a query given as it is, in a file, or on the standard input.
func queryText(stdin io.Reader, arg string) (string, error) {
	if arg == "-" {
		b, err := io.ReadAll(stdin)
		return string(b), err
	}
	if strings.ContainsAny(arg, "{\n") {
		return arg, nil
	}
	b, err := os.ReadFile(arg)
	return string(b), err
}

func printExplained(w io.Writer, x app.Explained) {
	fmt.Fprintf(w, "SQL\n%s\n\n", x.SQL)
	for i, a := range x.Args {
		fmt.Fprintf(w, "  $%d = %v\n", i+1, a)
	}
	fmt.Fprintf(w, "\nPlan\n%s\n\nIndexes\n", x.Text)
	for _, name := range x.Indexes {
		fmt.Fprintf(w, "  %s\n", name)
	}
	fmt.Fprintln(w, "\nMissing")
	for _, h := range x.Hint {
		fmt.Fprintf(w, "  %s\n", h)
	}
	if len(x.Hint) == 0 {
		fmt.Fprintln(w, "  none")
	}
	fmt.Fprintln(w)
}
