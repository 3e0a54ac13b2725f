package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"mera/cmd/internal/agencies"
	"mera/cmd/internal/scenario"
)

func simulateCommand() *cobra.Command {
	c := &cobra.Command{Use: "simulate", Short: "Play a part of the outside world"}
	var listen, answers string
	a := &cobra.Command{
		Use:   "agencies",
		Short: "Accept requests over HTTP and answer them later",
		Long: `Accepts requests at /<exchange> and posts the answers back to the address that the request names.
--answers is a YAML file: exchange → clean | silent | {after: 2 minutes, answer: {…} | rejected: CODE | raw: text, repeat: 2};
"otherwise" is for the rest. Without it every agency confirms who the person is and knows nothing else of him.`,
		Example: "  mera simulate agencies --listen 127.0.0.1:8090 --answers answers.yaml\n  mera serve --channel agencies=http://127.0.0.1:8090",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			sim := &agencies.Simulator{}
			if answers != "" {
				src, err := os.ReadFile(answers)
				if err != nil {
					return err
				}
				behaviours, otherwise, err := scenario.ReadAgencies(answers, src)
				if err != nil {
					return err
				}
				sim.Behave(behaviours, otherwise, nil)
			}
			l, err := new(net.ListenConfig).Listen(c.Context(), "tcp", listen)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "agencies listen at http://%s\n", l.Addr())
			server := &http.Server{Handler: sim, ReadHeaderTimeout: 5 * time.Second}
			go func() {
				sim.Run(c.Context())
				server.Close()
			}()
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		},
	}
	a.Flags().StringVar(&listen, "listen", "127.0.0.1:8090", "host:port")
	a.Flags().StringVar(&answers, "answers", "", "YAML file of answers")
	c.AddCommand(a)
	return c
}
