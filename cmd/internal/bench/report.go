package bench

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

// result is a workload at a number of connections, round by round.
type result struct {
	Workload    string   `json:"workload"`
	Connections int      `json:"connections"`
	Want        float64  `json:"want"`
	Ours        []sample `json:"ours"`
	Floor       []sample `json:"floor"`
	Ratio       float64  `json:"ratio"`
	work        *workload
}

func middle[T cmp.Ordered](list []T) T {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

func of[T cmp.Ordered](samples []sample, get func(sample) T) T {
	list := make([]T, len(samples))
	for i, s := range samples {
		list[i] = get(s)
	}
	return middle(list)
}

// ratio is the middle of the rounds' ratios: each round is held against itself.
func (r *result) ratio() float64 {
	list := make([]float64, len(r.Ours))
	for i := range r.Ours {
		list[i] = r.Ours[i].PerSecond / r.Floor[i].PerSecond
	}
	return middle(list)
}

const cardCPU = 110 // µs of the server's CPU for a card

// report prints the table and what became of each target; the figures of all rounds go into a file.
func (b *run) report(results []*result, first time.Duration) error {
	t := tabwriter.NewWriter(b.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tconn\treq/s\tp50 ms\tp99 ms\tPG µs\tserver µs\tload µs\tfloor/s\tp50 ms\tp99 ms\tPG µs\tratio\ttarget\t")
	for _, r := range results {
		r.Ratio = r.ratio()
		goal := "-"
		if r.Connections == 16 {
			goal = fmt.Sprintf("%.2f %s", r.Want, verdict(r.Ratio >= r.Want))
		}
		us, fl := r.Ours, r.Floor
		fmt.Fprintf(t, "%s\t%d\t%.0f\t%.2f\t%.2f\t%.0f\t%.0f\t%.0f\t%.0f\t%.2f\t%.2f\t%.0f\t%.2f\t%s\t\n", r.Workload, r.Connections,
			of(us, perSecond), of(us, p50), of(us, p99), of(us, pgCPU), of(us, serverCPU), of(us, loadCPU),
			of(fl, perSecond), of(fl, p50), of(fl, p99), of(fl, pgCPU), r.Ratio, goal)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range results {
		us, fl := r.Ours, r.Floor
		switch {
		case r.Connections == 1:
			more := of(us, p50) - of(fl, p50)
			fmt.Fprintf(b.Out, "%s, one client: p50 %.2f ms above the floor, wanted 0.30: %s\n", r.Workload, more, verdict(more <= 0.3))
		case r.Workload == "R1":
			fmt.Fprintf(b.Out, "R1: %.0f µs of the server's CPU, wanted %d: %s\n", of(us, serverCPU), cardCPU, verdict(of(us, serverCPU) <= cardCPU))
			fallthrough
		default:
			tail := of(us, p99) / of(us, p50)
			fmt.Fprintf(b.Out, "%s, 16 clients: p99 is %.1f × p50, wanted 5: %s\n", r.Workload, tail, verdict(tail <= 5))
		}
	}
	fmt.Fprintf(b.Out, "first answer to a new query text: %.1f ms, wanted 10: %s\n", ms(first), verdict(first <= 10*time.Millisecond))
	return b.keep(results, first)
}

func (b *run) keep(results []*result, first time.Duration) error {
	if b.JSON == "" {
		return nil
	}
	text, err := json.MarshalIndent(map[string]any{
		"persons": b.Persons, "seed": b.Seed, "seconds": b.Each.Seconds(), "rounds": b.Rounds, "firstAnswer": first, "results": results,
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(b.JSON, append(text, '\n'), 0o600)
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "missed"
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
func perSecond(s sample) float64 { return s.PerSecond }
func p50(s sample) float64       { return ms(s.P50) }
func p99(s sample) float64       { return ms(s.P99) }
func pgCPU(s sample) float64     { return s.PG }
func serverCPU(s sample) float64 { return s.Server }
func loadCPU(s sample) float64   { return s.Load }
