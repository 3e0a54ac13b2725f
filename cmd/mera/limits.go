package main

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"mera/cmd/internal/app"
)

// limitFlags are how much a server takes on, and from whom.
type limitFlags struct {
	sessions, connections, running, waiting, sockets, subscriptions int
	patience                                                        time.Duration
	actorRate, addressRate                                          float64
	proxies, origins                                                []string
}

func (f *limitFlags) register(c *cobra.Command) {
	c.Flags().IntVar(&f.sessions, "sessions", 16, "sessions of PostgreSQL")
	c.Flags().IntVar(&f.connections, "max-connections", 4096, "open connections of clients; who comes then gets 503")
	c.Flags().IntVar(&f.running, "max-running", 0, "operations that run at once; 0: two for each session of PostgreSQL")
	c.Flags().IntVar(&f.waiting, "max-waiting", 1000, "requests that wait for their turn; who comes then gets 503")
	c.Flags().DurationVar(&f.patience, "patience", 5*time.Second, "how long a request waits for its turn")
	c.Flags().IntVar(&f.sockets, "max-sockets", 20, "open WebSockets of one actor")
	c.Flags().IntVar(&f.subscriptions, "max-subscriptions", 20, "open subscriptions of one actor")
	c.Flags().Float64Var(&f.actorRate, "actor-rate", 100, "operations a second of one official or citizen; ten seconds' worth at once; 0: no limit")
	c.Flags().Float64Var(&f.addressRate, "address-rate", 50, "operations a second of one address without a login; 0: no limit")
	c.Flags().StringSliceVar(&f.proxies, "proxy", []string{"127.0.0.0/8", "::1/128"}, "networks of proxies whose X-Forwarded-For is believed")
	c.Flags().StringSliceVar(&f.origins, "origin", nil, "https://site whose pages may use the API beside the server's own")
}

// apply puts the limits into the configuration of a server.
func (f *limitFlags) apply(c *app.Config) error {
	c.Sessions, c.Connections = f.sessions, f.connections
	l := &c.Limits
	l.Running, l.Waiting, l.Patience, l.Sockets, l.Subscriptions = f.running, f.waiting, f.patience, f.sockets, f.subscriptions
	l.ActorRate, l.AddressRate, l.Origins = f.actorRate, f.addressRate, f.origins
	for _, text := range f.proxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return fmt.Errorf("--proxy %s is no network such as 10.0.0.0/8: %w", text, err)
		}
		l.Proxies = append(l.Proxies, p)
	}
	return nil
}
