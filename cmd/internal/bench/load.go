package bench

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// sample is what one run of one workload was like.
type sample struct {
	Requests  int           `json:"requests"`
	Errors    int           `json:"errors"`
	PerSecond float64       `json:"perSecond"`
	P50       time.Duration `json:"p50"`
	P99       time.Duration `json:"p99"`
	PG        float64       `json:"pgMicros"` // of CPU a request
	Server    float64       `json:"serverMicros"`
	Load      float64       `json:"loadMicros"`
	first     string        // the first error
}

// target is a server under load.
type target struct {
	address string
	region  *Region
	tokens  map[string]string // district → token of its specialist
}

// load runs closed loops, one a connection: the next request is sent when the answer has come.
func (t *target) load(ctx context.Context, mix []*workload, connections int, seed uint64, during time.Duration) (sample, error) {
	type part struct {
		took   []time.Duration
		errors int
		first  string
		err    error
	}
	all := make([]part, connections)
	var wg sync.WaitGroup
	began := time.Now()
	for i := range all {
		c, err := dial(ctx, t.address)
		if err != nil {
			return sample{}, err
		}
		wg.Go(func() {
			defer c.close()
			p, rnd, buf := &all[i], rand.New(rand.NewPCG(seed, uint64(i))), []byte(nil)
			p.took = make([]time.Duration, 0, 1<<14)
			for n := i; time.Since(began) < during && ctx.Err() == nil; n++ {
				var who int
				buf, who = mix[n%len(mix)].request(t.region, rnd, buf[:0])
				sent := time.Now()
				status, err := c.post(t.token(who), buf)
				if err != nil {
					p.err = err
					return
				}
				p.took = append(p.took, time.Since(sent))
				if status != 200 || bytes.HasPrefix(c.body, []byte(`{"errors"`)) {
					if p.errors++; p.first == "" {
						p.first = fmt.Sprintf("%d %.300s", status, c.body)
					}
				}
			}
		})
	}
	wg.Wait()
	wall := time.Since(began)
	var out sample
	var took []time.Duration
	for _, p := range all {
		if p.err != nil {
			return out, p.err
		}
		took = append(took, p.took...)
		out.Errors += p.errors
		if out.first == "" {
			out.first = p.first
		}
	}
	out.times(took, wall)
	return out, nil
}

func (s *sample) times(took []time.Duration, wall time.Duration) {
	slices.Sort(took)
	s.Requests, s.PerSecond = len(took), float64(len(took))/wall.Seconds()
	if len(took) > 0 {
		s.P50, s.P99 = took[len(took)/2], took[len(took)*99/100]
	}
}

// token is that of the specialist in whose district a person lives.
func (t *target) token(person int) string { return t.tokens[t.region.leaf(person).parent] }
