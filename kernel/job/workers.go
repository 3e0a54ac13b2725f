package job

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/store"
)

// Connector carries a request to an agency. It returns when the agency has accepted it; the answer comes later by
// another way. Sending the same request again must be harmless: the agency knows it by its id.
type Connector interface {
	Send(ctx context.Context, out command.Outgoing) error
}

// Config is what the workers need.
type Config struct {
	DB         *store.DB
	Road       *command.Road
	Connectors map[string]Connector // by channel
	Server     string               // name of this server, the same after a restart: it takes back the jobs it died with
	Log        *slog.Logger
	Tick       time.Duration // how often timers are looked at; 0 is 250 ms
}

// Workers work the queue and ring the timers until they are stopped.
type Workers struct {
	config Config
	client *river.Client[pgx.Tx]
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// attempts is how often a job is tried before it is left to an administrator.
const attempts = 25

// Start takes back what this server was working when it died, and begins.
func Start(ctx context.Context, c Config) (*Workers, error) {
	if c.Tick == 0 {
		c.Tick = 250 * time.Millisecond
	}
	if err := c.DB.ReleaseJobs(ctx, c.Server); err != nil {
		return nil, fmt.Errorf("jobs of server %s: %w", c.Server, err)
	}
	all := river.NewWorkers()
	river.AddWorker(all, &send{config: c})
	river.AddWorker(all, &worker[command.ApplyArgs]{road: c.Road, command: applyCommand})
	river.AddWorker(all, &worker[command.PrintArgs]{road: c.Road, command: printCommand})
	river.AddWorker(all, &worker[command.NotifyArgs]{road: c.Road, command: notifyCommand})
	river.AddWorker(all, &worker[command.OfferArgs]{road: c.Road, command: offerCommand})
	river.AddWorker(all, &worker[command.WakeArgs]{road: c.Road, command: wakeCommand})
	river.AddWorker(all, &worker[command.RecalculateArgs]{road: c.Road, command: recalculateCommand})
	river.AddWorker(all, &worker[command.ReplanArgs]{road: c.Road, command: replanCommand})
	client, err := river.NewClient(riverpgxv5.New(c.DB.Pool()), &river.Config{
		ID: c.Server, Schema: store.QueueSchema, Workers: all, Logger: c.Log, MaxAttempts: attempts,
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}},
		JobTimeout:        time.Minute,
		FetchCooldown:     20 * time.Millisecond,
		FetchPollInterval: 500 * time.Millisecond,
		RetryPolicy:       patience{},
	})
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	if err := client.Start(run); err != nil {
		stop()
		return nil, fmt.Errorf("queue: %w", err)
	}
	w := &Workers{config: c, client: client, stop: stop}
	w.done.Add(1)
	go w.ring(run)
	return w, nil
}

// Stop lets running jobs end, within the context's patience.
func (w *Workers) Stop(ctx context.Context) error {
	err := w.client.Stop(ctx)
	w.stop()
	w.done.Wait()
	return err
}

// ring fires the timers whose time has come. Two servers may see the same timer: the case's lock lets one of them
// move it, the other finds it gone.
func (w *Workers) ring(ctx context.Context) {
	defer w.done.Done()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(w.config.Tick):
		}
		if err := w.ringDue(ctx); err != nil && ctx.Err() == nil {
			w.config.Log.Error("timers", "error", err)
		}
	}
}

func (w *Workers) ringDue(ctx context.Context) error {
	var due []kernel.Timer
	err := w.config.DB.Read(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.DueTimers(ctx, w.config.Road.Clock.Now(), 100)
		return err
	})
	if err != nil {
		return err
	}
	for _, t := range due {
		c := command.Command{Verb: "timer", Type: t.CaseType, ID: t.CaseID, Event: t.Name}
		if _, err := w.config.Road.Execute(ctx, kernel.SystemActor(), c); err != nil {
			w.config.Log.Error("timer", "case", t.CaseID, "timer", t.Name, "error", err)
		}
	}
	return nil
}

// patience tries again after 1, 2, 4 … seconds, at most 10 minutes.
type patience struct{}

// NextRetry is the time of the next try.
func (patience) NextRetry(job *rivertype.JobRow) time.Time {
	wait := time.Second << min(job.Attempt-1, 10)
	return kernel.WallClock{}.Now().Add(min(wait, 10*time.Minute))
}
