package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
)

// profiled is for how long a workload that missed its target is looked at.
const profiled = 5 * time.Second

// explain takes a CPU profile of the server under each workload that missed a target, and prints where its time goes.
func (b *run) explain(ctx context.Context, results []*result) error {
	for _, r := range results {
		slow := r.Workload == "R1" && of(r.Ours, serverCPU) > cardCPU
		if r.Connections == 1 || r.Ratio >= r.Want && !slow {
			continue
		}
		file := filepath.Join(b.Data, "profile-"+r.Workload+".pb.gz")
		both, within := errgroup.WithContext(ctx)
		both.Go(func() error {
			b.seed++
			_, err := b.load(within, []*workload{r.work}, r.Connections, b.seed, profiled+time.Second)
			return err
		})
		both.Go(func() error { return b.server.profile(within, file) })
		if err := both.Wait(); err != nil {
			return fmt.Errorf("profile of %s: %w", r.Workload, err)
		}
		fmt.Fprintf(b.Out, "\n%s at %d: the server's CPU (%s)\n", r.Workload, r.Connections, file)
		// Without the go command the file is there all the same.
		out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", "-cum", "-nodecount=40", file).Output()
		if err != nil {
			fmt.Fprintf(b.Out, "go tool pprof: %v\n", err)
		}
		if _, err := b.Out.Write(out); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) profile(ctx context.Context, file string) error {
	url := fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", s.profiles, int(profiled.Seconds()))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", res.Status, text)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
