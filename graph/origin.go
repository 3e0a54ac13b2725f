package graph

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"

	"mera/kernel"
)

// origins tells pages of other sites from our own and from trusted ones. Tokens do not travel by themselves as cookies do,
// so that another site's page has little to gain; it is refused all the same, before it could try.
type origins struct {
	protection *http.CrossOriginProtection
	trusted    []string
}

func newOrigins(trusted []string) (*origins, error) {
	o := &origins{http.NewCrossOriginProtection(), trusted}
	for _, site := range trusted {
		if err := o.protection.AddTrustedOrigin(site); err != nil {
			return nil, fmt.Errorf("origin %s: %w", site, err)
		}
	}
	return o, nil
}

// sameSite refuses what the page of another site sends: POST, and WebSockets, which begin as a GET.
func (c *Config) sameSite(r *http.Request) error {
	if c.trusts(r.Header.Get("Origin")) {
		return nil
	}
	asked := *r
	if r.Header.Get("Upgrade") != "" {
		asked.Method = http.MethodPost
	}
	if err := c.origins.protection.Check(&asked); err != nil {
		return kernel.Errorf(kernel.Denied, "origin").Because(err)
	}
	return nil
}

// trusts tells that the pages of a site may use the API: of a site that the installation names, and in development of
// this very machine.
func (c *Config) trusts(origin string) bool {
	return origin != "" && (slices.Contains(c.origins.trusted, origin) || c.Development && local(origin))
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

// What the page of a trusted site may send and read beside what every page may (CORS). Cookies are none of it: who asks is
// told by a token.
const (
	crossMethods = "GET, POST"
	crossHeaders = "Authorization, Content-Type, X-Request-Id"
	crossShown   = "X-Request-Id, Retry-After, ETag, Content-Disposition"
	crossMaxAge  = "600" // seconds for which a browser need not ask again
)

// crossing lets the pages of trusted sites, and of no others, read the answers: their browser asks first what they may.
func (s *Server) crossing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin, h := r.Header.Get("Origin"), w.Header()
		h.Add("Vary", "Origin")
		if s.config.trusts(origin) {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", crossShown)
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				h.Set("Access-Control-Allow-Methods", crossMethods)
				h.Set("Access-Control-Allow-Headers", crossHeaders)
				h.Set("Access-Control-Max-Age", crossMaxAge)
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}
