package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"mera/cmd/internal/localpg"
)

// Options are those of one run.
type Options struct {
	Installation
	FillOnly bool
	Programs string        // folder of PostgreSQL's programs, with pgbench
	Server   string        // the program to measure
	Only     []string      // names of workloads; empty: all
	Each     time.Duration // how long each run lasts
	Rounds   int
	Soak     bool
	JSON     string // file for the figures
	Out      io.Writer
}

// connections at which everything is measured.
var connections = []int{1, 16}

// Run makes the region where it is missing and measures.
func Run(ctx context.Context, o *Options) error {
	if !o.FillOnly && !o.Soak && o.Rounds%2 == 0 {
		return errors.New("take an odd number of rounds: what is reported is the middle one")
	}
	if err := o.Open(ctx); err != nil {
		return err
	}
	if err := o.Fill(ctx); err != nil || o.FillOnly {
		return err
	}
	r, err := o.Region()
	if err != nil {
		return err
	}
	s, err := o.serve(ctx)
	if err != nil {
		return err
	}
	defer s.stop()
	b := &run{Options: o, target: &target{address: s.address, region: r, tokens: s.tokens}, server: s}
	if b.pg, err = o.postmaster(); err != nil {
		return err
	}
	all, err := b.chosen(ctx)
	if err != nil {
		return err
	}
	if o.Soak {
		return b.soak(ctx, all)
	}
	if b.Programs == "" {
		if b.Programs, err = localpg.Find(ctx, ""); err != nil {
			return err
		}
	}
	if b.floor, err = newFloor(ctx, &o.Installation, r, o.Programs); err != nil {
		return err
	}
	if err := b.sameRows(ctx, all); err != nil {
		return err
	}
	return b.all(ctx, all)
}

// run is one run of the bench.
type run struct {
	*Options
	*target
	floor  *floor
	server *server
	pg     int
	seed   uint64
}

// chosen are the workloads that are asked for and that the server can answer: each template is tried.
func (b *run) chosen(ctx context.Context) ([]*workload, error) {
	all, err := workloads()
	if err != nil {
		return nil, err
	}
	if len(b.Only) > 0 {
		all = slices.DeleteFunc(all, func(w *workload) bool { return !slices.Contains(b.Only, w.name) })
	}
	var out []*workload
	for _, w := range all {
		if err := b.check(ctx, w); err != nil {
			fmt.Fprintf(b.Say, "%s is left out: %v\n", w.name, err)
			continue
		}
		out = append(out, w)
	}
	if len(out) == 0 {
		return nil, errors.New("nothing is left to measure")
	}
	return out, nil
}

// all measures in turn: in each round every workload, at each number of connections, ours and the floor, so that what
// else the machine does hurts both alike.
func (b *run) all(ctx context.Context, all []*workload) error {
	results := make([]*result, 0, len(all)*len(connections))
	for _, w := range all {
		for _, n := range connections {
			results = append(results, &result{Workload: w.name, Connections: n, Want: w.want, work: w})
		}
	}
	for _, w := range all { // a server that has just started
		if _, err := b.load(ctx, []*workload{w}, 16, b.seed, time.Second); err != nil {
			return err
		}
	}
	for round := range b.Rounds {
		for _, res := range results {
			ours := func() error {
				s, err := b.ours(ctx, res.work, res.Connections)
				res.Ours = append(res.Ours, s)
				return err
			}
			theirs := func() error {
				s, err := b.floor.run(ctx, res.work.floor, res.Connections, b.Each, b.pg)
				res.Floor = append(res.Floor, s)
				return err
			}
			if round%2 == 1 {
				ours, theirs = theirs, ours
			}
			for _, do := range []func() error{ours, theirs} {
				if err := do(); err != nil {
					return fmt.Errorf("%s at %d: %w", res.Workload, res.Connections, err)
				}
			}
		}
		fmt.Fprintf(b.Say, "round %d of %d\n", round+1, b.Rounds)
	}
	first, err := b.firstAnswer(ctx)
	if err != nil {
		return err
	}
	if err := b.report(results, first); err != nil {
		return err
	}
	return b.explain(ctx, results)
}

func (b *run) ours(ctx context.Context, w *workload, connections int) (sample, error) {
	before, err := measureCPU(b.pg, b.server.pid())
	if err != nil {
		return sample{}, err
	}
	b.seed++
	s, err := b.load(ctx, []*workload{w}, connections, b.seed, b.Each)
	if err == nil {
		err = before.since(&s)
	}
	if err == nil && s.Errors > 0 {
		err = fmt.Errorf("%d of %d answers are errors, the first: %s", s.Errors, s.Requests, s.first)
	}
	return s, err
}
