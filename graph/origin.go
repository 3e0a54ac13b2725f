package graph

import (
	"fmt"
	"net"
	"net/http"
	"net/url"

	"mera/kernel"
)

// newOrigins tells pages of other sites from our own and from trusted ones. Tokens do not travel by themselves as
// cookies do, so that another site's page has little to gain; it is refused all the same, before it could try.
func newOrigins(trusted []string) (*http.CrossOriginProtection, error) {
	o := http.NewCrossOriginProtection()
	for _, site := range trusted {
		if err := o.AddTrustedOrigin(site); err != nil {
			return nil, fmt.Errorf("origin %s: %w", site, err)
		}
	}
	return o, nil
}

// sameSite refuses what the page of another site sends: POST, and WebSockets, which begin as a GET.
func (c *Config) sameSite(r *http.Request) error {
	if c.Development && local(r.Header.Get("Origin")) {
		return nil
	}
	asked := *r
	if r.Header.Get("Upgrade") != "" {
		asked.Method = http.MethodPost
	}
	if err := c.origins.Check(&asked); err != nil {
		return kernel.Errorf(kernel.Denied, "origin").Because(err)
	}
	return nil
}

// local tells that a page came from this very machine: a front end that somebody is working on.
func local(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
